"""The words for where a payment and its legs stand, and the one table of allowed moves.

A *payment* is what the customer sees; a *leg* is one transaction at the provider. Both are enums here, and nothing else
in the program may invent a status. The tables `LEG_MOVES` and `PAYMENT_MOVES` are the whole graph: what is not in them
does not happen, whoever asks. Payments of the house have one more step (`HOUSE_MOVES`).
"""

from enum import StrEnum
from types import MappingProxyType


class PaymentKind(StrEnum):
    """The journeys a customer can make, and what the house does with its own money."""

    BUY = "buy"
    SELL = "sell"
    SEND = "send"
    REQUEST = "request"  # somebody pays what somebody else asked for
    PAYOUT = "payout"  # operators pay somebody out of the payout balance
    COLLECTION = "collection"  # operators collect from somebody's phone, and the money stays with the house


# what operators do with the business's own money: no customer is told of it, and nobody is owed anything for it
OF_THE_HOUSE: frozenset[PaymentKind] = frozenset({PaymentKind.PAYOUT, PaymentKind.COLLECTION})


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
    CANCELLED = "cancelled"  # over as the customer wished, and nothing was taken


class LegKind(StrEnum):
    """What one transaction at the provider does."""

    ONRAMP = "onramp"  # fiat in from the customer, crypto out to an address
    OFFRAMP = "offramp"  # crypto in at an escrow address, fiat out to whom the customer named
    COLLECT = "collect"  # fiat in from the payer
    PAYOUT = "payout"  # fiat out of the payout balance, to whom the payer named
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
    CANCELLED = "cancelled"  # over as the customer wished, nothing was taken
    RETURNING = "returning"  # crypto came in and could not be paid out: the provider gives it back by itself
    RETURNED = "returned"
    LATE = "late"  # it was over, and succeeded all the same: money is in (owed back, or the house's), or crypto arrived
    UNDELIVERED_LATE = "undelivered_late"  # a purchase that was over was paid, and could not be delivered: owed back


_OPEN_ENDS = frozenset(
    {
        LegState.PENDING,
        LegState.COLLECTED,
        LegState.SUCCEEDED,
        LegState.FAILED,
        LegState.EXPIRED,
        LegState.UNDELIVERED,
        LegState.REVERSED,
        LegState.CANCELLED,
        LegState.RETURNING,
        LegState.RETURNED,
    }
)
# crypto that comes after a sale has ended goes back to where it came from
_CRYPTO_BACK = frozenset({LegState.RETURNING, LegState.RETURNED})

_AFTER_THE_END = _CRYPTO_BACK | {LegState.LATE, LegState.UNDELIVERED_LATE}

LEG_MOVES: MappingProxyType[LegState, frozenset[LegState]] = MappingProxyType(
    {
        # a report may still arrive for a call that was thought absent
        LegState.READY: _OPEN_ENDS | {LegState.SUBMITTING},
        # back to READY only where the request provably never left us
        LegState.SUBMITTING: _OPEN_ENDS | {LegState.UNKNOWN, LegState.READY},
        # back to READY only where the provider says that it knows no such reference
        LegState.UNKNOWN: _OPEN_ENDS | {LegState.READY},
        LegState.PENDING: _OPEN_ENDS - {LegState.PENDING},
        LegState.COLLECTED: frozenset({LegState.SUCCEEDED, LegState.UNDELIVERED, LegState.REVERSED}) | _CRYPTO_BACK,
        LegState.SUCCEEDED: frozenset({LegState.REVERSED}),
        LegState.FAILED: _AFTER_THE_END,
        LegState.EXPIRED: _AFTER_THE_END,
        LegState.UNDELIVERED: frozenset(),
        LegState.REVERSED: frozenset(),
        LegState.CANCELLED: _AFTER_THE_END,
        LegState.RETURNING: frozenset({LegState.RETURNED}),
        LegState.RETURNED: frozenset(),
        LegState.LATE: frozenset({LegState.REVERSED}),
        LegState.UNDELIVERED_LATE: frozenset(),
    }
)

_ALL_LEGS = frozenset(
    {
        LegState.READY,
        LegState.SUBMITTING,
        LegState.UNKNOWN,
        LegState.PENDING,
        LegState.SUCCEEDED,
        LegState.FAILED,
        LegState.EXPIRED,
        LegState.REVERSED,
    }
)

# which of the states a leg of each kind can be in
LEG_STATES: MappingProxyType[LegKind, frozenset[LegState]] = MappingProxyType(
    {
        LegKind.ONRAMP: _ALL_LEGS
        | {LegState.COLLECTED, LegState.UNDELIVERED, LegState.LATE, LegState.UNDELIVERED_LATE},
        LegKind.OFFRAMP: _ALL_LEGS | _CRYPTO_BACK | {LegState.COLLECTED, LegState.CANCELLED},
        LegKind.COLLECT: _ALL_LEGS | {LegState.CANCELLED, LegState.LATE},
        LegKind.PAYOUT: _ALL_LEGS | {LegState.CANCELLED},
        LegKind.REFUND: _ALL_LEGS | {LegState.CANCELLED},
    }
)

