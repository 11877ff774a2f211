"""Stopping a file of payments: its rows that are about to be sent are taken back, and end as cancelled.

A row whose call has begun goes on: whether it is paid, only the provider knows. All others are taken back in the transaction
that stops the file, by the same guard as a single payout; and what the provider has refused for now, so that it would be
sent again later, is taken back with the file's next step. A row that was taken back paid nobody, and can be run again.
"""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from bot.engine.findings import Cause, Finding
from bot.engine.settling import Settler
from bot.payments.decide import Decision
from bot.payments.states import Concern, LegState
from storage import bulk as queries
from storage.mending import resolve_cases_of_batch
from storage.payments import LegKey, hold_payments

_NOTE: Final = "held back: the file was stopped"
_WAITED_FOR: Final = tuple(str(one) for one in (Concern.PAYOUT_BLOCKED, Concern.SUBMIT_BLOCKED, Concern.OVERDUE))


def hold_back(session: Session, settler: Settler, batch_id: str, now: datetime, *, actor: str | None = None) -> int:
    """Take back the rows of a file that are not sent, in the caller's transaction; how many. `LostRace` from `Settler.apply`.

    `actor` is the operator who stops it (Telegram id), None where it was stopped before. What waited for a person about
    these rows is settled with them.
    """
    held = hold_payments(session, queries.payments_not_sent(session, batch_id))
    findings = [
        Finding(
            key=LegKey(leg.id, payment_id),
            cause=Cause.OPERATOR,
            decision=Decision(LegState.CANCELLED, note=_NOTE),
            actor=actor,
        )
        for payment_id, payment in held.items()
        for leg in payment.legs
        if len(payment.legs) == 1 and leg.state == LegState.READY  # read once more, now that they are held
    ]
    if findings:
        settler.apply(session, findings, now)
        ids = [finding.key.payment_id for finding in findings]
        resolve_cases_of_batch(session, batch_id, ids, concerns=_WAITED_FOR, now=now, resolution=_NOTE)
    return len(findings)
