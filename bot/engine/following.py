"""What follows for a payment when its legs have moved: legs that are taken out of the plan, and legs that are added.

Everything happens in the transaction in which the legs moved, so nobody's money is ever in without a leg that says where
it goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.engine.findings import Cause
from bot.engine.history import added_event, dropped_event
from bot.engine.packing import unpack_request
from bot.engine.planning import PAYMENT_REQUEST, payout_leg, refund_leg
from bot.engine.recipients import count_use
from bot.engine.request_uses import request_moved
from bot.engine.results import SellRequest, SendRequest
from bot.payments.decide import Decision
from bot.payments.plans import Legs, leg_wanted, without_ground
from bot.payments.reasons import REQUEST_OVER
from bot.payments.states import Concern, LegKind, LegState, PaymentKind
from storage.crypto import Keyring
from storage.payments import HeldLeg, HeldPayment, payment_request


@dataclass(slots=True)
class Following:
    """Rows to write, and what is to be said: `reason` to the customer, `concern` to a person of ours."""

    legs: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    reason: str | None = None
    concern: Decision | None = None


def plan_of(payment: HeldPayment) -> Legs:
    """The kinds and states of a payment's legs, in plan order."""
    return [(LegKind(leg.kind), LegState(leg.state)) for leg in payment.legs]


def follow_plan(
    session: Session, keyring: Keyring, payment: HeldPayment, was: Mapping[str, str], now: datetime
) -> Following:
    """What the plan asks for, now that legs have moved from the states in `was` (by leg id).

    The held payment is changed with it: legs that are dropped, and legs that are added.
    """
    following = Following()
    _drop(payment, following, now)
    kind = PaymentKind(payment.kind)
    goes_back = kind is PaymentKind.REQUEST and _tell_request(session, keyring, payment, was, now)
    wanted = leg_wanted(kind, plan_of(payment))
    if wanted is LegKind.PAYOUT:
        state = LegState.CANCELLED if goes_back else LegState.READY
        row = payout_leg(session, keyring, payment, now, state=state)
        note = "not paid out: the request is over" if goes_back else "collected: it is paid out"
        _add(payment, following, row, note, now)
        following.reason = REQUEST_OVER if goes_back else None
        wanted = leg_wanted(kind, plan_of(payment))
    if wanted is LegKind.REFUND:
        refund = refund_leg(session, keyring, payment, now)
        if refund is not None:
            _add(payment, following, refund, "the money is owed back to the payer", now)
        else:
            note = "paid by bank: pay the money back by hand"
            following.concern = Decision(concern=Concern.REFUND_BLOCKED, note=note)
    return following


def held_leg(row: Mapping[str, Any]) -> HeldLeg:
    """A leg that is about to be added, as it will be held."""
    known: dict[str, Any] = {name: row.get(name) for name in HeldLeg.__slots__}
    return HeldLeg(**known)


def note_arrival(session: Session, keyring: Keyring, payment: HeldPayment, now: datetime) -> None:
    """A payment arrived: whoever was paid is counted as paid once more by this customer."""
    if payment.kind not in (PaymentKind.SELL, PaymentKind.SEND):
        return
    request = unpack_request(keyring.open_json(payment_request(session, payment.id), context=PAYMENT_REQUEST))
    assert isinstance(request, SellRequest | SendRequest)
    count_use(session, keyring, payment.customer_id, request.destination, now)


def _drop(payment: HeldPayment, following: Following, now: datetime) -> None:
    """Take out of the plan what must not be sent any more."""
    kinds = without_ground(plan_of(payment))
    for leg in payment.legs:
        if leg.kind in kinds and leg.state == LegState.READY:
            was, leg.state, leg.due_at = leg.state, LegState.CANCELLED, None
            note = "not sent: the provider gave the payer their money back"
            following.events.append(dropped_event(payment, leg, was, note, now))


def _tell_request(
    session: Session, keyring: Keyring, payment: HeldPayment, was: Mapping[str, str], now: datetime
) -> bool:
    """Tell the request that is paid how its payment moved; whether the money must go back."""
    moved = [leg for leg in payment.legs if leg.state != was[leg.id]]
    told = [request_moved(session, keyring, payment.id, LegKind(leg.kind), LegState(leg.state), now) for leg in moved]
    return any(told)


def _add(payment: HeldPayment, following: Following, row: dict[str, Any], note: str, now: datetime) -> None:
    following.legs.append(row)
    payment.legs.append(held_leg(row))
    following.events.append(added_event(row, Cause.PLAN, "engine", note, now))
