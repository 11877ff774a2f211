"""What the provider's own record says now of money that was sent out before: asked before any more is sent."""

from typing import Final

from bot.engine.asking import ask
from bot.kotani.client import Kotani
from bot.kotani.errors import NotFound
from bot.payments.decisions import LegFacts
from bot.payments.states import LegKind, LegState
from bot.payments.targets import target
from storage.crypto import Keyring
from storage.tables import Leg

# nothing of it has arrived, or what had arrived was undone
OVER: Final = frozenset(
    {
        LegState.FAILED,
        LegState.EXPIRED,
        LegState.CANCELLED,
        LegState.REVERSED,
        LegState.UNDELIVERED,
        LegState.UNDELIVERED_LATE,
    }
)


async def stands_there(kotani: Kotani, keyring: Keyring, leg: Leg) -> LegState | None:
    """Where a payout, refund or purchase stands by the provider's own record, read now. Raises a `KotaniError`.

    One that the provider never had was never carried out: CANCELLED. None: it says nothing that would be an end, or knows
    nothing any more of one that it had given an id of its own, which proves nothing.
    """
    try:
        report = await ask(kotani, keyring, leg)
    except NotFound:
        return LegState.CANCELLED if leg.provider_id is None else None
    return target(_facts(leg), report).state


async def has_arrived(kotani: Kotani, keyring: Keyring, leg: Leg) -> bool:
    """Whether the provider's own record, read now, says that this payout arrived, of this amount. Raises a `KotaniError`."""
    try:
        report = await ask(kotani, keyring, leg)
    except NotFound:
        return False
    as_ours = report.gross in (None, leg.amount) and (report.currency or leg.currency).upper() == leg.currency
    return as_ours and target(_facts(leg), report).state is LegState.SUCCEEDED


def _facts(leg: Leg) -> LegFacts:
    return LegFacts(LegKind(leg.kind), LegState(leg.state), leg.reference, leg.amount, leg.currency)
