"""How much may be moved in a day: by one customer, and in one country. Days are those of UTC.

What counts is the money that moves in the customer's own currency, without fees: what a purchase spends on crypto, what a
transfer sends, what a sale pays out. It counts from the yes on, and is given back when a payment ends with nobody's money
moved. Counting is done in whole ten-thousandths, since a database must add and compare them exactly in one statement.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Context, Decimal
from enum import StrEnum
from typing import Final

from bot.payments.money import Money
from bot.payments.states import PaymentState

EVERYBODY: Final = "*"  # the subject of a rule that is for all customers
MOST_UNITS: Final = 10**15  # far above any payment; keeps sums of a day inside 64 bits
MOST_PROMPTS: Final = 3  # in an hour, to a phone that is not the own one of whoever pays
MOST_OWN_PROMPTS: Final = 30  # in an hour, to their own: what customers say of themselves is not proven
# a payment that came to one of these has moved nobody's money, or moved all of it back
NOTHING_MOVED: Final = frozenset(
    {PaymentState.CANCELLED, PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.REFUNDED}
)
_PLACES: Final = 4
_EXACT: Final = Context(prec=120)


class LimitScope(StrEnum):
    """What a limit that operators set is for."""

    PAYMENT = "payment"  # the least and the most of one payment, in a currency
    DAY = "day"  # the most that each customer moves in a day
    COUNTRY = "country"  # the most that is moved in a country in a day, by all customers together
    CUSTOMER = "customer"  # in the place of DAY, for one customer


@dataclass(frozen=True, slots=True)
class Spot:
    """The one thing that a rule is about: `subject` is `EVERYBODY`, a country (ISO-2) or a customer's id."""

    scope: LimitScope
    subject: str
    currency: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be moved in a day and what was: `whose` is COUNTRY, DAY, or CUSTOMER where it is one customer's own."""

    whose: LimitScope
    most: Money
    used: Money
    renews_at: datetime

    @property
    def left(self) -> Money:
        """What may still be moved; never below zero, also where the limit was lowered meanwhile."""
        return Money(max(self.most.amount - self.used.amount, Decimal(0)), self.most.currency)

    @property
    def text_key(self) -> str:
        """The key of the sentence about an amount that is too much for today."""
        return "limit.country_day" if self.whose is LimitScope.COUNTRY else "limit.day"

    @property
    def used_up_key(self) -> str:
        """The key of the sentence where nothing is left."""
        return "limit.country_day_used" if self.whose is LimitScope.COUNTRY else "limit.day_used"

    @property
    def left_key(self) -> str:
        """The key of the line about what is left."""
        return "limit.country_today" if self.whose is LimitScope.COUNTRY else "limit.today"


def units_of(amount: Decimal) -> int:
    """An amount in whole ten-thousandths, rounded up; no more than `MOST_UNITS`."""
    scaled = amount.scaleb(_PLACES, _EXACT)
    return min(int(scaled.to_integral_value(ROUND_CEILING)), MOST_UNITS)


def amount_of(units: int) -> Decimal:
    """The other way round, exactly."""
    return Decimal(units).scaleb(-_PLACES, _EXACT)


def utc_day(now: datetime) -> str:
    """The name of the day that a moment belongs to: 2026-11-25."""
    return now.astimezone(UTC).date().isoformat()


def utc_hour(now: datetime) -> str:
    """The name of its hour: 2026-11-25T14."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H")


def day_over_at(now: datetime) -> datetime:
    """When the day ends that a moment belongs to."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def hour_over_at(now: datetime) -> datetime:
    """When its hour ends."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a rule allows: the most, and for one payment also the least."""

    least: Decimal | None
    most: Decimal


@dataclass(frozen=True, slots=True)
class TooManyPrompts:
    """A phone was asked for money as often in this hour as the assistant does; from `renews_at` on it may be again."""

    renews_at: datetime


@dataclass(frozen=True, slots=True)
class FeeChanged:
    """The fee of an offer is not the one that is charged now."""
