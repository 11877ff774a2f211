"""The simulated provider as HTTP: its API, its hosted pages and the control interface."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.simulator.kotani import api_accounts, api_payments, api_ramps
from bot.simulator.kotani.call import Operation
from bot.simulator.kotani.control import control_routes
from bot.simulator.kotani.gate import Gate
from bot.simulator.kotani.pages import page_routes
from bot.simulator.kotani.world import KotaniWorld

OPERATIONS = (*api_accounts.OPERATIONS, *api_ramps.OPERATIONS, *api_payments.OPERATIONS)
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def routes(world: KotaniWorld) -> list[BaseRoute]:
    """Everything at the root: `/health`, `/api/v3/...`, `/checkout/...`, `/l/...`, `/_control/kotani/...`.

    Whoever serves them starts and stops the world, and must not wrap `receive` (a middleware that does turns a dropped
    connection into an error of the server).
    """
    gate = Gate(world)
    api: list[BaseRoute] = [
        Route(operation.path, _endpoint(gate, operation), methods=[operation.method]) for operation in OPERATIONS
    ]
    unknown = Route("/api/v3/{rest:path}", _endpoint(gate, None), methods=list(_METHODS))
    return [*api, unknown, *page_routes(world), *control_routes(world)]


def create_app(world: KotaniWorld) -> Starlette:
    """An application of the simulated provider alone; its lifespan runs the world."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with world.running():
            yield

    return Starlette(routes=routes(world), lifespan=lifespan)


def _endpoint(gate: Gate, operation: Operation | None) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        return await gate.serve(request, operation)

    return serve
