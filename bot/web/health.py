"""Whether the process lives, whether it can work, and its counters. No secrets and no customer data."""

from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

Check = Callable[[], Awaitable[bool]]


def health_routes(ready: Check, registry: CollectorRegistry) -> list[Route]:
    """`/health/live`, `/health/ready` (503 until `ready` says yes) and `/metrics`."""

    async def live(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def is_ready(request: Request) -> Response:
        works = await ready()
        return JSONResponse({"ready": works}, status_code=200 if works else 503)

    async def metrics(request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/health/live", live, methods=["GET"]),
        Route("/health/ready", is_ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]
