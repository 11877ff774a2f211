"""What operators close and open again: journeys, countries, everything. Known in memory, kept in the database.

Every process looks at the table each two seconds, so a pause reaches all replicas within that time, and the one that it
was written by at once. Payments that were confirmed before go on as usual: it is new ones that are not begun.
"""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta
from types import MappingProxyType
from typing import Final

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.operators.results import Operator, Pause
from bot.engine.operators.roles import Operators
from bot.payments.coverage import Coverage
from bot.payments.pauses import paused
from storage import operating
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.payments import LostRace

EVERY: Final = timedelta(seconds=2)
MOST_WORDS: Final = 400  # characters of what customers are told
_log = structlog.get_logger(__name__)


class Pauses:
    """What is closed now. A worker of its own; `changed` is called when other parts are closed than before."""

    def __init__(
        self, database: Database, clock: Clock, operators: Operators, *, changed: Callable[[], None] = lambda: None
    ) -> None:
        self._database = database
        self._clock = clock
        self._operators = operators
        self._changed = changed
        self._known: tuple[Pause, ...] = ()
        self._seen: tuple[Coverage, Coverage] | None = None  # the last coverage, without and with the pauses
        self._stop = asyncio.Event()

    def now(self) -> tuple[Pause, ...]:
        """Every part that is closed, the first closed first."""
        return self._known

    def over(self, coverage: Coverage) -> Coverage:
        """What is served of this, as long as the pauses last."""
        if self._seen is None or self._seen[0] is not coverage:
            words = {one.scope: one.words for one in self._known}
            self._seen = coverage, paused(coverage, MappingProxyType(words))
        return self._seen[1]

    async def refresh(self) -> None:
        """Look at the table. Raises `StorageUnavailable`."""
        rows = await self._database.read(operating.pauses)
        known = tuple(Pause(row.scope, row.words, row.paused_by, row.paused_at) for row in rows)
        if known != self._known:
            self._known, self._seen = known, None
            _log.info("other parts of the business are closed now", closed=[one.scope for one in known])
            self._changed()

    def stage_pause(self, effects: Effects, operator: Operator, scope: str, words: str) -> None:
        """Close a part. The transaction raises `LostRace` when it is closed already."""
        row = {
            "scope": scope,
            "words": words[:MOST_WORDS],
            "paused_by": operator.telegram_id,
            "paused_at": self._clock(),
        }

        def pause(session: Session) -> None:
            if not operating.add_pause(session, row):
                raise LostRace

        self._operators.stage_act(effects, operator, "pause", target=f"pause:{scope}", after={"words": words})
        effects.add(pause)
        effects.after_commit(self._look)

    def stage_resume(self, effects: Effects, operator: Operator, closed: Pause) -> None:
        """Open a part again. The transaction raises `LostRace` when it is open."""

        def resume(session: Session) -> None:
            if not operating.remove_pause(session, closed.scope):
                raise LostRace

        self._operators.stage_act(
            effects, operator, "resume", target=f"pause:{closed.scope}", before={"words": closed.words}
        )
        effects.add(resume)
        effects.after_commit(self._look)

    async def _look(self) -> None:
        """At once, after a change of our own; where that cannot be, the next look will do."""
        with contextlib.suppress(StorageUnavailable):
            await self.refresh()

    def stop(self) -> None:
        """End `run`."""
        self._stop.set()

    async def run(self) -> None:
        """Keep what is known fresh until told to stop."""
        while not self._stop.is_set():
            try:
                await self.refresh()
            except StorageUnavailable as error:
                _log.warning("what is closed waits for storage", error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY.total_seconds()):
                    await self._stop.wait()
