"""The plan of legs behind each kind of payment, and what the customer is told for each combination of leg states."""

from collections.abc import Sequence
from typing import assert_never

from bot.payments.states import LegKind, LegState, PaymentKind, PaymentState


def first_leg(kind: PaymentKind) -> LegKind:
    """The leg that a confirmed payment starts with: always the one that brings the customer's own money in."""
    match kind:
        case PaymentKind.BUY:
            return LegKind.ONRAMP
        case _:
            assert_never(kind)


def leg_after(kind: PaymentKind, finished: LegKind, state: LegState) -> LegKind | None:
    """The leg that must follow when `finished` has reached `state`; None when the plan asks for nothing more.

    A buy whose crypto could not be delivered leaves the fiat in our wallet at the provider (Kotani docs, onramp flow),
    so it is owed back to the payer.
    """
    match kind:
        case PaymentKind.BUY:
            if finished is LegKind.ONRAMP and state is LegState.UNDELIVERED:
                return LegKind.REFUND
            return None
        case _:
            assert_never(kind)


def payment_state(kind: PaymentKind, legs: Sequence[tuple[LegKind, LegState]]) -> PaymentState:
    """Where a payment stands, derived from its legs in plan order."""
    match kind:
        case PaymentKind.BUY:
            return _buy_state(legs)
        case _:
            assert_never(kind)


def _buy_state(legs: Sequence[tuple[LegKind, LegState]]) -> PaymentState:
    onramp = next(state for kind, state in legs if kind is LegKind.ONRAMP)
    match onramp:
        case LegState.READY | LegState.SUBMITTING | LegState.UNKNOWN:
            return PaymentState.CONFIRMED
        case LegState.PENDING:
            return PaymentState.AWAITING_PAYMENT
        case LegState.COLLECTED:
            return PaymentState.DELIVERING
        case LegState.SUCCEEDED:
            return PaymentState.COMPLETED
        case LegState.FAILED:
            return PaymentState.FAILED
        case LegState.EXPIRED:
            return PaymentState.EXPIRED
        case LegState.REVERSED:
            return PaymentState.REVERSED
        case LegState.UNDELIVERED:
            paid_back = any(kind is LegKind.REFUND and state is LegState.SUCCEEDED for kind, state in legs)
            return PaymentState.REFUNDED if paid_back else PaymentState.REFUNDING
        case _:
            assert_never(onramp)
