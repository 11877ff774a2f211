"""What tutorials show, as the peer to measure against: SQLModel's AsyncSession on aiosqlite, one commit at a time.

Its engine is the default one, but as durable as ours: a write-ahead log, and a disk flush with every commit.
"""

from pathlib import Path

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def durable_engine(file: Path) -> AsyncEngine:
    """An engine on this file whose commits are on disk when they return."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}")

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: object, record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.close()

    return engine
