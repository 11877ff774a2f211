"""The shape of the data: who operates the business, what they were asked, what they closed, and all that they ever did.

Apart from `storage.tables` only for its length; that module brings this one in, so that one metadata knows all tables.
What operators did is append-only: no code changes or removes a row, and triggers of the database refuse whoever tries
(they stand in the migration, for models know no triggers).
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, Text, text
from sqlmodel import Field

from storage.tables import Table
from storage.types import UtcDateTime

_TARGET = text("target IS NOT NULL")


class Operator(Table, table=True):
    """Somebody who was invited to operate the business. Owners of the settings need no row."""

    __tablename__ = "operator"

    telegram_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    role: str = Field(sa_type=Text)  # viewer, operator, owner
    name_sealed: bytes = Field(sa_type=LargeBinary)  # as they called themselves when they came
    invited_by: int = Field(sa_type=BigInteger)
    added_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OperatorInvitation(Table, table=True):
    """A link that makes whoever opens it first an operator. Only the digest of its token is kept."""

    __tablename__ = "operator_invitation"

    token_digest: str = Field(primary_key=True, sa_type=Text)
    role: str = Field(sa_type=Text)
    invited_by: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_by: int | None = Field(default=None, sa_type=BigInteger)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OperatorQuestion(Table, table=True):
    """What an operator is asked for in a chat, such as the reason for what they are about to do. One a chat."""

    __tablename__ = "operator_question"

    operator: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    chat_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    id: str = Field(unique=True, sa_type=Text)
    action: str = Field(sa_type=Text)
    target: str = Field(sa_type=Text)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class OperatorAction(Table, table=True):
    """Something that an operator did: who, what, to what, why, and what changed. Append-only."""

    __tablename__ = "operator_action"
    __table_args__ = (
        Index("ix_operator_action_target", "target", "id", sqlite_where=_TARGET, postgresql_where=_TARGET),
    )

    id: str = Field(primary_key=True, sa_type=Text)  # sorts by time of writing
    at: datetime = Field(sa_type=UtcDateTime)
    operator: int = Field(sa_type=BigInteger)
    role: str = Field(sa_type=Text)  # with which they did it
    action: str = Field(sa_type=Text)
    target: str | None = Field(default=None, sa_type=Text)  # what it was done to, such as payment:K7F3-9QX2
    reason: str | None = Field(default=None, sa_type=Text)
    before: str | None = Field(default=None, sa_type=Text)  # JSON
    after: str | None = Field(default=None, sa_type=Text)  # JSON


class ServicePause(Table, table=True):
    """A part of the business that operators closed, with what customers are told in their own words."""

    __tablename__ = "service_pause"

    scope: str = Field(primary_key=True, sa_type=Text)  # everything, a journey (buy), or a country (KE)
    words: str = Field(sa_type=Text)
    paused_by: int = Field(sa_type=BigInteger)
    paused_at: datetime = Field(sa_type=UtcDateTime)
