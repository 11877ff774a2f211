"""Messages without a command: keys, one line that says it all, an answer to the open question, a greeting, a slip.

Whatever it is, it is answered. The order matters: what controls the conversation first, then what starts one, then the
answer to the question that is open, and only then guesses.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeGuard

from telegram import Update

from bot.payments.lines import BuyLine, LineProblem, read_buy_line
from bot.screens.help import help_screen
from bot.screens.menu import command_of_key, welcome
from bot.screens.questions import control_of_key, note_with_keyboard, note_with_menu
from handlers.commands import Commands
from handlers.dialogue.buy_questions import is_secret
from handlers.dialogue.form import SharedContact, currency_of_person
from handlers.dialogue.near import nearest
from handlers.services import Services
from handlers.talking import BuyTalk
from handlers.turn import Turn, TurnContext

_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("help", "menu", "msaada", "aide"), "help"),
        **dict.fromkeys(("status", "payments", "history", "hali"), "status"),
        **dict.fromkeys(("cancel", "stop", "quit", "ghairi", "annuler"), "cancel"),
        **dict.fromkeys(("back", "rudi", "retour"), "back"),
        **dict.fromkeys(("language", "lugha", "langue"), "language"),
    }
)
_GREETINGS: Final = frozenset(
    {"hi", "hello", "hey", "hallo", "start", "jambo", "habari", "mambo", "sasa", "bonjour", "salut", "good morning"}
)
# verbs that people will try and that are not served yet; an honest answer is better than the general help
_LATER: Final = frozenset({"send", "sell", "request", "pay", "withdraw", "tuma", "uza", "vendre", "envoyer"})
_SLIPS: Final[Mapping[str, str]] = MappingProxyType(
    {"buy": "buy", "help": "help", "status": "status", "cancel": "cancel", "send": "later", "sell": "later"}
)


class FreeText:
    """What a person writes or shares without a command."""

    def __init__(self, services: Services, talk: BuyTalk, commands: Commands) -> None:
        self._services = services
        self._talk = talk
        self._commands = commands

    async def text(self, update: Update, context: TurnContext) -> None:
        """One text message."""
        turn = context.turn
        assert update.message is not None
        text = update.message.text or ""
        if is_secret(text):
            await self._warn(turn)
            return
        if await self._controls(turn, text):
            return
        held = await self._services.conversations.of(turn.person.id)
        line = read_buy_line(text, default_currency=currency_of_person(turn.person))
        if line is not None and (held is None or _says_something(line) or text.strip().casefold() == "buy"):
            await self._talk.begin(turn, line)
        elif held is not None and not self._services.conversations.has_expired(held):
            await self._talk.answer(turn, held, text)
        elif held is not None:
            await self._talk.show_again(turn, held)
        elif _is_wanted(wanted := read_buy_line(f"buy {text}", default_currency=currency_of_person(turn.person))):
            await self._talk.begin(turn, wanted)
        else:
            self._guess(turn, text)

    async def contact(self, update: Update, context: TurnContext) -> None:
        """A shared contact. It is the person's own only when Telegram says that it is theirs."""
        turn = context.turn
        assert update.message is not None
        shared = update.message.contact
        assert shared is not None
        contact = SharedContact(shared.phone_number, own=shared.user_id == turn.person.telegram_id)
        held = await self._services.conversations.of(turn.person.id)
        if held is None:
            turn.say(note_with_keyboard(turn.texts, turn.texts("dialogue.contact_not_needed")))
        elif self._services.conversations.has_expired(held):
            await self._talk.show_again(turn, held)
        else:
            await self._talk.contact(turn, held, contact)

    async def other(self, update: Update, context: TurnContext) -> None:
        """A picture, a voice message, a sticker: not understood, said so, and the question stands."""
        turn = context.turn
        held = await self._services.conversations.of(turn.person.id)
        if held is None:
            turn.say(note_with_menu(turn.texts, turn.texts("dialogue.only_text")))
        else:
            await self._talk.show_again(turn, held, lead=turn.texts("dialogue.only_text"))

    async def _controls(self, turn: Turn, text: str) -> bool:
        command = command_of_key(text) or control_of_key(text) or _WORDS.get(text.strip().casefold())
        if command is None:
            return False
        held = await self._services.conversations.of(turn.person.id)
        match command:
            case "buy":
                await self._commands.buy(turn, "")
            case "status":
                await self._commands.status(turn, "")
            case "help":
                await self._commands.help(turn, "")
            case "language":
                await self._commands.language(turn, "")
            case "back" if held is not None and not self._services.conversations.has_expired(held):
                await self._talk.back(turn, held)
            case "back" if held is not None:
                await self._talk.show_again(turn, held)
            case _:
                await self._commands.cancel(turn, "")
        return True

    async def _warn(self, turn: Turn) -> None:
        """A private key or seed phrase was sent. It is not repeated and not kept; the person is told what to do."""
        warning = turn.texts("dialogue.secret")
        held = await self._services.conversations.of(turn.person.id)
        if held is None:
            turn.say(note_with_menu(turn.texts, warning))
        else:
            await self._talk.show_again(turn, held, lead=warning)

    def _guess(self, turn: Turn, text: str) -> None:
        words = text.casefold().split()
        first = words[0].strip("!?.,/") if words else ""
        if " ".join(words).strip("!?., ") in _GREETINGS or first in _GREETINGS:
            turn.say(welcome(turn.texts, name=turn.called, returning=turn.person.country is not None))
            return
        if first in _LATER or nearest(first, _SLIPS) == "later":
            turn.say(note_with_menu(turn.texts, turn.texts("dialogue.not_yet")))
            return
        meant = nearest(first, _SLIPS)
        if meant in ("buy", "help", "status"):
            said = turn.texts("dialogue.did_you_mean", word=meant)
            turn.say(note_with_menu(turn.texts, said, commands=(meant,)))
            return
        turn.say(help_screen(turn.texts, support=self._services.support))


def _is_wanted(line: BuyLine | LineProblem | None) -> TypeGuard[BuyLine]:
    """Whether a line without a verb is clear all the same: "20 usdc". Beginning a form does no harm."""
    return isinstance(line, BuyLine) and line.token is not None and line.amount is not None and not line.unclear


def _says_something(line: BuyLine | LineProblem) -> bool:
    said = line.line if isinstance(line, LineProblem) else line
    return isinstance(line, LineProblem) or any(
        slot is not None for slot in (said.token, said.chain, said.amount, said.address, said.fiat)
    )
