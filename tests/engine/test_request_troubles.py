"""Payment requests when the provider, or the payer's bank, does what it should not: no use and no money gets lost."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from bot.engine.effects import Effects
from bot.engine.requests import own_destination
from bot.payments.requests import LinkState, RequestState, RequestView, UseState, UseWay, new_request_code
from bot.payments.states import Concern, PaymentState
from bot.simulator.kotani import Match, Rule
from storage.payments import CASE
from storage.requests import REQUEST

from .test_requests import FIXED, Desk
from .test_requests import desk as desk  # noqa: PLC0414 - the same desk


async def page_of(desk: Desk, request: RequestView) -> str:
    view = await desk.until(request, lambda view: view.link_state is LinkState.MADE)
    assert view.link_url is not None
    return view.link_url.rsplit("/", 1)[1]


async def close(desk: Desk, view: RequestView) -> None:
    effects = Effects()
    desk.requests.stage_close(effects, view)
    await desk.commit(effects)


async def concerns(desk: Desk) -> list[tuple[str, str]]:
    query = select(CASE.c.concern, CASE.c.detail)
    rows = await desk.house.database.read(lambda session: list(session.connection().execute(query)))
    return [(row[0], row[1]) for row in rows]


class TestSlowPrompts:
    @pytest.fixture
    def settings(self, settings: Any) -> Any:
        settings.auto_approve = False
        return settings

    async def test_a_collection_that_is_undone_before_it_counted_gives_its_use_back(self, desk: Desk) -> None:
        request = await desk.make()
        payment = await desk.pay(request, desk.maker, phone="+254712345099")
        assert payment is not None
        await desk.house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "awaited")

        desk.house.world.force(await desk.house.reference(payment), status="REVERSED")

        assert await desk.over(payment) is PaymentState.REVERSED
        view = await desk.view(request)
        assert (view.state, view.uses_reserved, view.uses_paid) == (RequestState.OPEN, 0, 0)
        assert await desk.uses(request) == [(UseWay.PUSH, UseState.RELEASED)]


class TestUnsignedCallbacks:
    @pytest.fixture
    def secret(self) -> str:
        return ""

    async def test_a_payment_on_a_page_counts_also_when_nobody_knows_who_paid(self, desk: Desk) -> None:
        for operation in ("customer.get", "checkout.status"):
            desk.house.world.inject(Rule(action="refuse", match=Match(operation=operation), status=404, times=0))
        request = await desk.make()

        desk.house.world.pay_link(await page_of(desk, request), "+254712345050", "Asha")

        paid = await desk.until(request, lambda view: view.state is RequestState.USED_UP)
        assert paid.uses_paid == 1
        [payment] = await desk.payments(request)
        assert await desk.over(payment) is PaymentState.COMPLETED


async def test_what_is_paid_on_a_page_that_cannot_be_closed_is_taken_over_and_paid_back(desk: Desk) -> None:
    desk.house.world.inject(Rule(action="refuse", match=Match(operation="link.patch"), status=400, times=0))
    request = await desk.make()
    page = await page_of(desk, request)
    await close(desk, await desk.view(request))
    await desk.until(request, lambda view: view.link_state is LinkState.CLOSING)

    desk.house.world.pay_link(page, "+254712345050", "Asha")

    async with asyncio.timeout(20):
        while True:
            payments = await desk.payments(request)
            if payments:
                break
            await asyncio.sleep(0.02)
    assert await desk.over(payments[0]) is PaymentState.REFUNDED
    assert await desk.uses(request) == [(UseWay.PAGE, UseState.LATE)]


async def test_a_page_that_was_made_just_now_is_closed_with_its_request(desk: Desk) -> None:
    request = await desk.make()
    await page_of(desk, request)

    await close(desk, replace(await desk.view(request), link_state=LinkState.WANTED))  # as the maker's tap had seen it

    await desk.until(request, lambda view: view.link_state is LinkState.CLOSED)
    assert (await desk.house.kotani.payment_links())[0].status == "INACTIVE"


async def paid_like_this(desk: Desk, request: RequestView, **said: str) -> None:
    """Have the provider list a payment on the request's page that says something odd."""
    query = select(REQUEST.c.link_id).where(REQUEST.c.id == request.id)
    link_id = await desk.house.database.read(lambda session: session.connection().execute(query).scalar())
    values = {"reference_id": "odd", "status": "SUCCESSFUL", "id": "1", "amount": "500"} | said
    fields = ", ".join(f'"{name}": "{value}"' for name, value in values.items())
    body = f'{{"success": true, "message": "", "data": [{{{fields}}}]}}'
    match = Match(operation="link.payments", path=str(link_id))
    desk.house.world.inject(Rule(action="answer", match=match, status=200, body=body, times=0))

    def due(session: Any) -> None:
        session.connection().execute(REQUEST.update().values(due_at=REQUEST.c.created_at))

    await desk.house.database.write(due)
    desk.house.wakes.requests.set()


async def until_concern(desk: Desk, concern: Concern) -> str:
    async with asyncio.timeout(20):
        while True:
            for name, detail in await concerns(desk):
                if name == concern:
                    return detail
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("said", "concern"),
    [
        ({"currency": "UGX"}, Concern.CURRENCY_DIFFERS),
        ({"amount": ""}, Concern.AMOUNT_DIFFERS),
        ({"reference_id": ""}, Concern.CONTRADICTION),
    ],
    ids=["currency", "amount", "name"],
)
async def test_a_payment_on_a_page_that_cannot_be_taken_over_is_for_a_person(
    desk: Desk, said: dict[str, str], concern: Concern
) -> None:
    request = await desk.make()
    await page_of(desk, request)

    await paid_like_this(desk, request, **said)

    assert request.code[:8] in await until_concern(desk, concern)
    assert await desk.payments(request) == []


async def test_a_request_that_cannot_be_worked_on_holds_no_other_up(desk: Desk) -> None:
    broken = await desk.make()
    await page_of(desk, broken)
    await desk.house.database.write(
        lambda session: session.connection().execute(REQUEST.update().values(words_sealed=b"cannot be opened"))
    )
    await paid_like_this(desk, broken)
    await until_concern(desk, Concern.POISON)

    other = await desk.make(replace(FIXED, amount=Decimal(700)))

    await page_of(desk, other)


async def test_a_request_is_paid_out_in_the_currency_that_it_asks_for(desk: Desk) -> None:
    destination = own_destination(desk.maker)
    assert destination is not None
    moved = replace(destination, country="UG", currency="UGX")

    with pytest.raises(ValueError, match="currency"):
        desk.requests.stage_make(Effects(), desk.maker, FIXED, moved, code=new_request_code(), maker="Jane D.")
