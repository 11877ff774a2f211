"""A heartbeat of the simulated world: whoever waits for a fact looks again at every beat."""

import asyncio
from collections.abc import Callable


class Pulse:
    """Wakes whoever waits for a fact about the world."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def beat(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def next(self) -> None:
        """Wait for the next beat."""
        await self._event.wait()

    async def until(self, fact: Callable[[], bool], within: float) -> bool:
        """Wait until `fact()` holds, at most `within` real seconds; tells whether it does."""
        try:
            async with asyncio.timeout(within):
                while not fact():
                    await self._event.wait()
        except TimeoutError:
            return fact()
        return True
