"""What the provider tells about a transaction: the object of its status answer and the `data` of its callbacks.

The spelling differs per kind (Kotani docs: deposits are snake_case, everything else camelCase), so each kind has its
own function and nothing converts between them.
"""

from datetime import datetime

from bot.simulator.kotani.core import stamp
from bot.simulator.kotani.money import Quote
from bot.simulator.kotani.records import CryptoSend, Deposit, Offramp, Onramp, Transaction, Withdrawal

Data = dict[str, object]


def deposit_status(tx: Deposit) -> Data:
    """Kotani docs, deposit status."""
    data: Data = {
        "id": tx.id, "amount": tx.amount, "wallet_id": tx.wallet_id, "status": tx.status, "reference_number": tx.number,
        "created_at": stamp(tx.created), "transaction_cost": tx.cost, "transaction_amount": tx.net,
        "customer_key": tx.customer_key, "callback_url": tx.callback_url or "", "reference_id": tx.reference,
        "initialDepositBalance": tx.before, "finalDepositBalance": tx.after,
        "error_message": tx.failure.message if tx.failure else "",
        "error_code": tx.failure.code if tx.failure else "", "error_description": "",
        "confirmation_id": tx.receipt or "", "telco_id": tx.receipt or "", "uniqueIdentifier": tx.id,
    }  # fmt: skip
    if tx.link_id:
        data["paymentLinkTransaction"] = {"paymentLinkId": tx.link_id}
    return data


def checkout_status(tx: Deposit) -> Data:
    """Kotani docs, bank checkout status; a `status` is added, which the documented object lacks."""
    return {
        "id": tx.id, "referenceId": tx.reference, "referenceNumber": tx.number, "message": tx.status,
        "redirectUrl": tx.redirect_url, "customerKey": tx.customer_key, "status": tx.status, "amount": tx.amount,
        "transactionCost": tx.cost, "transactionAmount": tx.net, "currency": tx.currency,
        "errorMessage": tx.failure.message if tx.failure else "",
    }  # fmt: skip


def withdrawal_status(tx: Withdrawal) -> Data:
    """Kotani docs, withdrawal status."""
    return {
        "id": tx.id, "amount": tx.amount, "walletId": tx.wallet_id, "status": tx.status, "referenceNumber": tx.number,
        "created_at": stamp(tx.created), "transactionCost": tx.cost, "transactionAmount": tx.total,
        "customerKey": tx.customer_key, "integratorFeeAmount": 0, "integratorFee": 0,
        "integratorCommissionType": "PERCENTAGE", "errorMessage": tx.failure.message if tx.failure else "",
        "callbackUrl": tx.callback_url or "", "referenceId": tx.reference, "currency": tx.currency,
        "confirmationId": tx.receipt or "", "transactionError": tx.failure.message if tx.failure else "",
        "telcoId": tx.receipt or "",
    }  # fmt: skip


def onramp_status(tx: Onramp) -> Data:
    """Kotani docs, onramp status, with the fields of the newest version."""
    data: Data = {
        "referenceId": tx.reference, "referenceNumber": tx.number, "status": tx.status,
        "depositStatus": tx.deposit_status, "onchainStatus": tx.onchain_status,
        "transactionHash": tx.transaction_hash or "", "rate": _rate(tx.quote), "chain": tx.chain, "token": tx.token,
        "currency": tx.currency, "receiverAddress": tx.receiver, "customerKey": tx.customer_key,
        "fiatAmount": tx.quote.fiat, "fiatFee": tx.quote.fee, "fiatAmountToSend": tx.quote.transaction,
        "cryptoAmount": tx.quote.crypto, "telcoId": tx.receipt or "",
        "created_at": stamp(tx.created), "updated_at": stamp(tx.updated),
    }  # fmt: skip
    if tx.onchain_status == "SUCCESSFUL":
        data["cryptoAmountReceived"] = tx.quote.crypto
    if tx.failure:
        data["error"] = {"message": tx.failure.message, "code": tx.failure.code, "details": {}}
    return data


def offramp_status(tx: Offramp) -> Data:
    """Kotani docs, offramp status."""
    failed: Data = {"message": tx.failure.message, "code": tx.failure.code} if tx.failure else {}
    return {
        "referenceId": tx.reference, "fiatAmount": tx.quote.fiat, "fiatTransactionAmount": tx.quote.transaction,
        "cryptoAmount": tx.quote.crypto, "fiatCurrency": tx.currency, "customerKey": tx.customer_key,
        "fiatWalletId": tx.wallet_id, "senderAddress": tx.sender or "", "transactionHash": tx.transaction_hash,
        "transactionHashAmount": tx.received, "status": tx.status, "onchainStatus": tx.onchain_status,
        "rate": _rate(tx.quote), "escrowAddress": tx.escrow, "usingIntegratedWallet": tx.own_wallet,
        "chain": tx.chain, "token": tx.token, "telcoId": tx.receipt or "",
        "created_at": stamp(tx.created), "updated_at": stamp(tx.updated), "onchainError": {}, "transactionError":
        failed,
    }  # fmt: skip


def refund_status(tx: Offramp) -> Data:
    """The state of an offramp's refund."""
    return {
        "referenceId": tx.reference, "status": tx.status, "refundStatus": tx.refund_status or "NOT_INITIATED",
        "refundTransactionHash": tx.refund_hash or "", "refundAmount": tx.received,
        "totalRetries": tx.refund_retries, "error": tx.refund_error or "",
    }  # fmt: skip


