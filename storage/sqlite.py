"""SQLite: one writer with group commit, and readers on connections of their own, all inside one process."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool
from sqlmodel import Session

from storage.errors import NoDatabase, StorageBusy, StorageMisconfigured, StorageUnavailable
from storage.session import WorkSession
from storage.sqlite_connect import connect, connect_reader, unavailable
from storage.sqlite_file import FileGuard, create_private, refuse_network_disk
from storage.sqlite_writer import Job, Writer
from storage.turns import Turns


class SqliteStore:
    """The works of one process on one SQLite file. Open it, use it and close it on one event loop."""

    dialect: Final = "sqlite"

    def __init__(self, path: Path, *, readers: int, wait_seconds: float, most_waiting: int) -> None:
        """`readers`: reads at once. `wait_seconds`: of a read, for its turn. `most_waiting`: queued writes."""
        self._path = path
        self._guard = FileGuard(path)
        self._readers = readers
        self._wait_seconds = wait_seconds
        self._most_waiting = most_waiting
        self._pending: list[Job] = []
        self._waiting = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writer: Writer | None = None
        self._reads: Turns | None = None
        self._read_engine: Engine | None = None

    @property
    def commits(self) -> int:
        """How many transactions the writer has committed since it was opened."""
        return self._writer.commits if self._writer is not None else 0

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the file and start the threads. Blocking. Raises `StorageLocked` or `StorageMisconfigured`."""
        if self._reads is not None:
            raise RuntimeError("the database is started already")
        self._take()
        try:
            self._writer = Writer(self._path, loop)
        except sqlite3.Error as error:
            self._guard.release()
            raise StorageMisconfigured(f"DATABASE_URL: SQLite cannot use the file: {error}") from error
        except StorageMisconfigured:
            self._guard.release()
            raise
        self._loop = loop
        self._reads = Turns("sqlite-reader", self._readers, wait_seconds=self._wait_seconds)
        self._read_engine = create_engine(
            "sqlite://",
            creator=lambda: connect_reader(self._path),
            poolclass=QueuePool,
            pool_size=self._readers,
            max_overflow=0,
            pool_use_lifo=True,  # as few connections as there are reads at once
            hide_parameters=True,
        )
        event.listen(self._read_engine, "begin", _begin_snapshot)

    def close(self) -> None:
        """Finish what is queued, close, and give the file back. Blocking, and not to be called in the loop's thread."""
        if self._reads is not None:
            self._reads.close()
        if self._read_engine is not None:
            self._read_engine.dispose()
        if self._writer is not None:
            self._writer.close()
        self._reads = self._read_engine = None
        self._guard.release()

    async def write(self, work: Callable[[Session], Any]) -> Any:
        """Queue a work; returns after the commit that holds it. One whose caller is gone before its turn is not run."""
        if self._reads is None or self._loop is None:
            raise StorageUnavailable("the database is not started")
        if self._waiting >= self._most_waiting:
            raise StorageBusy("too many works wait for the database")
        job = Job(work, self._loop.create_future())
        if not self._pending:  # works of one turn of the loop travel together, and wake the writer once
            self._loop.call_soon(self._hand_over)
        self._pending.append(job)
        self._waiting += 1
        try:
            return await job.future
        finally:
            self._waiting -= 1

    async def read(self, work: Callable[[Session], Any]) -> Any:
        """Run a work on a snapshot of what is committed."""
        engine = self._read_engine
        if self._reads is None or engine is None:
            raise StorageUnavailable("the database is not started")
        return await self._reads.run(lambda: _read(engine, work))

    def look(self, work: Callable[[Session], Any]) -> Any:
        """Run a work that only reads on a connection of its own, without taking the file. Blocking."""
        if not self._path.is_file():
            raise NoDatabase("DATABASE_URL: there is no such SQLite file yet")
        engine = create_engine("sqlite://", creator=lambda: connect_reader(self._path), poolclass=NullPool)
        try:
            return _read(engine, work)
        finally:
            engine.dispose()

    def migrate(self, upgrade: Callable[[Engine], None]) -> None:
        """Run `upgrade` on an engine whose transactions hold the write lock, with foreign keys off. Blocking."""
        held = self._guard.held
        self._take()
        engine = create_engine("sqlite://", creator=self._connect_for_migration, poolclass=NullPool)
        event.listen(engine, "begin", _begin_immediate)
        try:
            upgrade(engine)
        except (DBAPIError, sqlite3.Error) as error:
            if (later := unavailable(error)) is not None:
                raise later from error
            raise
        finally:
            engine.dispose()
            if not held:
                self._guard.release()

    def _hand_over(self) -> None:
        jobs, self._pending = self._pending, []
        if self._writer is not None and self._writer.submit(jobs):
            return
        for job in jobs:
            if not job.future.done():
                job.future.set_exception(StorageUnavailable("the database was stopped"))

    def _take(self) -> None:
        if not self._path.parent.is_dir():
            raise StorageMisconfigured("DATABASE_URL: the folder of the SQLite file does not exist")
        refuse_network_disk(self._path)
        if not self._guard.held:
            self._guard.acquire()
            create_private(self._path)

    def _connect_for_migration(self) -> sqlite3.Connection:
        connection = connect(self._path)
        connection.execute("PRAGMA foreign_keys = OFF")
        return connection


def _read(engine: Engine, work: Callable[[Session], Any]) -> Any:
    try:
        with WorkSession(engine) as session:
            return work(session)
    except (DBAPIError, sqlite3.Error) as error:
        if (later := unavailable(error)) is not None:
            raise later from error
        raise


def _begin_snapshot(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
