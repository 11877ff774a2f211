"""What may be reached from the simulated world, and by whom: this machine, and nothing else.

The simulators send to addresses that the assistant gives them, and they obey whoever can reach their port. A page of a
foreign site, open in the same browser, must not be able to use either.
"""

import ipaddress
import ssl
from urllib.parse import urlsplit

import httpx
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine; the simulator sends nothing anywhere else."""
    try:
        address = urlsplit(url)
        return address.scheme in ("http", "https") and _is_this_machine(address.hostname or "")
    except ValueError:
        return False


def loopback_client() -> httpx.AsyncClient:
    """A client without proxies, redirects and certificate authorities (reading those takes longer than a test)."""
    return httpx.AsyncClient(trust_env=False, follow_redirects=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


class LoopbackOnly:
    """Refuses requests that name another host than this machine, or that a page of another site has sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _from_here(Headers(scope=scope)):
            await PlainTextResponse("only for this machine", 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _from_here(headers: Headers) -> bool:
    host = headers.get("host", "")
    origin = headers.get("origin")
    return is_loopback(f"http://{host}") and origin in (None, f"http://{host}")


def _is_this_machine(host: str) -> bool:
    return host == "localhost" or ipaddress.ip_address(host).is_loopback
