"""How the tables came to be: revisions in order, run by the program itself.

A database is brought up in one transaction, so a migration that is interrupted leaves what was there before. On
PostgreSQL an advisory lock makes replicas that start together take turns; on SQLite the write lock does, foreign keys
are off while tables are rebuilt, and all of them are checked before the commit.

Alembic is loaded only where there is something to do: what it takes of memory would never be given back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, Text, column, inspect, select, table

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent
VERSION_TABLE = "alembic_version"
LOCK = 0x6B6F74616E69  # one number for all replicas of this program
LOCK_SECONDS = 60
_ALONE = threading.Lock()  # Alembic keeps the connection that it works on in a global of its own


class BrokenReferences(Exception):
    """A migration left rows that refer to nothing. It was rolled back."""


def upgrade(engine: Engine) -> None:
    """Bring the database behind `engine` up to the newest revision. Blocking."""
    _run(engine, "head", down=False)


async def upgrade_apart(url: str) -> None:
    """Bring the database at `url` up in a process of its own, so that nothing of it is left in the memory of this one.

    Says nothing when it cannot be done: whoever does it here afterwards finds that it is done, or why it cannot be.
    """
    paths = os.pathsep.join(path or "." for path in sys.path)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": paths},
    )
    try:
        await child.communicate(url.encode())
    finally:
        if child.returncode is None:  # we were cancelled: what it has not committed is undone
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to `revision` ("base": before the first). For development and tests."""
    _run(engine, revision, down=True)


def current(connection: Connection) -> str | None:
    """The revision that the database stands at, `None` before the first."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    versions = table(VERSION_TABLE, column("version_num", Text))
    return connection.execute(select(versions.c.version_num)).scalars().first()


def revisions() -> list[str]:
    """All revisions this program knows, newest first: each file's name begins with its own, and they are in one line."""
    return sorted((file.name.partition("_")[0] for file in FOLDER.glob("versions/[0-9]*_*.py")), reverse=True)


def outdated(revision: str | None, known: list[str]) -> bool:
    """Whether tables at `revision` are older than this program, which knows `known`. One it does not know is newer."""
    return revision is None or (revision in known and revision != known[0])


def configuration(connection: Connection) -> Config:
    """Alembic's settings for one run over `connection`, without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def _run(engine: Engine, target: str, *, down: bool) -> None:
    with _ALONE, engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        before, known = current(connection), revisions()
        if not down and not outdated(before, known):
            if before not in known:
                log.warning("the database is newer than this program (%s); its tables are left as they are", before)
            return
        from alembic import command

        move = command.downgrade if down else command.upgrade
        move(configuration(connection), target)
        if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise BrokenReferences
        log.info("tables migrated from %s to %s", before or "nothing", current(connection) or "nothing")
