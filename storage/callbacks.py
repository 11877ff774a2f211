"""Queries on callbacks received: stored once by digest, taken in batches, and marked with what came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from storage.tables import CallbackReceived, table_of
from storage.writing import insert_ignoring

CALLBACK: SqlTable = table_of(CallbackReceived)


@dataclass(frozen=True, slots=True)
class StoredCallback:
    """A callback taken up for processing."""

    id: str
    token: str
    signed: bool
    body_sealed: bytes
    received_at: datetime
    attempts: int


def store_callbacks(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert callbacks; one whose digest is known is left as it stands."""
    insert_ignoring(session, CALLBACK, rows, unique="digest")


_COLUMNS = [CALLBACK.c[name] for name in StoredCallback.__slots__]


def take_callbacks(session: Session, *, now: datetime, limit: int) -> list[StoredCallback]:
    """Up to `limit` callbacks that are due, in order of arrival, locked until this transaction ends."""
    due = (
        select(*_COLUMNS)
        .where(CALLBACK.c.due_at <= now)
        .order_by(CALLBACK.c.due_at, CALLBACK.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [StoredCallback(*row) for row in session.connection().execute(due)]


_FINISH = (
    update(CALLBACK)
    .where(CALLBACK.c.id == bindparam("b_id"), CALLBACK.c.handled_at.is_(None))
    .values(
        outcome=bindparam("outcome"),
        handled_at=bindparam("handled_at"),
        due_at=bindparam("due_at"),
        attempts=CALLBACK.c.attempts + 1,
    )
)


def finish_callbacks(session: Session, changes: Sequence[Mapping[str, Any]]) -> None:
    """Say what came of each (`b_id`, `outcome`, `handled_at`), or when to try again (`due_at`)."""
    if changes:
        session.connection().execute(_FINISH, list(changes))
