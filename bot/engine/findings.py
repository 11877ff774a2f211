"""What became known about a leg, and what brought it about: the only thing that can change one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.payments.decide import Decision
from bot.payments.reports import Report
from storage.payments import LegKey


class Cause(StrEnum):
    """What brought a change about."""

    CONFIRMED = "confirmed"
    SUBMIT = "submit"
    POLL = "poll"
    CALLBACK = "callback"
    CLOCK = "clock"
    CUSTOMER = "customer"  # they stopped or cancelled it
    PLAN = "plan"  # it follows from how the other legs stand
    OPERATOR = "operator"  # one of them ordered it


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that became known about a leg: a provider's `report`, or our own `decision` (never both missing).

    `reason` is the text key to tell the customer when a decision of ours ends the payment. `due_at` is when to look
    again if the leg stays open; `due_was` when it was due as the provider was asked: another time was set by somebody since.
    """

    key: LegKey
    cause: Cause
    report: Report | None = None
    decision: Decision | None = None
    raw_sealed: bytes | None = None
    callback_id: str | None = None
    reason: tuple[str, str | None] | None = None
    due_at: datetime | None = None
    due_was: datetime | None = None
    actor: str | None = None  # the operator's id, where one caused it
