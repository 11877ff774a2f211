"""Selling crypto: crypto in to an escrow address, fiat out, and the crypto back when the fiat cannot be paid.

Kotani docs, offramp: PENDING, CRYPTO_RECEIVED, IN_PROGRESS, SUCCESSFUL; a payout that fails is refunded on the chain
after five minutes (REFUND_PENDING, then REFUNDED or REFUND_FAILED, which may be retried three times). Not documented
and decided here: a wrong amount fails and is refunded, crypto that comes after the end is refunded, the wallet pays
the gross fiat amount.
"""

from decimal import Decimal

from bot.simulator.kotani import payloads
from bot.simulator.kotani.collecting import WHY
from bot.simulator.kotani.core import Core
from bot.simulator.kotani.money import Market, check_amount
from bot.simulator.kotani.onramps import check_chain
from bot.simulator.kotani.phones import Choice, magic
from bot.simulator.kotani.records import Failure, Offramp
from bot.simulator.kotani.refusals import Refused, refused
from bot.simulator.kotani.register import Register
from bot.simulator.kotani.wallets import Wallet, Wallets
from bot.simulator.kotani.withdrawals import PROVIDER_FAILED

RETRIES = 3
WRONG_AMOUNT = Failure("The amount received does not match the transaction", "AMOUNT_MISMATCH")
SHORT = Failure("Insufficient Funds", "INSUFFICIENT_BALANCE")


