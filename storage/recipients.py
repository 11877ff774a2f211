"""Queries on the people and places that a customer sends money to. Every one of them names the customer as well."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table as SqlTable
from sqlalchemy import and_, delete, func, select, update
from sqlmodel import Session, col

from storage.recipient_tables import Recipient
from storage.tables import table_of
from storage.writing import insert_ignoring

RECIPIENT: SqlTable = table_of(Recipient)
UNIQUE: Final = ("customer_id", "digest")


def recipients_of(session: Session, customer_id: str, *, limit: int, saved: bool | None = None) -> list[Recipient]:
    """A customer's recipients, the last paid (or, if never paid, the last added) first. `saved` leaves out the others."""
    statement = select(Recipient).where(col(Recipient.customer_id) == customer_id)
    if saved is not None:
        statement = statement.where(col(Recipient.saved) == saved)
    used = func.coalesce(col(Recipient.last_used_at), col(Recipient.created_at))
    return list(session.execute(statement.order_by(used.desc(), col(Recipient.id).desc()).limit(limit)).scalars())


def recipient_by_id(session: Session, customer_id: str, recipient_id: str) -> Recipient | None:
    """One recipient of this customer's; None for somebody else's."""
    statement = select(Recipient).where(col(Recipient.customer_id) == customer_id, col(Recipient.id) == recipient_id)
    return session.execute(statement).scalars().first()


def recipient_by_digest(session: Session, customer_id: str, digest: str) -> Recipient | None:
    """The recipient of this customer's that is this place."""
    statement = select(Recipient).where(col(Recipient.customer_id) == customer_id, col(Recipient.digest) == digest)
    return session.execute(statement).scalars().first()


def add_recipient(session: Session, row: Mapping[str, Any]) -> bool:
    """Insert a recipient; False when this customer has that place already."""
    return insert_ignoring(session, RECIPIENT, [row], unique=UNIQUE) == 1


def change_recipient(
    session: Session, customer_id: str, recipient_id: str, values: Mapping[str, Any], now: datetime
) -> bool:
    """Write some columns of one recipient of this customer's; False when there is none with this id."""
    mine = and_(RECIPIENT.c.customer_id == customer_id, RECIPIENT.c.id == recipient_id)
    changed = session.connection().execute(update(RECIPIENT).where(mine).values(**values, updated_at=now))
    return changed.rowcount == 1


def change_by_digest(session: Session, customer_id: str, digest: str, values: Mapping[str, Any], now: datetime) -> bool:
    """Write some columns of the recipient that is this place; False when this customer does not have it."""
    mine = and_(RECIPIENT.c.customer_id == customer_id, RECIPIENT.c.digest == digest)
    changed = session.connection().execute(update(RECIPIENT).where(mine).values(**values, updated_at=now))
    return changed.rowcount == 1


def delete_recipient(session: Session, customer_id: str, recipient_id: str) -> bool:
    """Remove one recipient of this customer's; False when there is none with this id."""
    mine = and_(RECIPIENT.c.customer_id == customer_id, RECIPIENT.c.id == recipient_id)
    return session.connection().execute(delete(RECIPIENT).where(mine)).rowcount == 1


def count_use(session: Session, customer_id: str, digest: str, now: datetime) -> bool:
    """Count one more payment that arrived there; False when this customer does not have it (any more)."""
    values = {"uses": RECIPIENT.c.uses + 1, "last_used_at": now}
    return change_by_digest(session, customer_id, digest, values, now)
