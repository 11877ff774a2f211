"""Bringing an SQLite file up while the rest of the program is still being loaded: each takes as long as the other.

Nothing heavy is imported here. Whatever cannot be done is left to `Database.migrate`, which also says why.
"""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

_PREFIX: Final = "sqlite:///"
_REVISIONS: Final = Path(__file__).parent / "migrations" / "versions"


def begin_migration(url: str) -> subprocess.Popen[bytes] | None:
    """Begin in a process of its own, if the file at `url` is older than this program; None where nothing is to be done."""
    if not url.startswith(_PREFIX) or "?" in url:
        return None
    path = Path(url.removeprefix(_PREFIX))
    if not path.parent.is_dir() or _is_new(path):
        return None
    command = [sys.executable, "-m", "storage.migrations"]
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet)  # noqa: S603 - our own
    assert child.stdin is not None
    child.stdin.write(url.encode())
    child.stdin.close()
    return child


def _is_new(path: Path) -> bool:
    if not path.is_file():
        return False
    newest = max(file.name.partition("_")[0] for file in _REVISIONS.glob("[0-9]*_*.py"))
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
            stands = file.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return False
    return stands is not None and stands[0] >= newest
