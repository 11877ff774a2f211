"""Webhooks: the secret header, repetition until 2xx, order in each line, and only to this machine."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot
from telegram.error import BadRequest, Conflict

from bot.simulator.pulse import Pulse
from bot.simulator.serving import served
from bot.simulator.telegram import Person, TelegramWorld


@dataclass
class Hook:
    """What arrived; `answers` are the statuses to give, 200 when there is none left; `gate` holds answers back."""

    url: str = ""
    bodies: list[dict[str, object]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    gate: asyncio.Event | None = None
    pulse: Pulse = field(default_factory=Pulse)

    async def hear(self, request: Request) -> Response:
        self.bodies.append(await request.json())
        self.secrets.append(request.headers.get("x-telegram-bot-api-secret-token"))
        self.pulse.beat()
        status = self.answers.pop(0) if self.answers else 200
        if self.gate is not None:
            await self.gate.wait()
        return Response(status_code=status)

    def texts(self) -> list[object]:
        messages = [body["message"] for body in self.bodies if "message" in body]
        return [message["text"] for message in messages if isinstance(message, dict)]


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    async with served(Starlette(routes=[Route("/hook", hook.hear, methods=["POST"])])) as address:
        hook.url = f"{address}/hook"
        yield hook


async def test_updates_are_pushed_with_the_secret(bot: Bot, world: TelegramWorld, amina: Person, hook: Hook) -> None:
    await bot.set_webhook(hook.url, secret_token="a-secret", max_connections=5)
    world.people.say(amina.id, "hello")
    await world.until(lambda: not world.updates.queue)

    assert hook.texts() == ["hello"]
    assert hook.secrets == ["a-secret"]
    info = await bot.get_webhook_info()
    assert (info.url, info.max_connections, info.pending_update_count) == (hook.url, 5, 0)


async def test_what_is_not_answered_2xx_comes_again(bot: Bot, world: TelegramWorld, amina: Person, hook: Hook) -> None:
    hook.answers = [500, 503]
    await bot.set_webhook(hook.url)
    world.people.say(amina.id, "one")
    world.people.say(amina.id, "two")
    await world.until(lambda: len(world.webhook.attempts) == 1)

    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
    await world.clock.advance(1)
    await world.until(lambda: len(world.webhook.attempts) == 2)
    await world.clock.advance(2)
    await world.until(lambda: not world.updates.queue)
    assert hook.texts() == ["one", "one", "one", "two"]


async def test_a_tap_overtakes_a_message_that_is_stuck(
    bot: Bot, world: TelegramWorld, amina: Person, hook: Hook
) -> None:
    hook.gate = asyncio.Event()
    await bot.set_webhook(hook.url)
    world.people.say(amina.id, "one")
    world.people.say(amina.id, "two")
    world.people.forge_tap(amina.id, "tap")

    assert await hook.pulse.until(lambda: len(hook.bodies) == 2, 2)
    assert hook.texts() == ["one"]
    assert any("callback_query" in body for body in hook.bodies)
    hook.gate.set()
    await world.until(lambda: not world.updates.queue)
    assert hook.texts() == ["one", "two"]


async def test_polling_and_a_webhook_exclude_each_other(bot: Bot, world: TelegramWorld, hook: Hook) -> None:
    polling = asyncio.create_task(bot.get_updates(timeout=10))
    await world.until(lambda: world.polls == 1)
    await bot.set_webhook(hook.url)

    with pytest.raises(Conflict, match="terminated by setWebhook"):
        await polling
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_what_waits_can_be_dropped(bot: Bot, world: TelegramWorld, amina: Person, hook: Hook) -> None:
    world.people.say(amina.id, "old")
    await bot.set_webhook(hook.url, drop_pending_updates=True)
    world.people.say(amina.id, "new")
    await world.until(lambda: not world.updates.queue)

    assert hook.texts() == ["new"]


async def test_only_this_machine_is_called(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="this machine only"):
        await bot.set_webhook("https://example.org/hook")
    with pytest.raises(BadRequest, match=r"[Ss]ecret token contains unallowed characters"):
        await bot.set_webhook("http://127.0.0.1:1/hook", secret_token="a b")
