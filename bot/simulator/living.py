"""What both simulated worlds do with their lives: run work in the background between a start and a stop."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Self


class Living:
    """Runs what `_work()` gives between `start()` and `stop()`, in the event loop that serves the requests."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def _work(self) -> tuple[Coroutine[object, object, None], ...]:
        """What is to run all the time."""
        raise NotImplementedError

    async def start(self) -> None:
        """Let time pass and callbacks leave; nothing happens when they do already."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(one) for one in self._work()]

    async def stop(self) -> None:
        """Stop all of it. An error in the background is raised here."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """`start()` and `stop()` around a block."""
        await self.start()
        try:
            yield self
        finally:
            await self.stop()
