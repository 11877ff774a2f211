"""The queue of updates: numbered, filtered by kind, kept until confirmed or too old; and ways to put it in disorder.

Bot API, getUpdates and `allowed_updates`. Messages wait 24 hours, taps 150 seconds. Numbers grow by one, but a bot must
not rely on it: they can be made to jump.
"""

import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.simulator.clock import WorldClock
from bot.simulator.pulse import Pulse
from bot.simulator.telegram.params import Json
from bot.simulator.telegram.settings import Settings

_CHANNELS_AND_BUSINESS = (
    "channel_post", "edited_channel_post", "business_connection", "business_message", "edited_business_message",
    "deleted_business_messages", "purchased_paid_media", "chat_boost", "removed_chat_boost",
)  # fmt: skip
KINDS = (
    "message", "edited_message", "callback_query", "inline_query", "chosen_inline_result", "my_chat_member",
    "chat_member", "chat_join_request", "message_reaction", "message_reaction_count", "poll", "poll_answer",
    "shipping_query", "pre_checkout_query", *_CHANNELS_AND_BUSINESS,
)  # fmt: skip
_ONLY_WHEN_ASKED = ("chat_member", "message_reaction", "message_reaction_count")
DEFAULT = frozenset(KINDS) - frozenset(_ONLY_WHEN_ASKED)


@dataclass(slots=True)
class Pending:
    """An update that waits. `line` is the queue that it travels in; `again` marks one that was confirmed before."""

    id: int
    kind: str
    body: Json
    line: str
    made: datetime
    expires: datetime
    again: bool = False
    given: int = 0

    def to_api(self) -> Json:
        """As the Bot API's Update."""
        return {"update_id": self.id, self.kind: self.body}


class Updates:
    """Everything that the bot has not confirmed yet, in the order of delivery; `log` is everything that ever was."""

    def __init__(self, clock: WorldClock, settings: Settings, pulse: Pulse) -> None:
        self._clock = clock
        self._settings = settings
        self._pulse = pulse
        self._numbers = itertools.count(100_001)
        self._held: deque[tuple[str, Json, str]] | None = None
        self.allowed: frozenset[str] = DEFAULT
        self.queue: list[Pending] = []
        self.log: dict[int, Pending] = {}

    def add(self, kind: str, body: Json, line: str) -> None:
        """Something happened; becomes an update when the bot wants that kind, later when updates are on hold."""
        if kind not in self.allowed:
            return
        if self._held is not None:
            self._held.append((kind, body, line))
            return
        settings = self._settings
        hurried = {"callback_query": settings.tap_ttl, "inline_query": settings.inline_ttl}
        ttl = hurried.get(kind, settings.update_ttl)
        now = self._clock.now()
        pending = Pending(next(self._numbers), kind, body, line, now, now + timedelta(seconds=ttl))
        self.log[pending.id] = pending
        self.queue.append(pending)
        self._pulse.beat()

    def allow(self, kinds: object) -> None:
        """Take a new list of wanted kinds; an empty one means the default, unknown names are ignored."""
        chosen = frozenset(kind for kind in kinds if kind in KINDS) if isinstance(kinds, list) else frozenset()
        self.allowed = chosen or DEFAULT

    def waiting(self) -> list[Pending]:
        """The updates that are not too old, in the order of delivery."""
        now = self._clock.now()
        self.queue = [pending for pending in self.queue if pending.expires > now]
        return self.queue

    def confirm(self, offset: int) -> None:
        """What a `getUpdates` with this offset says: all below it has arrived (negative: keep the last so many)."""
        waiting = self.waiting()
        if offset < 0:
            self.queue = waiting[offset:]
        elif offset > 0:
            self.queue = [one for one in waiting if one.id >= offset or (one.again and not one.given)]

    def batch(self, limit: int) -> list[Json]:
        """The next updates, not confirmed by being given."""
        chosen = self.waiting()[:limit]
        for pending in chosen:
            pending.given += 1
        return [pending.to_api() for pending in chosen]

    def remove(self, pending: Pending) -> None:
        """It was delivered by webhook."""
        self.queue = [other for other in self.queue if other is not pending]
        self._pulse.beat()

    def drop(self) -> None:
        """Forget everything that waits."""
        self.queue = []

    # disorder

    def hold(self) -> None:
        """Keep what happens from now on, without numbers, until `release`."""
        if self._held is None:
            self._held = deque()

    def release(self, order: Literal["forward", "reversed"] = "forward") -> int:
        """Let what was held become updates, in this order; tells how many."""
        held, self._held = list(self._held or ()), None
        for kind, body, line in reversed(held) if order == "reversed" else held:
            self.add(kind, body, line)
        return len(held)

    def redeliver(self, update: int, copies: int = 1) -> bool:
        """Deliver an update so many times again, confirmed or not; false when there never was one."""
        known = self.log.get(update)
        if known is None:
            return False
        ttl = timedelta(seconds=self._settings.update_ttl)
        now = self._clock.now()
        self.queue.extend(
            Pending(known.id, known.kind, known.body, f"{known.line} again {copy}", now, now + ttl, again=True)
            for copy in range(copies)
        )
        self._pulse.beat()
        return True

    def swap(self, first: int, second: int) -> bool:
        """Exchange two updates that wait: each takes the other's number and place. False when one does not wait."""
        found: Sequence[Pending] = [pending for pending in self.queue if pending.id in (first, second)]
        if len(found) != 2:
            return False
        one, other = found
        one.kind, other.kind = other.kind, one.kind
        one.body, other.body = other.body, one.body
        one.line, other.line = other.line, one.line
        return True

    def jump(self, by: int) -> None:
        """Let the numbers go on somewhere else; `by` may be negative."""
        following = next(self._numbers)
        self._numbers = itertools.count(max(1, following + by))
