"""Payment requests against the simulated provider: uses are counted exactly, and money that has no place goes back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from bot.engine.clock import utc_now
from bot.engine.conversations import Conversations, Draft
from bot.engine.customers import Person
from bot.engine.effects import Effects
from bot.engine.outbox import Outbox
from bot.engine.request_keeping import RequestKeeper
from bot.engine.request_paying import AskedTooOften, Paying
from bot.engine.requests import Posted, Reminder, Requests, own_destination
from bot.engine.results import SendRequest
from bot.engine.send_quotes import SendQuotes
from bot.engine.workers import Staff
from bot.payments.identifiers import new_id
from bot.payments.parties import Payer
from bot.payments.phones import phone_from_e164
from bot.payments.requests import (
    CardRole,
    LinkState,
    Pricing,
    RequestFault,
    RequestState,
    RequestView,
    Terms,
    UseState,
    UseWay,
    new_request_code,
)
from bot.payments.states import PAYMENT_TERMINAL, PaymentState
from bot.screens.screen import Screen
from storage.payments import PAYMENT, LostRace
from storage.requests import REQUEST, USE
from storage.tables import Customer, Notice, table_of
from tests.engine.conftest import House

FIXED = Terms("KES", Pricing.FIXED, amount=Decimal(500), title="lunch")
NOTICE = table_of(Notice)


@dataclass
class Desk:
    """A maker, people who pay, and what they are told."""

    house: House
    requests: Requests
    paying: Paying
    conversations: Conversations
    keeper: RequestKeeper
    maker: Person
    refused: list[RequestFault] = field(default_factory=list)

    async def make(self, terms: Terms = FIXED, *posted: Posted) -> RequestView:
        destination = own_destination(self.maker)
        assert destination is not None
        code = new_request_code()
        effects = Effects()
        self.requests.stage_make(effects, self.maker, terms, destination, code=code, maker="Jane D.", posted=posted)
        await self.commit(effects)
        made = await self.requests.by_code(code)
        assert made is not None
        return made

    async def commit(self, effects: Effects) -> None:
        await self.house.database.write(effects.write)
        await effects.finish()

    async def view(self, request: RequestView) -> RequestView:
        view = await self.requests.view(request.id)
        assert view is not None
        return view

    async def somebody(self, number: int) -> Person:
        phone = f"+2547123450{number:02d}"
        now = utc_now()
        row = Customer(id=new_id(), telegram_id=100 + number, chat_id=100 + number, created_at=now, updated_at=now)
        person = Person(row.id, 100 + number, 100 + number, "en", "KE", "MPESA", phone_from_e164(phone), "Ali Musa")
        await self.house.database.write(lambda session: session.add(row))
        return person

    async def pay(
        self, request: RequestView, person: Person, *, named: bool = False, phone: str | None = None
    ) -> str | None:
        """Two taps: the card, and the yes. The payment's id; None when it was refused."""
        assert person.phone is not None
        payer = Payer("KE", "KES", "mobile_money", phone or person.phone.e164, "Ali Musa", "MPESA")
        assert request.terms.amount is not None
        price = request.terms.price
        assert price is not None
        asked = SendRequest(payer, replace(request.destination, own=False), price, request_id=request.id)
        offer = await self.paying.offer(asked)
        for _ in range(5):
            effects = Effects()
            held = self.conversations.stage_start(
                effects, person.id, "pay", Draft("review", {"paying_named": named}, offer=offer)
            )
            self.paying.stage_confirm(effects, person, held, asked, offer, agreed=lambda code: Screen(text=code))
            try:
                await self.commit(effects)
            except LostRace:
                continue
            return await self.payment_of(held.confirm_key)
        raise AssertionError("the race was lost for ever")

    async def payment_of(self, confirm_key: str) -> str | None:
        query = select(PAYMENT.c.id).where(PAYMENT.c.confirm_key == confirm_key)
        return await self.house.database.read(lambda session: session.connection().execute(query).scalar())

    async def uses(self, request: RequestView) -> list[tuple[str, str]]:
        query = select(USE.c.way, USE.c.state).where(USE.c.request_id == request.id).order_by(USE.c.payment_id)
        rows = await self.house.database.read(lambda session: list(session.connection().execute(query)))
        return [(way, state) for way, state in rows]

    async def payments(self, request: RequestView) -> list[str]:
        query = select(USE.c.payment_id).where(USE.c.request_id == request.id).order_by(USE.c.payment_id)
        rows = await self.house.database.read(lambda session: list(session.connection().execute(query)))
        return [row[0] for row in rows]

    async def notices(self, kind: str) -> list[dict[str, Any]]:
        query = select(NOTICE).where(NOTICE.c.kind == kind).order_by(NOTICE.c.id)
        rows = await self.house.database.read(lambda session: list(session.connection().execute(query).mappings()))
        return [dict(row) for row in rows]

    async def shown_anew(self) -> int:
        """How often a request was shown by a new message; its cards are kept up to date beside that."""
        cards = await self.notices("request_card")
        return sum(str(card["dedupe_key"]).startswith("request_shown:") for card in cards)

    async def until(self, request: RequestView, fact: Callable[[RequestView], bool], within: float = 20) -> RequestView:
        async with asyncio.timeout(within):
            while True:
                view = await self.view(request)
                if fact(view):
                    return view
                await asyncio.sleep(0.02)

    async def over(self, payment_id: str) -> PaymentState:
        view = await self.house.until(payment_id, lambda view: view.state in PAYMENT_TERMINAL, "over")
        await self.house.check(payment_id)
        return view.state


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    clock = utc_now
    now = clock()
    maker = Person(house.customer_id, 7, 77, "en", "KE", "MPESA", phone_from_e164("+254712345678"), "Jane Doe")
    requests = Requests(house.database, house.keyring, clock, house.wakes, environment="sandbox", pages=True)
    refused: list[RequestFault] = []

    def say_refused(person: Person, fault: RequestFault) -> Screen:
        refused.append(fault)
        return Screen(text=str(fault))

    paying = Paying(
        _Quotes(SendQuotes(house.kotani, clock, {})),
        house.database,
        Outbox(house.keyring, clock),
        house.keyring,
        clock,
        house.wakes,
        environment="sandbox",
        refused=say_refused,
    )
    keeper = RequestKeeper(
        house.database,
        house.kotani,
        house.keyring,
        clock,
        house.wakes,
        environment="sandbox",
        owner="test",
        callback_url=house.callback_url,
    )
    staff = Staff([("requests", keeper)])
    staff.start()
    conversations = Conversations(house.database, house.keyring, clock)
    assert now.tzinfo is not None
    yield Desk(house, requests, paying, conversations, keeper, maker, refused)
    assert staff.healthy
    await staff.stop(2)


