"""Queries on reconciliations: runs that are taken a step further under a lease, and what they look at.

The differences that they find are in `storage.reconciliation_items`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from storage.ledger import ENTRY
from storage.payments import EVENT, LEG
from storage.reconciliation_tables import Reconciliation, ReconciliationItem
from storage.tables import CallbackReceived, Leg, table_of
from storage.transfers import TRANSFER
from storage.types import exact_sum
from storage.writing import insert_rows

RUN: SqlTable = table_of(Reconciliation)
ITEM: SqlTable = table_of(ReconciliationItem)
CALLBACK: SqlTable = table_of(CallbackReceived)

OPEN: Final = "open"


def add_run(session: Session, row: Mapping[str, Any]) -> bool:
    """Begin a reconciliation; False when its `origin` is known, or this day is being compared."""
    try:
        with session.begin_nested():
            insert_rows(session, RUN, [row])
    except IntegrityError:
        return False
    return True


def last_day_by_itself(session: Session, *, environment: str) -> date | None:
    """The last day whose reconciliation began by itself."""
    query = select(func.max(RUN.c.day)).where(RUN.c.environment == environment, RUN.c.asked_by.is_(None))
    return session.connection().execute(query).scalar()


def take_run(
    session: Session, *, environment: str, owner: str, now: datetime, until: datetime
) -> Reconciliation | None:
    """The oldest run that is not over, if it is due and its lease free or ours; one at a time over all replicas."""
    first = (
        select(RUN.c.id)
        .where(RUN.c.environment == environment, RUN.c.ended_at.is_(None))
        .order_by(RUN.c.id)
        .limit(1)
        .scalar_subquery()
    )
    taken = session.connection().execute(
        update(RUN)
        .where(
            RUN.c.id == first,
            RUN.c.due_at <= now,
            or_(RUN.c.lease_until.is_(None), RUN.c.lease_until <= now, RUN.c.lease_owner == owner),
        )
        .values(lease_until=until, lease_owner=owner)
    )
    if taken.rowcount != 1:
        return None
    query = select(Reconciliation).where(
        RUN.c.environment == environment, RUN.c.ended_at.is_(None), RUN.c.lease_owner == owner
    )
    found: Reconciliation = session.execute(query.order_by(RUN.c.id).limit(1)).scalar_one()
    return found


def change_run(session: Session, run_id: str, *, owner: str, values: Mapping[str, Any]) -> bool:
    """Write how far a run is; False when the lease is somebody else's by now."""
    changed = session.connection().execute(
        update(RUN).where(RUN.c.id == run_id, RUN.c.lease_owner == owner, RUN.c.ended_at.is_(None)).values(**values)
    )
    return changed.rowcount == 1


def release_runs(session: Session, *, owner: str) -> None:
    """Give back what we hold."""
    session.connection().execute(
        update(RUN)
        .where(RUN.c.lease_owner == owner, RUN.c.ended_at.is_(None))
        .values(lease_until=None, lease_owner=None)
    )


def stop_run(session: Session, run_id: str, *, trouble: str, now: datetime) -> bool:
    """End a run where it is, whoever holds it; False when it is over already."""
    ended = {"ended_at": now, "trouble": trouble, "due_at": None, "lease_until": None, "lease_owner": None}
    changed = session.connection().execute(
        update(RUN).where(RUN.c.id == run_id, RUN.c.ended_at.is_(None)).values(**ended)
    )
    return changed.rowcount == 1


def run_by_id(session: Session, run_id: str) -> Reconciliation | None:
    """One run."""
    return session.get(Reconciliation, run_id)


def last_ended(session: Session, *, environment: str) -> Reconciliation | None:
    """The last run that came to its end: one that somebody stopped compared a part only, and no balances."""
    whole = (RUN.c.ended_at.is_not(None), RUN.c.trouble.is_(None))
    query = select(Reconciliation).where(RUN.c.environment == environment, *whole)
    return session.execute(query.order_by(RUN.c.id.desc()).limit(1)).scalar_one_or_none()


def unfinished(session: Session, *, environment: str, day: date | None = None) -> Reconciliation | None:
    """The oldest run that is not over; with a `day`, the one of that day."""
    query = select(Reconciliation).where(RUN.c.environment == environment, RUN.c.ended_at.is_(None))
    if day is not None:
        query = query.where(RUN.c.day == day)
    return session.execute(query.order_by(RUN.c.id).limit(1)).scalar_one_or_none()


def count_legs(session: Session, *, environment: str, since: datetime, until: datetime) -> int:
    """How many legs were sent to the provider in this time."""
    query = select(func.count()).select_from(LEG).where(_sent(environment, since, until))
    return int(session.connection().execute(query).scalar_one())


def next_leg(
    session: Session, *, environment: str, since: datetime, until: datetime, after: tuple[datetime, str] | None
) -> Leg | None:
    """The next leg that was sent in this time, behind `after` (when it was sent, and its id)."""
    query = select(Leg).where(_sent(environment, since, until))
    if after is not None:
        at, last = after
        query = query.where(LEG.c.submitted_at >= at, or_(LEG.c.submitted_at > at, LEG.c.id > last))
    return session.execute(query.order_by(LEG.c.submitted_at, LEG.c.id).limit(1)).scalar_one_or_none()


