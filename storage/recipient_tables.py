"""The shape of the data: people and places that a customer sends money to.

Apart from `storage.tables` only for its length; that module brings this one in, so that one metadata knows all tables.
"""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from storage.tables import Table
from storage.types import UtcDateTime


class Recipient(Table, table=True):
    """Somebody whom a customer paid or means to pay: one row for each phone, account, till or paybill of each customer.

    `saved` is true once the customer asked to keep it; others are remembered because a payment to them was confirmed.
    `uses` counts the payments that arrived, and `last_used_at` is the time of the last one of these.
    """

    __tablename__ = "recipient"
    __table_args__ = (UniqueConstraint("customer_id", "digest"), Index("ix_recipient_digest", "digest"))

    id: str = Field(primary_key=True, sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    way: str = Field(sa_type=Text)
    country: str = Field(sa_type=Text)
    currency: str = Field(sa_type=Text)
    network: str | None = Field(default=None, sa_type=Text)
    details_sealed: bytes = Field(sa_type=LargeBinary)  # where the money goes, with the name on the account
    name_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)  # what the customer calls them, where given
    digest: str = Field(sa_type=Text)
    saved: bool = Field(default=False)
    uses: int = Field(default=0)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
