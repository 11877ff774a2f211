"""/broadcast: telling everybody, a country, or those who speak a language something; shown first as they will see it."""

from collections.abc import Iterable

from bot.engine.operators.broadcasting import Place, read_audience
from bot.engine.operators.results import Question, Role
from bot.engine.operators.word_results import MOST_TO_MANY
from bot.payments.wrong_words import Why, WrongWord
from bot.screens.broadcast import broadcast_message
from bot.screens.operators.broadcasts import audience_name, broadcast_card, sure_to_broadcast
from bot.screens.operators.parts import usage, wrong_word
from bot.screens.taps import OperatorTap
from bot.screens.texts import LANGUAGE_NAMES
from handlers.operators.room import Answer, Command, Press, Shift
from handlers.operators.services import DeskServices

_BREAK = "\n"  # between whom and what, in what a question is about
_MOST = 400  # words


class BroadcastRoom:
    """What many are told. Nothing is sent before the question is answered, and one is sent at a time."""

    def __init__(self, desk: DeskServices) -> None:
        self._broadcasts = desk.broadcasts
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (Command("broadcast", Role.OPERATOR, self._broadcast, words=(0, _MOST), lines=True),)

    def presses(self) -> Iterable[Press]:
        return (Press("broadcast", "end", Role.OPERATOR, self._end),)

    def answers(self) -> Iterable[Answer]:
        return (Answer("broadcast", Role.OPERATOR, self._send, by_words=False),)

    async def _broadcast(self, shift: Shift, said: str) -> None:
        texts = shift.turn.texts
        if await self._is_busy(shift):
            return
        whom, _, words = said.partition(" ")
        whom, line, rest = whom.partition("\n")
        words = f"{rest} {words}".strip() if line else words.strip()
        audience = read_audience(whom, dict(LANGUAGE_NAMES))
        if not whom:
            shift.say(usage(texts, "broadcast"))
            return
        if audience is None or not words:
            wrong = WrongWord(Why.AUDIENCE, whom) if audience is None else WrongWord(Why.WORDS)
            shift.say(wrong_word(texts, "broadcast", wrong))
            return
        if len(words) > MOST_TO_MANY:
            shift.tell(texts("ops.broadcast_too_long", most=MOST_TO_MANY, count=len(words)))
            return
        people = await self._broadcasts.count(audience)
        if people == 0:
            shift.tell(texts("ops.broadcast_nobody", audience=audience_name(texts, audience)))
            return
        about = f"{audience}{_BREAK}{words}"
        asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "broadcast", about)
        shift.say(broadcast_message(words))
        shift.say(sure_to_broadcast(texts, asked.id, audience, people))

    async def _send(self, shift: Shift, asked: Question, choice: str) -> None:
        if choice != "yes":
            return
        audience, _, words = asked.target.partition(_BREAK)
        effects, turn = shift.turn.effects, shift.turn
        self._operators.stage_answered(effects, asked)
        if await self._is_busy(shift):
            return
        people = await self._broadcasts.count(audience)
        place = Place(shift.chat, turn.thread, turn.texts.language)
        self._broadcasts.stage_begin(effects, shift.operator, place, audience=audience, words=words, total=people)
        turn.answered()
        turn.answer_tap()

    async def _end(self, shift: Shift, tap: OperatorTap) -> None:
        one = await self._broadcasts.by_id(tap.record)
        if one is None or one.state != "sending":
            shift.turn.answer_tap("ops.broadcast_over", alert=True)
            return
        self._broadcasts.stage_cancel(shift.turn.effects, shift.operator, one)
        shift.turn.answer_tap()

    async def _is_busy(self, shift: Shift) -> bool:
        """Whether one is being sent; it is shown."""
        one = await self._broadcasts.sending()
        if one is None:
            return False
        shift.tell(shift.turn.texts("ops.broadcast_busy"))
        current = await self._broadcasts.by_id(one.id)
        if current is not None:
            shift.say(broadcast_card(shift.turn.texts, current), slot=f"o:broadcast:{one.id}")
        return True
