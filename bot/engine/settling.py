"""The one door through which a payment changes: reports and our own findings go in, and one transaction comes out.

For every payment that is touched the new leg state, the event that explains it, the next leg, the payment's state and
the notices are written together, guarded by what was read in the same transaction. Callbacks, polls, answers to create
calls and the clock all end here, alone or in batches.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from sqlmodel import Session

from bot.engine.booking import entries_of
from bot.engine.concerns import case_row
from bot.engine.facts import facts_of
from bot.engine.findings import Cause, Finding
from bot.engine.following import follow_plan, held_leg, note_arrival, plan_of
from bot.engine.hearing import as_heard, is_unsettled, is_watched
from bot.engine.history import finding_event
from bot.engine.learning import NOT_AS_AGREED, explain, learn, learn_escrow, learn_seen
from bot.engine.outbox import NOTICE_PAYLOAD, escrow_over_row, escrow_slot, notice_row, write_notice_rows
from bot.payments.allowances import NOTHING_MOVED
from bot.payments.decide import Decision, decide
from bot.payments.ledger import cost_told, position
from bot.payments.plans import payment_state
from bot.payments.reports import Report
from bot.payments.schedule import Patience
from bot.payments.states import (
    LEG_TERMINAL,
    OF_THE_HOUSE,
    PAYMENT_TERMINAL,
    Concern,
    LegKind,
    LegState,
    PaymentKind,
    PaymentState,
    leg_moves,
    moves_of,
)
from storage.crypto import Keyring
from storage.ledger import add_entries
from storage.limits import give_back
from storage.mending import resolve_cases_of
from storage.payments import (
    HeldLeg,
    HeldPayment,
    LostRace,
    add_events,
    add_leg,
    change_legs,
    change_payments,
    hold_payments,
    open_cases,
    reopen_case,
)

_TOLD_OF: Final = ("reason", "reason_detail", "receipt", "tx_hash", "redirect_url", "ended_at")  # None: as it stands
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Settled:
    """What a batch of findings led to: how many legs moved, and what should be woken."""

    moved: int = 0
    notices: bool = False
    legs: bool = False


@dataclass(slots=True)
class _Work:
    """Everything that one transaction will write."""

    legs: list[dict[str, Any]] = field(default_factory=list)
    payments: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    new_legs: list[dict[str, Any]] = field(default_factory=list)
    unmoved: list[str] = field(default_factory=list)  # payments that do not count for the limits of their day any more


class Settler:
    """Applies findings inside a transaction of the caller's. Holds no state of its own."""

    def __init__(
        self, keyring: Keyring, patience: Patience, *, link_allowed: Callable[[str], bool] = lambda _link: True
    ) -> None:
        """`link_allowed`: whether customers may be sent to a bank's page at this address."""
        self._keyring = keyring
        self._patience = patience
        self._link_allowed = link_allowed

    def apply(self, session: Session, findings: Sequence[Finding], now: datetime) -> Settled:
        """Apply findings in the order given. Raises `LostRace` when a guard fails: nothing may be committed then."""
        held = hold_payments(session, (finding.key.payment_id for finding in findings))
        by_payment: dict[str, list[Finding]] = {}
        for finding in findings:
            by_payment.setdefault(finding.key.payment_id, []).append(finding)
        work = _Work()
        settled = Settled()
        for payment_id, its_findings in by_payment.items():
            self._payment(session, held[payment_id], its_findings, now, work, settled)
        written = self._write(session, work, now)
        settled.legs |= written.legs
        settled.notices = written.notices
        return settled

    def extend(self, session: Session, payment: HeldPayment, row: Mapping[str, Any], event: dict[str, Any]) -> None:
        """Add a leg that an operator ordered to a held payment, with all that follows. `LostRace` as `apply`.

        Whether it may be added is the caller's to know (`plans.may_add`); `event` says who ordered it and why.
        """
        now: datetime = event["at"]
        change: dict[str, Any] = dict.fromkeys(_TOLD_OF)
        work = _Work(new_legs=[dict(row)], events=[event])
        stood = position(payment)
        payment.legs.append(held_leg(row))
        work.entries += entries_of(payment, stood, work.events, now)
        self._show(session, payment, change, now, work)
        if not self._write(session, work, now).legs:
            raise LostRace

    def _write(self, session: Session, work: _Work, now: datetime) -> Settled:
        change_legs(session, work.legs)
        settled = Settled()
        for row in work.new_legs:
            settled.legs |= add_leg(session, row)
        add_events(session, work.events)
        add_entries(session, work.entries)
        change_payments(session, work.payments)
        give_back(session, work.unmoved, now)
        write_notice_rows(session, work.notices)
        settled.notices = bool(work.notices)
        return settled

    def _payment(
        self,
        session: Session,
        payment: HeldPayment,
        findings: Iterable[Finding],
        now: datetime,
        work: _Work,
        settled: Settled,
    ) -> None:
        change: dict[str, Any] = dict.fromkeys(_TOLD_OF)
        legs = {leg.id: leg for leg in payment.legs}
        was = {leg.id: leg.state for leg in payment.legs}
        stood, told = position(payment), len(work.events)
        touched: set[str] = set()
        visible = False
        for finding in findings:
            leg = legs[finding.key.leg_id]
            touched.add(leg.id)
            visible |= self._leg(session, payment, leg, finding, now, work, change)
        if any(leg.state != was[leg.id] for leg in payment.legs):
            self._continue(session, payment, was, now, work, change)
            touched |= {leg.id for leg in payment.legs if leg.state != was.get(leg.id, leg.state)}
        work.entries += entries_of(payment, stood, work.events[told:], now)
        for leg_id in sorted(touched):
            work.legs.append(_leg_change(legs[leg_id], was[leg_id], now))
            settled.legs |= legs[leg_id].due_at == now  # to be looked at again at once
            settled.moved += legs[leg_id].state != was[leg_id]
        if visible:
            self._show(session, payment, change, now, work)

    def _continue(
        self,
        session: Session,
        payment: HeldPayment,
        was: Mapping[str, str],
        now: datetime,
        work: _Work,
        change: dict[str, Any],
    ) -> None:
        """Drop and add the legs that the plan asks for now."""
        following = follow_plan(session, self._keyring, payment, was, now)
        work.new_legs += following.legs
        work.events += following.events
        if following.reason is not None:
            change["reason"] = following.reason
        if following.concern is not None:
            # of the newest leg: what was tried once more and failed needs a person once more
            self._open(session, payment, payment.legs[-1], following.concern, now)

    def _leg(
        self,
        session: Session,
        payment: HeldPayment,
        leg: HeldLeg,
        finding: Finding,
        now: datetime,
        work: _Work,
        change: dict[str, Any],
    ) -> bool:
        """Apply one finding to the held leg; whether the customer can see a difference."""
        report = finding.report
        decision = finding.decision
        if decision is None:
            assert report is not None
            facts = facts_of(self._keyring, leg, report)
            house = payment.kind in OF_THE_HOUSE
            decision = as_heard(decide(facts, report), facts, report, finding.cause, house=house, seen=leg.crypto_seen)
        moved = decision.state is not None and decision.state != leg.state
        visible = moved
        was, seen = LegState(leg.state), leg.crypto_seen
        if moved:
            assert decision.state is not None
            target = LegState(decision.state)
            if target not in leg_moves(LegKind(leg.kind), was, ordered=finding.cause is Cause.OPERATOR):
                raise LostRace
            work.events.append(finding_event(payment, leg, finding, decision, target, now))
            leg.state = target
            leg.polls = 0
            leg.failures = 0
        if report is not None:
            leg.failures = 0  # the provider was heard, so the row of failed steps is over
            visible |= learn(leg, report, change)
            visible |= self._learn_of_sale(session, payment, leg, report, decision, now, work)
            self._check_link(session, payment, leg, change, now)
        if moved:
            if report is not None and leg.provider_fee is None:
                leg.provider_fee = cost_told(leg, report)
            explain(leg, was, finding, change, house=payment.kind in OF_THE_HOUSE)
            if leg.kind == LegKind.ONRAMP and leg.state == LegState.LATE:  # nothing is owed: nobody has to see to it
                resolve_cases_of(session, payment.id, concerns=[Concern.CAME_LATE], now=now, resolution="delivered")
            if leg.cancel_asked_at is not None and leg.state in (LegState.COLLECTED, LegState.SUCCEEDED):
                work.notices.append(_notice(payment, "payment_not_cancelled", f"not_cancelled:{payment.id}", now))
        # asked again after the end, because of a contradiction
        noted = finding.cause is Cause.POLL and LegState(leg.state) in LEG_TERMINAL and not is_watched(leg, decision)
        if decision.concern is not None and self._open(session, payment, leg, decision, now):
            visible = True
            noted = True
        # crypto that came in stands in the books, so there must be an event that says so
        if (noted or leg.crypto_seen != seen) and not moved:
            work.events.append(finding_event(payment, leg, finding, decision, LegState(leg.state), now))
        leg.due_at = self._due(leg, finding, decision, moved=moved, now=now)
        return visible

    def _learn_of_sale(
        self,
        session: Session,
        payment: HeldPayment,
        leg: HeldLeg,
        report: Report,
        decision: Decision,
        now: datetime,
        work: _Work,
    ) -> bool:
        """The address to send the crypto to, and crypto that is not what was agreed on: each is told once."""
        if leg.kind != LegKind.OFFRAMP:
            return False
        if learn_seen(leg, report, facts_of(self._keyring, leg, report)):
            work.notices.append(_notice(payment, "payment_odd_amount", f"odd_amount:{payment.id}", now))
            return True
        if leg.escrow_address is not None or leg.state != LegState.PENDING or decision.concern in NOT_AS_AGREED:
            return False
        if learn_escrow(leg, report, now):
            notice = _notice(payment, "payment_escrow", f"escrow:{payment.id}", now)
            work.notices.append(notice | {"slot": escrow_slot(payment.id)})
            return True
        note = "the sale is open at the provider, and no address for the crypto is known that can be used"
        return self._open(session, payment, leg, Decision(concern=Concern.ESCROW_UNUSABLE, note=note), now)

    def _check_link(
        self, session: Session, payment: HeldPayment, leg: HeldLeg, change: dict[str, Any], now: datetime
    ) -> None:
        """A bank's page on a host that is not allowed is never shown, so somebody must say whether it may be."""
        link = change["redirect_url"]
        if link is None or self._link_allowed(link):
            return
        host = (urlsplit(link).hostname or "no host")[:64]
        note = f"the bank's page lies on {host}: allow it in CHECKOUT_HOSTS"
        self._open(session, payment, leg, Decision(concern=Concern.CHECKOUT_LINK, note=note), now)

    def _due(
        self, leg: HeldLeg, finding: Finding, decision: Decision, *, moved: bool, now: datetime
    ) -> datetime | None:
        if finding.cause is Cause.CALLBACK and decision.look_again and is_unsettled(leg, decision):
            return now
        if finding.due_was is not None and leg.due_at is not None and leg.due_at != finding.due_was:
            return leg.due_at  # it was moved, or is to be looked at again, since the provider was asked
        age = now - leg.submitted_at if leg.submitted_at is not None else now - now
        if LegState(leg.state) in LEG_TERMINAL:
            watched = is_watched(leg, decision) and age < self._patience.overdue_after
            return now + self._patience.poll_overdue if watched else None
        if finding.due_at is not None:
            return finding.due_at
        if finding.cause is Cause.POLL and not moved:
            leg.polls += 1
        elif not moved:
            return leg.due_at
        return now + self._patience.next_poll(leg.polls, age)

    def _open(self, session: Session, payment: HeldPayment, leg: HeldLeg, decision: Decision, now: datetime) -> bool:
        """Put a concern on the attention list; whether it was not there yet.

        What a person took off it, and what is still so a day later of a leg that still waits, is put there again.
        """
        row = case_row(self._keyring, payment, leg, decision, now)
        opened = open_cases(session, [row]) == 1
        if not opened and LegState(leg.state) not in LEG_TERMINAL:
            since = now - self._patience.overdue_after
            opened = reopen_case(session, row["dedupe_key"], now=now, detail=row["detail"], before=since)
        if opened:
            _log.warning("a payment needs a person", payment=payment.code, concern=decision.concern, note=decision.note)
        return opened

    def _show(self, session: Session, payment: HeldPayment, change: dict[str, Any], now: datetime, work: _Work) -> None:
        """The payment's own state follows from its legs; card and outcome are told in the same transaction."""
        state = payment_state(PaymentKind(payment.kind), plan_of(payment))
        before = PaymentState(payment.state)
        if state != before and state not in moves_of(PaymentKind(payment.kind))[before]:
            raise LostRace
        revision = payment.revision + 1
        ended = state in PAYMENT_TERMINAL and state != before
        if ended and state is PaymentState.COMPLETED:
            note_arrival(session, self._keyring, payment, now)
        if state in NOTHING_MOVED and state != before:
            work.unmoved.append(payment.id)
        change |= {
            "b_id": payment.id,
            "b_was": payment.revision,
            "state": state,
            "revision": revision,
            "updated_at": now,
            "ended_at": now if ended else None,
        }
        work.payments.append(change)
        if payment.batch_id is not None:
            return  # whoever has the batch tells of all its rows together
        work.notices.append(
            notice_row(
                chat_id=payment.chat_id,
                kind="payment_card",
                dedupe_key=f"card:{payment.id}:{revision}",
                slot=f"p:{payment.id}",
                payment_id=payment.id,
                now=now,
            )
        )
        if ended or (state is PaymentState.REFUNDING and state != before):
            work.notices.append(
                notice_row(
                    chat_id=payment.chat_id,
                    kind="payment_outcome",
                    # with the revision, since what the provider undoes can lead to the same state again
                    dedupe_key=f"outcome:{payment.id}:{revision}:{state}",
                    payment_id=payment.id,
                    payload_sealed=self._keyring.seal_json({"state": str(state)}, context=NOTICE_PAYLOAD),
                    now=now,
                )
            )
        if _takes_no_more(payment, before, state):
            work.notices.append(escrow_over_row(chat_id=payment.chat_id, payment_id=payment.id, when=revision, now=now))


