"""The whole world outside the assistant in one application: Telegram, Kotani Pay, and a page to play both on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from bot.simulator.kotani import KotaniWorld
from bot.simulator.kotani import routes as kotani_routes
from bot.simulator.loopback import LoopbackOnly
from bot.simulator.page import page_routes
from bot.simulator.telegram import TelegramWorld
from bot.simulator.telegram import routes as telegram_routes


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

    return Starlette(routes=routes(world), lifespan=lifespan, middleware=[Middleware(LoopbackOnly)])
