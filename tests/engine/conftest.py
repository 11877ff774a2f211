"""The payment engine at work: real database, real provider client, the simulated provider on a real port, no Telegram."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import select
from sqlmodel import Session
from starlette.applications import Starlette

from bot.engine.advancing import Advancer
from bot.engine.applying import CallbackApplier
from bot.engine.books import Books
from bot.engine.clock import utc_now
from bot.engine.effects import Effects
from bot.engine.intake import CallbackIntake
from bot.engine.looking import Payments
from bot.engine.opening import Confirmed, open_buy, open_sell, open_send
from bot.engine.quotes import Quotes
from bot.engine.results import BuyOffer, BuyRequest, OpenedPayment, PaymentView, SellRequest, SendRequest
from bot.engine.sale_quotes import SaleQuotes
from bot.engine.send_quotes import SendQuotes
from bot.engine.settling import Settler
from bot.engine.submitting import Submitter
from bot.engine.wakes import Wakes
from bot.engine.workers import Staff
from bot.kotani.client import Kotani
from bot.payments.fees import Fee
from bot.payments.identifiers import new_id
from bot.payments.money import Money
from bot.payments.parties import Destination, Payer, Way
from bot.payments.schedule import Patience
from bot.payments.states import LEG_MOVES, PAYMENT_TERMINAL, LegKind, LegState, PaymentKind
from bot.simulator.kotani import KotaniWorld, Settings, create_app
from bot.simulator.serving import served
from bot.web.callbacks import CallbackEndpoint
from bot.web.server import serving
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import CASE, EVENT, LEG
from storage.tables import Customer, Notice, table_of

# for tests of what the provider does: what is written for every kind, on both databases, is in test_histories and test_books
one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "a secret that only the tests know"
PHONE = "+254712345678"
ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"
IMPATIENT = Patience(
    poll_steps=((200, timedelta(milliseconds=100)),),
    unapproved_after=timedelta(seconds=1),
    call_deadline=timedelta(seconds=1),
    send_within=timedelta(seconds=1),
    ask_again=timedelta(milliseconds=50),
    backoff_first=timedelta(milliseconds=50),
    blocked=timedelta(milliseconds=200),
    poll_last=timedelta(milliseconds=200),
)


JANE = Destination(Way.PHONE, "KE", "KES", "Jane Doe", phone=PHONE, network="MPESA")
JOHN = Payer("KE", "KES", "mobile_money", "+254722000111", "John Otieno", "MPESA")
SENDER = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


def sale_request(**changes: Any) -> SellRequest:
    given = {
        "token": "USDC",
        "chain": "BASE",
        "sender_address": SENDER,
        "refund_address": SENDER,
        "destination": JANE,
        "crypto_amount": Decimal(10),
    }
    return SellRequest(**(given | changes))  # type: ignore[arg-type]


def send_request(**changes: Any) -> SendRequest:
    given = {"payer": JOHN, "destination": JANE, "amount": Money(Decimal(500), "KES")}
    return SendRequest(**(given | changes))  # type: ignore[arg-type]


@dataclass
class House:
    """A customer's side and an operator's view of one running engine."""

    database: Database
    keyring: Keyring
    world: KotaniWorld
    kotani: Kotani
    wakes: Wakes
    customer_id: str
    callback_url: str = ""
    payments: Payments = field(init=False)
    quotes: Quotes = field(init=False)
    sale_quotes: SaleQuotes = field(init=False)
    send_quotes: SendQuotes = field(init=False)

    def __post_init__(self) -> None:
        self.payments = Payments(self.database, self.keyring, utc_now, self.wakes)
        self.quotes = Quotes(self.kotani, utc_now)
        self.sale_quotes = SaleQuotes(self.kotani, utc_now)
        self.send_quotes = SendQuotes(self.kotani, utc_now, {(PaymentKind.SEND, "KES"): Fee(Decimal(1), Decimal(10))})

    async def offer(self, **changes: Any) -> tuple[BuyRequest, BuyOffer]:
        request = BuyRequest(
            **{
                "country": "KE",
                "currency": "KES",
                "token": "USDC",
                "chain": "BASE",
                "address": ADDRESS,
                "method": "mobile_money",
                "phone": PHONE,
                "account_name": "Jane Doe",
                "network": "MPESA",
                "fiat_amount": Decimal(1000),
            }
            | changes
        )
        return request, await self.quotes.buy(request)

    async def buy(self, confirm_key: str = "confirm", **changes: Any) -> str:
        """Quote and confirm a buy; the payment's id."""
        request, offer = await self.offer(**changes)
        return await self.confirm(request, offer, confirm_key)

    async def confirm(self, request: BuyRequest, offer: BuyOffer, confirm_key: str = "confirm") -> str:
        now = utc_now()

        def work(session: Session) -> str:
            return open_buy(
                session,
                self.keyring,
                Confirmed(self.customer_id, 77, confirm_key, "sandbox", now),
                request=request,
                offer=offer,
            ).payment_id

        payment_id = await self.database.write(work)
        self.wakes.legs.set()
        return payment_id

    async def sell(self, confirm_key: str = "confirm", **changes: Any) -> str:
        """Quote and confirm a sale; the payment's id."""
        request = sale_request(**changes)
        offer = await self.sale_quotes.sell(request)
        return await self._confirmed(open_sell, request, offer, confirm_key)

    async def awaiting_crypto(self, **changes: Any) -> tuple[str, PaymentView]:
        """A sale whose escrow address is known."""
        payment_id = await self.sell(**changes)
        return payment_id, await self.until(payment_id, lambda view: view.escrow_address is not None, "an address")

    async def send(self, confirm_key: str = "confirm", **changes: Any) -> str:
        """Work out and confirm a transfer; the payment's id."""
        request = send_request(**changes)
        offer = await self.send_quotes.send(request)
        return await self._confirmed(open_send, request, offer, confirm_key)

    async def _confirmed(self, open_it: Callable[..., OpenedPayment], request: Any, offer: Any, key: str) -> str:
        yes = Confirmed(self.customer_id, 77, key, "sandbox", utc_now())
        opened = await self.database.write(
            lambda session: open_it(session, self.keyring, yes, request=request, offer=offer)
        )
        self.wakes.legs.set()
        return opened.payment_id

    async def stage(self, stage: Callable[[Effects, PaymentView], None], payment_id: str) -> None:
        """Do what a customer's tap does to a payment, as one transaction."""
        view = await self.payments.view(payment_id)
        assert view is not None
        effects = Effects()
        stage(effects, view)
        await self.database.write(effects.write)
        await effects.finish()

    async def told(self, payment_id: str) -> list[str]:
        """The kinds of notices that a payment led to, cards and outcomes left out."""
        rows = await self.rows(table_of(Notice), payment_id)
        return [row["kind"] for row in rows if row["kind"] not in ("payment_card", "payment_outcome")]

    async def until(
        self, payment_id: str, fact: Callable[[PaymentView], bool], what: str, within: float = 30
    ) -> PaymentView:
        """The payment as soon as `fact` holds for it."""
        view = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while True:
                    view = await self.payments.view(payment_id)
                    assert view is not None
                    if fact(view):
                        return view
                    await asyncio.sleep(0.02)
        story = [(event["to_state"], event["cause"], event["note"]) for event in await self.history(payment_id)]
        raise AssertionError(f"never {what}: {view}\n{story}\n{await self.cases(payment_id)}")

    async def until_noticed(self, payment_id: str, kind: str, within: float = 30) -> None:
        """Wait until the customer is told something of this kind."""
        async with asyncio.timeout(within):
            while True:
                if any(row["kind"] == kind for row in await self.rows(table_of(Notice), payment_id)):
                    return
                await asyncio.sleep(0.02)

    async def ended(self, payment_id: str) -> PaymentView:
        view = await self.until(payment_id, lambda view: view.state in PAYMENT_TERMINAL, "ended")
        await asyncio.sleep(0.3)  # whatever else arrives must change nothing
        again = await self.payments.view(payment_id)
        assert again is not None
        assert again.state == view.state
        await self.check(payment_id)
        return again

    async def check(self, payment_id: str) -> None:
        """What must hold of every payment, whatever happened to it."""
        legs = await self.rows(LEG, payment_id)
        states: dict[str, LegState] = {}
        for event in await self.history(payment_id):
            before = states.get(event["leg_id"])
            assert event["from_state"] == before
            after = LegState(event["to_state"])
            assert before is None or after == before or after in LEG_MOVES[before]
            states[event["leg_id"]] = after
        assert {leg["id"]: leg["state"] for leg in legs} == states
        for leg in legs:
            assert self.world.creates(leg["reference"]).accepted <= 1
            follows = leg["position"] > 0  # a payout of the house is the first, and goes out of its own money
            if (
                leg["kind"] == LegKind.PAYOUT and leg["submissions"] and follows
            ):  # nothing goes out before money came in
                assert legs[0]["state"] in (LegState.SUCCEEDED, LegState.REVERSED)
        outcomes = [row for row in await self.rows(table_of(Notice), payment_id) if row["kind"] == "payment_outcome"]
        assert len({row["dedupe_key"] for row in outcomes}) == len(outcomes)
        books = await Books(self.database, self.keyring, utc_now, environment="sandbox").look()
        assert books.faults == ()

    async def history(self, payment_id: str) -> list[dict[str, Any]]:
        """What happened, oldest first, without the steps of submitting that no finding made."""
        return sorted(await self.rows(EVENT, payment_id), key=lambda row: row["id"])

    async def cases(self, payment_id: str) -> list[str]:
        """The names of the concerns that wait for a person."""
        return sorted(row["concern"] for row in await self.rows(CASE, payment_id))

    async def outcomes(self, payment_id: str) -> list[str]:
        """The final news that the customer gets, in order."""
        rows = await self.rows(table_of(Notice), payment_id)
        return [row["dedupe_key"].rsplit(":", 1)[1] for row in rows if row["kind"] == "payment_outcome"]

    async def rows(self, table: Any, payment_id: str) -> list[dict[str, Any]]:
        def read(session: Session) -> list[dict[str, Any]]:
            query = select(table).where(table.c.payment_id == payment_id).order_by(table.c.id)
            return [dict(row) for row in session.connection().execute(query).mappings()]

        return await self.database.read(read)

    async def reference(self, payment_id: str, position: int = 0) -> str:
        legs = await self.rows(LEG, payment_id)
        return str(next(leg["reference"] for leg in legs if leg["position"] == position))


