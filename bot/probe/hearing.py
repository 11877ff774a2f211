"""Listening for the provider's callbacks where the assistant would, to see them exactly as they come."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web.server import serving

_MOST_BYTES: Final = 256 * 1024
_LOOK_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it came. `at` is in seconds of a clock that only goes on."""

    path: str
    headers: dict[str, str]
    body: bytes
    answered: int
    at: float


@dataclass(slots=True)
class Ear:
    """Everything that was heard. Paths that contain one of `refused` are answered 500, all others 200."""

    base: str
    heard: list[Heard] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    async def of(self, word: str, *, count: int, within: float) -> list[Heard]:
        """What came with `word` in its path or body, waiting until there is so much of it or the seconds are over."""
        ends = time.monotonic() + within
        while True:
            found = [one for one in self.heard if word in one.path or word.encode() in one.body]
            if len(found) >= count or time.monotonic() >= ends:
                return found
            await asyncio.sleep(_LOOK_SECONDS)


@contextlib.asynccontextmanager
async def listening(host: str, port: int, base: str | None) -> AsyncIterator[Ear | None]:
    """Listen; `base` is how the provider reaches that, None when it is on this machine. None when the port is taken."""
    ear = Ear(base or "")

    async def take(request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BYTES:
                return Response(status_code=413)
        path = request.url.path
        status = 500 if any(word in path or word.encode() in body for word in ear.refused) else 200
        ear.heard.append(Heard(path, dict(request.headers), body, status, time.monotonic()))
        return Response(status_code=status)

    app = Starlette(routes=[Route("/{rest:path}", take, methods=["POST"])])
    try:
        async with serving(app, host, port, grace_seconds=1) as address:
            ear.base = base or address
            yield ear
    except OSError:
        yield None
