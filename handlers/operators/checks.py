"""/check: whether the installation can do its work, and setting the webhook at the provider."""

from collections.abc import Iterable

from bot.engine.operators.results import Question, Role
from bot.screens.checks import checking_screen, checks_screen, sure_to_set_webhook, webhook_screen
from bot.screens.screen import Screen
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift
from handlers.operators.services import DeskServices

_SLOT = "o:check"


class CheckRoom:
    """Checks are begun here; they answer by themselves when they are done."""

    def __init__(self, desk: DeskServices) -> None:
        self._checking = desk.checking
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (Command("check", Role.OPERATOR, self._check),)

    def presses(self) -> Iterable[Press]:
        return (
            Press("check", "show", Role.OPERATOR, self._again),
            Press("check", "webhook", Role.OWNER, self._sure),
        )

    def answers(self) -> Iterable[Answer]:
        return (Answer("set_webhook", Role.OWNER, self._set, by_words=False),)

    async def _check(self, shift: Shift, said: str) -> None:
        if self._checking is None:
            return
        texts, may_set = shift.turn.texts, shift.role.may(Role.OWNER) and self._checking.webhook_url is not None
        shift.say(checking_screen(texts), slot=_SLOT)
        self._checking.stage_check(
            shift.turn.effects, shift.chat, lambda found: checks_screen(texts, found, may_set=may_set)
        )

    async def _again(self, shift: Shift, tap: OperatorTap) -> None:
        await self._check(shift, "")

    async def _sure(self, shift: Shift, tap: OperatorTap) -> None:
        url = None if self._checking is None else self._checking.webhook_url
        if url is None:
            return
        asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "set_webhook", url)
        shift.say(sure_to_set_webhook(shift.turn.texts, asked.id, url))

    async def _set(self, shift: Shift, asked: Question, choice: str) -> None:
        if choice != "yes" or self._checking is None:
            return
        texts, effects = shift.turn.texts, shift.turn.effects
        self._operators.stage_answered(effects, asked)
        self._checking.stage_set_webhook(
            effects, shift.operator, shift.chat, asked.target, lambda found: webhook_screen(texts, found)
        )
        shift.say(Screen(text=texts("check.setting_webhook")))
