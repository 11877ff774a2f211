"""Fixtures of the tests that run the assistant as a process: a world on loopback, and a customer who is known already."""

import asyncio
import contextlib
import secrets
import shutil
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from bot.demo import Demo, demonstration
from bot.engine.addresses import remember
from bot.engine.clock import utc_now
from bot.engine.customers import Customers
from bot.engine.effects import Effects
from bot.engine.recipients import remember_recipient
from bot.payments.parties import Destination, Way
from bot.payments.phones import phone_from_e164
from bot.settings import Settings, fresh_keys, read_settings
from bot.simulator.kotani import KotaniWorld
from bot.simulator.kotani import Settings as KotaniSettings
from bot.simulator.serving import served
from bot.simulator.telegram import Settings as TelegramSettings
from bot.simulator.telegram import TelegramWorld
from bot.simulator.world import World, create_app
from bot.tour.customer import Customer
from bot.tour.parts import WALLET
from bot.tour.play import QUICK
from bot.tour.stage import Stage
from storage.crypto import Keyring
from storage.database import Database

from .crashing import Executioner, Nursery, Outside, free_port

JANE = 1001  # the first person who arrives in a simulated world
PHONE = "+254712345678"
MARY = Destination(Way.PHONE, "KE", "KES", "Mary Atieno", phone="+254722111222", network="MPESA")


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where assistants are started as processes."""
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture(scope="session")
def keys() -> Mapping[str, str]:
    """The keys of all assistants here."""
    return fresh_keys()


@pytest.fixture(scope="session")
def knowing_jane(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, keys: Mapping[str, str]) -> Path:
    """An SQLite file in which Jane is known, to be copied."""
    path = tmp_path_factory.mktemp("jane") / "jane.db"
    shutil.copyfile(sqlite_template, path)
    asyncio.run(introduce_jane(f"sqlite:///{path}", keys))
    return path


async def introduce_jane(url: str, keys: Mapping[str, str]) -> None:
    """Write down a customer who was here before: phone, name, one address and one person whom she pays are known."""
    keyring = Keyring.from_setting(keys["ENCRYPTION_KEYS"], digest_key=keys["DIGEST_KEY"])
    database = Database(url)
    await database.start()
    customers = Customers(database, keyring, utc_now)
    person = await customers.meet(telegram_id=JANE, chat_id=JANE, language="en")
    effects = Effects()
    customers.stage_profile(
        effects, person, language="en", country="KE", network="MPESA", phone=phone_from_e164(PHONE), name="Jane Doe"
    )
    customers.stage_hold(effects, person, 0)
    await database.write(effects.write)
    now = utc_now()
    await database.write(
        lambda session: remember(session, keyring, customer_id=person.id, chain="BASE", address=WALLET, now=now)
    )
    await database.write(lambda session: remember_recipient(session, keyring, person.id, MARY, now))
    await database.stop()


@pytest.fixture
async def outside(tmp_path: Path, knowing_jane: Path, keys: Mapping[str, str]) -> AsyncIterator[Outside]:
    """A world in which everything happens soon, and the settings of an assistant that lives in it and knows Jane."""
    shutil.copyfile(knowing_jane, tmp_path / "assistant.db")
    async with outside_of(f"sqlite:///{tmp_path / 'assistant.db'}", tmp_path, keys) as outside:
        yield outside


@contextlib.asynccontextmanager
async def outside_of(database_url: str, folder: Path, keys: Mapping[str, str]) -> AsyncIterator[Outside]:
    """The same for any database."""
    token, api_key, secret = f"{secrets.randbelow(10**9):09}:{secrets.token_hex(16)}", *_two_secrets()
    provider = KotaniSettings(
        api_keys=[api_key],
        webhook_secret=secret,
        initiate_delay=0.05,
        settle_delay=0.05,
        onchain_start_delay=0.05,
        onchain_finish_delay=0.1,
        payout_delay=0.1,
        callback_retry=1,  # what is asked at the start comes before it
        callback_timeout=2,
        duplicate_reference="accept",  # nobody but us prevents a second order
    )
    world = World(kotani=KotaniWorld(settings=provider), telegram=TelegramWorld(settings=TelegramSettings(token=token)))
    door = Executioner(create_app(world))
    # a context that reads no certificates, which takes a while
    client = httpx.AsyncClient(trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    async with served(door) as address, client as http:
        http.base_url = httpx.URL(address)
        environment = {
            **keys,
            "TELEGRAM_TOKEN": token,
            "TELEGRAM_BASE_URL": address,
            "KOTANI_BASE_URL": address,
            "KOTANI_API_KEY": api_key,
            "KOTANI_WEBHOOK_SECRET": secret,
            "KOTANI_TIMEOUT_SECONDS": "8",  # nothing here waits for it but a machine with much else to do
            "PORT": str(free_port()),
            "DATABASE_URL": database_url,
            "RECONCILE_HOUR": "never",  # or each of them begins with a look at the day before
        }
        yield Outside(world, door, http, environment, folder)


def _two_secrets() -> tuple[str, str]:
    return secrets.token_hex(16), secrets.token_hex(16)


@pytest.fixture
async def jane(outside: Outside) -> Customer:
    """A customer who bought before, with a chat and a phone."""
    customer = await Customer.arrive(outside.http, "Jane", PHONE)
    assert customer.id == JANE
    return customer


@pytest.fixture
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A demonstration on a database of its own."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return read_settings(None).model_copy(update={"port": 0})


@pytest.fixture
async def demo(settings: Settings) -> AsyncIterator[Demo]:
    """The world outside, in which everything happens soon."""
    async with demonstration(settings, port=0) as demo:
        demo.world.kotani.configure(**QUICK)
        yield demo


@pytest.fixture
async def stage(demo: Demo) -> AsyncIterator[Stage]:
    """The same through its control interfaces."""
    async with httpx.AsyncClient(base_url=demo.address, trust_env=False) as http:
        yield Stage(http, print)
