"""Where the provider's callbacks arrive: verify, store, answer; processing comes later and elsewhere.

Every answer is deliberate: 200 only when the callback is on disk, 401 for a forgery, 404 for an unsigned body under a
token that no leg was given, 413 and 408 for bodies that are too large or too slow, 503 when it could not be stored, so
that the sender tries again.
"""

import asyncio
from collections.abc import Sequence

import structlog
from prometheus_client import Counter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.engine.intake import CallbackIntake
from bot.kotani.callbacks import verify
from bot.web.bodies import BodyTooLarge, read_body
from storage.errors import StorageUnavailable

MOST_BYTES = 256 * 1024
SLOWEST_SECONDS = 10.0
SIGNATURE_HEADER = "x-kotani-signature"
_log = structlog.get_logger(__name__)


class CallbackEndpoint:
    """The route for callbacks, with the secrets of the moment: two may be valid, while one replaces the other."""

    def __init__(self, intake: CallbackIntake, secrets: Sequence[bytes], counter: Counter) -> None:
        self._intake = intake
        self._secrets = tuple(secrets)
        self._counter = counter

    def route(self) -> Route:
        """`POST /kotani/callbacks/{token}`."""
        return Route("/kotani/callbacks/{token}", self.receive, methods=["POST"])

    async def receive(self, request: Request) -> Response:
        """Take one callback in."""
        try:
            async with asyncio.timeout(SLOWEST_SECONDS):
                body = await read_body(request, MOST_BYTES)
        except BodyTooLarge:
            return self._answer(413, "too_large")
        except TimeoutError:
            return self._answer(408, "too_slow")
        except ClientDisconnect:
            return self._answer(400, "cut_off")
        token = request.path_params["token"]
        if self._secrets:
            verdict = verify(body, request.headers.get(SIGNATURE_HEADER), self._secrets)
            if not verdict.genuine:
                _log.warning("a callback with a wrong signature was refused", why=verdict.reason)
                return self._answer(401, "forged")
        try:
            if not self._secrets and not await self._intake.knows(token):
                return self._answer(404, "unknown_token")
            await self._intake.store(token=token, body=body, signed=bool(self._secrets))
        except StorageUnavailable as error:
            _log.error("a callback could not be stored", error=str(error))
            return self._answer(503, "not_stored")
        return self._answer(200, "stored")

    def _answer(self, status: int, outcome: str) -> Response:
        self._counter.labels(outcome=outcome).inc()
        return Response(status_code=status)
