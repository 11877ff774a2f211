"""What works may rely on, on both engines alike."""

import asyncio
import threading
import traceback
import uuid
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, col

from storage.database import Database
from storage.errors import SchemaOutdated, StorageMisconfigured, StorageUnavailable
from storage.tables import MessageSlot, Notice, table_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def slot(chat: int, name: str = "card") -> MessageSlot:
    return MessageSlot(chat_id=chat, slot=name, message_id=1, updated_at=NOW)


def slots(session: Session) -> int:
    return session.connection().execute(select(func.count()).select_from(MessageSlot)).scalar_one()


async def test_what_was_written_is_read_and_objects_outlive_their_session(database: Database) -> None:
    def write(session: Session) -> MessageSlot:
        session.add(made := slot(7))
        return made

    made = await database.write(write)
    found = await database.read(lambda session: session.get(MessageSlot, (7, "card")))
    assert found is not None
    assert (made.chat_id, found.message_id, found.updated_at) == (7, 1, NOW)


async def test_a_work_that_raises_is_undone_whole_and_its_caller_gets_the_error(database: Database) -> None:
    def fail(session: Session) -> None:
        session.add(slot(1))
        session.flush()
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await database.write(fail)
    assert await database.read(slots) == 0


async def test_works_that_fail_do_not_disturb_their_neighbours(database: Database) -> None:
    await database.write(lambda session: session.add(slot(0)))

    def work(number: int, session: Session) -> int:
        session.add(slot(number))
        if number % 3 == 0:
            session.add(slot(0, "card"))  # taken: the flush fails
            if number % 2:
                session.add(slot(number, "other"))
        session.flush()
        if number % 5 == 0:
            raise ValueError(number)
        return number

    results = await asyncio.gather(
        *(database.write(partial(work, number)) for number in range(1, 61)), return_exceptions=True
    )
    for number, result in enumerate(results, start=1):
        if number % 3 == 0:
            assert isinstance(result, IntegrityError)
        elif number % 5 == 0:
            assert isinstance(result, ValueError)
        else:
            assert result == number
    kept = await database.read(
        lambda session: set(session.connection().execute(select(col(MessageSlot.chat_id))).scalars())
    )
    assert kept == {0} | {number for number in range(1, 61) if number % 3 and number % 5}


async def test_a_work_can_survive_a_refused_row_inside_begin_nested(database: Database) -> None:
    await database.write(lambda session: session.add(slot(1)))

    def work(session: Session) -> str:
        session.add(slot(2))
        session.flush()
        try:
            with session.begin_nested():
                session.add(slot(1))
                session.flush()
        except IntegrityError:
            session.add(slot(3))
        return "done"

    assert await database.write(work) == "done"
    assert await database.read(slots) == 3


async def test_a_work_must_not_commit(database: Database) -> None:
    def work(session: Session) -> None:
        session.add(slot(1))
        session.commit()

    with pytest.raises(RuntimeError, match="must not commit"):
        await database.write(work)
    assert await database.read(slots) == 0


async def test_reads_cannot_write(database: Database) -> None:
    def write(session: Session) -> None:
        session.add(slot(1))
        session.flush()

    with pytest.raises(DBAPIError):
        await database.read(write)
    await database.write(write)
    assert await database.read(slots) == 1


async def test_readers_see_only_what_is_committed_while_a_writer_works(database: Database) -> None:
    written, go_on = threading.Event(), threading.Event()

    def write(session: Session) -> None:
        session.add(slot(1))
        session.flush()
        written.set()
        assert go_on.wait(10)

    writing = asyncio.create_task(database.write(write))
    await asyncio.to_thread(written.wait, 10)
    assert await database.read(slots) == 0
    go_on.set()
    await writing
    assert await database.read(slots) == 1


async def test_what_a_work_reads_is_all_of_one_moment(database: Database) -> None:
    loop = asyncio.get_running_loop()

    def read(session: Session) -> tuple[int, int]:
        before = slots(session)
        asyncio.run_coroutine_threadsafe(database.write(lambda writing: writing.add(slot(1))), loop).result(10)
        return before, slots(session)

    assert await database.read(read) == (0, 0)
    assert await database.read(slots) == 1


