"""Keeping workers at work: each runs until told to stop; one that ends by an error is logged and started again."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE = 30.0
_STEADY_SECONDS = 5.0  # a worker that was started again counts as well only when it has lasted this long
_log = structlog.get_logger(__name__)


class Worker(Protocol):
    """Something that works through due rows until told to stop."""

    async def run(self) -> None:
        """Work until `stop` was called."""
        ...

    def stop(self) -> None:
        """Take nothing new; `run` ends when what is at hand is done."""
        ...


class Staff:
    """All workers of a process. `healthy` tells whether none of them is down at the moment."""

    def __init__(self, workers: Sequence[tuple[str, Worker]]) -> None:
        self._workers = tuple(workers)
        self._tasks: list[asyncio.Task[None]] = []
        self._down: set[str] = set()
        self._stopping = False

    @property
    def healthy(self) -> bool:
        """Whether every worker runs."""
        return not self._down

    def start(self) -> None:
        """Start every worker on the running loop."""
        self._tasks = [
            asyncio.create_task(self._keep(name, worker), name=f"worker-{name}") for name, worker in self._workers
        ]

    async def stop(self, grace_seconds: float) -> None:
        """Tell everybody to finish; whoever has not after the grace is cancelled. Leases cover what that leaves."""
        self._stopping = True
        for _, worker in self._workers:
            worker.stop()
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=grace_seconds)
        for task in late:
            _log.warning("a worker was cut off", worker=task.get_name())
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, name: str, worker: Worker) -> None:
        pause = _PAUSE_SECONDS
        while True:
            attempt = asyncio.ensure_future(worker.run())
            try:
                await asyncio.wait([attempt], timeout=_STEADY_SECONDS)
                if not attempt.done():
                    self._down.discard(name)
                    pause = _PAUSE_SECONDS
                await asyncio.wait([attempt])
            finally:
                attempt.cancel()
            error = attempt.exception() if not attempt.cancelled() else None
            if error is None or self._stopping:
                if error is not None:
                    _log.error("a worker broke while it stopped", worker=name, exc_info=error)
                return
            self._down.add(name)
            _log.error("a worker broke and is started again", worker=name, exc_info=error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
