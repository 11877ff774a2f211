"""Inserts on the hot path: many rows in one statement, and rows that may be there already.

On SQLite the statement is prepared once for a number of rows, and the rows of a chunk go in with one call: SQLAlchemy's
own way costs several times what SQLite needs, and the driver gives Python's lock up and takes it back for every row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, insert
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite import pysqlite
from sqlmodel import Session

MOST_ROWS: Final = 64  # in one statement; the driver keeps those of every size prepared
_SQLITE: Final = pysqlite.dialect()


def insert_rows(session: Session, table: SqlTable, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        _insert_on_sqlite(connection, table, rows, ())
    else:
        connection.execute(insert(table), list(rows))


def insert_ignoring(
    session: Session, table: SqlTable, rows: Sequence[Mapping[str, Any]], *, unique: str | tuple[str, ...]
) -> int:
    """Insert rows that all have the same columns; one whose `unique` column is taken is left as it stands.

    How many were new, exactly, on both engines.
    """
    if not rows:
        return 0
    connection = session.connection()
    columns = (unique,) if isinstance(unique, str) else unique
    if connection.dialect.name == "sqlite":
        return _insert_on_sqlite(connection, table, rows, columns)
    statement = postgresql.insert(table).on_conflict_do_nothing(index_elements=columns)
    # of an INSERT, SQLAlchemy keeps the driver's count only when it is told to
    statement = statement.execution_options(preserve_rowcount=True)
    if len(rows) == 1:
        return connection.execute(statement.values(dict(rows[0]))).rowcount
    return connection.execute(statement, list(rows)).rowcount


def _insert_on_sqlite(
    connection: Connection, table: SqlTable, rows: Sequence[Mapping[str, Any]], unique: tuple[str, ...]
) -> int:
    names = tuple(rows[0])
    converters = _converters(table, names)
    count = 0
    for chunk in _chunks(rows):
        values: list[Any] = []
        for row in chunk:
            if len(row) != len(names):
                raise ValueError("rows of one insert must have the same columns")
            values += [convert(row[name]) if convert is not None else row[name] for name, convert in converters]
        count += connection.exec_driver_sql(_statement(table, names, unique, len(chunk)), tuple(values)).rowcount
    return count


def _chunks(rows: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    return (rows[at : at + MOST_ROWS] for at in range(0, len(rows), MOST_ROWS))


@lru_cache(maxsize=1024)
def _statement(table: SqlTable, names: tuple[str, ...], unique: tuple[str, ...], rows: int) -> str:
    quoted = _SQLITE.identifier_preparer
    row = f"({', '.join('?' for _ in names)})"
    columns = ", ".join(quoted.quote(name) for name in names)
    values = ", ".join(row for _ in range(rows))
    text = f"INSERT INTO {quoted.format_table(table)} ({columns}) VALUES {values}"  # noqa: S608 - our own names
    if unique:
        text += f" ON CONFLICT ({', '.join(quoted.quote(name) for name in unique)}) DO NOTHING"
    return text


@lru_cache(maxsize=256)
def _converters(table: SqlTable, names: tuple[str, ...]) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
    """What each column's type does to a value on its way to SQLite."""
    return tuple((name, table.c[name].type.dialect_impl(_SQLITE).bind_processor(_SQLITE)) for name in names)