class _Quotes:
    """Prices transfers, under the name that the use case has."""

    def __init__(self, quotes: SendQuotes) -> None:
        self._quotes = quotes

    async def offer(self, request: SendRequest) -> Any:
        return await self._quotes.send(request)


async def test_three_uses_paid_five_times_at_once(desk: Desk) -> None:
    request = await desk.make(replace(FIXED, most_uses=3), Posted(-500, CardRole.GROUP, "en"))
    people = [await desk.somebody(number) for number in range(5)]

    found = await asyncio.gather(*(desk.pay(request, person) for person in people))

    opened = [payment for payment in found if payment is not None]
    assert len(opened) == 3
    assert len(desk.refused) == 2
    assert set(desk.refused) <= {RequestFault.ALL_TAKEN, RequestFault.USED_UP}
    assert [await desk.over(payment) for payment in opened] == [PaymentState.COMPLETED] * 3
    view = await desk.view(request)
    assert (view.state, view.uses_reserved, view.uses_paid) == (RequestState.USED_UP, 0, 3)
    assert await desk.uses(request) == [(UseWay.CHAT, UseState.PAID)] * 3
    told = {notice["payment_id"] for notice in await desk.notices("request_news")}
    assert told == set(opened)
    assert {notice["chat_id"] for notice in await desk.notices("request_card")} == {77, -500}


async def test_a_payment_that_fails_gives_its_use_back(desk: Desk) -> None:
    request = await desk.make()
    person = await desk.somebody(1)

    failed = await desk.pay(request, person, phone="+254700000010")  # has no money
    assert failed is not None
    assert await desk.over(failed) is PaymentState.FAILED
    view = await desk.view(request)
    assert (view.state, view.uses_reserved, view.uses_paid) == (RequestState.OPEN, 0, 0)

    second = await desk.pay(request, person, named=True)
    assert second is not None
    assert await desk.over(second) is PaymentState.COMPLETED
    view = await desk.view(request)
    assert (view.state, view.uses_paid, view.payers) == (RequestState.USED_UP, 1, ("Ali M.",))
    assert await desk.uses(request) == [(UseWay.CHAT, UseState.RELEASED), (UseWay.CHAT, UseState.PAID)]


