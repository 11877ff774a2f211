"""Reading an amount that a person typed: exactly one meaning, or a reason to ask again. Nothing is ever guessed.

"1,500" is one and a half for some people and fifteen hundred for others. Where both can be meant the answer is a
problem that carries the possible readings, so that the dialogue can offer them as buttons. Only for a currency of whole
units is a comma before three digits taken for thousands, because the other reading cannot be paid.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from enum import StrEnum
from typing import Final

from bot.payments.currency_words import UnclearCurrency, currency_of
from bot.payments.money import UnknownCurrencyError, decimals_of, to_plain
from bot.payments.typed_text import plain_characters, reorders_text

MAX_WHOLE_DIGITS: Final = 15
_MAX_TEXT: Final = 60
_LOOSE_DECIMALS: Final = 6  # how strictly a number is read while its currency is still unknown
_POLITE: Final = frozenset({"only", "please", "pls", "tu", "tafadhali", "svp"})
_MULTIPLIERS: Final = {"": 0, "k": 3, "m": 6}

_NUMBER = re.compile(r"(?P<sign>-?)\s?(?P<body>[0-9.,' ]*[0-9][0-9.,']*)\s?(?P<suffix>[kKmM]?)")
_AROUND = re.compile(r"(?P<before>[^0-9.,'-]*?)\s*(?P<number>-?\s?[.,]?[0-9](?:[0-9.,' ]*[0-9])?[.,']*)(?P<after>.*)")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?:\.[0-9]{3})+|(?: [0-9]{3})+|(?:'[0-9]{3})+)")
_PLAIN = re.compile(r"0|[1-9][0-9]*")
_ABBREVIATION = re.compile(r"(?<=[^\W\d_])\.(?=\s?[0-9])")
_WORD = re.compile(r"/[=-]|us\$|gh₵|[$₵₦]|[^\W\d_]+[0-9]?\.?", re.IGNORECASE)


class AmountFault(StrEnum):
    """Why a typed amount cannot be used."""

    NOT_A_NUMBER = "not_a_number"
    AMBIGUOUS = "ambiguous"
    NEGATIVE = "negative"
    ZERO = "zero"
    TOO_MANY_DECIMALS = "too_many_decimals"
    TOO_LONG = "too_long"
    UNKNOWN_CURRENCY = "unknown_currency"
    UNCLEAR_CURRENCY = "unclear_currency"


@dataclass(frozen=True, slots=True)
class AmountProblem:
    """Why a typed amount was not taken.

    `readings` are the payable values of an ambiguous number, largest first, without those that the currency cannot
    express (so there may be only one), and `meanings` all that it can mean. `decimals` is how many places are allowed, for
    `TOO_MANY_DECIMALS`. `word` is the word that was not understood, `currencies` what it could stand for. `currency` is
    the currency that the person did name, where that part was clear.
    """

    fault: AmountFault
    readings: tuple[Decimal, ...] = ()
    decimals: int | None = None
    word: str | None = None
    currencies: tuple[str, ...] = ()
    currency: str | None = None
    meanings: tuple[Decimal, ...] = ()

    @property
    def text_key(self) -> str:
        """The key of the sentence that asks again."""
        return f"amount.{self.fault}"


@dataclass(frozen=True, slots=True)
class ParsedAmount:
    """An amount above zero, and the currency that was written beside it (None when there was none)."""

    amount: Decimal
    currency: str | None


def read_amount(text: str, *, decimals: int) -> Decimal | AmountProblem:
    """The number in `text`, above zero and with at most `decimals` places, or the reason why not. Never raises.

    Understands grouping by comma, point, space or apostrophe, either decimal mark where it is certain, digits of any
    script, and the endings k (thousand) and m (million). Zeros at the end of the decimals do not count.
    """
    if len(text) > _MAX_TEXT:
        return AmountProblem(AmountFault.TOO_LONG if _mostly_digits(text) else AmountFault.NOT_A_NUMBER)
    found = None if reorders_text(text) else _NUMBER.fullmatch(plain_characters(text))
    if found is None:
        return AmountProblem(AmountFault.NOT_A_NUMBER)
    suffix = found["suffix"].lower()
    readings = _readings(found["body"].strip(), whole_units=decimals == 0 and not suffix)
    if not readings:
        return AmountProblem(AmountFault.NOT_A_NUMBER)
    if found["sign"]:
        return AmountProblem(AmountFault.NEGATIVE)
    scaled = [_scaled(reading, _MULTIPLIERS[suffix]) for reading in readings]
    if any(value >= Decimal(10) ** MAX_WHOLE_DIGITS for value in scaled):
        return AmountProblem(AmountFault.TOO_LONG)
    if len(readings) > 1:
        payable = tuple(value for value in scaled if value > 0 and _places(value) <= decimals)
        return AmountProblem(AmountFault.AMBIGUOUS, readings=payable, meanings=tuple(scaled))
    value = scaled[0]
    if value == 0:
        return AmountProblem(AmountFault.ZERO)
    if _places(value) > decimals:
        return AmountProblem(AmountFault.TOO_MANY_DECIMALS, decimals=decimals)
    return value


def read_money(
    text: str, *, default_currency: str | None, decimals: Callable[[str], int] = decimals_of
) -> ParsedAmount | AmountProblem:
    """An amount with or without a currency beside it: "500", "KES 500", "500 bob", "500/=", "$20", "1.5k ksh".

    `default_currency` settles words that several countries share ("shillings") and says how many decimals are allowed
    when no currency is written. The answer's currency is None unless one was written. Never raises.
    """
    if len(text) > _MAX_TEXT:
        return AmountProblem(AmountFault.TOO_LONG if _mostly_digits(text) else AmountFault.NOT_A_NUMBER)
    # the point of "Ksh.500" ends an abbreviation
    plain = _ABBREVIATION.sub(" ", plain_characters(text)).rstrip("!?; ")
    found = None if reorders_text(text) else _AROUND.fullmatch(plain)
    if found is None:
        return AmountProblem(AmountFault.NOT_A_NUMBER)
    suffix, after = _split_suffix(found["after"])
    currency = _written_currency(found["before"], after, default_currency)
    if isinstance(currency, AmountProblem):
        return currency
    effective = currency or default_currency
    try:
        places = decimals(effective) if effective is not None else _LOOSE_DECIMALS
    except UnknownCurrencyError:
        return AmountProblem(AmountFault.UNKNOWN_CURRENCY, word=effective)
    amount = read_amount(found["number"] + suffix, decimals=places)
    if isinstance(amount, AmountProblem):
        return replace(amount, currency=currency)
    if suffix == "k" and currency is None and effective in {"ZMW", "MWK"}:
        # there K is also the sign of the currency itself: 500K is five hundred kwacha to some
        unscaled = _scaled(amount, -3)
        readings = (amount, unscaled) if _places(unscaled) <= places else (amount,)
        return AmountProblem(AmountFault.AMBIGUOUS, readings=readings, meanings=(amount, unscaled))
    return ParsedAmount(amount=amount, currency=currency)


def _readings(body: str, *, whole_units: bool) -> tuple[Decimal, ...]:
    """Every value that the digits and separators of `body` can mean, largest first; empty when they mean nothing."""
    whole = _whole(body)
    # the last point or comma may be a decimal mark, unless the same sign stands before it as well
    mark = max(body.rfind("."), body.rfind(","))
    fraction = _fraction(body, mark) if mark >= 0 else None
    if whole is not None and fraction is not None:
        return (whole,) if whole_units and body[mark] == "," else (whole, fraction)
    if fraction is not None and whole is None and _looks_grouped_throughout(body, mark):
        return (Decimal(re.sub(r"[., ']", "", body)), fraction)
    return tuple(value for value in (whole, fraction) if value is not None)


def _whole(body: str) -> Decimal | None:
    if _PLAIN.fullmatch(body):
        return Decimal(body)
    return Decimal(re.sub(r"[., ']", "", body)) if _GROUPED.fullmatch(body) else None


def _fraction(body: str, mark: int) -> Decimal | None:
    before, after = body[:mark], body[mark + 1 :]
    if body[mark] in before or not (after.isascii() and after.isdigit()):
        return None
    units = Decimal(0) if before == "" else _whole(before)
    return None if units is None else Decimal(f"{units:f}.{after}")


def _looks_grouped_throughout(body: str, mark: int) -> bool:
    """True for "1 000,500": grouped by spaces, then a mark and three digits, which may be one more group."""
    return len(body) - mark == 4 and (" " in body or "'" in body)


def _split_suffix(after: str) -> tuple[str, str]:
    found = re.fullmatch(r"\s?([kKmM])(?:\s+(.*))?", after)
    return (found[1].lower(), found[2] or "") if found else ("", after)


def _written_currency(before: str, after: str, default_currency: str | None) -> str | AmountProblem | None:
    """The one currency that is written around a number, None when there is no word at all."""
    seen: list[str] = []
    for part in (before, after):
        for word in part.split():
            pieces = _WORD.findall(word)
            if "".join(pieces) != word:
                return AmountProblem(AmountFault.NOT_A_NUMBER)
            for piece in pieces:
                if piece.lower() in _POLITE:
                    continue
                currency = currency_of(piece, default_currency) or currency_of(piece.rstrip("."), default_currency)
                if currency is None and not piece.isalpha():
                    return AmountProblem(AmountFault.NOT_A_NUMBER)  # "1e9" is no number with a word behind it
                if currency is None:
                    return AmountProblem(AmountFault.UNKNOWN_CURRENCY, word=piece)
                if isinstance(currency, UnclearCurrency):
                    return AmountProblem(AmountFault.UNCLEAR_CURRENCY, word=piece, currencies=currency.could_be)
                seen.append(currency)
    distinct = tuple(dict.fromkeys(seen))
    if len(distinct) > 1:
        return AmountProblem(AmountFault.UNCLEAR_CURRENCY, currencies=distinct)
    return distinct[0] if distinct else None


def _scaled(value: Decimal, power: int) -> Decimal:
    return Decimal(to_plain(value.scaleb(power, context=Context(prec=_MAX_TEXT * 2))))


def _places(value: Decimal) -> int:
    """How many decimals `value` needs once needless zeros are gone."""
    return max(0, -int(Decimal(to_plain(value)).as_tuple().exponent))


def _mostly_digits(text: str) -> bool:
    return sum(char.isdecimal() for char in text) * 2 > len(text)
