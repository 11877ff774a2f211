"""Counting what moves in a day: exact at midnight, given back once, and never exceeded by those who confirm together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from bot.engine.allowances import Allowances
from bot.engine.customers import Person
from bot.engine.effects import Effects
from bot.engine.findings import Cause, Finding
from bot.engine.opening import Confirmed, open_send
from bot.engine.operators.results import Operator, Role
from bot.engine.operators.roles import Operators
from bot.engine.operators.tariffs import Tariffs
from bot.engine.results import SendOffer, SendRequest
from bot.engine.settling import Settler
from bot.payments.allowances import MOST_OWN_PROMPTS, MOST_PROMPTS, Allowance, Bounds, LimitScope, Spot, TooManyPrompts
from bot.payments.decide import Decision
from bot.payments.fees import Fee
from bot.payments.identifiers import new_id
from bot.payments.limits import Limit
from bot.payments.money import Money
from bot.payments.phones import phone_from_e164
from bot.payments.schedule import Patience
from bot.payments.states import LegState, PaymentKind
from bot.telegram.tidying import tidy
from storage import limits as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.limits import country_total, customer_total
from storage.payments import LegKey, LostRace, hold_payments
from storage.tables import Customer
from tests.engine.conftest import JANE, JOHN, send_request

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
OWNER = Operator(9_001, Role.OWNER)
ANY = {"KES": Limit(Decimal("0.01"), Decimal(250_000))}
DAY = Spot(LimitScope.DAY, "*", "KES")
COUNTRY = Spot(LimitScope.COUNTRY, "KE", "KES")


@dataclass
class Till:
    """One replica: people confirm at it, and it knows the time."""

    database: Database
    keyring: Keyring
    now: datetime = NOON
    people: dict[int, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        clock = lambda: self.now  # noqa: E731 - as it is then
        operators = Operators(self.database, self.keyring, clock, owners=frozenset({OWNER.telegram_id}))
        self.tariffs = Tariffs(self.database, clock, operators, limits=ANY, fees={})
        self.allowances = Allowances(self.database, self.keyring, clock, self.tariffs)
        self.settler = Settler(self.keyring, Patience())

    async def person(self, number: int = 1, *, phone: str | None = JOHN.phone) -> Person:
        if number not in self.people:
            row = Customer(
                id=f"c{number}", telegram_id=number, chat_id=number, created_at=self.now, updated_at=self.now
            )
            await self.database.write(lambda session: session.add(row))
            known = None if phone is None else phone_from_e164(phone)
            self.people[number] = Person(f"c{number}", number, number, "en", country="KE", phone=known)
        return self.people[number]

    async def set(self, spot: Spot, most: int | None) -> None:
        """An owner sets a limit, or takes it back."""
        effects, was = Effects(), await self.tariffs.rule(spot)
        bounds = None if most is None else Bounds(None, Decimal(most))
        self.tariffs.stage_limit(effects, OWNER, spot, was=was, now=bounds)
        await self.database.write(effects.write)
        await effects.finish()

    def order(self, amount: Decimal | int, *, charged: str = "0") -> tuple[SendRequest, SendOffer]:
        sent = Money(Decimal(amount), "KES")
        fee = Money(Decimal(10), "KES")
        offer = SendOffer(sent + fee, fee, sent, self.now + timedelta(minutes=5), charged=charged)
        return send_request(amount=sent), offer

    async def confirm(self, amount: Decimal | int, number: int = 1, *, key: str | None = None) -> str | None:
        """The yes to a transfer; the payment's id, or None where it may not be."""
        person = await self.person(number)
        request, offer = self.order(amount)
        yes = Confirmed(person.id, person.chat_id, key or new_id(), "test", self.now)

        def work(session: Session) -> str:
            opened = open_send(session, self.keyring, yes, request=request, offer=offer)
            self.allowances.hold(session, person, opened, request, offer, self.now)
            return opened.payment_id

        try:
            return await self.database.write(work)
        except LostRace:
            return None

    async def end(self, payment_id: str, *states: LegState) -> None:
        """The first leg comes to these states, one after the other, through the settler."""
        for state in states:

            def settle(session: Session, state: LegState = state) -> None:
                held = hold_payments(session, [payment_id])[payment_id]
                finding = Finding(LegKey(held.legs[0].id, payment_id), Cause.POLL, decision=Decision(state=state))
                self.settler.apply(session, [finding], self.now)

            await self.database.write(settle)

    async def used(self, whose: str, day: str = "2026-11-25") -> Decimal:
        key = (day, whose, "KES")
        return Decimal((await self.database.read(lambda session: queries.used(session, [key])))[key]) / 10_000


