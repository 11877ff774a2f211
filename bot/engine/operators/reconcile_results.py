"""What a reconciliation gives back, for screens to draw: typed, and nothing in it can be changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from bot.payments.reconciling import DifferenceKind
from bot.payments.reconciling_balances import BalanceLine

PACE: Final = timedelta(seconds=2)  # between two legs: half of the reads that the provider allows, at most
STOPPED: Final = "stopped"  # the trouble of a run that somebody ended


@dataclass(frozen=True, slots=True)
class RunView:
    """One comparison of a day. `balances` is None until the wallets were read; `trouble` is why it waits, or ended.

    `total` counts the legs of the day; `seen` of them were looked at. `found` were news.
    """

    id: str
    day: date
    started_at: datetime
    ended_at: datetime | None
    total: int | None
    seen: int
    found: int
    trouble: str | None
    balances: tuple[BalanceLine, ...] | None

    @property
    def left(self) -> timedelta | None:
        """About how long it still takes; None before the legs were counted."""
        return None if self.total is None else PACE * max(self.total - self.seen, 1)


@dataclass(frozen=True, slots=True)
class ItemView:
    """A difference, with the payment it belongs to where it belongs to one. `state` is open, resolved, booked or gone."""

    id: str
    kind: DifferenceKind
    reference: str
    code: str | None
    leg_kind: str | None
    ours: str
    theirs: str
    currency: str | None
    ours_amount: Decimal | None
    theirs_amount: Decimal | None
    state: str
    first_seen_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None
    closed_by: int | None
    reason: str | None
    payment_id: str | None
    leg_id: str | None

    @property
    def can_book(self) -> bool:
        """Whether an owner can write it into the books: what a wallet holds beyond them, or a fee."""
        return self.state == "open" and self.kind in (DifferenceKind.BALANCE, DifferenceKind.FEE)


@dataclass(frozen=True, slots=True)
class ReconciliationLook:
    """How things stand: the last comparison that ended, the one under way, and what is open, list by list."""

    environment: str
    last: RunView | None
    running: RunView | None
    open: Mapping[DifferenceKind, int]

    @property
    def count(self) -> int:
        """How many differences are open."""
        return sum(self.open.values())
