"""Row ids that sort by the time of writing, so that indexes stay compact and "oldest first" needs no second column."""

import itertools
import os
import time
from datetime import datetime, timedelta
from typing import Final

_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_process_part = os.urandom(5).hex()
_counter = itertools.count(int.from_bytes(os.urandom(2), "big"))


def new_id() -> str:
    """A fresh 32-character hexadecimal id: microseconds since 1970, a counter, and a random part of this process."""
    return f"{time.time_ns() // 1000:014x}{next(_counter) & 0xFFFFFFFF:08x}{_process_part}"


def ids_before(at: datetime) -> str:
    """What all ids sort below that were made before this moment, which must be aware of its zone."""
    return f"{(at - _EPOCH) // timedelta(microseconds=1):014x}"
