"""The shape of the data: what operators are called for, how each kind of call is told, and which topics it goes to.

Apart from `storage.tables` only for its length; that module brings this one in, so that one metadata knows all tables.
Nothing here is personal: what an alert names are payments by their references, currencies, counts and hours.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field

from storage.tables import Table
from storage.types import ExactDecimal, UtcDateTime

_LASTS = text("over_at IS NULL")


class Alert(Table, table=True):
    """One thing that operators are called for, from when it was found until it is over. It can come again."""

    __tablename__ = "alert"
    __table_args__ = (Index("ix_alert_lasting", "kind", "key", sqlite_where=_LASTS, postgresql_where=_LASTS),)

    kind: str = Field(primary_key=True, sa_type=Text)  # a `bot.engine.operators.alerting.AlertKind`
    key: str = Field(primary_key=True, sa_type=Text)  # which of its kind, such as a currency or a case
    facts: str = Field(sa_type=Text)  # JSON: what its words name
    times: int = Field(default=1)  # how often it was found since it began
    began_at: datetime = Field(sa_type=UtcDateTime)
    last_at: datetime = Field(sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when a message that rings told of it
    over_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AlertRule(Table, table=True):
    """How alerts of a kind are told, and what was told of them last. A kind without a row is on, and quiet."""

    __tablename__ = "alert_rule"

    kind: str = Field(primary_key=True, sa_type=Text)
    mode: str = Field(default="on", sa_type=Text)  # on, silent, off
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # something is to be told then
    rang_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # the last message that was new
    said_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # and the last change of it


class ForumTopic(Table, table=True):
    """A topic that the bot made in a group, found again by what it is for."""

    __tablename__ = "forum_topic"

    chat_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    name: str = Field(primary_key=True, sa_type=Text)
    thread_id: int = Field(sa_type=BigInteger)


class BalanceFloor(Table, table=True):
    """The payout balance below which operators are called, where they chose another than the setting's."""

    __tablename__ = "balance_floor"

    currency: str = Field(primary_key=True, sa_type=Text)
    amount: Decimal = Field(sa_type=ExactDecimal)  # 0: nobody is called


class Watch(Table, table=True):
    """Something that is looked at from time to time, by one replica each time: whoever moves `due_at` on looks."""

    __tablename__ = "watch"

    name: str = Field(primary_key=True, sa_type=Text)
    due_at: datetime = Field(sa_type=UtcDateTime)
