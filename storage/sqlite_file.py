"""The SQLite file itself: where it is, who may use it, and whether it stands on a disk that SQLite can trust.

One process owns the file. The single writer, its group commit and the leases all rest on that, so a second process is
refused by a lock beside the file instead of being discovered by damage. Several processes need PostgreSQL.
"""

import fcntl
import os
from pathlib import Path

from sqlalchemy.engine import URL

from storage.errors import StorageLocked, StorageMisconfigured

NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "fuse.sshfs", "fuse.s3fs"})
MOUNTS = Path("/proc/self/mounts")
OWNER_ONLY = 0o600


def file_of(url: URL) -> Path:
    """The absolute path in a `sqlite:///` address. Raises `StorageMisconfigured` for what cannot be a shared file."""
    name = url.database or ""
    if not name or name == ":memory:" or name.startswith("file:") or url.query:
        raise StorageMisconfigured(
            "DATABASE_URL: SQLite needs a plain file, as in sqlite:///data/assistant.db "
            "(no in-memory database, no file: address, no options)"
        )
    return Path(name).resolve()


def file_system_of(path: Path, mounts: str) -> str:
    """The type of the file system that holds `path`, given the text of /proc/self/mounts; empty when unknown."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(fields[1].replace("\\040", " "))
        depth = len(point.parts)
        if depth >= best and path.is_relative_to(point):
            best, kind = depth, fields[2]
    return kind


def refuse_network_disk(path: Path) -> None:
    """Raises `StorageMisconfigured` for a network disk, where SQLite's log can lose what it confirmed."""
    try:
        mounts = MOUNTS.read_text()
    except OSError:
        return  # not Linux: cannot be known this way
    kind = file_system_of(path, mounts)
    if kind in NETWORK_FILE_SYSTEMS:
        raise StorageMisconfigured(
            f"DATABASE_URL: the SQLite file is on a network disk ({kind}), where it is not safe; "
            "use a local disk, or PostgreSQL"
        )


class FileGuard:
    """An exclusive lock on `<file>.lock` while this process uses the file. The kernel drops it with the process."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._handle is not None

    def acquire(self) -> None:
        """Take the lock, or raise `StorageLocked` at once when another process has it."""
        if self.held:
            return
        handle = _open_private(self._path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise StorageLocked(
                "the SQLite file is in use by another process; stop that one, or use PostgreSQL to run several"
            ) from None
        except OSError as error:
            os.close(handle)
            raise StorageMisconfigured(f"the SQLite file cannot be locked here: {error.strerror}") from error
        self._handle = handle

    def release(self) -> None:
        """Give the lock back. Harmless when it is not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def create_private(path: Path) -> None:
    """Make the file, readable by its owner only, when it is not there.

    With the guard held and before SQLite opens it: closing any handle on it drops the locks that SQLite has.
    """
    if not path.exists():
        os.close(_open_private(path))


def _open_private(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
    except OSError as error:
        raise StorageMisconfigured(
            f"DATABASE_URL: the SQLite file or its lock cannot be opened for writing: {error.strerror}"
        ) from error
