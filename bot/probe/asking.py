"""Calls as they are, for looking at the answers: nothing is interpreted, nothing is tried again, all is kept."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from bot.kotani.javascript import parse, stringify
from bot.kotani.signing import Signer

_SECONDS: Final = 30.0
_MOST_KEPT: Final = 20_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back to one call. `status` 0: nothing did, and `body` says why. `milliseconds` it took."""

    method: str
    path: str
    sent: Any
    status: int
    body: str
    milliseconds: int

    @property
    def document(self) -> Any:
        """The body read as JSON; None when it is none."""
        try:
            return parse(self.body.encode())
        except ValueError:
            return None

    @property
    def data(self) -> Any:
        """What stands in the envelope's `data`; the whole document where there is no envelope."""
        document = self.document
        return document.get("data", document) if isinstance(document, dict) else document

    @property
    def message(self) -> str:
        """The envelope's sentence."""
        document = self.document
        return str(document.get("message", "")) if isinstance(document, dict) else ""

    @property
    def well(self) -> bool:
        """Whether it was done: a status that says so, and an envelope that does not deny it."""
        document = self.document
        return 200 <= self.status < 300 and not (isinstance(document, dict) and document.get("success") is False)

    def field(self, *names: str) -> Any:
        """The first of these members that `data` has; None when it has none of them."""
        data = self.data
        if not isinstance(data, dict):
            return None
        return next((data[name] for name in names if data.get(name) not in (None, "")), None)

    @property
    def errors(self) -> tuple[str, ...]:
        """The single complaints."""
        data = self.data
        listed = data.get("errors") if isinstance(data, dict) else None
        return tuple(map(str, listed)) if isinstance(listed, list) else ()


@dataclass(slots=True)
class Asker:
    """Makes calls one after another, `between` seconds apart, and keeps every answer."""

    http: httpx.AsyncClient
    base_url: str
    api_key: str = field(repr=False)
    signer: Signer | None = None
    between: float = 1.1  # the one limit that is published is 60 calls in 60 seconds
    asked: list[Answer] = field(default_factory=list)

    async def __call__(self, method: str, path: str, body: Any = None) -> Answer:
        """Make one call."""
        if self.asked:
            await asyncio.sleep(self.between)
        raw = b"" if body is None else stringify(body).encode()
        headers = {"authorization": f"Bearer {self.api_key}", "accept": "application/json"}
        if raw:
            headers["content-type"] = "application/json"
        if self.signer is not None:
            headers |= self.signer.headers(method, path, raw)
        started = time.monotonic()
        try:
            answer = await self.http.request(
                method, f"{self.base_url}{path}", content=raw, headers=headers, timeout=_SECONDS, follow_redirects=False
            )
            status, text = answer.status_code, answer.text[:_MOST_KEPT]
        except httpx.HTTPError as error:
            status, text = 0, type(error).__name__
        took = int((time.monotonic() - started) * 1000)
        kept = Answer(method, path, body, status, text, took)
        self.asked.append(kept)
        return kept
