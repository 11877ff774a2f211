"""The one door through which a payment changes: reports and our own findings go in, and one transaction comes out.

For every payment that is touched the new leg state, the event that explains it, the next leg, the payment's state and
the notices are written together, guarded by what was read in the same transaction. Callbacks, polls, answers to create
calls and the clock all end here, alone or in batches.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import structlog
from sqlmodel import Session

from bot.engine.findings import Cause, Finding
from bot.engine.history import finding_event, refund_event
from bot.engine.outbox import NOTICE_PAYLOAD, notice_row, write_notice_rows
from bot.engine.planning import refund_leg
from bot.payments.addresses import canonical_address
from bot.payments.decide import Decision, LegFacts, decide
from bot.payments.identifiers import new_id
from bot.payments.plans import leg_wanted, payment_state
from bot.payments.reasons import DELIVERY_FAILED, PROMPT_EXPIRED, reason_for
from bot.payments.reports import Report
from bot.payments.schedule import Patience
from bot.payments.states import (
    LEG_MOVES,
    LEG_TERMINAL,
    PAYMENT_MOVES,
    PAYMENT_TERMINAL,
    Concern,
    LegKind,
    LegState,
    PaymentKind,
    PaymentState,
)
from storage.crypto import Keyring
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
)

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
    notices: list[dict[str, Any]] = field(default_factory=list)
    new_legs: list[dict[str, Any]] = field(default_factory=list)


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
        change_legs(session, work.legs)
        for row in work.new_legs:
            settled.legs |= add_leg(session, row)
        add_events(session, work.events)
        change_payments(session, work.payments)
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
        change: dict[str, Any] = dict.fromkeys(
            ("reason", "reason_detail", "receipt", "tx_hash", "redirect_url", "ended_at")
        )
        legs = {leg.id: leg for leg in payment.legs}
        was = {leg.id: leg.state for leg in payment.legs}
        touched: set[str] = set()
        visible = False
        for finding in findings:
            leg = legs[finding.key.leg_id]
            touched.add(leg.id)
            visible |= self._leg(session, payment, leg, finding, now, work, change)
        for leg_id in sorted(touched):
            leg = legs[leg_id]
            work.legs.append(_leg_change(leg, was[leg_id], now))
            if leg.state != was[leg_id]:
                settled.moved += 1
                legs_now = [(LegKind(one.kind), LegState(one.state)) for one in payment.legs]
                if leg_wanted(PaymentKind(payment.kind), legs_now) is LegKind.REFUND:
                    self._owe_back(session, payment, now, work)
        if visible:
            self._show(payment, change, now, work)

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
            decision = decide(self._facts(leg, report), report)
        moved = decision.state is not None and decision.state != leg.state
        visible = moved
        if report is not None:
            leg.failures = 0  # the provider was heard, so the row of failed steps is over
            visible |= _learn(leg, report, change)
            self._check_link(session, payment, leg, change, now)
        if moved:
            assert decision.state is not None
            target = LegState(decision.state)
            if target not in LEG_MOVES[LegState(leg.state)]:
                raise LostRace
            work.events.append(finding_event(payment, leg, finding, decision, target, now))
            leg.state = target
            leg.polls = 0
            leg.failures = 0
            _explain(leg, finding, change)
        noted = finding.cause is Cause.POLL and LegState(leg.state) in LEG_TERMINAL  # asked again after the end
        if decision.concern is not None and self._open(session, payment, leg, decision, now):
            visible = True
            noted = True
        if noted and not moved:
            work.events.append(finding_event(payment, leg, finding, decision, LegState(leg.state), now))
        look_again = decision.look_again and (decision.concern is not None or LegState(leg.state) not in LEG_TERMINAL)
        leg.due_at = self._due(leg, finding, moved=moved, look_again=look_again, now=now)
        return visible

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

    def _facts(self, leg: HeldLeg, report: Report) -> LegFacts:
        receiver = report.receiver
        if receiver is not None and leg.chain is not None:
            receiver = canonical_address(receiver, leg.chain)
        differs = (
            receiver is not None
            and leg.destination_digest is not None
            and self._keyring.digest(receiver) != leg.destination_digest
        )
        return LegFacts(
            kind=LegKind(leg.kind),
            state=LegState(leg.state),
            reference=leg.reference,
            amount=leg.amount,
            currency=leg.currency,
            to_pay=leg.to_pay,
            crypto_amount=leg.crypto_amount,
            token=leg.token,
            chain=leg.chain,
            receiver_differs=differs,
        )

    def _due(self, leg: HeldLeg, finding: Finding, *, moved: bool, look_again: bool, now: datetime) -> datetime | None:
        if look_again and finding.cause is Cause.CALLBACK:
            return now
        if LegState(leg.state) in LEG_TERMINAL:
            return None
        if finding.due_at is not None:
            return finding.due_at
        if finding.cause is Cause.POLL and not moved:
            leg.polls += 1
        elif not moved:
            return leg.due_at
        age = now - leg.submitted_at if leg.submitted_at is not None else now - now
        return now + self._patience.next_poll(leg.polls, age)

    def _open(self, session: Session, payment: HeldPayment, leg: HeldLeg, decision: Decision, now: datetime) -> bool:
        """Put a concern on the attention list; whether it was not there yet."""
        opened = open_cases(session, [self._case(payment, leg, decision, now)]) == 1
        if opened:
            _log.warning("a payment needs a person", payment=payment.code, concern=decision.concern, note=decision.note)
        return opened

    def _case(self, payment: HeldPayment, leg: HeldLeg, decision: Decision, now: datetime) -> dict[str, Any]:
        return {
            "id": new_id(),
            "dedupe_key": f"{leg.id}:{decision.concern}:{self._keyring.digest(decision.note.casefold())[:16]}",
            "concern": str(decision.concern),
            "payment_id": payment.id,
            "leg_id": leg.id,
            "detail": decision.note,
            "opened_at": now,
        }

    def _owe_back(self, session: Session, payment: HeldPayment, now: datetime, work: _Work) -> None:
        row = refund_leg(session, self._keyring, payment, now)
        if row is not None:
            work.new_legs.append(row)
            payment.legs.append(_held(row))
            work.events.append(refund_event(row, now))
            return
        leg = payment.legs[0]
        decision = Decision(concern=Concern.REFUND_BLOCKED, note="paid by bank: pay the money back by hand")
        self._open(session, payment, leg, decision, now)

    def _show(self, payment: HeldPayment, change: dict[str, Any], now: datetime, work: _Work) -> None:
        """The payment's own state follows from its legs; card and outcome are told in the same transaction."""
        legs = [(LegKind(leg.kind), LegState(leg.state)) for leg in payment.legs]
        state = payment_state(PaymentKind(payment.kind), legs)
        before = PaymentState(payment.state)
        if state != before and state not in PAYMENT_MOVES[before]:
            raise LostRace
        revision = payment.revision + 1
        ended = state in PAYMENT_TERMINAL and state != before
        change |= {
            "b_id": payment.id,
            "b_was": payment.revision,
            "state": state,
            "revision": revision,
            "updated_at": now,
            "ended_at": now if ended else None,
        }
        work.payments.append(change)
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


