"""The web server inside our own event loop: uvicorn, started and stopped by us, with the limits that it lacks.

uvicorn waits for ever for a request's headers, however long they are, and Starlette for a body (the routes limit those
themselves). So a connection that has not sent a whole head in time, or sends a giant one, is cut off; so is one that goes
on sending a body after it was answered. More connections than the limit are answered 503, and twice as many are not kept.
"""

import asyncio
import contextlib
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.web.bodies import WHOLE

HEAD_SECONDS = 10.0
MOST_HEAD_BYTES = 64 * 1024
LINGER_SECONDS = 1.0  # for the answer to be read, before a connection that was refused is cut
MOST_CONNECTIONS = 2000
_FILES_PER_CONNECTION = 4  # the twice as many that may be open, and as much again for everything else
BACKLOG = 2048
KEEP_ALIVE_SECONDS = 30


class GuardedHttp(HttpToolsProtocol):
    """uvicorn's protocol with limits on the time and the size of the head of a request, and on what comes unasked.

    Most requests arrive whole, and cost no timer: one is set only for a head that is still awaited when the bytes at
    hand are read, and a route is told when there is no body to wait for (`bot.web.bodies`).
    """

    _in_head = False
    in_body = False
    _keeps_alive = False
    _refused = False
    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A connection opened: its first head is awaited."""
        super().connection_made(transport)
        if self.limit_concurrency is not None and len(self.connections) > 2 * self.limit_concurrency:
            transport.abort()
            return
        self._lingering: Any = _Lingering(self, transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Some bytes are here: whole requests, or a part of one."""
        if self._refused:
            return
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self.transport.abort()
                return
            self._await_head()
        elif self.in_body:
            # an answer that is given now ends the connection, and says so
            self._keeps_alive, self.cycle.keep_alive = self.cycle.keep_alive or self._keeps_alive, False
            self.cycle.transport = self._lingering

    def on_message_begin(self) -> None:
        """A head has begun."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is here."""
        self._head_is_here()
        super().on_headers_complete()
        self.in_body, self._keeps_alive = True, False

    def on_message_complete(self) -> None:
        """The body is here as well."""
        self.in_body = False
        self.cycle.keep_alive |= self._keeps_alive
        self.scope["state"][WHOLE] = True
        super().on_message_complete()

    def refuse(self) -> None:
        """Hear no more of a body that is still coming, and cut the connection once the answer can have been read."""
        if not self._refused:
            self._refused = True
            self.transport.write_eof()
            self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection closed."""
        self._head_is_here()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _head_is_here(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        self.transport.abort()


class _Lingering:
    """A transport that closes after a while where a body is still coming: at once, the answer would be lost with it."""

    def __init__(self, protocol: GuardedHttp, transport: Any) -> None:
        self._protocol = protocol
        self._transport = transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def close(self) -> None:
        """Close, or let it be closed."""
        if self._protocol.in_body:
            self._protocol.refuse()
        else:
            self._transport.close()


class _Server(uvicorn.Server):
    """A server that leaves signals alone and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the program's business, not the web server's."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does, and then say so."""
        await super().startup(sockets)
        self.listens.set()


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, host: str, port: int, *, grace_seconds: int = 5) -> AsyncIterator[str]:
    """Serve `app` inside this event loop; gives its address (port 0 takes a free one).

    Raises `OSError` when the port is taken.
    """
    listening = _listening(host, port)
    config = uvicorn.Config(
        app,
        http=GuardedHttp,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nobody's address matters here, so nobody has to be believed about it
        limit_concurrency=_connections(),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=grace_seconds,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await server.listens.wait()
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listening.close()


def _connections() -> int:
    """How many connections at once: the limit, or what the number of files that may be open leaves room for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS * _FILES_PER_CONNECTION
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, soft // _FILES_PER_CONNECTION)


def _listening(host: str, port: int) -> socket.socket:
    # with the protocol named, asyncio switches Nagle's algorithm off, which would hold many an answer back for 40 ms
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening
