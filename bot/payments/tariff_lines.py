"""What owners write behind /limits, /limit and /fees: read strictly, since a figure that is guessed moves money.

Amounts are read as customers' are: grouped or not, and what can mean two things is not taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.payments.allowances import EVERYBODY, Bounds, LimitScope, Spot
from bot.payments.catalogue import COUNTRIES
from bot.payments.fees import CHARGED, MOST_PERCENT, Fee, percent_in, read_fee
from bot.payments.limits import Limit
from bot.payments.money import Money, decimals_of, to_plain
from bot.payments.pauses import read_scope
from bot.payments.states import PaymentKind
from bot.payments.wrong_words import Why, WrongWord, amount_of, fiat_of

_SET: Final = "set"
_RESET: Final = "reset"
_FEE_SIGNS: Final = frozenset("0123456789.%+")  # of which a fee is made, which may have spaces inside


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit as it should be; `bounds` None: as it is without a command."""

    spot: Spot
    bounds: Bounds | None


@dataclass(frozen=True, slots=True)
class FeeLine:
    """A fee as it should be; `fee` None: as the settings say."""

    kind: PaymentKind
    currency: str
    fee: Fee | None


@dataclass(frozen=True, slots=True)
class NotCharged:
    """A journey that carries no fee of ours."""


def read_limit_line(text: str, limits: Mapping[str, Limit]) -> LimitLine | WrongWord:
    """A limit from `set payment KES 500..250000`, `set day KES 100000`, `set country KE 5000000`, `reset day KES`.

    `limits` are those of one payment that hold: a limit of a day below the least of a payment would close a currency
    without saying so, and is not taken. Otherwise the word that is wrong.
    """
    words = text.split()
    if not words or words[0].lower() not in (_SET, _RESET):
        return WrongWord(Why.VERB, words[0]) if words else WrongWord(Why.MISSING)
    if len(words) > 1 and words[1].lower() not in (LimitScope.PAYMENT, LimitScope.DAY, LimitScope.COUNTRY):
        return WrongWord(Why.LIMIT, words[1])
    if len(words) < 3:
        return WrongWord(Why.MISSING, words[-1])
    verb, scope, subject, *rest = words
    spot = _spot(LimitScope(scope.lower()), subject)
    return spot if isinstance(spot, WrongWord) else _line(verb.lower(), spot, subject, rest, limits)


def read_customer_line(text: str, customer_id: str, limits: Mapping[str, Limit]) -> LimitLine | WrongWord:
    """A customer's own limit of a day from `KES 100000`, `KES reset`; otherwise as `read_limit_line`."""
    words = text.split()
    if not words:
        return WrongWord(Why.MISSING)
    currency = fiat_of(words[0])
    if isinstance(currency, WrongWord):
        return currency
    spot, rest = Spot(LimitScope.CUSTOMER, customer_id, currency), words[1:]
    if rest and rest[0].lower() == _RESET:
        return _line(_RESET, spot, words[0], rest[1:], limits)
    return _line(_SET, spot, words[0], rest, limits)


def read_fee_line(text: str) -> FeeLine | NotCharged | WrongWord:
    """A fee from `set send KES 1%+10`, `reset send KES`; otherwise the word that is wrong."""
    words = text.split()
    if not words or words[0].lower() not in (_SET, _RESET):
        return WrongWord(Why.VERB, words[0]) if words else WrongWord(Why.MISSING)
    if len(words) > 1 and words[1].lower() not in tuple(PaymentKind):
        return WrongWord(Why.JOURNEY, words[1])
    if len(words) < 3:
        return WrongWord(Why.MISSING, words[-1])
    verb, journey, named, *rest = words
    kind, currency = PaymentKind(journey.lower()), fiat_of(named)
    if kind not in CHARGED:
        return NotCharged()
    if isinstance(currency, WrongWord):
        return currency
    if verb.lower() == _RESET:
        return WrongWord(Why.EXTRA, rest[0]) if rest else FeeLine(kind, currency, None)
    if not rest:
        return WrongWord(Why.MISSING, named)
    extra = next((word for word in rest[1:] if set(word) - _FEE_SIGNS), None)
    fee = WrongWord(Why.EXTRA, extra) if extra is not None else _fee("".join(rest), currency)
    return fee if isinstance(fee, WrongWord) else FeeLine(kind, currency, fee)


def _spot(scope: LimitScope, subject: str) -> Spot | WrongWord:
    """Where a limit holds. Only the limit of one payment may be in crypto."""
    if scope is LimitScope.COUNTRY:
        iso2 = read_scope(subject)
        country = None if iso2 is None else COUNTRIES.get(iso2)
        return WrongWord(Why.COUNTRY, subject) if country is None else Spot(scope, country.iso2, country.currency)
    currency = fiat_of(subject)
    if isinstance(currency, WrongWord) and (scope is not LimitScope.PAYMENT or currency.why is not Why.CRYPTO):
        return currency
    return Spot(scope, EVERYBODY, subject.upper())


def _line(verb: str, spot: Spot, subject: str, words: list[str], limits: Mapping[str, Limit]) -> LimitLine | WrongWord:
    """The limit that is asked for, or no limit of ours any more."""
    if verb == _RESET:
        return WrongWord(Why.EXTRA, words[0]) if words else LimitLine(spot, None)
    said = " ".join(words).replace("..", " ").split()
    if not said:
        return WrongWord(Why.MISSING, subject)
    wanted = 2 if spot.scope is LimitScope.PAYMENT else 1
    amounts: list[Money] = []
    for word in said[:wanted]:
        amount = amount_of(word, spot.currency)
        if isinstance(amount, WrongWord):
            return amount
        amounts.append(amount)
    if len(said) > wanted:
        return WrongWord(Why.EXTRA, said[wanted])
    if len(amounts) < wanted:
        return WrongWord(Why.BOUNDS, said[0])
    if spot.scope is LimitScope.PAYMENT:
        least, most = amounts
        return (
            WrongWord(Why.ORDER, said[0])
            if least.amount > most.amount
            else LimitLine(spot, Bounds(least.amount, most.amount))
        )
    limit = limits.get(spot.currency)
    if limit is not None and amounts[0].amount < limit.minimum:
        return WrongWord(Why.BELOW_LEAST, said[0], {"least": Money(limit.minimum, spot.currency)})
    return LimitLine(spot, Bounds(None, amounts[0].amount))


def _fee(text: str, currency: str) -> Fee | WrongWord:
    percent = percent_in(text)
    if percent is not None and percent > MOST_PERCENT:
        return WrongWord(Why.PERCENT, text, {"most": to_plain(MOST_PERCENT)})
    fee = read_fee(text)
    if fee is None:
        return WrongWord(Why.FEE, text)
    return WrongWord(Why.AMOUNT_DECIMALS, text) if _places(fee.fixed) > decimals_of(currency) else fee


def _places(number: Decimal) -> int:
    return max(0, -int(number.normalize().as_tuple().exponent))
