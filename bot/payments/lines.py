"""One line that says it all: "buy 20 usdc on base", "sell 10 usdt", "send 500 kes to 0712 345 678".

It answers a form's questions in advance. A line is a verb and slots in any order; whom it is about is cut out first. A
verb may be one slip of the keyboard away only when the rest of the line speaks for it. Lines that ask for money have terms of
their own (`request_lines`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeVar, cast

from bot.payments.amounts import AmountProblem
from bot.payments.line_parties import TO, Party, cut_note, cut_party
from bot.payments.line_slots import LineFault, Slots, UnclearWord, read_slots
from bot.payments.line_words import OPENERS, words_of
from bot.payments.slips import near
from bot.payments.typed_text import reorders_text

__all__ = [
    "VERB_WORDS",
    "BuyLine",
    "Line",
    "LineFault",
    "LineProblem",
    "Party",
    "SellLine",
    "SendLine",
    "UnclearWord",
    "Verb",
    "read_line",
    "read_wish",
]

_MAX_LINE: Final = 300


class Verb(StrEnum):
    """What a line asks for. The words are those of the forms and of the commands."""

    BUY = "buy"
    SELL = "sell"
    SEND = "send"


VERB_WORDS: Final[Mapping[Verb, frozenset[str]]] = MappingProxyType(
    {
        Verb.BUY: frozenset({"buy", "purchase", "nunua", "kununua", "acheter"}),
        Verb.SELL: frozenset({"sell", "cashout", "withdraw", "uza", "kuuza", "vendre"}),
        Verb.SEND: frozenset({"send", "pay", "transfer", "tuma", "kutuma", "lipa", "kulipa", "envoyer", "payer"}),
    }
)
# words of their own that are one slip away from a verb: "I sent 500 kes to 0712 345 678" asks for nothing
_NO_SLIPS: Final = frozenset({"sent", "lend", "mend", "bend", "spend", "tell", "bell", "cell", "well"})


@dataclass(frozen=True, slots=True)
class _SaidLine:
    """What every line can say; None wherever it says nothing that is certain.

    The first seven are the slots (`line_slots.Slots` tells them). `corrected` is true when the verb had to be read past a
    typing error.
    """

    verb: ClassVar[Verb]
    token: str | None = None
    chain: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    fiat: str | None = None
    address: str | None = field(default=None, repr=False)
    unclear: tuple[UnclearWord, ...] = ()
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class BuyLine(_SaidLine):
    """What a line about buying says: an amount of crypto is to be received, one of money to be spent."""

    verb: ClassVar[Verb] = Verb.BUY


@dataclass(frozen=True, slots=True)
class SellLine(_SaidLine):
    """What a line about selling says. `party` is who gets the money, `address` where the crypto comes from."""

    verb: ClassVar[Verb] = Verb.SELL
    party: Party | None = None


@dataclass(frozen=True, slots=True)
class SendLine(_SaidLine):
    """What a line about sending money says: to whom, and what for."""

    verb: ClassVar[Verb] = Verb.SEND
    party: Party | None = None
    note: str | None = field(default=None, repr=False)


L = TypeVar("L", bound=_SaidLine)
Line = BuyLine | SellLine | SendLine


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong with a line, and the rest of it that can still be used.

    `amount` says why the number was refused, for `AMOUNT`. The contradicting slot of `line` is empty.
    """

    fault: LineFault
    line: Line
    amount: AmountProblem | None = None

    @property
    def text_key(self) -> str:
        """The key of the sentence that asks again."""
        return self.amount.text_key if self.amount is not None else f"line.{self.fault}"


def read_line(
    text: str, *, default_currency: str | None = None, country: str | None = None
) -> Line | LineProblem | None:
    """What `text` asks for; None when it begins with no verb of ours. Never raises.

    `default_currency` is the customer's own, for words that several countries share ("shillings"), and `country`
    (ISO-2) theirs, for numbers as they are dialled there. Crypto that is sent to somebody's phone is sold: that is what
    happens to it.
    """
    if not _is_readable(text):
        return None
    words = text.split()
    while len(words) > 1 and words[0].lower().strip(",!") in OPENERS:
        words = words[1:]
    if not words:
        return None
    verb = _verb_of(words[0])
    if verb is not None:
        return _read(verb, " ".join(words[1:]), default_currency, country)
    slipped = _nearly_verb(words[0])
    if slipped is None:
        return None
    found = _read(slipped, " ".join(words[1:]), default_currency, country)
    line = found.line if isinstance(found, LineProblem) else found
    if not _speaks_for_itself(line, refused=isinstance(found, LineProblem)):
        return None
    corrected = replace(line, corrected=True)
    return replace(found, line=corrected) if isinstance(found, LineProblem) else corrected


def read_wish(text: str, *, default_currency: str | None = None) -> BuyLine | LineProblem:
    """What `text` says when it is read as a line whose verb was left out: "20 usdc", "je veux 5000 fcfa en usdt"."""
    words = words_of(text) if _is_readable(text) else []
    while len(words) > 1 and words[0].lower() in OPENERS:
        words = words[1:]
    return _filled(BuyLine, words, default_currency)


def _read(verb: Verb, text: str, default_currency: str | None, country: str | None) -> Line | LineProblem:
    match verb:
        case Verb.BUY:
            return _filled(BuyLine, words_of(text), default_currency)
        case Verb.SELL:
            cut = cut_party(text, towards=TO, country=country)
            return _filled(SellLine, words_of(" ".join(cut.words)), default_currency, party=cut.party)
        case Verb.SEND:
            cut = cut_party(text, towards=TO, country=country)
            words, note = cut_note(cut.words)
            sent = _filled(SendLine, words_of(" ".join(words)), default_currency, party=cut.party, note=note)
            line = sent.line if isinstance(sent, LineProblem) else sent
            sells = line.token is not None and line.address is None
            return _read(Verb.SELL, text, default_currency, country) if sells else sent


def _filled(kind: type[L], words: list[str], default_currency: str | None, **more: Any) -> L | LineProblem:
    """A line of this kind with the slots that the words fill, or the problem with it."""
    found = read_slots(words, default_currency)
    slots = found if isinstance(found, Slots) else found.slots
    values = {name: getattr(slots, name) for name in Slots.__slots__}
    line = kind(**values, **more)
    return line if isinstance(found, Slots) else LineProblem(found.fault, cast(Line, line), found.amount)


def _is_readable(text: str) -> bool:
    return len(text) <= _MAX_LINE and "\n" not in text.strip() and not reorders_text(text)


def _verb_of(word: str) -> Verb | None:
    plain = word.lower().removeprefix("/").split("@", 1)[0].rstrip(",;:!?.")
    return next((verb for verb, words in VERB_WORDS.items() if plain in words), None)


def _nearly_verb(word: str) -> Verb | None:
    """The verb that is one slip away; other languages' verbs and commands are matched exactly only."""
    lowered = word.lower()
    if not (lowered.isascii() and lowered.isalpha()) or lowered in _NO_SLIPS:
        return None
    found = near(lowered, [verb.value for verb in Verb], slips=1, limit=1)
    return Verb(found[0][0]) if found else None


def _speaks_for_itself(line: Line, *, refused: bool) -> bool:
    """A slip in the verb is forgiven only with an amount, what it is about, and nothing strange beside them."""
    if line.unclear or (line.amount is None and not refused):
        return False
    match line:
        case SendLine():
            return line.currency is not None and (line.party is not None or line.note is not None)
        case _:
            return line.token is not None
