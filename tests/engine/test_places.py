"""Countries and services as they are enabled for our account: read from the provider, closed when it refuses."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.engine.clock import utc_now
from bot.engine.places import EVERY, Places
from bot.kotani.client import Kotani
from bot.kotani.errors import ServiceNotEnabled
from bot.kotani.requests import CustomerRequest, MobileMoneyPayer, OnrampRequest
from bot.payments.coverage import Coverage, Service
from bot.payments.identifiers import new_id
from bot.payments.parties import Way
from bot.simulator.faults import Match, Rule
from bot.simulator.kotani import KotaniWorld, Settings, create_app
from bot.simulator.serving import served
from storage.cases import open_cases_of
from storage.database import Database

ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"


class Account:
    """One process's view of what is enabled for the account."""

    def __init__(self, database: Database, world: KotaniWorld, address: str) -> None:
        self.database = database
        self.world = world
        self.now = utc_now()
        self.changes = 0
        self.places = self.process()
        self.kotani = Kotani(
            base_url=address,
            api_key="test-key",
            deadline=2,
            observer=lambda *call: self.places.heard(*call),
            not_enabled=lambda error: self.places.refused(error),
        )

    def process(self) -> Places:
        """As a start makes it."""
        return Places(self.database, lambda: self.now, environment="sandbox", changed=self.changed)

    def changed(self) -> None:
        self.changes += 1

    @property
    def coverage(self) -> Coverage:
        return self.places.coverage()

    async def buy(self) -> None:
        await self.kotani.create_onramp(
            OnrampRequest(
                payer=MobileMoneyPayer(phone="+254712345678", account_name="Jane Doe", network="MPESA"),
                fiat_amount=Decimal(1000),
                currency="KES",
                chain="BASE",
                token="USDC",
                receiver_address=ADDRESS,
                reference=f"bot-{new_id()}",
                callback_url="http://127.0.0.1:9/x",
            )
        )

    async def cases(self) -> set[str]:
        """The keys of the cases that wait for a person."""
        found = await self.database.read(lambda session: open_cases_of(session, "not_enabled:sandbox:"))
        return {key for key, _ in found}

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.places.run())
        try:
            yield
        finally:
            self.places.stop()
            await task

    async def until(self, fact: Callable[[set[str]], bool]) -> None:
        async with asyncio.timeout(5):
            while not fact(await self.cases()):  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.01)


@pytest.fixture
def world() -> KotaniWorld:
    return KotaniWorld(settings=Settings())


@pytest.fixture
async def account(database: Database, world: KotaniWorld) -> AsyncIterator[Account]:
    async with served(create_app(world)) as address:
        account = Account(database, world, address)
        async with account.kotani:
            yield account


async def test_what_is_not_enabled_for_the_account_is_not_offered(account: Account, world: KotaniWorld) -> None:
    world.configure(disabled_countries=["GH", "TZ"])
    await account.places.begin(account.kotani)
    payers = {country.iso2: country for country in account.coverage.payers}
    assert {"KE", "ZA"} <= set(payers)
    assert not {"GH", "TZ"} & set(payers)
    assert payers["KE"].networks == ("MPESA", "AIRTEL")
    assert not {"GH", "TZ"} & {country.iso2 for country in account.coverage.destinations(Service.SELL)}
    world.configure(disabled_countries=[])
    assert await account.places.refresh()
    assert {"GH", "TZ"} <= {country.iso2 for country in account.coverage.payers}


async def test_banks_are_the_provider_s(account: Account) -> None:
    await account.places.begin(account.kotani)
    assert {bank.name for bank in account.coverage.banks["ZA"]} >= {"ABSA", "Capitec Bank"}
    assert {bank.code for bank in account.coverage.banks["KE"]} >= {"01", "68"}
    kenya = next(country for country in account.coverage.payees if country.iso2 == "KE")
    assert kenya.payouts == tuple(Way)


async def test_a_provider_that_does_not_answer_leaves_what_was_offered(account: Account, world: KotaniWorld) -> None:
    world.faults.add(Rule(action="refuse", status=500, match=Match(operation="support.countries"), times=0))
    await account.places.begin(account.kotani)
    assert account.coverage == Coverage()
    assert not await account.places.refresh()
    assert account.coverage.services == tuple(Service)


async def test_a_refused_service_is_closed_and_told_once_until_it_works_again(
    account: Account, world: KotaniWorld
) -> None:
    world.configure(disabled_services=["onramp"])
    await account.places.begin(account.kotani)
    assert account.coverage.offers(Service.BUY)
    async with account.at_work():
        for _ in range(2):
            with pytest.raises(ServiceNotEnabled):
                await account.buy()
        assert account.coverage.services == (Service.SELL, Service.SEND, Service.REQUEST)
        assert account.changes == 1
        await account.until(lambda cases: cases == {"onramp.create"})

        assert await account.places.refresh()
        assert not account.coverage.offers(Service.BUY), "a refusal rests for a while"

        account.now += EVERY
        assert await account.places.refresh()
        assert account.coverage.offers(Service.BUY), "then it is offered again"
        with pytest.raises(ServiceNotEnabled):
            await account.buy()
        assert not account.coverage.offers(Service.BUY)
        assert await account.cases() == {"onramp.create"}

        account.now += EVERY
        await account.places.refresh()
        world.configure(disabled_services=[])
        await account.buy()
        await account.until(lambda cases: not cases)
        assert account.coverage.services == tuple(Service)


async def test_the_next_start_knows_what_was_refused(account: Account, world: KotaniWorld) -> None:
    world.configure(disabled_services=["mobile_money_customers"])
    await account.places.begin(account.kotani)
    async with account.at_work():
        with pytest.raises(ServiceNotEnabled):
            await account.kotani.create_customer(
                CustomerRequest(phone="+254712345678", country="KE", network="MPESA", account_name="Jane Doe")
            )
        await account.until(bool)
    account.now += timedelta(minutes=1)
    account.places = account.process()
    await account.places.begin(account.kotani)
    assert account.coverage.services == (Service.BUY, Service.SELL)


async def test_an_account_without_any_country_offers_nothing_and_says_so(account: Account, world: KotaniWorld) -> None:
    await account.places.begin(account.kotani)
    everywhere = [country.iso2 for country in account.coverage.payers + account.coverage.payees]
    world.configure(disabled_countries=everywhere)
    async with account.at_work():
        assert await account.places.refresh()
        assert account.coverage.services == ()
        await account.until(lambda cases: cases == {f"list.{service}" for service in Service})
        world.configure(disabled_countries=[])
        assert await account.places.refresh()
        await account.until(lambda cases: not cases)
