"""Two providers, one that is a sandbox and one that is production, a Telegram, and an assistant's settings for them."""

import contextlib
import secrets
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot import setting_rules
from bot.app import Assistant
from bot.checks.ground import prepared
from bot.checks.walk import CHECKS, walk
from bot.engine.clock import Clock, utc_now
from bot.engine.operators.check_results import Finding
from bot.settings import Settings, read_settings
from bot.simulator.kotani import KotaniWorld
from bot.simulator.kotani import Settings as KotaniSettings
from bot.simulator.kotani import create_app as kotani_app
from bot.simulator.serving import served
from bot.simulator.telegram import Settings as TelegramSettings
from bot.simulator.telegram import TelegramWorld
from bot.simulator.telegram import create_app as telegram_app
from bot.telegram.pacing import Pace
from bot.tour.customer import Customer
from storage.database import Database

BRISK = Pace(in_chat=timedelta(milliseconds=20))
KEYS = {"sandbox": "a-key-of-the-sandbox", "production": "a-key-of-production"}


@dataclass
class Place:
    """The world outside, and what an assistant in it is set to."""

    sandbox: KotaniWorld
    production: KotaniWorld
    telegram: TelegramWorld
    addresses: dict[str, str]
    chat: httpx.AsyncClient
    settings: Settings

    def live(self, **update: Any) -> Settings:
        """The settings, some of them others; `environment` brings its address and its key along."""
        environment = update.pop("environment", "sandbox")
        belonging = {
            "kotani_environment": environment,
            "kotani_base_url": self.addresses[environment],
            "kotani_api_key": SecretStr(KEYS[environment]),
        }
        return self.settings.model_copy(update=belonging | update)

    @contextlib.asynccontextmanager
    async def running(self, settings: Settings, clock: Clock = utc_now) -> AsyncIterator[tuple[Assistant, str]]:
        """An assistant at work, and its address."""
        assistant = Assistant(settings, clock=clock, pace=BRISK)
        async with assistant.running() as address:
            yield assistant, address

    async def found(
        self, settings: Settings, *, address: str | None = None, clock: Clock = utc_now
    ) -> dict[str, Finding]:
        """What the checks find, beside the assistant or without one."""
        database = Database(settings.database_url.get_secret_value())
        async with prepared(settings, database.look, address=address, clock=clock) as ground:
            return {one.name: one for one in await walk(ground)}

    async def finding(self, settings: Settings, name: str, *, clock: Clock = utc_now) -> Finding:
        """What one check finds, without an assistant."""
        database = Database(settings.database_url.get_secret_value())
        async with prepared(settings, database.look, clock=clock) as ground:
            (found,) = await walk(ground, [one for one in CHECKS if one[0] == name])
        return found

    async def person(self, name: str = "Olu") -> Customer:
        """Somebody with a chat."""
        return await Customer.arrive(self.chat, name, "+254700000001", print)


async def rows(assistant: Assistant, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query on an assistant's database."""
    return await assistant.database.read(
        lambda session: [tuple(row) for row in session.connection().execute(text(query))]
    )


@pytest.fixture
async def place(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    """The stage."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    worlds = {
        environment: KotaniWorld(
            settings=KotaniSettings(
                api_keys=[key],
                environment=environment,  # type: ignore[arg-type]
                settle_delay=0.05,
                initiate_delay=0.05,
                callback_retry=0.2,
            )
        )
        for environment, key in KEYS.items()
    }
    token = f"{secrets.randbelow(10**9):09}:{secrets.token_urlsafe(26)}"
    telegram = TelegramWorld(settings=TelegramSettings(token=token))
    async with contextlib.AsyncExitStack() as stack:
        there = await stack.enter_async_context(served(telegram_app(telegram)))
        chat = await stack.enter_async_context(httpx.AsyncClient(base_url=there, trust_env=False))
        addresses = {
            environment: await stack.enter_async_context(served(kotani_app(world)))
            for environment, world in worlds.items()
        }
        official = MappingProxyType({environment: (address,) for environment, address in addresses.items()})
        monkeypatch.setattr(setting_rules, "KOTANI_ADDRESSES", official)
        settings = read_settings(None).model_copy(
            update={
                "telegram_token": SecretStr(token),
                "telegram_base_url": there,
                "kotani_webhook_secret": SecretStr(secrets.token_hex(16)),
                "kotani_timeout_seconds": 2,
                "support_contact": "@somebody",
                "owners": "1001",
                "port": 0,
            }
        )
        yield Place(worlds["sandbox"], worlds["production"], telegram, addresses, chat, settings)


@pytest.fixture
def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
