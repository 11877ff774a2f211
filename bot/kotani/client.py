"""The provider's API as methods: quote, create, ask. What an answer means stands in `answers`, what is sent in `wire`.

Calls that move nothing are tried a few times within one deadline; calls that move money are made once, and whoever
made them asks for the reference before anything else. After a 429 reads are held back until the time that was asked
for has passed; creates are not, so that polling slows down first.
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from types import TracebackType
from typing import Final, Literal, Self, TypeVar

import httpx
import stamina

from bot.kotani import wire, wire_rates
from bot.kotani.account import LINK_PAGES, Account
from bot.kotani.calls import Call
from bot.kotani.errors import KotaniError, NotSent, RateLimited, ServiceNotEnabled, Unanswered
from bot.kotani.requests import (
    CheckoutRequest,
    DepositRequest,
    OfframpRequest,
    OnrampRequest,
    Payout,
    RefundInvoice,
)
from bot.kotani.results import (
    Created,
    FiatQuote,
    Offramp,
    Quote,
    Rate,
    Refund,
)
from bot.kotani.sending import Sender
from bot.kotani.signing import Signer
from bot.payments.reports import Report

T = TypeVar("T")
Observer = Callable[[str, str, float], None]

DEADLINE: Final = 25.0  # seconds for any call, all its tries included
_TRIES: Final = 3
_CONNECTIONS: Final = httpx.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=30)


class Kotani(Account):
    """One account at the provider. Use as an async context manager, or call `aclose`.

    `base_url` is the host of one environment; `api_secret` switches request signing on. `http` is a client to share,
    which stays open; otherwise one is made, over `transport` where that is given. `observer` is told the operation,
    the outcome ("ok" or an error's name) and the seconds of every call; `not_enabled` of every refusal of a service.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        api_secret: str | None = None,
        http: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        trust: ssl.SSLContext | None = None,
        deadline: float = DEADLINE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        observer: Observer | None = None,
        not_enabled: Callable[[ServiceNotEnabled], None] | None = None,
        link_pages: str = LINK_PAGES,
    ) -> None:
        if http is not None and transport is not None:
            raise ValueError("either a client or a transport")
        super().__init__(link_pages)
        self._own = None
        if http is None:
            http = self._own = httpx.AsyncClient(
                transport=transport, trust_env=False, limits=_CONNECTIONS, verify=True if trust is None else trust
            )
        signer = Signer(api_secret, clock) if api_secret is not None else None
        self._sender = Sender(http, base_url=base_url, api_key=api_key, signer=signer, clock=clock)
        self._deadline = deadline
        self._observer = observer
        self._not_enabled = not_enabled
        self._held_until = 0.0

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

    # quotes

    async def quote_onramp(
        self, *, currency: str, token: str, fiat_amount: Decimal | None = None, crypto_amount: Decimal | None = None
    ) -> Quote:
        """A quote for fiat to crypto from one of the two amounts; the fee comes on top of the fiat.

        Whether `source` is understood everywhere is not sure: hold the answer's crypto amount against the one asked
        for.
        """
        return await self._do(wire_rates.quote_onramp(currency, token, fiat=fiat_amount, crypto=crypto_amount))

    async def quote_offramp(
        self, *, token: str, currency: str, crypto_amount: Decimal | None = None, fiat_amount: Decimal | None = None
    ) -> Quote:
        """A quote for crypto to fiat from one of the two amounts; the fee is taken from the fiat."""
        return await self._do(wire_rates.quote_offramp(token, currency, crypto=crypto_amount, fiat=fiat_amount))

    async def quote_fiat(self, *, source: str, target: str, amount: Decimal) -> FiatQuote:
        """What an amount in one currency pays out in another."""
        return await self._do(wire_rates.quote_fiat(source, target, amount))

    async def rate(self, source: str, target: str) -> Rate:
        """An indication; nothing is paid by it."""
        return await self._do(wire_rates.rate(source, target))

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

    # sending

    async def _do(self, call: Call[T], /) -> T:
        """Make a call and tell the observer how it went."""
        started = time.monotonic()
        outcome = "cancelled"
        try:
            result = await (self._read(call) if call.harmless else self._once(call, self._deadline))
            outcome = "ok"
        except KotaniError as error:
            outcome = type(error).__name__
            if isinstance(error, ServiceNotEnabled) and self._not_enabled is not None:
                self._not_enabled(error)
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
            on=_may_pass, attempts=_TRIES, timeout=self._deadline / 2, wait_initial=0.2, wait_jitter=0.2
        )
        async for attempt in tries:
            with attempt:
                left = max(ends - time.monotonic(), 0.1)
                return await self._once(call, left / 2 if attempt.num < _TRIES else left)
        raise AssertionError("the last attempt returns or raises")


def _may_pass(error: Exception) -> bool:
    """Whether a harmless call that failed may succeed in a moment."""
    return isinstance(error, NotSent) or (isinstance(error, Unanswered) and error.passing)