# what comes after the end goes back, as does what could not be delivered
_GOES_BACK = frozenset({PaymentState.REFUNDING, PaymentState.REFUNDED})
# money that came after the end may be taken back by the provider itself, and both be heard of at once; a purchase may be
# delivered after its end, and what comes in then for a collection of the house is the house's all the same
_AFTER_ALL = _GOES_BACK | {PaymentState.REVERSED, PaymentState.COMPLETED}

PAYMENT_MOVES: MappingProxyType[PaymentState, frozenset[PaymentState]] = MappingProxyType(
    {
        PaymentState.CONFIRMED: frozenset(PaymentState) - {PaymentState.CONFIRMED},
        PaymentState.AWAITING_PAYMENT: frozenset(
            {
                PaymentState.DELIVERING,
                PaymentState.COMPLETED,
                PaymentState.FAILED,
                PaymentState.EXPIRED,
                PaymentState.REVERSED,
                PaymentState.CANCELLED,
            }
        )
        | _GOES_BACK,
        PaymentState.DELIVERING: frozenset({PaymentState.COMPLETED, PaymentState.REVERSED}) | _GOES_BACK,
        PaymentState.COMPLETED: frozenset({PaymentState.REVERSED}),
        PaymentState.FAILED: _AFTER_ALL,
        PaymentState.EXPIRED: _AFTER_ALL,
        PaymentState.CANCELLED: _AFTER_ALL,
        # reversed: the provider gave the payer their money back in another way
        # delivered after all: an operator has what failed paid out once more
        PaymentState.REFUNDING: frozenset(
            {PaymentState.REFUNDED, PaymentState.REVERSED, PaymentState.DELIVERING, PaymentState.COMPLETED}
        ),
        # a refund that the provider undid: the money is owed again, and a person sees to it
        PaymentState.REFUNDED: frozenset({PaymentState.REFUNDING, PaymentState.REVERSED}),
        # an operator pays back what was undone after it had arrived
        PaymentState.REVERSED: _GOES_BACK,
    }
)

# a payout of the house is nobody's money on its way: one that fails is over, with its debit restored
HOUSE_MOVES: MappingProxyType[PaymentState, frozenset[PaymentState]] = MappingProxyType(
    {
        **PAYMENT_MOVES,
        PaymentState.DELIVERING: PAYMENT_MOVES[PaymentState.DELIVERING]
        | {PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.CANCELLED},
    }
)


def leg_moves(kind: LegKind, state: LegState, *, ordered: bool = False) -> frozenset[LegState]:
    """Where a leg may go. `ordered`: by an operator, for whom alone a payout that had failed may have arrived after all."""
    states = LEG_STATES[kind]
    if ordered and kind is LegKind.PAYOUT:
        states |= {LegState.LATE}
    return LEG_MOVES[state] & states


def moves_of(kind: PaymentKind) -> MappingProxyType[PaymentState, frozenset[PaymentState]]:
    """The table of allowed moves for payments of a kind."""
    return HOUSE_MOVES if kind in OF_THE_HOUSE else PAYMENT_MOVES


LEG_TERMINAL: frozenset[LegState] = frozenset(
    {
        LegState.SUCCEEDED,
        LegState.FAILED,
        LegState.EXPIRED,
        LegState.UNDELIVERED,
        LegState.REVERSED,
        LegState.CANCELLED,
        LegState.RETURNED,
        LegState.LATE,
        LegState.UNDELIVERED_LATE,
    }
)
LEG_OPEN: frozenset[LegState] = frozenset(LegState) - LEG_TERMINAL
PAYMENT_TERMINAL: frozenset[PaymentState] = frozenset(
    {
        PaymentState.COMPLETED,
        PaymentState.FAILED,
        PaymentState.EXPIRED,
        PaymentState.REFUNDED,
        PaymentState.REVERSED,
        PaymentState.CANCELLED,
    }
)


class Concern(StrEnum):
    """Why a person must look at a payment: the names on the attention list."""

    AMOUNT_DIFFERS = "amount_differs"
    CURRENCY_DIFFERS = "currency_differs"
    RECEIVER_DIFFERS = "receiver_differs"
    CAME_LATE = "came_late"  # money came in after the end: owed back, unless it is a purchase that arrives
    CONTRADICTION = "contradiction"  # two final answers that cannot both be true
    UNKNOWN_STATUS = "unknown_status"
    UNDER_REVIEW = "under_review"  # the provider holds it for a manual review
    OVERDUE = "overdue"  # no final answer for too long
    REFUND_BLOCKED = "refund_blocked"  # a refund is owed and cannot be sent by itself
    REFUND_FAILED = "refund_failed"
    REVERSED = "reversed"
    SUBMIT_BLOCKED = "submit_blocked"  # the provider refuses us, not this payment
    PAYOUT_BLOCKED = "payout_blocked"  # collected, and the payout balance does not cover what must be paid out
    OWN_WALLET = "own_wallet"  # a sale that our own crypto wallet would pay for
    ESCROW_UNUSABLE = "escrow_unusable"  # a sale without an address that crypto can be sent to
    CHECKOUT_LINK = "checkout_link"  # the bank's page lies on a host that is not allowed
    TRANSFER_UNKNOWN = "transfer_unknown"  # between our own balances: neither done nor not done, as far as they tell
    POISON = "poison"  # a row that could not be processed
