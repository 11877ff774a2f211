"""The simulated world's time: it follows the wall, can be sped up or jump ahead, and keeps what becomes due in order."""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

Action = Callable[[], object]


def _wall() -> datetime:
    return datetime.now(UTC)


@dataclass(order=True, slots=True)
class Scheduled:
    """An action that waits for its moment; `cancel()` makes it never happen."""

    due: datetime
    order: int
    action: Action = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class WorldClock:
    """World time.

    `wall` gives the real time (aware), `start` the world's first moment, `speed` the world seconds per real one.
    """

    def __init__(
        self, *, wall: Callable[[], datetime] = _wall, start: datetime | None = None, speed: float = 1.0
    ) -> None:
        self.wall = wall
        self._anchor_wall = wall()
        self._anchor_world = start or self._anchor_wall
        self._speed = speed
        self._heap: list[Scheduled] = []
        self._order = itertools.count()
        self._changed = asyncio.Event()
        self._advancing = asyncio.Lock()

    def now(self) -> datetime:
        """The world's time, aware, UTC."""
        return self._anchor_world + (self.wall() - self._anchor_wall) * self._speed

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, factor: float) -> None:
        self._jump_to(self.now())
        self._speed = factor
        self._changed.set()

    def after(self, seconds: float, action: Action) -> Scheduled:
        """Run `action` when `seconds` of world time have passed; 0 means as soon as the runner is next awake."""
        entry = Scheduled(self.now() + timedelta(seconds=seconds), next(self._order), action)
        heapq.heappush(self._heap, entry)
        self._changed.set()
        return entry

    async def advance(self, seconds: float, settle: Callable[[], Awaitable[None]] | None = None) -> None:
        """Jump ahead by `seconds`, stopping at every due action on the way; `settle` is awaited after each of them.

        What the actions schedule inside the span runs too.
        """
        async with self._advancing:
            target = self.now() + timedelta(seconds=seconds)
            while (head := self._head()) is not None and head.due <= target:
                self._jump_to(max(self.now(), head.due))
                heapq.heappop(self._heap).action()
                if settle is not None:
                    await settle()
            self._jump_to(max(self.now(), target))
            self._changed.set()

    async def run(self) -> None:
        """Run due actions for ever; cancel the task to stop."""
        while True:
            self._changed.clear()
            while (head := self._head()) is not None and head.due <= self.now():
                heapq.heappop(self._heap).action()
            pause = None if head is None else self._real_seconds_until(head.due)
            try:
                async with asyncio.timeout(pause):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _real_seconds_until(self, due: datetime) -> float:
        return max(0.001, (due - self.now()).total_seconds() / self._speed)

    def _head(self) -> Scheduled | None:
        while self._heap and self._heap[0].cancelled:
            heapq.heappop(self._heap)
        return self._heap[0] if self._heap else None

    def _jump_to(self, moment: datetime) -> None:
        self._anchor_world, self._anchor_wall = moment, self.wall()
