"""The way of a request through the provider: faults, key, signature, rate limit, validation, service, and then the
endpoint.

Kotani docs: the envelope, error handling, request signing (secure mode), rate limits. Secure mode signs
`{timestamp}.{nonce}.{compact JSON body}` or, for GET, `{timestamp}.{nonce}.{last path segment}`; the body is printed
anew the way JavaScript prints it, so that a client which signs other bytes than JavaScript would see is found out.
"""

import asyncio
import hashlib
import hmac
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response

from bot.simulator.faults import NoAnswer, Rule, Silence
from bot.simulator.kotani.body import Body, problems
from bot.simulator.kotani.call import Call, Operation
from bot.simulator.kotani.jsjson import parse, stringify
from bot.simulator.kotani.refusals import Refused, invalid
from bot.simulator.kotani.world import KotaniWorld, RequestSeen

_SKEW = timedelta(minutes=5)
_WINDOW = timedelta(seconds=60)


@dataclass(slots=True)
class Arrived:
    """A request read to its end."""

    request: Request
    raw: bytes
    operation: Operation | None
    body: dict[str, object]
    reference: str | None


class Gate:
    """Serves every call of the provider's API for one world."""

    def __init__(self, world: KotaniWorld) -> None:
        self._world = world
        self._nonces: set[str] = set()
        self._seen: dict[str, deque[datetime]] = {}

    async def serve(self, request: Request, operation: Operation | None) -> Response:
        """Answer one request, with the faults that are in force."""
        raw = await request.body()
        body = _read(request, raw)
        arrived = Arrived(request, raw, operation, body, _reference(request, operation, body))
        path = request.url.path
        name = operation.name if operation else "unknown"
        rule = self._world.faults.meet(name, request.method, path, arrived.reference)
        seen = RequestSeen(
            self._world.clock.now(), request.method, path, name, arrived.reference, rule.action if rule else None
        )
        self._world.requests.append(seen)
        response = self._process(arrived) if rule is None else await self._faulty(rule, arrived)
        seen.status = None if isinstance(response, NoAnswer | Silence) else response.status_code
        response.headers["date"] = format_datetime(self._world.clock.wall(), usegmt=True)
        self._world.core.pulse.beat()
        return response

    async def _faulty(self, rule: Rule, arrived: Arrived) -> Response:
        match rule.action:
            case "refuse":
                errors: dict[str, object] | None = {"errors": rule.errors} if rule.errors else None
                return _refusal(Refused(rule.status, rule.message, errors))
            case "answer":
                if rule.processed:
                    self._process(arrived)
                return _json(rule.body, rule.status)
            case "drop_before":
                return NoAnswer()
            case "accept_then_drop":
                self._process(arrived)
                return NoAnswer()
            case "accept_then_500":
                self._process(arrived)
                return _refusal(Refused(500, "Internal server error"))
            case "delay":
                if rule.after:
                    response = self._process(arrived)
                    await asyncio.sleep(rule.seconds)
                    return response
                await asyncio.sleep(rule.seconds)
                return self._process(arrived)
            case "timeout":
                if rule.processed:
                    self._process(arrived)
                return Silence()
            case "malformed":
                text = bytes(self._process(arrived).body).decode()
                return _json(text[: len(text) // 2])
            case "redirect":
                return Response(status_code=302, headers={"location": rule.location})
            case "rate_limit":
                return _too_many(rule.retry_after)

    def _process(self, arrived: Arrived) -> Response:
        operation, request = arrived.operation, arrived.request
        try:
            if operation is None or not operation.open:
                self._authenticate(arrived)
            if operation is None:
                raise Refused(404, f"Cannot {request.method} {request.url.path}")
            if arrived.raw and not arrived.body and _is_json(request):
                _must_be_object(arrived.raw)
            errors = problems(arrived.body, operation.fields)
            if operation.query:
                errors += problems(dict(request.query_params), operation.query)
            if errors:
                raise invalid(errors)
            self._enabled(operation)
            call = Call(
                self._world,
                {name: str(value) for name, value in request.path_params.items()},
                dict(request.query_params),
                Body(arrived.body),
                str(request.base_url).rstrip("/"),
            )
            answer = operation.run(call)
        except Refused as refusal:
            return _refusal(refusal)
        return _json(stringify({"success": True, "message": answer.message, "data": answer.data}), answer.status)

    def _authenticate(self, arrived: Arrived) -> None:
        settings = self._world.settings
        scheme, _, key = arrived.request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise Refused(401, "Unauthorized")
        if key not in settings.api_keys:
            raise Refused(401, "Invalid API Key")
        if settings.secure:
            self._check_signature(arrived)
        limit = settings.rate_limit
        if limit is None:
            return
        now = self._world.clock.now()
        seen = self._seen.setdefault(key, deque())
        while seen and seen[0] <= now - _WINDOW:
            seen.popleft()
        if len(seen) >= limit:
            wait = int((seen[0] + _WINDOW - now).total_seconds()) + 1 if seen else 60
            raise Refused(429, _too_many_text(limit), {"retryAfter": wait})
        seen.append(now)

    def _check_signature(self, arrived: Arrived) -> None:
        headers = arrived.request.headers
        time, nonce, signature = (headers.get(name, "") for name in ("x-timestamp", "x-nonce", "x-signature"))
        if not (time and nonce and signature):
            raise Refused(401, "Missing security headers")
        # the signer's clock is the real one, so it is not compared with the world's, which may be far ahead
        now = self._world.clock.wall().timestamp()
        if not time.isdecimal() or abs(now - int(time)) > _SKEW.total_seconds():
            raise Refused(401, "Request timestamp is stale")
        if nonce in self._nonces:
            raise Refused(401, "Nonce has already been used")
        request = arrived.request
        if request.method in ("POST", "PUT", "PATCH"):
            candidates = [stringify(arrived.body)]
        else:
            segments = (request.url.path, request.scope.get("raw_path", b"").decode())
            candidates = [path.rsplit("/", 1)[-1] for path in segments]
        secret = self._world.settings.api_secret.encode()
        for text in candidates:
            right = hmac.new(secret, f"{time}.{nonce}.{text}".encode(), hashlib.sha256).hexdigest()
            if hmac.compare_digest(right, signature):
                self._nonces.add(nonce)
                return
        raise Refused(401, "Invalid signature")

    def _enabled(self, operation: Operation) -> None:
        service = operation.service
        if service is not None and service in self._world.settings.disabled_services:
            raise Refused(
                403,
                f"Service {service} is not enabled for your account",
                {"service": service, "integratorEnabled": False},
            )


def _read(request: Request, raw: bytes) -> dict[str, object]:
    if not raw or not _is_json(request):
        return {}
    try:
        value = parse(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _must_be_object(raw: bytes) -> None:
    try:
        value = parse(raw)
    except ValueError as error:
        raise Refused(400, f"Unexpected token in JSON: {error}") from error
    if not isinstance(value, dict):
        raise Refused(400, "Unexpected token in JSON: an object is expected")


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _reference(request: Request, operation: Operation | None, body: dict[str, object]) -> str | None:
    name = operation.reference if operation else None
    found = body.get(name) if name else request.path_params.get("reference")
    return found if isinstance(found, str) else None


def _refusal(refusal: Refused) -> Response:
    envelope: dict[str, object] = {"success": refusal.status < 400, "message": refusal.message}
    if refusal.status >= 400:
        envelope["error_code"] = refusal.status
    envelope["data"] = refusal.data or {}
    return _json(stringify(envelope), refusal.status)


def _too_many_text(limit: int) -> str:
    seen = f"You have exceeded the limit of {limit} requests per 60 seconds."
    return f"Too many requests. {seen} Please wait before trying again."


def _too_many(retry_after: int | None) -> Response:
    response = _refusal(Refused(429, _too_many_text(60), None if retry_after is None else {"retryAfter": retry_after}))
    if retry_after is not None:
        response.headers["retry-after"] = str(retry_after)
    return response


def _json(text: str, status: int = 200) -> Response:
    return Response(text, status, media_type="application/json")
