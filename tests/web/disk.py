"""A disk that remembers what was flushed: a shim around SQLite's own file layer, for simulating a loss of power.

Every write goes to the real file and is noted as pending; a flush makes what is pending durable. At any moment the disk
can be asked what would be left if the power went out now: the durable bytes, and of the pending writes none, all, or an
arbitrary part, torn at sectors, as disks do. It works where SQLite is a shared library that this process has loaded.
"""

import ctypes
import random
import threading
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path
from typing import Any

SECTOR = 512
_OK = 0


class _File(Structure):
    _fields_ = [("methods", c_void_p)]


class _Methods(Structure):
    """sqlite3_io_methods up to version 3."""

    _fields_ = [
        ("version", c_int),
        *((name, c_void_p) for name in (
            "close", "read", "write", "truncate", "sync", "size", "lock", "unlock", "check_reserved", "control",
            "sector_size", "characteristics", "shm_map", "shm_lock", "shm_barrier", "shm_unmap", "fetch", "unfetch",
        )),
    ]  # fmt: skip


class _Vfs(Structure):
    """sqlite3_vfs up to version 3."""

    _fields_ = [
        ("version", c_int),
        ("file_size", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        *((name, c_void_p) for name in (
            "open", "delete", "access", "full_path", "dl_open", "dl_error", "dl_sym", "dl_close", "randomness", "sleep",
            "current_time", "last_error", "current_time_64", "set_system_call", "get_system_call", "next_system_call",
        )),
    ]  # fmt: skip


# the name stays a pointer: SQLite keeps it, and reads on behind its end
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)

Change = tuple[int, bytes | None]  # at an offset, these bytes; or None: cut there


class Disk:
    """What was written and what was flushed, by file name. Make one before the first connection is opened."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._lock = threading.Lock()
        self._durable: dict[str, bytearray] = {}
        self._pending: dict[str, list[Change]] = {}
        self._paths: dict[int, str] = {}
        self._originals: dict[int, _Methods] = {}  # by file
        self._kept: list[Any] = []  # what C holds pointers to
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        self._real = library.sqlite3_vfs_find(None)
        shim = _Vfs.from_buffer_copy(self._real.contents)
        shim.name = b"watched"
        shim.open = self._pointer(_OPEN, self._open)
        shim.delete = self._pointer(_DELETE, self._delete)
        self._kept.append(shim)
        assert library.sqlite3_vfs_register(ctypes.byref(shim), 1) == _OK

    def _pointer(self, kind: Any, function: Callable[..., int]) -> c_void_p:
        made = kind(function)
        self._kept.append(made)
        return ctypes.cast(made, c_void_p)

    def _open(self, _vfs: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        result = int(_OPEN(self._real.contents.open)(ctypes.addressof(self._real.contents), name, file, flags, out))
        if result != _OK or name is None:
            return result
        path = ctypes.string_at(name).decode()
        with self._lock:
            if path not in self._durable:
                self._durable[path] = bytearray(Path(path).read_bytes())
                self._pending[path] = []
            self._paths[file] = path
            handle = _File.from_address(file)
            original = _Methods.from_address(handle.methods)
            self._originals[file] = original
            watched = _Methods.from_buffer_copy(original)
            watched.write = self._pointer(_WRITE, self._write)
            watched.truncate = self._pointer(_TRUNCATE, self._truncate)
            watched.sync = self._pointer(_SYNC, self._sync)
            self._kept.append(watched)
            handle.methods = ctypes.addressof(watched)
        return result

    def _delete(self, _vfs: int, name: int, sync: int) -> int:
        result = int(_DELETE(self._real.contents.delete)(ctypes.addressof(self._real.contents), name, sync))
        with self._lock:  # as if the folder were flushed at once
            self._durable.pop(ctypes.string_at(name).decode(), None)
        return result

    def _write(self, file: int, data: int, count: int, offset: int) -> int:
        result = int(_WRITE(self._originals[file].write)(file, data, count, offset))
        with self._lock:
            self._pending[self._paths[file]].append((offset, ctypes.string_at(data, count)))
        return result

    def _truncate(self, file: int, size: int) -> int:
        result = int(_TRUNCATE(self._originals[file].truncate)(file, size))
        with self._lock:
            self._pending[self._paths[file]].append((size, None))
        return result

    def _sync(self, file: int, flags: int) -> int:
        with self._lock:  # what is written while the flush runs may miss it
            path = self._paths[file]
            covered = len(self._pending[path])
        result = int(_SYNC(self._originals[file].sync)(file, flags))
        with self._lock:
            for change in self._pending[path][:covered]:
                _apply(self._durable[path], *change)
            del self._pending[path][:covered]
        return result

    def images(self, seed: int) -> dict[str, bytes]:
        """What would be left of every file: seed 0 drops all that was pending, 1 keeps all, others some of it."""
        chance = random.Random(seed)
        with self._lock:
            left = {path: bytearray(data) for path, data in self._durable.items()}
            for path, changes in self._pending.items():
                for offset, data in changes:
                    if seed == 0 or (seed > 1 and chance.random() < 0.5):
                        continue
                    torn = seed > 1 and data is not None and chance.random() < 0.3
                    whole = chance.randrange(len(data) // SECTOR + 1) * SECTOR if torn and data is not None else None
                    _apply(left[path], offset, data[:whole] if data is not None else None)
        return {path: bytes(data) for path, data in left.items()}


def _apply(image: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del image[offset:]
        return
    if len(image) < offset:
        image.extend(bytes(offset - len(image)))
    image[offset : offset + len(data)] = data


def loaded_library() -> ctypes.CDLL | None:
    """The SQLite that Python's own module uses; None where it cannot be reached from outside."""
    import _sqlite3

    maps = Path("/proc/self/maps")
    lines = maps.read_text().splitlines() if maps.exists() else []
    shared = {line.split(maxsplit=5)[5] for line in lines if "libsqlite3" in line}
    for path in (*shared, getattr(_sqlite3, "__file__", None)):
        library = ctypes.CDLL(path)
        if hasattr(library, "sqlite3_vfs_find"):
            return library
    return None
