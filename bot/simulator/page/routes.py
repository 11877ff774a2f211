"""Serves the page and the summary of the provider's side, with headers that keep everything foreign out."""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.simulator.kotani import KotaniWorld
from bot.simulator.kotani.jsjson import stringify
from bot.simulator.page.summary import summary

_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
_SCRIPTS = ("page", "chat", "control", "dom", "menu", "people", "phone", "provider", "words", "writing")
_FILES = (
    ("/", "page.html", "text/html"),
    ("/page.css", "page.css", "text/css"),
    *((f"/{name}.js", f"{name}.js", "text/javascript") for name in _SCRIPTS),
)


def page_routes(kotani: KotaniWorld) -> list[Route]:
    """`/` with its scripts and style sheet, and `/_control/page/kotani`."""

    async def provider(_request: Request) -> Response:
        return Response(stringify(summary(kotani)), media_type="application/json", headers=_HEADERS)

    return [*(_static(*file) for file in _FILES), Route("/_control/page/kotani", provider, methods=["GET"])]


def _static(path: str, name: str, media_type: str) -> Route:
    content = files("bot.simulator.page").joinpath(name).read_bytes()

    async def serve(_request: Request) -> Response:
        return Response(content, media_type=media_type, headers=_HEADERS)

    return Route(path, serve, methods=["GET"])