def _learn(leg: HeldLeg, report: Report, change: dict[str, Any]) -> bool:
    """Keep what a report tells beside the state; whether any of it is new to the customer."""
    leg.provider_id = leg.provider_id or report.provider_id
    new = False
    for name in ("receipt", "tx_hash", "redirect_url"):
        value = getattr(report, name)
        if value and not getattr(leg, name):
            setattr(leg, name, value)
            if leg.position == 0:
                change[name] = value
            new = True
    return new


def _explain(leg: HeldLeg, finding: Finding, change: dict[str, Any]) -> None:
    """Why a payment did not end as it should, for the customer."""
    if leg.position != 0:
        return
    if finding.reason is not None:
        change["reason"], change["reason_detail"] = finding.reason
        return
    sentence = finding.report.error_text if finding.report is not None else None
    match leg.state:
        case LegState.FAILED:
            change["reason"], change["reason_detail"] = reason_for(sentence)
        case LegState.EXPIRED:
            change["reason"] = PROMPT_EXPIRED
        case LegState.UNDELIVERED:
            change["reason"] = DELIVERY_FAILED
        case _:
            pass


def _leg_change(leg: HeldLeg, was: str, now: datetime) -> dict[str, Any]:
    return {
        "b_id": leg.id,
        "b_was": was,
        "state": leg.state,
        "provider_id": leg.provider_id,
        "receipt": leg.receipt,
        "tx_hash": leg.tx_hash,
        "redirect_url": leg.redirect_url,
        "polls": leg.polls,
        "failures": leg.failures,
        "due_at": leg.due_at,
        "updated_at": now,
    }


def _held(row: dict[str, Any]) -> HeldLeg:
    known: dict[str, Any] = {name: row.get(name) for name in HeldLeg.__slots__}
    return HeldLeg(**known)
