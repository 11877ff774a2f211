"""One step of a leg whose lease is ours.

A step is one of three: *submit* a leg that is ready, *reconcile* one whose create call had no clear outcome, *follow*
one that the provider has. No transaction is open while the provider is asked, and each step ends in `Settler.apply`.
"""

import time
from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.findings import Cause, Finding
from bot.engine.history import submission_event
from bot.engine.outbox import escrow_over_row, notice_row, write_notice_rows
from bot.engine.proving import OVER
from bot.engine.returning import Returner
from bot.engine.settling import Settled, Settler
from bot.engine.submitting import Blocked, Submitter
from bot.engine.wakes import Wakes
from bot.kotani.client import Kotani
from bot.kotani.errors import KotaniError, NotFound, NotSent, RateLimited, Unknown
from bot.payments.decide import Decision
from bot.payments.identifiers import new_id
from bot.payments.reasons import QUOTE_EXPIRED, UNAVAILABLE
from bot.payments.schedule import Patience
from bot.payments.states import LEG_TERMINAL, Concern, LegKind, LegState, PaymentKind
from storage.database import Database
from storage.mending import is_contradicted, look_again, sent_before
from storage.payments import (
    HeldPayment,
    LegKey,
    LostRace,
    add_events,
    begin_cancel,
    begin_submission,
    hold_payments,
    postpone_leg,
    release_leg,
)
from storage.payments import leg as load_leg
from storage.tables import Leg

TELL_AFTER = 8  # unanswered steps in a row, two minutes of them, before the customer hears that it takes longer
_TRIES = 5  # create calls that came to nothing, before a person hears of it
_NOT_KNOWN_THERE = (LegState.READY, LegState.SUBMITTING, LegState.UNKNOWN)
News = Literal["reminder", "payout_waits", "not_cancelled"]
# each is true only while the leg waits there: a callback may have moved it while its status was asked for
_TRUE_WHILE: Final[Mapping[News, Container[str]]] = {
    "reminder": (LegState.PENDING,),
    "not_cancelled": (LegState.PENDING,),
    "payout_waits": _NOT_KNOWN_THERE,
}
# what is said of legs that send money to people and are held back
_OUT: Final = {LegKind.PAYOUT: Concern.PAYOUT_BLOCKED, LegKind.REFUND: Concern.REFUND_BLOCKED}
_log = structlog.get_logger(__name__)


