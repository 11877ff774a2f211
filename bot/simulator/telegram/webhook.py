"""Delivery by webhook: one update a request, repeated until the bot answers 2xx, and only ever to this machine.

Bot API, setWebhook. The messages of one person leave one after the other, their taps in a line of their own, up to
`max_connections` at a time. Telegram does not publish the distances of its repetitions; ours double up to an hour.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from bot.simulator.clock import WorldClock
from bot.simulator.loopback import loopback_client
from bot.simulator.pulse import Pulse
from bot.simulator.telegram.params import Json
from bot.simulator.telegram.settings import Settings
from bot.simulator.telegram.updates import DEFAULT, Pending, Updates


@dataclass(slots=True)
class Target:
    """Where updates go to."""

    url: str
    secret: str = ""
    connections: int = 40
    ip_address: str | None = None


@dataclass(slots=True)
class _Line:
    busy: bool = False
    tries: int = 0
    resting: bool = False


@dataclass(slots=True)
class Attempt:
    """One try to deliver an update: the status of the answer, or what went wrong."""

    at: datetime
    update: int
    status: int | None
    error: str = ""


@dataclass(slots=True)
class Webhook:
    """The webhook of the bot; `target` is `None` while the bot polls."""

    clock: WorldClock
    settings: Settings
    updates: Updates
    pulse: Pulse
    target: Target | None = None
    attempts: list[Attempt] = field(default_factory=list)
    _lines: dict[str, _Line] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    def set(self, target: Target | None) -> None:
        """Deliver to another place from now on, or to none."""
        self.target = target
        self._lines.clear()
        self.wake()

    def wake(self) -> None:
        """Look again whether something is to be delivered."""
        self._wake.set()

    def info(self) -> Json:
        """As the Bot API's WebhookInfo."""
        target = self.target
        shown: Json = {
            "url": target.url if target else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates.waiting()),
        }
        if target is not None:
            shown["max_connections"] = target.connections
            shown["ip_address"] = target.ip_address or "127.0.0.1"
        failed = next((tried for tried in reversed(self.attempts) if tried.error), None)
        if target is not None and failed is not None:
            shown["last_error_date"] = int(failed.at.timestamp())
            shown["last_error_message"] = failed.error
        if self.updates.allowed != DEFAULT:
            shown["allowed_updates"] = sorted(self.updates.allowed)
        return shown

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with loopback_client() as client:
            try:
                while True:
                    self._wake.clear()
                    self._start(client)
                    await self._wake.wait()
            finally:
                for task in tuple(self._running):
                    task.cancel()
                await asyncio.gather(*self._running, return_exceptions=True)

    def _start(self, client: httpx.AsyncClient) -> None:
        target = self.target
        if target is None:
            return
        for pending in self.updates.waiting():
            line = self._lines.setdefault(pending.line, _Line())
            if line.busy or line.resting or len(self._running) >= target.connections:
                continue
            line.busy = True
            task = asyncio.create_task(self._attempt(client, target, line, pending))
            self._running.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.wake()

    async def _attempt(self, client: httpx.AsyncClient, target: Target, line: _Line, pending: Pending) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": target.secret} if target.secret else {}
        status, error = None, ""
        pending.given += 1
        try:
            answer = await client.post(
                target.url, json=pending.to_api(), headers=headers, timeout=self.settings.webhook_timeout
            )
            status = answer.status_code
            if not answer.is_success:
                error = f"Wrong response from the webhook: {status} {answer.reason_phrase}"
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            error = "Connection refused" if isinstance(failure, httpx.ConnectError) else type(failure).__name__
        self.attempts.append(Attempt(self.clock.now(), pending.id, status, error))
        self.pulse.beat()
        line.busy = False
        if not error:
            line.tries = 0
            self.updates.remove(pending)
            return
        line.tries += 1
        line.resting = True
        pause = min(self.settings.webhook_retry * 2.0 ** min(line.tries - 1, 12), 3600.0)
        self.clock.after(pause, lambda: self._rested(line))

    def _rested(self, line: _Line) -> None:
        line.resting = False
        self.wake()
