"""The whole world outside the assistant in one application: Telegram, Kotani Pay, and a page to play both on."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import click
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.simulator.kotani import KotaniWorld
from bot.simulator.kotani import Settings as KotaniSettings
from bot.simulator.kotani import routes as kotani_routes
from bot.simulator.loopback import LoopbackOnly
from bot.simulator.page import page_routes
from bot.simulator.serving import served
from bot.simulator.telegram import Settings as TelegramSettings
from bot.simulator.telegram import TelegramWorld
from bot.simulator.telegram import routes as telegram_routes

_WELCOME = """
  Simulated Telegram and Kotani Pay, on this machine only. No real money.

  Page      {address}/
  Control   {address}/_control/telegram/state, {address}/_control/kotani/state

  For an assistant that runs beside it, these lines in .env lead here (ENCRYPTION_KEYS and DIGEST_KEY are its own:
  make them with `python -m bot keys`):

{settings}

  Ctrl-C stops it, and everything simulated is forgotten.
"""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a simulated world knows its assistant by; fresh ones unless given."""

    token: str = field(default_factory=lambda: f"{secrets.randbelow(9 * 10**8) + 10**8}:{secrets.token_urlsafe(26)}")
    api_key: str = field(default_factory=lambda: secrets.token_hex(16))
    webhook_secret: str = field(default_factory=lambda: secrets.token_hex(32))

    def settings(self, address: str) -> dict[str, str]:
        """The assistant's settings that lead to a world served at `address`, by name."""
        return {
            "TELEGRAM_TOKEN": self.token,
            "TELEGRAM_BASE_URL": address,
            "KOTANI_BASE_URL": address,
            "KOTANI_API_KEY": self.api_key,
            "KOTANI_WEBHOOK_SECRET": self.webhook_secret,
        }


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


async def run(*, port: int, credentials: Credentials | None = None) -> int:
    """Serve a world alone on loopback until cancelled, and say how to reach it; 0 takes a free port. Gives an exit code."""
    known = credentials or Credentials()
    world = World(
        kotani=KotaniWorld(settings=KotaniSettings(api_keys=[known.api_key], webhook_secret=known.webhook_secret)),
        telegram=TelegramWorld(settings=TelegramSettings(token=known.token)),
    )
    try:
        async with served(create_app(world), port) as address:
            lines = (f"{name}={value}" for name, value in known.settings(address).items())
            click.echo(_WELCOME.format(address=address, settings="\n".join(lines)))
            await asyncio.get_running_loop().create_future()
    except OSError as error:
        click.echo(f"Port {port} cannot be used: {error.strerror}. Choose another with --port.", err=True)
        return 1
    return 0
