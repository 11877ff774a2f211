"""Faults put into the answers of a simulated service: which calls a rule meets, how often, and what goes wrong."""

import re
from typing import Literal

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

Action = Literal[
    "refuse",
    "answer",
    "accept_then_drop",
    "drop_before",
    "accept_then_500",
    "delay",
    "timeout",
    "malformed",
    "redirect",
    "rate_limit",
]


class Match(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which calls: by operation (`onramp.create`, `sendMessage`), HTTP method, a pattern searched in the path, and a
    reference: the integrator's at Kotani Pay, the chat id at Telegram."""

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    reference: str | None = None


class Rule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong. `times` 0 means always; the first `skip` matching calls pass unharmed.

    refuse: an error envelope of `status`, `message`, `errors`, nothing done. answer: `status` with `body` word for
    word, after processing when `processed`. accept_then_drop / drop_before: the connection closes without an answer,
    with / without processing. accept_then_500: processed, then 500. delay: `seconds` (real ones) before, or with
    `after` between processing and answering. timeout: no answer ever, after processing when `processed`. malformed:
    processed, answer cut in the middle. redirect: 302 to `location`, nothing done. rate_limit: 429 with `retry_after`
    seconds, or without when null.
    """

    action: Action
    match: Match = msgspec.field(default_factory=Match)
    times: int = 1
    skip: int = 0
    status: int = 400
    message: str = "Bad Request"
    errors: list[str] = msgspec.field(default_factory=list)
    body: str = ""
    seconds: float = 1.0
    after: bool = False
    processed: bool = False
    location: str = "/elsewhere"
    retry_after: int | None = 60
    met: int = 0

    def spent(self) -> bool:
        return self.times > 0 and self.met >= self.skip + self.times


class Faults:
    """The rules in force, tried in order; a spent rule stays listed but does nothing."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def add(self, rule: Rule) -> Rule:
        """Put a rule in force. Raises `ValueError` for a path pattern that is no regular expression."""
        try:
            re.compile(rule.match.path or "")
        except re.error as error:
            raise ValueError(f"path: {error}") from error
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        self.rules.clear()

    def meet(self, operation: str, method: str, path: str, reference: str | None) -> Rule | None:
        """The rule that this call runs into, counted as met."""
        for rule in self.rules:
            wanted = rule.match
            if (
                not rule.spent()
                and wanted.operation in (None, operation)
                and wanted.method in (None, method)
                and wanted.reference in (None, reference)
                and re.search(wanted.path or "", path)
            ):
                rule.met += 1
                if rule.met > rule.skip:
                    return rule
        return None


def read_rule(raw: bytes) -> Rule:
    """A rule from JSON. Raises `ValueError` that says what is wrong with it."""
    try:
        rule = msgspec.json.decode(raw, type=Rule)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    rule.met = 0
    return rule


class NoAnswer(Response):
    """The connection closes before a byte of an answer is written.

    ASGI has no way to say this. Under uvicorn the `receive` callable is a bound method of the request cycle, which
    holds the transport: aborting that makes the client see a broken connection and leaves the server's log quiet.
    Where there is no transport (an in-process client), a `ConnectionResetError` is raised to the caller instead.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        if transport is None:
            raise ConnectionResetError("the simulated provider closed the connection")
        transport.abort()
        await _gone(receive)


class Silence(Response):
    """No answer, for as long as the client is willing to wait."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _gone(receive)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
