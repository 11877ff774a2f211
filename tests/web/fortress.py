"""The web server as a process that can be attacked: `fortress.py DATABASE_URL SECRET` writes its address and serves."""

import asyncio
import sys

from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import bot.web.callbacks
import bot.web.server
from bot.engine.clock import utc_now
from bot.engine.intake import CallbackIntake
from bot.engine.wakes import Wakes
from bot.web.callbacks import CallbackEndpoint
from storage.callbacks import CALLBACK
from storage.crypto import Keyring
from storage.database import Database


async def main(url: str, secret: str) -> None:
    """Serve until killed. What may take ten seconds in earnest may take less here, and fewer may come."""
    bot.web.callbacks.SLOWEST_SECONDS = 0.5
    bot.web.server.HEAD_SECONDS = 2.0
    bot.web.server.MOST_CONNECTIONS = 400
    database = Database(url)
    await database.start()
    keyring = Keyring({"k": bytes(32)}, digest_key=bytes(32))
    counter = Counter("callbacks", "By outcome.", ["outcome"], registry=CollectorRegistry())
    endpoint = CallbackEndpoint(CallbackIntake(database, keyring, utc_now, Wakes()), [secret.encode()], counter)

    async def count(_request: Request) -> Response:
        stored = select(func.count()).select_from(CALLBACK)
        return PlainTextResponse(
            str(await database.read(lambda session: session.connection().execute(stored).scalar_one()))
        )

    app = endpoint.before(Starlette(routes=[endpoint.route(), Route("/count", count)]))
    async with bot.web.server.serving(app, "127.0.0.1", 0) as address:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
