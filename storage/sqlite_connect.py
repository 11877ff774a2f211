"""How connections to the SQLite file are opened, and which of SQLite's errors mean "not now"."""

import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from storage.errors import StorageMisconfigured, StorageUnavailable
from storage.types import register_functions

BUSY_SECONDS = 5.0
OLDEST_VERSION = (3, 35, 0)  # RETURNING
LOG_BYTES = 64 * 1024 * 1024  # the write-ahead log is cut back to this after a checkpoint
STATEMENTS = 512  # kept prepared by the writer
READER_KILOBYTES = 256  # of pages that each reader keeps; the system keeps the rest for all of them
PRIMARY_CODE = 0xFF  # SQLite's extended result codes carry the primary one in the low byte

NOT_NOW = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_INTERRUPT,
    }
)


class WriterConnection(sqlite3.Connection):
    """The writer's connection as SQLAlchemy sees it: a whole transaction there is one work's savepoint here."""

    in_work = False
    _first = False

    def begin(self) -> None:
        """Open the transaction that works share."""
        self.execute("BEGIN IMMEDIATE")
        self._first = True

    def begin_work(self) -> None:
        """Open the savepoint of one work. The first needs none: what it did is undone by undoing everything."""
        if not self._first:
            self.execute("SAVEPOINT work")
        self.in_work = True

    def commit(self) -> None:
        """Keep what the work did, until the writer commits it together with others."""
        if self.in_work:
            if not self._first:
                self.execute("RELEASE work")
            self._first = self.in_work = False

    def rollback(self) -> None:
        """Undo what the work did, and only that. `in_work` stays true when that did not succeed."""
        if self.in_work:
            if self.in_transaction:  # a full disk makes SQLite roll everything back by itself
                if self._first:
                    self.execute("ROLLBACK")
                    self.execute("BEGIN IMMEDIATE")
                else:
                    self.execute("ROLLBACK TO work")
                    self.execute("RELEASE work")
            self.in_work = False

    def abandon(self) -> None:
        """Undo the whole transaction, whatever state it is in."""
        self.in_work = False
        if self.in_transaction:
            self.execute("ROLLBACK")


def connect(path: Path) -> sqlite3.Connection:
    """A plain connection in WAL mode with full durability; transactions are begun by hand."""
    return _prepared(sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS))


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write."""
    connection = connect(path)
    connection.execute("PRAGMA query_only = ON")
    connection.execute(f"PRAGMA cache_size = -{READER_KILOBYTES}")
    return connection


def connect_writer(path: Path) -> WriterConnection:
    """The one connection that writes."""
    connection = sqlite3.connect(
        path,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_SECONDS,
        factory=WriterConnection,
        cached_statements=STATEMENTS,
    )
    _prepared(connection)
    return connection


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    if sqlite3.sqlite_version_info < OLDEST_VERSION:
        raise StorageMisconfigured("this Python's SQLite is older than 3.35; use a newer Python or PostgreSQL")
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise StorageMisconfigured("DATABASE_URL: SQLite cannot use write-ahead logging on this disk")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")  # what a savepoint may have to undo, above all
    connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
    register_functions(connection)
    return connection


def sqlite_code(error: BaseException | None) -> int | None:
    """The primary result code behind an error of SQLAlchemy or of the driver; `None` for anything else."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    return code & PRIMARY_CODE if isinstance(code, int) else None


def unavailable(error: BaseException | None) -> StorageUnavailable | None:
    """The error to give to a caller when this one means that the database cannot do it now; `None` when it does not."""
    code = sqlite_code(error)
    if code not in NOT_NOW:
        return None
    raised = StorageUnavailable(f"the SQLite database could not do it now (result code {code})")
    raised.__cause__ = error
    return raised
