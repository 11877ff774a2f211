"""Messages without a command: keys, one line that says it all, an answer to the open question, a greeting, a slip.

Whatever it is, it is answered. The order matters: what controls the conversation first, then what starts one, then the
answer to the question that is open, and only then guesses.
"""

from typing import Final, TypeGuard

from telegram import Update

from bot.engine.conversations import Conversation
from bot.payments.amounts import AmountFault
from bot.payments.line_words import names_a_coin
from bot.payments.lines import VERB_WORDS, BuyLine, Line, LineProblem, SellLine, SendLine, read_line, read_wish
from bot.payments.names import usable_name
from bot.payments.request_lines import begins_request
from bot.screens.help import network_message, not_understood
from bot.screens.menu import command_of_key, welcome
from bot.screens.questions import control_of_key, note_with_menu
from handlers.asides import Aside, aside_of, command_of_words, is_greeting, meant_command
from handlers.commands import Commands
from handlers.dialogue.buy_questions import is_secret
from handlers.dialogue.form import SharedContact, currency_of_person
from handlers.dialogue.found_errand import is_still_open
from handlers.records import Records
from handlers.services import Services
from handlers.talking import FormTalk
from handlers.turn import Turn, TurnContext

_MOST_NAMES: Final = 4


_NAMES: Final = frozenset({"name", "to_name"})
_FREE_WORDS: Final = frozenset({"note", "paybill_account", "request_title"})  # any words may answer these


class FreeText:
    """What a person writes or shares without a command."""

    def __init__(self, services: Services, talk: FormTalk, commands: Commands, records: Records) -> None:
        self._services = services
        self._records = records
        self._talk = talk
        self._commands = commands

    async def text(self, update: Update, context: TurnContext) -> None:
        """One text message."""
        turn = context.turn
        assert update.message is not None
        text = update.message.text or ""
        if is_secret(text):
            await self.warn(turn)
            return
        if not _is_key(text) and await self._commands.inquiries.takes(turn, update.message):
            return
        if await self._controls(turn, text):
            return
        held = await self._services.conversations.of(turn.person.id)
        talked = held is not None and not self._services.conversations.has_expired(held)
        own = currency_of_person(turn.person)
        if begins_request(text) and (held is None or not talked or any(char.isdigit() for char in text)):
            await self._commands.requests.line(turn, text)
            return
        line = read_line(text, default_currency=own, country=turn.person.country)
        if line is not None and (_begins(line) if held is None else _begins_anew(line, text, held)):
            await self._talk.begin(turn, line)
        elif held is not None and talked and await self._talk.fits(turn, held, text):
            await self._talk.answer(turn, held, text)
        elif (aside := aside_of(text)) is not None:
            if held is not None or not await self._commands.inquiries.catches(turn, text):
                await self._answer_aside(turn, aside, held)
        elif held is not None and talked:
            await self._talk.answer(turn, held, text)
        elif held is not None:
            await self._talk.show_again(turn, held)
        elif _is_wanted(wanted := read_wish(text, default_currency=own)):
            await self._talk.begin(turn, wanted)
        elif _is_sent(sent := read_line(f"send {text}", default_currency=own, country=turn.person.country)):
            await self._talk.begin(turn, sent)
        elif _may_be_a_name(text) and await self._records.people.find(turn, text):
            return
        elif not await self._commands.inquiries.catches(turn, text):
            self._guess(turn, text)

    async def contact(self, update: Update, context: TurnContext) -> None:
        """A shared contact. It is the person's own only when Telegram says that it is theirs."""
        turn = context.turn
        assert update.message is not None
        shared = update.message.contact
        assert shared is not None
        name = usable_name(f"{shared.first_name} {shared.last_name or ''}")
        contact = SharedContact(shared.phone_number, own=shared.user_id == turn.person.telegram_id, name=name)
        held = await self._services.conversations.of(turn.person.id)
        if not is_still_open(held):
            await self._records.people.contact(turn, contact)
        elif self._services.conversations.has_expired(held):
            await self._talk.show_again(turn, held)
        else:
            await self._talk.contact(turn, held, contact)

    async def other(self, update: Update, context: TurnContext) -> None:
        """A picture, a voice message, a sticker: not understood, said so, and the question stands."""
        turn = context.turn
        if await self._commands.inquiries.refuses(turn):
            return
        held = await self._services.conversations.of(turn.person.id)
        if held is None:
            turn.say(note_with_menu(turn.texts, turn.texts("dialogue.only_text")))
        else:
            await self._talk.show_again(turn, held, lead=turn.texts("dialogue.only_text"))

    async def _controls(self, turn: Turn, text: str) -> bool:
        command = command_of_key(text) or control_of_key(text) or command_of_words(text)
        if command is None:
            return False
        if command != "support":
            await self._commands.inquiries.leave(turn)
        if command == "back":
            await self._back(turn)
        elif (method := self._commands.named(command)) is not None:
            await method(turn, "")
        return True

    async def _back(self, turn: Turn) -> None:
        held = await self._services.conversations.of(turn.person.id)
        if held is None:
            await self._commands.cancel(turn, "")
        elif self._services.conversations.has_expired(held):
            await self._talk.show_again(turn, held)
        else:
            await self._talk.back(turn, held)

    async def warn(self, turn: Turn) -> None:
        """A private key or seed phrase was sent. It is not repeated, not kept and taken out of the chat."""
        turn.erase_message()
        warning = turn.texts("dialogue.secret")
        held = await self._services.conversations.of(turn.person.id)
        if held is None:
            turn.say(note_with_menu(turn.texts, warning))
        else:
            await self._talk.show_again(turn, held, lead=warning)

    async def _answer_aside(self, turn: Turn, aside: Aside, held: Conversation | None) -> None:
        """A short answer; then the question that is open, as it stands."""
        match aside:
            case Aside.GREETING if held is None:
                turn.say(welcome(turn.texts, name=turn.called, returning=turn.person.country is not None))
                return
            case Aside.GREETING:
                said = turn.texts("dialogue.hello_again", name=turn.called)
            case Aside.THANKS:
                said = turn.texts("dialogue.welcome")
            case Aside.PRICE:
                said = turn.texts("dialogue.price_question")
            case Aside.NETWORK_MESSAGE:
                person = self._commands.inquiries.heard
                turn.say(network_message(turn.texts, support=self._services.support, person=person))
                said = turn.texts("dialogue.where_we_were")
        if held is not None:
            await self._talk.show_again(turn, held, lead=said)
        elif aside is not Aside.NETWORK_MESSAGE:
            turn.say(note_with_menu(turn.texts, said))

    def _guess(self, turn: Turn, text: str) -> None:
        if is_greeting(text):
            turn.say(welcome(turn.texts, name=turn.called, returning=turn.person.country is not None))
        elif (meant := meant_command(text)) is not None:
            said = turn.texts("dialogue.did_you_mean", word=meant)
            turn.say(note_with_menu(turn.texts, said, commands=(meant,)))
        else:
            turn.say(not_understood(turn.texts))


