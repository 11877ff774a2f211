"""The way of a callback: whose secret, where to, and whether one that we send ourselves arrives, is believed and is kept.

A callback of our own names no transaction, and its address says what it is, so it is put down as a check: no payment,
no leg and no book hears of it.
"""

import asyncio
import contextlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import httpx
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.checks.ground import Ground
from bot.engine.operators.check_results import Finding, doubtful, well, wrong
from bot.kotani.callbacks import verify
from bot.kotani.errors import KotaniError
from bot.kotani.results import WebhookSettings
from bot.payments.references import new_check_token
from bot.web.callbacks import PATH, SIGNATURE_HEADER
from storage.checking import came_in, last_genuine
from storage.errors import StorageError

EVENT: Final = "system.event"
NEEDED: Final = frozenset(
    f"transaction.{kind}.status.updated" for kind in ("deposit", "withdrawal", "onramp", "offramp")
)
_MOST_BYTES: Final = 64 * 1024


async def secret(ground: Ground) -> Finding:
    """Whether callbacks are signed, and sent to us. The provider never tells its secret: one that was believed shows it."""
    if not ground.settings.callback_secrets:
        said = wrong if ground.in_production else doubtful
        return said("webhook_secret", "check.secret_unset", "check.secret_unset_do")
    if ground.webhook_url is None:
        return doubtful("webhook_secret", "check.secret_nowhere", "check.secret_nowhere_do")
    try:
        there = await ground.kotani.webhook()
    except KotaniError:
        there = None  # what it does not tell is not held against it
    if there is not None and (problem := _differs(ground, there)) is not None:
        return problem
    believed = await _believed(ground)
    if believed is None:
        return doubtful("webhook_secret", "check.secret_unproven", "check.secret_set_do")
    return well("webhook_secret", "check.secret_proven", time=f"{believed:%Y-%m-%d %H:%M} UTC")


def _differs(ground: Ground, there: WebhookSettings) -> Finding | None:
    if there.url is None:
        return doubtful("webhook_secret", "check.secret_no_url", "check.secret_set_do")
    ours, theirs = urlsplit(ground.webhook_url or ""), urlsplit(there.url)
    if (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc) or not theirs.path.startswith(f"{PATH}/"):
        shown = f"{theirs.scheme}://{theirs.netloc}"
        return wrong("webhook_secret", "check.secret_elsewhere", "check.secret_set_do", url=shown)
    if there.events and (missing := NEEDED - set(there.events)):
        listed = ", ".join(sorted(missing))
        return wrong("webhook_secret", "check.secret_events", "check.secret_set_do", events=listed)
    return None


async def _believed(ground: Ground) -> datetime | None:
    try:
        return await ground.look(last_genuine)
    except StorageError:
        return None


async def set_webhook(ground: Ground) -> Finding:
    """Tell the provider, through its API, where callbacks go and with which secret they are signed."""
    settings, url = ground.settings, ground.webhook_url
    if settings.kotani_webhook_secret is None:
        return wrong("webhook_secret", "check.secret_unset", "check.secret_unset_do")
    if url is None or (url.startswith("http:") and not ground.beside_provider):
        return wrong("webhook_secret", "check.secret_nowhere", "check.secret_nowhere_do")
    try:
        answer = await ground.kotani.update_webhook(url=url, secret=settings.kotani_webhook_secret.get_secret_value())
    except KotaniError as error:
        why = type(error).__name__
        return wrong("webhook_secret", "check.secret_not_set", "check.again_do", why=why)
    if answer.url not in (None, url):
        return wrong("webhook_secret", "check.secret_elsewhere", "check.again_do", url=answer.url)
    return well("webhook_secret", "check.secret_set", url=f"{ground.callback_base}{PATH}/")


