"""Queries on customers: found by their Telegram user id, added once, changed field by field."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table as SqlTable
from sqlalchemy import exists, select, update
from sqlmodel import Session, col

from storage.tables import Customer, UpdateReceived, table_of
from storage.writing import insert_ignoring

CUSTOMER: SqlTable = table_of(Customer)
# payments of the house belong to this row: a customer whom nobody is, and whom no list of people shows
HOUSE: Final = "house"
HOUSE_TELEGRAM_ID: Final = 0


def customer_by_telegram(session: Session, telegram_id: int) -> Customer | None:
    """The customer with this Telegram user id."""
    return session.execute(select(Customer).where(col(Customer.telegram_id) == telegram_id)).scalars().first()


def customer_by_id(session: Session, customer_id: str) -> Customer | None:
    """One customer by our own id."""
    return session.get(Customer, customer_id)


def add_customer(session: Session, row: Mapping[str, Any]) -> bool:
    """Insert a customer; False when the Telegram user id is known already."""
    return insert_ignoring(session, CUSTOMER, [row], unique="telegram_id") == 1


def ensure_house(session: Session, now: datetime) -> None:
    """The row that payments of the house belong to is there."""
    row = {
        "id": HOUSE,
        "telegram_id": HOUSE_TELEGRAM_ID,
        "chat_id": HOUSE_TELEGRAM_ID,
        "language": "en",
        "created_at": now,
        "updated_at": now,
    }
    insert_ignoring(session, CUSTOMER, [row], unique="telegram_id")


def change_customer(session: Session, customer_id: str, values: Mapping[str, Any], now: datetime) -> None:
    """Write some columns of one customer."""
    session.connection().execute(update(CUSTOMER).where(CUSTOMER.c.id == customer_id).values(**values, updated_at=now))


def anybody_yet(session: Session) -> bool:
    """Whether anybody has ever written to the assistant of this database."""
    either = exists(select(CUSTOMER.c.id)) | exists(select(table_of(UpdateReceived).c.update_id))
    return bool(session.connection().execute(select(either)).scalar_one())