async def test_a_work_never_meets_the_objects_of_another(database: Database) -> None:
    await database.write(lambda session: session.add(slot(1)))

    def change(session: Session) -> None:
        found = session.get(MessageSlot, (1, "card"))
        assert found is not None
        found.message_id = 99
        session.flush()
        raise LookupError

    def look(session: Session) -> int:
        assert not list(session.identity_map.values())
        found = session.get(MessageSlot, (1, "card"))
        assert found is not None
        return found.message_id

    changed, seen = await asyncio.gather(database.write(change), database.write(look), return_exceptions=True)
    assert isinstance(changed, LookupError)
    assert seen == 1


async def test_an_answer_is_given_only_after_the_commit(database: Database) -> None:
    async def write_and_look(number: int) -> bool:
        await database.write(lambda session: session.add(slot(number)))
        found = await database.read(lambda session: session.get(MessageSlot, (number, "card")))
        return found is not None

    assert all(await asyncio.gather(*(write_and_look(number) for number in range(50))))


async def test_odd_exceptions_reach_the_caller_and_the_database_goes_on(database: Database) -> None:
    class Odd(BaseException):
        pass

    def stop(session: Session) -> None:
        raise StopIteration

    def odd(session: Session) -> None:
        raise Odd

    with pytest.raises(RuntimeError):
        await database.write(stop)
    with pytest.raises(Odd):
        await database.write(odd)
    await database.check()


async def test_a_caller_that_is_cancelled_leaves_the_database_in_order(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        begun.set()
        assert go_on.wait(10)
        session.add(slot(1))

    writing = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(begun.wait, 10)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    go_on.set()
    await database.write(lambda session: session.add(slot(2)))
    await database.check()


@pytest.mark.parametrize("kind", ["x", None])
async def test_errors_do_not_show_the_values_of_a_row(database: Database, kind: str | None) -> None:
    """Neither those of a key that is taken twice nor, for a value that is missing, those of the whole row."""

    def work(session: Session) -> None:
        for _ in range(2):
            row = {"id": uuid.uuid4().hex, "dedupe_key": "canary-key", "chat_id": 1, "created_at": NOW}
            known = {"state": "due", "attempts": 0, "kind": kind, "last_error": "canary-phone"}
            session.connection().execute(insert(table_of(Notice)), [row | known])

    with pytest.raises(IntegrityError) as refused:
        await database.write(work)
    shown = "".join(traceback.format_exception(refused.value))
    assert "constraint" in shown
    assert "canary" not in shown.replace('"canary-', "")


async def test_stopping_finishes_what_was_accepted(database_url: str) -> None:
    database = Database(database_url)
    await database.start()

    def add(number: int, session: Session) -> None:
        session.add(slot(number))

    writes = [asyncio.create_task(database.write(partial(add, number))) for number in range(40)]
    await asyncio.sleep(0)
    await database.stop()
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert all(result is None or isinstance(result, StorageUnavailable) for result in results)
    await database.start()
    assert await database.read(slots) == results.count(None)
    await database.stop()


async def test_a_stopped_database_says_so(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(StorageUnavailable):
        await database.read(slots)
    await database.start()
    await database.stop()
    await database.stop()
    with pytest.raises(StorageUnavailable):
        await database.write(slots)


async def test_a_database_without_tables_is_not_ready(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    await database.start()
    with pytest.raises(SchemaOutdated):
        await database.check()
    await database.migrate()
    await database.check()
    await database.stop()


async def test_tables_newer_than_the_program_are_accepted_and_left_alone(database: Database) -> None:
    await database.write(
        lambda session: session.connection().execute(text("UPDATE alembic_version SET version_num = '9999'"))
    )
    await database.check()
    await database.migrate()
    await database.check()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "sqlite:///x.db?canary=1",
        "mysql://canary:canary@localhost/canary",
        "canary",
        "",
        "postgresql://user:canary@host:port/name",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(StorageMisconfigured, match="DATABASE_URL") as refused:
        Database(url)
    assert "canary" not in str(refused.value)


def test_a_database_prints_no_address(sqlite_url: str) -> None:
    assert repr(Database(sqlite_url)) == "Database(sqlite)"
    assert repr(Database("postgres://user:canary@host/name")) == "Database(postgresql)"
