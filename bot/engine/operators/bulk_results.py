"""What the use case of files of payments gives back, for screens and files: typed, and nothing in it can be changed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bot.payments.money import Money
from bot.payments.parties import Destination
from bot.payments.states import PaymentState

# a payment that ended so has paid nobody
PAID_NOBODY: Final = frozenset(
    {PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.CANCELLED, PaymentState.REVERSED}
)


class BatchState(StrEnum):
    """Where a file stands. `WAITING` is a draft that a second operator is asked about."""

    DRAFT = "draft"
    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"
    DROPPED = "dropped"


class Unpaid(StrEnum):
    """What the rows are that a file leaves unpaid, or that another one pays in its stead."""

    FAILED = "failed"
    NOT_BEGUN = "not_begun"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Total:
    """What the rows of one currency come to, and how many there are."""

    money: Money
    rows: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows stand how.

    `waiting` are begun and not yet with the provider, `not_begun` have no payment, `held` had one that was taken back before
    it was sent.
    """

    paid: int = 0
    failed: int = 0
    under_way: int = 0
    waiting: int = 0
    not_begun: int = 0
    held: int = 0

    @property
    def all(self) -> int:
        """Every row that is to be paid."""
        return self.paid + self.failed + self.under_way + self.waiting + self.not_sent

    @property
    def not_sent(self) -> int:
        """Rows of which the provider was told nothing, and is told nothing unless they are begun."""
        return self.not_begun + self.held

    @property
    def open(self) -> int:
        """Rows that are begun and not over."""
        return self.under_way + self.waiting


@dataclass(frozen=True, slots=True)
class Stopping:
    """What a stop would do now, per currency: rows that are `held` back, and those `on_way` that nobody can stop."""

    held: tuple[Total, ...]
    on_way: tuple[Total, ...]


@dataclass(frozen=True, slots=True, repr=False)
class RowLine:
    """One row, as files and cards show it. `state` is None while it is not begun."""

    line: int
    destination: Destination
    note: str
    amount: Money
    left_out: bool
    code: str | None
    state: PaymentState | None
    reason: str | None
    reason_detail: str | None
    receipt: str | None
    provider_id: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Twin:
    """A row that seems to be paid already: which line of this file, by what, and by which line where that is a file."""

    line: int
    code: str
    their_line: int | None
    paid_on: datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """Another file that would pay some of the same, and is not started: drafted before, or waiting for its approval."""

    code: str
    state: BatchState
    rows: int


@dataclass(frozen=True, slots=True, repr=False)
class Batch:
    """A file of payments. `paid` is what was paid of each currency; `file` what it was called."""

    id: str
    code: str
    state: BatchState
    file: str
    totals: tuple[Total, ...]
    counts: Counts
    paid: tuple[Money, ...]
    chat_id: int
    language: str
    created_by: int
    created_at: datetime
    order_id: str | None
    pay_again: bool
    left_out: int
    parent: str | None  # the code of the file whose unpaid rows it runs again
    parent_was: Unpaid  # what those rows were
    again: int  # rows that can be run again
    again_failed: int  # those of them that failed; the others were not begun
    started_at: datetime | None
    stopped_at: datetime | None
    ended_at: datetime | None

    @property
    def again_is(self) -> Unpaid:
        """What the rows are that can be run again."""
        if not self.again_failed:
            return Unpaid.NOT_BEGUN
        return Unpaid.FAILED if self.again_failed == self.again else Unpaid.BOTH


@dataclass(frozen=True, slots=True)
class Cover:
    """Whether the payout balance of a currency and country covers a file.

    `balance` is None where the provider does not say; `promised` is what of it is for payments that are approved and not sent
    yet. `fee` is what the provider would take, by what it took lately, and None where it took nothing that we know of.
    """

    needed: Money
    country: str
    balance: Decimal | None
    fee: Money | None
    promised: Money

    @property
    def missing(self) -> Money | None:
        """What must be transferred before; None where nothing is missing, or nobody knows."""
        if self.balance is None:
            return None
        whole = self.needed if self.fee is None else self.needed + self.fee
        lack = whole + self.promised - Money(self.balance, self.needed.currency)
        return lack if lack.amount > 0 else None


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """A draft with what must be known before it is asked for."""

    batch: Batch
    covers: tuple[Cover, ...]
    twins: tuple[Twin, ...]
    same_file: tuple[str, ...]  # codes of files with the same bytes
    beside: tuple[Beside, ...]
    largest: RowLine | None
    first: tuple[RowLine, ...]

    @property
    def is_covered(self) -> bool:
        """Whether every balance is known and enough."""
        return all(one.balance is not None and one.missing is None for one in self.covers)

    @property
    def is_undecided(self) -> bool:
        """Whether it must be said first what becomes of rows that another file has paid."""
        return bool(self.twins or self.same_file) and not self.batch.pay_again

    @property
    def can_ask(self) -> bool:
        """Whether a second operator can be asked now."""
        draft = self.batch.state is BatchState.DRAFT and self.batch.counts.all > 0
        return draft and self.is_covered and not self.is_undecided


@dataclass(frozen=True, slots=True)
class Listed:
    """A file in the list of all: its code, its name, and where it stands."""

    code: str
    file: str
    state: BatchState
    rows: int
    created_at: datetime
