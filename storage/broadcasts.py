"""Queries on what many customers are told: whom it is for, how far it has come, and what became of each notice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy import Table as SqlTable
from sqlmodel import Session, col

from storage.customers import CUSTOMER
from storage.notices import NOTICE
from storage.tables import table_of
from storage.word_tables import Broadcast
from storage.writing import insert_rows

BROADCAST: SqlTable = table_of(Broadcast)


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of the notices of one broadcast."""

    sent: int
    parked: int
    other: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to be told."""

    id: str
    chat_id: int


def count_audience(session: Session, *, country: str | None, language: str | None) -> int:
    """How many customers there are whom a broadcast of now would be sent to."""
    conditions = _audience(country, language)
    return int(session.connection().execute(select(func.count()).where(*conditions)).scalar_one())


def next_of_audience(
    session: Session, *, country: str | None, language: str | None, after: str, until: datetime, limit: int
) -> list[Recipient]:
    """The next customers of an audience who were there at that time, in the order of their ids."""
    statement = (
        select(CUSTOMER.c.id, CUSTOMER.c.chat_id)
        .where(*_audience(country, language), CUSTOMER.c.id > after, CUSTOMER.c.created_at <= until)
        .order_by(CUSTOMER.c.id)
        .limit(limit)
    )
    return [Recipient(*row) for row in session.connection().execute(statement)]


def add_broadcast(session: Session, row: Mapping[str, Any]) -> bool:
    """Begin one; False while another one is being sent."""
    if sending(session) is not None:
        return False
    insert_rows(session, BROADCAST, [row])
    return True


def sending(session: Session, *, hold: bool = False) -> Broadcast | None:
    """The one that is being sent. `hold`: unless another process has it, which keeps it until its transaction ends."""
    statement = select(Broadcast).where(col(Broadcast.state) == "sending")
    if hold:
        statement = statement.with_for_update(skip_locked=True)
    return session.execute(statement).scalars().first()


def broadcast_by_id(session: Session, broadcast_id: str) -> Broadcast | None:
    """One, whatever its state."""
    return session.get(Broadcast, broadcast_id)


def change_broadcast(session: Session, broadcast_id: str, values: Mapping[str, Any]) -> bool:
    """Write some columns of the one that is being sent; False when it is over."""
    statement = update(BROADCAST).where(BROADCAST.c.id == broadcast_id, BROADCAST.c.state == "sending").values(**values)
    return session.connection().execute(statement).rowcount == 1


def still_open(session: Session, broadcast_id: str) -> int:
    """How many of its notices wait to be sent."""
    statement = select(func.count()).where(NOTICE.c.broadcast_id == broadcast_id, NOTICE.c.state == "due")
    return int(session.connection().execute(statement).scalar_one())


def heard(session: Session, broadcast_id: str) -> Heard:
    """What became of its notices so far."""
    counted = select(NOTICE.c.state, func.count()).where(NOTICE.c.broadcast_id == broadcast_id).group_by(NOTICE.c.state)
    by_state = {str(row[0]): int(row[1]) for row in session.connection().execute(counted)}
    by_state.pop("due", None)
    return Heard(by_state.pop("sent", 0), by_state.pop("parked", 0), other=sum(by_state.values()))


def _audience(country: str | None, language: str | None) -> list[ColumnElement[bool]]:
    """Real people who can be written to, and are not shut out."""
    conditions = [CUSTOMER.c.telegram_id > 0, CUSTOMER.c.blocked_us_at.is_(None), CUSTOMER.c.barred_at.is_(None)]
    if country is not None:
        conditions.append(CUSTOMER.c.country == country)
    if language is not None:
        conditions.append(CUSTOMER.c.language == language)
    return conditions
