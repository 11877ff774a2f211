"""Whether we can pay out what we are about to promise: asked before anything is offered, and charged for."""

from decimal import Decimal
from typing import Protocol

from bot.kotani.errors import NotFound
from bot.kotani.results import Wallet
from bot.payments.errors import PaymentError
from bot.payments.money import Money


class Wallets(Protocol):
    """The part of the provider's client that knows our balances."""

    async def wallet_for(self, currency: str, country: str | None = None) -> Wallet:
        """The wallet for payouts in a currency and country. Raises `NotFound`."""
        ...


class NoPayoutBalance(PaymentError):
    """Our payout balance does not cover it. Nothing was charged."""

    text_key = "error.no_payout_balance"
    money_may_have_moved = False
    retry_safe = True


async def must_cover(wallets: Wallets, amount: Money, country: str) -> None:
    """Raises `NoPayoutBalance` unless our payout balance covers `amount` now."""
    try:
        balance: Decimal = (await wallets.wallet_for(amount.currency, country)).balance
    except NotFound:
        raise NoPayoutBalance from None
    if balance < amount.amount:
        raise NoPayoutBalance
