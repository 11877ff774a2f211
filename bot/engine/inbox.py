"""Taking Telegram's updates in: on disk first, acknowledged second. Updates that arrive together share one commit.

Webhook and polling end here alike. What is stored is what arrived, sealed; it is read again by the worker that handles it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from bot.engine.clock import Clock
from bot.engine.sharing import SharedWrites
from bot.engine.wakes import Wakes
from storage.crypto import Keyring
from storage.database import Database
from storage.updates import store_updates

UPDATE_BODY = "update_received.body"
_LARGEST_ID = 2**63


class UnreadableUpdate(ValueError):
    """These bytes are not an update."""


@dataclass(frozen=True, slots=True)
class RawUpdate:
    """An update as it arrived. `person` is the key of who it comes from: updates of one person are handled in turn."""

    update_id: int
    person: str
    body: bytes = field(repr=False)

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Read the body of a webhook request. Raises `UnreadableUpdate`."""
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            raise UnreadableUpdate("not JSON") from None
        return cls._read(value, body)

    @classmethod
    def from_object(cls, value: object) -> Self:
        """Take an update out of the answer to `getUpdates`. Raises `UnreadableUpdate`."""
        return cls._read(value, json.dumps(value).encode())

    @classmethod
    def _read(cls, value: object, body: bytes) -> Self:
        update_id = value.get("update_id") if isinstance(value, dict) else None
        if not isinstance(value, dict) or type(update_id) is not int or not 0 <= update_id < _LARGEST_ID:
            raise UnreadableUpdate("no update id")
        return cls(update_id, person_of(value), body)


def person_of(value: Mapping[str, Any]) -> str:
    """`u:<user id>` for whatever a person did, `c:<chat id>` for what a chat did by itself."""
    for name, part in value.items():
        if name == "update_id" or not isinstance(part, dict):
            continue
        user = part.get("from") or part.get("user")
        if isinstance(user, dict) and "id" in user:
            return f"u:{user['id']}"
        chat = part.get("chat")
        if isinstance(chat, dict) and "id" in chat:
            return f"c:{chat['id']}"
    return f"o:{value['update_id']}"


class Inbox:
    """Stores updates durably, unique by update id. `StorageUnavailable` reaches the caller."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock, wakes: Wakes) -> None:
        self._keyring = keyring
        self._clock = clock
        self._writes = SharedWrites(database, store_updates, stored=wakes.updates.set)

    async def store(self, updates: Sequence[RawUpdate]) -> None:
        """Return when all of them are on disk; one that was stored before counts as stored."""
        if not updates:
            return
        await self._writes.add([self._row(update) for update in updates])

    def _row(self, update: RawUpdate) -> dict[str, Any]:
        now = self._clock()
        return {
            "update_id": update.update_id,
            "person": update.person,
            "body_sealed": self._keyring.seal_bytes(update.body, context=UPDATE_BODY),
            "state": "new",
            "received_at": now,
            "due_at": now,
            "attempts": 0,
        }
