"""The beat of the process: what is done every so many seconds, by a scheduler in memory that keeps nothing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

MISFIRE_SECONDS = 3600


@contextlib.asynccontextmanager
async def ticking(*beats: tuple[int, Callable[[], Any]]) -> AsyncIterator[None]:
    """Call each function every so many seconds, on this event loop. They must return at once."""
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_SECONDS}
    )
    for seconds, beat in beats:
        scheduler.add_job(_on_the_loop(beat), "interval", seconds=seconds)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.remove_all_jobs()
        await asyncio.sleep(0.01)  # what has just begun ends by itself; the scheduler would cancel it and log an error
        scheduler.shutdown(wait=False)


def _on_the_loop(beat: Callable[[], Any]) -> Callable[[], Coroutine[Any, Any, None]]:
    """As a coroutine function: the scheduler runs anything else in threads."""

    async def call() -> None:
        beat()

    return call
