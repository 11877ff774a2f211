"""Payouts: the payout balance is debited at once, and credited again when the payout fails.

Kotani docs, withdrawals: INITIATED, PENDING, IN_PROGRESS, then SUCCESSFUL with the network's receipt, or FAILED.
Whether the total is amount plus or minus cost is not documented; here the wallet pays amount plus cost.
"""

from collections.abc import Callable
from decimal import Decimal

from bot.simulator.kotani.collecting import WHY
from bot.simulator.kotani.core import Core
from bot.simulator.kotani.money import Market, check_amount, check_country
from bot.simulator.kotani.phones import Choice, magic
from bot.simulator.kotani.records import Failure, Withdrawal, forward
from bot.simulator.kotani.register import Register
from bot.simulator.kotani.wallets import Customer, Wallet, Wallets, market_of

PROVIDER_FAILED = Failure("The payout was rejected by the network", "TRANSACTION_FAILED")


class Withdrawals:
    """Creates payouts and moves them."""

    def __init__(self, core: Core, register: Register, wallets: Wallets, market: Market) -> None:
        self._core = core
        self._register = register
        self._wallets = wallets
        self._market = market

    def to_customer(
        self,
        customer: Customer,
        amount: Decimal,
        wallet_id: str,
        *,
        currency: str | None,
        reference: str | None,
        callback_url: str | None,
    ) -> Withdrawal:
        """Pay a customer's phone."""
        wallet = self._wallets.usable(wallet_id)
        check_country(self._core, customer.country, "WITHDRAW")
        if currency != wallet.currency:
            market_of(customer.phone, wallet.currency, None)
        check_amount(self._core, amount, wallet.currency)
        return self.create(
            "mobile-money", wallet, amount, customer.phone, customer.key, reference=reference, callback_url=callback_url
        )

    def create(
        self,
        channel: str,
        wallet: Wallet,
        amount: Decimal,
        target: str,
        customer_key: str,
        *,
        reference: str | None,
        callback_url: str | None,
    ) -> Withdrawal:
        """Pay `target` (a phone, an account, a till); refuses used references and wallets that are short."""
        reference = self._register.reference("withdrawal", reference)
        cost = self._market.withdrawal_fee(amount, wallet.currency)
        self._wallets.debit(wallet, amount + cost)
        core, now = self._core, self._core.clock.now()
        payout = Withdrawal(
            id=core.ids.uuid(), reference=reference, number=core.ids.number(), created=now, updated=now,
            status="INITIATED", callback_url=callback_url, customer_key=customer_key, channel=channel,
            wallet_id=wallet.id, currency=wallet.currency, amount=amount, cost=cost, total=amount + cost, target=target,
        )  # fmt: skip
        self._register.add(payout)
        self._schedule(payout)
        return payout

    def settle(self, payout: Withdrawal, failure: Failure | None = None) -> bool:
        """End a payout now; false when it has ended before."""
        status = "FAILED" if failure else "SUCCESSFUL"
        if not forward(payout.status, status):
            return False
        payout.status, payout.failure = status, failure
        if failure is None:
            payout.receipt = self._core.ids.receipt()
        else:
            self._wallets.credit(self._wallets.get(payout.wallet_id), payout.total)
        self._register.changed(payout, failure.code if failure else "network")
        return True

    def reverse(self, payout: Withdrawal) -> bool:
        """Undo a payout that had arrived: the network took it back, the wallet gets all of it; false before it arrived."""
        if payout.status != "SUCCESSFUL":
            return False
        payout.status = "REVERSED"
        self._wallets.credit(self._wallets.get(payout.wallet_id), payout.total)
        self._register.changed(payout, "network")
        return True

    def _schedule(self, payout: Withdrawal) -> None:
        clock, settings = self._core.clock, self._core.settings
        clock.after(settings.initiate_delay / 2, lambda: self._pass(payout, "PENDING"))
        clock.after(settings.initiate_delay, lambda: self._pass(payout, "IN_PROGRESS"))
        failure: Failure | None = None
        by_itself = magic(payout.target) if settings.environment == "sandbox" else None
        choice, delay = by_itself or (Choice.APPROVED, settings.payout_delay)
        if choice is None:
            return
        if settings.fail_withdrawals > 0:
            settings.fail_withdrawals -= 1
            failure = PROVIDER_FAILED
        elif choice is not Choice.APPROVED:
            failure = WHY[choice]
        if settings.auto_payout or failure is not None:
            clock.after(settings.initiate_delay + delay, self._ending(payout, failure))

    def _ending(self, payout: Withdrawal, failure: Failure | None) -> Callable[[], None]:
        def end() -> None:
            if not payout.held:
                self.settle(payout, failure)

        return end

    def _pass(self, payout: Withdrawal, status: str) -> None:
        # a payout is INITIATED before it is PENDING: the one place where the provider's order is not the usual one
        if payout.final() or payout.status == status:
            return
        payout.status = status
        self._register.changed(payout, "network")
