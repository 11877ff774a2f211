"""Our books after a journey: in balance, owing what payments owe, and holding what the provider's wallets hold."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select

from bot.engine.book_results import Look
from bot.engine.books import look_into
from bot.payments.bookkeeping import Account
from bot.payments.states import PaymentKind
from bot.settings import Settings
from bot.simulator.kotani.wallets import FLOAT
from bot.tour.stage import Stage
from storage.database import Database
from storage.payments import LEG, PAYMENT

_HELD: Final = (Account.DEPOSIT_BALANCE, Account.PAYOUT_BALANCE, Account.ESCROW)
_SECONDS: Final = 5  # for what the journey has begun to come to its end

Holdings = dict[tuple[Account, str], Decimal]


async def audit_ledger(stage: Stage, settings: Settings) -> None:
    """Hold our books against themselves and against the provider's. Raises `Unexpected`."""
    for _ in range(_SECONDS * 10):
        faults = _faults(await look(settings), await stage.books())
        if not faults:
            break
        await asyncio.sleep(0.1)
    stage.check(not faults, "; ".join(faults) or "debits equal credits, and our books hold what the wallets hold")


async def house_payouts(settings: Settings) -> frozenset[str]:
    """The references of what the house paid of its own: nobody pays in for that first."""
    legs = (
        select(LEG.c.reference)
        .join(PAYMENT, PAYMENT.c.id == LEG.c.payment_id)
        .where(PAYMENT.c.kind == PaymentKind.PAYOUT)
    )
    return await Database(settings.database_url.get_secret_value()).look(
        lambda session: frozenset(session.connection().execute(legs).scalars())
    )


async def look(settings: Settings) -> Look:
    """Our books as they are now; the assistant may be running."""
    keyring = settings.keyring()
    return await Database(settings.database_url.get_secret_value()).look(
        lambda session: look_into(session, keyring, environment=settings.kotani_environment)
    )


def _faults(books: Look, theirs: Mapping[str, Any]) -> list[str]:
    ours = {(one.account, one.money.currency): one.money.amount for one in books.balances.accounts}
    wallets = _wallets(theirs)
    differences = [
        f"{account} {currency}: {ours.get((account, currency), 0)} in our books, {wallets.get((account, currency), 0)} there"
        for account, currency in sorted(ours.keys() | wallets.keys())
        if account in _HELD and ours.get((account, currency), 0) != wallets.get((account, currency), 0)
    ]
    return [*books.faults, *differences]


def _wallets(theirs: Mapping[str, Any]) -> Holdings:
    """What the provider holds of ours, beyond what was in the wallets at the beginning."""
    held: Holdings = defaultdict(Decimal)
    for wallet in theirs["wallets"]:
        held[Account.DEPOSIT_BALANCE, wallet["currency"]] += Decimal(wallet["deposit_balance"])
        held[Account.PAYOUT_BALANCE, wallet["currency"]] += Decimal(wallet["balance"]) - FLOAT
    for one in theirs["transactions"]:
        if one["family"] == "offramp" and one["status"] != "REFUNDED":
            held[Account.ESCROW, one["token"]] += Decimal(one["received"])
    return held
