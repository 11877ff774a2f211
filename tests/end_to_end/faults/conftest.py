"""A stage for things that go wrong: a world and an assistant on real ports, a clock that can jump, books to look into.

Whatever a test does to them, at its end the invariants at the top of the list of faults must hold.
"""

import asyncio
import contextlib
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.app import Assistant
from bot.engine.addresses import remember
from bot.engine.books import Books
from bot.engine.clock import utc_now
from bot.engine.customers import Customers
from bot.engine.effects import Effects
from bot.engine.operators.vigilance import Vigilance
from bot.payments.phones import phone_from_e164
from bot.payments.schedule import Patience
from bot.payments.states import LEG_MOVES, LegState
from bot.settings import Settings, read_settings
from bot.simulator.faults import Match, Rule
from bot.simulator.kotani import KotaniWorld
from bot.simulator.kotani import Settings as KotaniSettings
from bot.simulator.kotani import create_app as kotani_app
from bot.simulator.serving import served
from bot.simulator.telegram import Settings as TelegramSettings
from bot.simulator.telegram import TelegramWorld
from bot.simulator.telegram import create_app as telegram_app
from bot.telegram.pacing import Pace
from bot.tour.customer import Customer
from bot.tour.parts import WALLET

BRISK = Pace(in_chat=timedelta(milliseconds=20))
_OPEN = (
    "SELECT 'leg', kind || ' ' || state FROM leg WHERE due_at IS NOT NULL",
    "SELECT 'notice', kind || ' ' || state FROM notice WHERE due_at IS NOT NULL",
    "SELECT 'update', state FROM update_received WHERE due_at IS NOT NULL",
    "SELECT 'callback', coalesce(outcome, 'new') FROM callback_received WHERE due_at IS NOT NULL",
)


class JumpingClock:
    """The real time and some more."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def jump(self, **amount: float) -> None:
        self.ahead += timedelta(**amount)


@dataclass
class Play:
    """One world, one assistant at a time, and the people who talk to it."""

    settings: Settings
    kotani: KotaniWorld
    telegram: TelegramWorld
    kotani_port: int
    kotani_up: contextlib.AsyncExitStack
    chat: httpx.AsyncClient  # Telegram's control interface
    clock: JumpingClock = field(default_factory=JumpingClock)
    pace: Pace = BRISK
    patience: Patience | None = None
    vigilance: Vigilance | None = None
    address: str = ""
    assistant: Assistant | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The assistant at work."""
        self.assistant = Assistant(
            self.settings, pace=self.pace, patience=self.patience, clock=self.clock, vigilance=self.vigilance
        )
        async with self.assistant.running() as self.address:
            yield

    async def person(self, name: str = "Jane", phone: str = "+254712345678") -> Customer:
        """Somebody who bought before: phone, name and one address are known. Must be called while it runs."""
        customer = await self.stranger(name, phone)
        assert self.assistant is not None
        keyring = self.settings.keyring()
        customers = Customers(self.assistant.database, keyring, self.clock)
        person = await customers.meet(telegram_id=customer.id, chat_id=customer.id, language="en")
        effects = Effects()
        network, now = "MPESA", self.clock()
        customers.stage_profile(
            effects, person, language="en", country="KE", network=network, phone=phone_from_e164(phone), name="Jane Doe"
        )
        effects.add(
            lambda session: remember(session, keyring, customer_id=person.id, chain="BASE", address=WALLET, now=now)
        )
        await self.assistant.database.write(effects.write)
        return customer

    async def stranger(self, name: str = "Jane", phone: str = "+254712345678") -> Customer:
        """Somebody who has not spoken to the assistant yet."""
        return await Customer.arrive(self.chat, name, phone, print)

    async def ask(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        """The rows of a query on the assistant's database."""
        assert self.assistant is not None
        return await self.assistant.database.read(
            lambda session: [tuple(row) for row in session.connection().execute(text(query), values)]
        )

    async def one(self, query: str, **values: object) -> Any:
        """The only value of a query."""
        ((value,),) = await self.ask(query, **values)
        return value

    async def until(self, query: str, within: float = 30, **values: object) -> list[tuple[Any, ...]]:
        """Wait until a query has rows."""
        async with asyncio.timeout(within):
            while not (rows := await self.ask(query, **values)):  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.02)
        return rows

    async def quiet(self, within: float = 30) -> None:
        """Wait until nothing is to be done any more."""
        still: list[Any] = []
        try:
            async with asyncio.timeout(within):
                while still := [row for query in _OPEN for row in await self.ask(query)]:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"still to be done: {still}") from None

    async def handled(self, within: float = 30) -> None:
        """Wait until everything that people did was handled and everything that follows from it by itself was said."""
        last = max(self.telegram.updates.log, default=0)
        await self.until("SELECT 1 WHERE :id = 0 OR :id IN (SELECT update_id FROM update_received)", within, id=last)
        waiting = """SELECT 1 FROM update_received WHERE due_at IS NOT NULL
            UNION ALL SELECT 1 FROM notice WHERE due_at IS NOT NULL"""
        async with asyncio.timeout(within):
            while await self.ask(waiting):  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.01)

    def fault(self, action: Any, operation: str | None = None, *, reference: str | None = None, **options: Any) -> Rule:
        """Something goes wrong at Telegram."""
        return self.telegram.inject(
            Rule(action=action, match=Match(operation=operation, reference=reference), **options)
        )

    def provider_fault(self, action: Any, operation: str | None = None, **options: Any) -> Rule:
        """Something goes wrong at the provider."""
        return self.kotani.inject(Rule(action=action, match=Match(operation=operation), **options))

    async def provider_goes(self) -> None:
        """Nobody listens at the provider's address any more."""
        await self.kotani_up.aclose()

    async def provider_comes(self) -> None:
        """It is back, with all its books."""
        self.kotani_up = contextlib.AsyncExitStack()
        await self.kotani_up.enter_async_context(served(kotani_app(self.kotani), self.kotani_port))

    def orders(self, family: str = "onramp") -> list[Any]:
        """What the provider has on record."""
        return [tx for tx in self.kotani.register.all if tx.family.startswith(family)]

    async def check(self) -> None:
        """What must hold whatever happened."""
        for (_, reference), creates in self.kotani.register.creates.items():
            assert creates.accepted <= 1, reference  # I1
        states: dict[str, str] = {}
        for leg, before, after in await self.ask("SELECT leg_id, from_state, to_state FROM leg_event ORDER BY id"):
            assert before == states.get(leg)  # I4
            assert before is None or after == before or after in LEG_MOVES[LegState(before)]  # I3
            states[leg] = after
        assert dict(await self.ask("SELECT id, state FROM leg")) == states
        told = Counter(row[0] for row in await self.ask("SELECT dedupe_key FROM notice WHERE kind = 'payment_outcome'"))
        assert not told or max(told.values()) == 1  # I5
        ends = "'completed', 'failed', 'expired', 'refunded', 'reversed'"
        untold = f"""SELECT id FROM payment WHERE state IN ({ends}) AND NOT EXISTS (
            SELECT 1 FROM notice WHERE payment_id = payment.id AND dedupe_key LIKE '%:' || payment.state)"""
        assert await self.ask(untold) == []  # I5
        over = "'succeeded', 'failed', 'expired', 'undelivered', 'reversed'"
        forgotten = f"SELECT id FROM leg WHERE due_at IS NULL AND state NOT IN ({over})"
        assert await self.ask(forgotten) == []  # I2
        assert self.assistant is not None
        keyring = self.settings.keyring()
        books = Books(self.assistant.database, keyring, self.clock, environment=self.settings.kotani_environment)
        assert (await books.look()).faults == ()


