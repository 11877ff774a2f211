"""PostgreSQL: the same works in threads on a psycopg pool, for as many replicas as there are.

Each work is one READ COMMITTED transaction. A deadlock, a serialization failure or a connection lost before COMMIT
took nothing with it, so the work is run again, a few times, with growing random pauses. A connection lost during
COMMIT leaves open what happened: that is `CommitUnknown`, and never run again by itself. Nothing here needs a server
session to outlive a transaction, so PgBouncer may stand in between in transaction mode.
"""

import asyncio
import random
from collections.abc import Callable
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool, QueuePool
from sqlmodel import Session

from storage.errors import CommitUnknown, StorageMisconfigured, StorageUnavailable
from storage.reaching import unreachable
from storage.session import WorkSession
from storage.turns import Turns

ATTEMPTS = 5
FIRST_PAUSE = 0.02
LONGEST_PAUSE = 1.0
CONNECT_SECONDS = 5
SILENCE_MILLISECONDS = 15_000  # a peer that does not acknowledge for this long is gone
RECYCLE_SECONDS = 1800
ROLLED_BACK = frozenset({"40001", "40P01"})  # serialization failure, deadlock: the server says that it kept nothing
CONNECTION_CLASS = "08"
SHUTTING_DOWN = frozenset({"57P01", "57P02", "57P03"})
OUT_OF_RESOURCES = "53"
OUT_OF_TIME = frozenset({"57014", "55P03", "25P03", "25P04"})  # statement, lock, idle and transaction time-outs


class _Again(Exception):
    """This attempt kept nothing, and another may succeed."""

    def __init__(self, cause: BaseException, *, why: str) -> None:
        super().__init__(why)
        self.cause = cause
        self.why = why


class PostgresStore:
    """The works of one replica on a PostgreSQL database. Open it, use it and close it on one event loop."""

    dialect: Final = "postgresql"

    def __init__(self, url: URL, *, connections: int, wait_seconds: float, statement_seconds: float) -> None:
        """`connections`: works at once. `wait_seconds`: of a work, for its turn. `statement_seconds`: limit of each."""
        self.commits = 0
        self._url = url.set(drivername="postgresql+psycopg")
        self._connections = connections
        self._wait_seconds = wait_seconds
        self._limits = _limits(statement_seconds)
        self._turns: Turns | None = None
        self._engine: Engine | None = None

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Connect once to see that it works. Blocking. Raises `StorageUnavailable` or `StorageMisconfigured`."""
        if self._engine is not None:
            raise RuntimeError("the database is started already")
        engine = self._create_engine(
            poolclass=QueuePool,
            pool_size=self._connections,
            max_overflow=0,
            pool_timeout=self._wait_seconds,
            pool_pre_ping=True,
            pool_recycle=RECYCLE_SECONDS,
        )
        try:
            with engine.connect() as connection:
                encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        except DBAPIError as error:
            engine.dispose()
            raise self._not_now(error) from error
        if encoding != "UTF8":
            engine.dispose()
            raise StorageMisconfigured("DATABASE_URL: the PostgreSQL database must have the encoding UTF8")
        event.listen(engine, "begin", self._set_limits)
        self._engine = engine
        self._turns = Turns("postgres", self._connections, wait_seconds=self._wait_seconds)

    def close(self) -> None:
        """Wait for what runs and close the pool. Blocking, from another thread than the loop's."""
        if self._turns is not None:
            self._turns.close()
        if self._engine is not None:
            self._engine.dispose()
        self._turns = self._engine = None

    async def write(self, work: Callable[[Session], Any]) -> Any:
        """Run a work and commit it, again where that is known to be safe."""
        return await self._run(work, commit=True)

    async def read(self, work: Callable[[Session], Any]) -> Any:
        """Run a work that only reads: the server refuses it to write."""
        return await self._run(work, commit=False)

    def look(self, work: Callable[[Session], Any]) -> Any:
        """Run a work that only reads on a connection of its own. Blocking."""
        engine = self._create_engine(poolclass=NullPool)
        try:
            return _transaction(engine, work, commit=False)
        except _Again as again:
            raise self._not_now(again.cause) from again.cause
        except DBAPIError as error:
            raise self._not_now(error) from error
        finally:
            engine.dispose()

    def migrate(self, upgrade: Callable[[Engine], None]) -> None:
        """Run `upgrade` on an engine of its own, without the limits that works have. Blocking."""
        engine = self._create_engine(poolclass=NullPool)
        try:
            upgrade(engine)
        except DBAPIError as error:
            if _passing(error):
                raise self._not_now(error) from error
            raise
        finally:
            engine.dispose()

    def _not_now(self, error: BaseException) -> StorageUnavailable:
        """What to tell the operator who has just started something, and may have to change the address."""
        return StorageUnavailable(
            unreachable(self._url, error) or f"PostgreSQL could not do it now ({_words(error)}); try again"
        )

    def _create_engine(self, **options: Any) -> Engine:
        defaults: dict[str, Any] = {
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": SILENCE_MILLISECONDS,
            "application_name": "kotani-assistant",
        }
        engine = create_engine(
            self._url,
            isolation_level="READ COMMITTED",
            hide_parameters=True,
            connect_args={
                "prepare_threshold": None,
                **{name: value for name, value in defaults.items() if name not in self._url.query},
            },
            **options,
        )
        event.listen(engine, "handle_error", _without_values)
        return engine

    def _set_limits(self, connection: Connection) -> None:
        connection.exec_driver_sql(self._limits)

    async def _run(self, work: Callable[[Session], Any], *, commit: bool) -> Any:
        engine, turns = self._engine, self._turns
        if engine is None or turns is None:
            raise StorageUnavailable("the database is not started")
        attempt = 1
        while True:
            try:
                result = await turns.run(lambda: _transaction(engine, work, commit=commit))
            except _Again as again:
                if attempt == ATTEMPTS:
                    raise StorageUnavailable(
                        f"PostgreSQL could not do it in {ATTEMPTS} attempts ({again.why})"
                    ) from again.cause
            else:
                self.commits += commit
                return result
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)
            await asyncio.sleep(random.uniform(pause / 2, pause))
            attempt += 1


