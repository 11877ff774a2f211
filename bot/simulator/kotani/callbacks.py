"""Callbacks to the integrator: signed or direct, repeated until they are acknowledged, and only ever to this machine.

Kotani docs, webhooks: with a webhook secret the body is an envelope whose signature covers `JSON.stringify({event,
data})`; without one the data travels bare. A callback that is not answered with 200 comes again for 24 hours. The retry
distances are not published; ours double from `callback_retry` seconds up to an hour.
"""

import asyncio
import hashlib
import hmac
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import httpx

from bot.simulator.kotani.core import Core
from bot.simulator.kotani.jsjson import stringify
from bot.simulator.loopback import is_loopback, loopback_client

State = Literal["queued", "held", "retrying", "delivered", "given up", "refused", "suppressed"]
Forgery = Literal["wrong_secret", "unsigned", "altered", "empty"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: the answer's status, or what went wrong on the way."""

    at: datetime
    status: int | None
    error: str = ""


@dataclass(slots=True)
class Delivery:
    """One callback. `body` is exactly what is sent; it does not change when the transaction moves on."""

    id: int
    reference: str
    event: str
    url: str
    body: bytes
    headers: dict[str, str]
    made: datetime
    state: State = "queued"
    forged: bool = False
    attempts: list[Attempt] = field(default_factory=list)


class Callbacks:
    """Everything that was or will be sent, oldest first."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.all: list[Delivery] = []
        self._due: deque[Delivery] = deque()
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._lines: dict[str, asyncio.Lock] = {}

    def announce(
        self, reference: str, url: str | None, event: str, data: Mapping[str, object], *, final: bool = True
    ) -> None:
        """Send an event about a transaction, as the settings say: now, on hold, several times, or not at all."""
        settings = self._core.settings
        target = url or settings.webhook_url
        if not target or settings.disable_webhooks or (settings.callback_on == "terminal" and not final):
            return
        if settings.webhook_secret and settings.webhook_events and event not in settings.webhook_events:
            return
        for _ in range(1 + settings.callback_duplicates):
            delivery = self._make(reference, target, event, data, settings.webhook_secret)
            if settings.callback_mode == "none":
                delivery.state = "suppressed"
            elif settings.callback_mode == "hold":
                delivery.state = "held"
            else:
                self._send(delivery)

    def release(self, order: Literal["forward", "reversed"] = "forward", reference: str | None = None) -> int:
        """Send what is on hold, in the given order; tells how many."""
        held = [entry for entry in self.all if entry.state == "held" and reference in (None, entry.reference)]
        for delivery in reversed(held) if order == "reversed" else held:
            self._send(delivery)
        return len(held)

    def repeat(self, reference: str, copies: int = 1) -> int:
        """Send every callback of a transaction again, byte for byte; tells how many were queued."""
        earlier = [entry for entry in self.all if entry.reference == reference and not entry.forged]
        for _ in range(copies):
            for entry in earlier:
                self._send(self._copy(entry))
        return len(earlier) * copies

    def forge(self, reference: str, url: str, event: str, data: Mapping[str, object], how: Forgery) -> Delivery:
        """Send a lie about a transaction, once, with a signature that cannot be right (or with none)."""
        secret = self._core.settings.webhook_secret
        delivery = self._make(
            reference, url, event, data, "not-" + secret if how == "wrong_secret" else secret or "none"
        )
        delivery.forged = True
        if how == "altered":
            delivery.body = delivery.body.replace(b'"data":{', b'"data":{"note":"altered",', 1)
        elif how == "unsigned":
            delivery.headers.pop("X-Kotani-Signature")
        elif how == "empty":
            delivery.headers["X-Kotani-Signature"] = ""
        self._send(delivery)
        return delivery

    async def run(self) -> None:
        """Send what is queued until cancelled; callbacks of one transaction leave in order, others at the same time."""
        async with loopback_client() as client:
            try:
                while True:
                    await self._wake.wait()
                    self._wake.clear()
                    while self._due:
                        task = asyncio.create_task(self._attempt(client, self._due.popleft()))
                        self._running.add(task)
                        task.add_done_callback(self._done)
            finally:
                for task in tuple(self._running):
                    task.cancel()
                await asyncio.gather(*self._running, return_exceptions=True)

    async def idle(self, within: float = 30.0) -> bool:
        """Wait until nothing is queued or on its way; tells whether it came to that within real seconds."""
        return await self._core.pulse.until(lambda: not self._due and not self._running, within)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._core.pulse.beat()

    def _make(self, reference: str, url: str, event: str, data: Mapping[str, object], secret: str) -> Delivery:
        headers = {"Content-Type": "application/json"}
        if secret:
            signature = sign(secret, stringify({"event": event, "data": data}))
            text = stringify({"event": event, "data": data, "signature": signature})
            headers |= {
                "X-Kotani-Signature": signature,
                "X-Kotani-Event": event,
                "X-Kotani-Integrator": self._core.settings.integrator,
            }
        else:
            text = stringify(data)
        return self._keep(reference, event, url, text.encode(), headers)

    def _copy(self, entry: Delivery) -> Delivery:
        return self._keep(entry.reference, entry.event, entry.url, entry.body, dict(entry.headers))

    def _keep(self, reference: str, event: str, url: str, body: bytes, headers: dict[str, str]) -> Delivery:
        delivery = Delivery(len(self.all) + 1, reference, event, url, body, headers, self._core.clock.now())
        self.all.append(delivery)
        return delivery

    def _send(self, delivery: Delivery) -> None:
        if not is_loopback(delivery.url):
            delivery.state = "refused"
            return
        delivery.state = "queued" if not delivery.attempts else "retrying"
        self._due.append(delivery)
        self._wake.set()

    async def _attempt(self, client: httpx.AsyncClient, delivery: Delivery) -> None:
        settings = self._core.settings
        async with self._lines.setdefault(delivery.reference, asyncio.Lock()):
            status, error = None, ""
            try:
                answer = await client.post(
                    delivery.url, content=delivery.body, headers=delivery.headers, timeout=settings.callback_timeout
                )
                status = answer.status_code
            except (httpx.HTTPError, httpx.InvalidURL) as failure:
                error = type(failure).__name__
        now = self._core.clock.now()
        delivery.attempts.append(Attempt(now, status, error))
        if status == 200:
            delivery.state = "delivered"
        elif delivery.forged or now - delivery.made >= timedelta(seconds=settings.callback_give_up):
            delivery.state = "given up"
        else:
            delivery.state = "retrying"
            pause = min(settings.callback_retry * 2.0 ** min(len(delivery.attempts) - 1, 12), 3600.0)
            self._core.clock.after(pause, lambda: self._send(delivery))


def sign(secret: str, text: str) -> str:
    """The signature header's value over a text."""
    return "sha256=" + hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
