"""From which amount on what operators order needs a second one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bot.payments.money import Money

_NOTHING: Final[Mapping[str, Decimal]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Approval:
    """`above` says, per currency, how much one operator may move alone; a currency that it does not name: nothing.

    `never`: one operator may move anything alone.
    """

    above: Mapping[str, Decimal] = field(default_factory=lambda: _NOTHING)
    never: bool = False

    def needs_second(self, amounts: Sequence[Money]) -> bool:
        """Whether moving these amounts needs a second operator. Amounts of one currency count together."""
        if self.never:
            return False
        totals: dict[str, Money] = {}
        for one in amounts:
            totals[one.currency] = totals[one.currency] + one if one.currency in totals else one
        return any(total.amount > self.above.get(currency, Decimal(0)) for currency, total in totals.items())
