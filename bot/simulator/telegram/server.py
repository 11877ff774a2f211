"""The emulated Telegram as HTTP: the Bot API, its files, and the control interface."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.simulator.telegram.control import control_routes
from bot.simulator.telegram.gate import Gate
from bot.simulator.telegram.world import TelegramWorld


def routes(world: TelegramWorld) -> list[BaseRoute]:
    """Everything at the root: `/bot<token>/<method>`, `/file/bot<token>/<path>`, `/_control/telegram/...`.

    Whoever serves them starts and stops the world, and must not wrap `receive` (see the simulated Kotani Pay).
    """
    gate = Gate(world)

    async def download(request: Request) -> Response:
        file = world.files.by_path(request.path_params["path"])
        if not gate.is_token(request.path_params["token"]) or file is None:
            return JSONResponse({"ok": False, "error_code": 404, "description": "Not Found"}, 404)
        return Response(file.content, media_type="application/octet-stream")

    return [
        Route("/bot{token}/{method}", gate.serve, methods=["GET", "POST"]),
        Route("/file/bot{token}/{path:path}", download, methods=["GET"]),
        *control_routes(world),
    ]


def create_app(world: TelegramWorld) -> Starlette:
    """An application of the emulated Telegram alone; its lifespan runs the world."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with world.running():
            yield

    return Starlette(routes=routes(world), lifespan=lifespan)
