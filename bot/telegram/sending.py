"""Sending notices: what is due is claimed chat by chat at the pace of `bot.telegram.pacing`, and said by `Speaker`.

At least once, and in order for each chat. Telegram has no idempotency key for new messages: a crash or a lost answer between
its acceptance and our mark repeats one message, with the same reference in it. Edits may be repeated as often as one likes.
"""

import asyncio
import heapq
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.wakes import Wakes
from bot.payments.identifiers import new_id
from bot.telegram.application import App
from bot.telegram.drawing import Renderer
from bot.telegram.errors import TokenRefused
from bot.telegram.pacing import Pace
from bot.telegram.saying import LEASE, Job, Speaker
from bot.telegram.topics import Topics
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.notices import any_due, claim_notices
from storage.pace import hold_pace, set_pace

AT_ONCE = 32
BROADCASTS_UP_TO = 8  # while so much is being said, nothing more is begun of what is told to many
_log = structlog.get_logger(__name__)


class Sender:
    """Sends notices, up to `AT_ONCE` chats together. Any number of replicas may run one."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        application: App,
        renderers: Mapping[str, Renderer],
        clock: Clock,
        wakes: Wakes,
        *,
        owner: str,
        pace: Pace | None = None,
        topics: Topics | None = None,
    ) -> None:
        """`renderers` by kind of notice: "screen" (`screen_renderer`), "payment_card", "payment_outcome".

        `topics` are those of groups that have some; without them what is meant for one goes to the group itself.
        """
        self._database = database
        self._clock = clock
        self._wakes = wakes
        self._owner = owner
        self._pace = pace or Pace()
        self._speaker = Speaker(database, keyring, application.bot, renderers, clock, self._pace, self._alarm, topics)
        self._in_flight: dict[asyncio.Task[Any], Job] = {}
        self._alarms: list[datetime] = []
        self._stopping = False
        self._refused = False
        self._healthy = True

    @property
    def healthy(self) -> bool:
        """Whether Telegram accepts the bot's token, as far as is known."""
        return self._healthy

    def stop(self) -> None:
        """Claim nothing more; `run` ends when what is being said is said."""
        self._stopping = True
        self._wakes.notices.set()

    async def run(self) -> None:
        """Send whatever is due until told to stop. Raises `TokenRefused`; whatever is queued stays queued."""
        self._refused = False
        try:
            while not (self._stopping or self._refused):
                self._wakes.notices.clear()
                try:
                    started = await self._start_due()
                except StorageUnavailable as error:
                    _log.warning("notices wait for storage", error=str(error))
                    await asyncio.sleep(1)
                    continue
                if started == 0 and not (self._stopping or self._refused):
                    await self._rest()
            while self._in_flight:
                await asyncio.wait(self._in_flight)
        finally:
            for task in self._in_flight:
                task.cancel()
        if self._refused:
            raise TokenRefused

    async def step(self) -> int:
        """Say the next thing in each chat that has one, to the end; how many there were."""
        started = await self._start_due()
        while self._in_flight:
            await asyncio.wait(self._in_flight)
        return started

    async def _rest(self) -> None:
        """Wait for a wake-up or for the next moment at which something may be said."""
        now = self._clock()
        while self._alarms and self._alarms[0] <= now:
            heapq.heappop(self._alarms)
        seconds = (self._alarms[0] - now).total_seconds() if self._alarms else None
        try:
            async with asyncio.timeout(seconds):
                await self._wakes.notices.wait()
        except TimeoutError:
            return

    def _alarm(self, at: datetime) -> None:
        heapq.heappush(self._alarms, at)
        self._wakes.notices.set()

    async def _start_due(self) -> int:
        room = AT_ONCE - len(self._in_flight)
        if room <= 0:
            return 0
        now = self._clock()
        lease = f"{self._owner}:{new_id()}"
        calm = len(self._in_flight) < BROADCASTS_UP_TO

        def claim(session: Session) -> tuple[list[Job], datetime | None]:
            if not any_due(session, now):
                return [], None
            free_at = hold_pace(session, now)
            limit = min(room, self._pace.room(free_at, now))
            if limit == 0:
                return [], free_at
            found = claim_notices(session, lease=lease, now=now, until=now + LEASE, limit=limit, broadcasts=calm)
            moments, free_at = self._pace.moments(free_at, now, len(found))
            if found:
                set_pace(session, free_at)
            jobs = [Job(claimed, at, now) for claimed, at in zip(found, moments, strict=True)]
            return jobs, free_at if len(found) == limit else None

        jobs, more_at = await self._database.write(claim)
        if more_at is not None:
            heapq.heappush(self._alarms, more_at - self._pace.ahead + self._pace.between_calls)
        for job in jobs:
            task = asyncio.create_task(self._speaker.say(job))
            self._in_flight[task] = job
            task.add_done_callback(self._finished)
        return len(jobs)

    def _finished(self, task: asyncio.Task[bool]) -> None:
        """The one edge: a notice that broke is logged once and tried again, and given up after some times."""
        job = self._in_flight.pop(task)
        self._wakes.notices.set()
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self._healthy |= task.result()
            return
        if isinstance(error, TokenRefused):
            if not self._refused:
                _log.critical("nothing can be sent: Telegram refuses the bot's token; the queue is kept")
            self._refused, self._healthy = True, False
            return
        _log.error("a notice could not be said", notice=job.claimed.newest.id, exc_info=error)
        after = asyncio.create_task(self._speaker.broke(job.claimed, error))
        self._in_flight[after] = job
        after.add_done_callback(self._broke_done)

    def _broke_done(self, task: asyncio.Task[None]) -> None:
        job = self._in_flight.pop(task)
        if not task.cancelled() and task.exception() is not None:
            _log.warning("the lease of a notice runs out by itself", notice=job.claimed.newest.id)
