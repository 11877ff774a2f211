"""Calls about transactions: bytes ↔ meaning, without any network.

Every function makes one `Call`; whoever sends it hands the answer to `answers.read_answer`. Paths and fields are
those of the pages named; where pages disagree, the machine-readable snapshot and the newest page decide.
"""

from typing import Literal

from bot.kotani.calls import API, Call, Unreadable, an_object, body, segment
from bot.kotani.errors import DuplicateReference
from bot.kotani.reading import as_amount, as_flag, as_text, report, text
from bot.kotani.requests import (
    BankPayout,
    CheckoutRequest,
    DepositRequest,
    OfframpRequest,
    OnrampRequest,
    PaybillPayout,
    Payout,
    RefundInvoice,
    SouthAfricanPayout,
    TillPayout,
    WithdrawalRequest,
)
from bot.kotani.results import Created, FiatQuote, Offramp, Quote, Rate, Refund
from bot.payments.reports import Report

__all__ = ["Created", "FiatQuote", "Offramp", "Quote", "Rate", "Refund"]


# onramp


def create_onramp(request: OnrampRequest) -> Call[Created]:
    """Kotani docs, create onramp."""
    return _create("onramp.create", f"{API}/onramp", request, quoted=request.rate_id is not None)


def onramp(reference: str) -> Call[Report]:
    """Kotani docs, onramp status."""
    return _status("onramp.status", f"{API}/onramp/{segment(reference)}")


# offramp


def create_offramp(request: OfframpRequest) -> Call[Offramp]:
    """Kotani docs, create offramp. An answer without an address to pay to is none."""
    operation = "offramp.create"

    def read(data: object) -> Offramp:
        sale = _offramp(data)
        if sale.report.reference is None or sale.escrow_address is None:
            _refuse_duplicate(operation, sale.report)
            raise Unreadable("no reference or no address")
        return sale

    return Call(
        operation,
        "POST",
        f"{API}/offramp",
        read,
        body(operation, request.fields()),
        harmless=False,
        reference=request.reference,
        quoted=request.rate_id is not None,
    )


def offramp(reference: str) -> Call[Offramp]:
    """Kotani docs, offramp status."""
    return Call("offramp.status", "GET", f"{API}/offramp/{segment(reference)}", _offramp)


def cancel_offramp(reference: str) -> Call[None]:
    """Kotani docs, cancel offramp: a GET that changes something. Its answer is not documented; the status tells."""
    path = f"{API}/offramp/cancel/{segment(reference)}"
    return Call("offramp.cancel", "GET", path, lambda _: None, harmless=False)


def refund_status(reference: str) -> Call[Refund]:
    """Kotani docs, offramp refunds."""
    return Call("offramp.refund_status", "GET", f"{API}/offramp/refund-status/{segment(reference)}", _refund)


def retry_refund(reference: str) -> Call[Refund]:
    """Kotani docs, retry a failed refund: at most three times."""
    operation = "offramp.retry_refund"
    path = f"{API}/offramp/retry-refund/{segment(reference)}"
    return Call(operation, "POST", path, _refund, body(operation, {}), harmless=False)


def submit_refund_invoice(reference: str, invoice: RefundInvoice) -> Call[Refund]:
    """Kotani docs, offramp refunds: the Lightning invoice that was asked for."""
    operation = "offramp.invoice"
    path = f"{API}/offramp/submit-refund-invoice/{segment(reference)}"
    return Call(operation, "POST", path, _refund, body(operation, invoice.fields()), harmless=False)


# collections and payouts


def create_deposit(request: DepositRequest) -> Call[Created]:
    """Kotani docs, mobile-money deposit."""
    return _create("deposit.create", f"{API}/deposit/mobile-money", request)


def deposit(reference: str) -> Call[Report]:
    """Kotani docs, mobile-money deposit status."""
    return _status("deposit.status", f"{API}/deposit/mobile-money/status/{segment(reference)}")


def create_checkout(request: CheckoutRequest) -> Call[Created]:
    """Kotani docs, bank checkout."""
    return _create("checkout.create", f"{API}/deposit/bank/checkout", request)


def checkout(reference: str) -> Call[Report]:
    """Kotani docs, bank checkout status. The documented object has no status: the report may have none either."""
    return _status("checkout.status", f"{API}/deposit/bank/checkout/status/{segment(reference)}")


def create_withdrawal(request: Payout) -> Call[Created]:
    """Kotani docs, withdrawals: to a phone, a bank account, a till or a paybill."""
    match request:
        case WithdrawalRequest():
            return _create("withdrawal.create", f"{API}/withdraw/mobile-money", request)
        case BankPayout():
            return _create("withdrawal.bank", f"{API}/withdraw/bank", request)
        case SouthAfricanPayout():
            return _create("withdrawal.bank_v2", f"{API}/withdraw/v2/bank", request)
        case TillPayout():
            return _create("withdrawal.till", f"{API}/withdraw/lipa-na-mpesa", request)
        case PaybillPayout():
            return _create("withdrawal.paybill", f"{API}/withdraw/paybill", request)


def withdrawal(reference: str, version: Literal[1, 2] = 1) -> Call[Report]:
    """Kotani docs, withdrawal status: one path for every kind but the South African bank payout, which is version 2."""
    path = f"{API}/withdraw/status/" if version == 1 else f"{API}/withdraw/v2/bank/status/"
    return _status("withdrawal.status", path + segment(reference))


def _create(
    operation: str,
    path: str,
    request: OnrampRequest | DepositRequest | CheckoutRequest | Payout,
    *,
    quoted: bool = False,
) -> Call[Created]:
    def read(data: object) -> Created:
        said = an_object(data)
        created = Created(report(said), text(said, "customer_key"))
        _refuse_duplicate(operation, created.report)
        if created.report.provider_id is None:
            raise Unreadable("success without an id")
        return created

    return Call(
        operation,
        "POST",
        path,
        read,
        body(operation, request.fields()),
        harmless=False,
        reference=request.reference,
        quoted=quoted,
    )


def _refuse_duplicate(operation: str, said: Report) -> None:
    """A "success" of status DUPLICATE speaks of another transaction (Kotani docs, transaction statuses)."""
    if said.status is not None and said.status.upper() == "DUPLICATE":
        raise DuplicateReference(operation)


def _status(operation: str, path: str) -> Call[Report]:
    def read(data: object) -> Report:
        said = report(an_object(data))
        if (said.reference, said.status, said.deposit_status, said.onchain_status) == (None, None, None, None):
            raise Unreadable("a status of nothing")
        return said

    return Call(operation, "GET", path, read)


def _offramp(data: object) -> Offramp:
    said = an_object(data)
    return Offramp(
        report=report(said),
        escrow_address=text(said, "escrow"),
        sender_address=as_text(said.get("senderAddress")),
        crypto_seen=as_amount(said.get("transactionHashAmount")),
        own_wallet=as_flag(said.get("usingIntegratedWallet")) is True,
        customer_key=text(said, "customer_key"),
        wallet_id=text(said, "wallet_id"),
    )


def _refund(data: object) -> Refund:
    said = an_object(data)
    retries = as_amount(said.get("totalRetries"))
    return Refund(
        reference=text(said, "reference"),
        status=text(said, "status"),
        refund_status=text(said, "refund_status"),
        tx_hash=text(said, "refund_tx"),
        amount=as_amount(said.get("refundAmount")),
        retries=int(retries) if retries is not None else None,
        error_text=text(said, "error_text"),
    )
