"""Callbacks on both engines: stored once for good, taken in order of arrival, finished once, and shared by nobody."""

import asyncio
import threading
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlmodel import Session

from storage.callbacks import CALLBACK, finish_callbacks, store_callbacks, take_callbacks
from storage.database import Database

if TYPE_CHECKING:
    from tests.storage.conftest import Rows

SECOND = timedelta(seconds=1)


def take(session: Session, rows: "Rows", limit: int = 10) -> list[str]:
    return [stored.id for stored in take_callbacks(session, now=rows.now, limit=limit)]


def finished(rows: "Rows", callback_id: str, **values: Any) -> dict[str, Any]:
    return {"b_id": callback_id, "outcome": "applied", "handled_at": rows.now, "due_at": None} | values


async def test_a_body_is_kept_once_also_when_it_comes_again_after_it_was_handled(
    database: Database, rows: "Rows"
) -> None:
    first, other = rows.callback(), rows.callback()
    again = rows.callback(digest=first["digest"], body_sealed=b"again")
    await database.write(lambda session: store_callbacks(session, [first]))
    await database.write(lambda session: store_callbacks(session, [again, other, again]))
    assert await database.write(lambda session: take(session, rows)) == [first["id"], other["id"]]
    await database.write(lambda session: finish_callbacks(session, [finished(rows, first["id"])]))
    await database.write(lambda session: store_callbacks(session, [again]))
    (stored,) = await database.write(lambda session: take_callbacks(session, now=rows.now, limit=10))
    assert (stored.id, stored.body_sealed, stored.signed, stored.received_at) == (
        other["id"],
        b"sealed",
        True,
        rows.now,
    )


async def test_callbacks_are_taken_in_order_of_arrival_when_they_are_due(database: Database, rows: "Rows") -> None:
    early, late = rows.callback(due_at=rows.now - SECOND), rows.callback(due_at=rows.now + SECOND)
    arrived = [rows.callback() for _ in range(3)]
    await database.write(lambda session: store_callbacks(session, [late, *reversed(arrived), early]))
    ids = [early["id"], *(row["id"] for row in arrived)]
    assert await database.write(lambda session: take(session, rows, limit=2)) == ids[:2]
    assert await database.write(lambda session: take(session, rows)) == ids


async def test_what_came_of_a_callback_is_written_once(database: Database, rows: "Rows") -> None:
    row = rows.callback()
    await database.write(lambda session: store_callbacks(session, [row]))
    retried = finished(rows, row["id"], outcome=None, handled_at=None, due_at=rows.now)
    for change in (retried, finished(rows, row["id"]), finished(rows, row["id"], outcome="parked")):
        await database.write(partial(finish_callbacks, changes=[change]))
    await database.write(lambda session: finish_callbacks(session, []))

    def read(session: Session) -> tuple[Any, ...]:
        columns = (CALLBACK.c.outcome, CALLBACK.c.handled_at, CALLBACK.c.due_at, CALLBACK.c.attempts)
        return tuple(session.connection().execute(select(*columns)).one())

    assert await database.read(read) == ("applied", rows.now, None, 2)


async def test_two_replicas_never_apply_the_same_callback(postgres_url: str, rows: "Rows") -> None:
    first, second = Database(postgres_url), Database(postgres_url)
    await first.start()
    await second.start()
    await first.write(lambda session: store_callbacks(session, [rows.callback() for _ in range(20)]))
    taken, go_on = threading.Event(), threading.Event()

    def apply(session: Session) -> set[str]:
        ids = take(session, rows, limit=8)
        taken.set()
        assert go_on.wait(10)
        finish_callbacks(session, [finished(rows, one) for one in ids])
        return set(ids)

    applying = asyncio.create_task(first.write(apply))
    await asyncio.to_thread(taken.wait, 10)
    others = set(await second.write(lambda session: take(session, rows, limit=20)))
    go_on.set()
    mine = await applying
    assert (len(mine), len(others), mine & others) == (8, 12, set())
    assert set(await second.write(lambda session: take(session, rows, limit=20))) == others
    await first.stop()
    await second.stop()
