"""Queries on what operators order: written once, ended once, and found again while it waits.

An order is of one environment, and there for processes of that environment alone: what was asked for in the sandbox never
moves real money. Of an unknown one (written before that was kept) it is shown, counts, and ends, but nobody carries it out.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select, text, update
from sqlalchemy import Table as SqlTable
from sqlmodel import Session

from storage.order_tables import OperatorOrder
from storage.tables import table_of
from storage.writing import insert_rows

ORDER: Final[SqlTable] = table_of(OperatorOrder)
UNKNOWN: Final = "unknown"  # the environment of orders that were written before it was kept
_WAITS: Final = "proposed"
_HOLD_NAME: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 7309))")


def add_order(session: Session, row: Mapping[str, Any]) -> None:
    """Keep an order."""
    insert_rows(session, ORDER, [row])


def order_by_id(session: Session, order_id: str, *, environment: str) -> OperatorOrder | None:
    """One order of this environment, or of an unknown one; None for those of another."""
    found = session.get(OperatorOrder, order_id)
    return None if found is None or found.environment not in (environment, UNKNOWN) else found


def hold_alone(session: Session, operator: int) -> None:
    """Nobody else looks at what this operator moves alone, and adds to it, before this transaction ends."""
    hold_name(session, f"alone:{operator}")


def hold_name(session: Session, name: str) -> None:
    """No other transaction that holds this name goes on before this one ends.

    SQLite writes one transaction at a time anyway; on PostgreSQL two would not see each other.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_HOLD_NAME, {"name": name})


def moved_alone(session: Session, operator: int, *, environment: str, state: str, since: datetime) -> list[str]:
    """The `money` of orders that this operator asked for and had in `state` by themselves, after that moment."""
    statement = select(ORDER.c.money).where(
        ORDER.c.asked_by == operator,
        ORDER.c.decided_by == operator,
        ORDER.c.state == state,
        ORDER.c.decided_at > since,
        _here(environment),
    )
    return list(session.connection().execute(statement).scalars())


def waiting_orders(
    session: Session, *, environment: str, limit: int, offset: int, now: datetime
) -> list[OperatorOrder]:
    """The orders that wait for a second operator, the oldest first."""
    statement = (
        select(OperatorOrder)
        .where(ORDER.c.due_at.is_not(None), ORDER.c.expires_at > now, ORDER.c.environment == environment)
        .order_by(ORDER.c.asked_at, ORDER.c.id)
        .limit(limit)
        .offset(offset)
    )
    return list(session.execute(statement).scalars())


def waiting_of_kind(session: Session, kind: str, *, environment: str, now: datetime) -> list[OperatorOrder]:
    """All orders of a kind that wait for a second operator, the newest first."""
    waits = (ORDER.c.due_at.is_not(None), ORDER.c.expires_at > now, ORDER.c.environment == environment)
    statement = select(OperatorOrder).where(*waits, ORDER.c.kind == kind).order_by(ORDER.c.asked_at.desc())
    return list(session.execute(statement).scalars())


def waiting_orders_of(session: Session, operator: int, *, now: datetime) -> list[OperatorOrder]:
    """All that this operator asked for and that waits for a second one, in every environment."""
    waits = (ORDER.c.due_at.is_not(None), ORDER.c.expires_at > now, ORDER.c.asked_by == operator)
    return list(session.execute(select(OperatorOrder).where(*waits).order_by(ORDER.c.id)).scalars())


def overdue_orders(session: Session, *, environment: str, now: datetime, limit: int) -> list[OperatorOrder]:
    """The orders whose time is over and that nobody ended; those of an unknown environment as well."""
    over = (ORDER.c.due_at <= now, _here(environment))
    statement = select(OperatorOrder).where(*over).order_by(ORDER.c.due_at).limit(limit)
    return list(session.execute(statement).scalars())


def end_order(
    session: Session,
    order_id: str,
    *,
    environment: str,
    state: str,
    by: int | None,
    now: datetime,
    before_expiry: bool = True,
    about: bytes | None = None,
) -> bool:
    """End an order that waits; False when it waits no more, is of another environment, or (`before_expiry`) is late.

    `about`, sealed, takes the place of what the order is about.
    """
    statement = update(ORDER).where(ORDER.c.id == order_id, ORDER.c.state == _WAITS, ORDER.c.environment == environment)
    if before_expiry:
        statement = statement.where(ORDER.c.expires_at > now)
    values: dict[str, Any] = {"state": state, "decided_by": by, "decided_at": now, "due_at": None}
    if about is not None:
        values["about_sealed"] = about
    changed = session.connection().execute(statement.values(**values))
    return changed.rowcount == 1


def tell_also(session: Session, order_id: str, chat_id: int) -> None:
    """The card of an order stands in one more chat."""
    told = session.execute(select(ORDER.c.told).where(ORDER.c.id == order_id).with_for_update()).scalar_one()
    chats = list(dict.fromkeys((*json.loads(told), chat_id)))
    session.connection().execute(update(ORDER).where(ORDER.c.id == order_id).values(told=json.dumps(chats)))


def approve_order(session: Session, order_id: str, *, environment: str, state: str, by: int, now: datetime) -> bool:
    """The same by somebody else than whoever asked; False when it is theirs, waits no more, elsewhere, or is late."""
    changed = session.connection().execute(
        update(ORDER)
        .where(
            ORDER.c.id == order_id,
            ORDER.c.state == _WAITS,
            ORDER.c.environment == environment,
            ORDER.c.expires_at > now,
            ORDER.c.asked_by != by,
        )
        .values(state=state, decided_by=by, decided_at=now, due_at=None)
    )
    return changed.rowcount == 1


def _here(environment: str) -> ColumnElement[bool]:
    return ORDER.c.environment.in_((environment, UNKNOWN))
