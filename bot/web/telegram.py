"""Where Telegram delivers updates in webhook mode: 200 only when the update is on disk.

401 for a missing or wrong secret, before anything is read; 413 and 408 for bodies that are too large or too slow, 415 and 400
for what is not an update, 503 when it could not be stored, so that Telegram delivers it again.
"""

import hmac

import structlog
from prometheus_client import Counter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.engine.inbox import Inbox, RawUpdate, UnreadableUpdate
from bot.web.bodies import BodyTooLarge, read_body
from storage.errors import StorageUnavailable

PATH = "/telegram/webhook"
MOST_BYTES = 1024 * 1024
SLOWEST_SECONDS = 10.0
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of a header
_log = structlog.get_logger(__name__)


class TelegramEndpoint:
    """The webhook's route. `secret` is what was given to `setWebhook` (1 to 256 of A-Z, a-z, 0-9, _ and -)."""

    def __init__(self, inbox: Inbox, secret: str, counter: Counter) -> None:
        if not secret:
            raise ValueError("a webhook needs a secret")
        self._inbox = inbox
        self._secret = secret.encode()
        self._counter = counter

    def route(self) -> Route:
        """`POST /telegram/webhook`."""
        return Route(PATH, self.receive, methods=["POST"])

    async def receive(self, request: Request) -> Response:
        """Take one update in."""
        given = request.headers.get(SECRET_HEADER, "").encode("latin-1")
        if not hmac.compare_digest(given, self._secret):
            _log.warning("an update with a wrong webhook secret was refused")
            return self._answer(401, "forged")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return self._answer(415, "not_json")
        try:
            update = RawUpdate.from_bytes(await read_body(request, MOST_BYTES, SLOWEST_SECONDS))
            await self._inbox.store([update])
        except BodyTooLarge:
            return self._answer(413, "too_large")
        except TimeoutError:
            return self._answer(408, "too_slow")
        except ClientDisconnect:
            return self._answer(400, "cut_off")
        except UnreadableUpdate:
            return self._answer(400, "unreadable")
        except StorageUnavailable as error:
            _log.error("an update could not be stored", error=str(error))
            return self._answer(503, "not_stored")
        return self._answer(200, "stored")

    def _answer(self, status: int, outcome: str) -> Response:
        self._counter.labels(outcome=outcome).inc()
        return Response(status_code=status)