class Offramps:
    """Creates offramps and moves them, refunds included."""

    def __init__(self, core: Core, register: Register, wallets: Wallets, market: Market) -> None:
        self._core = core
        self._register = register
        self._wallets = wallets
        self._market = market

    def create(
        self,
        *,
        reference: str,
        amount: Decimal,
        wallet: Wallet,
        chain: str,
        token: str,
        sender: str | None,
        target: str,
        to_phone: bool,
        customer_key: str,
        callback_url: str | None,
        rate_id: str | None,
        refund_config: dict[str, object] | None,
    ) -> Offramp:
        """Start a sale of `amount` crypto; without a sender the integrator's own wallet pays at once."""
        check_chain(chain, token, sender)
        reference = self._register.reference("offramp", reference)
        quote = self._market.take(rate_id, "offramp", wallet.currency, token, amount)
        try:
            if to_phone:
                check_amount(self._core, quote.transaction, wallet.currency)
            if wallet.balance < quote.fiat:
                raise refused("Insufficient Funds")
        except Refused:
            self._market.give_back(quote)
            raise
        core, now = self._core, self._core.clock.now()
        sale = Offramp(
            id=core.ids.uuid(), reference=reference, number=core.ids.number(), created=now, updated=now,
            callback_url=callback_url, customer_key=customer_key, quote=quote, chain=chain, token=token,
            currency=wallet.currency, wallet_id=wallet.id, sender=sender, target=target,
            escrow=core.ids.escrow(chain), own_wallet=sender is None, refund_config=refund_config,
        )  # fmt: skip
        self._register.add(sale)
        if sale.own_wallet:
            core.clock.after(core.settings.onchain_start_delay, lambda: self.receive(sale, amount))
        core.clock.after(core.settings.offramp_ttl, lambda: self._expire(sale))
        return sale

    def receive(self, sale: Offramp, amount: Decimal | None = None) -> bool:
        """Crypto arrives at the escrow address, the exact amount unless another is given; false when it came before."""
        if sale.received > 0:
            return False
        late = sale.final()
        sale.received = sale.quote.crypto if amount is None else amount
        sale.transaction_hash = self._core.ids.chain_hash(sale.chain)
        sale.onchain_status = "SUCCESSFUL"
        delay = self._core.settings.settle_delay
        if late:
            self._core.clock.after(self._core.settings.refund_delay, lambda: self._refund(sale))
        else:
            sale.status = "CRYPTO_RECEIVED"
            self._core.clock.after(delay, lambda: self._pay(sale))
        self._register.changed(sale, "chain")
        return True

    def cancel(self, sale: Offramp) -> None:
        """Void a sale before crypto came; refused afterwards."""
        if sale.status != "PENDING":
            raise refused("Transaction cannot be cancelled")
        sale.status = sale.onchain_status = "CANCELLED"
        self._register.changed(sale, "integrator")

    def retry_refund(self, sale: Offramp) -> None:
        """Try a failed refund again, three times at most."""
        if sale.status != "REFUND_FAILED" or sale.refund_retries >= RETRIES:
            raise refused("Cannot retry refund")
        sale.refund_retries += 1
        self._refund(sale)

    def submit_invoice(self, sale: Offramp, invoice: str) -> None:
        """Give the Lightning invoice that a refund waits for."""
        if sale.refund_status != "INVOICE_NEEDED":
            raise refused("No refund is waiting for an invoice")
        sale.invoice = invoice
        self._refund(sale)

    def _expire(self, sale: Offramp) -> None:
        if sale.status == "PENDING":
            sale.status = sale.onchain_status = "EXPIRED"
            self._register.changed(sale, "time")

    def _pay(self, sale: Offramp) -> None:
        if sale.received != sale.quote.crypto:
            self._fail(sale, WRONG_AMOUNT)
            return
        wallet = self._wallets.get(sale.wallet_id)
        try:
            self._wallets.debit(wallet, sale.quote.fiat)
        except Refused:
            self._fail(sale, SHORT)
            return
        sale.status = "IN_PROGRESS"
        self._register.changed(sale, "network")
        settings = self._core.settings
        choice, delay = magic(sale.target) or (Choice.APPROVED, settings.payout_delay)
        failure = None if choice is None or choice is Choice.APPROVED else WHY[choice]
        if settings.fail_withdrawals > 0:
            settings.fail_withdrawals -= 1
            failure = PROVIDER_FAILED
        if choice is not None and (settings.auto_payout or failure is not None):
            self._core.clock.after(delay, lambda: self.settle(sale, failure))

    def settle(self, sale: Offramp, failure: Failure | None = None) -> bool:
        """End the payout half now; false when it is not running."""
        if sale.status != "IN_PROGRESS":
            return False
        if failure is None:
            sale.status, sale.receipt = "SUCCESSFUL", self._core.ids.receipt()
            self._register.changed(sale, "network")
        else:
            self._wallets.credit(self._wallets.get(sale.wallet_id), sale.quote.fiat)
            self._fail(sale, failure)
        return True

    def _fail(self, sale: Offramp, failure: Failure) -> None:
        sale.status, sale.failure = "FAILED", failure
        self._register.changed(sale, failure.code)
        self._core.clock.after(self._core.settings.refund_delay, lambda: self._refund(sale))

    def _refund(self, sale: Offramp) -> None:
        sale.status, sale.refund_error = "REFUND_PENDING", None
        if sale.chain == "LIGHTNING" and sale.invoice is None and sale.refund_config is None:
            sale.refund_status = "INVOICE_NEEDED"
            self._register.changed(sale, "refund")
            self._tell(
                "refund.lightning.invoice_needed", {"referenceId": sale.reference, "amount_msat": sale.received}, sale
            )
            return
        sale.refund_status = "PENDING"
        self._register.changed(sale, "refund")
        self._core.clock.after(self._core.settings.refund_run, lambda: self._end_refund(sale))

    def _end_refund(self, sale: Offramp) -> None:
        settings = self._core.settings
        if settings.fail_refunds > 0:
            settings.fail_refunds -= 1
            sale.status, sale.refund_status, sale.refund_error = ("REFUND_FAILED", "FAILED", "Refund transfer failed")
        else:
            sale.status, sale.refund_status = "REFUNDED", "SUCCESSFUL"
            sale.refund_hash = self._core.ids.chain_hash(sale.chain)
        self._register.changed(sale, "refund")
        event, data = payloads.refund_event(sale)
        self._tell(event, data, sale)

    def _tell(self, event: str, data: dict[str, object], sale: Offramp) -> None:
        self._register.callbacks.announce(sale.reference, sale.callback_url, event, data)
