"""/maintenance: closing everything for customers but a look at their payments, and opening it again."""

from collections.abc import Iterable

from bot.engine.operators.pausing import MOST_WORDS
from bot.engine.operators.results import Pause, Question, Role
from bot.payments.pauses import MAINTENANCE
from bot.payments.wrong_words import Why, WrongWord
from bot.screens.operators.parts import joined, note, usage, wrong_word
from bot.screens.operators.team import maintenance_stands, sure_of_maintenance, sure_to_resume
from handlers.operators.room import Answer, Command, Press, Shift
from handlers.operators.services import DeskServices

_ON, _OFF = "on", "off"


class MaintenanceRoom:
    """The one switch for everything. It is a pause like those of parts, so every replica knows it within two seconds."""

    def __init__(self, desk: DeskServices) -> None:
        self._pauses = desk.pauses
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (Command("maintenance", Role.OPERATOR, self._maintenance, words=(0, 100)),)

    def presses(self) -> Iterable[Press]:
        return ()

    def answers(self) -> Iterable[Answer]:
        return (Answer("maintenance", Role.OPERATOR, self._close, by_words=False),)

    async def _maintenance(self, shift: Shift, said: str) -> None:
        texts = shift.turn.texts
        await self._pauses.refresh()
        closed, (switch, _, words) = self._closed(), said.partition(" ")
        switch = switch.casefold()
        if switch == _OFF and not words:
            if closed is None:
                shift.tell(texts("ops.no_maintenance"))
                return
            asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "resume", MAINTENANCE)
            shift.say(sure_to_resume(texts, asked.id, MAINTENANCE))
        elif switch == _ON and words:
            if closed is not None:
                shift.say(maintenance_stands(texts, closed, await self._operators.names()))
                return
            words = words[:MOST_WORDS]
            asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "maintenance", words)
            shift.say(sure_of_maintenance(texts, asked.id, words))
        elif closed is not None and not said:
            stands = maintenance_stands(texts, closed, await self._operators.names())
            shift.say(note(joined([stands.text, usage(texts, "maintenance").text], gap="\n\n")))
        elif switch in (_ON, _OFF):
            wrong = WrongWord(Why.EXTRA, words.split()[0]) if words else WrongWord(Why.WORDS)
            shift.say(wrong_word(texts, "maintenance", wrong))
        elif said:
            shift.say(wrong_word(texts, "maintenance", WrongWord(Why.SWITCH, said.split(maxsplit=1)[0])))
        else:
            shift.say(usage(texts, "maintenance"))

    async def _close(self, shift: Shift, asked: Question, choice: str) -> None:
        if choice != "yes":
            return
        texts = shift.turn.texts
        self._operators.stage_answered(shift.turn.effects, asked)
        await self._pauses.refresh()
        closed = self._closed()
        if closed is not None:
            shift.say(maintenance_stands(texts, closed, await self._operators.names()))
            return
        self._pauses.stage_pause(shift.turn.effects, shift.operator, MAINTENANCE, asked.target)
        shift.tell(texts("ops.maintenance_on"))

    def _closed(self) -> Pause | None:
        return next((one for one in self._pauses.now() if one.scope == MAINTENANCE), None)
