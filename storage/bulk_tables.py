"""The shape of the data: files of payments that operators sent, and their rows, of which each becomes one payout.

Apart from `storage.tables` only for its length; that module brings this one in, so that one metadata knows all tables.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field

from storage.tables import Table
from storage.types import ExactDecimal, UtcDateTime

_OPEN = text("due_at IS NOT NULL")
_TO_PAY = text("payment_id IS NULL AND left_out = false")


class BulkBatch(Table, table=True):
    """A file of payments, from its preview to its end."""

    __tablename__ = "bulk_batch"
    __table_args__ = (
        CheckConstraint("rows > 0", name="rows"),
        Index("ix_bulk_batch_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_bulk_batch_created", "created_at", "id"),
        Index("ix_bulk_batch_file", "file_digest"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    code: str = Field(unique=True, sa_type=Text)  # what people call it: B-7K3F9Q
    environment: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)  # draft, running, ended, dropped
    chat_id: int = Field(sa_type=BigInteger)  # where its card stands
    thread: int | None = Field(default=None, sa_type=BigInteger)  # the topic there, in a group that has some
    language: str = Field(sa_type=Text)  # of the cards that nobody asked for
    file_sealed: bytes = Field(sa_type=LargeBinary)  # what the file was called
    file_digest: str = Field(sa_type=Text)  # of its bytes
    rows: int
    parent_id: str | None = Field(default=None, foreign_key="bulk_batch.id", sa_type=Text)  # whose failed rows it runs
    order_id: str | None = Field(default=None, sa_type=Text)  # the last one that asked for it to be paid
    pay_again: bool = Field(default=False)  # rows that another batch has paid are meant
    created_by: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # no further row is begun
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told: str | None = Field(default=None, sa_type=Text)  # the figures that its card shows
    tellings: int = Field(default=0)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # empty once it is over


class BulkRow(Table, table=True):
    """One payment of a file. It is begun when it has a payment, which it has once and for good."""

    __tablename__ = "bulk_row"
    __table_args__ = (
        CheckConstraint("amount > '0'", name="amount"),
        UniqueConstraint("batch_id", "line"),
        Index("ix_bulk_row_destination", "destination_digest"),
        Index("ix_bulk_row_to_pay", "batch_id", "line", sqlite_where=_TO_PAY, postgresql_where=_TO_PAY),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    batch_id: str = Field(foreign_key="bulk_batch.id", sa_type=Text)
    line: int  # where it stands in the file
    amount: Decimal = Field(sa_type=ExactDecimal)
    currency: str = Field(sa_type=Text)
    details_sealed: bytes = Field(sa_type=LargeBinary)  # where it goes, and what for
    destination_digest: str = Field(sa_type=Text)
    left_out: bool = Field(default=False)  # another batch has paid it, and it is not to be paid again
    payment_id: str | None = Field(default=None, unique=True, foreign_key="payment.id", sa_type=Text)
    again_of: str | None = Field(default=None, unique=True, foreign_key="bulk_row.id", sa_type=Text)  # which failed
