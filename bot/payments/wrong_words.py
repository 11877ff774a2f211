"""Which word behind an operators' command is wrong, and why: nothing is guessed that moves money, so it is asked again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from bot.payments.amounts import AmountFault, AmountProblem, read_amount
from bot.payments.money import Money, UnknownCurrencyError, decimals_of, is_fiat


class Why(StrEnum):
    """What is wrong: the last part of the key of its sentence, `ops.wrong.<why>`. Each names the word but those so marked."""

    MISSING = "missing"  # the word is the last that was there
    EXTRA = "extra"
    LONG = "long"  # names `most` words
    VERB = "verb"  # neither set nor reset
    LIMIT = "limit"  # no kind of limit
    JOURNEY = "journey"  # none that carries a fee
    PART = "part"  # nothing that can be closed
    MAINTENANCE = "maintenance"  # closed and opened by a command of its own
    COUNTRY = "country"
    CURRENCY = "currency"
    CRYPTO = "crypto"  # where money is wanted
    AMOUNT = "amount"
    AMOUNT_SIGN = "amount_sign"  # nothing, or less
    AMOUNT_DECIMALS = "amount_decimals"
    AMOUNT_AMBIGUOUS = "amount_ambiguous"
    BOUNDS = "bounds"  # the least without the most
    ORDER = "order"  # the least is above the most
    BELOW_LEAST = "below_least"  # names `least`, of one payment
    FEE = "fee"
    PERCENT = "percent"  # names `most` percent
    PERIOD = "period"
    MONTH = "month"
    DAY = "day"
    BACKWARDS = "backwards"  # the last day before the first
    SPAN = "span"  # names `most` days
    FUTURE = "future"
    TOO_OLD = "too_old"
    REFERENCE = "reference"
    COLON = "colon"  # no word: the reason is not behind a colon
    SWITCH = "switch"  # neither on nor off
    AUDIENCE = "audience"
    WORDS = "words"  # no word: those for customers are missing
    ALERTS = "alerts"
    TOWARDS = "towards"  # the word that is missing
    NUMBER = "number"  # no word: where it goes to, or comes from
    PARTY = "party"  # no word: where money goes back to
    NAME = "name"  # no word
    NOTE = "note"  # no word: what for
    NO_AMOUNT = "no_amount"  # no word
    NO_CURRENCY = "no_currency"  # the word is the amount
    AMOUNTS = "amounts"  # no word: there are several
    BANK = "bank"  # no word
    OWN = "own"  # no word: "my phone"
    NO_PHONE = "no_phone"  # where only a phone will do
    LONG_LINE = "long_line"  # no word: too long, or not on one line


@dataclass(frozen=True, slots=True)
class WrongWord:
    """A line that is not taken. `word` as it was written; `names` is what else its sentence names."""

    why: Why
    word: str = ""
    names: Mapping[str, object] = field(default_factory=dict, compare=False)


def fiat_of(word: str) -> str | WrongWord:
    """The currency of money that a word names; coins of chains are none."""
    code = word.upper()
    try:
        decimals_of(code)
    except UnknownCurrencyError:
        return WrongWord(Why.CURRENCY, word)
    return code if is_fiat(code) else WrongWord(Why.CRYPTO, word)


def amount_of(word: str, currency: str) -> Money | WrongWord:
    """The amount that a word says in a currency that is known, above zero."""
    found = read_amount(word, decimals=decimals_of(currency))
    if isinstance(found, Decimal):
        return Money(found, currency)
    return WrongWord(_why_no_amount(found), word)


def _why_no_amount(found: AmountProblem) -> Why:
    match found.fault:
        case AmountFault.NEGATIVE | AmountFault.ZERO:
            return Why.AMOUNT_SIGN
        case AmountFault.TOO_MANY_DECIMALS:
            return Why.AMOUNT_DECIMALS
        case AmountFault.AMBIGUOUS:
            return Why.AMOUNT_AMBIGUOUS
        case _:
            return Why.AMOUNT
