"""The one object that runs works against the database, the same way on SQLite and on PostgreSQL.

A *work* is a plain synchronous function that takes a `Session` and returns what its caller wants to know. It runs in
another thread, inside a transaction that is committed after it returned and rolled back when it raised. What it must
keep to:

- It may be run again from the start (a deadlock, a lost connection), so it has no effects but those on the session,
  and it reads the clock and draws random values before, not inside.
- It is short: it makes no HTTP call and waits for nothing. On SQLite everybody who writes waits for it.
- It does not commit. It may use `session.begin_nested()` to survive a constraint that refuses a row; better is
  `ON CONFLICT DO NOTHING`. On the hot path it uses Core statements through `session.connection()`.
- It returns values or loaded rows; nothing that still needs the session.
"""

import asyncio
import logging
from collections.abc import Callable
from subprocess import Popen
from typing import TYPE_CHECKING, TypeVar, cast

from sqlalchemy import make_url, text
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from storage import migrations
from storage.errors import NoDatabase, SchemaOutdated, StorageMisconfigured, StorageUnavailable
from storage.sqlite import SqliteStore
from storage.sqlite_file import file_of

if TYPE_CHECKING:
    from storage.postgres import PostgresStore

    Store = SqliteStore | PostgresStore

T = TypeVar("T")
log = logging.getLogger(__name__)

POSTGRESQL = frozenset({"postgres", "postgresql", "postgresql+psycopg"})
SQLITE = frozenset({"sqlite", "sqlite+pysqlite"})


class Database:
    """SQLite for one process, PostgreSQL for several. All calls belong to the event loop that started it."""

    def __init__(
        self,
        url: str,
        *,
        connections: int = 8,
        wait_seconds: float = 10.0,
        statement_seconds: float = 15.0,
        most_waiting: int = 10_000,
    ) -> None:
        """`url` as in `sqlite:///data/assistant.db` or `postgresql://user:password@host/name`.

        `connections`: works at once on PostgreSQL; on SQLite half as many reads at once. `wait_seconds`: how long a
        work waits for its turn. `statement_seconds`: limit of a statement on PostgreSQL. `most_waiting`: writes queued
        on SQLite.
        Raises `StorageMisconfigured`, without repeating the address.
        """
        try:
            address = make_url(url)
        except (ArgumentError, ValueError):  # the second for a port that is no number
            raise StorageMisconfigured("DATABASE_URL: this is not a database address") from None
        self._store: Store
        if address.drivername in SQLITE:
            self._store = SqliteStore(
                file_of(address), readers=max(1, connections // 2), wait_seconds=wait_seconds, most_waiting=most_waiting
            )
        elif address.drivername in POSTGRESQL:
            from storage.postgres import PostgresStore

            self._store = PostgresStore(
                address, connections=connections, wait_seconds=wait_seconds, statement_seconds=statement_seconds
            )
        else:
            raise StorageMisconfigured("DATABASE_URL: it must begin with sqlite:/// or postgresql://")
        self._url = url
        self._known: list[str] = []

    def __repr__(self) -> str:
        return f"Database({self.dialect})"

    @property
    def dialect(self) -> str:
        """'sqlite' or 'postgresql'."""
        return self._store.dialect

    @property
    def commits(self) -> int:
        """How many transactions were committed for writes since the start; on SQLite many writes share one."""
        return self._store.commits

    async def migrate(self, *, apart: bool = False, begun: Popen[bytes] | None = None) -> None:
        """Bring the tables up to this program, before or after `start`. Replicas that do it together take turns.

        `apart`: in another process, which takes the memory for it along; before `start` only. `begun`: a process that
        does it already (`storage.ahead`). A database that is newer than the program is left as it is. Raises
        `StorageUnavailable`, `StorageLocked`.
        """
        if begun is not None:
            await asyncio.to_thread(begun.wait)
        if apart and await self._is_behind():
            await migrations.upgrade_apart(self._url)
        await asyncio.to_thread(self._store.migrate, migrations.upgrade)

    async def start(self) -> None:
        """Open the database and see that it can be used.

        Raises `StorageLocked` (another process has the SQLite file), `StorageMisconfigured`, `StorageUnavailable`.
        """
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._store.open, loop)
        self._known = await asyncio.to_thread(migrations.revisions)
        log.info("database open: %s", self.dialect)

    async def stop(self) -> None:
        """Finish what was accepted and close. Harmless when it is not started."""
        await asyncio.to_thread(self._store.close)

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` and commit it; what it returns, after the commit is on disk.

        What the work raises is raised here and nothing of it is kept. `StorageUnavailable`: nothing was kept and it
        may be tried again; its subclass `CommitUnknown`: look first. A caller that is cancelled does not know which it
        was.
        """
        return cast(T, await self._store.write(work))

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work`, which only reads, on what is committed; what it returns. It cannot write."""
        return cast(T, await self._store.read(work))

    async def look(self, work: Callable[[Session], T]) -> T:
        """Run `work`, which only reads, while another process may be at work on the same database; not to be started.

        Raises `StorageMisconfigured` (`NoDatabase`: there is no such file) or `StorageUnavailable`.
        """
        return cast(T, await asyncio.to_thread(self._store.look, work))

    async def look_inside(self, work: Callable[[Session], T]) -> T:
        """As `look`; raises `NoDatabase` as well where there are no tables yet, which say nothing about anything."""
        if await self.look(_revision) is None:
            raise NoDatabase("DATABASE_URL: this database has no tables yet, so nothing was ever written to it")
        return await self.look(work)

    async def check(self) -> None:
        """Whether works can be done now: reading, writing, and tables as new as the program.

        Raises `StorageUnavailable` or `SchemaOutdated`.
        """
        revision = await self.read(_revision)
        await self.write(lambda session: session.connection().execute(text("SELECT 1")).scalar_one())
        if migrations.outdated(revision, self._known):
            raise SchemaOutdated("the database's tables are older than this program: run the migrations")

    async def _is_behind(self) -> bool:
        try:
            revision = await self.look(_revision)
        except StorageMisconfigured:
            return True  # no file yet
        except StorageUnavailable:
            return False
        return migrations.outdated(revision, migrations.revisions())


def _revision(session: Session) -> str | None:
    return migrations.current(session.connection())
