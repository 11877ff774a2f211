"""The one thread that writes to SQLite, with group commit.

It opens a transaction, runs what is waiting, each work inside its own savepoint, commits once, and only then answers
all of them. So the disk flush of a commit is shared by everybody who waited for it, and a work that fails takes back
nothing but itself. To SQLAlchemy a work's savepoint is a whole transaction (see `WriterConnection`); the real BEGIN
IMMEDIATE and COMMIT are spoken here alone.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool
from sqlmodel import Session

from storage.errors import CommitUnknown, StorageUnavailable
from storage.session import Outcome, WorkSession
from storage.sqlite_connect import WriterConnection, connect_writer, sqlite_code, unavailable

BATCH_WORKS = 128
BATCH_SECONDS = 0.005


class Job:
    """A work that waits for its turn, and the future of the one who waits for it."""

    __slots__ = ("future", "outcome", "work")

    def __init__(self, work: Callable[[Session], Any], future: asyncio.Future[Any]) -> None:
        self.work = work
        self.future = future
        self.outcome = Outcome()


class Writer:
    """Runs works one after the other and commits them in groups. Its futures belong to `loop`."""

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop) -> None:
        """Opens the connection and starts the thread. Raises `sqlite3.Error` and `StorageMisconfigured`."""
        self.commits = 0
        self._loop = loop
        self._queue: queue.SimpleQueue[list[Job] | None] = queue.SimpleQueue()
        self._waiting: deque[Job] = deque()
        self._ending = False
        self._door = threading.Lock()
        self._open = True
        self._raw = connect_writer(path)
        self._engine = create_engine("sqlite://", creator=lambda: self._raw, poolclass=StaticPool, hide_parameters=True)
        event.listen(self._engine, "begin", _begin_work)
        self._connection = self._engine.connect()
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, jobs: list[Job]) -> bool:
        """Queue these works, in this order. False when the writer was closed: nobody will run them."""
        with self._door:
            if self._open:
                self._queue.put(jobs)
            return self._open

    def close(self) -> None:
        """Finish what is queued, end the thread and close the connection. Blocking."""
        with self._door:
            if not self._open:
                return
            self._open = False
            self._queue.put(None)
        self._thread.join()
        self._connection.close()
        self._engine.dispose()
        self._raw.close()

    def _run(self) -> None:
        while not self._ending or self._waiting:
            self._collect(block=not self._waiting)
            if self._waiting:
                self._batch()

    def _collect(self, *, block: bool) -> None:
        """Move what was submitted to `_waiting`; with `block`, wait until there is something."""
        with contextlib.suppress(queue.Empty):
            while not self._ending:
                jobs = self._queue.get(block)
                block = False
                if jobs is None:
                    self._ending = True
                else:
                    self._waiting.extend(jobs)

    def _batch(self) -> None:
        """One transaction: begin, works, commit, answers."""
        done: list[Job] = []
        whole = Outcome()
        with whole:
            self._raw.begin()
            until = time.monotonic() + BATCH_SECONDS
            while self._waiting and len(done) < BATCH_WORKS and (not done or time.monotonic() < until):
                job = self._waiting.popleft()
                if job.future.cancelled():
                    continue
                done.append(job)
                self._work(job)
                if not self._raw.in_transaction:
                    raise StorageUnavailable("SQLite rolled the transaction back")
                if self._raw.in_work:
                    raise StorageUnavailable("SQLite could not undo a work by itself")
                if not self._waiting:
                    self._collect(block=False)
            self._commit()
        if whole.error is not None:
            if not done:  # could not even begin: so nobody who waits can be served now
                done, self._waiting = list(self._waiting), deque()
            self._give_up(done, whole.error)
        with contextlib.suppress(RuntimeError):  # the loop is gone, and nobody waits any more
            self._loop.call_soon_threadsafe(_answer, done)

    def _work(self, job: Job) -> None:
        with job.outcome, WorkSession(self._connection) as session:
            job.outcome.result = job.work(session)
            session.finish()
        if job.outcome.error is not None:
            job.outcome.error = unavailable(job.outcome.error) or job.outcome.error

    def _commit(self) -> None:
        try:
            self._raw.execute("COMMIT")
        except sqlite3.Error as error:
            if sqlite_code(error) == sqlite3.SQLITE_IOERR:
                raise CommitUnknown("the disk failed while SQLite was committing") from error
            raise
        self.commits += 1

    def _give_up(self, jobs: list[Job], error: BaseException) -> None:
        """Nothing of this batch is kept. Those that had failed by themselves keep their own error."""
        with contextlib.suppress(sqlite3.Error):
            self._raw.abandon()
        if not isinstance(error, StorageUnavailable):
            error = unavailable(error) or StorageUnavailable("the group commit failed")
        for job in jobs:
            if job.outcome.error is None:
                job.outcome.error = error


def _begin_work(connection: Connection) -> None:
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, WriterConnection)
    raw.begin_work()


def _answer(jobs: list[Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.outcome.error is not None:
            job.future.set_exception(job.outcome.error)
        else:
            job.future.set_result(job.outcome.result)
