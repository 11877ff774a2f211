"""One method of the Bot API: its name, its code, and what the gate has to know about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.simulator.telegram.errors import BadRequest, TooManyRequests
from bot.simulator.telegram.params import Params

if TYPE_CHECKING:
    from bot.simulator.telegram.records import Chat
    from bot.simulator.telegram.world import TelegramWorld

Run = Callable[["TelegramWorld", Params], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Method:
    """`run` gives the `result` of the answer, or raises a `Refusal`."""

    name: str
    run: Run


def chat_number(params: Params) -> int:
    """The `chat_id` of a call. Raises `BadRequest` when it is missing; a public name leads to nobody here."""
    text = params.text("chat_id").strip()
    if not text:
        raise BadRequest("chat_id is empty")
    try:
        return int(text)
    except ValueError as error:
        raise BadRequest("chat not found") from error


def admitted(world: TelegramWorld, params: Params) -> Chat:
    """The chat of a call that sends something, counted against the flood limits."""
    chat = world.chats.reachable(chat_number(params))
    wait = world.limiter.admit(chat.id, world.clock.now(), group=chat.person is None)
    if wait is not None:
        raise TooManyRequests(wait)
    return chat
