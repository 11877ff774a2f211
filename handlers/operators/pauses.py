"""/pause and /resume: closing a part of the business with words for customers, and opening it again."""

from collections.abc import Iterable

from bot.engine.operators.pausing import MOST_WORDS
from bot.engine.operators.results import Pause, Question, Role
from bot.payments.pauses import MAINTENANCE, read_scope
from bot.payments.wrong_words import Why, WrongWord
from bot.screens.operators.parts import wrong_word
from bot.screens.operators.team import (
    ask_pause,
    open_but_for_maintenance,
    pauses_screen,
    scope_stands,
    sure_to_pause,
    sure_to_resume,
)
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift
from handlers.operators.services import DeskServices

_BREAK = "\n"  # between a part and the words for customers, in what a question is about


class PauseRoom:
    """What is closed. Nothing is closed or opened by a single tap or line: the card asks first."""

    def __init__(self, desk: DeskServices) -> None:
        self._pauses = desk.pauses
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (
            Command("pause", Role.OPERATOR, self._pause, words=(0, 100)),
            Command("resume", Role.OPERATOR, self._resume, words=(0, 4)),
        )

    def presses(self) -> Iterable[Press]:
        return (Press("pause", "resume", Role.OPERATOR, self._reopen),)

    def answers(self) -> Iterable[Answer]:
        return (
            Answer("pause_words", Role.OPERATOR, self._words),
            Answer("pause", Role.OPERATOR, self._close, by_words=False),
            Answer("resume", Role.OPERATOR, self._open, by_words=False),
        )

    async def _pause(self, shift: Shift, said: str) -> None:
        texts = shift.turn.texts
        if not said:
            shift.say(pauses_screen(texts, self._pauses.now(), await self._operators.names()))
            return
        part, _, words = said.partition(" ")
        scope = read_scope(part)
        if scope is None:
            shift.say(wrong_word(texts, "pause", _no_part(part)))
        elif self._closed(scope) is not None:
            shift.say(scope_stands(texts, scope, closed=True, already=True))
        elif words:
            self._sure(shift, scope, words)
        else:
            asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "pause_words", scope)
            shift.say(ask_pause(texts, asked.id, scope))

    async def _words(self, shift: Shift, asked: Question, words: str) -> None:
        if shift.turn.query_id is None:
            self._sure(shift, asked.target, words)

    def _sure(self, shift: Shift, scope: str, words: str) -> None:
        words = words[:MOST_WORDS]
        about = f"{scope}{_BREAK}{words}"
        asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "pause", about)
        shift.say(sure_to_pause(shift.turn.texts, asked.id, scope, words))

    async def _close(self, shift: Shift, asked: Question, choice: str) -> None:
        if choice != "yes":
            return
        texts = shift.turn.texts
        scope, _, words = asked.target.partition(_BREAK)
        self._operators.stage_answered(shift.turn.effects, asked)
        await self._pauses.refresh()
        if self._closed(scope) is not None:
            shift.say(scope_stands(texts, scope, closed=True, already=True))
            return
        self._pauses.stage_pause(shift.turn.effects, shift.operator, scope, words)
        shift.say(scope_stands(texts, scope, closed=True))

    async def _resume(self, shift: Shift, said: str) -> None:
        texts = shift.turn.texts
        if not said:
            shift.say(pauses_screen(texts, self._pauses.now(), await self._operators.names()))
            return
        scope, (part, *more) = read_scope(said), said.split()
        if scope is None and more and read_scope(part) is not None:
            shift.say(wrong_word(texts, "resume", WrongWord(Why.EXTRA, more[0])))
        elif scope is None:
            shift.say(wrong_word(texts, "resume", _no_part(said)))
        else:
            await self._sure_to_open(shift, scope)

    async def _reopen(self, shift: Shift, tap: OperatorTap) -> None:
        await self._sure_to_open(shift, tap.record)

    async def _sure_to_open(self, shift: Shift, scope: str) -> None:
        texts = shift.turn.texts
        await self._pauses.refresh()
        if self._closed(scope) is None:
            await self._say_open(shift, scope, already=True)
            return
        asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "resume", scope)
        shift.say(sure_to_resume(texts, asked.id, scope))

    async def _open(self, shift: Shift, asked: Question, choice: str) -> None:
        if choice != "yes":
            return
        self._operators.stage_answered(shift.turn.effects, asked)
        await self._pauses.refresh()
        closed = self._closed(asked.target)
        if closed is not None:
            self._pauses.stage_resume(shift.turn.effects, shift.operator, closed)
        await self._say_open(shift, asked.target, already=closed is None)

    async def _say_open(self, shift: Shift, scope: str, *, already: bool) -> None:
        """That a part is not paused; while everything is closed for maintenance it is not open for that."""
        texts, maintenance = shift.turn.texts, self._closed(MAINTENANCE)
        if maintenance is None or scope == MAINTENANCE:
            shift.say(scope_stands(texts, scope, closed=False, already=already))
        else:
            names = await self._operators.names()
            shift.say(open_but_for_maintenance(texts, scope, maintenance, names, already=already))

    def _closed(self, scope: str) -> Pause | None:
        return next((one for one in self._pauses.now() if one.scope == scope), None)


def _no_part(word: str) -> WrongWord:
    return WrongWord(Why.MAINTENANCE if word.casefold() == MAINTENANCE else Why.PART, word)
