"""What the page shows of the simulated Kotani Pay: little enough to be asked for every second."""

from decimal import Decimal

from bot.simulator.kotani import KotaniWorld
from bot.simulator.kotani.phones import Prompt
from bot.simulator.kotani.records import CryptoSend, Deposit, Offramp, Onramp, Transaction, Withdrawal
from bot.simulator.kotani.state import prompt as shown_prompt
from bot.simulator.kotani.wallets import FLOAT, Wallet

_MOST = 30  # the page shows a phone its own, so others' must not push them out


def summary(world: KotaniWorld) -> dict[str, object]:
    """Time, wallets that were used, the newest prompts and transactions, and the switches. Amounts stay exact."""
    settings = world.settings
    prompts: list[Prompt] = list(world.phones.prompts.values())[-_MOST:]
    return {
        "now": world.clock.now().isoformat(),
        "speed": Decimal(str(world.clock.speed)),
        "wallets": [_wallet(wallet) for wallet in world.wallets.all.values() if _used(world, wallet)],
        "prompts": [shown_prompt(entry) for entry in prompts],
        "transactions": [_transaction(tx) for tx in world.register.all[-_MOST:]],
        "failing": {
            "deliveries": settings.fail_deliveries,
            "withdrawals": settings.fail_withdrawals,
            "refunds": settings.fail_refunds,
        },
        "callbacks": settings.callback_mode,
    }


def _used(world: KotaniWorld, wallet: Wallet) -> bool:
    first = next(iter(world.wallets.all.values()))
    return wallet is first or wallet.deposit_balance != 0 or wallet.balance != FLOAT


def _wallet(wallet: Wallet) -> dict[str, object]:
    return {
        "currency": wallet.currency,
        "country": wallet.country,
        "payout": wallet.balance,
        "deposit": wallet.deposit_balance,
    }


def _transaction(tx: Transaction) -> dict[str, object]:
    line, phone, arrived = "", "", ""
    due: dict[str, object] | None = None
    match tx:
        case Onramp():
            line = f"{tx.quote.transaction:f} {tx.currency} → {tx.quote.crypto:f} {tx.token} on {tx.chain}"
            phone = tx.phone
            arrived = f"{tx.quote.crypto:f} {tx.token} on {tx.chain}" if tx.status == "SUCCESSFUL" else ""
        case Offramp():
            line = f"{tx.quote.crypto:f} {tx.token} on {tx.chain} → {tx.quote.transaction:f} {tx.currency}"
            phone = tx.target
            arrived = f"{tx.currency} {tx.quote.transaction:f}" if tx.status == "SUCCESSFUL" else ""
            if tx.status == "PENDING" and not tx.own_wallet and tx.received == 0:
                due = {"amount": f"{tx.quote.crypto:f}", "token": tx.token, "chain": tx.chain, "to": tx.escrow}
        case Deposit():
            line, phone = f"{tx.amount:f} {tx.currency} in", tx.phone
        case Withdrawal():
            line, phone = f"{tx.amount:f} {tx.currency} out", tx.target
            arrived = f"{tx.currency} {tx.amount:f}" if tx.status == "SUCCESSFUL" else ""
        case CryptoSend():
            line = f"{tx.amount:f} {tx.token} on {tx.chain} out"
    receipt = tx.receipt if isinstance(tx, Onramp | Offramp | Deposit | Withdrawal) else None
    return {
        "family": tx.family, "reference": tx.reference, "line": line, "phone": phone, "statuses": tx.statuses(),
        "arrived": arrived, "receipt": receipt, "due": due,
    }  # fmt: skip
