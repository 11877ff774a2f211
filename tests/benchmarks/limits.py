"""What this machine can do at most, measured with as little as possible in between: the figures to hold ours against."""

import os
import platform
import sqlite3
import time
from pathlib import Path

SECONDS = 1.0
PAGE = b"\0" * 4096
PLACES = 1000


def flushes(folder: Path) -> float:
    """Times a second that a page can be written to a file and be on disk."""
    handle = os.open(folder / "flushes", os.O_WRONLY | os.O_CREAT, 0o600)
    flush = getattr(os, "fdatasync", os.fsync)
    os.pwrite(handle, PAGE * PLACES, 0)
    os.fsync(handle)
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        os.pwrite(handle, PAGE, count % PLACES * len(PAGE))
        flush(handle)
        count += 1
    os.close(handle)
    return count / (time.perf_counter() - began)


def commits(folder: Path) -> float:
    """Commits a second of one small row each, with sqlite3 alone, in one thread, as durable as ours."""
    connection = sqlite3.connect(folder / "commits.db", isolation_level=None)
    for line in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)",
    ):
        connection.execute(line)
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        connection.execute("INSERT INTO t (body) VALUES (?)", (PAGE[:400],))
        count += 1
    connection.close()
    return count / (time.perf_counter() - began)


def machine(folder: Path) -> str:
    """The facts that figures depend on, in general words."""
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}, {_file_system(folder)}; load {os.getloadavg()[0]:.1f} before the run"
    )


def _file_system(folder: Path) -> str:
    """The type of the file system that the databases lie on, where the system says it."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "disk of unknown type"
    held: tuple[str, str] = ("", "unknown")
    for line in mounts.read_text().splitlines():
        _, place, kind = line.split()[:3]
        if folder.resolve().is_relative_to(place) and len(place) >= len(held[0]):
            held = (place, kind)
    return f"{held[1]} disk"
