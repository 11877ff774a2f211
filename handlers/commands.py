"""The commands, and what the keys and menu buttons of the same names do."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from telegram import Update

from bot.engine.results import PaymentView
from bot.payments.lines import read_line
from bot.payments.references import read_payment_code
from bot.payments.states import PAYMENT_TERMINAL
from bot.screens.cancelling import undoing
from bot.screens.help import help_screen, payment_help
from bot.screens.history import history, payment_not_found
from bot.screens.inline import SETUP
from bot.screens.menu import welcome
from bot.screens.questions import language_card, note_with_keyboard, note_with_menu
from bot.screens.texts import LANGUAGES
from handlers.dialogue.buy_questions import is_secret
from handlers.dialogue.form import currency_of_person
from handlers.inquiries import InquiryTalk
from handlers.records import Records
from handlers.requests import LINK, RequestTalk
from handlers.services import Services
from handlers.settings import Settings
from handlers.talking import FormTalk
from handlers.turn import Turn

Method = Callable[[Turn, str], Awaitable[None]]
_JUST_NOW = timedelta(hours=1)
_COMMAND = re.compile(r"/[A-Za-z0-9_]+(?:@[A-Za-z0-9_]+)?")


class Commands:
    """One method for each command. A method is given the turn and what stands behind the command."""

    def __init__(self, services: Services, talk: FormTalk, records: Records) -> None:
        self._services = services
        self._talk = talk
        self._records = records
        self.settings = Settings(services)
        self.requests = RequestTalk(services, talk)
        self.inquiries = InquiryTalk(services)
        self._methods: Mapping[str, Method] = MappingProxyType(
            {
                "buy": self.buy,
                "sell": self.sell,
                "send": self.send,
                "request": self.requests.command,
                "split": self.requests.split,
                "status": self.status,
                "recipients": self.recipients,
                "addresses": self.addresses,
                "help": self.help,
                "support": self.inquiries.command,
                "language": self.language,
                "settings": self.settings.show,
                "cancel": self.cancel,
                "start": self.start,
            }
        )

    def named(self, name: str) -> Method | None:
        """What the command of this name does, however it was given: typed, as a key, a word or a menu button."""
        return self._methods.get(name)

    async def start(self, turn: Turn, said: str) -> None:
        """Greet, with the keyboard; or open the request that a link names. No link pays anything by itself."""
        if said.startswith(LINK):
            await self.requests.open(turn, said.removeprefix(LINK))
            return
        if said == SETUP:
            await self.requests.set_up(turn)
            return
        returning = turn.person.country is not None
        turn.say(welcome(turn.texts, name=turn.called, returning=returning))
        held = await self._services.conversations.of(turn.person.id)
        if held is not None:
            await self._talk.show_again(turn, held, lead=turn.texts("dialogue.still_open"))

    async def help(self, turn: Turn, said: str) -> None:
        """What can be done here; a conversation that is open stays as it is and is shown again below."""
        support, home = self._services.support, turn.person.country
        person = self.inquiries.heard
        turn.say(help_screen(turn.texts, support=support, services=turn.services, country=home, person=person))
        await self._go_on(turn)

    async def buy(self, turn: Turn, said: str) -> None:
        """Begin a purchase, filled in with the rest of the line."""
        await self._begin(turn, "buy", said)

    async def sell(self, turn: Turn, said: str) -> None:
        """Begin a sale, filled in with the rest of the line."""
        await self._begin(turn, "sell", said)

    async def send(self, turn: Turn, said: str) -> None:
        """Begin a transfer, filled in with the rest of the line; crypto that is sent to somebody is sold."""
        await self._begin(turn, "send", said)

    async def status(self, turn: Turn, said: str) -> None:
        """The recent payments, or the one whose code was given."""
        if not said:
            turn.say(history(turn.texts, await self._services.payments.recent(turn.person.id)))
            await self._go_on(turn)
            return
        code = read_payment_code(said)
        view = None if code is None else await self._services.payments.by_code(turn.person.id, code)
        if view is None:
            turn.say(payment_not_found(turn.texts))
        else:
            turn.show_payment(view, fresh=True)

    async def recipients(self, turn: Turn, said: str) -> None:
        """The people whom the customer sends money to, or those of the name that was given."""
        await self._records.people.show(turn, said)

    async def addresses(self, turn: Turn, said: str) -> None:
        """The wallet addresses that the customer used before."""
        await self._records.addresses.show(turn, said)

    async def cancel(self, turn: Turn, said: str) -> None:
        """End the conversation. Where there is none: whether the payment that runs can be undone, and how."""
        held = await self._services.conversations.of(turn.person.id)
        if held is not None:
            await self._talk.cancel(turn, held)
            return
        running = await self._running(turn)
        if running is None:
            turn.say(note_with_keyboard(turn.texts, turn.texts("dialogue.nothing_to_cancel")))
            return
        turn.say(note_with_keyboard(turn.texts, undoing(turn.texts, running)))
        turn.show_payment(running, fresh=True)

    async def language(self, turn: Turn, said: str) -> None:
        """Offer the languages, or change to the one that was given."""
        if said.lower() in LANGUAGES:
            await self.speak(turn, said.lower())
        else:
            turn.say(language_card(turn.texts))

    async def speak(self, turn: Turn, language: str) -> None:
        """Go on in another language."""
        self._services.customers.stage_profile(turn.effects, turn.person, language=language)
        turn.answer_tap()
        turn = turn.in_language(language)
        turn.say(note_with_keyboard(turn.texts, turn.texts("dialogue.language_changed")))
        held = await self._services.conversations.of(turn.person.id)
        if held is not None and not self._services.conversations.has_expired(held):
            await self._talk.show_again(turn, held)

    def explain(self, turn: Turn, view: PaymentView) -> None:
        """What to do about one payment."""
        turn.say(payment_help(turn.texts, view, support=self._services.support, person=self.inquiries.heard))

    async def _begin(self, turn: Turn, form: str, said: str) -> None:
        if is_secret(said):
            turn.erase_message()
            turn.say(note_with_menu(turn.texts, turn.texts("dialogue.secret")))
            return
        own, home = currency_of_person(turn.person), turn.person.country
        line = read_line(f"{form} {said}", default_currency=own, country=home) if said else None
        await (self._talk.start(turn, form) if line is None else self._talk.begin(turn, line))

    async def _go_on(self, turn: Turn) -> None:
        """Ask the open question again below what was answered."""
        held = await self._services.conversations.of(turn.person.id)
        if held is not None and not self._services.conversations.has_expired(held):
            await self._talk.show_again(turn, held, lead=turn.texts("dialogue.where_we_were"))

    async def _running(self, turn: Turn) -> PaymentView | None:
        newest = await self._services.payments.recent(turn.person.id, limit=1)
        for view in newest:
            if view.state not in PAYMENT_TERMINAL and self._services.clock() - view.created_at < _JUST_NOW:
                return view
        return None


def what_was_said(update: Update) -> str:
    """What stands behind a command, on one line."""
    text = (update.message.text or "") if update.message is not None else ""
    return " ".join(_COMMAND.sub("", text, count=1).split())
