"""Serving an application on loopback inside the event loop that is running, started and stopped without delay.

uvicorn's own `serve()` looks every tenth of a second whether to stop, waits another tenth while stopping, and waits for
requests that are held open. For a simulated world that is a lot: every test starts one.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn
from starlette.types import ASGIApp

_PATIENCE = 1.0


@contextlib.asynccontextmanager
async def served(app: ASGIApp, port: int = 0, *, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """The address (`http://127.0.0.1:...`) of an application, on a free port unless one is given.

    At the end connections are cut, requests that wait see their caller go, and the lifespan is closed. Raises `OSError`
    for a port that is taken.
    """
    listening = _listening(host, port)
    config = uvicorn.Config(app, log_config=None, access_log=False)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listening])
    try:
        yield f"http://{host}:{listening.getsockname()[1]}"
    finally:
        await _stop(server)


def _listening(host: str, port: int) -> socket.socket:
    # asyncio switches Nagle's algorithm off only where the protocol is named; with it, many an answer takes 40 ms
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening


async def _stop(server: uvicorn.Server) -> None:
    for listener in server.servers:
        listener.close()
    for connection in tuple(server.server_state.connections):
        if (transport := connection.transport) is not None:
            transport.abort()
    if running := tuple(server.server_state.tasks):
        _, late = await asyncio.wait(running, timeout=_PATIENCE)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    await server.lifespan.shutdown()
