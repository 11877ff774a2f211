"""What we intended with a leg, as it is held against a report of the provider's."""

from bot.payments.addresses import canonical_address
from bot.payments.decisions import LegFacts
from bot.payments.reports import Report
from bot.payments.states import LegKind, LegState
from storage.crypto import Keyring
from storage.payments import HeldLeg
from storage.tables import Leg


def facts_of(keyring: Keyring, leg: HeldLeg | Leg, report: Report | None) -> LegFacts:
    """The facts of a leg; who receives it is known by a digest, and compared with whom `report` names."""
    receiver = None if report is None else report.receiver
    if receiver is not None and leg.chain is not None:
        receiver = canonical_address(receiver, leg.chain)
    differs = (
        receiver is not None
        and leg.destination_digest is not None
        and keyring.digest(receiver) != leg.destination_digest
    )
    return LegFacts(
        kind=LegKind(leg.kind),
        state=LegState(leg.state),
        reference=leg.reference,
        amount=leg.amount,
        currency=leg.currency,
        to_pay=leg.to_pay,
        crypto_amount=leg.crypto_amount,
        token=leg.token,
        chain=leg.chain,
        receiver_differs=differs,
        cancel_asked=leg.cancel_asked_at is not None,
    )
