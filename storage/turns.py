"""A fixed number of threads for blocking calls, with a bounded wait for one of them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from storage.errors import StorageBusy

T = TypeVar("T")


class Turns:
    """`count` threads. Who finds none free for `wait_seconds` gets `StorageBusy`, and nothing was run for them."""

    def __init__(self, name: str, count: int, *, wait_seconds: float) -> None:
        self._free = asyncio.Semaphore(count)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._wait_seconds = wait_seconds

    async def run(self, call: Callable[[], T]) -> T:
        """Run `call` in a thread. When its caller is cancelled, a call that has begun still ends, in its turn."""
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise StorageBusy("too many works wait for the database") from None
        running = asyncio.get_running_loop().run_in_executor(self._threads, call)
        running.add_done_callback(lambda _: self._free.release())
        return await asyncio.shield(running)

    def close(self) -> None:
        """Wait for what runs, then end the threads. Blocking."""
        self._threads.shutdown()
