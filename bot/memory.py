"""Memory, handled as a server should: what is built at the start stays, and what was used for a moment is given back.

Reference counting frees nearly everything here at once. Left as it is, Python's garbage collector would walk through
all that was imported and built at the start again and again while requests wait; under load it took a sixth of the time.
And glibc keeps a heap for every thread and what was freed in it, such as the picture of a receipt; elsewhere than with
glibc nothing is changed.
"""

import ctypes
import gc
from typing import Final

YOUNG_OBJECTS: Final = 5_000  # more than the requests in flight are made of; as garbage, a few megabytes
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # malloc.h
_LARGE: Final = 128 * 1024  # bytes; blocks from this size on go back to the system when they are freed


def frugal() -> None:
    """Call it first of all: one heap for all threads, and large blocks outside of it."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    for name, value in ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, _LARGE), (_TRIM_THRESHOLD, _LARGE)):
        mallopt(name, value)


def calm() -> None:
    """Call it once, when everything is built: what exists now is never looked at again, and new objects less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 5, 20)


def thaw() -> None:
    """Undo `calm` at the end, so that what was built can be taken down: libraries in C complain where it is not."""
    gc.unfreeze()
    gc.collect()
