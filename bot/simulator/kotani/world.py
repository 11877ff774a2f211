"""The simulated provider as one object: its books, its clock, and what tests and the demo may do to it.

Everything lives in memory and is the same again for the same seed. The control methods here are what the control
interface calls; tests in the same process call them directly.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from bot.simulator.clock import WorldClock
from bot.simulator.faults import Faults, Rule
from bot.simulator.kotani import payloads
from bot.simulator.kotani.callbacks import Callbacks, Delivery, Forgery
from bot.simulator.kotani.collecting import Collector
from bot.simulator.kotani.core import Core, Ids
from bot.simulator.kotani.deposits import Deposits
from bot.simulator.kotani.links import Links
from bot.simulator.kotani.money import Market
from bot.simulator.kotani.offramps import Offramps
from bot.simulator.kotani.onramps import Onramps
from bot.simulator.kotani.phones import Choice, Phones, Prompt
from bot.simulator.kotani.records import Deposit, Offramp, Onramp, Transaction, Withdrawal
from bot.simulator.kotani.register import Creates, Register
from bot.simulator.kotani.settings import Settings, apply
from bot.simulator.kotani.wallets import Customers, Wallets
from bot.simulator.kotani.withdrawals import PROVIDER_FAILED, Withdrawals
from bot.simulator.living import Living
from bot.simulator.pulse import Pulse


@dataclass(slots=True)
class RequestSeen:
    """One request to the provider's API; `status` is `None` while it is open and when it got no answer."""

    at: datetime
    method: str
    path: str
    operation: str
    reference: str | None
    fault: str | None
    status: int | None = None


