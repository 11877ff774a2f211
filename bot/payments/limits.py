"""The least and the most that one payment may move, per currency; and from where on a customer is asked twice.

The provider does not publish its limits per corridor and answers a refusal with a sentence. These are the business's
own starting values; the operator's settings replace them. One is a network's: M-Pesa takes at most 250,000 KES.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.payments.money import Money

NEVER: Final = "never"
HOLDS: Final = (0, 5, 10, 30)  # seconds after the yes in which a transfer can still be stopped
DEFAULT_HOLD: Final = 5


@dataclass(frozen=True, slots=True)
class Limit:
    """The least and the most of one currency, both allowed. `ValueError` unless 0 < minimum <= maximum."""

    minimum: Decimal
    maximum: Decimal

    def __post_init__(self) -> None:
        if not (self.minimum.is_finite() and self.maximum.is_finite() and 0 < self.minimum <= self.maximum):
            raise ValueError("a limit needs 0 < minimum <= maximum")


class LimitFault(StrEnum):
    """On which side of the limit an amount lies."""

    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class LimitProblem:
    """An amount outside its limit; `bound` is the nearest amount that is allowed."""

    fault: LimitFault
    bound: Money

    @property
    def text_key(self) -> str:
        """The key of the sentence that asks again."""
        return f"limit.{self.fault}"


DEFAULT_LIMITS: Final[Mapping[str, Limit]] = MappingProxyType(
    {
        currency: Limit(Decimal(minimum), Decimal(maximum))
        for currency, minimum, maximum in (
            ("KES", 500, 250_000),
            ("GHS", 100, 30_000),
            ("ZAR", 200, 40_000),
            ("UGX", 10_000, 5_000_000),
            ("TZS", 10_000, 3_000_000),
            ("ZMW", 50, 20_000),
            ("RWF", 5_000, 2_000_000),
            ("XAF", 2_000, 1_000_000),
            ("XOF", 2_000, 1_000_000),
            ("CDF", 10_000, 5_000_000),
            ("USDC", 1, 2_000),
            ("USDT", 1, 2_000),
            ("CUSD", 1, 2_000),
        )
    }
)


# Above this, the first payment to somebody asks for the end of the number again: our decision, some days of small trade.
DEFAULT_ASK_AGAIN: Final[Mapping[str, Decimal]] = MappingProxyType(
    {
        currency: Decimal(amount)
        for currency, amount in (
            ("KES", 5_000),
            ("GHS", 500),
            ("ZAR", 1_000),
            ("UGX", 150_000),
            ("TZS", 100_000),
            ("ZMW", 1_000),
            ("RWF", 50_000),
            ("XAF", 25_000),
            ("XOF", 25_000),
            ("CDF", 100_000),
        )
    }
)


def asks_again(amount: Money, chosen: str | None) -> bool:
    """Whether a first payment of `amount` to somebody asks for the end of their number again.

    `chosen` is the customer's setting: None for our default, `NEVER`, or an amount as text ("5000 KES"; 0 is always). In a
    currency that it does not count, the default decides; one that has none is asked about.
    """
    if chosen == NEVER:
        return False
    least = DEFAULT_ASK_AGAIN.get(amount.currency, Decimal(0))
    if chosen is not None:
        number, _, currency = chosen.partition(" ")
        if Decimal(number) == 0:
            return True
        least = Decimal(number) if currency == amount.currency else least
    return amount.amount > least


def with_overrides(overrides: Mapping[str, Limit]) -> Mapping[str, Limit]:
    """The default limits with some of them replaced or added, read-only."""
    return MappingProxyType({**DEFAULT_LIMITS, **overrides})


def check(amount: Money, limits: Mapping[str, Limit] = DEFAULT_LIMITS) -> LimitProblem | None:
    """Why `amount` may not be moved, None when it may. A currency without a limit is left to the provider's own."""
    limit = limits.get(amount.currency)
    if limit is None:
        return None
    if amount.amount < limit.minimum:
        return LimitProblem(LimitFault.TOO_SMALL, Money(limit.minimum, amount.currency))
    if amount.amount > limit.maximum:
        return LimitProblem(LimitFault.TOO_LARGE, Money(limit.maximum, amount.currency))
    return None