async def round_trip(ground: Ground) -> Finding:
    """Send a signed callback of our own to the public address, and see that it arrived here and was stored."""
    base = ground.callback_base
    if base is None:
        return well("callback", "check.way_in_none")
    token = new_check_token()
    if ground.address is not None:
        return await _sent(ground, f"{base}{PATH}/{token}", token, None)
    async with _stand_in(ground, token) as arrived:
        if arrived is None:
            return doubtful("callback", "check.way_in_stopped", "check.way_in_stopped_do")
        return await _sent(ground, f"{base}{PATH}/{token}", token, arrived)


async def _sent(ground: Ground, url: str, token: str, arrived: "_Arrived | None") -> Finding:
    signed = bool(ground.settings.callback_secrets)
    body, headers = _callback(ground)
    started = asyncio.get_running_loop().time()
    try:
        answer = await ground.http.post(url, content=body, headers=headers)
    except httpx.HTTPError as error:
        why = type(error).__name__
        return doubtful("callback", "check.unreachable", "check.unreachable_do", why=why)
    took = int((asyncio.get_running_loop().time() - started) * 1000)
    status = answer.status_code
    if status == httpx.codes.NOT_FOUND and not signed:  # ours, and right so: unsigned ones are for transactions only
        return doubtful("callback", "check.callback_unsigned", "check.secret_unset_do")
    if status == httpx.codes.UNAUTHORIZED:
        return wrong("callback", "check.callback_forged", "check.callback_forged_do")
    if status != httpx.codes.OK:
        url = url.partition(PATH)[0]
        return wrong("callback", "check.callback_refused", "check.way_in_other_do", status=status, url=url)
    if arrived is not None:
        if arrived.body == body:
            return well("callback", "check.callback_stand_in", "check.callback_stand_in_do", milliseconds=took)
        return wrong("callback", "check.callback_lost", "check.callback_lost_do")
    if not await _is_stored(ground, token):
        return wrong("callback", "check.callback_lost", "check.callback_lost_do")
    return well("callback", "check.callback_ok", milliseconds=took)


async def _is_stored(ground: Ground, token: str) -> bool:
    def look(session: Session) -> bool:
        return came_in(session, token)

    return await ground.look(look)


def _callback(ground: Ground) -> tuple[bytes, dict[str, str]]:
    """A callback as the provider would send it, signed with the current secret where there is one."""
    data = {"check": secrets.token_hex(16), "timestamp": ground.clock().isoformat()}
    headers = {"content-type": "application/json", "x-kotani-event": EVENT}
    if not ground.settings.callback_secrets:
        return json.dumps(data, separators=(",", ":")).encode(), headers
    text = json.dumps({"event": EVENT, "data": data}, separators=(",", ":"))
    signature = "sha256=" + hmac.digest(ground.settings.callback_secrets[0], text.encode(), "sha256").hex()
    return f'{text[:-1]},"signature":"{signature}"}}'.encode(), headers | {SIGNATURE_HEADER: signature}


@dataclass(slots=True)
class _Arrived:
    body: bytes | None = None


@contextlib.asynccontextmanager
async def _stand_in(ground: Ground, token: str) -> AsyncIterator[_Arrived | None]:
    """Listen where the assistant would, while it is not running; nothing is kept. None when that cannot be."""
    from starlette.applications import Starlette

    from bot.web.server import serving

    arrived = _Arrived()

    async def take(request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BYTES:
                return Response(status_code=413)
        believed = ground.settings.callback_secrets
        if believed and not verify(body, request.headers.get(SIGNATURE_HEADER), believed).genuine:
            return Response(status_code=401)
        if request.path_params["token"] != token:
            return Response(status_code=503)  # a real one: it comes again, when the assistant is there
        arrived.body = body
        return Response(status_code=200)

    app = Starlette(routes=[Route(f"{PATH}/{{token}}", take, methods=["POST"])])
    try:
        async with serving(app, ground.settings.host, ground.settings.port):
            yield arrived
    except OSError:
        yield None