class KotaniWorld(Living):
    """A provider of its own; time passes and callbacks leave between `start()` and `stop()`."""

    def __init__(
        self, *, settings: Settings | None = None, clock: WorldClock | None = None, seed: int | None = 1
    ) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self.clock = clock or WorldClock()
        self.core = core = Core(self.clock, self.settings, Ids(seed), Pulse())
        self.callbacks = Callbacks(core)
        self.register = Register(core, self.callbacks)
        self.faults = Faults()
        self.phones = Phones(core)
        self.wallets = Wallets(core)
        self.customers = Customers(core)
        self.market = Market(core)
        collector = Collector(core, self.phones)
        ground = (core, self.register, self.wallets, self.customers, self.market, collector)
        self.deposits = Deposits(*ground)
        self.onramps = Onramps(*ground)
        self.offramps = Offramps(core, self.register, self.wallets, self.market)
        self.withdrawals = Withdrawals(core, self.register, self.wallets, self.market)
        self.links = Links(core, self.deposits, self.customers, self.wallets)
        self.requests: list[RequestSeen] = []

    # time

    def _work(self) -> tuple[Coroutine[object, object, None], ...]:
        return self.clock.run(), self.callbacks.run()

    async def until(self, fact: Callable[[], bool], within: float = 20.0) -> None:
        """Wait until something is so; raises `TimeoutError` after `within` real seconds."""
        if not await self.core.pulse.until(fact, within):
            raise TimeoutError("the simulated world did not come to that")

    async def advance(self, seconds: float) -> None:
        """Jump ahead; due steps run in order and the callbacks of each have been answered before the next."""
        await self.clock.advance(seconds, self._settled)
        await self._settled()

    async def _settled(self) -> None:
        await self.callbacks.idle(self.settings.callback_timeout * 2)

    def configure(self, **changes: object) -> None:
        """Change settings by name; see `Settings`. Raises `ValueError` for unknown names and wrong values."""
        apply(self.settings, changes)

    # the customer's phone and bank page

    def prompts(self, phone: str | None = None) -> list[Prompt]:
        """The prompts that wait on a phone, or on all."""
        return self.phones.waiting(phone)

    def approve(self, prompt: str) -> bool:
        """Enter the PIN for a prompt (or press Pay on a checkout), by prompt id or reference."""
        return self.phones.decide(prompt, Choice.APPROVED)

    def decline(self, prompt: str, reason: Choice = Choice.CANCELLED) -> bool:
        """Refuse a prompt; `reason` may also be insufficient funds or a wrong PIN."""
        return self.phones.decide(prompt, reason)

    def ignore(self, prompt: str) -> bool:
        """Let a prompt lie until it expires."""
        return self.phones.ignore(prompt)

    def reopen(self, prompt: str) -> bool:
        """Look again at a prompt that was ignored."""
        return self.phones.reopen(prompt)

    # the chain and the payout rails

    def send_crypto(self, reference: str, amount: Decimal | None = None) -> bool:
        """Crypto reaches the escrow address of an offramp; the exact amount unless another is given."""
        return self.offramps.receive(self.register.find(Offramp, reference), amount)

    def deliver(self, reference: str, *, succeed: bool = True) -> bool:
        """Settle or fail the on-chain half of an onramp whose fiat has arrived."""
        return self.onramps.deliver(self.register.find(Onramp, reference), succeed=succeed)

    def settle(self, reference: str, *, succeed: bool = True) -> bool:
        """End a payout (a withdrawal, or the fiat half of an offramp) now."""
        failure = None if succeed else PROVIDER_FAILED
        tx = self.register.any(reference)
        if isinstance(tx, Withdrawal):
            return self.withdrawals.settle(tx, failure)
        return isinstance(tx, Offramp) and self.offramps.settle(tx, failure)

    def reverse(self, reference: str) -> bool:
        """Undo a collection or a payout that had arrived."""
        tx = self.register.any(reference)
        if isinstance(tx, Deposit):
            return self.deposits.reverse(tx)
        return isinstance(tx, Withdrawal) and self.withdrawals.reverse(tx)

    def fail_next(self, *, deliveries: int = 0, withdrawals: int = 0, refunds: int = 0) -> None:
        """Make the next so many on-chain deliveries, payouts and refunds fail."""
        self.settings.fail_deliveries += deliveries
        self.settings.fail_withdrawals += withdrawals
        self.settings.fail_refunds += refunds

    def force(self, reference: str, **statuses: str) -> bool:
        """Put status words on a transaction as they are, known or not: `status`, `depositStatus`, `onchainStatus`.

        No balance changes. A withdrawal that is forced is not settled by its schedule any more.
        """
        tx = self.register.any(reference)
        if tx is None:
            return False
        tx.status = statuses.get("status", tx.status)
        if isinstance(tx, Onramp):
            tx.deposit_status = statuses.get("depositStatus", tx.deposit_status)
        if isinstance(tx, Onramp | Offramp):
            tx.onchain_status = statuses.get("onchainStatus", tx.onchain_status)
        if isinstance(tx, Withdrawal):
            tx.held = True
        self.register.changed(tx, "forced")
        return True

    def pay_link(self, link: str, phone: str, name: str, amount: Decimal | None = None) -> Deposit:
        """Pay on a payment link by id or short code; the payer's phone is asked."""
        return self.links.pay(self.links.get(link), phone, name, amount)

    # what goes wrong

    def inject(self, rule: Rule) -> Rule:
        """Put a fault in force."""
        return self.faults.add(rule)

    def release(self, order: Literal["forward", "reversed"] = "forward", reference: str | None = None) -> int:
        """Send the callbacks that are on hold."""
        return self.callbacks.release(order, reference)

    def repeat(self, reference: str, copies: int = 1) -> int:
        """Send the callbacks of a transaction again."""
        return self.callbacks.repeat(reference, copies)

    def forge(self, reference: str, how: Forgery = "wrong_secret", status: str = "SUCCESSFUL") -> Delivery | None:
        """Send a callback that claims `status` with a bad signature; `None` without a callback URL."""
        tx = self.register.any(reference)
        told = payloads.callback(tx, self.clock.now()) if tx is not None else None
        url = (tx.callback_url if tx is not None else None) or self.settings.webhook_url
        if told is None or not url:
            return None
        event, data = told
        lie: dict[str, object] = {
            name: status if name in ("status", "depositStatus", "onchainStatus") else value
            for name, value in data.items()
        }
        return self.callbacks.forge(reference, url, event, lie, how)

    # what can be asked

    def transaction(self, reference: str) -> Transaction | None:
        """The newest transaction of any kind under a reference."""
        return self.register.any(reference)

    def creates(self, reference: str) -> Creates:
        """How often a reference was asked for and how often that made a transaction, over all kinds."""
        found = [counted for (_, known), counted in self.register.creates.items() if known == reference]
        return Creates(sum(counted.attempted for counted in found), sum(counted.accepted for counted in found))
