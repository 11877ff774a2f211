"""What is looked at to find out whether operators must be called: read from what waits, never from all that there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table as SqlTable
from sqlalchemy import and_, func, select, text
from sqlmodel import Session

from storage.alerts import ALERT
from storage.notices import NOTICE
from storage.payments import CASE, LEG, PAYMENT
from storage.tables import CallbackReceived, table_of

CALLBACK: SqlTable = table_of(CallbackReceived)
_UNDELIVERED = text("notice.state IN ('parked', 'refused')")  # spelled out, so that the partial index is seen to fit


@dataclass(frozen=True, slots=True)
class NewCase:
    """An open case that no alert tells of."""

    id: str
    dedupe_key: str
    concern: str
    detail: str
    code: str | None


def untold_cases(session: Session, kinds: Sequence[str], *, limit: int) -> list[NewCase]:
    """Open cases without a lasting alert of one of these kinds, the oldest first."""
    told = and_(ALERT.c.key == CASE.c.id, ALERT.c.kind.in_(kinds), ALERT.c.over_at.is_(None))
    rows = session.connection().execute(
        select(CASE.c.id, CASE.c.dedupe_key, CASE.c.concern, CASE.c.detail, PAYMENT.c.code)
        .select_from(CASE.outerjoin(ALERT, told).outerjoin(PAYMENT, PAYMENT.c.id == CASE.c.payment_id))
        .where(CASE.c.resolved_at.is_(None), ALERT.c.key.is_(None))
        .order_by(CASE.c.opened_at, CASE.c.id)
        .limit(limit)
    )
    return [NewCase(*row) for row in rows]


def closed_cases(session: Session, kinds: Sequence[str], *, limit: int) -> list[tuple[str, str]]:
    """Kind and key of alerts that last although their case is resolved."""
    rows = session.connection().execute(
        select(ALERT.c.kind, ALERT.c.key)
        .select_from(ALERT.join(CASE, CASE.c.id == ALERT.c.key))
        .where(ALERT.c.over_at.is_(None), ALERT.c.kind.in_(kinds), CASE.c.resolved_at.is_not(None))
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def overdue_legs(session: Session, before: datetime) -> tuple[int, str, datetime] | None:
    """How many legs should have been looked at before this time, the code of the first's payment, and its time."""
    oldest = (
        session.connection()
        .execute(
            select(PAYMENT.c.code, LEG.c.due_at)
            .select_from(LEG.join(PAYMENT, PAYMENT.c.id == LEG.c.payment_id))
            .where(LEG.c.due_at < before)
            .order_by(LEG.c.due_at)
            .limit(1)
        )
        .first()
    )
    if oldest is None:
        return None
    statement = select(func.count()).select_from(LEG).where(LEG.c.due_at < before)
    return int(session.connection().execute(statement).scalar_one()), oldest[0], oldest[1]


def undelivered(session: Session, kinds: Sequence[str], *, since: datetime, limit: int) -> list[tuple[str, str]]:
    """Code and state of payments of which the customer was not told: parked, or refused for good; the newest first."""
    rows = session.connection().execute(
        select(PAYMENT.c.code, func.max(NOTICE.c.state))
        .select_from(NOTICE.join(PAYMENT, PAYMENT.c.id == NOTICE.c.payment_id))
        .where(_UNDELIVERED, NOTICE.c.created_at >= since, NOTICE.c.kind.in_(kinds))
        .group_by(PAYMENT.c.code)
        .order_by(func.max(NOTICE.c.created_at).desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def late_notices(session: Session, kinds: Sequence[str], *, before: datetime) -> int:
    """How many customers should have been told of their payments before this time."""
    statement = (
        select(func.count())
        .select_from(NOTICE)
        .where(NOTICE.c.due_at.is_not(None), NOTICE.c.created_at < before, NOTICE.c.kind.in_(kinds))
    )
    return int(session.connection().execute(statement).scalar_one())


def last_callback(session: Session) -> datetime | None:
    """When the provider's last callback arrived, of those that were taken."""
    statement = select(CALLBACK.c.received_at).order_by(CALLBACK.c.id.desc()).limit(1)
    found: datetime | None = session.connection().execute(statement).scalar()
    return found
