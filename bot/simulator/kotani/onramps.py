"""Buying crypto: the payer's fiat in, then crypto to an address; and crypto sent from the integrator's own wallet.

Kotani docs, onramp: two statuses, `depositStatus` and `onchainStatus`. When the crypto cannot be sent after the fiat
was taken, the fiat is credited to the integrator's wallet and the customer is the integrator's to refund; here it
goes to the payout balance, all of it, fee included.
"""

import re
from collections.abc import Callable
from decimal import Decimal

from bot.simulator.kotani.catalogue import EVM_CHAINS, SERVED
from bot.simulator.kotani.collecting import Collector
from bot.simulator.kotani.core import Core
from bot.simulator.kotani.deposits import CHECKOUT_CURRENCIES
from bot.simulator.kotani.money import Market, check_amount, check_country
from bot.simulator.kotani.records import FINAL, CryptoSend, Failure, Onramp, forward
from bot.simulator.kotani.refusals import refused
from bot.simulator.kotani.register import Register
from bot.simulator.kotani.wallets import Customers, Wallets, market_of

NOT_SENT = Failure("Crypto transfer failed after retries", "CRYPTO_TRANSFER_FAILED")
_EVM = re.compile(r"0x[0-9a-fA-F]{40}")


def check_chain(chain: str, token: str, receiver: str | None) -> None:
    """Refuse pairs that are not served, and addresses that cannot be right on chains of the Ethereum family."""
    if token not in SERVED.get(chain, ()):
        raise refused(f"Token {token} is not supported on {chain}")
    if receiver is not None and chain in EVM_CHAINS and not _EVM.fullmatch(receiver):
        raise refused("Invalid receiver address")


class Onramps:
    """Creates onramps and moves both of their statuses."""

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

    def create(
        self,
        *,
        reference: str,
        amount: Decimal,
        currency: str,
        chain: str,
        token: str,
        receiver: str,
        callback_url: str | None,
        rate_id: str | None,
        wallet_id: str | None,
        phone: str,
        name: str,
        network: str | None,
        base_url: str,
    ) -> Onramp:
        """Start a purchase; a `network` means a prompt on the phone, none means a hosted page at `base_url`."""
        check_chain(chain, token, receiver)
        if network is not None:
            market = market_of(phone, currency, network)
            check_country(self._core, market.iso2, "DEPOSIT")
            wallet = self._wallets.of_currency(currency, None if currency == "USD" else market.iso2)
            check_amount(self._core, amount, currency)
        elif currency in CHECKOUT_CURRENCIES:
            wallet = self._wallets.of_currency(currency)
        else:
            raise refused(f"Currency {currency} is not supported for bank checkout")
        if wallet_id is not None:
            wallet = self._wallets.usable(wallet_id)
            if wallet.currency != currency:
                raise refused("Wallet currency does not match")
        reference = self._register.reference("onramp", reference)
        quote = self._market.take(rate_id, "onramp", currency, token, amount)
        customer = self._customers.of_phone(phone)
        if network is not None:
            customer = self._customers.find_or_create(phone, name, network)
        core, now = self._core, self._core.clock.now()
        onramp = Onramp(
            id=core.ids.uuid(), reference=reference, number=core.ids.number(), created=now, updated=now,
            callback_url=callback_url, customer_key=customer.key if customer else core.ids.uuid(), quote=quote,
            chain=chain, token=token, currency=currency, receiver=receiver, phone=phone, wallet_id=wallet.id,
        )  # fmt: skip
        self._register.add(onramp)
        if network is not None:
            self._collector.by_phone(onramp, phone, quote.transaction, currency, self._mover(onramp))
        else:
            page = self._collector.by_checkout(onramp, phone, quote.transaction, currency, self._mover(onramp))
            onramp.redirect_url = f"{base_url}/checkout/{page.id}"
        return onramp

    def deliver(self, onramp: Onramp, *, succeed: bool) -> bool:
        """Settle or fail the on-chain half now; false when it is decided or the fiat has not come."""
        if onramp.deposit_status != "SUCCESSFUL" or onramp.onchain_status in FINAL:
            return False
        if succeed:
            onramp.transaction_hash = self._core.ids.chain_hash(onramp.chain)
            onramp.onchain_status = onramp.status = "SUCCESSFUL"
        else:
            onramp.onchain_status = onramp.status = "FAILED"
            onramp.failure = NOT_SENT
            self._wallets.credit(self._wallets.get(onramp.wallet_id), onramp.quote.transaction)
        self._register.changed(onramp, "chain")
        return True

    def send(self, reference: str, chain: str, token: str, amount: Decimal, receiver: str) -> CryptoSend:
        """Send crypto from the integrator's own wallet, which never runs dry here."""
        check_chain(chain, token, receiver)
        reference = self._register.reference("crypto", reference)
        core, now = self._core, self._core.clock.now()
        sent = CryptoSend(
            id=core.ids.uuid(), reference=reference, number=core.ids.number(), created=now, updated=now,
            callback_url=None, chain=chain, token=token, amount=amount, receiver=receiver,
        )  # fmt: skip
        self._register.add(sent)

        def move(status: str) -> None:
            if forward(sent.status, status):
                sent.status = status
                if status == "SUCCESSFUL":
                    sent.transaction_hash = core.ids.chain_hash(chain)
                self._register.changed(sent, "chain")

        core.clock.after(core.settings.onchain_start_delay, lambda: move("IN_PROGRESS"))
        total = core.settings.onchain_start_delay + core.settings.onchain_finish_delay
        core.clock.after(total, lambda: move("SUCCESSFUL"))
        return sent

    def _mover(self, onramp: Onramp) -> Callable[[str, Failure | None], None]:
        def move(status: str, failure: Failure | None) -> None:
            if not forward(onramp.deposit_status, status):
                return
            onramp.deposit_status, onramp.failure = status, failure
            if status == "SUCCESSFUL":
                onramp.status = "IN_PROGRESS"
                onramp.receipt = self._core.ids.receipt()
                self._core.clock.after(self._core.settings.onchain_start_delay, lambda: self._start(onramp))
            else:
                onramp.status = status
                if status in FINAL:
                    onramp.onchain_status = "CANCELLED"
            self._register.changed(onramp, failure.code if failure else "payer")

        return move

    def _start(self, onramp: Onramp) -> None:
        if not forward(onramp.onchain_status, "IN_PROGRESS"):
            return
        settings = self._core.settings
        onramp.onchain_status = "IN_PROGRESS"
        if settings.fail_deliveries > 0:
            settings.fail_deliveries -= 1
            onramp.doomed = True
        self._register.changed(onramp, "chain")
        if settings.auto_deliver or onramp.doomed:
            self._core.clock.after(
                settings.onchain_finish_delay, lambda: self.deliver(onramp, succeed=not onramp.doomed)
            )
