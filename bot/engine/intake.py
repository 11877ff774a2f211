"""Taking callbacks in: store first, answer second. Callbacks that arrive together share one commit.

The order is verify, store, answer, process. Verifying is the web route's part and processing is
`bot.engine.applying`'s; what stands here makes "stored" true before anybody is answered.

Nobody waits for company: a write is asked for at once, and takes whatever is there when its turn comes. So an idle
database stores a single callback alone, and a busy one stores all that came while it was busy.
"""

import asyncio
import hashlib
from collections import deque
from typing import Any

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.wakes import Wakes
from bot.payments.identifiers import new_id
from storage.callbacks import store_callbacks
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import find_by_token

CALLBACK_BODY = "callback_received.body"
_Waiting = tuple[dict[str, Any], asyncio.Future[None]]


class CallbackIntake:
    """Stores callbacks durably, unique by the digest of their bytes. `StorageUnavailable` reaches the caller."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock, wakes: Wakes) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._waiting: deque[_Waiting] = deque()
        self._asked = False  # whether a write that has not taken anything yet will come by
        self._writes: set[asyncio.Task[None]] = set()

    async def store(self, *, token: str, body: bytes, signed: bool) -> None:
        """Return when the callback is on disk; one that was stored before counts as stored."""
        now = self._clock()
        # what an unsigned body says is not believed, so the same words under another token are another hint
        digest = hashlib.sha256(body if signed else token.encode() + b"\0" + body).hexdigest()
        row = {
            "id": new_id(),
            "digest": digest,
            "token": token,
            "signed": signed,
            "body_sealed": self._keyring.seal_bytes(body, context=CALLBACK_BODY),
            "received_at": now,
            "due_at": now,
            "attempts": 0,
        }
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, stored))
        if not self._asked:
            self._asked = True
            task = asyncio.create_task(self._write())
            self._writes.add(task)
            task.add_done_callback(self._writes.discard)
        await stored

    async def knows(self, token: str) -> bool:
        """Whether a leg was given this callback token."""

        def read(session: Session) -> bool:
            return token in find_by_token(session, [token])

        return await self._database.read(read)

    async def _write(self) -> None:
        batch: list[_Waiting] = []
        began = False

        def store_all(session: Session) -> None:
            nonlocal began
            began = True
            self._take(batch)  # a work that is run again keeps what it took
            store_callbacks(session, [row for row, _ in batch])

        write = asyncio.ensure_future(self._database.write(store_all))
        await asyncio.wait([write])
        error = write.exception()
        if not began:
            self._take(batch)  # it was refused before its turn, and so are those who relied on it
        _answer(batch, error)
        self._wakes.callbacks.set()

    def _take(self, batch: list[_Waiting]) -> None:
        """Move what waits to `batch`. In any thread: who comes after the first line asks for a write of their own."""
        self._asked = False
        while self._waiting:
            batch.append(self._waiting.popleft())


def _answer(batch: list[_Waiting], error: BaseException | None) -> None:
    for _, stored in batch:
        if stored.done():
            continue
        if error is None:
            stored.set_result(None)
        else:
            stored.set_exception(error)