def leg_to_see_again(session: Session, *, environment: str, run_id: str) -> Leg | None:
    """A leg with an open difference that this run has not looked at."""
    query = (
        select(Leg)
        .join(ReconciliationItem, ITEM.c.leg_id == LEG.c.id)
        .where(ITEM.c.environment == environment, ITEM.c.state == OPEN, ITEM.c.last_run != run_id)
        .order_by(ITEM.c.kind, ITEM.c.id)
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def last_change(session: Session, payment_id: str, leg_id: str) -> datetime | None:
    """When something last happened to a leg."""
    query = select(func.max(EVENT.c.at, type_=EVENT.c.at.type)).where(
        EVENT.c.payment_id == payment_id, EVENT.c.leg_id == leg_id
    )
    return session.connection().execute(query).scalar()


def namesakes(session: Session, leg: Leg, *, provider_id: str | None, receipt: str | None) -> list[str]:
    """The references of other legs that the provider knows by this id, or that have this receipt."""
    known = [
        LEG.c[name] == value
        for name, value in (("provider_id", provider_id), ("receipt", receipt))
        if value is not None
    ]
    found: set[str] = set()
    for condition in known:
        query = select(LEG.c.reference).where(condition, LEG.c.environment == leg.environment, LEG.c.id != leg.id)
        found.update(row[0] for row in session.connection().execute(query.limit(4)))
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Orphan:
    """A signed callback that named no transaction of ours."""

    id: str
    received_at: datetime
    body_sealed: bytes


def orphans(session: Session, *, since: datetime, until: datetime, limit: int) -> list[Orphan]:
    """Those that came in this time."""
    columns = [CALLBACK.c[name] for name in Orphan.__slots__]
    query = (
        select(*columns)
        .where(
            CALLBACK.c.outcome == literal_column("'orphan'"),  # as the partial index says it
            CALLBACK.c.received_at >= since,
            CALLBACK.c.received_at < until,
            CALLBACK.c.signed,
        )
        .order_by(CALLBACK.c.received_at, CALLBACK.c.id)
        .limit(limit)
    )
    return [Orphan(*row) for row in session.connection().execute(query)]


@dataclass(frozen=True, slots=True)
class LegUnderWay:
    """A leg that was sent and is not over, as far as it may move our balances."""

    kind: str
    state: str
    amount: Decimal
    currency: str
    to_pay: Decimal | None
    provider_fee: Decimal | None


def legs_under_way(session: Session, *, environment: str, states: Sequence[str]) -> list[LegUnderWay]:
    """All of them: what is not over is due at some time, and the index of that holds nothing else."""
    columns = [LEG.c[name] for name in LegUnderWay.__slots__]
    query = select(*columns).where(
        LEG.c.due_at.is_not(None), LEG.c.environment == environment, LEG.c.state.in_(states), LEG.c.submissions > 0
    )
    return [LegUnderWay(*row) for row in session.connection().execute(query)]


def transfers_under_way(session: Session, *, environment: str, state: str) -> list[tuple[Decimal, str]]:
    """What is being moved between our balances: amount and currency of each transfer that is in this state."""
    query = select(TRANSFER.c.amount, TRANSFER.c.currency).where(
        TRANSFER.c.due_at.is_not(None), TRANSFER.c.environment == environment, TRANSFER.c.state == state
    )
    return [(row[0], row[1]) for row in session.connection().execute(query)]


def book_balances(session: Session, accounts: Sequence[str], *, environment: str) -> dict[tuple[str, str], Decimal]:
    """What stands on these accounts, by account and currency."""
    by = (ENTRY.c.account, ENTRY.c.currency)
    query = select(*by, exact_sum(ENTRY.c.amount)).where(
        ENTRY.c.environment == environment, ENTRY.c.account.in_(accounts)
    )
    return {(row[0], row[1]): row[2] for row in session.connection().execute(query.group_by(*by))}


def first_with_balances(session: Session, *, environment: str) -> str | None:
    """The id of the first run that compared the balances."""
    query = select(func.min(RUN.c.id)).where(RUN.c.environment == environment, RUN.c.balances.is_not(None))
    return session.connection().execute(query).scalar()


def has_moved(session: Session, movement: str, *, environment: str) -> bool:
    """Whether the books know any movement of this kind."""
    query = select(ENTRY.c.event_id).where(ENTRY.c.environment == environment, ENTRY.c.movement == movement).limit(1)
    return session.connection().execute(query).first() is not None


def set_provider_fee(session: Session, leg_id: str, *, state: str, fee: Decimal, now: datetime) -> bool:
    """Note what a leg cost; False when it is not in this state any more. The leg's payment is locked by the caller."""
    changed = session.connection().execute(
        update(LEG).where(LEG.c.id == leg_id, LEG.c.state == state).values(provider_fee=fee, updated_at=now)
    )
    return changed.rowcount == 1


def _sent(environment: str, since: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(
        LEG.c.submitted_at >= since,
        LEG.c.submitted_at < until,
        LEG.c.environment == environment,
        LEG.c.submissions > 0,
    )
