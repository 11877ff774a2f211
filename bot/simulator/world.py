"""The whole world outside the assistant in one application: Telegram, Kotani Pay, and a page to play both on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.simulator.kotani import KotaniWorld
from bot.simulator.kotani import routes as kotani_routes
from bot.simulator.loopback import LoopbackOnly
from bot.simulator.page import page_routes
from bot.simulator.serving import served
from bot.simulator.telegram import TelegramWorld
from bot.simulator.telegram import routes as telegram_routes

_WELCOME = """
  Simulated Telegram and Kotani Pay, on this machine only. No real money.

  Page             {address}/
  Bot API          {address}/bot{token}/...
  Kotani Pay       {address}/api/v3/...   with the key test-key
  Control          {address}/_control/telegram/state, {address}/_control/kotani/state

  Ctrl-C stops it.
"""


class World:
    """Both simulators. Each has a clock of its own, because people's phones do not hurry when the provider does."""

    def __init__(self, *, kotani: KotaniWorld | None = None, telegram: TelegramWorld | None = None) -> None:
        self.kotani = kotani or KotaniWorld()
        self.telegram = telegram or TelegramWorld()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["World"]:
        """Time passes, callbacks and webhooks leave, inside this block."""
        async with self.kotani.running(), self.telegram.running():
            yield self


def routes(world: World) -> list[BaseRoute]:
    """Everything at the root: the page, the Bot API, the provider's API, and both control interfaces."""
    return [*page_routes(world.kotani), *telegram_routes(world.telegram), *kotani_routes(world.kotani)]


def create_app(world: World) -> Starlette:
    """The application; its lifespan runs the world. It answers only to this machine."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with world.running():
            yield

    return Starlette(
        routes=routes(world),
        lifespan=lifespan,
        middleware=[Middleware(LoopbackOnly)],
        exception_handlers={ClientDisconnect: _gone},
    )


async def _gone(_request: Request, _error: Exception) -> Response:
    """A caller that went away in the middle of its request: nobody hears the answer, and nothing is wrong."""
    return Response(status_code=400)


async def run(*, port: int) -> int:
    """Serve a world alone on loopback until cancelled, and say where; 0 takes a free port. Gives an exit code."""
    world = World()
    try:
        async with served(create_app(world), port) as address:
            click.echo(_WELCOME.format(address=address, token=world.telegram.settings.token))
            await asyncio.get_running_loop().create_future()
    except OSError as error:
        click.echo(f"Port {port} cannot be used: {error.strerror}. Choose another with --port.", err=True)
        return 1
    return 0
