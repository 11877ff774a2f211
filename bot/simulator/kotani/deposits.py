"""Collections: mobile money and bank checkout. What succeeds lands, less the fee, in the wallet's deposit balance.

Kotani docs, deposits: PENDING, INITIATED, IN_PROGRESS, then SUCCESSFUL, FAILED or EXPIRED.
"""

from collections.abc import Callable
from decimal import Decimal

from bot.simulator.kotani.collecting import Collector
from bot.simulator.kotani.core import Core
from bot.simulator.kotani.money import Market, check_amount, check_country
from bot.simulator.kotani.records import Deposit, Failure, forward
from bot.simulator.kotani.refusals import refused
from bot.simulator.kotani.register import Register
from bot.simulator.kotani.wallets import Customer, Customers, Wallet, Wallets, market_of

Settled = Callable[[Deposit], None]

CHECKOUT_CURRENCIES = ("ZAR",)


class Deposits:
    """Creates collections and moves them; `on_success` hears of each that succeeded."""

    def __init__(
        self,
        core: Core,
        register: Register,
        wallets: Wallets,
        customers: Customers,
        market: Market,
        collector: Collector,
    ) -> None:
        self._core = core
        self._register = register
        self._wallets = wallets
        self._customers = customers
        self._market = market
        self._collector = collector
        self.on_success: list[Settled] = []

    def by_mobile_money(
        self,
        customer_key: str,
        amount: Decimal,
        wallet_id: str,
        *,
        reference: str | None,
        callback_url: str | None,
        currency: str | None = None,
        link_id: str | None = None,
    ) -> Deposit:
        """Ask a customer's phone for `amount`.

        Refuses unknown customers and wallets, currencies that are not the phone's, and used references.
        """
        customer = self._customers.able(self._customers.get(customer_key))
        check_country(self._core, customer.country, "DEPOSIT")
        wallet = self._wallets.usable(wallet_id)
        market_of(customer.phone, currency or wallet.currency, None)
        check_amount(self._core, amount, wallet.currency)
        reference = self._register.reference("deposit", reference)
        deposit = self._new(reference, wallet, amount, customer, customer.phone, callback_url)
        deposit.link_id = link_id
        self._register.add(deposit)
        self._collector.by_phone(deposit, customer.phone, amount, wallet.currency, self._mover(deposit))
        return deposit

    def by_checkout(
        self,
        name: str,
        phone: str,
        method: str,
        currency: str,
        amount: Decimal,
        *,
        reference: str | None,
        callback_url: str | None,
        return_url: str | None,
        base_url: str,
    ) -> Deposit:
        """Open a hosted page at `base_url` where the payer pays or declines."""
        if currency not in CHECKOUT_CURRENCIES:
            raise refused(f"Currency {currency} is not supported for bank checkout")
        wallet = self._wallets.of_currency(currency)
        reference = self._register.reference("deposit", reference)
        customer = self._customers.of_phone(phone)
        deposit = self._new(reference, wallet, amount, customer, phone, callback_url)
        deposit.checkout, deposit.method, deposit.name = True, method, name
        self._register.add(deposit)
        page = self._collector.by_checkout(deposit, phone, amount, currency, self._mover(deposit), return_url)
        deposit.redirect_url = f"{base_url}/checkout/{page.id}"
        return deposit

    def move(self, deposit: Deposit, status: str, failure: Failure | None = None) -> bool:
        """Move a deposit forward; false when it cannot go there any more."""
        if not forward(deposit.status, status):
            return False
        deposit.status, deposit.failure = status, failure
        if status == "SUCCESSFUL":
            wallet = self._wallets.get(deposit.wallet_id)
            deposit.receipt = self._core.ids.receipt()
            deposit.before = wallet.deposit_balance
            self._wallets.collect(wallet, deposit.net)
            deposit.after = wallet.deposit_balance
        self._register.changed(deposit, failure.code if failure else "payer")
        if status == "SUCCESSFUL":
            for hear in self.on_success:
                hear(deposit)
        return True

    def reverse(self, deposit: Deposit) -> bool:
        """Undo a collection that had arrived: the payer has the money again; false before it arrived."""
        if deposit.status != "SUCCESSFUL":
            return False
        deposit.status = "REVERSED"
        self._wallets.collect(self._wallets.get(deposit.wallet_id), -deposit.net)
        self._register.changed(deposit, "network")
        return True

    def _mover(self, deposit: Deposit) -> Callable[[str, Failure | None], None]:
        def move(status: str, failure: Failure | None) -> None:
            self.move(deposit, status, failure)

        return move

    def _new(
        self,
        reference: str,
        wallet: Wallet,
        amount: Decimal,
        customer: Customer | None,
        phone: str,
        callback_url: str | None,
    ) -> Deposit:
        core = self._core
        now = core.clock.now()
        cost = self._market.fee(amount, wallet.currency)
        return Deposit(
            id=core.ids.uuid(), reference=reference, number=core.ids.number(), created=now, updated=now,
            callback_url=callback_url, customer_key=customer.key if customer else core.ids.uuid(), wallet_id=wallet.id,
            currency=wallet.currency, amount=amount, cost=cost, net=amount - cost, phone=phone,
        )  # fmt: skip