class Stepper:
    """Takes steps. `alone_since`: since when no other process can work on this database; None where others may."""

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
        owner: str,
        alone_since: datetime | None,
    ) -> None:
        self._database = database
        self._kotani = kotani
        self._settler = settler
        self._submitter = submitter
        self._patience = patience
        self._clock = clock
        self._wakes = wakes
        self._owner = owner
        self._alone_since = alone_since
        self._returner = Returner(database, kotani, submitter, clock, owner=owner)

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
        if leg.cancel_asked_at is not None:
            decision = Decision(LegState.CANCELLED, None, "cancelled before it was sent")
            await self._settle(Finding(key=key, cause=Cause.CUSTOMER, decision=decision))
            return
        if leg.quote_expires_at is not None and now >= leg.quote_expires_at:
            await self._settle(_quote_ran_out(key, leg))
            return
        try:
            call = await self._submitter.prepare(leg)
            await self._refuse_paid(leg)
        except Blocked as blocked:
            await self._settle(
                Finding(
                    key=key,
                    cause=Cause.CLOCK,
                    decision=Decision(concern=blocked.concern, note=blocked.note),
                    due_at=now + self._patience.poll_last,
                ),
                tell=_delay(blocked.concern),
            )
            return
        except KotaniError as error:
            over = self._submitter.unprepared(key, leg, error, now)
            await (self._wait(leg, error) if over is None else self._settle(over, tell=_delay_of(over)))
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
            report = await self._submitter.send(call)
        except KotaniError as error:
            _log.info("create call", outcome=type(error).__name__)
            refused = self._submitter.refused(key, leg, error, self._clock())
            await self._settle(refused, tell=_delay_of(refused))
        else:
            await self._settle(self._submitter.accepted(key, report))

    async def _refuse_paid(self, leg: Leg) -> None:
        """Raises `Blocked` where money that was sent out before may have arrived after all: none is sent twice.

        Whatever we were told of it, the provider's own record decides, read now. Raises `KotaniError`.
        """
        concern = _OUT.get(LegKind(leg.kind))
        if concern is None:
            return
        if await self._database.read(lambda session: is_contradicted(session, leg.payment_id, beside=leg.id)):
            note = "the provider contradicts itself about money that was sent before: find out which is true"
            raise Blocked(concern, note)
        for other in await self._database.read(lambda session: sent_before(session, leg.payment_id, beside=leg.id)):
            if await self._submitter.stands_there(other) not in OVER:
                await self._database.write(partial(look_again, leg_id=other.id, now=self._clock()))
                raise Blocked(concern, "the provider does not say that money which was sent before did not arrive")

    def _begin(self, session: Session, leg: Leg, event_id: str, now: datetime) -> bool:
        """Put on record that the create call is about to be made; False when the leg is not ours to send any more."""
        if leg.kind in _OUT and is_contradicted(session, leg.payment_id, beside=leg.id):
            return False
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
            report = await self._submitter.ask(leg)
        except NotFound:
            await self._absent(leg, key)
        except KotaniError as error:
            await self._wait(leg, error)
        else:
            await self._settle(Finding(key=key, cause=Cause.POLL, report=report, due_was=leg.due_at))

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
            await self._settle(_quote_ran_out(key, leg))
        elif leg.submissions < _TRIES:
            decision = Decision(LegState.READY, None, "the provider knows no such reference: it is sent again")
            await self._settle(Finding(key=key, cause=Cause.POLL, decision=decision, due_at=now))
        else:
            note = f"sent {_TRIES} times and more, and the provider never has it: it goes on being tried"
            decision = Decision(LegState.READY, Concern.SUBMIT_BLOCKED, note)
            due_at = now + self._patience.poll_last
            await self._settle(Finding(key=key, cause=Cause.POLL, decision=decision, due_at=due_at))

    async def _follow(self, leg: Leg) -> None:
        key = LegKey(leg.id, leg.payment_id)
        findings: list[Finding] = []
        if not await self._cancel(leg):
            return
        if leg.return_asked_at is not None:
            try:
                ours = await self._returner.again(leg)
            except KotaniError as error:
                await self._wait(leg, error)
                return
            if not ours:
                await self._database.write(lambda session: release_leg(session, leg.id, owner=self._owner))
                return
        now = self._clock()
        try:
            report = await self._submitter.ask(leg)
        except NotFound:
            await self._wait(leg, None, due_at=now + self._patience.next_poll(leg.polls + 1, _age(leg, now)))
        except KotaniError as error:
            await self._wait(leg, error)
        else:
            findings.append(Finding(key=key, cause=Cause.POLL, report=report, due_was=leg.due_at))
        if _age(leg, now) >= self._patience.overdue_after:
            findings.append(
                Finding(key=key, cause=Cause.CLOCK, decision=Decision(concern=Concern.OVERDUE, note="no final answer"))
            )
        if findings:
            await self._settle(*findings, tell=self._news(leg, now) if leg.state == LegState.PENDING else None)

    def _news(self, leg: Leg, now: datetime) -> News | None:
        """What the customer should hear of a leg that still waits for them, if this step did not move it."""
        match LegKind(leg.kind):
            case LegKind.ONRAMP | LegKind.COLLECT:
                return "reminder" if _age(leg, now) >= self._patience.unapproved_after else None
            case LegKind.OFFRAMP:
                if leg.cancel_sent_at is not None and now >= leg.cancel_sent_at + self._patience.ask_again:
                    return "not_cancelled"
                return "reminder" if leg.pay_by is not None and now >= leg.pay_by else None
            case LegKind.PAYOUT | LegKind.REFUND:
                return None

    async def _cancel(self, leg: Leg) -> bool:
        """Cancel a sale that the customer asked to cancel, by one call: its status tells what came of it.

        The call is a GET that changes something (Kotani docs, cancel offramp), so that it was begun is committed first.
        False when nothing may be done with the leg now.
        """
        if leg.cancel_asked_at is None or leg.cancel_sent_at is not None or leg.state != LegState.PENDING:
            return True
        now = self._clock()
        if not await self._database.write(lambda session: begin_cancel(session, leg.id, owner=self._owner, now=now)):
            await self._database.write(lambda session: release_leg(session, leg.id, owner=self._owner))
            return False
        try:
            await self._kotani.cancel_offramp(leg.reference)
        except (NotSent, RateLimited) as error:
            await self._database.write(lambda session: begin_cancel(session, leg.id, owner=self._owner, now=None))
            await self._wait(leg, error)
            return False
        except KotaniError as error:
            _log.info("cancel call", outcome=type(error).__name__)
            if isinstance(error, Unknown):
                return True
        leg.cancel_sent_at = now - self._patience.ask_again  # it was answered: what the status says now is the truth
        return True

    async def _look_again(self, leg: Leg) -> None:
        """Something contradicts how the leg ended: what the provider's own record says is put beside it."""
        key = LegKey(leg.id, leg.payment_id)
        try:
            report = await self._submitter.ask(leg)
        except NotFound:
            note = Decision(note="asked again: the provider knows no such reference")
            await self._settle(Finding(key=key, cause=Cause.POLL, decision=note))
        except KotaniError as error:
            await self._wait(leg, error)
        else:
            await self._settle(Finding(key=key, cause=Cause.POLL, report=report, due_was=leg.due_at))

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
                if payment.batch_id is None:
                    write_notice_rows(session, [_notice_once(payment, "delay", now)])

        await self._database.write(wait_for_it)
        if tell:
            self._wakes.notices.set()
        if error is not None and leg.state in _NOT_KNOWN_THERE and now - leg.created_at >= self._patience.overdue_after:
            decision = Decision(concern=Concern.OVERDUE, note="the provider could not be asked for long")
            await self._settle(Finding(key=LegKey(leg.id, leg.payment_id), cause=Cause.CLOCK, decision=decision))

    async def _settle(self, *findings: Finding, tell: News | None = None) -> None:
        """Apply what was found and give the lease back, in one transaction; a lost race is read and decided again.

        `tell`: what the customer is told once, if this did not move the leg.
        """
        leg_id = findings[0].key.leg_id

        def settle(session: Session) -> Settled:
            now = self._clock()
            settled = self._settler.apply(session, findings, now)
            if tell is not None and settled.moved == 0:
                settled.notices |= _tell(session, findings[0].key, tell, now)
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


