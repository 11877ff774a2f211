"""The rows of the ledger that follow when a payment moves: written in the transaction in which it moved."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.payments.bookkeeping import Posting, out_of_balance
from bot.payments.ledger import Position, position, postings
from storage.payments import HeldPayment


class OutOfBalance(Exception):
    """Debits and credits of one event differ: nothing of it may be written."""


def entries_of(
    payment: HeldPayment, stood: Position, events: Sequence[dict[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    """The rows for a payment that stood in the books as in `stood`, each under the event of its leg."""
    lines = postings(stood, position(payment))
    if not lines:
        return []
    by_leg = {event["leg_id"]: event["id"] for event in events}
    # nothing that the books know of a payment changes without an event; what one leg does can undo a posting of another
    last = events[-1]["id"]
    return [
        entry(line, by_leg.get(line.leg_id, last), number, payment.id, payment.environment, now)
        for number, line in enumerate(_checked(lines))
    ]


def entry(
    line: Posting, event_id: str, number: int, payment_id: str | None, environment: str, now: datetime
) -> dict[str, Any]:
    """One row of the ledger. `event_id` and `number` together are there once."""
    return {
        "event_id": event_id,
        "line": number,
        "at": now,
        "environment": environment,
        "payment_id": payment_id,
        "leg_id": line.leg_id,
        "movement": line.movement,
        "account": line.account,
        "currency": line.currency,
        "amount": line.amount,
    }


def _checked(lines: list[Posting]) -> list[Posting]:
    differences = out_of_balance(lines)
    if differences:
        raise OutOfBalance(", ".join(differences))
    return lines
