"""The way of a call through the emulated Telegram: token, faults, method, and a record of exactly what was asked.

Bot API, "Making requests": `/bot<token>/<method>`, GET or POST, method names in any case; the answer has `ok`, and
`result` or `error_code`, `description`, `parameters`.
"""

import asyncio
import hmac
import json

from starlette.requests import Request
from starlette.responses import Response

from bot.simulator.faults import NoAnswer, Rule, Silence
from bot.simulator.telegram import api_bot, api_edits, api_messages, api_updates, topics
from bot.simulator.telegram.errors import Refusal
from bot.simulator.telegram.method import Method
from bot.simulator.telegram.params import Json, Params, read_params
from bot.simulator.telegram.world import Call, TelegramWorld
from bot.simulator.waiting import unless_gone

METHODS = {
    method.name.lower(): method
    for method in (*api_bot.METHODS, *api_edits.METHODS, *api_messages.METHODS, *api_updates.METHODS, *topics.METHODS)
}


class Gate:
    """Serves every call of the Bot API for one world."""

    def __init__(self, world: TelegramWorld) -> None:
        self._world = world

    async def serve(self, request: Request) -> Response:
        """Answer one call, with the faults that are in force."""
        raw = await request.body()
        if not self.is_token(request.path_params["token"]):
            return _refused(Refusal(401, "Unauthorized"))
        method = METHODS.get(request.path_params["method"].lower())
        if method is None:
            return _refused(Refusal(404, "Not Found: method not found"))
        try:
            params = read_params(request, raw)
        except Refusal as refusal:
            return _refused(refusal)
        files = {name: upload.content for name, upload in params.files.items()}
        call = Call(self._world.clock.now(), method.name, _chat(params), params.values, files)
        reference = None if call.chat is None else str(call.chat)
        rule = self._world.faults.meet(method.name, request.method, f"/{method.name}", reference)
        self._world.calls.append(call)
        if rule is not None:
            call.fault = rule.action
            response = await self._faulty(rule, request, method, params, call)
        else:
            response = await self._process(request, method, params, call)
        if isinstance(response, NoAnswer | Silence):
            call.code = None
        elif rule is not None:
            call.code = response.status_code
        self._world.pulse.beat()
        return response

    def is_token(self, token: str) -> bool:
        """Whether this is the bot's token."""
        return hmac.compare_digest(token.encode(), self._world.settings.token.encode())

    async def _process(self, request: Request, method: Method, params: Params, call: Call) -> Response:
        try:
            result = await unless_gone(request, method.run(self._world, params))
        except Refusal as refusal:
            call.code, call.description = refusal.code, refusal.description
            return _refused(refusal)
        call.code, call.result = 200, result
        return _json({"ok": True, "result": result})

    async def _faulty(self, rule: Rule, request: Request, method: Method, params: Params, call: Call) -> Response:
        async def processed() -> Response:
            return await self._process(request, method, params, call)

        match rule.action:
            case "refuse":
                extra = {"retry_after": rule.retry_after} if rule.status == 429 and rule.retry_after else {}
                call.description = rule.message
                return _refused(Refusal(rule.status, rule.message, **extra))
            case "rate_limit":
                call.description = "Too Many Requests"
                if rule.retry_after is None:
                    return _refused(Refusal(429, "Too Many Requests"))
                text = f"Too Many Requests: retry after {rule.retry_after}"
                return _refused(Refusal(429, text, retry_after=rule.retry_after))
            case "answer":
                if rule.processed:
                    await processed()
                return Response(rule.body, rule.status, media_type="application/json")
            case "drop_before":
                return NoAnswer()
            case "accept_then_drop":
                await processed()
                return NoAnswer()
            case "accept_then_500":
                await processed()
                return _refused(Refusal(500, "Internal Server Error"))
            case "delay":
                if rule.after:
                    response = await processed()
                    await asyncio.sleep(rule.seconds)
                    return response
                await asyncio.sleep(rule.seconds)
                return await processed()
            case "timeout":
                if rule.processed:
                    await processed()
                return Silence()
            case "malformed":
                text = bytes((await processed()).body).decode()
                return Response(text[: len(text) // 2], media_type="application/json")
            case "redirect":
                return Response(status_code=302, headers={"location": rule.location})


def _chat(params: Params) -> int | None:
    text = params.text("chat_id")
    return int(text) if text.lstrip("-").isdecimal() else None


def _refused(refusal: Refusal) -> Response:
    answer: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        answer["parameters"] = refusal.parameters
    return _json(answer, refusal.code)


def _json(answer: Json, status: int = 200) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), status, media_type="application/json")
