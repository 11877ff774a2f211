"""The plan of legs behind each kind of payment, and what the customer is told for each combination of leg states."""

from collections.abc import Sequence
from typing import assert_never

from bot.payments.states import LEG_OPEN, LegKind, LegState, PaymentKind, PaymentState

Legs = Sequence[tuple[LegKind, LegState]]

_FAILED = frozenset({LegState.FAILED, LegState.EXPIRED})
_OVER_UNPAID = _FAILED | {LegState.CANCELLED}
_CAME_IN = frozenset({LegState.SUCCEEDED, LegState.LATE})  # of a collection or a purchase: in time, or after its end
_UNDELIVERED = frozenset({LegState.UNDELIVERED, LegState.UNDELIVERED_LATE})  # of a purchase, in the same way


def first_leg(kind: PaymentKind) -> LegKind:
    """The leg that a confirmed payment starts with: for customers always the one that brings their own money in."""
    match kind:
        case PaymentKind.BUY:
            return LegKind.ONRAMP
        case PaymentKind.SELL:
            return LegKind.OFFRAMP
        case PaymentKind.SEND | PaymentKind.REQUEST:
            return LegKind.COLLECT
        case PaymentKind.PAYOUT:
            return LegKind.PAYOUT
        case PaymentKind.COLLECTION:
            return LegKind.COLLECT
        case _:
            assert_never(kind)


def leg_wanted(kind: PaymentKind, legs: Legs) -> LegKind | None:
    """The leg that the plan asks for beside those that are there; None when it asks for nothing more.

    A buy whose crypto could not be delivered leaves the fiat in our wallet at the provider (Kotani docs, onramp flow),
    and so does a payout that failed or was not to be made, so it is owed back to the payer. Nothing is paid out or back
    when the provider took the collection itself back, nor by itself for money that came after the end: a person looks first.
    """
    states = dict(legs)
    match kind:
        case PaymentKind.BUY:
            undelivered = states[LegKind.ONRAMP] is LegState.UNDELIVERED
            return LegKind.REFUND if undelivered and LegKind.REFUND not in states else None
        case PaymentKind.SELL:
            return None  # the provider gives crypto back by itself (Kotani docs, offramp refunds)
        case PaymentKind.SEND | PaymentKind.REQUEST:
            if states[LegKind.COLLECT] is not LegState.SUCCEEDED:
                return None
            if LegKind.PAYOUT not in states:
                return LegKind.PAYOUT
            owed = states[LegKind.PAYOUT] in _OVER_UNPAID
            return LegKind.REFUND if owed and LegKind.REFUND not in states else None
        case PaymentKind.PAYOUT | PaymentKind.COLLECTION:
            return None  # the house's own money: nothing follows, and nothing is owed
        case _:
            assert_never(kind)


def without_ground(legs: Legs) -> frozenset[LegKind]:
    """The legs that must not be sent any more: the provider took the collection back that they were to be paid from."""
    if (LegKind.COLLECT, LegState.REVERSED) not in legs:
        return frozenset()
    return frozenset(leg for leg, state in legs if leg is not LegKind.COLLECT and state is LegState.READY)


def may_add(kind: PaymentKind, legs: Legs) -> frozenset[LegKind]:
    """The legs that an operator may add to a payment, beyond its plan: the customer is owed, and nothing is under way.

    What was sent out for them before is over, every bit of it, and none of it succeeded, or it was undone. A payout is
    tried again only while no refund was: what goes back goes back.
    """
    states = dict(legs)
    out = [(leg, state) for leg, state in legs if leg in (LegKind.PAYOUT, LegKind.REFUND)]
    if any(state not in _OVER_UNPAID | {LegState.REVERSED} for _, state in out):
        return frozenset()
    match kind:
        case PaymentKind.BUY:
            undelivered = states[LegKind.ONRAMP] in _UNDELIVERED
            return frozenset({LegKind.REFUND}) if undelivered else frozenset()
        case PaymentKind.SEND | PaymentKind.REQUEST:
            if states[LegKind.COLLECT] is LegState.LATE:
                return frozenset({LegKind.REFUND})
            if states[LegKind.COLLECT] is not LegState.SUCCEEDED or not out:
                return frozenset()
            failed = all(leg is LegKind.PAYOUT and state in _FAILED for leg, state in out)
            again = kind is PaymentKind.SEND and failed
            return frozenset({LegKind.REFUND, LegKind.PAYOUT} if again else {LegKind.REFUND})
        case PaymentKind.SELL | PaymentKind.PAYOUT | PaymentKind.COLLECTION:
            return frozenset()  # crypto is the provider's to give back; nothing is owed of the house's own money
        case _:
            assert_never(kind)


