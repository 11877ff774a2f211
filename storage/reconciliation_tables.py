"""The shape of the data: reconciliations with the provider, and the differences that they found.

Apart from `storage.tables` only for its length; that module brings this one in, so that one metadata knows all tables.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Date, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from storage.tables import Table
from storage.types import ExactDecimal, UtcDateTime

_OPEN = text("due_at IS NOT NULL")
_UNFINISHED = text("ended_at IS NULL")
_OF_LEG = text("leg_id IS NOT NULL")


class Reconciliation(Table, table=True):
    """One comparison of a day's legs, and of all balances, with the provider. Done a leg at a time, under a lease."""

    __tablename__ = "reconciliation"
    __table_args__ = (
        Index(
            "uq_reconciliation_unfinished",
            "environment",
            "day",
            unique=True,
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
        Index("ix_reconciliation_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: str = Field(primary_key=True, sa_type=Text)  # sorts by time of writing
    environment: str = Field(sa_type=Text)
    day: date = Field(sa_type=Date)  # of UTC
    origin: str = Field(unique=True, sa_type=Text)  # each day is compared once by itself
    asked_by: int | None = Field(default=None, sa_type=BigInteger)
    chat_id: int | None = Field(default=None, sa_type=BigInteger)  # where its card is
    language: str | None = Field(default=None, sa_type=Text)
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    total: int | None = Field(default=None)  # legs of the day, counted when it begins
    seen: int = Field(default=0)
    cursor_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # the last leg of the day that was looked at
    cursor_id: str | None = Field(default=None, sa_type=Text)
    failures: int = Field(default=0)  # answers in a row that did not come
    trouble: str | None = Field(default=None, sa_type=Text)  # why it waits
    found: int = Field(default=0)  # differences that were news
    balances: str | None = Field(default=None, sa_type=Text)  # JSON: every balance on both sides
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_owner: str | None = Field(default=None, sa_type=Text)


class ReconciliationItem(Table, table=True):
    """A difference. The same one found again is the same row; one that is not found any more is closed by itself."""

    __tablename__ = "reconciliation_item"
    __table_args__ = (
        UniqueConstraint("environment", "kind", "key"),
        Index("ix_reconciliation_item_state", "environment", "state", "kind", "id"),
        Index("ix_reconciliation_item_leg", "leg_id", sqlite_where=_OF_LEG, postgresql_where=_OF_LEG),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)  # a bot.payments.reconciling.DifferenceKind
    key: str = Field(sa_type=Text)  # what it is about, within its kind
    reference: str = Field(sa_type=Text)
    payment_id: str | None = Field(default=None, sa_type=Text)
    leg_id: str | None = Field(default=None, sa_type=Text)
    ours: str = Field(sa_type=Text)
    theirs: str = Field(sa_type=Text)
    currency: str | None = Field(default=None, sa_type=Text)
    ours_amount: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    theirs_amount: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    state: str = Field(sa_type=Text)  # open, resolved, booked, gone
    first_run: str = Field(sa_type=Text)
    last_run: str = Field(sa_type=Text)
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: int | None = Field(default=None, sa_type=BigInteger)
    reason: str | None = Field(default=None, sa_type=Text)
