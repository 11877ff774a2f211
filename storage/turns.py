"""A fixed number of threads for blocking calls, with a bounded wait for one of them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

from storage.errors import StorageBusy, StorageUnavailable
from storage.session import Outcome

T = TypeVar("T")


class Turns:
    """`count` threads. Who finds none free for `wait_seconds` gets `StorageBusy`, and nothing was run for them."""

    def __init__(self, name: str, count: int, *, wait_seconds: float) -> None:
        self._free = asyncio.Semaphore(count)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._wait_seconds = wait_seconds

    async def run(self, call: Callable[[], T]) -> T:
        """Run `call` in a thread. When its caller is cancelled, a call that has begun still ends, in its turn.

        Whatever it raises is raised here, also what a future could not carry. `StorageUnavailable` after `close`.
        """
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise StorageBusy("too many works wait for the database") from None
        try:
            running = asyncio.get_running_loop().run_in_executor(self._threads, _captured, call)
        except RuntimeError:  # the threads have ended
            self._free.release()
            raise StorageUnavailable("the database was stopped") from None
        running.add_done_callback(lambda _: self._free.release())
        outcome = await asyncio.shield(running)
        if outcome.error is not None:
            raise outcome.error
        return cast(T, outcome.result)

    def close(self) -> None:
        """Wait for what runs, then end the threads. Blocking."""
        self._threads.shutdown()


def _captured(call: Callable[[], object]) -> Outcome:
    outcome = Outcome()
    with outcome:
        outcome.result = call()
    return outcome
