"""The three servers that are measured: a bare endpoint, ours, and the textbook version. `serve.py KIND PORT FILE`."""

import hashlib
import hmac
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
import uvicorn
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.engine.clock import utc_now
from bot.engine.intake import CallbackIntake
from bot.engine.wakes import Wakes
from bot.web.callbacks import CallbackEndpoint
from storage.crypto import Keyring
from storage.database import Database

SECRET = b"a secret of the benchmark"


def bare() -> Starlette:
    """Reads the body and answers: what the framework and the machine can do at most."""

    async def receive(request: Request) -> Response:
        await request.body()
        return Response(status_code=200)

    return Starlette(routes=[Route("/kotani/callbacks/{token}", receive, methods=["POST"])])


def ours(path: str) -> Starlette:
    """The assistant's own route and intake: signature over the raw bytes, encrypted, on disk before the answer."""
    database = Database(f"sqlite:///{path}")
    keyring = Keyring({"k1": os.urandom(32)}, digest_key=os.urandom(32))
    counter = Counter("callbacks", "Callbacks by outcome.", ["outcome"], registry=CollectorRegistry())
    endpoint = CallbackEndpoint(CallbackIntake(database, keyring, utc_now, Wakes()), [SECRET], counter)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await database.migrate()
        await database.start()
        yield
        await database.stop()

    return Starlette(routes=[endpoint.route()], lifespan=lifespan)


class PlainCallback(SQLModel, table=True):
    """The table of the textbook version."""

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    body: bytes
    received_at: datetime


def textbook(path: str) -> Starlette:
    """SQLModel's AsyncSession on aiosqlite with one commit a request, as tutorials show it; as durable as ours."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")

    @event.listens_for(engine.sync_engine, "connect")
    def durable(connection: object, record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.close()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all, tables=[PlainCallback.__table__])  # type: ignore[attr-defined]
        yield
        await engine.dispose()

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

    return Starlette(routes=[Route("/kotani/callbacks/{token}", receive, methods=["POST"])], lifespan=lifespan)


def main() -> None:
    """Serve one of them until terminated."""
    kind, port, path = sys.argv[1:]
    app = {"bare": bare, "ours": lambda: ours(path), "textbook": lambda: textbook(path)}[kind]()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=int(port), loop="uvloop", http="httptools", log_config=None, access_log=False
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
