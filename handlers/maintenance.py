"""While operators keep everything closed: customers look at their payments and talk to the team, and nothing else.

It stands behind the desk, so that operators work on, and in front of everything of customers. In groups and inline, where
money is asked for, the closed services say so themselves.
"""

from typing import Final

from telegram import Message, Update
from telegram.ext import ApplicationHandlerStop

from bot.payments.pauses import MAINTENANCE
from bot.screens.gate import maintenance
from bot.screens.inquiries import KIND as INQUIRY
from bot.screens.menu import command_of_key
from bot.screens.taps import MenuTap, PaymentTap, RecordTap, read_tap
from handlers.asides import command_of_words
from handlers.inquiries import InquiryTalk
from handlers.operators.entry import command_of
from handlers.services import Services
from handlers.turn import Turn, TurnContext

_OPEN: Final = frozenset({"status", "support"})
_CLOSED_ACTIONS: Final = frozenset({"again"})  # of payments


class Maintenance:
    """Lets through what stays open, answers everything else and stops it."""

    def __init__(self, services: Services, talk: InquiryTalk) -> None:
        self._services = services
        self._talk = talk

    async def __call__(self, update: Update, context: TurnContext) -> None:
        """Decide about one update. Raises `ApplicationHandlerStop` when nothing else may handle it."""
        turn: Turn | None = getattr(context, "turn", None)
        words = self._services.offered.coverage().pauses.get(MAINTENANCE)
        if turn is None or turn.operator is not None or words is None or await self._stays_open(update, turn):
            return
        turn.answer_tap()
        turn.say(maintenance(turn.texts, words, person=self._talk.heard))
        raise ApplicationHandlerStop

    async def _stays_open(self, update: Update, turn: Turn) -> bool:
        if update.callback_query is not None:
            match read_tap(update.callback_query.data or ""):
                case PaymentTap() as tap:
                    return tap.action not in _CLOSED_ACTIONS
                case MenuTap() as tap:
                    return tap.command in _OPEN
                case RecordTap() as tap:
                    return tap.kind == INQUIRY
                case _:
                    return False
        return update.message is not None and await self._is_open(update.message, turn)

    async def _is_open(self, message: Message, turn: Turn) -> bool:
        text = message.text or ""
        command = command_of(message, self._services.bot_username()) or command_of_key(text)
        if command is not None:
            return command in _OPEN
        if command_of_words(text) in _OPEN or await self._talk.is_answered_by(turn, message):
            return True
        return self._talk.talks(turn) and message.contact is None  # which is for a conversation, whoever they talk to