@pytest.fixture
def secret() -> str:
    """The webhook secret; a test may say that there is none."""
    return SECRET


@pytest.fixture
def settings(secret: str) -> Settings:
    """A provider in which everything happens at once."""
    return Settings(
        webhook_secret=secret,
        auto_approve=True,
        auto_approve_delay=0.02,
        initiate_delay=0.01,
        settle_delay=0.02,
        onchain_start_delay=0.02,
        onchain_finish_delay=0.02,
        payout_delay=0.02,
        callback_retry=0.1,
    )


@pytest.fixture
def keyring() -> Keyring:
    return Keyring({"k1": bytes(32)}, digest_key=bytes(range(32)))


@pytest.fixture
async def house(database: Database, keyring: Keyring, settings: Settings, secret: str) -> AsyncIterator[House]:
    """The engine, running."""
    world = KotaniWorld(settings=settings)
    wakes = Wakes()
    intake = CallbackIntake(database, keyring, utc_now, wakes)
    counter = Counter("callbacks", "By outcome.", ["outcome"], registry=CollectorRegistry())
    endpoint = CallbackEndpoint(intake, [secret.encode()] if secret else [], counter)
    customer_id = new_id()
    now = utc_now()
    await database.write(
        lambda session: session.add(Customer(id=customer_id, telegram_id=7, chat_id=77, created_at=now, updated_at=now))
    )
    async with contextlib.AsyncExitStack() as stack:
        provider = await stack.enter_async_context(served(create_app(world)))
        callbacks = await stack.enter_async_context(serving(endpoint.before(Starlette()), "127.0.0.1", 0))
        kotani = await stack.enter_async_context(Kotani(base_url=provider, api_key="test-key", deadline=1))
        asking = await stack.enter_async_context(
            Kotani(base_url=provider, api_key="test-key")
        )  # no answer is lost here
        settler = Settler(keyring, IMPATIENT)
        submitter = Submitter(kotani, keyring, IMPATIENT, callback_url=f"{callbacks}/kotani/callbacks")
        advancer = Advancer(
            database, kotani, settler, submitter, IMPATIENT, utc_now, wakes, environment="sandbox", owner="test"
        )
        applier = CallbackApplier(database, keyring, settler, utc_now, wakes)
        staff = Staff([("legs", advancer), ("callbacks", applier)])
        staff.start()
        ticking = asyncio.create_task(_tick(wakes))
        try:
            yield House(database, keyring, world, asking, wakes, customer_id, f"{callbacks}/kotani/callbacks")
            assert staff.healthy
        finally:
            ticking.cancel()
            await staff.stop(2)


async def _tick(wakes: Wakes) -> None:
    while True:
        await asyncio.sleep(0.05)
        wakes.all()
