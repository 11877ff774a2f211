"""Moving legs on: whatever is due is claimed under a lease and taken one step further (`bot.engine.stepping`)."""

import asyncio
from datetime import datetime

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.settling import Settler
from bot.engine.stepping import Stepper
from bot.engine.submitting import Submitter
from bot.engine.wakes import Wakes
from bot.kotani.client import Kotani
from bot.payments.identifiers import new_id
from bot.payments.schedule import Patience
from bot.payments.states import Concern
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.payments import LostRace, due_legs, open_cases, postpone_leg
from storage.payments import leg as load_leg
from storage.tables import Leg

AT_ONCE = 16
_GIVE_UP_AFTER = 8
_log = structlog.get_logger(__name__)


class Advancer:
    """Claims due legs and advances them, up to `AT_ONCE` together. Any number of replicas may run one."""

    def __init__(
        self,
        database: Database,
        kotani: Kotani,
        settler: Settler,
        submitter: Submitter,
        patience: Patience,
        clock: Clock,
        wakes: Wakes,
        *,
        environment: str,
        owner: str,
        alone_since: datetime | None = None,
    ) -> None:
        """`alone_since`: since when no other process can work on this database (SQLite); None where others may."""
        self._stepper = Stepper(
            database, kotani, settler, submitter, patience, clock, wakes, owner=owner, alone_since=alone_since
        )
        self._database = database
        self._patience = patience
        self._clock = clock
        self._wakes = wakes
        self._environment = environment
        self._owner = owner
        self._in_flight: dict[asyncio.Task[None], str] = {}
        self._stopping = False

    def stop(self) -> None:
        """Claim nothing more; `run` ends when the steps at hand are done."""
        self._stopping = True
        self._wakes.legs.set()

    async def run(self) -> None:
        """Advance whatever is due until told to stop."""
        try:
            while not self._stopping:
                self._wakes.legs.clear()
                try:
                    started = await self._start_due()
                except StorageUnavailable as error:
                    _log.warning("legs wait for storage", error=str(error))
                    await asyncio.sleep(1)
                    continue
                if started == 0 and not self._stopping:
                    await self._wakes.legs.wait()
            if self._in_flight:
                await asyncio.wait(self._in_flight)
        finally:
            for task in self._in_flight:
                task.cancel()

    async def _start_due(self) -> int:
        room = AT_ONCE - len(self._in_flight)
        if room <= 0:
            return 0
        now = self._clock()
        leg_ids = await self._database.write(
            lambda session: due_legs(
                session,
                environment=self._environment,
                owner=self._owner,
                now=now,
                until=now + self._patience.lease,
                limit=room,
            )
        )
        for leg_id in leg_ids:
            task = asyncio.create_task(self._stepper.advance(leg_id))
            self._in_flight[task] = leg_id
            task.add_done_callback(self._finished)
        return len(leg_ids)

    def _finished(self, task: asyncio.Task[None]) -> None:
        """The one edge: a step that broke is logged once and its leg is tried again later, or goes to a person."""
        leg_id = self._in_flight.pop(task)
        self._wakes.legs.set()
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, StorageUnavailable | LostRace):
            _log.info("a step is tried again", leg=leg_id, why=type(error).__name__)
        else:
            _log.error("a step broke", leg=leg_id, exc_info=error)
        put_off = asyncio.create_task(self._put_off(leg_id, type(error).__name__))
        self._in_flight[put_off] = leg_id
        put_off.add_done_callback(self._put_off_done)

    def _put_off_done(self, task: asyncio.Task[None]) -> None:
        leg_id = self._in_flight.pop(task)
        if not task.cancelled() and task.exception() is not None:
            _log.warning("the lease of a leg runs out by itself", leg=leg_id)

    async def _put_off(self, leg_id: str, why: str) -> None:
        now = self._clock()

        def put_off(session: Session) -> None:
            leg = load_leg(session, leg_id)
            if leg is None or leg.lease_owner != self._owner:
                return
            postpone_leg(session, leg_id, owner=self._owner, due_at=now + self._patience.backoff(leg.failures + 1))
            if leg.failures + 1 == _GIVE_UP_AFTER:
                open_cases(session, [_case(leg, Concern.POISON, f"{leg.failures + 1} steps broke: {why}", now)])

        await self._database.write(put_off)


def _case(leg: Leg, concern: Concern, note: str, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "dedupe_key": f"{leg.id}:{concern}",
        "concern": str(concern),
        "payment_id": leg.payment_id,
        "leg_id": leg.id,
        "detail": note,
        "opened_at": now,
    }
