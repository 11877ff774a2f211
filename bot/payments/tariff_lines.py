"""What owners write behind /limits, /limit and /fees: read strictly, since a figure that is guessed moves money.

Amounts are read as customers' are: grouped or not, and what can mean two things is not taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from bot.payments.allowances import EVERYBODY, Bounds, LimitScope, Spot
from bot.payments.amounts import AmountProblem, read_amount
from bot.payments.catalogue import COUNTRIES
from bot.payments.fees import CHARGED, Fee, read_fee
from bot.payments.limits import Limit
from bot.payments.money import UnknownCurrencyError, decimals_of, is_fiat
from bot.payments.pauses import read_scope
from bot.payments.states import PaymentKind

_SET: Final = "set"
_RESET: Final = "reset"


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


def read_limit_line(text: str, limits: Mapping[str, Limit]) -> LimitLine | None:
    """A limit from `set payment KES 500..250000`, `set day KES 100000`, `set country KE 5000000`, `reset day KES`.

    `limits` are those of one payment that hold: a limit of a day below the least of a payment would close a currency
    without saying so, and is not taken. None for whatever cannot be read.
    """
    verb, scope, subject, *rest = [*text.split(), "", "", ""]
    rest = [word for word in rest if word]
    if scope.lower() == LimitScope.COUNTRY:
        iso2 = read_scope(subject)
        country = None if iso2 is None else COUNTRIES.get(iso2)
        if country is None:
            return None
        spot = Spot(LimitScope.COUNTRY, country.iso2, country.currency)
    elif scope.lower() in (LimitScope.PAYMENT, LimitScope.DAY):
        spot = Spot(LimitScope(scope.lower()), EVERYBODY, subject.upper())
    else:
        return None
    return _line(spot, _change(verb.lower(), spot, rest), limits)


def read_customer_line(text: str, customer_id: str, limits: Mapping[str, Limit]) -> LimitLine | None:
    """A customer's own limit of a day from `KES 100000`, `KES reset`; otherwise as `read_limit_line`."""
    currency, *rest = [*text.split(), ""]
    rest = [word for word in rest if word]
    spot = Spot(LimitScope.CUSTOMER, customer_id, currency.upper())
    verb, words = (_RESET, []) if [word.lower() for word in rest] == [_RESET] else (_SET, rest)
    return _line(spot, _change(verb, spot, words), limits)


def read_fee_line(text: str) -> FeeLine | NotCharged | None:
    """A fee from `set send KES 1%+10`, `reset send KES`; None for whatever cannot be read."""
    verb, journey, currency, *rest = [*text.lower().split(), "", "", ""]
    rest = [word for word in rest if word]
    if journey not in tuple(PaymentKind):
        return None
    kind = PaymentKind(journey)
    if kind not in CHARGED:
        return NotCharged()
    if not _is_money(currency.upper()):
        return None
    if verb == _RESET and not rest:
        return FeeLine(kind, currency.upper(), None)
    fee = read_fee("".join(rest)) if verb == _SET and rest else None
    if fee is None or _places(fee.fixed) > decimals_of(currency.upper()):
        return None
    return FeeLine(kind, currency.upper(), fee)


def _line(spot: Spot, bounds: Bounds | Literal[False] | None, limits: Mapping[str, Limit]) -> LimitLine | None:
    limit = limits.get(spot.currency)
    if bounds is False:
        return None
    of_day = bounds is not None and spot.scope is not LimitScope.PAYMENT
    if of_day and bounds is not None and limit is not None and bounds.most < limit.minimum:
        return None
    return LimitLine(spot, bounds)


def _change(verb: str, spot: Spot, words: list[str]) -> Bounds | Literal[False] | None:
    """The bounds that are asked for, None to go back, False for what cannot be read."""
    if not _is_known(spot.currency) or (spot.scope is not LimitScope.PAYMENT and not is_fiat(spot.currency)):
        return False
    if verb == _RESET:
        return False if words else None
    amounts = [_amount(word, spot.currency) for word in " ".join(words).replace("..", " ").split()]
    if verb != _SET or any(amount is None for amount in amounts):
        return False
    match spot.scope, amounts:
        case LimitScope.PAYMENT, [Decimal() as least, Decimal() as most] if least <= most:
            return Bounds(least, most)
        case LimitScope.DAY | LimitScope.COUNTRY | LimitScope.CUSTOMER, [Decimal() as most]:
            return Bounds(None, most)
        case _:
            return False


def _amount(word: str, currency: str) -> Decimal | None:
    found = read_amount(word, decimals=decimals_of(currency))
    return None if isinstance(found, AmountProblem) else found


def _is_known(currency: str) -> bool:
    try:
        decimals_of(currency)
    except UnknownCurrencyError:
        return False
    return True


def _is_money(currency: str) -> bool:
    return _is_known(currency) and is_fiat(currency)


def _places(number: Decimal) -> int:
    return max(0, -int(number.normalize().as_tuple().exponent))
