"""Holding a request open without outliving whoever sent it."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import Request

Result = TypeVar("Result")


async def unless_gone(request: Request, work: Awaitable[Result]) -> Result | None:
    """What `work` gives; `None` when the caller hung up (then it is cancelled). The body must have been read before."""
    doing = asyncio.ensure_future(work)
    watching = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({doing, watching}, return_when=asyncio.FIRST_COMPLETED)
        return await doing if doing.done() else None
    finally:
        watching.cancel()
        doing.cancel()
        await asyncio.gather(watching, doing, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue
