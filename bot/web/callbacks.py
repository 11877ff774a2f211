"""Where the provider's callbacks arrive: verify, store, answer; processing comes later and elsewhere.

Every answer is deliberate: 200 only when the callback is on disk, 401 for a forgery, 404 for an unsigned body under a
token that no leg was given and for what can be no token, 413 and 408 for bodies that are too large or too slow, 503 when
it could not be stored, so that the sender tries again.
"""

from collections.abc import Callable, Sequence

import structlog
from prometheus_client import Counter
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.engine.intake import CallbackIntake
from bot.kotani.callbacks import Verifier
from bot.web.bodies import BodyTooLarge, read_body
from storage.errors import StorageUnavailable

MOST_BYTES = 256 * 1024
SLOWEST_SECONDS = 10.0
SIGNATURE_HEADER = "x-kotani-signature"
PATH = "/kotani/callbacks"
_BEFORE_TOKEN = f"{PATH}/"
_LONGEST_TOKEN = 200
_log = structlog.get_logger(__name__)


class CallbackEndpoint:
    """The route for callbacks, with the secrets of the moment: two may be valid, while one replaces the other."""

    def __init__(
        self,
        intake: CallbackIntake,
        secrets: Sequence[bytes],
        counter: Counter,
        heard: Callable[[str], None] = lambda _outcome: None,
    ) -> None:
        """`heard` is told how each callback was answered, in the words of the counter."""
        self._heard = heard
        self._intake = intake
        self._verifier = Verifier(secrets) if secrets else None
        self._counter = counter
        self._counters: dict[str, Counter] = {}

    def route(self) -> Route:
        """`POST /kotani/callbacks/{token}`."""
        return Route(f"{PATH}/{{token}}", self, methods=["POST"])

    def before(self, framework: ASGIApp) -> ASGIApp:
        """An application that takes callbacks itself, and gives everything else to `framework`, which has the route too.

        The framework's layers and its router cost more than checking, sealing and queueing a callback.
        """

        async def front(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["method"] == "POST" and scope["path"].startswith(_BEFORE_TOKEN):
                token = scope["path"][len(_BEFORE_TOKEN) :]
                if token and "/" not in token:
                    scope["path_params"] = {"token": token}
                    await self(scope, receive, send)
                    return
            await framework(scope, receive, send)

        return front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as an application of its own: on this path every layer is felt."""
        status, outcome = await self._receive(Request(scope, receive))
        if outcome not in self._counters:
            self._counters[outcome] = self._counter.labels(outcome=outcome)
        self._counters[outcome].inc()
        self._heard(outcome)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    async def _receive(self, request: Request) -> tuple[int, str]:
        """Take one callback in: the status to answer with, and a word for the counter."""
        try:
            body = await read_body(request, MOST_BYTES, SLOWEST_SECONDS)
        except BodyTooLarge:
            return 413, "too_large"
        except TimeoutError:
            return 408, "too_slow"
        except ClientDisconnect:
            return 400, "cut_off"
        token = request.path_params["token"]
        if self._verifier is not None:
            verdict = self._verifier.verify(body, request.headers.get(SIGNATURE_HEADER))
            if not verdict.genuine:
                _log.warning("a callback with a wrong signature was refused", why=verdict.reason)
                return 401, "forged"
        if not token.isprintable() or len(token) > _LONGEST_TOKEN:  # none of ours, and nothing that can be kept
            return 404, "unknown_token"
        try:
            if self._verifier is None and not await self._intake.knows(token):
                return 404, "unknown_token"
            await self._intake.store(token=token, body=body, signed=self._verifier is not None)
        except StorageUnavailable as error:
            _log.error("a callback could not be stored", error=str(error))
            return 503, "not_stored"
        return 200, "stored"
