"""A transfer through every way that both halves can go: the payer charged once, and paid out once or paid back once."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from bot.engine.balances import NoPayoutBalance
from bot.engine.clock import utc_now
from bot.payments.money import Money
from bot.payments.parties import Destination, Payer, Way
from bot.payments.states import Concern, LegKind, LegState, PaymentState
from bot.simulator.kotani import Match, Rule
from storage.payments import LEG, LostRace

from .conftest import JANE, PHONE, House, one_engine, send_request

TILL = Destination(Way.TILL, "KE", "KES", "Shop", number="174379")
PAYBILL = Destination(Way.PAYBILL, "KE", "KES", "School", number="400200", account="ACC1")
KENYAN_BANK = Destination(
    Way.BANK, "KE", "KES", "Jane Doe", PHONE, bank_code="01", bank_name="KCB", account="1234567890"
)
SOUTH_AFRICAN_BANK = Destination(
    Way.BANK,
    "ZA",
    "ZAR",
    "Jane Doe",
    "+27821234567",
    bank_code="2502",
    bank_name="First National Bank",
    account="62000000001",
)
SOUTH_AFRICAN = Payer("ZA", "ZAR", "bank", "+27821234567", "Thabo Mokoena")
UGANDAN = Destination(Way.PHONE, "UG", "UGX", "Grace", "+256772123456", "MTN")


async def test_a_transfer_is_collected_then_paid_out_and_told_once(house: House) -> None:
    payment = await house.send()

    view = await house.ended(payment)

    assert view.state is PaymentState.COMPLETED
    assert (view.receive.amount, view.fee.amount, view.pay.amount) == (500, 15, 515)
    assert view.receipt
    assert view.payout_receipt
    assert view.receipt != view.payout_receipt
    assert await house.outcomes(payment) == ["completed"]
    assert await house.told(payment) == []
    collected, paid_out = [house.world.transaction(await house.reference(payment, place)) for place in (0, 1)]
    assert collected is not None
    assert paid_out is not None
    assert (collected.amount, paid_out.amount) == (515, 500)  # type: ignore[union-attr]
    assert (collected.phone, paid_out.target) == ("+254722000111", JANE.phone)  # type: ignore[union-attr]


@pytest.mark.parametrize("destination", [TILL, PAYBILL, KENYAN_BANK], ids=lambda one: one.way)
@one_engine
async def test_a_transfer_reaches_banks_tills_and_paybills(house: House, destination: Destination) -> None:
    payment = await house.send(destination=destination)

    assert (await house.ended(payment)).state is PaymentState.COMPLETED


@one_engine
async def test_a_transfer_between_south_african_banks(house: House) -> None:
    amount = Money(Decimal(500), "ZAR")
    payment = await house.send(payer=SOUTH_AFRICAN, destination=SOUTH_AFRICAN_BANK, amount=amount)
    await house.until(payment, lambda view: view.redirect_url is not None, "a page to pay on")

    house.world.approve(await house.reference(payment))

    assert (await house.ended(payment)).state is PaymentState.COMPLETED


@pytest.mark.parametrize("amount", [Money(Decimal(1000), "KES"), Money(Decimal(30_000), "UGX")], ids=str)
@one_engine
async def test_across_two_currencies_what_is_shown_is_collected_and_arrives(house: House, amount: Money) -> None:
    request = send_request(destination=UGANDAN, amount=amount)
    offer = await house.send_quotes.send(request)
    payment = await house.send(destination=UGANDAN, amount=amount)

    view = await house.ended(payment)

    assert view.state is PaymentState.COMPLETED
    assert (view.pay, view.fee, view.receive) == (offer.pay, offer.fee, offer.receive)
    if amount.currency == "UGX":
        assert view.receive == amount
    else:
        assert view.pay - view.fee == amount
    assert view.pay.quantize_up() == view.pay
    collected, paid_out = [house.world.transaction(await house.reference(payment, place)) for place in (0, 1)]
    assert collected.amount == view.pay.amount  # type: ignore[union-attr]
    assert paid_out.amount == view.receive.amount  # type: ignore[union-attr]


@one_engine
async def test_a_payout_that_fails_is_paid_back_whole(house: House) -> None:
    house.world.fail_next(withdrawals=1)

    payment = await house.send()

    view = await house.ended(payment)
    assert (view.state, view.reason) == (PaymentState.REFUNDED, "reason.payout_failed")
    assert view.refund == view.pay
    assert view.refund_receipt
    assert await house.outcomes(payment) == ["refunding", "refunded"]
    assert [leg["kind"] for leg in await house.rows(LEG, payment)] == [LegKind.COLLECT, LegKind.PAYOUT, LegKind.REFUND]


@one_engine
async def test_a_payout_that_is_refused_is_paid_back(house: House) -> None:
    house.world.inject(Rule(action="refuse", match=Match(operation="withdraw.till"), message="Unknown till"))

    payment = await house.send(destination=TILL)

    view = await house.ended(payment)
    assert (view.state, view.reason) == (PaymentState.REFUNDED, "reason.payout_failed")


@one_engine
async def test_what_was_paid_at_a_bank_is_paid_back_by_a_person(house: House) -> None:
    house.world.fail_next(withdrawals=1)
    amount = Money(Decimal(500), "ZAR")
    payment = await house.send(payer=SOUTH_AFRICAN, destination=SOUTH_AFRICAN_BANK, amount=amount)
    await house.until(payment, lambda view: view.redirect_url is not None, "a page to pay on")

    house.world.approve(await house.reference(payment))

    view = await house.until(payment, lambda view: view.state is PaymentState.REFUNDING, "refunding")
    assert await house.cases(payment) == [Concern.REFUND_BLOCKED]
    assert view.refund is None


@pytest.mark.parametrize("operation", ["deposit.create", "withdraw.create"])
@pytest.mark.parametrize("action", ["accept_then_drop", "drop_before"])
@one_engine
async def test_each_half_is_made_once_however_its_answer_is_lost(house: House, operation: str, action: str) -> None:
    house.world.inject(Rule(action=action, match=Match(operation=operation)))  # type: ignore[arg-type]

    payment = await house.send()

    assert (await house.ended(payment)).state is PaymentState.COMPLETED
    for place in (0, 1):
        assert house.world.creates(await house.reference(payment, place)).accepted == 1


@one_engine
async def test_a_payer_who_declines_is_not_charged_and_nothing_goes_out(house: House) -> None:
    payment = await house.send(payer=Payer("KE", "KES", "mobile_money", "+254700000013", "John", "MPESA"))

    view = await house.ended(payment)

    assert (view.state, view.reason) == (PaymentState.FAILED, "reason.declined_by_you")
    assert len(await house.rows(LEG, payment)) == 1


@one_engine
async def test_a_transfer_can_be_stopped_while_it_is_held(house: House) -> None:
    payment = await house.send(hold=30)
    view = await house.payments.view(payment)
    assert view is not None
    assert view.can_stop
    assert view.hold_until is not None

    await house.stage(house.payments.stage_stop, payment)

    view = await house.ended(payment)
    assert view.state is PaymentState.CANCELLED
    assert not view.can_stop
    assert await house.outcomes(payment) == ["cancelled"]
    assert house.world.creates(await house.reference(payment)).attempted == 0


@one_engine
async def test_after_the_hold_it_is_sent_and_cannot_be_stopped(house: House) -> None:
    payment = await house.send(hold=1)
    await asyncio.sleep(0.5)
    assert house.world.creates(await house.reference(payment)).attempted == 0

    view = await house.ended(payment)

    assert view.state is PaymentState.COMPLETED
    with pytest.raises(LostRace):
        await house.stage(house.payments.stage_stop, payment)


@one_engine
async def test_a_payout_waits_for_our_balance_and_is_never_lost(house: House) -> None:
    house.world.configure(auto_approve=False)
    payment = await house.send()
    await house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "awaiting the payment")
    wallet = house.world.wallets.get((await house.kotani.wallet_for("KES", "KE")).id)
    enough, wallet.balance = wallet.balance, Decimal(499)

    house.world.approve(await house.reference(payment))

    view = await house.until(payment, lambda view: view.with_a_person, "with a person")
    assert view.state is PaymentState.DELIVERING
    assert await house.cases(payment) == [Concern.PAYOUT_BLOCKED]
    await house.until_noticed(payment, "payment_payout_waits")
    wallet.balance = enough
    assert (await house.ended(payment)).state is PaymentState.COMPLETED
    assert await house.told(payment) == ["payment_payout_waits"]


@one_engine
async def test_nothing_is_paid_out_of_a_collection_that_was_taken_back(house: House) -> None:
    house.world.configure(auto_approve=False)
    payment = await house.send()
    await house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "awaiting the payment")
    wallet = house.world.wallets.get((await house.kotani.wallet_for("KES", "KE")).id)
    wallet.balance = Decimal(0)
    house.world.approve(await house.reference(payment))
    await house.until(payment, lambda view: view.with_a_person, "waiting to be paid out")

    house.world.force(await house.reference(payment), status="REVERSED")

    view = await house.ended(payment)
    assert view.state is PaymentState.REVERSED
    wallet.balance = Decimal(100_000)
    await asyncio.sleep(0.5)
    collect, payout = await house.rows(LEG, payment)
    assert (collect["state"], payout["state"]) == (LegState.REVERSED, LegState.CANCELLED)
    assert house.world.creates(payout["reference"]).attempted == 0


@one_engine
async def test_what_we_cannot_pay_out_is_not_offered(house: House) -> None:
    wallet = await house.kotani.wallet_for("KES", "KE")
    house.world.wallets.get(wallet.id).balance = Decimal(499)

    with pytest.raises(NoPayoutBalance):
        await house.send_quotes.send(send_request())
    assert "deposit.create" not in [seen.operation for seen in house.world.requests]


@one_engine
async def test_a_payment_is_not_collected_long_after_the_yes(house: House) -> None:
    house.world.inject(Rule(action="rate_limit", match=Match(operation="deposit.create"), retry_after=1))
    payment = await house.send()

    def pass_time(session: Session) -> None:
        session.connection().execute(LEG.update().values(quote_expires_at=LEG.c.created_at))

    await house.until(payment, lambda _: len(house.world.requests) > 3, "asked")
    await house.database.write(pass_time)

    view = await house.ended(payment)
    assert (view.state, view.reason) == (PaymentState.EXPIRED, "reason.unavailable")
    assert house.world.creates(await house.reference(payment)).accepted == 0


@one_engine
async def test_a_payout_that_cannot_be_prepared_for_a_day_is_for_a_person(house: House) -> None:
    house.world.inject(Rule(action="refuse", status=500, match=Match(operation="customer.of_phone"), times=0, skip=1))
    payment = await house.send()
    await house.until(payment, lambda view: view.state is PaymentState.DELIVERING, "collected")

    def pass_time(session: Session) -> None:
        session.connection().execute(LEG.update().values(created_at=utc_now() - timedelta(days=2)))

    await house.database.write(pass_time)

    await house.until(payment, lambda view: view.with_a_person, "for a person", within=10)
    assert await house.cases(payment) == [Concern.OVERDUE]
    house.world.faults.clear()
    assert (await house.ended(payment)).state is PaymentState.COMPLETED


@one_engine
async def test_a_south_african_account_needs_no_customer_of_the_provider(house: House) -> None:
    for operation in ("customer.of_phone", "customer.create"):
        house.world.inject(Rule(action="refuse", status=404, match=Match(operation=operation), times=0))
    amount = Money(Decimal(500), "ZAR")
    payment = await house.send(payer=SOUTH_AFRICAN, destination=SOUTH_AFRICAN_BANK, amount=amount)
    await house.until(payment, lambda view: view.redirect_url is not None, "a page to pay on")

    house.world.approve(await house.reference(payment))

    await house.until(payment, lambda view: view.state is PaymentState.COMPLETED, "paid out", within=10)
