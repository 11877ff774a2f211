"""The whole world as plain values, for the control interface."""

from decimal import Decimal

from bot.simulator.kotani.callbacks import Delivery
from bot.simulator.kotani.core import stamp
from bot.simulator.kotani.phones import Prompt
from bot.simulator.kotani.records import Deposit, Offramp, Onramp, Transaction, Withdrawal
from bot.simulator.kotani.settings import shown
from bot.simulator.kotani.world import KotaniWorld, RequestSeen

Data = dict[str, object]


def everything(world: KotaniWorld) -> Data:
    """Wallets, customers, transactions with histories, prompts, links, callbacks, requests, rules, settings."""
    return {
        "now": stamp(world.clock.now()),
        "speed": Decimal(str(world.clock.speed)),
        "settings": shown(world.settings),
        "wallets": [
            {
                "id": wallet.id, "currency": wallet.currency, "country": wallet.country, "balance": wallet.balance,
                "deposit_balance": wallet.deposit_balance, "locked": wallet.locked,
            }
            for wallet in world.wallets.all.values()
        ],
        "customers": [
            {"key": customer.key, "phone": customer.phone, "country": customer.country, "network": customer.network}
            for customer in world.customers.all.values()
        ],
        "transactions": [transaction(tx) for tx in world.register.all],
        "creates": [
            {"family": family, "reference": reference, "attempted": counted.attempted, "accepted": counted.accepted}
            for (family, reference), counted in world.register.creates.items()
        ],
        "prompts": [prompt(entry) for entry in world.phones.prompts.values()],
        "links": [
            {
                "id": link.id, "shortCode": link.code, "url": f"{link.base_url}/l/{link.code}", "status": link.status,
                "uses": link.uses, "payments": [payment.reference for payment in link.payments],
            }
            for link in world.links.all.values()
        ],
        "callbacks": [delivery(entry) for entry in world.callbacks.all],
        "requests": [_request(seen) for seen in world.requests],
        "faults": [{"action": rule.action, "met": rule.met, "spent": rule.spent()} for rule in world.faults.rules],
    }  # fmt: skip


def transaction(tx: Transaction) -> Data:
    """One transaction with its history."""
    data: Data = {
        "family": tx.family, "id": tx.id, "reference": tx.reference, "number": tx.number, "created": stamp(tx.created),
        "callbackUrl": tx.callback_url, **tx.statuses(),
        "failure": {"message": tx.failure.message, "code": tx.failure.code} if tx.failure else None,
    }  # fmt: skip
    match tx:
        case Deposit():
            data |= {"amount": tx.amount, "currency": tx.currency, "phone": tx.phone, "receipt": tx.receipt}
        case Withdrawal():
            data |= {
                "amount": tx.amount, "currency": tx.currency, "target": tx.target, "receiver": tx.receiver,
                "channel": tx.channel, "receipt": tx.receipt,
            }  # fmt: skip
        case Onramp():
            data |= {
                "fiatAmount": tx.quote.fiat, "fiatAmountToSend": tx.quote.transaction, "currency": tx.currency,
                "cryptoAmount": tx.quote.crypto, "token": tx.token, "chain": tx.chain, "receiver": tx.receiver,
                "phone": tx.phone, "transactionHash": tx.transaction_hash, "redirectUrl": tx.redirect_url,
            }  # fmt: skip
        case Offramp():
            data |= {
                "cryptoAmount": tx.quote.crypto, "received": tx.received, "token": tx.token, "chain": tx.chain,
                "escrow": tx.escrow, "fiatAmount": tx.quote.fiat, "fiatTransactionAmount": tx.quote.transaction,
                "currency": tx.currency, "target": tx.target, "receiver": tx.receiver, "sender": tx.sender,
                "refundConfig": tx.refund_config, "receipt": tx.receipt, "refundHash": tx.refund_hash,
            }  # fmt: skip
    history = [{"at": stamp(change.at), "cause": change.cause, **change.statuses} for change in tx.history]
    return data | {"history": history}


def prompt(entry: Prompt) -> Data:
    """One prompt or checkout."""
    return {
        "id": entry.id, "reference": entry.reference, "kind": entry.kind, "phone": entry.phone, "amount": entry.amount,
        "currency": entry.currency, "text": entry.text, "state": entry.state, "checkout": entry.checkout,
        "automatic": entry.automatic, "ignored": entry.ignored, "opened": stamp(entry.opened),
        "expires": stamp(entry.expires) if entry.expires else None,
    }  # fmt: skip


def delivery(entry: Delivery) -> Data:
    """One callback with every try; the body as the text that was sent."""
    attempts = [{"at": stamp(tried.at), "status": tried.status, "error": tried.error} for tried in entry.attempts]
    return {
        "id": entry.id, "reference": entry.reference, "event": entry.event, "url": entry.url, "state": entry.state,
        "forged": entry.forged, "body": entry.body.decode(), "made": stamp(entry.made), "attempts": attempts,
    }  # fmt: skip


def _request(seen: RequestSeen) -> Data:
    return {
        "at": stamp(seen.at), "method": seen.method, "path": seen.path, "operation": seen.operation,
        "reference": seen.reference, "fault": seen.fault, "status": seen.status,
    }  # fmt: skip
