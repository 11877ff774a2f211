"""The shape of the data: the ledger, by double entry.

Apart from `storage.tables` only for its length; that module brings this one in, so that one metadata knows all tables.
The ledger is append-only: what no longer holds is posted once more with the opposite sign. Triggers of the database
refuse whoever would change a row (they stand in the migration, for models know no triggers).
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from storage.tables import Table
from storage.types import ExactDecimal, UtcDateTime

_OF_PAYMENT = text("payment_id IS NOT NULL")


class LedgerEntry(Table, table=True):
    """One line of the books. The lines of one event add up to zero in each currency, and are there once."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount <> '0'", name="amount"),
        CheckConstraint("line >= 0", name="line"),
        Index("ix_ledger_entry_payment", "payment_id", sqlite_where=_OF_PAYMENT, postgresql_where=_OF_PAYMENT),
    )

    event_id: str = Field(
        primary_key=True, sa_type=Text
    )  # the leg's event or the operator's action that it follows from
    line: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)
    environment: str = Field(sa_type=Text)
    payment_id: str | None = Field(default=None, sa_type=Text)
    leg_id: str | None = Field(default=None, sa_type=Text)
    movement: str = Field(sa_type=Text)  # a bot.payments.bookkeeping.Movement
    account: str = Field(sa_type=Text)  # an Account of the same
    currency: str = Field(sa_type=Text)
    amount: Decimal = Field(sa_type=ExactDecimal)  # a debit above zero, a credit below
