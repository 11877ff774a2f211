"""Queries on conversations: at most one a customer, and every change guarded by the id and revision it was read at."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from storage.payments import LostRace
from storage.tables import Dialogue, table_of
from storage.writing import insert_ignoring

DIALOGUE: SqlTable = table_of(Dialogue)


def dialogue_of(session: Session, customer_id: str) -> Dialogue | None:
    """The conversation that a customer is in, expired or not."""
    return session.execute(select(Dialogue).where(col(Dialogue.customer_id) == customer_id)).scalars().first()


def add_dialogue(session: Session, row: Mapping[str, Any]) -> None:
    """Insert a conversation for a customer who has none. `LostRace` when another one is there by now."""
    if insert_ignoring(session, DIALOGUE, [row], unique="customer_id") != 1:
        raise LostRace


def save_dialogue(session: Session, dialogue_id: str, was: int, values: Mapping[str, Any]) -> None:
    """Change a conversation that still stands at revision `was`. `LostRace` when it moved or ended."""
    result = session.connection().execute(
        update(DIALOGUE).where(DIALOGUE.c.id == dialogue_id, DIALOGUE.c.revision == was).values(**values)
    )
    if result.rowcount != 1:
        raise LostRace


def end_dialogue(session: Session, dialogue_id: str, was: int) -> None:
    """Remove a conversation that still stands at revision `was`. `LostRace` when it moved or ended."""
    result = session.connection().execute(
        delete(DIALOGUE).where(DIALOGUE.c.id == dialogue_id, DIALOGUE.c.revision == was)
    )
    if result.rowcount != 1:
        raise LostRace


def take_due_dialogues(session: Session, *, now: datetime, until: datetime, limit: int) -> list[Dialogue]:
    """Up to `limit` conversations whose quote is to be renewed, oldest first; nobody else gets them before `until`."""
    due = (
        select(DIALOGUE.c.customer_id)
        .where(DIALOGUE.c.due_at <= now)
        .order_by(DIALOGUE.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")  # evaluated once: PostgreSQL may run a plain subquery again and exceed the limit
    )
    taken = (
        update(DIALOGUE)
        .where(DIALOGUE.c.customer_id.in_(select(due.c.customer_id)))
        .values(due_at=until)
        .returning(DIALOGUE.c.customer_id)
    )
    ids = [row[0] for row in session.connection().execute(taken)]
    found = session.execute(select(Dialogue).where(col(Dialogue.customer_id).in_(ids)))
    return list(found.scalars())
