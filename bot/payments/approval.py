"""From which amount on what operators order needs a second one of them.

What one of them moved alone shortly before counts with it: else an amount in parts would need nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bot.payments.money import Money

ALONE_FOR: Final = timedelta(hours=24)  # how long what somebody moved alone counts
_NOTHING: Final[Mapping[str, Decimal]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Second:
    """Whether a second operator is needed. `together`: what somebody would have moved alone, where only that needs one."""

    needed: bool
    together: Money | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """`above` says, per currency, how much one operator may move alone; a currency that it does not name: nothing.

    `never`: one operator may move anything alone.
    """

    above: Mapping[str, Decimal] = field(default_factory=lambda: _NOTHING)
    never: bool = False

    def needs_second(self, amounts: Sequence[Money]) -> bool:
        """Whether moving these amounts needs a second operator. Amounts of one currency count together."""
        return self.second(amounts, ()).needed

    def second(self, amounts: Sequence[Money], before: Sequence[Money]) -> Second:
        """Whether moving these needs one, after the same operator moved those `before` alone within `ALONE_FOR`."""
        if self.never:
            return Second(False)
        now = _totals(amounts)
        if any(self._is_above(total) for total in now.values()):
            return Second(True)
        together = _totals([*before, *amounts])
        above = [together[currency] for currency in now if self._is_above(together[currency])]
        return Second(True, above[0]) if above else Second(False)

    def _is_above(self, total: Money) -> bool:
        return total.amount > self.above.get(total.currency, Decimal(0))


def _totals(amounts: Sequence[Money]) -> dict[str, Money]:
    totals: dict[str, Money] = {}
    for one in amounts:
        totals[one.currency] = totals[one.currency] + one if one.currency in totals else one
    return totals