def _is_key(text: str) -> bool:
    """Whether this is a key of a keyboard: those do what they say whatever else is going on."""
    return command_of_key(text) is not None or control_of_key(text) is not None


def _may_be_a_name(text: str) -> bool:
    """Whether a message that says nothing else may be the name of somebody: a few words without digits."""
    return len(text.split()) <= _MOST_NAMES and not any(char.isdigit() for char in text) and not is_greeting(text)


def _is_wanted(line: BuyLine | LineProblem) -> TypeGuard[BuyLine | LineProblem]:
    """Whether a line without a verb is clear all the same: "20 usdc". Beginning a form does no harm.

    "5000 francs en usdt" is clear but for the francs, and the form asks which.
    """
    if isinstance(line, LineProblem):
        unclear = line.amount is not None and line.amount.fault is AmountFault.UNCLEAR_CURRENCY
        return unclear and line.line.token is not None and not line.line.unclear
    return line.token is not None and line.amount is not None and not line.unclear


def _is_sent(line: Line | LineProblem | None) -> TypeGuard[Line]:
    """Whether a line without a verb says whom money goes to: "500 kes to 0712 345 678"."""
    return (
        isinstance(line, SellLine | SendLine)
        and line.amount is not None
        and line.party is not None
        and line.party.way is not None
        and not line.unclear
    )


def _begins(line: Line | LineProblem) -> bool:
    """Whether a line starts a conversation where none is open. "Buy me a drink" is asked back; "send help" is not."""
    return isinstance(line, LineProblem | BuyLine) or _says_something(line) or not line.unclear


def _begins_anew(line: Line | LineProblem, text: str, held: Conversation) -> bool:
    """Whether a line ends the conversation that is open. Where a name is asked for, words alone may be one."""
    if isinstance(line, LineProblem):
        return True
    alone = text.strip().casefold() in VERB_WORDS[line.verb]
    if held.draft.question in _FREE_WORDS and not alone:
        return line.amount is not None and (line.token is not None or line.currency is not None)
    if alone or _says_something(line):
        return True
    if held.draft.question in _NAMES and not any(char.isdigit() for char in text):
        return False
    return not line.unclear or any(names_a_coin(unclear.word) for unclear in line.unclear)


def _says_something(line: Line) -> bool:
    slots = (line.token, line.chain, line.amount, line.address, line.fiat)
    party = line.party if isinstance(line, SellLine | SendLine) else None
    return any(slot is not None for slot in slots) or party is not None
