"""Holding a day's legs against the provider, one after the other: the worker behind reconciliations.

A run is a row, and so is how far it is: each step asks the provider about one leg and writes what was found, and that it
was looked at, in one transaction. So a crash loses nothing, any replica goes on, and nothing is found twice. One run is
taken at a time over all replicas, at a pace that leaves most of the provider's 60 reads a minute to the polls.

It only reads. An open leg of which the provider knows more is made due for a poll, which moves it as any poll does, and so is
a collection or a purchase that was over and whose money came in.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlmodel import Session

from bot.engine.asking import ask
from bot.engine.clock import Clock
from bot.engine.facts import facts_of
from bot.engine.operators.overview import midnight
from bot.engine.operators.reconcile_results import PACE
from bot.engine.reconciling_end import RunEnd
from bot.engine.reconciling_rows import item_row, new_run
from bot.engine.wakes import Wakes
from bot.kotani.client import Kotani
from bot.kotani.errors import KotaniError, NotFound, NotSent, RateLimited, Unauthorised
from bot.payments.reconciling import ComparedLeg, Difference, DifferenceKind, compare_leg, unanswered
from bot.payments.reports import Report
from bot.payments.states import LEG_OPEN, LegState
from storage import reconciling as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.mending import look_again
from storage.payments import LostRace, make_due
from storage.payments import leg as load_leg
from storage.reconciliation_items import close_unseen, put_item, touch_items
from storage.reconciliation_tables import Reconciliation
from storage.tables import Leg

PAUSE: Final = timedelta(seconds=30)  # between two looks for a run
LEASE: Final = timedelta(minutes=2)
SETTLED_AFTER: Final = timedelta(minutes=15)  # what we heard of a leg later than that may be on its way still
CATCH_UP: Final = 7  # days that were missed, because nothing ran at their hour
_TRIES: Final = 6  # of one leg that the provider answers nothing usable about
_SLOWEST: Final = timedelta(minutes=5)
_DAY: Final = timedelta(days=1)
_AFTER_THE_END: Final = frozenset({LegState.LATE, LegState.UNDELIVERED_LATE})
_log = structlog.get_logger(__name__)


class Reconciler:
    """Begins a run a day, and takes whatever run there is further. Any number of replicas may run one."""

    def __init__(
        self,
        database: Database,
        kotani: Kotani,
        keyring: Keyring,
        clock: Clock,
        wakes: Wakes,
        *,
        environment: str,
        owner: str,
        hour: int | None,
        pace: timedelta = PACE,
        calls: bool = True,
    ) -> None:
        """`hour` is when the day before is compared by itself (UTC); None: never. `calls`: what is open calls operators."""
        self._database = database
        self._kotani = kotani
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._environment = environment
        self._owner = owner
        self._hour = hour
        self._pace = pace
        self._end = RunEnd(database, kotani, keyring, clock, environment=environment, calls=calls)
        self._begun: datetime | None = None  # the day whose run is known to have begun
        self._told: dict[str, datetime] = {}
        self._halt = asyncio.Event()

    def stop(self) -> None:
        """Finish the leg at hand and end `run`."""
        self._halt.set()
        self._wakes.reconciliation.set()

    async def run(self) -> None:
        """Take runs further until told to stop."""
        while not self._halt.is_set():
            self._wakes.reconciliation.clear()
            try:
                worked = await self.step()
            except StorageUnavailable as error:
                _log.warning("a reconciliation waits for storage", error=str(error))
                worked = False
            except LostRace:
                worked = True  # another replica has it
            # news end a pause, and never the pace
            event, wait = (self._halt, self._pace) if worked else (self._wakes.reconciliation, PAUSE)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait.total_seconds()):
                    await event.wait()
        with contextlib.suppress(StorageUnavailable):
            await self._database.write(lambda session: queries.release_runs(session, owner=self._owner))

    async def step(self) -> bool:
        """One leg, or the end of a run; False when nothing is to be done now."""
        now = self._clock()
        await self._begin(now)
        run = await self._database.write(lambda session: self._take(session, now))
        if run is None:
            return False
        leg = await self._database.read(lambda session: self._next(session, run))
        try:
            if leg is None:
                await self._finish(run, with_balances=run.failures < _TRIES)
            else:
                await self._compare(run, leg)
        except KotaniError as error:
            await self._wait(run, leg, error)
        return True

    async def _begin(self, now: datetime) -> None:
        """Begin the run of the day before, once its hour has come, and those that were missed."""
        today = midnight(now)
        if self._hour is None or self._begun == today or now < today + timedelta(hours=self._hour):
            return
        yesterday = (today - _DAY).date()

        def begin(session: Session) -> None:
            last = queries.last_day_by_itself(session, environment=self._environment)
            day = yesterday if last is None else max(last + _DAY, yesterday - (CATCH_UP - 1) * _DAY)
            while day <= yesterday:
                queries.add_run(session, new_run(self._environment, day, now))
                day += _DAY

        await self._database.write(begin)
        self._begun = today

    def _take(self, session: Session, now: datetime) -> Reconciliation | None:
        run = queries.take_run(session, environment=self._environment, owner=self._owner, now=now, until=now + LEASE)
        if run is not None and run.total is None:
            since, until = span(run)
            total = queries.count_legs(session, environment=self._environment, since=since, until=until)
            queries.change_run(session, run.id, owner=self._owner, values={"total": total})
        return run

    def _next(self, session: Session, run: Reconciliation) -> Leg | None:
        since, until = span(run)
        after = None if run.cursor_at is None or run.cursor_id is None else (run.cursor_at, run.cursor_id)
        leg = queries.next_leg(session, environment=self._environment, since=since, until=until, after=after)
        return leg or queries.leg_to_see_again(session, environment=self._environment, run_id=run.id)

    async def _compare(self, run: Reconciliation, leg: Leg) -> None:
        """Ask about a leg, and write what is not the same. Raises `KotaniError` when the provider does not say."""
        answer: Report | None = None
        tell = self._time_to_tell(run)
        with contextlib.suppress(NotFound):
            answer = await ask(self._kotani, self._keyring, leg)

        def write(session: Session) -> bool:
            # as it stands now: what the provider has told us meanwhile is no difference
            fresh = load_leg(session, leg.id)
            assert fresh is not None
            now = self._clock()
            found = self._differences(session, fresh, answer, now)
            news = self._keep(session, run, fresh, found, now)
            close_unseen(session, environment=self._environment, run_id=run.id, now=now, leg_id=leg.id)
            states = [one.theirs for one in found if one.kind is DifferenceKind.STATE]
            ahead = bool(states) and fresh.state in LEG_OPEN
            if ahead:
                make_due(session, [leg.id], now)
            if not _AFTER_THE_END.isdisjoint(states):  # it was over for us: a poll brings the money into the books
                look_again(session, leg.id, now)
                ahead = True
            self._advance(session, run, leg, now, news, tell=tell)
            return ahead

        if await self._database.write(write):
            self._wakes.legs.set()
        self._wakes.notices.set()

    def _differences(self, session: Session, leg: Leg, answer: Report | None, now: datetime) -> list[Difference]:
        changed = queries.last_change(session, leg.payment_id, leg.id) or leg.created_at
        names: list[str] = []
        if answer is not None:
            names = queries.namesakes(session, leg, provider_id=answer.provider_id, receipt=answer.receipt)
        compared = ComparedLeg(
            facts=facts_of(self._keyring, leg, answer),
            booked=leg,
            provider_id=leg.provider_id,
            settled=now - changed >= SETTLED_AFTER,
        )
        return compare_leg(compared, answer, names)

    def _keep(self, session: Session, run: Reconciliation, leg: Leg, found: Iterable[Difference], now: datetime) -> int:
        """Keep differences of a leg; how many were news."""
        return sum(put_item(session, item_row(one, self._environment, run.id, now, leg=leg)) for one in found)

    def _advance(
        self, session: Session, run: Reconciliation, leg: Leg, now: datetime, news: int, *, tell: bool
    ) -> None:
        """Write that the leg was looked at. Raises `LostRace` when another replica does so."""
        values: dict[str, Any] = {"failures": 0, "trouble": None, "found": run.found + news}
        since, until = span(run)
        sent = leg.submitted_at
        if sent is not None and since <= sent < until and (run.cursor_at is None or sent >= run.cursor_at):
            values |= {"cursor_at": sent, "cursor_id": leg.id, "seen": run.seen + 1}
        if not queries.change_run(session, run.id, owner=self._owner, values=values):
            raise LostRace
        if tell:
            self._end.tell(session, run, now)

    def _time_to_tell(self, run: Reconciliation) -> bool:
        now, last = self._clock(), self._told.get(run.id)
        if last is not None and now - last < timedelta(seconds=10):
            return False
        self._told = {run.id: now}
        return True

    async def _finish(self, run: Reconciliation, *, with_balances: bool) -> None:
        since, until = span(run)
        await self._end.finish(run, owner=self._owner, since=since, until=until, with_balances=with_balances)
        self._wakes.notices.set()

    async def _wait(self, run: Reconciliation, leg: Leg | None, error: KotaniError) -> None:
        """The provider did not say: later again. What it says nothing usable about for long is a difference itself."""
        now, failures = self._clock(), run.failures + 1
        whole = isinstance(error, RateLimited | NotSent | Unauthorised)  # of the provider, not of this leg
        why = type(error).__name__
        _log.info("a reconciliation was not answered", why=why, failures=failures)

        def write(session: Session) -> None:
            if leg is not None and failures >= _TRIES and not whole:
                touch_items(session, leg.id, run_id=run.id)
                news = self._keep(session, run, leg, [unanswered(leg.reference, why)], now)
                self._advance(session, run, leg, now, news, tell=True)
                return
            after = timedelta(seconds=error.retry_after) if isinstance(error, RateLimited) else backoff(failures)
            # what is wrong with the provider as a whole is waited for, however long
            tries = min(failures, _TRIES - 1) if whole else failures
            values = {"failures": tries, "trouble": why, "due_at": now + after}
            if not queries.change_run(session, run.id, owner=self._owner, values=values):
                raise LostRace
            if failures == 1:
                self._end.tell(session, run, now)

        await self._database.write(write)
        self._wakes.notices.set()


def span(run: Reconciliation) -> tuple[datetime, datetime]:
    """The time that a run compares: its day, as far as that is over when it begins."""
    since = datetime.combine(run.day, datetime.min.time(), tzinfo=run.started_at.tzinfo)
    return since, min(since + _DAY, run.started_at)


def backoff(failures: int) -> timedelta:
    """The wait after so many answers in a row that did not come."""
    return min(timedelta(seconds=1 << min(failures, 10)), _SLOWEST)
