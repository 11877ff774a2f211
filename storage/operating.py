"""What operators change by themselves: cases they resolve, customers they shut out, parts of the business they close."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from storage.customers import CUSTOMER
from storage.operator_tables import ServicePause
from storage.payments import CASE, LEG
from storage.tables import Customer, table_of
from storage.writing import insert_ignoring

PAUSE: SqlTable = table_of(ServicePause)


def resolve_case(session: Session, case_id: str, *, now: datetime, resolution: str) -> bool:
    """Close a case; False when it is closed already."""
    changed = session.connection().execute(
        update(CASE)
        .where(CASE.c.id == case_id, CASE.c.resolved_at.is_(None))
        .values(resolved_at=now, resolution=resolution)
    )
    return changed.rowcount == 1


def poll_now(session: Session, payment_id: str, *, states: Sequence[str], now: datetime) -> int:
    """Have the legs of a payment that were sent and are in these states read now, whatever their schedule; how many."""
    changed = session.connection().execute(
        update(LEG)
        .where(LEG.c.payment_id == payment_id, LEG.c.state.in_(states), LEG.c.submissions > 0)
        .values(due_at=now)
    )
    return changed.rowcount


def bar(session: Session, customer_id: str, *, now: datetime) -> bool:
    """Let a customer do nothing here any more; False when they cannot already."""
    changed = session.connection().execute(
        update(CUSTOMER)
        .where(CUSTOMER.c.id == customer_id, CUSTOMER.c.barred_at.is_(None))
        .values(barred_at=now, updated_at=now)
    )
    return changed.rowcount == 1


def unbar(session: Session, customer_id: str, *, now: datetime) -> bool:
    """Let a customer in again; False when they were not shut out."""
    changed = session.connection().execute(
        update(CUSTOMER)
        .where(CUSTOMER.c.id == customer_id, CUSTOMER.c.barred_at.is_not(None))
        .values(barred_at=None, updated_at=now)
    )
    return changed.rowcount == 1


def is_barred(session: Session, telegram_id: int) -> bool:
    """Whether a person was shut out."""
    statement = select(col(Customer.barred_at)).where(col(Customer.telegram_id) == telegram_id)
    return session.connection().execute(statement).scalar() is not None


def pauses(session: Session) -> list[ServicePause]:
    """Every part of the business that is closed, in the order in which it was."""
    return list(session.execute(select(ServicePause).order_by(PAUSE.c.paused_at, PAUSE.c.scope)).scalars())


def add_pause(session: Session, row: dict[str, Any]) -> bool:
    """Close a part of the business; False when it is closed already."""
    return insert_ignoring(session, PAUSE, [row], unique="scope") == 1


def remove_pause(session: Session, scope: str) -> bool:
    """Open it again; False when it was not closed."""
    return session.connection().execute(delete(PAUSE).where(PAUSE.c.scope == scope)).rowcount == 1
