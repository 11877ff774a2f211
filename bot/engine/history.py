"""The rows of a leg's history: one for each change of state, with its cause, and one for each new concern."""

from datetime import datetime
from typing import Any

from bot.engine.findings import Cause, Finding
from bot.payments.decide import Decision
from bot.payments.identifiers import new_id
from bot.payments.states import LegState
from storage.payments import HeldLeg, HeldPayment
from storage.tables import Leg


def finding_event(
    payment: HeldPayment, leg: HeldLeg, finding: Finding, decision: Decision, target: LegState, now: datetime
) -> dict[str, Any]:
    """What a finding led to: a move from the held state to `target`, or a concern that leaves it where it is."""
    report = finding.report
    words = (
        " ".join(
            f"{name}={word[:64]}"
            for name, word in (
                ("status", report.status),
                ("deposit", report.deposit_status),
                ("onchain", report.onchain_status),
                ("refund", report.refund_status),
            )
            if word
        )
        if report is not None
        else None
    )
    return {
        "id": new_id(),
        "leg_id": leg.id,
        "payment_id": payment.id,
        "at": now,
        "cause": finding.cause,
        "actor": _actor(finding),
        "from_state": leg.state,
        "to_state": target,
        "words": words,
        "note": decision.note or None,
        "callback_id": finding.callback_id,
        "raw_sealed": finding.raw_sealed,
    }


def added_event(row: dict[str, Any], cause: Cause, actor: str, note: str | None, now: datetime) -> dict[str, Any]:
    """A leg was added to a payment, as it stands in its row."""
    return {
        "id": new_id(),
        "leg_id": row["id"],
        "payment_id": row["payment_id"],
        "at": now,
        "cause": cause,
        "actor": actor,
        "from_state": None,
        "to_state": row["state"],
        "words": None,
        "note": note,
        "callback_id": None,
        "raw_sealed": None,
    }


def dropped_event(payment: HeldPayment, leg: HeldLeg, was: str, note: str, now: datetime) -> dict[str, Any]:
    """A leg was taken out of the plan before it was sent."""
    return {
        "id": new_id(),
        "leg_id": leg.id,
        "payment_id": payment.id,
        "at": now,
        "cause": Cause.PLAN,
        "actor": "engine",
        "from_state": was,
        "to_state": leg.state,
        "words": None,
        "note": note,
        "callback_id": None,
        "raw_sealed": None,
    }


def submission_event(leg: Leg, event_id: str, now: datetime) -> dict[str, Any]:
    """The history row that says that a create call was begun."""
    return {
        "id": event_id,
        "leg_id": leg.id,
        "payment_id": leg.payment_id,
        "at": now,
        "cause": Cause.SUBMIT,
        "actor": "engine",
        "from_state": LegState.READY,
        "to_state": LegState.SUBMITTING,
        "words": None,
        "note": None,
        "callback_id": None,
        "raw_sealed": None,
    }


def _actor(finding: Finding) -> str:
    if finding.actor is not None:
        return finding.actor
    if finding.report is not None:
        return "provider"
    return "customer" if finding.cause is Cause.CUSTOMER else "engine"
