"""Whom operators shut out reaches nothing here but the team: a block may be a mistake, and somebody has to hear of it.

It stands behind the gate and in front of everything else, so whatever is not for the team gets one answer.
"""

from telegram import Message, Update
from telegram.ext import ApplicationHandlerStop

from bot.screens.gate import barred
from bot.screens.inquiries import KIND as INQUIRY
from bot.screens.menu import command_of_key
from bot.screens.questions import control_of_key
from bot.screens.taps import MenuTap, RecordTap, read_tap
from handlers.asides import command_of_words
from handlers.inquiries import InquiryTalk
from handlers.operators.entry import command_of
from handlers.services import Services
from handlers.turn import Turn, TurnContext

_SUPPORT = "support"


class Barred:
    """Lets through what is for the team, and answers everything else."""

    def __init__(self, services: Services, talk: InquiryTalk) -> None:
        self._services = services
        self._talk = talk

    async def __call__(self, update: Update, context: TurnContext) -> None:
        """Decide about one update. Raises `ApplicationHandlerStop` when nothing else may handle it."""
        turn: Turn | None = getattr(context, "turn", None)
        if turn is None or turn.operator is not None or not turn.person.barred:
            return
        if self._talk.heard and await self._is_for_the_team(update, turn):
            return
        turn.answer_tap("gate.barred", alert=True)
        turn.say(barred(turn.texts, support=self._services.support, person=self._talk.heard))
        raise ApplicationHandlerStop

    async def _is_for_the_team(self, update: Update, turn: Turn) -> bool:
        if update.callback_query is not None:
            match read_tap(update.callback_query.data or ""):
                case MenuTap() as tap:
                    return tap.command == _SUPPORT
                case RecordTap() as tap:
                    return tap.kind == INQUIRY
                case _:
                    return False
        return update.message is not None and await self._are_words(update.message, turn)

    async def _are_words(self, message: Message, turn: Turn) -> bool:
        text = message.text or ""
        command = command_of(message, self._services.bot_username()) or command_of_key(text) or control_of_key(text)
        if command is not None or not text or text.startswith("/"):
            return command == _SUPPORT
        if command_of_words(text) == _SUPPORT or self._talk.talks(turn):
            return True
        return await self._talk.is_answered_by(turn, message)