def _leg_change(leg: HeldLeg, was: str, now: datetime) -> dict[str, Any]:
    return {
        "b_id": leg.id,
        "b_was": was,
        "state": leg.state,
        "provider_id": leg.provider_id,
        "receipt": leg.receipt,
        "tx_hash": leg.tx_hash,
        "redirect_url": leg.redirect_url,
        "escrow_address": leg.escrow_address,
        "pay_by": leg.pay_by,
        "crypto_seen": leg.crypto_seen,
        "refund_tx": leg.refund_tx,
        "provider_fee": leg.provider_fee,
        "polls": leg.polls,
        "failures": leg.failures,
        "due_at": leg.due_at,
        "updated_at": now,
    }


def _takes_no_more(payment: HeldPayment, before: PaymentState, state: PaymentState) -> bool:
    """Whether the crypto of a sale is in now, or the sale is over: nobody should send any to its address."""
    sale = next((leg for leg in payment.legs if leg.kind == LegKind.OFFRAMP), None)
    if sale is None or sale.escrow_address is None or before is not PaymentState.AWAITING_PAYMENT:
        return False
    return state is not before or sale.crypto_seen is not None


def _notice(payment: HeldPayment, kind: str, dedupe_key: str, now: datetime) -> dict[str, Any]:
    return notice_row(chat_id=payment.chat_id, kind=kind, dedupe_key=dedupe_key, payment_id=payment.id, now=now)