async def test_a_payout_that_fails_goes_back_to_the_payer_and_the_request_is_open_again(desk: Desk) -> None:
    request = await desk.make()
    desk.house.world.fail_next(withdrawals=1)

    payment = await desk.pay(request, await desk.somebody(1))
    assert payment is not None

    assert await desk.over(payment) is PaymentState.REFUNDED
    view = await desk.view(request)
    assert (view.state, view.uses_reserved, view.uses_paid) == (RequestState.OPEN, 0, 0)
    assert await desk.uses(request) == [(UseWay.CHAT, UseState.RETURNED)]


class TestSlowPrompts:
    @pytest.fixture
    def settings(self, settings: Any) -> Any:
        settings.auto_approve = False
        return settings

    async def test_a_prompt_that_is_approved_after_closing_is_paid_back(self, desk: Desk) -> None:
        request = await desk.make()
        person = await desk.somebody(1)
        payment = await desk.pay(request, person)
        assert payment is not None
        await desk.house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "awaited")

        effects = Effects()
        desk.requests.stage_close(effects, await desk.view(request))
        await desk.commit(effects)
        await desk.house.world.until(lambda: bool(desk.house.world.prompts()))
        desk.house.world.approve(desk.house.world.prompts()[0].id)

        assert await desk.over(payment) is PaymentState.REFUNDED
        view = await desk.view(request)
        assert (view.state, view.uses_reserved, view.uses_paid) == (RequestState.CLOSED, 0, 0)
        news = await desk.requests.news(payment)
        assert news is not None
        assert news.state is UseState.LATE
        assert any(notice["payment_id"] == payment for notice in await desk.notices("request_news"))

    async def test_who_began_in_time_may_finish_after_the_end(self, desk: Desk) -> None:
        request = await desk.make(replace(FIXED, life=timedelta(seconds=2)))
        payment = await desk.pay(request, await desk.somebody(1))
        assert payment is not None
        await desk.until(request, lambda view: view.state is RequestState.EXPIRED)
        await desk.house.world.until(lambda: bool(desk.house.world.prompts()))
        desk.house.world.approve(desk.house.world.prompts()[0].id)

        assert await desk.over(payment) is PaymentState.COMPLETED
        assert (await desk.view(request)).uses_paid == 1

    async def test_a_phone_is_asked_with_the_agreement_of_its_owner_and_not_too_often(self, desk: Desk) -> None:
        request = await desk.make(replace(FIXED, most_uses=None))
        for _ in range(3):
            assert await desk.pay(request, desk.maker, phone="+254712345099") is not None
        assert await desk.uses(request) == [(UseWay.PUSH, UseState.RESERVED)] * 3
        price = request.terms.price
        assert price is not None
        payer = Payer("KE", "KES", "mobile_money", "+254712345099", "Ali", "MPESA")
        with pytest.raises(AskedTooOften):
            await desk.paying.offer_push(SendRequest(payer, request.destination, price, request_id=request.id))
        other = replace(payer, phone="+254712345098")
        await desk.paying.offer_push(SendRequest(other, request.destination, price, request_id=request.id))


async def test_a_page_is_made_paid_on_and_closed(desk: Desk) -> None:
    request = await desk.make(replace(FIXED, most_uses=2))
    page = await desk.until(request, lambda view: view.link_state is LinkState.MADE)
    assert page.link_url is not None
    link = page.link_url.rsplit("/", 1)[1]
    assert desk.house.world.links.get(link).methods == ["MOBILE_MONEY"]  # it takes shillings, and Kenyans pay by phone

    desk.house.world.pay_link(link, "+254712345050", "Asha")

    paid = await desk.until(request, lambda view: view.uses_paid == 1)
    assert paid.uses_reserved == 0
    assert await desk.uses(request) == [(UseWay.PAGE, UseState.PAID)]
    [payment] = await desk.payments(request)
    assert await desk.over(payment) is PaymentState.COMPLETED

    effects = Effects()
    desk.requests.stage_close(effects, paid)
    await desk.commit(effects)
    closed = await desk.until(request, lambda view: view.link_state is LinkState.CLOSED)
    assert closed.link_url is None
    assert (await desk.house.kotani.payment_links())[0].status == "INACTIVE"


