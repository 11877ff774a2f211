"""Asking the provider how a leg stands, by the kind of leg and the way it went: reads only."""

from dataclasses import replace

from bot.engine.calls import is_south_african_payout
from bot.engine.packing import unpack_request
from bot.engine.planning import LEG_DETAILS, payer_of
from bot.kotani.client import Kotani
from bot.kotani.errors import KotaniError, NotFound
from bot.payments.reports import Report
from bot.payments.states import LegKind
from bot.payments.words import Meaning, meaning_of
from storage.crypto import Keyring
from storage.tables import Leg


async def ask(kotani: Kotani, keyring: Keyring, leg: Leg) -> Report:
    """The provider's own record of a leg. Raises `KotaniError`, `NotFound` when there is none under its reference."""
    match LegKind(leg.kind):
        case LegKind.ONRAMP:
            return await kotani.onramp(leg.reference)
        case LegKind.OFFRAMP:
            return await _sale(kotani, leg)
        case LegKind.COLLECT:
            return await _collection(kotani, keyring, leg)
        case LegKind.PAYOUT | LegKind.REFUND:
            request = unpack_request(keyring.open_json(leg.details_sealed, context=LEG_DETAILS))
            return await kotani.withdrawal(leg.reference, version=2 if is_south_african_payout(request) else 1)


async def _sale(kotani: Kotani, leg: Leg) -> Report:
    """A sale; once its crypto is back, with the transaction that brought it, which stands in another place."""
    report = (await kotani.offramp(leg.reference)).report
    if meaning_of(report.status) is not Meaning.RETURNED or report.refund_tx is not None:
        return report
    try:
        refund = await kotani.refund_status(leg.reference)
    except KotaniError:
        return report  # how to look that up is not certain, and it is not needed to know that the crypto is back
    return replace(report, refund_tx=refund.tx_hash)


async def _collection(kotani: Kotani, keyring: Keyring, leg: Leg) -> Report:
    """A deposit. The documented status of a bank checkout has no status: then it is asked for as a deposit as well.

    So is one that is no checkout: who paid on a request's page, and how, may not be known (`request_adopting`).
    """
    request = unpack_request(keyring.open_json(leg.details_sealed, context=LEG_DETAILS))
    if payer_of(request).method == "mobile_money":
        return await kotani.deposit(leg.reference)
    try:
        report = await kotani.checkout(leg.reference)
    except NotFound:
        return await kotani.deposit(leg.reference)
    if report.status is not None:
        return report
    try:
        return await kotani.deposit(leg.reference)
    except NotFound:
        return report
