"""Taking callbacks in: store first, answer second. Callbacks that arrive together share one commit.

The order is verify, store, answer, process. Verifying is the web route's part and processing is
`bot.engine.applying`'s; what stands here makes "stored" true before anybody is answered.
"""

import hashlib

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.sharing import SharedWrites
from bot.engine.wakes import Wakes
from bot.payments.identifiers import new_id
from bot.payments.references import reference_in
from storage.callbacks import store_callbacks
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import find_by_token
from storage.requests import is_page

CALLBACK_BODY = "callback_received.body"
_HALF = 16  # bytes of SHA-256: no two bodies meet by chance


def digest_of(said: bytes) -> bytes:
    """What a callback is known by for good: the reference that it names, and half of its SHA-256.

    The reference begins with the time, so what arrives together lies together in the index. By the hash alone every
    row would touch a page of its own, and that was half of what it costs to store one.
    """
    return reference_in(said) + hashlib.sha256(said).digest()[:_HALF]


class CallbackIntake:
    """Stores callbacks durably, unique by the digest of their bytes. `StorageUnavailable` reaches the caller."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock, wakes: Wakes) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._writes = SharedWrites(database, store_callbacks, stored=wakes.callbacks.set)

    async def store(self, *, token: str, body: bytes, signed: bool) -> None:
        """Return when the callback is on disk; one that was stored before counts as stored."""
        now = self._clock()
        # what an unsigned body says is not believed, so the same words under another token are another hint
        said = body if signed else token.encode() + b"\0" + body
        row = {
            "id": new_id(),
            "digest": digest_of(said),
            "token": token,
            "signed": signed,
            "body_sealed": self._keyring.seal_bytes(body, context=CALLBACK_BODY),
            "received_at": now,
            "due_at": now,
            "attempts": 0,
        }
        await self._writes.add([row])

    async def knows(self, token: str) -> bool:
        """Whether a leg, or the page of a payment request, was given this callback token."""

        def read(session: Session) -> bool:
            return token in find_by_token(session, [token]) or is_page(session, token)

        return await self._database.read(read)
