"""The provider's API as methods: quote, create, ask. What an answer means stands in `answers`, what is sent in `wire`.

Calls that move nothing are tried a few times within one deadline; calls that move money are made once, and whoever
made them asks for the reference before anything else. After a 429 reads are held back until the time that was asked
for has passed; creates are not, so that polling slows down first.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from types import TracebackType
from typing import Final, Literal, Self, TypeVar

import httpx
import stamina

from bot.kotani import wire, wire_account
from bot.kotani.calls import Call
from bot.kotani.customers import ensure_customer
from bot.kotani.errors import KotaniError, NotSent, RateLimited, Unanswered
from bot.kotani.links import LinkRequest
from bot.kotani.requests import (
    CheckoutRequest,
    CustomerChange,
    CustomerRequest,
    DepositRequest,
    OfframpRequest,
    OnrampRequest,
    Payout,
    RefundInvoice,
)
from bot.kotani.results import (
    Bank,
    Created,
    Customer,
    FiatQuote,
    Health,
    Offramp,
    PaymentLink,
    Quote,
    Rate,
    Refund,
    SupportedCountry,
    Wallet,
    WebhookSettings,
)
from bot.kotani.sending import Sender
from bot.kotani.signing import Signer
from bot.kotani.wallets import WalletFinder
from bot.payments.reports import Report

T = TypeVar("T")
Observer = Callable[[str, str, float], None]

DEADLINE: Final = 25.0  # seconds for any call, all its tries included
LINK_PAGES: Final = "https://pay.kotanipay.com/l"
_TRIES: Final = 3
_CONNECTIONS: Final = httpx.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=30)


class Kotani:
    """One account at the provider. Use as an async context manager, or call `aclose`.

    `base_url` is the host of one environment; `api_secret` switches request signing on. `http` is a client to share,
    which stays open; otherwise one is made, over `transport` where that is given. `observer` is told the operation,
    the outcome ("ok" or an error's name) and the seconds of every call.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        api_secret: str | None = None,
        http: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        deadline: float = DEADLINE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        observer: Observer | None = None,
        link_pages: str = LINK_PAGES,
    ) -> None:
        if http is not None and transport is not None:
            raise ValueError("either a client or a transport")
        self._own = None
        if http is None:
            http = self._own = httpx.AsyncClient(transport=transport, trust_env=False, limits=_CONNECTIONS)
        signer = Signer(api_secret, clock) if api_secret is not None else None
        self._sender = Sender(http, base_url=base_url, api_key=api_key, signer=signer, clock=clock)
        self._deadline = deadline
        self._observer = observer
        self._link_pages = link_pages
        self._held_until = 0.0
        self._wallets = WalletFinder(self._do)

    def __repr__(self) -> str:
        return f"Kotani({self._sender.base_url})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections, unless the client was given from outside."""
        if self._own is not None:
            await self._own.aclose()

    # account

    async def health(self) -> Health:
        """Whether the provider says that it is well."""
        return await self._do(wire_account.health())

    async def wallets(self) -> tuple[Wallet, ...]:
        """All fiat wallets, with fresh balances."""
        return await self._do(wire_account.wallets())

    async def wallet(self, wallet_id: str) -> Wallet:
        """One fiat wallet. Raises `NotFound`."""
        return await self._do(wire_account.wallet(wallet_id))

    async def wallet_for(self, currency: str, country: str | None = None) -> Wallet:
        """The wallet for payouts in a currency (XOF, XAF and USD have one for each country), its balances always
        fresh.
        """
        return await self._wallets.find(currency, country)

    async def create_wallet(self, name: str, currency: str, country: str | None = None) -> Wallet:
        """A new fiat wallet."""
        return await self._do(wire_account.create_wallet(name, currency, country))

    async def transfer_deposit_balance(self, wallet_id: str, amount: Decimal | None = None) -> None:
        """Move collected money into the payout balance: for operators only, never repeated by itself."""
        await self._do(wire_account.transfer_deposit_balance(wallet_id, amount))

    async def customers(self) -> tuple[Customer, ...]:
        """All mobile-money customers."""
        return await self._do(wire_account.customers())

    async def customer(self, key: str) -> Customer:
        """One mobile-money customer. Raises `NotFound`."""
        return await self._do(wire_account.customer(key))

    async def customer_of_phone(self, phone: str) -> Customer:
        """The mobile-money customer with this phone. Raises `NotFound`."""
        return await self._do(wire_account.customer_of_phone(phone))

    async def create_customer(self, request: CustomerRequest) -> Customer:
        """A new mobile-money customer."""
        return await self._do(wire_account.create_customer(request))

    async def update_customer(self, key: str, change: CustomerChange) -> Customer:
        """Change a customer; the phone stays."""
        return await self._do(wire_account.update_customer(key, change))

    async def ensure_customer(self, *, phone: str, country: str, network: str | None, name: str) -> Customer:
        """The customer with this phone, made when there is none; its network is set to the one asked for."""
        return await ensure_customer(
            self._do, CustomerRequest(phone=phone, country=country, network=network, account_name=name)
        )

    async def countries(self, service: wire_account.ServiceType) -> tuple[SupportedCountry, ...]:
        """Where the provider collects (DEPOSIT) or pays out (WITHDRAW), and what is enabled for our account."""
        return await self._do(wire_account.countries(service))

    async def networks(self, country: str) -> tuple[str, ...]:
        """The networks of a country."""
        return await self._do(wire_account.networks(country))

    async def banks(self, currency: str | None = None) -> tuple[Bank, ...]:
        """The banks that can be paid out to."""
        return await self._do(wire_account.banks(currency))

    async def update_webhook(
        self,
        *,
        url: str | None = None,
        secret: str | None = None,
        events: Sequence[str] = (),
        disabled: bool | None = None,
    ) -> WebhookSettings:
        """Set where callbacks go, how they are signed and which are sent."""
        return await self._do(wire_account.update_webhook(url=url, secret=secret, events=events, disabled=disabled))

    # quotes

    async def quote_onramp(
        self, *, currency: str, token: str, fiat_amount: Decimal | None = None, crypto_amount: Decimal | None = None
    ) -> Quote:
        """A quote for fiat to crypto from one of the two amounts; the fee comes on top of the fiat.

        Whether `source` is understood everywhere is not sure: hold the answer's crypto amount against the one asked
        for.
        """
        return await self._do(wire.quote_onramp(currency, token, fiat=fiat_amount, crypto=crypto_amount))

    async def quote_offramp(
        self, *, token: str, currency: str, crypto_amount: Decimal | None = None, fiat_amount: Decimal | None = None
    ) -> Quote:
        """A quote for crypto to fiat from one of the two amounts; the fee is taken from the fiat."""
        return await self._do(wire.quote_offramp(token, currency, crypto=crypto_amount, fiat=fiat_amount))

    async def quote_fiat(self, *, source: str, target: str, amount: Decimal) -> FiatQuote:
        """What an amount in one currency pays out in another."""
        return await self._do(wire.quote_fiat(source, target, amount))

    async def rate(self, source: str, target: str) -> Rate:
        """An indication; nothing is paid by it."""
        return await self._do(wire.rate(source, target))

    # transactions

    async def create_onramp(self, request: OnrampRequest) -> Created:
        """Begin to turn a payer's fiat into crypto for an address."""
        return await self._do(wire.create_onramp(request))

    async def onramp(self, reference: str) -> Report:
        """How an onramp stands. Raises `NotFound` when there is none."""
        return await self._do(wire.onramp(reference))

    async def create_offramp(self, request: OfframpRequest) -> Offramp:
        """Begin to turn a sender's crypto into fiat for a receiver."""
        return await self._do(wire.create_offramp(request))

    async def offramp(self, reference: str) -> Offramp:
        """How an offramp stands. Raises `NotFound` when there is none."""
        return await self._do(wire.offramp(reference))

    async def cancel_offramp(self, reference: str) -> None:
        """Cancel an offramp before its crypto arrives; ask for its status afterwards."""
        await self._do(wire.cancel_offramp(reference))

    async def refund_status(self, reference: str) -> Refund:
        """How the return of an offramp's crypto stands."""
        return await self._do(wire.refund_status(reference))

    async def retry_refund(self, reference: str) -> Refund:
        """Have a failed refund tried again: three times at most."""
        return await self._do(wire.retry_refund(reference))

    async def submit_refund_invoice(self, reference: str, invoice: RefundInvoice) -> Refund:
        """Hand in the Lightning invoice for a refund."""
        return await self._do(wire.submit_refund_invoice(reference, invoice))

    async def create_deposit(self, request: DepositRequest) -> Created:
        """Ask a customer's phone for money."""
        return await self._do(wire.create_deposit(request))

    async def deposit(self, reference: str) -> Report:
        """How a mobile-money deposit stands. Raises `NotFound` when there is none."""
        return await self._do(wire.deposit(reference))

    async def create_checkout(self, request: CheckoutRequest) -> Created:
        """Open a bank's page to pay on; the report's `redirect_url` leads there."""
        return await self._do(wire.create_checkout(request))

    async def checkout(self, reference: str) -> Report:
        """How a bank checkout stands, as far as the provider tells. Raises `NotFound` when there is none."""
        return await self._do(wire.checkout(reference))

    async def create_withdrawal(self, request: Payout) -> Created:
        """Pay out from the payout balance, to what the request's class says."""
        return await self._do(wire.create_withdrawal(request))

    async def withdrawal(self, reference: str, *, version: Literal[1, 2] = 1) -> Report:
        """How a payout stands (version 2: South African bank payouts). Raises `NotFound` when there is none."""
        return await self._do(wire.withdrawal(reference, version))

    # payment links

    async def create_link(self, request: LinkRequest) -> PaymentLink:
        """A page where anybody can pay. Raises `ServiceNotEnabled` where the account has none."""
        return await self._do(wire_account.create_link(request, self._link_pages))

    async def payment_links(self) -> tuple[PaymentLink, ...]:
        """All payment links."""
        return await self._do(wire_account.payment_links(self._link_pages))

    async def payment_link(self, link_id: str) -> PaymentLink:
        """One payment link. Raises `NotFound`."""
        return await self._do(wire_account.payment_link(link_id, self._link_pages))

    async def link_payments(self, link_id: str) -> tuple[Report, ...]:
        """What was paid on a link."""
        return await self._do(wire_account.link_payments(link_id))

    async def close_link(self, link_id: str) -> PaymentLink:
        """Take no more payments on a link."""
        return await self._do(wire_account.close_link(link_id, self._link_pages))

    # sending

    async def _do(self, call: Call[T]) -> T:
        """Make a call and tell the observer how it went."""
        started = time.monotonic()
        outcome = "cancelled"
        try:
            result = await (self._read(call) if call.harmless else self._once(call, self._deadline))
            outcome = "ok"
        except KotaniError as error:
            outcome = type(error).__name__
            raise
        finally:
            if self._observer is not None:
                self._observer(call.operation, outcome, time.monotonic() - started)
        return result

    async def _once(self, call: Call[T], within: float) -> T:
        try:
            return await self._sender.send(call, within)
        except RateLimited as error:
            self._held_until = max(self._held_until, time.monotonic() + error.retry_after)
            raise

    async def _read(self, call: Call[T]) -> T:
        """Try a harmless call up to three times within the deadline, after the time for which reads are held back."""
        ends = time.monotonic() + self._deadline
        held = self._held_until - time.monotonic()
        if held > self._deadline / 2:
            raise RateLimited(call.operation, retry_after=held)
        if held > 0:
            await asyncio.sleep(held)
        tries = stamina.retry_context(
            on=(NotSent, Unanswered), attempts=_TRIES, timeout=self._deadline / 2, wait_initial=0.2, wait_jitter=0.2
        )
        async for attempt in tries:
            with attempt:
                left = max(ends - time.monotonic(), 0.1)
                return await self._once(call, left / 2 if attempt.num < _TRIES else left)
        raise AssertionError("the last attempt returns or raises")
