"""The shape of the data: what operators order and a second one approves, and transfers between our own balances.

Apart from `storage.tables` only for its length; that module brings this one in, so that one metadata knows all tables.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, Text, text
from sqlmodel import Field

from storage.tables import Table
from storage.types import ExactDecimal, UtcDateTime

_OPEN = text("due_at IS NOT NULL")
_MOVING = text("state = 'moving'")


class OperatorOrder(Table, table=True):
    """Something that an operator wants done, from the wish to its one end."""

    __tablename__ = "operator_order"
    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR state <> 'proposed'", name="decided"),
        Index("ix_operator_order_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_operator_order_alone", "asked_by", "decided_at"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    kind: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)  # proposed, carried_out, declined, withdrawn, expired
    money: str = Field(sa_type=Text)  # JSON: a list of [amount as text, currency]
    about_sealed: bytes = Field(sa_type=LargeBinary)  # to whom, what for: it may hold numbers and names
    reason: str = Field(sa_type=Text)
    asked_by: int = Field(sa_type=BigInteger)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    chat_id: int = Field(sa_type=BigInteger)  # where it was asked for
    told: str = Field(sa_type=Text)  # JSON: the chats where its card stands
    expires_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: int | None = Field(default=None, sa_type=BigInteger)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when it expires; empty once it is over
    # unknown where it was written before this was kept (0014): nobody carries that out
    environment: str = Field(sa_type=Text, sa_column_kwargs={"server_default": "unknown"})


class WalletTransfer(Table, table=True):
    """Money that is moved from the deposit to the payout balance at the provider: by one call, which is never repeated."""

    __tablename__ = "wallet_transfer"
    __table_args__ = (
        CheckConstraint("amount > '0'", name="amount"),
        Index("ix_wallet_transfer_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        # what balances say of two transfers at once could not be told apart
        Index("uq_wallet_transfer_moving", "wallet_id", unique=True, sqlite_where=_MOVING, postgresql_where=_MOVING),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    order_id: str = Field(unique=True, foreign_key="operator_order.id", sa_type=Text)
    environment: str = Field(sa_type=Text)
    amount: Decimal = Field(sa_type=ExactDecimal)
    currency: str = Field(sa_type=Text)
    country: str | None = Field(default=None, sa_type=Text)
    state: str = Field(sa_type=Text)  # ready, moving, done, not_done, unknown
    chat_id: int = Field(sa_type=BigInteger)  # where its outcome is told
    wallet_id: str | None = Field(default=None, sa_type=Text)
    deposit_before: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    payout_before: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    deposit_after: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    payout_after: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    answer: str | None = Field(default=None, sa_type=Text)  # of the one call: accepted, refused, not_sent, lost
    detail: str | None = Field(default=None, sa_type=Text)
    begun_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failures: int = Field(default=0)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_owner: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
