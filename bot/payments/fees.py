"""What the business charges on top of the provider's own fees: a percentage and a fixed part, per kind and currency.

Without a setting nothing is charged. Only what we collect ourselves can carry such a fee: a buyer and a seller deal
with the provider at its price.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.payments.money import Money, to_plain
from bot.payments.states import PaymentKind

CHARGED: Final = (PaymentKind.SEND, PaymentKind.REQUEST)
MOST_PERCENT: Final = Decimal(50)
_WRITTEN: Final = re.compile(
    r"(?:(?P<percent>\d{1,2}(?:\.\d{1,4})?)%)?(?:(?(percent)\+)(?P<fixed>\d{1,9}(?:\.\d{1,2})?))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Fee:
    """`percent` of what is sent and `fixed` in its currency. `ValueError` for what no customer would believe."""

    percent: Decimal = Decimal(0)
    fixed: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if not (self.percent.is_finite() and self.fixed.is_finite()):
            raise ValueError("a fee is a number")
        if not 0 <= self.percent <= MOST_PERCENT or self.fixed < 0:
            raise ValueError(f"a fee lies between 0 and {MOST_PERCENT} percent, and its fixed part is not below 0")

    @property
    def written(self) -> str:
        """As it is set: "1%+10", "0.5%", "10", "0". Equal fees are written alike."""
        parts = [f"{to_plain(self.percent)}%"] if self.percent else []
        return "+".join([*parts, *([to_plain(self.fixed)] if self.fixed else [])]) or "0"


Fees = Mapping[tuple[PaymentKind, str], Fee]
NO_FEE: Final = Fee()


def read_fee(text: str) -> Fee | None:
    """A fee as it is written: "1%+10", "0.5%", "10"; None for anything else, and for what no fee can be."""
    found = _WRITTEN.fullmatch(text.replace(" ", ""))
    if found is None or (found["percent"] is None and found["fixed"] is None):
        return None
    try:
        return Fee(Decimal(found["percent"] or 0), Decimal(found["fixed"] or 0))
    except ValueError:
        return None


def percent_in(text: str) -> Decimal | None:
    """The percentage that a written fee begins with, also one that is too much to be a fee; None where there is none."""
    found = re.match(r"(\d{1,9}(?:\.\d{1,9})?)%", text, re.ASCII)
    return None if found is None else Decimal(found[1])


def fee_on(amount: Money, kind: PaymentKind, fees: Fees) -> Money:
    """Our fee on `amount`, rounded up to what the currency can be paid in; zero where none is set."""
    fee = fees.get((kind, amount.currency))
    if fee is None:
        return Money(Decimal(0), amount.currency)
    return Money(amount.amount * fee.percent / 100 + fee.fixed, amount.currency).quantize_up()
