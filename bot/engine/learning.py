"""What a report tells about a leg beside its state, and why a payment did not end as it should: kept for the customer."""

from datetime import datetime, timedelta
from typing import Any, Final

from bot.engine.findings import Finding
from bot.payments.addresses import Address, check_address
from bot.payments.decisions import LegFacts
from bot.payments.reasons import (
    AMOUNT_DIFFERED,
    ARRIVED_LATE,
    CAME_LATE,
    CRYPTO_LATE,
    DELIVERY_FAILED,
    NO_CRYPTO,
    PAYOUT_FAILED,
    PROMPT_EXPIRED,
    reason_for,
)
from bot.payments.reports import Report
from bot.payments.states import Concern, LegKind, LegState
from bot.payments.targets import seen_instead
from storage.payments import HeldLeg

# the crypto of a sale should have come by then; how long the provider really waits is not documented
OFFRAMP_WINDOW: Final = timedelta(minutes=30)
ENDED_WITHOUT_CRYPTO: Final = frozenset({LegState.FAILED, LegState.EXPIRED, LegState.CANCELLED})
# a sale that is not the one that was agreed on: nobody is sent to its address
NOT_AS_AGREED: Final = frozenset(
    {
        Concern.AMOUNT_DIFFERS,
        Concern.CURRENCY_DIFFERS,
        Concern.RECEIVER_DIFFERS,
        Concern.OWN_WALLET,
        Concern.CONTRADICTION,
    }
)


def learn(leg: HeldLeg, report: Report, change: dict[str, Any]) -> bool:
    """Keep what a report tells beside the state; whether any of it is new to the customer."""
    leg.provider_id = leg.provider_id or report.provider_id
    new = False
    for name in ("receipt", "tx_hash", "redirect_url", "refund_tx"):
        value = getattr(report, name)
        if name == "tx_hash" and value == report.refund_tx:
            continue  # that is the way back
        if value and not getattr(leg, name):
            setattr(leg, name, value)
            if leg.position == 0 and name in change:
                change[name] = value
            new = True
    return new


def learn_seen(leg: HeldLeg, report: Report, facts: LegFacts) -> bool:
    """Keep the crypto that came in for a sale where it is not what was agreed on; whether that is news."""
    seen = seen_instead(facts, report)
    if seen is None or leg.crypto_seen is not None:
        return False
    leg.crypto_seen = seen
    return True


def learn_escrow(leg: HeldLeg, report: Report, now: datetime) -> bool:
    """Keep the address where the crypto of a sale must arrive; False when the report has none that can be used."""
    if report.escrow_address is None or leg.chain is None:
        return False
    address = check_address(report.escrow_address, leg.chain)
    if not isinstance(address, Address):
        return False
    leg.escrow_address = address.value
    leg.pay_by = (leg.submitted_at or now) + OFFRAMP_WINDOW
    return True


def explain(leg: HeldLeg, was: LegState, finding: Finding, change: dict[str, Any], *, house: bool = False) -> None:
    """Why a payment did not end as it should, for the customer. The `house` is told what the provider itself said."""
    if leg.kind == LegKind.REFUND:
        return
    if house and leg.kind == LegKind.PAYOUT:
        if leg.state in (LegState.FAILED, LegState.EXPIRED):
            said = finding.report.error_text if finding.report is not None else None
            if finding.decision is not None:
                said = finding.decision.note
            change["reason"], change["reason_detail"] = PAYOUT_FAILED, said or None
        return
    if finding.reason is not None:
        change["reason"], change["reason_detail"] = finding.reason
        return
    sentence = finding.report.error_text if finding.report is not None else None
    state = LegState(leg.state)
    if leg.kind == LegKind.PAYOUT:
        if state in (LegState.FAILED, LegState.EXPIRED):
            change["reason"] = PAYOUT_FAILED
        return
    if state in (LegState.RETURNING, LegState.RETURNED):
        if was in ENDED_WITHOUT_CRYPTO:
            change["reason"] = CRYPTO_LATE
        elif was is not LegState.RETURNING:
            change["reason"] = PAYOUT_FAILED if leg.crypto_seen is None else AMOUNT_DIFFERED
        return
    match state:
        case LegState.FAILED:
            change["reason"], change["reason_detail"] = reason_for(sentence)
        case LegState.EXPIRED:
            change["reason"] = NO_CRYPTO if leg.kind == LegKind.OFFRAMP else PROMPT_EXPIRED
        case LegState.UNDELIVERED:
            change["reason"] = DELIVERY_FAILED
        case LegState.LATE:
            change["reason"] = ARRIVED_LATE if leg.kind == LegKind.ONRAMP else CAME_LATE
        case LegState.UNDELIVERED_LATE:
            change["reason"] = CAME_LATE
        case _:
            pass
