"""The case that a concern about a leg opens: one for each thing that a person must look at."""

from datetime import datetime
from typing import Any, Final

from bot.payments.decide import Decision
from bot.payments.identifiers import new_id
from bot.payments.states import Concern
from storage.crypto import Keyring
from storage.mending import OF_A_BATCH
from storage.payments import HeldLeg, HeldPayment

# what holds one row of a batch up holds up the others as well: one case for all of them
_OF_ALL: Final = frozenset({Concern.PAYOUT_BLOCKED, Concern.SUBMIT_BLOCKED})


def case_row(keyring: Keyring, payment: HeldPayment, leg: HeldLeg, decision: Decision, now: datetime) -> dict[str, Any]:
    """The row. The same concern with the same note is the same case, whatever its letters are like."""
    key = f"{leg.id}:{decision.concern}:{keyring.digest(decision.note.casefold())[:16]}"
    if payment.batch_id is not None and decision.concern in _OF_ALL:
        key = f"{OF_A_BATCH}{payment.batch_id}:{decision.concern}"
    return {
        "id": new_id(),
        "dedupe_key": key,
        "concern": str(decision.concern),
        "payment_id": payment.id,
        "leg_id": leg.id,
        "detail": decision.note,
        "opened_at": now,
    }
