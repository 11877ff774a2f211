"""What a decision about a leg is made from, and what it is."""

from dataclasses import dataclass
from decimal import Decimal

from bot.payments.states import Concern, LegKind, LegState


@dataclass(frozen=True, slots=True)
class LegFacts:
    """What we intended with a leg, to hold a report against. Amounts are exact; `amount` is fiat before the fee.

    `to_pay` is fiat with the fee: what a buyer is charged, what the receiver of a sale gets.
    """

    kind: LegKind
    state: LegState
    reference: str
    amount: Decimal
    currency: str
    to_pay: Decimal | None = None
    crypto_amount: Decimal | None = None
    token: str | None = None
    chain: str | None = None
    receiver_differs: bool = False  # the report names another receiver (compared by digest outside)
    cancel_asked: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from a report: a new state or none, a concern for a person or none, and a note for the timeline.

    `look_again` asks for a status read now, because the report alone cannot settle the matter.
    """

    state: LegState | None = None
    concern: Concern | None = None
    note: str = ""
    look_again: bool = False
