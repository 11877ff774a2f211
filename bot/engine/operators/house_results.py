"""What operators are about to order of the house's own money, for screens to draw: typed, and nothing in it can be changed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.engine.results import HouseRequest, PayoutRequest
from bot.payments.approval import Second
from bot.payments.money import Money

Kind = Literal["payout", "collection"]  # of orders, and of the questions before them


@dataclass(frozen=True, slots=True)
class Draft:
    """What an operator is about to order. `networks` are those that a phone's money can go by, the chosen one first."""

    request: HouseRequest
    networks: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """Which of the two it is."""
        return "payout" if isinstance(self.request, PayoutRequest) else "collection"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A payout of the same amount to the same place: its code, or that of the file it is a row of, and how long ago.

    `order`: the order of what waits for a second operator still, which has no code of its own; None once it was carried out.
    """

    code: str
    ago: timedelta
    order: str | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """What the payout balance would hold after a payout, below zero where it does not cover it; and the deposit balance.

    `promised` is what payments that are approved and not sent yet take; it is taken off already. `transfer` is what stands
    behind the command that moves what is missing; empty where the deposit balance does not hold so much.
    """

    payout: Money
    deposit: Money
    promised: Money
    transfer: str = ""

    @property
    def missing(self) -> Money | None:
        """What the payout balance lacks; None where it covers it."""
        return Money(-self.payout.amount, self.payout.currency) if self.payout.amount < 0 else None


@dataclass(frozen=True, slots=True)
class Prospect:
    """How things stand for a draft. `left`: None for a collection, and where the provider does not say. `second`: whether
    another operator must approve it. `repeat`: the payout that it seems to repeat.
    """

    draft: Draft
    left: Left | None
    second: Second
    repeat: Repeat | None = None
