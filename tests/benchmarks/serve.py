"""The servers that are measured, each in a process of its own: `python -m tests.benchmarks.serve KIND PORT FILE`.

All stand on one web server, the assistant's own (`bot.web.server`), with its limits: what differs is behind the route.
"""

import asyncio
import contextlib
import hashlib
import hmac
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import msgspec
import uvloop
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.engine.clock import utc_now
from bot.engine.intake import CallbackIntake
from bot.engine.wakes import Wakes
from bot.measures import Measures
from bot.memory import calm, frugal
from bot.web.callbacks import CallbackEndpoint
from bot.web.server import serving
from storage.crypto import Keyring
from storage.database import Database
from tests.benchmarks.textbook import durable_engine

PATH = "/kotani/callbacks/{token}"
SECRET = b"a secret of the benchmark"


@contextlib.asynccontextmanager
async def echo(port: int) -> AsyncIterator[None]:
    """No HTTP at all: whatever arrives is answered with the same few bytes. The limit of loopback and event loop."""

    class Echo(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self._transport = cast(asyncio.WriteTransport, transport)

        def data_received(self, data: bytes) -> None:
            self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port)
    async with server:
        yield


@contextlib.asynccontextmanager
async def bare() -> AsyncIterator[Starlette]:
    """Reads the body and answers: what the framework can do at most."""

    async def receive(request: Request) -> Response:
        await request.body()
        return Response(status_code=200)

    yield Starlette(routes=[Route(PATH, receive, methods=["POST"])])


@contextlib.asynccontextmanager
async def ours(file: Path) -> AsyncIterator[Starlette]:
    """The assistant's own route and intake: signature over the raw bytes, encrypted, on disk before the answer."""
    database = Database(f"sqlite:///{file}")
    keyring = Keyring({"k1": os.urandom(32)}, digest_key=os.urandom(32))
    endpoint = CallbackEndpoint(CallbackIntake(database, keyring, utc_now, Wakes()), [SECRET], Measures().callbacks)
    await database.migrate()
    await database.start()
    try:
        yield endpoint.before(Starlette(routes=[endpoint.route()]))
    finally:
        await database.stop()


class PlainCallback(SQLModel, table=True):
    """The table of the textbook version."""

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    body: bytes
    received_at: datetime


@contextlib.asynccontextmanager
async def textbook(file: Path) -> AsyncIterator[Starlette]:
    """SQLModel's AsyncSession on aiosqlite with one commit a request, as tutorials show it; as durable as ours."""
    engine = durable_engine(file)
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all, tables=[PlainCallback.__table__])  # type: ignore[attr-defined]

    async def receive(request: Request) -> Response:
        body = await request.body()
        fields = msgspec.json.decode(body, type=dict[str, object])
        given = str(fields.pop("signature", ""))
        right = "sha256=" + hmac.new(SECRET, msgspec.json.encode(fields), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(given, right):
            return Response(status_code=401)
        async with AsyncSession(engine) as session:
            session.add(
                PlainCallback(digest=hashlib.sha256(body).hexdigest(), body=body, received_at=datetime.now(UTC))
            )
            await session.commit()
        return Response(status_code=200)

    yield Starlette(routes=[Route(PATH, receive, methods=["POST"])])
    await engine.dispose()


@contextlib.asynccontextmanager
async def _serving(app: AbstractAsyncContextManager[Starlette], port: int) -> AsyncIterator[None]:
    async with app as starlette, serving(starlette, "127.0.0.1", port):
        yield


async def main(kind: str, port: int, file: Path) -> None:
    """Serve one of them until terminated."""
    served = {
        "echo": lambda: echo(port),
        "bare": lambda: _serving(bare(), port),
        "ours": lambda: _serving(ours(file), port),
        "textbook": lambda: _serving(textbook(file), port),
    }[kind]()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with served:
        calm()
        await ended.wait()


if __name__ == "__main__":
    frugal()
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
