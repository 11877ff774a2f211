"""In-process wake-ups: fresh work starts at once instead of at the next tick. Losing one costs a second, never work."""

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Wakes:
    """One event for each kind of worker; ticks set them all, but for what is never urgent."""

    updates: asyncio.Event = field(default_factory=asyncio.Event)
    callbacks: asyncio.Event = field(default_factory=asyncio.Event)
    legs: asyncio.Event = field(default_factory=asyncio.Event)
    notices: asyncio.Event = field(default_factory=asyncio.Event)
    quotes: asyncio.Event = field(default_factory=asyncio.Event)
    requests: asyncio.Event = field(default_factory=asyncio.Event)
    broadcasts: asyncio.Event = field(default_factory=asyncio.Event)
    bulk: asyncio.Event = field(default_factory=asyncio.Event)
    transfers: asyncio.Event = field(default_factory=asyncio.Event)
    reconciliation: asyncio.Event = field(default_factory=asyncio.Event)  # not by ticks: it looks twice a minute

    def all(self) -> None:
        """Wake everybody: a tick, a start, or the end."""
        money = (self.callbacks, self.legs, self.requests, self.transfers, self.bulk)
        for event in (self.updates, self.notices, self.quotes, self.broadcasts, *money):
            event.set()