async def from_now_on(customer: Customer) -> None:
    """What the customer sees after this counts as news."""
    await customer.refresh()
    customer._mark("waits")


@pytest.fixture
def phones() -> Sequence[str]:
    """Phones that can pay, for many people."""
    return [f"+2547{number:08d}" for number in range(20_000_000, 20_000_200)]


@pytest.fixture
def quick() -> KotaniSettings:
    """A provider in which everything happens soon."""
    return KotaniSettings(
        api_keys=["a-key-of-the-tests"],
        webhook_secret=secrets.token_hex(16),
        auto_approve_delay=0.02,
        initiate_delay=0.02,
        settle_delay=0.05,
        onchain_start_delay=0.05,
        onchain_finish_delay=0.05,
        payout_delay=0.05,
        callback_retry=0.2,
        callback_timeout=2,
    )


@pytest.fixture
async def play(sqlite_url: str, quick: KotaniSettings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Play]:
    """The stage. A test begins with `async with play.running():`."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    kotani = KotaniWorld(settings=quick)
    token = f"{secrets.randbelow(10**9)}:{secrets.token_urlsafe(26)}"
    telegram = TelegramWorld(settings=TelegramSettings(token=token, limits="on"))
    async with contextlib.AsyncExitStack() as stack:
        there = await stack.enter_async_context(served(telegram_app(telegram)))
        chat = await stack.enter_async_context(httpx.AsyncClient(base_url=there, trust_env=False))
        up = contextlib.AsyncExitStack()
        address = await up.enter_async_context(served(kotani_app(kotani)))
        settings = read_settings(None).model_copy(
            update={
                "telegram_token": SecretStr(token),
                "telegram_base_url": there,
                "telegram_mode": "polling",
                "kotani_base_url": address,
                "kotani_api_key": SecretStr(quick.api_keys[0]),
                "kotani_webhook_secret": SecretStr(quick.webhook_secret),
                "kotani_timeout_seconds": 2,
                "port": 0,
            }
        )
        made = Play(settings, kotani, telegram, int(address.rsplit(":", 1)[1]), up, chat)
        yield made
        if made.assistant is not None:  # it has stopped; its books are read once more
            await made.assistant.database.start()
            await made.check()
            await made.assistant.database.stop()
        await made.kotani_up.aclose()
