"""The shape of the data: limits and fees that operators set, and what was moved of the limits of a day.

Apart from `storage.tables` only for its length; that module brings this one in, so that one metadata knows all tables.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Text
from sqlmodel import Field

from storage.tables import Table
from storage.types import ExactDecimal, UtcDateTime


class LimitRule(Table, table=True):
    """A limit in the place of the settings' (of one payment), or beside them (of a day)."""

    __tablename__ = "limit_rule"
    __table_args__ = (CheckConstraint("most > '0'", name="most"),)

    subject: str = Field(primary_key=True, sa_type=Text)  # *, a country, or a customer's id
    scope: str = Field(primary_key=True, sa_type=Text)  # payment, day, country, customer
    currency: str = Field(primary_key=True, sa_type=Text)
    least: Decimal | None = Field(default=None, sa_type=ExactDecimal)  # of one payment only
    most: Decimal = Field(sa_type=ExactDecimal)
    set_by: int = Field(sa_type=BigInteger)
    set_at: datetime = Field(sa_type=UtcDateTime)


class FeeRule(Table, table=True):
    """What the business charges for a journey in a currency, in the place of the settings'."""

    __tablename__ = "fee_rule"
    __table_args__ = (
        CheckConstraint("percent >= '0'", name="percent"),
        CheckConstraint("fixed >= '0'", name="fixed"),
    )

    kind: str = Field(primary_key=True, sa_type=Text)
    currency: str = Field(primary_key=True, sa_type=Text)
    percent: Decimal = Field(sa_type=ExactDecimal)
    fixed: Decimal = Field(sa_type=ExactDecimal)
    set_by: int = Field(sa_type=BigInteger)
    set_at: datetime = Field(sa_type=UtcDateTime)


class UsageTotal(Table, table=True):
    """How much of a limit was used in a day or an hour. One row is what everybody counts on who shares the limit."""

    __tablename__ = "usage_total"
    __table_args__ = (CheckConstraint("used >= 0", name="used"),)

    period: str = Field(primary_key=True, sa_type=Text)  # a day or an hour of UTC: those that are over can be dropped
    whose: str = Field(primary_key=True, sa_type=Text)  # country:KE, customer:<id>, phone:<digest>
    currency: str = Field(primary_key=True, sa_type=Text)  # empty where prompts are counted
    used: int = Field(sa_type=BigInteger)  # ten-thousandths of a unit of money, or prompts


class UsageCount(Table, table=True):
    """What one payment counts for, so that exactly this is given back, once."""

    __tablename__ = "usage_count"
    __table_args__ = (CheckConstraint("units > 0", name="units"),)

    payment_id: str = Field(primary_key=True, sa_type=Text)
    customer_id: str = Field(sa_type=Text)
    country: str = Field(sa_type=Text)
    currency: str = Field(sa_type=Text)
    period: str = Field(sa_type=Text)
    units: int = Field(sa_type=BigInteger)
    given_back_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
