"""Nothing that Telegram gave us is acknowledged before it is on disk: by polling, and by webhook."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import select
from starlette.applications import Starlette
from telegram.error import TelegramError

from bot.engine.effects import Effects
from bot.engine.inbox import Inbox, RawUpdate
from bot.simulator.faults import Match, Rule
from bot.simulator.serving import served
from bot.simulator.telegram import Person, TelegramWorld
from bot.telegram.application import App, build_application, initialize, introduce, set_webhook, shutdown
from bot.telegram.errors import TokenRefused
from bot.telegram.receiving import Poller
from bot.telegram.taps import TapAnswers
from bot.web import telegram as web
from bot.web.telegram import MOST_BYTES, PATH, SECRET_HEADER, TelegramEndpoint
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.updates import UPDATE
from tests.telegram.conftest import TOKEN, HeldClock, until

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
SECRET = "a-secret-of-the-webhook"


async def stored(database: Database) -> list[int]:
    return list(
        await database.read(
            lambda session: (
                session.connection().execute(select(UPDATE.c.update_id).order_by(UPDATE.c.update_id)).scalars().all()
            )
        )
    )


async def until_stored(database: Database, count: int) -> None:
    async def enough() -> bool:
        return len(await stored(database)) >= count

    await until(enough)


def poller(application: App, inbox: Inbox) -> Poller:
    return Poller(application, inbox, allowed_updates=ALLOWED, poll_seconds=0)


def waiting(world: TelegramWorld) -> list[int]:
    return [int(str(update["update_id"])) for update in world.updates.batch(100)]


async def test_updates_are_acknowledged_after_they_are_stored_and_not_before(
    application: App,
    inbox: Inbox,
    database: Database,
    world: TelegramWorld,
    asha: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world.people.say(asha.id, "two")
    ids = waiting(world)
    fetching = poller(application, inbox)

    async def away(_: Any) -> None:
        raise StorageUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "store", away)
        with pytest.raises(StorageUnavailable):
            await fetching.step()
    assert waiting(world) == ids
    assert await fetching.step() == len(ids)
    assert await stored(database) == ids
    assert waiting(world) == ids  # stored, and acknowledged with the next call
    assert await fetching.step() == 0
    assert waiting(world) == []
    assert world.called("getUpdates")[0].params["allowed_updates"] is not None


async def test_ids_that_begin_anew_below_the_old_ones_are_not_skipped(
    application: App, inbox: Inbox, database: Database, world: TelegramWorld, asha: Person
) -> None:
    fetching = poller(application, inbox)
    await fetching.step()
    await fetching.step()
    assert "offset" in world.called("getUpdates")[1].params
    await fetching.step()
    assert "offset" not in world.called("getUpdates")[2].params


async def test_polling_goes_on_through_errors_and_stops_at_once(
    application: App,
    inbox: Inbox,
    database: Database,
    world: TelegramWorld,
    asha: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.telegram.receiving._FIRST_PAUSE", 0.01)
    for action in ("drop_before", "accept_then_drop", "malformed"):
        world.inject(Rule(action=action, match=Match(operation="getUpdates")))  # type: ignore[arg-type]
    world.inject(
        Rule(action="answer", match=Match(operation="getUpdates"), status=200, body='{"ok":true,"result":[5]}')
    )
    fetching = Poller(application, inbox, allowed_updates=ALLOWED, poll_seconds=30)
    running = asyncio.create_task(fetching.run())
    await until_stored(database, 1)
    world.people.say(asha.id, "more")
    await until_stored(database, 2)
    await asyncio.sleep(0.05)
    fetching.stop()
    async with asyncio.timeout(2):  # not when the call that waits for updates ends
        await running


async def test_a_refused_token_ends_polling_with_a_sentence_that_does_not_show_it(
    application: App, inbox: Inbox, world: TelegramWorld
) -> None:
    world.inject(Rule(action="refuse", match=Match(operation="getUpdates"), status=401, message="Unauthorized"))
    with pytest.raises(TokenRefused) as refused:
        await poller(application, inbox).run()
    assert "TELEGRAM_TOKEN" in str(refused.value)
    assert TOKEN not in str(refused.value)


async def test_a_token_that_is_refused_from_the_start_says_the_same(address: str) -> None:
    application = build_application("7:canary", address)
    with pytest.raises(TokenRefused) as refused:
        await initialize(application)
    assert "canary" not in str(refused.value)
    assert refused.value.__cause__ is None
    await shutdown(application)


async def test_two_pollers_are_told_apart_and_a_webhook_is_removed(
    application: App, inbox: Inbox, database: Database, world: TelegramWorld, asha: Person
) -> None:
    await set_webhook(application, url="https://127.0.0.1:1/x", secret=SECRET, allowed_updates=ALLOWED)
    with pytest.raises(TelegramError):
        await poller(application, inbox).step()
    fetching = poller(application, inbox)
    running = asyncio.create_task(fetching.run())
    await until_stored(database, 1)
    fetching.stop()
    await running


# webhook


@pytest.fixture
async def endpoint(inbox: Inbox) -> AsyncIterator[str]:
    counter = Counter("updates", "Updates by outcome.", ["outcome"], registry=CollectorRegistry())
    async with served(Starlette(routes=[TelegramEndpoint(inbox, SECRET, counter).route()])) as address:
        yield address + PATH


async def test_telegram_delivers_to_the_webhook_and_each_update_once(
    application: App, endpoint: str, database: Database, world: TelegramWorld, asha: Person
) -> None:
    async with world.running():
        await set_webhook(application, url=endpoint, secret=SECRET, allowed_updates=ALLOWED)
        await until_stored(database, 1)
        for update_id in await stored(database):
            world.updates.redeliver(update_id, 3)
        world.people.say(asha.id, "more")
        await until_stored(database, 2)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"update_id": 1}', {}, 401),
        (b'{"update_id": 1}', {SECRET_HEADER: "wrong"}, 401),
        (b'{"update_id": 1}', {SECRET_HEADER: SECRET + "x"}, 401),
        (b'{"update_id": 1}', {SECRET_HEADER: "sécret"}, 401),
        (b'{"update_id": 1}', {SECRET_HEADER: SECRET, "content-type": "text/plain"}, 415),
        (b"update", {SECRET_HEADER: SECRET}, 400),
        (b'{"update_id": "x"}', {SECRET_HEADER: SECRET}, 400),
        (b" " * (MOST_BYTES + 1), {SECRET_HEADER: SECRET}, 413),
        (b'{"update_id": 1}', {SECRET_HEADER: SECRET}, 200),
    ],
)
async def test_the_webhook_takes_what_is_genuine_and_nothing_else(
    endpoint: str, database: Database, body: bytes, headers: dict[str, str], status: int
) -> None:
    encoded = {
        name: value.encode("latin-1") for name, value in ({"content-type": "application/json"} | headers).items()
    }
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(endpoint, content=body, headers=list(encoded.items()))
        assert (await http.get(endpoint)).status_code == 405
    assert answer.status_code == status
    assert await stored(database) == ([1] if status == 200 else [])


async def test_a_slow_body_is_cut_off_and_a_storage_that_is_away_is_said(
    endpoint: str, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: Any) -> None:
        raise StorageUnavailable("away")

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(0.3)
        yield b"}"

    headers = {SECRET_HEADER: SECRET, "content-type": "application/json"}
    monkeypatch.setattr(web, "SLOWEST_SECONDS", 0.05)
    monkeypatch.setattr(inbox, "store", away)
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.post(endpoint, content=slow(), headers=headers)).status_code == 408
        assert (await http.post(endpoint, content=b'{"update_id": 1}', headers=headers)).status_code == 503


# taps and the menu


async def test_a_tap_is_answered_once_whatever_comes_of_it(application: App, world: TelegramWorld) -> None:
    taps = TapAnswers(lambda: application.bot)
    for action in ("refuse", "rate_limit", "drop_before", "accept_then_drop"):
        match = Match(operation="answerCallbackQuery")
        world.inject(Rule(action=action, match=match, message="Bad Request: query is too old"))  # type: ignore[arg-type]
        collected = Effects()
        taps.answer(collected, "1", "x" * 500, alert=True)
        await collected.finish()
    assert len(world.called("answerCallbackQuery")) == 4


async def test_the_menu_is_set_once_and_left_alone_after_that(application: App, world: TelegramWorld) -> None:
    commands = {None: [("buy", "Buy crypto")], "sw": [("buy", "Nunua")]}
    descriptions = {None: ("What I do", "short"), "sw": ("Ninachofanya", "fupi")}
    for _ in range(2):
        await introduce(application, commands=commands, descriptions=descriptions)
    assert len(world.called("setMyCommands")) == 2
    assert len(world.called("setMyDescription")) == 2
    world.inject(Rule(action="refuse", match=Match(operation="getMyCommands"), status=500))
    await introduce(application, commands=commands, descriptions=descriptions)


async def test_updates_are_stored_with_what_the_library_does_not_know(
    inbox: Inbox, database: Database, clock: HeldClock
) -> None:
    await inbox.store([RawUpdate.from_object({"update_id": 3, "of_the_future": {"text": "\ud800"}})])
    assert await stored(database) == [3]
