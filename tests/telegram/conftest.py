"""The transport's parts around an emulated Telegram on a real port, on both databases."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.engine.inbox import Inbox
from bot.engine.outbox import Outbox
from bot.engine.wakes import Wakes
from bot.simulator.serving import served
from bot.simulator.telegram import Person, TelegramWorld, create_app
from bot.telegram.application import App, build_application, initialize, shutdown
from bot.telegram.drawing import Renderer, screen_renderer
from bot.telegram.pacing import Pace
from bot.telegram.sending import Sender
from storage.crypto import Keyring
from storage.database import Database

TOKEN = "4242:simulated"
AT_ONCE = Pace(*(timedelta(),) * 3)


class HeldClock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def wakes() -> Wakes:
    return Wakes()


@pytest.fixture
def keyring() -> Keyring:
    return Keyring({"k": bytes(range(32))}, digest_key=bytes(32))


@pytest.fixture
def outbox(keyring: Keyring, clock: HeldClock) -> Outbox:
    return Outbox(keyring, clock)


@pytest.fixture
def inbox(database: Database, keyring: Keyring, clock: HeldClock, wakes: Wakes) -> Inbox:
    return Inbox(database, keyring, clock, wakes)


@pytest.fixture
def world() -> TelegramWorld:
    return TelegramWorld()


@pytest.fixture
async def address(world: TelegramWorld) -> AsyncIterator[str]:
    async with served(create_app(world)) as address:
        yield address


@pytest.fixture
async def application(address: str) -> AsyncIterator[App]:
    application = build_application(TOKEN, address)
    await initialize(application)
    yield application
    await shutdown(application)


@pytest.fixture
def asha(world: TelegramWorld) -> Person:
    """Somebody who has started the bot."""
    person = world.people.add("Asha", language_code="sw")
    world.people.start(person.id)
    return person


class Senders:
    """Makes senders on the same database, each as another replica."""

    def __init__(self, database: Database, keyring: Keyring, application: App, clock: HeldClock, wakes: Wakes) -> None:
        self._parts = database, keyring, application
        self._rest = clock, wakes
        self.renderers: dict[str, Renderer] = {"screen": screen_renderer()}
        self._count = 0

    def __call__(self, pace: Pace = AT_ONCE) -> Sender:
        self._count += 1
        return Sender(*self._parts, self.renderers, *self._rest, owner=f"replica-{self._count}", pace=pace)


@pytest.fixture
def senders(database: Database, keyring: Keyring, application: App, clock: HeldClock, wakes: Wakes) -> Senders:
    return Senders(database, keyring, application, clock, wakes)


async def until(fact: Callable[[], Awaitable[bool]], within: float = 15.0) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(within):
        for pause in itertools.repeat(0.02):
            if await fact():
                return
            await asyncio.sleep(pause)


async def drain(sender: Sender) -> None:
    """Send until nothing is due."""
    async with asyncio.timeout(20):
        while await sender.step():
            continue