@pytest.fixture
async def till(database: Database, keyring: Keyring) -> Till:
    return Till(database, keyring)


@asynccontextmanager
async def replicas(url: str, keyring: Keyring, count: int) -> AsyncIterator[list[Till]]:
    """Several processes on one database."""
    databases = [Database(url) for _ in range(count)]
    for one in databases:
        await one.start()
    yield [Till(one, keyring) for one in databases]
    for one in databases:
        await one.stop()


async def test_a_day_takes_exactly_its_limit_and_begins_anew_at_midnight_of_utc(till: Till) -> None:
    await till.set(DAY, 1000)
    till.now = datetime(2026, 11, 25, 23, 59, 59, 999_999, tzinfo=UTC)
    assert await till.confirm(Decimal("999.99"))
    assert await till.confirm(Decimal("0.02")) is None
    assert await till.confirm(Decimal("0.01"))
    assert await till.used(customer_total("c1")) == 1000
    till.now += timedelta(microseconds=1)
    assert await till.confirm(1000)
    assert await till.used(customer_total("c1"), "2026-11-26") == 1000
    assert await till.used(customer_total("c1")) == 1000


async def test_the_same_yes_counts_once(till: Till) -> None:
    first = await till.confirm(700, key="one")
    assert await till.confirm(700, key="one") == first
    assert await till.used(country_total("KE")) == 700


@pytest.mark.parametrize(
    ("states", "kept"),
    [
        ((LegState.CANCELLED,), 0),
        ((LegState.PENDING, LegState.FAILED), 0),
        ((LegState.PENDING, LegState.EXPIRED), 0),
        ((LegState.PENDING, LegState.SUCCEEDED), 800),
    ],
)
async def test_what_moved_nothing_is_given_back_once(till: Till, states: tuple[LegState, ...], kept: int) -> None:
    payment, _ = await till.confirm(800), await till.confirm(300, 2)
    assert payment is not None
    await till.end(payment, *states)
    for _ in range(2):  # whoever asks again gives nothing back again
        await till.database.write(lambda session: None if kept else queries.give_back(session, [payment], till.now))
    assert await till.used(customer_total("c1")) == kept
    assert await till.used(country_total("KE")) == kept + 300


async def test_it_is_given_back_to_the_day_that_it_was_taken_from(till: Till) -> None:
    await till.set(DAY, 1000)
    payment = await till.confirm(1000)
    till.now += timedelta(days=1)
    assert await till.confirm(600)
    assert payment is not None
    await till.end(payment, LegState.CANCELLED)
    assert (await till.used(customer_total("c1")), await till.used(customer_total("c1"), "2026-11-26")) == (0, 600)


async def test_a_limit_that_is_set_later_in_the_day_knows_what_was_moved_before(till: Till) -> None:
    assert await till.confirm(900)
    await till.set(DAY, 1000)
    person = await till.person()
    left = await till.allowances.left(person, "KE", "KES")
    assert left is not None
    assert (left.left, left.renews_at) == (Money(Decimal(100), "KES"), datetime(2026, 11, 26, tzinfo=UTC))
    refusal = await till.allowances.refusal(person, *till.order(500))
    assert isinstance(refusal, Allowance)
    assert await till.confirm(500) is None
    await till.set(DAY, 500)  # below what was moved already
    again = await till.allowances.left(person, "KE", "KES")
    assert again is not None
    assert again.left.amount == 0
    await till.set(DAY, None)
    assert await till.confirm(500)


async def test_what_was_true_on_the_card_is_looked_at_again_in_the_transaction(till: Till) -> None:
    """Nobody asked `refusal` in between: the transaction alone must find it."""
    person, (request, offer) = await till.person(), till.order(800)
    assert await till.allowances.refusal(person, request, offer) is None
    other = Till(till.database, till.keyring)
    effects = Effects()
    payments = Spot(LimitScope.PAYMENT, "*", "KES")
    other.tariffs.stage_limit(effects, OWNER, payments, was=None, now=Bounds(Decimal(500), Decimal(700)))
    await till.database.write(effects.write)
    assert await till.confirm(800) is None
    effects = Effects()
    other.tariffs.stage_limit(effects, OWNER, payments, was=Bounds(Decimal(500), Decimal(700)), now=None)
    other.tariffs.stage_fee(effects, OWNER, PaymentKind.SEND, "KES", was=None, now=Fee(Decimal(1)))
    await till.database.write(effects.write)
    assert await till.confirm(800) is None  # under the old fee
    assert await till.used(country_total("KE")) == 0


