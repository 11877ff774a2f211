"""What waits is counted from indexes, and on SQLite the leases of a process that is gone can be given back at once."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select, update
from sqlmodel import Session

from storage.callbacks import store_callbacks
from storage.counts import Backlog, backlog
from storage.database import Database
from storage.leases import release_all
from storage.payments import LEG, due_legs, open_cases
from storage.tables import Notice, UpdateReceived, table_of

if TYPE_CHECKING:
    from tests.storage.conftest import Rows

HOUR = timedelta(hours=1)


def notice(rows: "Rows", **values: Any) -> dict[str, Any]:
    number = rows.numbers()
    known = {"id": f"n{number}", "dedupe_key": f"n{number}", "chat_id": 1, "kind": "screen", "state": "due"}
    return known | {"attempts": 0, "due_at": rows.now, "created_at": rows.now} | values


def update_row(rows: "Rows", **values: Any) -> dict[str, Any]:
    known = {"update_id": rows.numbers(), "person": "1", "state": "new", "received_at": rows.now}
    return known | {"attempts": 0, "due_at": rows.now} | values


async def test_what_waits_is_counted_and_what_is_done_is_not(database: Database, rows: "Rows") -> None:
    assert await database.read(lambda session: backlog(session, now=rows.now)) == Backlog(0, 0, 0, 0, 0, 0)

    def write(session: Session) -> None:
        for due_at in (rows.now, rows.now, rows.now + HOUR, None):
            rows.open(session, due_at=due_at)
        open_cases(session, [rows.case(), rows.case()])
        open_cases(session, [rows.case(resolved_at=rows.now)])
        store_callbacks(session, [rows.callback(), rows.callback(due_at=None)])
        connection = session.connection()
        connection.execute(insert(table_of(Notice)), [notice(rows), notice(rows), notice(rows, due_at=None)])
        connection.execute(insert(table_of(UpdateReceived)), [update_row(rows), update_row(rows, due_at=None)])

    await database.write(write)
    assert await database.read(lambda session: backlog(session, now=rows.now)) == Backlog(
        open_cases=2, open_legs=3, due_legs=2, waiting_notices=2, waiting_updates=1, waiting_callbacks=1
    )


async def test_all_leases_are_given_back_and_nothing_else_changes(sqlite_url: str, rows: "Rows") -> None:
    database = Database(sqlite_url)
    await database.start()
    lease = {"lease_owner": "gone", "lease_until": rows.now + HOUR}

    def write(session: Session) -> str:
        key = rows.open(session, **lease)
        rows.open(session)
        session.connection().execute(insert(table_of(Notice)), [notice(rows, **lease)])
        session.connection().execute(insert(table_of(UpdateReceived)), [update_row(rows, **lease)])
        return key.leg_id

    leg_id = await database.write(write)

    def whole(session: Session) -> dict[str, Any]:
        return dict(session.connection().execute(select(LEG).where(LEG.c.id == leg_id)).mappings().one())

    before = await database.read(whole)
    assert await database.write(release_all) == 3
    assert await database.write(release_all) == 0
    assert await database.read(whole) == before | {"lease_owner": None, "lease_until": None}
    claimed = await database.write(
        lambda session: due_legs(
            session, environment="sandbox", owner="new", now=rows.now, until=rows.now + HOUR, limit=9
        )
    )
    assert leg_id in claimed
    await database.stop()


async def test_where_replicas_may_be_at_work_leases_are_left_alone(postgres_url: str, rows: "Rows") -> None:
    database = Database(postgres_url)
    await database.start()
    await database.write(lambda session: rows.open(session, lease_owner="other", lease_until=rows.now + HOUR))
    with pytest.raises(RuntimeError, match="SQLite"):
        await database.write(release_all)
    owners = await database.write(
        lambda session: (
            session.connection().execute(update(LEG).values(polls=1).returning(LEG.c.lease_owner)).scalars().all()
        )
    )
    assert owners == ["other"]
    await database.stop()
