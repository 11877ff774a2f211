"""How much waits to be done, for metrics and the health page: counted from indexes that hold nothing but what waits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import func, select
from sqlalchemy.sql.selectable import ScalarSelect
from sqlmodel import Session

from storage.tables import AttentionCase, CallbackReceived, Leg, Notice, UpdateReceived, table_of

CASE: SqlTable = table_of(AttentionCase)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits, each as a number of rows; `due_legs` are those of `open_legs` that should be advanced by now."""

    open_cases: int
    open_legs: int
    due_legs: int
    waiting_notices: int
    waiting_updates: int
    waiting_callbacks: int


def backlog(session: Session, *, now: datetime) -> Backlog:
    """Count everything in one round trip. The cost grows with what waits, never with what is done."""
    leg = table_of(Leg)
    row = (
        session.connection()
        .execute(
            select(
                select(func.count()).select_from(CASE).where(CASE.c.resolved_at.is_(None)).scalar_subquery(),
                _waiting(leg),
                select(func.count()).select_from(leg).where(leg.c.due_at <= now).scalar_subquery(),
                _waiting(table_of(Notice)),
                _waiting(table_of(UpdateReceived)),
                _waiting(table_of(CallbackReceived)),
            )
        )
        .one()
    )
    return Backlog(*(int(count) for count in row))


def _waiting(table: SqlTable) -> ScalarSelect[Any]:
    return select(func.count()).select_from(table).where(table.c.due_at.is_not(None)).scalar_subquery()
