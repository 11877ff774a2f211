"""Row ids that sort by the time of writing, so that indexes stay compact and "oldest first" needs no second column."""

import itertools
import os
import time

_process_part = os.urandom(5).hex()
_counter = itertools.count(int.from_bytes(os.urandom(2), "big"))


def new_id() -> str:
    """A fresh 32-character hexadecimal id: microseconds since 1970, a counter, and a random part of this process."""
    return f"{time.time_ns() // 1000:014x}{next(_counter) & 0xFFFFFFFF:08x}{_process_part}"
