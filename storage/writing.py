"""Inserts on the hot path: many rows in one statement, and rows that may be there already."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session


def insert_rows(session: Session, table: SqlTable, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns."""
    if rows:
        session.connection().execute(insert(table), list(rows))


def insert_ignoring(
    session: Session, table: SqlTable, rows: Sequence[Mapping[str, Any]], *, unique: str | tuple[str, ...]
) -> int:
    """Insert rows that all have the same columns; one whose `unique` column is taken is left as it stands.

    How many were new, exactly, on both engines.
    """
    if not rows:
        return 0
    connection = session.connection()
    columns = [unique] if isinstance(unique, str) else list(unique)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing(index_elements=columns)
    # of an INSERT, SQLAlchemy keeps the driver's count only when it is told to
    statement = statement.execution_options(preserve_rowcount=True)
    if len(rows) == 1:
        return connection.execute(statement.values(dict(rows[0]))).rowcount
    return connection.execute(statement, list(rows)).rowcount