def _limits(statement_seconds: float) -> str:
    """SET LOCAL ends with the transaction, so it is safe behind PgBouncer; start-up options are not."""
    milliseconds = int(statement_seconds * 1000)
    return (
        f"SET LOCAL statement_timeout = {milliseconds}; "
        f"SET LOCAL lock_timeout = {milliseconds}; "
        f"SET LOCAL idle_in_transaction_session_timeout = {2 * milliseconds}"
    )


def _transaction(engine: Engine, work: Callable[[Session], Any], *, commit: bool) -> Any:
    """One attempt. Raises `_Again` when it kept nothing and may be repeated."""
    with WorkSession(engine) as session:
        try:
            connection = session.connection()
            if not commit:
                # all of one moment, however many queries a work makes: a payment never stands beside later legs
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            result = work(session)
            if not commit:
                return result
            session.flush()
        except PoolTimeout as error:
            raise StorageUnavailable("no connection to PostgreSQL became free") from error
        except (DBAPIError, psycopg.Error) as error:
            _kept_nothing(error)
            raise
        _commit(session, connection.connection.dbapi_connection)
        return result


def _kept_nothing(error: DBAPIError | psycopg.Error) -> None:
    """For an error before COMMIT: raises what a caller can act on; returns when the work's own SQL is at fault."""
    if _sqlstate(error) in ROLLED_BACK or _connection_lost(error):
        raise _Again(error, why=_words(error)) from error
    if _passing(error):
        raise StorageUnavailable(f"PostgreSQL could not do it now ({_words(error)})") from error


def _commit(session: WorkSession, driver: object) -> None:
    """COMMIT, and the three answers there are to it: done, certainly not done, and nobody knows."""
    assert isinstance(driver, psycopg.Connection)
    if driver.closed:
        lost = psycopg.OperationalError("the connection was closed before COMMIT was sent")
        raise _Again(lost, why=_words(lost))
    if driver.info.transaction_status is TransactionStatus.INERROR:  # the server would answer COMMIT with ROLLBACK
        raise RuntimeError("a work went on after a refused statement: that needs session.begin_nested()")
    try:
        session.finish()
    except (DBAPIError, psycopg.Error) as error:
        if _sqlstate(error) in ROLLED_BACK:
            raise _Again(error, why=_words(error)) from error
        if _connection_lost(error):
            raise CommitUnknown(f"the connection to PostgreSQL failed while committing ({_words(error)})") from error
        if _passing(error):
            raise StorageUnavailable(f"PostgreSQL could not commit now ({_words(error)})") from error
        raise


def _without_values(context: ExceptionContext) -> None:
    """The server's DETAIL quotes the row ("Failing row contains ..."): it is cut off before anybody can log it."""
    driver, wrapped = context.original_exception, context.sqlalchemy_exception
    if isinstance(driver, psycopg.Error):
        driver.args = (str(driver).partition("\nDETAIL:")[0],)
    if wrapped is not None:
        wrapped.args = (str(wrapped.args[0]).partition("\nDETAIL:")[0], *wrapped.args[1:])


def _driver_error(error: BaseException) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error


def _sqlstate(error: BaseException) -> str | None:
    cause = _driver_error(error)
    return cause.sqlstate if isinstance(cause, psycopg.Error) else None


def _connection_lost(error: BaseException) -> bool:
    """Whether the connection is gone: then, during COMMIT, nobody can say what happened."""
    state = _sqlstate(error)
    if state is not None:
        return state.startswith(CONNECTION_CLASS) or state in SHUTTING_DOWN
    return isinstance(_driver_error(error), psycopg.OperationalError)


def _passing(error: BaseException) -> bool:
    """Whether the same call may succeed later."""
    state = _sqlstate(error)
    return _connection_lost(error) or (
        state is not None and (state.startswith(OUT_OF_RESOURCES) or state in OUT_OF_TIME or state in ROLLED_BACK)
    )


def _words(error: BaseException) -> str:
    """What to call this error without repeating what the driver says, which can hold addresses and values."""
    return _sqlstate(error) or type(_driver_error(error)).__name__
