"""The web server inside our own event loop: uvicorn, started and stopped by us, with the limits that it lacks.

uvicorn waits for ever for a request's headers, and Starlette for a body (the routes limit those themselves). So a
connection that has not sent a whole head in time is closed, and more connections than the limit are answered 503.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
MOST_CONNECTIONS = 2000
BACKLOG = 2048
KEEP_ALIVE_SECONDS = 30


class TimedHead(HttpToolsProtocol):
    """uvicorn's protocol with a limit on the time that the head of a request may take."""

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A connection opened: its first head is awaited."""
        super().connection_made(transport)
        self._await_head()

    def on_message_begin(self) -> None:
        """A further head has begun on a connection that was kept alive."""
        self._await_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is here."""
        self._head_is_here()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection closed."""
        self._head_is_here()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _head_is_here(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        self.transport.abort()


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
        http=TimedHead,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
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
