"""The checks over real HTTP: what is well is said to be, and each thing that is wrong is named with what to do."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from bot.checks import outside
from bot.checks.callbacks import set_webhook
from bot.checks.ground import Ground, prepared
from bot.checks.walk import CHECKS, walk
from bot.engine.clock import utc_now
from bot.engine.customers import Customers
from bot.engine.effects import Effects
from bot.engine.operators.check_results import Finding, Verdict, well
from bot.payments.phones import phone_from_e164
from bot.screens.checks import checks_screen, title_of, todo_of
from bot.screens.texts import LANGUAGES, catalogue
from bot.simulator.kotani.catalogue import COUNTRIES
from storage.database import Database

from .conftest import KEYS, Place, rows

MONEY = ("payment", "leg", "ledger_entry", "leg_event", "attention_case")
ELSEWHERE = "https://other.example/hook"
EVERY = [one.iso2 for one in COUNTRIES]


def told(finding: Finding) -> str:
    texts = catalogue("en")
    return f"{title_of(texts, finding)} → {todo_of(texts, finding)}"


async def test_an_installation_that_is_right_has_no_fault(place: Place) -> None:
    settings = place.live()
    async with place.running(settings) as (_, address):
        found = await place.found(settings, address=address)
    assert list(found) == [name for name, _ in CHECKS]
    assert not [told(one) for one in found.values() if one.verdict is Verdict.FAULT]
    # what nobody can know before the first callback of the provider's own came
    assert [name for name, one in found.items() if one.verdict is Verdict.WARNING] == ["webhook_secret"]
    assert told(found["key"]).startswith("API key: taken in sandbox")
    assert found["services"].values["services"] == "customers, onramp, offramp, deposits, withdrawals"


@pytest.mark.parametrize(("here", "there"), [("sandbox", "production"), ("production", "sandbox")])
async def test_a_key_of_the_other_environment_is_found(place: Place, here: str, there: str) -> None:
    settings = place.live(environment=here, kotani_api_key=SecretStr(KEYS[there]))
    found = await place.finding(settings, "key")
    assert found.verdict is Verdict.FAULT
    assert told(found) == (
        f"API key: it belongs to {there}, and {here} refuses it"
        f" → Set KOTANI_ENVIRONMENT to {there}, or KOTANI_API_KEY to a key of {here}"
    )


async def test_a_key_that_nobody_knows_is_refused_by_both_and_sent_to_nobody_else(place: Place) -> None:
    settings = place.live(kotani_api_key=SecretStr("a-key-of-nobody"))
    assert "sandbox refuses it" in told(await place.finding(settings, "key"))
    assert place.production.requests
    # a simulator or a proxy is none of the provider's own: a key for it goes nowhere else
    asked = len(place.production.requests)
    proxy = place.addresses["sandbox"].replace("127.0.0.1", "localhost")
    assert "refuses it" in told(await place.finding(settings.model_copy(update={"kotani_base_url": proxy}), "key"))
    assert len(place.production.requests) == asked


Broken = dict[str, Any]


@pytest.mark.parametrize(
    ("provider", "settings", "name", "verdict", "words"),
    [
        ({"disabled_services": ["mobile_money_customers"]}, {}, "services", "warning", "not enabled: customers"),
        ({"disabled_countries": EVERY}, {}, "countries", "fault", "no country is enabled"),
        ({}, {"telegram_token": SecretStr("1:" + "x" * 30)}, "token", "fault", "Telegram refuses it"),
        ({}, {"kotani_webhook_secret": None}, "webhook_secret", "warning", "callbacks are unsigned"),
        ({"webhook_url": ELSEWHERE}, {"public_url": "http://127.0.0.1:9"}, "webhook_secret", "fault", "to https://other"),
        ({}, {"owners": ""}, "owners", "warning", "Set OWNERS"),
        ({}, {"support_contact": None}, "support", "warning", "Set SUPPORT_CONTACT"),
        ({}, {"operators_chat": -100777}, "group", "fault", "chat not found"),
        ({}, {"kotani_base_url": "http://127.0.0.1:9"}, "provider", "warning", "NotSent"),
        ({}, {"kotani_base_url": "http://127.0.0.1:9"}, "key", "warning", "NotSent"),
        ({}, {"database_url": SecretStr("postgresql://u:p@127.0.0.1:1/x")}, "tables", "fault", "StorageUnavailable"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_named(
    place: Place, provider: Broken, settings: Broken, name: str, verdict: str, words: str
) -> None:
    place.sandbox.configure(**provider)
    found = await place.finding(place.live(**settings), name)
    assert (found.verdict, words in told(found)) == (verdict, True), told(found)


async def test_wallets_that_lack_are_closed_or_are_empty_are_named(place: Place) -> None:
    wallets = place.sandbox.wallets
    kenya, uganda = (wallets.of_currency(currency) for currency in ("KES", "UGX"))
    kenya.balance = Decimal(0)
    found = await place.found(place.live())
    assert (found["wallets"].verdict, found["balances"].verdict) == (Verdict.OK, Verdict.WARNING)
    assert "empty: KES" in told(found["balances"])
    uganda.locked = True
    assert "not active: UGX" in told((await place.found(place.live()))["wallets"])
    del wallets.all[kenya.id]
    found = await place.found(place.live())
    assert (found["wallets"].verdict, "none for KES" in told(found["wallets"])) == (Verdict.FAULT, True)
    wallets.all.clear()
    assert "there is none for what is served" in told((await place.found(place.live()))["wallets"])


async def test_a_check_that_breaks_keeps_no_other_from_its_finding(place: Place) -> None:
    async def breaks(_: Ground) -> Finding:
        raise ZeroDivisionError

    async def works(_: Ground) -> Finding:
        return well("support", "check.well")

    database = Database(place.live().database_url.get_secret_value())
    async with prepared(place.live(), database.look) as ground:
        broken, working = await walk(ground, [("logs", breaks), ("support", works)])
    assert (broken.verdict, "ZeroDivisionError" in told(broken)) == (Verdict.WARNING, True)
    assert working.verdict is Verdict.OK


async def test_a_callback_of_our_own_arrives_and_touches_nothing_that_money_is_in(place: Place) -> None:
    settings = place.live()
    async with place.running(settings) as (assistant, address):
        before = {table: await rows(assistant, f"SELECT * FROM {table}") for table in MONEY}
        found = (await place.found(settings, address=address))["callback"]
        assert (found.verdict, "believed and stored" in told(found)) == (Verdict.OK, True)
        handled = "SELECT outcome, signed FROM callback_received WHERE due_at IS NULL"
        async with asyncio.timeout(10):
            while not (kept := await rows(assistant, handled)):  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.02)
        assert kept == [("check", 1)]
        assert {table: await rows(assistant, f"SELECT * FROM {table}") for table in MONEY} == before


async def test_all_of_it_is_read_beside_an_assistant_on_postgresql(place: Place, empty_postgres_url: str) -> None:
    settings = place.live(database_url=SecretStr(empty_postgres_url))
    assert "no tables yet" in told((await place.found(settings))["tables"])
    async with place.running(settings) as (assistant, address):
        customers, effects = Customers(assistant.database, settings.keyring(), utc_now), Effects()
        person = await customers.meet(telegram_id=1, chat_id=1, language="en")
        customers.stage_profile(effects, person, phone=phone_from_e164("+254712345678"))
        await assistant.database.write(effects.write)
        found = await place.found(settings, address=address)
    assert not [told(one) for one in found.values() if one.verdict is Verdict.FAULT]
    assert "believed and stored" in told(found["callback"])
    assert (found["keys"].seen, found["processes"].seen) == ("check.well", "check.processes_several")


async def test_a_callback_that_is_signed_otherwise_or_comes_elsewhere_is_found_out(place: Place) -> None:
    settings = place.live()
    async with place.running(settings) as (_, address):
        other = place.live(kotani_webhook_secret=SecretStr("another-secret-than-the-one-there"))
        found = (await place.found(other, address=address))["callback"]
        assert (found.verdict, "refused as forged" in told(found)) == (Verdict.FAULT, True)
        beside = place.live(public_url=place.addresses["production"])
        found = (await place.found(beside, address=address))["callback"]
        assert (found.verdict, "answered HTTP 404" in told(found)) == (Verdict.FAULT, True)
        gone = await place.found(place.live(public_url="http://127.0.0.1:9"), address=address)
        assert (gone["callback"].verdict, gone["way_in"].verdict) == (Verdict.WARNING, Verdict.WARNING)


async def test_before_the_assistant_runs_a_stand_in_hears_the_callback(place: Place, unused_port: int) -> None:
    settings = place.live(port=unused_port, public_url=f"http://127.0.0.1:{unused_port}")
    found = (await place.found(settings))["callback"]
    assert (found.verdict, "arrived here and was believed" in told(found)) == (Verdict.OK, True)


async def test_the_webhook_is_set_through_the_api_and_then_proves_itself(place: Place) -> None:
    settings = place.live()
    assert settings.kotani_webhook_secret is not None
    async with place.running(settings) as (assistant, address):
        async with prepared(settings, assistant.database.read, address=address) as ground:
            done = await set_webhook(ground)
        assert done.verdict is Verdict.OK
        provider = place.sandbox.settings
        assert provider.webhook_secret == settings.kotani_webhook_secret.get_secret_value()
        assert provider.webhook_url == f"{address}/kotani/callbacks/webhook"
        place.sandbox.callbacks.announce("r-1", None, "transaction.deposit.status.updated", {"reference_id": "r-1"})
        assert await place.sandbox.callbacks.idle()
        found = (await place.found(settings, address=address))["webhook_secret"]
        assert (found.verdict, "set on both sides" in told(found)) == (Verdict.OK, True)
    assert settings.kotani_webhook_secret.get_secret_value() not in repr(done)


@pytest.mark.parametrize(("ahead", "verdict"), [(2, "ok"), (20, "warning"), (600, "fault"), (-600, "fault")])
async def test_a_clock_that_is_off_is_found(place: Place, ahead: int, verdict: str) -> None:
    found = await place.finding(place.live(), "clock", clock=lambda: utc_now() + timedelta(seconds=ahead))
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("url", "verdict", "words"),
    [
        (None, "fault", "Set PUBLIC_URL"),
        ("http://pay.example.com", "fault", "is not https"),
        ("https://10.1.2.3", "fault", "cannot reach it"),
        ("https://assistant.local", "fault", "cannot reach it"),
        ("https://does-not-exist.invalid", "warning", "not found from here"),
    ],
)
async def test_a_public_address_that_nobody_can_reach_is_found(
    place: Place, url: str | None, verdict: str, words: str
) -> None:
    settings = place.live(environment="production", public_url=url, kotani_base_url="https://api.kotanipay.invalid")
    database = Database(settings.database_url.get_secret_value())
    async with prepared(settings, database.look) as ground:
        found = await outside.public_address(ground)
    assert (found.verdict, words in told(found)) == (verdict, True), told(found)


@pytest.mark.parametrize(
    ("days", "trusted", "verdict", "words"),
    [(60, True, "ok", "valid for"), (5, True, "warning", "ends in"), (60, False, "fault", "do not believe")],
)
async def test_a_certificate_is_looked_at(
    place: Place, tmp_path: Path, days: int, trusted: bool, verdict: str, words: str
) -> None:
    chain, key = certificate(tmp_path, days)
    inside = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    inside.load_cert_chain(chain, key)
    trust = ssl.create_default_context(cafile=chain) if trusted else None
    server = await asyncio.start_server(lambda _, writer: closing(writer), "127.0.0.1", 0, ssl=inside)
    async with server:
        settings = place.live(public_url=f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with prepared(settings, Database(settings.database_url.get_secret_value()).look) as ground:
            found = await outside.certificate(ground, trust=trust)
    assert (found.verdict, words in told(found)) == (verdict, True), told(found)


async def closing(writer: asyncio.StreamWriter) -> None:
    writer.close()


def certificate(folder: Path, days: int) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, secret


async def test_the_card_fits_into_a_message_whatever_is_found(place: Place) -> None:
    settings = place.live(
        telegram_token=SecretStr("1:" + "x" * 30), owners="", support_contact=None, operators_chat=-100777,
        kotani_webhook_secret=None, database_url=SecretStr("postgresql://u:p@127.0.0.1:1/x"),
    )  # fmt: skip
    found = tuple((await place.found(settings)).values())
    for language in LANGUAGES:
        assert len(checks_screen(catalogue(language), found, may_set=True).text) < 4096


async def test_the_group_is_looked_at_with_what_the_assistant_may_do_there(place: Place) -> None:
    olu = await place.person()
    made = await place.chat.post("/_control/telegram/groups", json={"title": "Team", "members": [olu.id], "bot": True})
    settings = place.live(operators_chat=int(made.json()["id"]))
    assert "Team, as a member" in told(await place.finding(settings, "group"))
    place.telegram.chats.all[settings.operators_chat or 0].bot_is_in = False
    kicked = await place.finding(settings, "group")
    assert (kicked.verdict, "bot was kicked" in told(kicked)) == (Verdict.FAULT, True)


async def test_a_webhook_of_another_program_is_found_while_we_ask_for_updates(place: Place) -> None:
    settings = place.live()
    token = settings.telegram_token
    assert token is not None
    await place.chat.post(f"/bot{token.get_secret_value()}/setWebhook", json={"url": "http://127.0.0.1:9/theirs"})
    assert (await place.finding(settings, "updates")).verdict is Verdict.WARNING  # ours takes it away when it starts
    found = (await place.found(settings, address="http://127.0.0.1:9"))["updates"]
    assert (found.verdict, "another program" in told(found)) == (Verdict.FAULT, True)
    assert token.get_secret_value() not in told(found)


async def test_unsigned_callbacks_arrive_and_are_not_kept(place: Place) -> None:
    settings = place.live(kotani_webhook_secret=None)
    async with place.running(settings) as (assistant, address):
        found = (await place.found(settings, address=address))["callback"]
        assert (found.verdict, "rightly not kept" in told(found)) == (Verdict.WARNING, True)
        assert await rows(assistant, "SELECT 1 FROM callback_received") == []
