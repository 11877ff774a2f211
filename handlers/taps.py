"""Taps on buttons: of a conversation, of a payment, of the menu. Owner, state and age are looked up again each time."""

from telegram import CallbackQuery, Message, Update

from bot.engine.results import PaymentView
from bot.payments.states import PAYMENT_TERMINAL, PaymentKind
from bot.screens.cancelling import sure_to_cancel
from bot.screens.history import payment_not_found
from bot.screens.inquiries import KIND as INQUIRY
from bot.screens.taps import DialogueTap, MenuTap, PaymentTap, RecordTap, RequestTap, read_tap
from bot.screens.texts import LANGUAGES
from handlers.commands import Commands
from handlers.records import Records
from handlers.services import Services
from handlers.talking import FormTalk
from handlers.turn import Turn, TurnContext


class Taps:
    """One door for all callback data; what cannot be read is left to the last handler."""

    def __init__(self, services: Services, talk: FormTalk, commands: Commands, records: Records) -> None:
        self._services = services
        self._records = records
        self._talk = talk
        self._commands = commands

    async def __call__(self, update: Update, context: TurnContext) -> None:
        """Handle one tap. Leaves it unanswered when the button is unknown."""
        turn, query = context.turn, update.callback_query
        assert query is not None
        tapped = read_tap(query.data or "")
        if isinstance(tapped, RecordTap) and tapped.kind == INQUIRY:
            await self._commands.inquiries.tap(turn, tapped)
            return
        self._commands.inquiries.hush(turn)
        match tapped:
            case DialogueTap() as tap:
                await self._talk.tap(turn, tap)
            case PaymentTap() as tap:
                await self._payment(turn, tap, query)
            case MenuTap() as tap:
                await self._menu(turn, tap)
            case RecordTap() as tap:
                await self._records.tap(turn, tap)
            case RequestTap() as tap:
                await self._commands.requests.tap(turn, tap)
            case _:
                return

    async def _payment(self, turn: Turn, tap: PaymentTap, query: CallbackQuery) -> None:
        if tap.action not in ("show", "again", "help", "person", "stop", "cancel", "cancelnow"):
            return
        view = await self._services.payments.by_code(turn.person.id, tap.code)
        if view is None:
            turn.answer_tap()
            turn.say(payment_not_found(turn.texts))
            return
        if tap.action == "show" and view.state not in PAYMENT_TERMINAL:
            self._services.payments.stage_look(turn.effects, view.id)
            turn.answer_tap("status.looking")
        if tap.action == "cancel" and view.can_cancel:
            turn.answer_tap()
            turn.say(sure_to_cancel(turn.texts, view))
            return
        if tap.action in ("stop", "cancel", "cancelnow"):
            self._call_off(turn, tap.action, view, query)
            return
        turn.answer_tap()
        match tap.action:
            case "show":
                turn.show_payment(view, fresh=not _is_its_card(query, view.code))
            case "again" if view.kind is not PaymentKind.REQUEST:  # that is opened from its own message
                await self._talk.begin(turn, view)
            case "person":
                await self._commands.inquiries.about(turn, view)
            case _:
                self._commands.explain(turn, view)

    def _call_off(self, turn: Turn, action: str, view: PaymentView, query: CallbackQuery) -> None:
        """Stop a transfer that was not sent yet, or ask for a sale to be cancelled; where it is too late, say so."""
        if action == "stop" and view.can_stop:
            self._services.payments.stage_stop(turn.effects, view)
            turn.answer_tap("dialogue.stopped")
        elif action == "cancelnow" and view.can_cancel:
            self._services.payments.stage_cancel(turn.effects, view)
            turn.answer_tap("dialogue.cancel_asked")
        else:
            turn.answer_tap(
                "dialogue.too_late_to_stop" if action == "stop" else "dialogue.too_late_to_cancel", alert=True
            )
            turn.show_payment(view, fresh=not _is_its_card(query, view.code))

    async def _menu(self, turn: Turn, tap: MenuTap) -> None:
        name, _, choice = tap.command.partition("-")
        if name == "language" and choice in LANGUAGES:
            await self._commands.speak(turn, choice)
            return
        if name == "settings" and choice:
            await self._commands.settings.choose(turn, choice)
            return
        if tap.command == "request-new":
            turn.answer_tap()
            await self._commands.requests.form(turn)
            return
        method = self._commands.named(tap.command)
        if method is not None:
            turn.answer_tap()
            await method(turn, "")


def _is_its_card(query: CallbackQuery, code: str) -> bool:
    """Whether the tapped message is the payment's own card, which then changes in place; lists carry no help button."""
    message = query.message
    markup = message.reply_markup if isinstance(message, Message) else None
    wanted = PaymentTap(code, "help").pack()
    return markup is not None and any(
        button.callback_data == wanted for row in markup.inline_keyboard for button in row
    )
