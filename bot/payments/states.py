"""The words for where a payment and its legs stand, and the one table of allowed moves.

A *payment* is what the customer sees; a *leg* is one transaction at the provider. Both are enums here, and nothing else
in the program may invent a status. The tables `LEG_MOVES` and `PAYMENT_MOVES` are the whole graph: what is not in them
does not happen, whoever asks.
"""

from enum import StrEnum
from types import MappingProxyType


class PaymentKind(StrEnum):
    """The journeys a customer can make."""

    BUY = "buy"


class PaymentState(StrEnum):
    """Where a customer's payment stands, in the customer's terms."""

    CONFIRMED = "confirmed"  # written down; nothing has left us yet
    AWAITING_PAYMENT = "awaiting_payment"  # the customer must approve on the phone or at the bank
    DELIVERING = "delivering"  # their money is in; theirs is on the way
    COMPLETED = "completed"
    FAILED = "failed"  # over, and nothing was taken
    EXPIRED = "expired"  # over by the clock, and nothing was taken
    REFUNDING = "refunding"  # delivery failed; the money is on its way back
    REFUNDED = "refunded"
    REVERSED = "reversed"  # completed, and undone by the provider afterwards


class LegKind(StrEnum):
    """What one transaction at the provider does."""

    ONRAMP = "onramp"  # fiat in from the customer, crypto out to an address
    REFUND = "refund"  # fiat out of the payout balance, back to the payer's phone


class LegState(StrEnum):
    """Where one transaction at the provider stands, as far as we know."""

    READY = "ready"  # intended, not sent
    SUBMITTING = "submitting"  # about to be sent, or being sent: committed before the call
    UNKNOWN = "unknown"  # sent perhaps: ask for the reference before anything else
    PENDING = "pending"  # the provider has it
    COLLECTED = "collected"  # money came in, delivery is outstanding
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # over, nothing was taken (or a debit was restored)
    EXPIRED = "expired"  # over by the clock, nothing was taken
    UNDELIVERED = "undelivered"  # money came in and could not be delivered: it is owed back
    REVERSED = "reversed"  # succeeded, and was undone afterwards


_OPEN_ENDS = frozenset(
    {
        LegState.PENDING,
        LegState.COLLECTED,
        LegState.SUCCEEDED,
        LegState.FAILED,
        LegState.EXPIRED,
        LegState.UNDELIVERED,
        LegState.REVERSED,
    }
)

LEG_MOVES: MappingProxyType[LegState, frozenset[LegState]] = MappingProxyType(
    {
        # a report may still arrive for a call that was thought absent
        LegState.READY: _OPEN_ENDS | {LegState.SUBMITTING},
        # back to READY only where the request provably never left us
        LegState.SUBMITTING: _OPEN_ENDS | {LegState.UNKNOWN, LegState.READY},
        # back to READY only where the provider says that it knows no such reference
        LegState.UNKNOWN: _OPEN_ENDS | {LegState.READY},
        LegState.PENDING: _OPEN_ENDS - {LegState.PENDING},
        LegState.COLLECTED: frozenset({LegState.SUCCEEDED, LegState.UNDELIVERED, LegState.REVERSED}),
        LegState.SUCCEEDED: frozenset({LegState.REVERSED}),
        LegState.FAILED: frozenset(),
        LegState.EXPIRED: frozenset(),
        LegState.UNDELIVERED: frozenset(),
        LegState.REVERSED: frozenset(),
    }
)

PAYMENT_MOVES: MappingProxyType[PaymentState, frozenset[PaymentState]] = MappingProxyType(
    {
        PaymentState.CONFIRMED: frozenset(PaymentState) - {PaymentState.CONFIRMED},
        PaymentState.AWAITING_PAYMENT: frozenset(
            {
                PaymentState.DELIVERING,
                PaymentState.COMPLETED,
                PaymentState.FAILED,
                PaymentState.EXPIRED,
                PaymentState.REFUNDING,
                PaymentState.REVERSED,
            }
        ),
        PaymentState.DELIVERING: frozenset({PaymentState.COMPLETED, PaymentState.REFUNDING, PaymentState.REVERSED}),
        PaymentState.COMPLETED: frozenset({PaymentState.REVERSED}),
        PaymentState.FAILED: frozenset(),
        PaymentState.EXPIRED: frozenset(),
        PaymentState.REFUNDING: frozenset({PaymentState.REFUNDED}),
        # a refund that the provider undid: the money is owed again, and a person sees to it
        PaymentState.REFUNDED: frozenset({PaymentState.REFUNDING}),
        PaymentState.REVERSED: frozenset(),
    }
)

LEG_TERMINAL: frozenset[LegState] = frozenset(
    {LegState.SUCCEEDED, LegState.FAILED, LegState.EXPIRED, LegState.UNDELIVERED, LegState.REVERSED}
)
LEG_OPEN: frozenset[LegState] = frozenset(LegState) - LEG_TERMINAL
PAYMENT_TERMINAL: frozenset[PaymentState] = frozenset(
    {
        PaymentState.COMPLETED,
        PaymentState.FAILED,
        PaymentState.EXPIRED,
        PaymentState.REFUNDED,
        PaymentState.REVERSED,
    }
)


class Concern(StrEnum):
    """Why a person must look at a payment: the names on the attention list."""

    AMOUNT_DIFFERS = "amount_differs"
    CURRENCY_DIFFERS = "currency_differs"
    RECEIVER_DIFFERS = "receiver_differs"
    CONTRADICTION = "contradiction"  # two final answers that cannot both be true
    UNKNOWN_STATUS = "unknown_status"
    UNDER_REVIEW = "under_review"  # the provider holds it for a manual review
    OVERDUE = "overdue"  # no final answer for too long
    REFUND_BLOCKED = "refund_blocked"  # a refund is owed and cannot be sent by itself
    REFUND_FAILED = "refund_failed"
    REVERSED = "reversed"
    SUBMIT_BLOCKED = "submit_blocked"  # the provider refuses us, not this payment
    CHECKOUT_LINK = "checkout_link"  # the bank's page lies on a host that is not allowed
    POISON = "poison"  # a row that could not be processed
