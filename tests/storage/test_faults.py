"""What happens to works when processes are killed, connections are lost, and everything is taken (faults D02 to D05)."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from storage.database import Database
from storage.errors import (
    CommitUnknown,
    StorageBusy,
    StorageLocked,
    StorageMisconfigured,
    StorageUnavailable,
)
from storage.session import WorkSession
from storage.sqlite_connect import WriterConnection
from storage.sqlite_file import file_system_of, refuse_network_disk
from storage.tables import MessageSlot

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def add(session: Session, chat: int) -> int:
    session.add(MessageSlot(chat_id=chat, slot="card", message_id=1, updated_at=NOW))
    session.flush()
    return chat


def chats(session: Session) -> list[int]:
    return sorted(session.connection().execute(select(col(MessageSlot.chat_id))).scalars())


def backend(session: Session) -> int:
    return int(session.connection().execute(select(func.pg_backend_pid())).scalar_one())


def terminate(url: str, *pids: int) -> None:
    """End server processes, as a failover does: these, or all of the database but our own."""
    with psycopg.connect(url, autocommit=True) as admin:
        if pids:
            admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s::int[]) AS pid", (list(pids),))
        else:
            admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(postgres_url, connections=4, wait_seconds=5)
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database(sqlite_url)
    await database.start()
    yield database
    await database.stop()


WRITER = """
    import asyncio, sys
    from datetime import UTC, datetime
    from storage.database import Database
    from storage.tables import MessageSlot

    def add(session, chat):
        session.add(MessageSlot(chat_id=chat, slot="card", message_id=1, updated_at=datetime.now(UTC)))

    async def client(database, number):
        for chat in range(number, 10**9, 8):
            await database.write(lambda session: add(session, chat))
            print(chat, flush=True)

    async def main():
        database = Database(sys.argv[1])
        await database.start()
        print("started", flush=True)
        if len(sys.argv) > 2:
            await asyncio.sleep(60)
        await asyncio.gather(*(client(database, number) for number in range(8)))

    asyncio.run(main())