async def test_a_phone_is_asked_so_often_in_an_hour_and_one_s_own_more_often(till: Till) -> None:
    stranger = await till.person(2, phone="+254733000111")
    for _ in range(MOST_PROMPTS):
        assert await till.confirm(500, 2)
    assert await till.confirm(500, 2) is None
    refusal = await till.allowances.refusal(stranger, *till.order(500))
    assert refusal == TooManyPrompts(NOON + timedelta(hours=1))
    for _ in range(MOST_OWN_PROMPTS - MOST_PROMPTS):
        assert await till.confirm(500)
    assert await till.confirm(500) is None
    till.now += timedelta(hours=1)
    assert await till.confirm(500, 2)


async def test_those_who_confirm_together_never_exceed_a_limit(postgres_url: str, keyring: Keyring) -> None:
    """Real concurrency: several processes' connections, one customer's day and one country's day."""
    async with replicas(postgres_url, keyring, 3) as tills:
        await tills[0].set(DAY, 5_000)
        await tills[0].set(COUNTRY, 17_000)
        for number in range(1, 7):
            person = await tills[0].person(number, phone=None)
            for till in tills:
                till.people[number] = person
        # phones of their own, so that nothing but the days limits them
        orders = [(till, number) for till in tills for number in range(1, 7) for _ in range(6)]
        opened = await asyncio.gather(*(confirm_from(till, number) for till, number in orders))
        by_customer = [await tills[0].used(customer_total(f"c{number}")) for number in range(1, 7)]
        assert sum(found is not None for found in opened) == 17
        assert await tills[0].used(country_total("KE")) == sum(by_customer) == 17_000
        assert max(by_customer) <= 5_000
        # and what ends together is given back whole, once, whoever else confirms meanwhile
        ids = [found for found in opened if found is not None]
        await asyncio.gather(*(till.end(one, LegState.CANCELLED) for one, till in zip(ids, tills * 6, strict=False)))
        assert await tills[0].used(country_total("KE")) == 0


async def confirm_from(till: Till, number: int) -> str | None:
    """A transfer of 1,000 from a phone that nobody else pays from."""
    person = await till.person(number)
    request, offer = till.order(1000)
    payer = SendRequest(
        payer=type(JOHN)("KE", "KES", "bank", f"+25472200{number:04}", "John", None),
        destination=JANE,
        amount=request.amount,
    )
    yes = Confirmed(person.id, person.chat_id, new_id(), "test", till.now)

    def work(session: Session) -> str:
        opened = open_send(session, till.keyring, yes, request=payer, offer=offer)
        till.allowances.hold(session, person, opened, payer, offer, till.now)
        return opened.payment_id

    try:
        return await till.database.write(work)
    except LostRace:
        return None


async def test_another_replica_knows_of_a_change_by_itself(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.engine.operators.tariffs.EVERY", timedelta(milliseconds=20))
    other = Till(till.database, till.keyring)
    limits, fees, running = other.tariffs.limits, other.tariffs.fees, asyncio.create_task(other.tariffs.run())
    effects = Effects()
    payments = Spot(LimitScope.PAYMENT, "*", "KES")
    till.tariffs.stage_limit(effects, OWNER, payments, was=None, now=Bounds(Decimal(5), Decimal(7)))
    till.tariffs.stage_fee(effects, OWNER, PaymentKind.SEND, "KES", was=None, now=Fee(Decimal(1)))
    await till.database.write(effects.write)
    async with asyncio.timeout(5):
        while True:
            if limits["KES"].maximum == 7 and fees:
                break
            await asyncio.sleep(0.01)
    assert fees[PaymentKind.SEND, "KES"] == Fee(Decimal(1))
    other.tariffs.stop()
    await running


async def test_of_two_who_change_the_same_one_is_told_so(till: Till) -> None:
    first, second = Effects(), Effects()
    till.tariffs.stage_limit(first, OWNER, DAY, was=None, now=Bounds(None, Decimal(1)))
    till.tariffs.stage_limit(second, OWNER, DAY, was=None, now=Bounds(None, Decimal(2)))
    await till.database.write(first.write)
    with pytest.raises(LostRace):
        await till.database.write(second.write)
    assert await till.tariffs.rule(DAY) == Bounds(None, Decimal(1))


async def test_what_is_long_over_is_forgotten(till: Till) -> None:
    old = await till.confirm(700)
    assert old is not None
    till.now = datetime.now(UTC) + timedelta(days=9)  # ids carry the time of the machine
    await till.confirm(600)
    await tidy(till.database, lambda: till.now)
    day = till.now.date().isoformat()
    assert (await till.used(customer_total("c1")), await till.used(customer_total("c1"), day)) == (0, 600)
    await till.end(old, LegState.CANCELLED)  # there is nothing to give back to
    assert await till.used(customer_total("c1"), day) == 600
