"""A small load generator: keep-alive connections over raw asyncio streams, bounded in requests, to loopback only."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

SLOWEST_SECONDS = 60.0  # of a whole run; whatever takes longer hangs


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of requests showed: how many a second, and how long they took (seconds)."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int

    @property
    def per_second(self) -> float:
        """Requests a second over the whole run."""
        return self.requests / self.seconds


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], times: list[float], done: asyncio.Future[int]) -> None:
        self._requests = requests
        self._times = times
        self._done = done
        self._errors = 0
        self._sent = 0.0
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            if not self._done.done():
                self._done.set_result(self._errors)
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, gap, rest = self._buffer.partition(b"\r\n\r\n")
        if not gap:
            return
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if len(rest) < length:
            return
        self._times.append(time.perf_counter() - self._sent)
        if not head.startswith(b"HTTP/1.1 200"):
            self._errors += 1
        self._buffer = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(error or ConnectionError("the server closed the connection"))


async def drive(port: int, request_of: Callable[[int], bytes], *, connections: int, requests: int) -> Load:
    """Send `requests` requests over `connections` connections, each answered before its next is sent."""
    loop = asyncio.get_running_loop()
    stream = iter([request_of(number) for number in range(requests)])
    times: list[float] = []
    ends: list[asyncio.Future[int]] = [loop.create_future() for _ in range(connections)]
    began = time.perf_counter()
    for end in ends:
        await loop.create_connection(lambda end=end: _Connection(stream, times, end), "127.0.0.1", port)  # type: ignore[misc]
    async with asyncio.timeout(SLOWEST_SECONDS):
        errors = sum(await asyncio.gather(*ends))
    seconds = time.perf_counter() - began
    times.sort()
    return Load(
        requests=len(times),
        seconds=seconds,
        p50=times[len(times) // 2],
        p99=times[int(len(times) * 0.99)],
        errors=errors,
    )


def post(path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """A whole HTTP/1.1 POST request."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
