"""Writes that come together share one transaction: each waits until what it brought is on disk, or learns that it is not.

What waits is taken when the write's turn has come, not when it was asked for: under load the batches grow by themselves,
and on an idle machine nothing waits for company.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from storage.database import Database

Rows = Sequence[Mapping[str, Any]]
_Waiting = tuple[Rows, asyncio.Future[None]]


class SharedWrites:
    """Stores rows of one kind through `store`; `stored` is called in the loop's thread after each transaction."""

    def __init__(
        self, database: Database, store: Callable[[Session, Rows], None], *, stored: Callable[[], None]
    ) -> None:
        self._database = database
        self._store = store
        self._stored = stored
        self._waiting: deque[_Waiting] = deque()
        self._asked = False  # whether a write that has not taken anything yet will come by
        self._writes: set[asyncio.Task[None]] = set()

    async def add(self, rows: Rows) -> None:
        """Return when the rows are committed. `StorageUnavailable` and other errors of the storage reach the caller."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, done))
        if not self._asked:
            self._asked = True
            task = asyncio.create_task(self._write())
            self._writes.add(task)
            task.add_done_callback(self._writes.discard)
        await done

    async def _write(self) -> None:
        batch: list[_Waiting] = []
        began = False

        def store_all(session: Session) -> None:
            nonlocal began
            began = True
            self._take(batch)  # a work that is run again keeps what it took
            self._store(session, [row for rows, _ in batch for row in rows])

        write = asyncio.ensure_future(self._database.write(store_all))
        await asyncio.wait([write])
        error = write.exception()
        if not began:
            self._take(batch)  # it was refused before its turn, and so are those who relied on it
        _answer(batch, error)
        self._stored()

    def _take(self, batch: list[_Waiting]) -> None:
        """Move what waits to `batch`. In any thread: who comes after the first line asks for a write of their own."""
        self._asked = False
        while self._waiting:
            batch.append(self._waiting.popleft())


def _answer(batch: list[_Waiting], error: BaseException | None) -> None:
    for _, done in batch:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
