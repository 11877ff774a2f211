"""Queries on Telegram updates: stored once by update id, handled one after the other for each person.

What was seen is the set of rows, never a high-water mark: update ids jump, and they arrive out of order. So a person's
oldest open update is a candidate only while no other of theirs is under a lease; and since an older one may arrive while a
newer one is being claimed elsewhere, PostgreSQL claimers lock the person (for the transaction only) and look again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, not_, or_, select, text, update
from sqlalchemy import Table as SqlTable
from sqlmodel import Session

from storage.tables import UpdateReceived, table_of
from storage.writing import insert_ignoring

UPDATE: SqlTable = table_of(UpdateReceived)


class LostLease(Exception):
    """Somebody else has taken this update over, or it is done: nothing of our handling may be committed."""


@dataclass(frozen=True, slots=True)
class ClaimedUpdate:
    """An update under a lease of ours. `attempts` counts this one too."""

    update_id: int
    person: str
    body_sealed: bytes
    received_at: datetime
    attempts: int
    lease_owner: str


_COLUMNS = [UPDATE.c[name] for name in ClaimedUpdate.__slots__]
_LOCK_PERSONS = text(
    "SELECT person FROM unnest(CAST(:persons AS text[])) AS person "
    "WHERE pg_try_advisory_xact_lock(hashtextextended(person, 20871))"
)


def store_updates(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert updates; one whose id is known is left as it stands, done or not."""
    insert_ignoring(session, UPDATE, rows, unique="update_id")


def claim_updates(session: Session, *, lease: str, now: datetime, until: datetime, limit: int) -> list[ClaimedUpdate]:
    """Take the oldest open update of up to `limit` persons, oldest first, under a lease until `until`.

    The claim counts as an attempt at once, so that an update that ends the process is counted as well.
    """
    connection = session.connection()
    next_ones = _next_ones(now)
    candidates = connection.execute(
        select(UPDATE.c.person)
        .where(next_ones, UPDATE.c.due_at <= now)
        .order_by(UPDATE.c.due_at, UPDATE.c.update_id)
        .limit(limit)
    )
    persons: list[str] = list(candidates.scalars())
    if persons and connection.dialect.name == "postgresql":
        persons = list(connection.execute(_LOCK_PERSONS, {"persons": persons}).scalars())
    if not persons:
        return []
    connection.execute(
        update(UPDATE)
        .where(UPDATE.c.person.in_(persons), next_ones, UPDATE.c.due_at <= now)
        .values(lease_owner=lease, lease_until=until, attempts=UPDATE.c.attempts + 1)
    )
    claimed = connection.execute(
        select(*_COLUMNS)
        .where(UPDATE.c.person.in_(persons), UPDATE.c.lease_owner == lease, UPDATE.c.due_at.is_not(None))
        .order_by(UPDATE.c.due_at, UPDATE.c.update_id)
    )
    return [ClaimedUpdate(*row) for row in claimed]


def _next_ones(now: datetime) -> ColumnElement[bool]:
    """Each person's oldest open update, unless one of theirs is under a lease."""
    other = UPDATE.alias("other")
    return and_(
        UPDATE.c.due_at.is_not(None),
        or_(UPDATE.c.lease_until.is_(None), UPDATE.c.lease_until < now),
        not_(
            select(other.c.update_id)
            .where(
                other.c.person == UPDATE.c.person,
                other.c.due_at.is_not(None),
                other.c.update_id != UPDATE.c.update_id,
                or_(other.c.update_id < UPDATE.c.update_id, other.c.lease_until >= now),
            )
            .exists()
        ),
    )


def finish_update(session: Session, claimed: ClaimedUpdate, now: datetime) -> None:
    """Mark as done, in the transaction of its effects; what it said is forgotten. Raises `LostLease`."""
    _close(session, claimed, {"state": "done", "body_sealed": None, "last_error": None, "handled_at": now})


def park_update(session: Session, claimed: ClaimedUpdate, now: datetime, error: str) -> None:
    """Give up on it, and let the person's next one through. Its content is kept for a while. Raises `LostLease`."""
    _close(session, claimed, {"state": "parked", "last_error": error, "handled_at": now})


def postpone_update(
    session: Session, claimed: ClaimedUpdate, *, due_at: datetime, error: str, counts: bool = True
) -> None:
    """Try again at `due_at`; the person's later updates wait. `counts`: whether it is a failure. Raises `LostLease`."""
    _close(session, claimed, {"due_at": due_at, "last_error": error, "attempts": claimed.attempts - int(not counts)})


def _close(session: Session, claimed: ClaimedUpdate, values: Mapping[str, Any]) -> None:
    result = session.connection().execute(
        update(UPDATE)
        .where(UPDATE.c.update_id == claimed.update_id, UPDATE.c.lease_owner == claimed.lease_owner)
        .values({"due_at": None, "lease_owner": None, "lease_until": None, **values})
    )
    if result.rowcount != 1:
        raise LostLease


def drop_old_updates(session: Session, *, done_before: datetime, parked_before: datetime) -> None:
    """Forget updates that Telegram cannot deliver again: it repeats what is not acknowledged for 24 hours at most."""
    session.connection().execute(
        delete(UPDATE).where(
            or_(
                and_(UPDATE.c.state == "done", UPDATE.c.handled_at < done_before),
                and_(UPDATE.c.state == "parked", UPDATE.c.handled_at < parked_before),
            )
        )
    )
