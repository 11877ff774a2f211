"""What a start refuses: a key of the other environment anywhere, and in production whatever money depends on."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from bot.app import Assistant
from bot.checks.gate import refuse_unready
from bot.checks.walk import CHECKS, NEEDED
from bot.engine.clock import Clock, utc_now
from bot.engine.customers import Customers
from bot.engine.effects import Effects
from bot.payments.phones import phone_from_e164
from bot.settings import Settings, SettingsRefused, fresh_keys
from storage.database import Database

from .conftest import KEYS, Place

PUBLIC = "https://pay.example.com"


async def refused(settings: Settings, clock: Clock = utc_now) -> str:
    """Why the assistant does not start; empty when it does."""
    try:
        async with Assistant(settings, clock=clock).running():
            return ""
    except SettingsRefused as error:
        return "\n".join(error.problems)


async def missing(settings: Settings, clock: Clock = utc_now) -> str:
    """What production is refused for, by what asks before it starts."""
    try:
        await refuse_unready(settings, Database(settings.database_url.get_secret_value()).look, clock=clock)
    except SettingsRefused as error:
        return "\n".join(error.problems)
    return ""


async def test_production_starts_with_everything_that_money_depends_on(place: Place) -> None:
    assert await refused(place.live(environment="production", public_url=PUBLIC)) == ""


@pytest.mark.parametrize(
    ("update", "words"),
    [
        ({"owners": ""}, "Owners: nobody: what waits for a person waits for ever: Set OWNERS"),
        ({"public_url": None}, "Set PUBLIC_URL"),
        ({"public_url": "https://10.0.0.4"}, "Public address: 10.0.0.4 is an address inside a network"),
        ({"kotani_webhook_secret": None}, "Set KOTANI_WEBHOOK_SECRET"),
        ({"kotani_api_key": SecretStr(KEYS["sandbox"])}, "API key: it belongs to sandbox, and production refuses it"),
    ],
)
async def test_production_without_one_of_them_is_refused_by_name(
    place: Place, update: dict[str, Any], words: str
) -> None:
    said = await missing(place.live(environment="production", **({"public_url": PUBLIC} | update)))
    assert words in said
    assert KEYS["sandbox"] not in said


async def test_all_that_is_missing_is_told_at_once_and_a_sandbox_is_not_held_up(place: Place) -> None:
    lacking: dict[str, Any] = {"owners": "", "public_url": "https://localhost", "kotani_webhook_secret": None}
    said = await refused(place.live(environment="production", **lacking))
    assert [name for name in ("OWNERS", "PUBLIC_URL", "KOTANI_WEBHOOK_SECRET") if name not in said] == []
    assert await refused(place.live(**lacking | {"public_url": None})) == ""


async def test_a_key_of_production_in_the_sandbox_is_told_where_it_belongs(place: Place) -> None:
    said = await refused(place.live(kotani_api_key=SecretStr(KEYS["production"])))
    assert "KOTANI_API_KEY" in said
    assert "it belongs to production: set KOTANI_ENVIRONMENT=production" in said


async def test_a_clock_that_is_minutes_off_and_wallets_that_are_none_are_refused(place: Place) -> None:
    settings = place.live(environment="production", public_url=PUBLIC)
    assert "Clock: " in await missing(settings, lambda: utc_now() + timedelta(minutes=10))
    place.production.wallets.all.clear()
    assert "Wallets: there is none" in await missing(settings)


async def test_keys_that_do_not_open_the_database_are_refused(place: Place) -> None:
    settings = place.live(environment="production", public_url=PUBLIC)
    async with place.running(settings) as (assistant, _):
        customers, effects = Customers(assistant.database, settings.keyring(), utc_now), Effects()
        person = await customers.meet(telegram_id=1, chat_id=1, language="en")
        customers.stage_profile(effects, person, phone=phone_from_e164("+254712345678"))
        await assistant.database.write(effects.write)
    assert await missing(settings) == ""
    fresh = fresh_keys()
    others = settings.model_copy(update={"encryption_keys": SecretStr(fresh["ENCRYPTION_KEYS"])})
    assert "ENCRYPTION_KEYS does not open what is in the database" in await missing(others)
    others = settings.model_copy(update={"digest_key": SecretStr(fresh["DIGEST_KEY"])})
    assert "DIGEST_KEY is not the one of this database" in await missing(others)


async def test_a_provider_that_is_silent_stops_nobody(place: Place) -> None:
    settings = place.live(environment="production", public_url=PUBLIC, kotani_base_url="http://127.0.0.1:9")
    assert await missing(settings.model_copy(update={"kotani_timeout_seconds": 1.0})) == ""


def test_what_is_needed_is_checked() -> None:
    assert {name for name, _ in CHECKS} > NEEDED