"""


def child(url: str, *arguments: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), url, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


@pytest.mark.parametrize("lines", [1, 60, 400])
async def test_what_was_acknowledged_survives_the_death_of_the_process(sqlite_url: str, lines: int) -> None:
    with child(sqlite_url) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline() for _ in range(lines)]
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += writer.stdout.readlines()
    database = Database(sqlite_url)
    await database.start()
    kept = await database.read(chats)
    assert {int(line) for line in acknowledged if line.endswith("\n")} <= set(kept)
    checked = await database.read(
        lambda session: session.connection().exec_driver_sql("PRAGMA integrity_check").scalar()
    )
    assert checked == "ok"
    await database.stop()


async def test_the_writer_waits_for_the_disk(sqlite: Database) -> None:
    """FULL in WAL mode: the log is flushed before a commit returns, so a power cut takes nothing that was answered."""

    def settings(session: Session) -> list[object]:
        names = ("synchronous", "journal_mode", "foreign_keys")
        return [session.connection().exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert await sqlite.write(settings) == [2, "wal", 1]


async def test_a_second_process_on_the_file_is_refused_until_the_first_is_gone(sqlite_url: str) -> None:
    with child(sqlite_url, "only hold it") as holder:
        for attempt in (Database(sqlite_url).start(), Database(sqlite_url).migrate()):
            with pytest.raises(StorageLocked, match="another process"):
                await attempt
        os.kill(holder.pid, signal.SIGKILL)
    database = Database(sqlite_url)
    await database.start()
    with pytest.raises(StorageLocked):
        await Database(sqlite_url).start()
    await database.stop()


def test_a_network_disk_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/sda / ext4 rw 0 0\nserver:/x /mnt/my\\040share nfs4 rw 0 0\n/dev/sdb /mnt ext4 rw 0 0\n")
    assert file_system_of(Path("/mnt/my share/a.db"), mounts.read_text()) == "nfs4"
    assert file_system_of(Path("/mnt/a.db"), mounts.read_text()) == "ext4"
    monkeypatch.setattr("storage.sqlite_file.MOUNTS", mounts)
    with pytest.raises(StorageMisconfigured, match="network disk"):
        refuse_network_disk(Path("/mnt/my share/a.db"))
    refuse_network_disk(Path("/srv/a.db"))


async def test_a_connection_lost_before_commit_took_nothing_and_the_work_is_run_again(
    postgres: Database, postgres_url: str
) -> None:
    runs = []

    def work(session: Session) -> int:
        runs.append(backend(session))
        add(session, 7)
        if len(runs) == 1:
            terminate(postgres_url, runs[0])
            session.connection().execute(select(1))
        return len(runs)

    assert await postgres.write(work) == 2
    assert runs[0] != runs[1]
    assert await postgres.read(chats) == [7]


async def test_a_connection_lost_while_committing_leaves_the_outcome_open(postgres: Database) -> None:
    runs = []

    def prepare(session: Session) -> None:
        session.connection().exec_driver_sql(
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
        )
        session.connection().exec_driver_sql(
            "CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON message_slot DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW WHEN (NEW.chat_id = 7) EXECUTE FUNCTION die()"
        )

    await postgres.write(prepare)
    with pytest.raises(CommitUnknown):
        await postgres.write(lambda session: runs.append(add(session, 7)))
    assert runs == [7]
    assert await postgres.read(chats) == []
    assert await postgres.write(lambda session: add(session, 8)) == 8


async def test_an_answer_to_commit_that_is_lost_is_never_followed_by_a_second_run(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = WorkSession.finish

    def finish_and_lose_the_answer(session: WorkSession) -> None:
        finish(session)
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patched:
        patched.setattr(WorkSession, "finish", finish_and_lose_the_answer)
        with pytest.raises(CommitUnknown) as unknown:
            await postgres.write(lambda session: add(session, 7))
    assert "server closed" not in str(unknown.value)
    assert await postgres.read(chats) == [7]


async def test_after_a_restart_of_the_server_the_next_works_find_new_connections(
    postgres: Database, postgres_url: str
) -> None:
    await asyncio.gather(*(postgres.write(partial(add, chat=n)) for n in range(8)))
    await asyncio.to_thread(terminate, postgres_url)
    assert await asyncio.gather(*(postgres.read(chats) for _ in range(8))) == [list(range(8))] * 8
    await postgres.check()


async def test_a_server_that_is_away_is_not_now(postgres_url: str) -> None:
    database = Database("postgresql://user:canary@127.0.0.1:1/name")
    with pytest.raises(StorageUnavailable) as refused:
        await database.start()
    assert str(refused.value) == "DATABASE_URL: PostgreSQL at 127.0.0.1:1 cannot be reached: refused"
    for again in (database.migrate(), database.look(chats)):
        with pytest.raises(StorageUnavailable, match=r"127\.0\.0\.1:1 cannot be reached: refused"):
            await again


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"database": "canary"}, "no such database"),
        ({"username": "canary"}, "no such user"),
        ({"host": "canary.invalid", "query": {}}, "no such host"),
        ({"query": {"host": "/canary"}, "host": None}, "no such socket"),
    ],
)
async def test_why_a_server_cannot_be_reached_is_said_without_names(
    postgres_url: str, change: dict[str, Any], reason: str
) -> None:
    address = make_url(postgres_url).set(**change)
    with pytest.raises(StorageUnavailable) as refused:
        await Database(address.render_as_string(hide_password=False)).migrate()
    assert str(refused.value).endswith(f"cannot be reached: {reason}")
    assert "canary" not in str(refused.value).replace("canary.invalid:", "")


async def test_a_work_that_went_on_after_a_refused_statement_is_not_taken_for_committed(postgres: Database) -> None:
    def work(session: Session) -> None:
        add(session, 7)
        try:
            session.connection().exec_driver_sql("SELECT 1 / 0")
        except DBAPIError:
            return

    with pytest.raises(RuntimeError, match="begin_nested"):
        await postgres.write(work)
    assert await postgres.read(chats) == []


async def test_when_all_turns_are_taken_others_are_told_and_nothing_of_theirs_is_run(postgres_url: str) -> None:
    database = Database(postgres_url, connections=1, wait_seconds=0.2)
    await database.start()
    begun, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> int:
        begun.set()
        assert go_on.wait(10)
        return add(session, 1)

    writing = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(begun.wait, 10)
    with pytest.raises(StorageBusy):
        await database.write(lambda session: add(session, 2))
    with pytest.raises(StorageBusy):
        await database.read(chats)
    go_on.set()
    assert await writing == 1
    assert await database.read(chats) == [1]
    await database.stop()


async def test_the_queue_of_writes_on_sqlite_has_an_end(sqlite_url: str) -> None:
    database = Database(sqlite_url, most_waiting=5)
    await database.start()
    results = await asyncio.gather(
        *(database.write(partial(add, chat=n)) for n in range(9)),
        return_exceptions=True,
    )
    assert results[:5] == [0, 1, 2, 3, 4]
    assert all(isinstance(result, StorageBusy) for result in results[5:])
    assert await database.write(lambda session: add(session, 5)) == 5
    await database.stop()


async def test_a_statement_that_takes_too_long_is_ended(postgres_url: str) -> None:
    database = Database(postgres_url, statement_seconds=0.2)
    await database.start()
    with pytest.raises(StorageUnavailable, match="57014"):
        await database.write(lambda session: session.connection().execute(select(func.pg_sleep(30))))
    await database.check()
    await database.stop()


async def test_works_in_deadlock_all_succeed(postgres: Database) -> None:
    await asyncio.gather(*(postgres.write(partial(add, chat=n)) for n in range(2)))
    meet = threading.Barrier(2)

    def work(session: Session, first: int, second: int, runs: list[int]) -> None:
        for chat in (first, second):
            session.connection().execute(
                text("UPDATE message_slot SET message_id = message_id + 1 WHERE chat_id = :chat"), {"chat": chat}
            )
            if chat == first and not runs:
                runs.append(chat)
                meet.wait(10)

    await asyncio.gather(
        postgres.write(partial(work, first=0, second=1, runs=[])),
        postgres.write(partial(work, first=1, second=0, runs=[])),
    )
    ids = await postgres.read(
        lambda session: session.connection().execute(select(col(MessageSlot.message_id))).scalars().all()
    )
    assert ids == [3, 3]


@pytest.mark.parametrize(("failures", "succeeds"), [(2, True), (99, False)])
async def test_a_serialization_failure_is_tried_again_a_few_times(
    postgres: Database, monkeypatch: pytest.MonkeyPatch, failures: int, succeeds: bool
) -> None:
    monkeypatch.setattr("storage.postgres.FIRST_PAUSE", 0.001)
    runs = []

    def work(session: Session) -> int:
        runs.append(1)
        add(session, 7)
        if len(runs) <= failures:
            session.connection().exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$")
        return len(runs)

    if succeeds:
        assert await postgres.write(work) == 3
    else:
        with pytest.raises(StorageUnavailable, match="40001"):
            await postgres.write(work)
        assert len(runs) == 5
    assert await postgres.read(chats) == ([7] if succeeds else [])


async def test_works_that_wait_together_share_a_commit_and_the_cancelled_are_not_run(sqlite: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        begun.set()
        assert go_on.wait(10)

    first = asyncio.create_task(sqlite.write(slow))
    await asyncio.to_thread(begun.wait, 10)
    writes = [asyncio.create_task(sqlite.write(partial(add, chat=n))) for n in range(100)]
    await asyncio.sleep(0.01)
    gone = random.Random(7).sample(range(100), 30)
    for number in gone:
        writes[number].cancel()
    before = sqlite.commits
    go_on.set()
    await asyncio.gather(first, *writes, return_exceptions=True)
    assert await sqlite.read(chats) == [number for number in range(100) if number not in gone]
    assert sqlite.commits - before < 20


async def test_a_disk_that_is_full_keeps_nothing_of_a_batch_and_the_writer_goes_on(sqlite: Database) -> None:
    def limit(session: Session, pages: int) -> None:
        session.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def too_much(session: Session) -> None:
        connection = session.connection()
        connection.exec_driver_sql("CREATE TABLE big (x BLOB)")
        connection.exec_driver_sql("INSERT INTO big VALUES (zeroblob(10000000))")

    await sqlite.write(lambda session: limit(session, 200))
    results = await asyncio.gather(
        sqlite.write(lambda session: add(session, 1)),
        sqlite.write(too_much),
        sqlite.write(lambda session: add(session, 2)),
        return_exceptions=True,
    )
    assert isinstance(results[1], StorageUnavailable)
    kept = [result for result in results if isinstance(result, int)]
    assert await sqlite.read(chats) == kept
    await sqlite.write(lambda session: limit(session, 1_000_000))
    await sqlite.write(lambda session: add(session, 3))
    await sqlite.check()


async def test_a_disk_that_fails_while_committing_leaves_the_outcome_open(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = WriterConnection.execute

    def fails(self: WriterConnection, statement: str, *values: Any) -> sqlite3.Cursor:
        if statement == "COMMIT":
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error
        return execute(self, statement, *values)

    with monkeypatch.context() as patched:
        patched.setattr(WriterConnection, "execute", fails)
        results = await asyncio.gather(*(sqlite.write(partial(add, chat=n)) for n in range(3)), return_exceptions=True)
        assert [type(result) for result in results] == [CommitUnknown] * 3
    assert await sqlite.read(chats) == []
    assert await sqlite.write(partial(add, chat=7)) == 7


async def test_a_database_is_started_once(database: Database) -> None:
    with pytest.raises(RuntimeError, match="started already"):
        await database.start()
    await database.check()
