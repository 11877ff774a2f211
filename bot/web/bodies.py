"""Reading a request's body with limits on its size and on the time it takes: Starlette itself has none."""

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

WHOLE: Final = "body_is_here"  # in the request's state, from `bot.web.server`: nothing will be waited for


class BodyTooLarge(Exception):
    """The body is larger than the route takes."""


async def read_body(request: Request, most: int, within: float) -> bytes:
    """The whole body, at most `most` bytes, within so many seconds.

    Raises `BodyTooLarge` as soon as more is announced or arrives, `TimeoutError`, and `ClientDisconnect`.
    """
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and (len(announced) > 12 or int(announced) > most):
        raise BodyTooLarge
    if WHOLE in request.scope.get("state", ()):
        return await _read(request.receive, most)
    async with asyncio.timeout(within):
        return await _read(request.receive, most)


async def _read(receive: Receive, most: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise BodyTooLarge
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)