def crypto_status(tx: CryptoSend) -> Data:
    """Kotani docs, crypto send status."""
    return {
        "referenceId": tx.reference, "status": tx.status, "cryptoAmount": tx.amount,
        "cryptoAmountReceived": tx.amount if tx.status == "SUCCESSFUL" else 0, "feeInCrypto": 0, "feeType": "NONE",
        "cryptoWallet": "", "chain": tx.chain, "token": tx.token, "transactionHash": tx.transaction_hash or "",
    }  # fmt: skip


def callback(tx: Transaction, now: datetime) -> tuple[str, Data] | None:
    """The event name and the `data` of a status change; nothing for kinds that send no callbacks."""
    match tx:
        case Deposit():
            return "transaction.deposit.status.updated", _deposit_event(tx, now)
        case Withdrawal():
            data = {
                "status": tx.status, "referenceId": tx.reference, "referenceNumber": tx.number, "id": tx.id,
                "amount": tx.amount, "walletId": tx.wallet_id, "callbackUrl": tx.callback_url,
                "transactionCost": tx.cost, "transactionAmount": tx.total, "customerKey": tx.customer_key,
                "telcoId": tx.receipt, "errorMessage": tx.failure.message if tx.failure else None,
                "timestamp": stamp(now),
            }  # fmt: skip
            return "transaction.withdrawal.status.updated", data
        case Onramp():
            return "transaction.onramp.status.updated", _onramp_event(tx)
        case Offramp():
            return "transaction.offramp.status.updated", _offramp_event(tx)
        case _:
            return None


def refund_event(tx: Offramp) -> tuple[str, Data]:
    """`refund.completed` or `refund.failed`."""
    if tx.refund_status == "SUCCESSFUL":
        return "refund.completed", {
            "referenceId": tx.reference, "status": "REVERSED", "refundStatus": "SUCCESSFUL",
            "refundTransactionHash": tx.refund_hash, "refundAmount": tx.received,
        }  # fmt: skip
    return "refund.failed", {
        "referenceId": tx.reference, "refundStatus": "FAILED", "error": tx.refund_error, "totalRetries":
        tx.refund_retries,
    }  # fmt: skip


def rate(quote: Quote) -> Data:
    """Kotani docs, onramp and offramp rates: `value` is a string, the amounts are numbers."""
    digits = f"{quote.value:.8f}".rstrip("0").rstrip(".")
    return {
        "id": quote.id, "from": quote.source, "to": quote.target, "value": digits, "fiatAmount": quote.fiat,
        "cryptoAmount": quote.crypto, "transactionAmount": quote.transaction, "fee": quote.fee,
    }  # fmt: skip


def _rate(quote: Quote) -> Data:
    return {name: value for name, value in rate(quote).items() if name in ("from", "to", "value", "id", "cryptoAmount")}


def _deposit_event(tx: Deposit, now: datetime) -> Data:
    data: Data = {
        "status": tx.status, "reference_id": tx.reference, "reference_number": f"MP{tx.number}", "id": tx.id,
        "amount": tx.amount, "wallet_id": tx.wallet_id, "callback_url": tx.callback_url, "created_at":
        stamp(tx.created), "transaction_amount": tx.net, "transaction_cost": tx.cost, "customer_key": tx.customer_key,
    }  # fmt: skip
    if tx.receipt:
        data["telco_id"] = tx.receipt
    if tx.failure:
        data |= {"error_message": tx.failure.message, "error_code": tx.failure.code}
    if tx.link_id:
        data["paymentLinkId"] = tx.link_id
    return data | {"timestamp": stamp(now)}


def _onramp_event(tx: Onramp) -> Data:
    data: Data = {
        "referenceId": tx.reference, "status": tx.status, "depositStatus": tx.deposit_status,
        "onchainStatus": tx.onchain_status, "chain": tx.chain, "token": tx.token, "cryptoAmount": tx.quote.crypto,
        "cryptoAmountReceived": tx.quote.crypto if tx.onchain_status == "SUCCESSFUL" else 0,
        "fiatAmount": tx.quote.fiat, "fiatFee": tx.quote.fee, "fiatAmountToSend": tx.quote.transaction,
        "receiverAddress": tx.receiver, "transactionHash": tx.transaction_hash,
        "rate": {"from": tx.quote.source, "to": tx.quote.target, "cryptoAmount": tx.quote.crypto},
    }  # fmt: skip
    if tx.failure:
        data["error"] = {"message": tx.failure.message, "code": tx.failure.code}
    return data


def _offramp_event(tx: Offramp) -> Data:
    data: Data = {
        "referenceId": tx.reference, "status": tx.status, "onchainStatus": tx.onchain_status, "fiatAmount":
        tx.quote.fiat, "fiatTransactionAmount": tx.quote.transaction, "cryptoAmount": tx.quote.crypto, "fiatCurrency":
        tx.currency, "transactionHash": tx.transaction_hash or None, "telcoId": tx.receipt,
    }  # fmt: skip
    if tx.failure:
        data |= {"transactionError": {"message": tx.failure.message, "code": tx.failure.code}}
    return data
