"""Moving legs on: whatever is due is claimed under a lease and taken one step further.

A step is one of three: *submit* a leg that is ready, *reconcile* one whose create call had no clear outcome, *follow*
one that the provider has. No transaction is open while the provider is asked, and each step ends in `Settler.apply`.
"""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Literal

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.findings import Cause, Finding
from bot.engine.history import submission_event
from bot.engine.outbox import notice_row, write_notice_rows
from bot.engine.settling import Settled, Settler
from bot.engine.submitting import Blocked, Submitter
from bot.engine.wakes import Wakes
from bot.kotani.client import Kotani
from bot.kotani.errors import KotaniError, NotFound, RateLimited
from bot.payments.decide import Decision
from bot.payments.identifiers import new_id
from bot.payments.reasons import QUOTE_EXPIRED
from bot.payments.reports import Report
from bot.payments.schedule import Patience
from bot.payments.states import LEG_TERMINAL, Concern, LegKind, LegState
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.payments import (
    HeldPayment,
    LegKey,
    LostRace,
    add_events,
    begin_submission,
    due_legs,
    hold_payments,
    open_cases,
    postpone_leg,
    release_leg,
)
from storage.payments import leg as load_leg
from storage.tables import Leg

AT_ONCE = 16
TELL_AFTER = 8  # unanswered steps in a row, two minutes of them, before the customer hears that it takes longer
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
        self._alone_since = alone_since
        self._database = database
        self._kotani = kotani
        self._settler = settler
        self._submitter = submitter
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
            task = asyncio.create_task(self.advance(leg_id))
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

    async def advance(self, leg_id: str) -> None:
        """Take one step with a leg whose lease is ours."""
        leg = await self._database.read(lambda session: load_leg(session, leg_id))
        assert leg is not None
        with structlog.contextvars.bound_contextvars(payment=leg.payment_id, leg=leg.id):
            state = LegState(leg.state)
            if state in LEG_TERMINAL and leg.due_at is None:
                await self._database.write(lambda session: release_leg(session, leg_id, owner=self._owner))
            elif state in LEG_TERMINAL:
                await self._look_again(leg)
            elif state is LegState.READY:
                await self._submit(leg)
            elif state in (LegState.SUBMITTING, LegState.UNKNOWN):
                await self._reconcile(leg)
            else:
                await self._follow(leg)

    async def _submit(self, leg: Leg) -> None:
        key = LegKey(leg.id, leg.payment_id)
        now = self._clock()
        if leg.quote_expires_at is not None and now >= leg.quote_expires_at:
            await self._settle(_quote_ran_out(key))
            return
        try:
            call = await self._submitter.prepare(leg)
        except Blocked as blocked:
            await self._settle(
                Finding(
                    key=key,
                    cause=Cause.CLOCK,
                    decision=Decision(concern=blocked.concern, note=blocked.note),
                    due_at=now + self._patience.poll_last,
                )
            )
            return
        except KotaniError as error:
            await self._wait(leg, error)
            return
        began_at, event_id = self._clock(), new_id()
        started = time.monotonic()
        began = await self._database.write(lambda session: self._begin(session, leg, event_id, began_at))
        if not began:
            # a report moved the leg, or somebody else holds it: if the lease is still ours, nobody should wait for it
            await self._database.write(lambda session: release_leg(session, leg.id, owner=self._owner))
            return
        if time.monotonic() - started > self._patience.send_within.total_seconds():
            # somebody else may hold the leg soon: what they find out decides
            return
        leg.submissions += 1
        try:
            created = await self._submitter.send(leg, call)
        except KotaniError as error:
            _log.info("create call", outcome=type(error).__name__)
            await self._settle(self._submitter.refused(key, leg, error, self._clock()))
        else:
            await self._settle(self._submitter.accepted(key, created))

    def _begin(self, session: Session, leg: Leg, event_id: str, now: datetime) -> bool:
        """Put on record that the create call is about to be made; False when the leg is not ours to send any more."""
        began = begin_submission(
            session,
            leg.id,
            owner=self._owner,
            was=LegState.READY,
            now=now,
            until=now + self._patience.lease,
            state=LegState.SUBMITTING,
        )
        if began:
            add_events(session, [submission_event(leg, event_id, now)])
        return began

    async def _reconcile(self, leg: Leg) -> None:
        """Ask for the reference before anything else: found is adopted, proven absent may be sent again."""
        key = LegKey(leg.id, leg.payment_id)
        try:
            report = await self._ask(leg)
        except NotFound:
            await self._absent(leg, key)
        except KotaniError as error:
            await self._wait(leg, error)
        else:
            await self._settle(Finding(key=key, cause=Cause.POLL, report=report))

    async def _absent(self, leg: Leg, key: LegKey) -> None:
        now = self._clock()
        assert leg.submitted_at is not None
        proven_at = leg.submitted_at + self._patience.absent_after
        if self._alone_since is not None and leg.submitted_at < self._alone_since:
            # the process that made the call is gone, so nothing of it can be sent any more
            proven_at = min(proven_at, self._alone_since + self._patience.arrival_margin)
        if now < proven_at:
            await self._wait(leg, None, due_at=min(proven_at, now + self._patience.ask_again))
        elif leg.quote_expires_at is not None and now >= leg.quote_expires_at:
            await self._settle(_quote_ran_out(key))
        else:
            decision = Decision(LegState.READY, None, "the provider knows no such reference: it is sent again")
            await self._settle(Finding(key=key, cause=Cause.POLL, decision=decision, due_at=now))

    async def _follow(self, leg: Leg) -> None:
        key = LegKey(leg.id, leg.payment_id)
        now = self._clock()
        findings: list[Finding] = []
        try:
            report = await self._ask(leg)
        except NotFound:
            await self._wait(leg, None, due_at=now + self._patience.next_poll(leg.polls + 1, _age(leg, now)))
        except KotaniError as error:
            await self._wait(leg, error)
        else:
            findings.append(Finding(key=key, cause=Cause.POLL, report=report))
        if _age(leg, now) >= self._patience.overdue_after:
            findings.append(
                Finding(key=key, cause=Cause.CLOCK, decision=Decision(concern=Concern.OVERDUE, note="no final answer"))
            )
        if findings:
            unapproved = leg.state == LegState.PENDING and _age(leg, now) >= self._patience.unapproved_after
            await self._settle(*findings, remind=leg if unapproved and leg.kind == LegKind.ONRAMP else None)

    async def _look_again(self, leg: Leg) -> None:
        """Something contradicts how the leg ended: what the provider's own record says is put beside it."""
        key = LegKey(leg.id, leg.payment_id)
        try:
            report = await self._ask(leg)
        except NotFound:
            note = Decision(note="asked again: the provider knows no such reference")
            await self._settle(Finding(key=key, cause=Cause.POLL, decision=note))
        except KotaniError as error:
            await self._wait(leg, error)
        else:
            await self._settle(Finding(key=key, cause=Cause.POLL, report=report))

    async def _ask(self, leg: Leg) -> Report:
        if leg.kind == LegKind.ONRAMP:
            return await self._kotani.onramp(leg.reference)
        return await self._kotani.withdrawal(leg.reference)

    async def _wait(self, leg: Leg, error: KotaniError | None, *, due_at: datetime | None = None) -> None:
        """Nothing was learned: look again later, with back-off."""
        now = self._clock()
        wait = self._patience.backoff(leg.failures + 1)
        if isinstance(error, RateLimited):
            wait = max(wait, timedelta(seconds=error.retry_after))
        if error is not None:
            _log.info("the provider could not be asked", error=type(error).__name__)
        when = due_at if due_at is not None else now + wait
        # from then on at every step, since a failed step may count elsewhere; the notice itself is there once
        tell = error is not None and leg.failures + 1 >= TELL_AFTER

        def wait_for_it(session: Session) -> None:
            if postpone_leg(session, leg.id, owner=self._owner, due_at=when, failed=error is not None) and tell:
                payment = hold_payments(session, [leg.payment_id])[leg.payment_id]
                write_notice_rows(session, [_notice_once(payment, "delay", now)])

        await self._database.write(wait_for_it)
        if tell:
            self._wakes.notices.set()

    async def _settle(self, *findings: Finding, remind: Leg | None = None) -> None:
        """Apply what was found and give the lease back, in one transaction; a lost race is read and decided again.

        `remind`: the customer is told once that their payment is still awaited, if that did not change it.
        """
        leg_id = findings[0].key.leg_id

        def settle(session: Session) -> Settled:
            now = self._clock()
            settled = self._settler.apply(session, findings, now)
            if remind is not None and settled.moved == 0:
                payment = hold_payments(session, [remind.payment_id])[remind.payment_id]
                write_notice_rows(session, [_notice_once(payment, "reminder", now)])
                settled.notices = True
            release_leg(session, leg_id, owner=self._owner)
            return settled

        try:
            settled = await self._database.write(settle)
        except LostRace:
            _log.info("somebody else moved the leg first")
            await self._database.write(lambda session: release_leg(session, leg_id, owner=self._owner))
            return
        if settled.notices:
            self._wakes.notices.set()
        if settled.legs or settled.moved:
            self._wakes.legs.set()


def _age(leg: Leg, now: datetime) -> timedelta:
    return now - (leg.submitted_at or now)


def _quote_ran_out(key: LegKey) -> Finding:
    decision = Decision(LegState.EXPIRED, None, "the quote ran out before the order was placed")
    return Finding(key=key, cause=Cause.CLOCK, decision=decision, reason=(QUOTE_EXPIRED, None))


def _notice_once(payment: HeldPayment, what: Literal["delay", "reminder"], now: datetime) -> dict[str, object]:
    """Said once for a payment, however long it takes."""
    return notice_row(
        chat_id=payment.chat_id,
        kind=f"payment_{what}",
        dedupe_key=f"{what}:{payment.id}",
        payment_id=payment.id,
        now=now,
    )


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