async def test_what_is_paid_on_a_page_when_nothing_is_left_is_paid_back(desk: Desk) -> None:
    request = await desk.make()
    page = await desk.until(request, lambda view: view.link_state is LinkState.MADE)
    assert page.link_url is not None
    first = await desk.pay(request, await desk.somebody(1))
    assert first is not None

    deposit = desk.house.world.pay_link(page.link_url.rsplit("/", 1)[1], "+254712345050", "Asha")

    await desk.house.until(first, lambda view: view.state is PaymentState.COMPLETED, "paid")
    async with asyncio.timeout(20):
        while True:
            payments = await desk.payments(request)
            if len(payments) == 2:
                break
            await asyncio.sleep(0.02)
    states = {await desk.over(payment) for payment in payments}
    assert states == {PaymentState.COMPLETED, PaymentState.REFUNDED}
    assert sorted(await desk.uses(request)) == [(UseWay.CHAT, UseState.PAID), (UseWay.PAGE, UseState.LATE)]
    assert (await desk.view(request)).uses_paid == 1
    assert deposit.reference


class TestUnsignedCallbacks:
    @pytest.fixture
    def secret(self) -> str:
        return ""

    async def test_a_payment_on_a_page_is_found_by_the_hint_alone(self, desk: Desk) -> None:
        request = await desk.make()
        page = await desk.until(request, lambda view: view.link_state is LinkState.MADE)
        assert page.link_url is not None
        desk.house.world.pay_link(page.link_url.rsplit("/", 1)[1], "+254712345050", "Asha")
        paid = await desk.until(request, lambda view: view.state is RequestState.USED_UP)
        assert paid.uses_paid == 1


class TestWithoutPages:
    @pytest.fixture
    def settings(self, settings: Any) -> Any:
        settings.disabled_services = ["payment_links"]
        return settings

    async def test_requests_go_on_without_a_page(self, desk: Desk) -> None:
        request = await desk.make()
        view = await desk.until(request, lambda view: view.link_state is LinkState.NONE)
        assert view.link_url is None
        payment = await desk.pay(view, await desk.somebody(1))
        assert payment is not None
        assert await desk.over(payment) is PaymentState.COMPLETED


async def test_a_request_is_extended_asked_again_and_reminded_of(desk: Desk) -> None:
    request = await desk.make(replace(FIXED, life=timedelta(seconds=1)))
    expired = await desk.until(request, lambda view: view.state is RequestState.EXPIRED)
    assert await desk.requests.reminder(expired) is Reminder.OVER

    effects = Effects()
    desk.requests.stage_extend(effects, expired)
    await desk.commit(effects)
    extended = await desk.view(request)
    assert extended.state is RequestState.OPEN
    assert extended.expires_at is not None
    assert extended.expires_at > utc_now() + timedelta(days=6)

    assert await desk.requests.reminder(extended) is Reminder.NOBODY
    effects = Effects()
    desk.requests.stage_post(effects, extended, Posted(-500, CardRole.GROUP, "en"))
    await desk.commit(effects)
    assert await desk.requests.reminder(extended) is Reminder.GOES
    before = await desk.shown_anew()
    effects = Effects()
    desk.requests.stage_remind(effects, extended)
    await desk.commit(effects)
    assert await desk.shown_anew() == before + 1
    assert await desk.requests.reminder(extended) is Reminder.LATELY


async def test_the_same_code_makes_one_request_and_nobody_elses(desk: Desk) -> None:
    request = await desk.make()
    stranger = await desk.somebody(3)
    destination = own_destination(stranger)
    assert destination is not None
    effects = Effects()
    desk.requests.stage_make(
        effects, stranger, FIXED, destination, code=request.code, maker="X", posted=(Posted(9, CardRole.INLINE, "en"),)
    )
    await desk.commit(effects)
    query = select(REQUEST.c.customer_id).where(REQUEST.c.code == request.code)

    def owners(session: Session) -> list[str]:
        return [row[0] for row in session.connection().execute(query)]

    assert await desk.house.database.read(owners) == [desk.maker.id]
    assert await desk.requests.card(request.id, 9) is None