def may_have_arrived(kind: PaymentKind, legs: Legs) -> bool:
    """Whether an operator may end a payment as arrived after all: its only payout had failed, and nothing else was sent.

    A refund may be there that waits; whether it was sent is the caller's to know. The payment of a request is none of
    these: its use was counted back, and may be somebody else's by now.
    """
    match tuple(legs):
        case ((LegKind.COLLECT, LegState.SUCCEEDED), (LegKind.PAYOUT, payout)):
            return kind is PaymentKind.SEND and payout in _FAILED
        case ((LegKind.COLLECT, LegState.SUCCEEDED), (LegKind.PAYOUT, payout), (LegKind.REFUND, LegState.READY)):
            return kind is PaymentKind.SEND and payout in _FAILED
        case _:
            return False


def payment_state(kind: PaymentKind, legs: Legs) -> PaymentState:
    """Where a payment stands, derived from its legs in plan order."""
    match kind:
        case PaymentKind.BUY:
            return _buy_state(dict(legs))
        case PaymentKind.SELL:
            return _sell_state(dict(legs)[LegKind.OFFRAMP])
        case PaymentKind.SEND | PaymentKind.REQUEST:
            return _send_state(dict(legs))
        case PaymentKind.PAYOUT:
            return _payout_state(dict(legs)[LegKind.PAYOUT])
        case PaymentKind.COLLECTION:
            collect = dict(legs)[LegKind.COLLECT]
            return PaymentState.COMPLETED if collect in _CAME_IN else _unpaid_state(collect)
        case _:
            assert_never(kind)


def _buy_state(legs: dict[LegKind, LegState]) -> PaymentState:
    onramp = legs[LegKind.ONRAMP]
    if onramp is LegState.COLLECTED:
        return PaymentState.DELIVERING
    if onramp in _CAME_IN:
        return PaymentState.COMPLETED
    if onramp in _UNDELIVERED:
        paid_back = legs.get(LegKind.REFUND) is LegState.SUCCEEDED
        return PaymentState.REFUNDED if paid_back else PaymentState.REFUNDING
    return _unpaid_state(onramp)


def _sell_state(offramp: LegState) -> PaymentState:
    match offramp:
        case LegState.COLLECTED:
            return PaymentState.DELIVERING
        case LegState.SUCCEEDED:
            return PaymentState.COMPLETED
        case LegState.RETURNING:
            return PaymentState.REFUNDING
        case LegState.RETURNED:
            return PaymentState.REFUNDED
        case _:
            return _unpaid_state(offramp)


def _send_state(legs: dict[LegKind, LegState]) -> PaymentState:
    collect, payout, refund = legs[LegKind.COLLECT], legs.get(LegKind.PAYOUT), legs.get(LegKind.REFUND)
    if collect not in _CAME_IN | {LegState.REVERSED}:
        return _unpaid_state(collect)
    if payout in _CAME_IN:  # late where an operator said so, with the refund taken out of the plan
        return PaymentState.COMPLETED
    if refund is LegState.SUCCEEDED:
        return PaymentState.REFUNDED
    if refund in LEG_OPEN:
        return PaymentState.REFUNDING
    if payout in LEG_OPEN:
        return PaymentState.DELIVERING
    if collect is LegState.REVERSED or payout is LegState.REVERSED:
        return PaymentState.REVERSED
    return PaymentState.DELIVERING if payout is None and collect is not LegState.LATE else PaymentState.REFUNDING


def _payout_state(payout: LegState) -> PaymentState:
    match payout:
        case LegState.PENDING:
            return PaymentState.DELIVERING
        case LegState.SUCCEEDED:
            return PaymentState.COMPLETED
        case _:
            return _unpaid_state(payout)


def _unpaid_state(first: LegState) -> PaymentState:
    """Where a payment stands whose own money has not come in, or was given back by the provider."""
    match first:
        case LegState.READY | LegState.SUBMITTING | LegState.UNKNOWN:
            return PaymentState.CONFIRMED
        case LegState.PENDING:
            return PaymentState.AWAITING_PAYMENT
        case LegState.FAILED:
            return PaymentState.FAILED
        case LegState.EXPIRED:
            return PaymentState.EXPIRED
        case LegState.REVERSED:
            return PaymentState.REVERSED
        case LegState.CANCELLED:
            return PaymentState.CANCELLED
        case LegState.COLLECTED | LegState.SUCCEEDED | LegState.LATE:
            raise ValueError(f"money came in: {first}")
        case LegState.UNDELIVERED | LegState.UNDELIVERED_LATE:
            raise ValueError(f"money came in: {first}")
        case LegState.RETURNING | LegState.RETURNED:
            raise ValueError(f"crypto came in: {first}")
        case _:
            assert_never(first)
