"""A fee of the provider's that was told late, written into the books as if it had been told in time.

The books follow from how a payment stands (`bot.payments.ledger`). So the fee is noted on its leg, and what is posted is
the difference that it makes, under an event that names the operator.
"""

from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlmodel import Session

from bot.engine.booking import entries_of
from bot.engine.operators.reconcile_results import ItemView
from bot.engine.operators.results import Operator
from bot.payments.identifiers import new_id
from bot.payments.ledger import position
from bot.payments.states import LegState
from storage.ledger import add_entries
from storage.payments import LostRace, add_events, hold_payments
from storage.payments import leg as load_leg
from storage.reconciling import set_provider_fee

_BOOKED: Final = (LegState.SUCCEEDED, LegState.LATE)


def fee_is_as_found(session: Session, item: ItemView) -> bool:
    """Whether a leg still stands as it did when its fee was found to be another."""
    leg = None if item.leg_id is None else load_leg(session, item.leg_id)
    return leg is not None and leg.state in _BOOKED and (leg.provider_fee or Decimal(0)) == item.ours_amount


def book_fee(session: Session, operator: Operator, item: ItemView, now: datetime) -> None:
    """Note what a leg cost, and book what follows from it, under an event that says who did so."""
    assert item.payment_id is not None
    assert item.theirs_amount is not None
    payment = hold_payments(session, [item.payment_id])[item.payment_id]
    leg = next(one for one in payment.legs if one.id == item.leg_id)
    if leg.state not in _BOOKED or (leg.provider_fee or Decimal(0)) != item.ours_amount:
        raise LostRace
    stood = position(payment)
    leg.provider_fee = item.theirs_amount
    event = {
        "id": new_id(),
        "leg_id": leg.id,
        "payment_id": payment.id,
        "at": now,
        "cause": "operator",
        "actor": str(operator.telegram_id),
        "from_state": leg.state,
        "to_state": leg.state,
        "words": None,
        "note": f"the provider's fee is {item.theirs}",
        "callback_id": None,
        "raw_sealed": None,
    }
    if not set_provider_fee(session, leg.id, state=leg.state, fee=leg.provider_fee, now=now):
        raise LostRace
    add_events(session, [event])
    add_entries(session, entries_of(payment, stood, [event], now))