def _delay(concern: Concern | None) -> News | None:
    """A payout that waits for our balance takes longer, and the customer hears so."""
    return "payout_waits" if concern is Concern.PAYOUT_BLOCKED else None


def _delay_of(finding: Finding) -> News | None:
    return _delay(finding.decision.concern) if finding.decision is not None else None


def _quote_ran_out(key: LegKey, leg: Leg) -> Finding:
    if leg.kind == LegKind.COLLECT:
        decision = Decision(LegState.EXPIRED, None, "the provider could not be asked in time")
        return Finding(key=key, cause=Cause.CLOCK, decision=decision, reason=(UNAVAILABLE, None))
    decision = Decision(LegState.EXPIRED, None, "the quote ran out before the order was placed")
    return Finding(key=key, cause=Cause.CLOCK, decision=decision, reason=(QUOTE_EXPIRED, None))


def _tell(session: Session, key: LegKey, what: News, now: datetime) -> bool:
    """Write down what the customer is told of a leg that did not move; False when it is not true any more."""
    payment = hold_payments(session, [key.payment_id])[key.payment_id]
    if payment.batch_id is not None:
        return False
    if next(leg.state for leg in payment.legs if leg.id == key.leg_id) not in _TRUE_WHILE[what]:
        return False
    rows = [_notice_once(payment, what, now)]
    if what == "reminder" and payment.kind == PaymentKind.SELL:  # the time to send is over
        rows.append(escrow_over_row(chat_id=payment.chat_id, payment_id=payment.id, when="late", now=now))
    write_notice_rows(session, rows)
    return True


def _notice_once(payment: HeldPayment, what: News | Literal["delay"], now: datetime) -> dict[str, object]:
    """Said once for a payment, however long it takes."""
    return notice_row(
        chat_id=payment.chat_id,
        kind=f"payment_{what}",
        dedupe_key=f"{what}:{payment.id}",
        payment_id=payment.id,
        now=now,
    )
