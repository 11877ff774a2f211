"""Photographs of codes: what is read becomes the answer to the open question where it fits, else it is offered.

It goes the way of a typed text from there, so it is checked by the same question, and whatever comes of it is shown whole
on a review card. A code that holds a secret key is treated as one that was typed. Links of others are never opened.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from telegram import Message, Update

from bot.engine.conversations import Conversation
from bot.engine.photographs import MOST_BYTES, Sight
from bot.payments.addresses import AddressFault, AddressProblem
from bot.payments.payment_uris import PaymentUri, UriProblem
from bot.payments.phones import PhoneProblem
from bot.payments.scanned import Nothing, Scanned, ScannedLink, ScannedPhone, Unusable, read_scanned
from bot.screens.foreign import Html
from bot.screens.formats import chain_label, masked, short_address, token_label
from bot.screens.questions import note_with_menu
from handlers.dialogue.buy_questions import is_secret
from handlers.dialogue.form import Answer, Option, Problem
from handlers.dialogue.found_errand import MOST_FOUND, FoundPhone, is_still_open, packed_payment
from handlers.dialogue.journey import Elsewhere, Filled
from handlers.people import People
from handlers.services import Services
from handlers.talking import FormTalk
from handlers.turn import Turn, TurnContext

_ADDRESS: Final = "address"
_NUMBERS: Final = ("phone", "where", "number")  # of questions that a phone number can answer


class PhotographOfCodes:
    """Handles a photograph, or a picture that was sent as a file."""

    def __init__(
        self,
        services: Services,
        talk: FormTalk,
        people: People,
        *,
        follow: Callable[[Turn, str], Awaitable[None]],
        warn: Callable[[Turn], Awaitable[None]],
        refuses: Callable[[Turn], Awaitable[bool]],
    ) -> None:
        """`follow` opens a deep link to ourselves by what it carries; `warn` is for a secret that was sent.

        `refuses` answers whoever talks to a person of the team, who cannot be shown pictures.
        """
        self._services = services
        self._talk = talk
        self._people = people
        self._follow = follow
        self._warn = warn
        self._refuses = refuses

    async def __call__(self, update: Update, context: TurnContext) -> None:
        """One picture."""
        turn = context.turn
        assert update.message is not None
        if await self._refuses(turn):
            return
        file_id = _best(update.message)
        seen = Sight.TOO_LARGE if file_id is None else await self._services.photographs.look(file_id)
        open_now = await self._services.conversations.of(turn.person.id)
        held = open_now if is_still_open(open_now) else None
        if isinstance(seen, Sight):
            await self._say(turn, held, turn.texts(seen.text_key))
        elif any(is_secret(code) for code in seen):
            await self._warn(turn)
        elif held is not None and self._services.conversations.has_expired(held):
            await self._talk.show_again(turn, held)
        else:
            await self._use(turn, held, seen)

    async def _use(self, turn: Turn, held: Conversation | None, codes: Sequence[str]) -> None:
        chain = None if held is None else held.draft.answers.get("chain")
        country = turn.person.country
        found = [
            read_scanned(code, bot_username=self._services.bot_username(), country=country, chain=chain)
            for code in codes
        ]
        link = next((one for one in found if isinstance(one, ScannedLink)), None)
        usable = list({_told(one): one for one in found if isinstance(one, PaymentUri | ScannedPhone)}.values())
        if link is not None:
            await self._follow(turn, link.payload)
        elif not usable:
            await self._say(turn, held, _why(turn, _most_telling(found)))
        elif held is None:
            await self._offer(turn, usable)
        else:
            await self._answer(turn, held, usable)

    async def _answer(self, turn: Turn, held: Conversation, usable: Sequence[PaymentUri | ScannedPhone]) -> None:
        """What was read, as the answer to the open question, if it is one; several are offered as buttons."""
        other = self._other_token(held, usable)
        if other is not None:
            await self._talk.show_again(turn, held, lead=turn.texts("photo.other_token", **other))
            return
        fitting: list[tuple[PaymentUri | ScannedPhone, Answer | Problem | Elsewhere | None]] = []
        for one in usable:
            made = await self._talk.reading(turn, held, _told(one))
            if isinstance(made, Elsewhere) or _value_of(made, _told(one)) is not None:
                fitting.append((one, made))
        if len(fitting) > 1:
            values = [(one, _value_of(made, _told(one))) for one, made in fitting[:MOST_FOUND]]
            options = tuple(Option(_label(one), value) for one, value in values if value is not None)
            problem = Problem("photo.several", options=options)
            await (self._talk.suggest(turn, held, problem) if options else self._lost(turn, held, usable))
        elif fitting or _is_asked_for(usable[0], held.draft.question):
            await self._talk.answer(turn, held, _told(fitting[0][0] if fitting else usable[0]))
        else:
            await self._lost(turn, held, usable)

    async def _lost(self, turn: Turn, held: Conversation, usable: Sequence[PaymentUri | ScannedPhone]) -> None:
        """It can be read, but nothing that is asked here is answered by it: said so, and the question stands."""
        what = ", ".join(_label(one) for one in usable[:MOST_FOUND])
        await self._talk.show_again(turn, held, lead=turn.texts("photo.not_asked", what=what))

    async def _offer(self, turn: Turn, usable: Sequence[PaymentUri | ScannedPhone]) -> None:
        """Nothing is open: what can be done with it."""
        payments = [one for one in usable if isinstance(one, PaymentUri)][:MOST_FOUND]
        if payments:
            await self._talk.start(turn, "found", Filled({"found": [packed_payment(one) for one in payments]}))
            return
        phones = [FoundPhone(one.phone, one.name) for one in usable if isinstance(one, ScannedPhone)]
        await self._people.found(turn, *phones[:MOST_FOUND])

    async def _say(self, turn: Turn, held: Conversation | None, said: Html) -> None:
        if held is None:
            turn.say(note_with_menu(turn.texts, said))
        else:
            await self._talk.show_again(turn, held, lead=said)

    def _other_token(self, held: Conversation, usable: Sequence[Scanned]) -> dict[str, str] | None:
        """A code that asks for another token than is being bought: whoever wrote it expects that one."""
        wanted = held.draft.answers.get("token")
        if _ADDRESS not in held.draft.question or not isinstance(wanted, str):
            return None
        named = {one.token for one in usable if isinstance(one, PaymentUri)} - {None}
        if len(usable) != 1 or not named or wanted in named:
            return None
        return {"token": token_label(str(next(iter(named)))), "wanted": token_label(wanted)}


def _best(message: Message) -> str | None:
    """The file to look at: the largest photograph within the limit, or the picture; None where all are too large."""
    files = message.photo or ((message.document,) if message.document is not None else ())
    fitting = [file for file in files if (file.file_size or 0) <= MOST_BYTES]
    return fitting[-1].file_id if fitting else None


def _told(one: PaymentUri | ScannedPhone) -> str:
    """What somebody would have typed."""
    return one.phone.e164 if isinstance(one, ScannedPhone) else one.address.value


def _label(one: PaymentUri | ScannedPhone) -> str:
    return one.name or masked(one.phone.e164) if isinstance(one, ScannedPhone) else short_address(one.address.value)


def _value_of(made: Answer | Problem | Elsewhere | None, text: str) -> Any | None:
    """The answer that is that very text, and not something else that was read into its digits; also one to be compared."""
    values = [made.value] if isinstance(made, Answer) else []
    if isinstance(made, Problem):
        values = [option.value for option in made.options]
    return next((value for value in values if _holds(value, text)), None)


def _holds(value: Any, text: str) -> bool:
    if isinstance(value, dict):
        return any(_holds(part, text) for part in value.values())
    return bool(value == text)


def _is_asked_for(one: PaymentUri | ScannedPhone, question: str) -> bool:
    """Whether the question is one for such a thing, so that it can say itself what is wrong with this one."""
    if isinstance(one, PaymentUri):
        return _ADDRESS in question
    return any(word in question for word in _NUMBERS)


def _most_telling(found: Sequence[Scanned | Unusable]) -> Scanned | Unusable:
    return next((one for one in found if not isinstance(one, Nothing)), found[0])


def _why(turn: Turn, problem: Scanned | Unusable) -> Html:
    """Why nothing of what was read can be used."""
    texts = turn.texts
    match problem:
        case AddressProblem(fault=AddressFault.BAD_CHECKSUM | AddressFault.TEST_NETWORK | AddressFault.BURN_ADDRESS):
            return texts(f"photo.{problem.fault}")
        case AddressProblem(fault=AddressFault.WRONG_CHAIN):
            return texts("photo.wrong_chain", chain=chain_label(problem.chain))
        case AddressProblem() | PhoneProblem():
            return texts("photo.unusable")
        case UriProblem():
            return texts(problem.text_key, chain="" if problem.chain is None else chain_label(problem.chain))
        case _:
            return texts("photo.useless")
