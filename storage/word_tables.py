"""The shape of the data: what customers ask a person of the team, and what everybody is told.

Apart from `storage.tables` only for its length; that module brings this one in, so that one metadata knows all tables.
What customers and the team write to each other is sealed. What is told to everybody is not: everybody reads it.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, Text, text
from sqlmodel import Field

from storage.tables import Table
from storage.types import UtcDateTime

_OPEN = text("closed_at IS NULL")
_SENDING = text("state = 'sending'")


class Inquiry(Table, table=True):
    """A customer talks to a person of the team. At most one a customer is open."""

    __tablename__ = "inquiry"
    __table_args__ = (
        Index("ix_inquiry_open", "customer_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_inquiry_customer", "customer_id", "opened_at"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    payment_id: str | None = Field(default=None, sa_type=Text)  # what it is about
    topic: str | None = Field(default=None, sa_type=Text)  # a `bot.engine.inquiries.Topic`
    opened_at: datetime = Field(sa_type=UtcDateTime)
    posted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # the first words; the team sees it from then
    waits_since: datetime | None = Field(default=None, sa_type=UtcDateTime)  # words of the customer are not answered
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: int | None = Field(default=None, sa_type=BigInteger)  # an operator; empty: the customer


class InquiryMessage(Table, table=True):
    """What one side wrote."""

    __tablename__ = "inquiry_message"
    __table_args__ = (Index("ix_inquiry_message_inquiry", "inquiry_id", "id"),)

    id: str = Field(primary_key=True, sa_type=Text)  # sorts by time of writing
    inquiry_id: str = Field(foreign_key="inquiry.id", sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)
    operator: int | None = Field(default=None, sa_type=BigInteger)  # who of the team; empty: the customer
    words_sealed: bytes = Field(sa_type=LargeBinary)


class Broadcast(Table, table=True):
    """Words that many customers are told, with how far that has come. One at a time is sent."""

    __tablename__ = "broadcast"
    __table_args__ = (
        Index("ix_broadcast_sending", "state", unique=True, sqlite_where=_SENDING, postgresql_where=_SENDING),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    audience: str = Field(sa_type=Text)  # everybody, a country (KE), or a language (sw)
    words: str = Field(sa_type=Text)
    asked_by: int = Field(sa_type=BigInteger)
    chat_id: int = Field(sa_type=BigInteger)  # where it was asked for, and its progress is shown
    thread: int | None = Field(default=None, sa_type=BigInteger)  # the topic there, in a group that has some
    language: str = Field(sa_type=Text)  # that is spoken there
    state: str = Field(sa_type=Text)  # sending, sent, cancelled
    total: int  # people who were to be told
    reached: str = Field(default="", sa_type=Text)  # the last customer whose notice was written, in the order of ids
    written: int = Field(default=0)  # notices that were written
    delivered: int = Field(default=0)
    unreachable: int = Field(default=0)  # they blocked the assistant
    shown_at: datetime = Field(sa_type=UtcDateTime)  # when the progress was shown last
    created_at: datetime = Field(sa_type=UtcDateTime)  # who came later is not told
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
