"""One request and its answer, with every way in which that can go wrong told apart.

What counts is whether the request may have reached the provider. A connection that could not be made (refused, no
such host, no TLS, no free place in the pool) proves that it did not; anything after that proves nothing.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx

from bot.kotani.answers import Answer, read_answer, unknown
from bot.kotani.calls import Call
from bot.kotani.errors import NotSent
from bot.kotani.signing import Signer

T = TypeVar("T")

MOST_BYTES: Final = 4 * 1024 * 1024  # of an answer; one that is longer is not read to its end
_SLOWEST_CONNECT: Final = 5.0
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Sender:
    """Sends calls, each once. Follows no redirect, takes no proxy from the environment, and logs nothing."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        base_url: str,
        api_key: str,
        signer: Signer | None,
        clock: Callable[[], datetime],
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.base_url = _checked_address(base_url)
        self._http = http
        self._authorization = f"Bearer {_checked_key(api_key)}"
        self._signer = signer
        self._clock = clock
        self._most_bytes = most_bytes

    async def send(self, call: Call[T], within: float) -> T:
        """The result of one try within so many seconds in all, or a `KotaniError`."""
        try:
            async with asyncio.timeout(within):
                answer = await self._exchange(call, within)
        except TimeoutError:
            raise unknown(call, f"no whole answer within {within:g} s") from None
        except _NOT_SENT as error:
            # without its cause, which holds the request and with it the key
            raise NotSent(call.operation, type(error).__name__) from None
        except (httpx.HTTPError, OSError) as error:
            raise unknown(call, type(error).__name__) from None
        except _TooLong:
            raise unknown(call, "the answer is too long") from None
        return read_answer(call, answer, self._clock())

    async def _exchange(self, call: Call[T], within: float) -> Answer:
        connect = min(_SLOWEST_CONNECT, within / 3)
        request = httpx.Request(
            call.method,
            f"{self.base_url}{call.path}",
            headers=self._headers(call),
            content=call.body,
            extensions={"timeout": {"connect": connect, "pool": connect, "read": within, "write": within}},
        )
        response = await self._http.send(request, stream=True, auth=None, follow_redirects=False)
        try:
            body = await self._read(response)
        finally:
            await response.aclose()
        return Answer(response.status_code, body, response.headers.get("retry-after"))

    async def _read(self, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            # none was asked for, and a few packed bytes can unfold to any length
            return b""
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > self._most_bytes:
                raise _TooLong
            chunks.append(chunk)
        return b"".join(chunks)

    def _headers(self, call: Call[T]) -> dict[str, str]:
        headers = {
            "Authorization": self._authorization,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "kotani-assistant",
        }
        if call.body:
            headers["Content-Type"] = "application/json"
        if self._signer is not None:
            headers |= self._signer.headers(call.method, call.path, call.body)
        return headers


class _TooLong(Exception):
    """An answer that nobody asked for."""


def _checked_address(base_url: str) -> str:
    """The address without a slash at its end. `ValueError` unless it is https, or http on this machine."""
    parts = urlsplit(base_url)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme not in ("https", "http") or not parts.hostname or (parts.scheme == "http" and not local):
        raise ValueError("the provider's address must begin with https://")
    if parts.username is not None or parts.query or parts.fragment or parts.path.strip("/"):
        raise ValueError("the provider's address is a host alone, such as https://api.kotanipay.com")
    return base_url.rstrip("/")


def _checked_key(api_key: str) -> str:
    if not api_key or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
        raise ValueError("the API key is empty or has characters that no key has")
    return api_key
