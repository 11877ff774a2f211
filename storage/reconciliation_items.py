"""Queries on the differences that reconciliations found: the same one is one row, however often it is found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table as SqlTable
from sqlalchemy import and_, func, or_, select, update
from sqlmodel import Session

from storage.payments import LEG, PAYMENT
from storage.reconciliation_tables import ReconciliationItem
from storage.tables import table_of
from storage.writing import insert_ignoring

ITEM: SqlTable = table_of(ReconciliationItem)

OPEN: Final = "open"
GONE: Final = "gone"
_FACTS: Final = ("reference", "payment_id", "leg_id", "ours", "theirs", "currency", "ours_amount", "theirs_amount")


def put_item(session: Session, row: Mapping[str, Any]) -> bool:
    """Keep a difference; whether it is news: it was not known, was over, or is another than the one that was resolved."""
    if insert_ignoring(session, ITEM, [row], unique=("environment", "kind", "key")) == 1:
        return True
    same = and_(*(ITEM.c[name] == row[name] for name in ("environment", "kind", "key")))
    known = session.connection().execute(select(ITEM.c.state, ITEM.c.ours, ITEM.c.theirs).where(same)).one()
    news = known.state != OPEN and (
        known.state != "resolved" or (known.ours, known.theirs) != (row["ours"], row["theirs"])
    )
    values = {name: row[name] for name in (*_FACTS, "last_run", "last_seen_at")}
    if news:
        values |= {"state": OPEN, "closed_at": None, "closed_by": None, "reason": None}
    session.connection().execute(update(ITEM).where(same).values(**values))
    return news


def touch_items(session: Session, leg_id: str, *, run_id: str) -> None:
    """Note that a run has come to a leg and could not find out more about it."""
    session.connection().execute(
        update(ITEM).where(ITEM.c.leg_id == leg_id, ITEM.c.state == OPEN).values(last_run=run_id)
    )


def close_unseen(
    session: Session,
    *,
    environment: str,
    run_id: str,
    now: datetime,
    leg_id: str | None = None,
    kind: str | None = None,
) -> None:
    """Close the open differences, of a leg or of a kind, that this run looked for and did not find any more."""
    of_it = ITEM.c.leg_id == leg_id if leg_id is not None else ITEM.c.kind == kind
    session.connection().execute(
        update(ITEM)
        .where(ITEM.c.environment == environment, ITEM.c.state == OPEN, ITEM.c.last_run != run_id, of_it)
        .values(state=GONE, closed_at=now)
    )


def close_known(session: Session, *, environment: str, kind: str, now: datetime) -> None:
    """Close what was taken for theirs only and has a leg of ours by now."""
    ours = select(LEG.c.reference).where(LEG.c.reference == ITEM.c.reference).exists()
    session.connection().execute(
        update(ITEM)
        .where(ITEM.c.environment == environment, ITEM.c.state == OPEN, ITEM.c.kind == kind, ours)
        .values(state=GONE, closed_at=now)
    )


def close_item(
    session: Session, item_id: str, *, was: tuple[str, str], state: str, now: datetime, by: int, reason: str
) -> bool:
    """Close a difference by hand; False when it is not open, or not the one that was seen (`was`: ours, theirs)."""
    changed = session.connection().execute(
        update(ITEM)
        .where(ITEM.c.id == item_id, ITEM.c.state == OPEN, ITEM.c.ours == was[0], ITEM.c.theirs == was[1])
        .values(state=state, closed_at=now, closed_by=by, reason=reason)
    )
    return changed.rowcount == 1


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """A difference with the payment it belongs to, if it belongs to one."""

    item: ReconciliationItem
    code: str | None
    leg_kind: str | None


def items(
    session: Session,
    *,
    environment: str,
    states: Sequence[str],
    kind: str | None = None,
    since: datetime | None = None,
    limit: int,
    offset: int = 0,
) -> list[ItemRecord]:
    """A part of the differences in these states, list by list, the oldest first; closed ones only `since` a time."""
    query = _records().where(ITEM.c.environment == environment, ITEM.c.state.in_(states))
    if kind is not None:
        query = query.where(ITEM.c.kind == kind)
    if since is not None:
        query = query.where(or_(ITEM.c.closed_at.is_(None), ITEM.c.closed_at >= since))
    rows = session.execute(query.order_by(ITEM.c.kind, ITEM.c.id).limit(limit).offset(offset))
    return [ItemRecord(*row) for row in rows]


def item_by_id(session: Session, item_id: str) -> ItemRecord | None:
    """One difference."""
    row = session.execute(_records().where(ITEM.c.id == item_id)).first()
    return None if row is None else ItemRecord(*row)


def open_counts(session: Session, *, environment: str) -> dict[str, int]:
    """How many differences of each kind are open."""
    query = select(ITEM.c.kind, func.count()).where(ITEM.c.environment == environment, ITEM.c.state == OPEN)
    return {row[0]: row[1] for row in session.connection().execute(query.group_by(ITEM.c.kind))}


def _records() -> Any:
    return (
        select(ReconciliationItem, PAYMENT.c.code, LEG.c.kind)
        .outerjoin(PAYMENT, PAYMENT.c.id == ITEM.c.payment_id)
        .outerjoin(LEG, LEG.c.id == ITEM.c.leg_id)
    )
