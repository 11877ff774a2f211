"""A sale through every way that the provider and the customer can behave: crypto in once, fiat out once, or crypto back."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from bot.engine.balances import NoPayoutBalance
from bot.engine.clock import utc_now
from bot.payments.parties import Destination, Way
from bot.payments.states import Concern, PaymentState
from bot.simulator.kotani import Match, Rule
from storage.payments import LEG, LostRace

from .conftest import PHONE, SENDER, House, one_engine, sale_request


@pytest.fixture(autouse=True)
def soon(house: House) -> None:
    house.world.configure(refund_delay=0.05, refund_run=0.05)


async def test_a_sale_is_paid_out_and_told_once(house: House) -> None:
    request = sale_request()
    offer = await house.sale_quotes.sell(request)
    payment, view = await house.awaiting_crypto()
    assert view.state is PaymentState.AWAITING_PAYMENT
    assert (view.pay, view.fee, view.receive) == (offer.pay, offer.fee, offer.receive)
    assert offer.receive == offer.fiat_amount - offer.fee
    assert view.pay_by is not None
    assert view.can_cancel

    assert house.world.send_crypto(await house.reference(payment))

    view = await house.ended(payment)
    assert view.state is PaymentState.COMPLETED
    assert view.payout_receipt
    assert view.tx_hash
    assert await house.outcomes(payment) == ["completed"]
    assert await house.told(payment) == ["payment_escrow", "payment_escrow_over"]
    assert await house.cases(payment) == []
    sale = house.world.transaction(await house.reference(payment))
    assert sale is not None
    assert (sale.sender, sale.escrow) == (SENDER, view.escrow_address)  # type: ignore[union-attr]
    assert sale.refund_config == {"address": SENDER}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "destination",
    [
        Destination(Way.BANK, "KE", "KES", "Jane Doe", PHONE, bank_code="01", bank_name="KCB", account="1234567890"),
        Destination(Way.TILL, "KE", "KES", "Shop", number="174379"),
        Destination(Way.PAYBILL, "KE", "KES", "School", number="400200", account="ACC1"),
    ],
    ids=lambda destination: destination.way,
)
@one_engine
async def test_a_sale_can_be_paid_out_to_banks_tills_and_paybills(house: House, destination: Destination) -> None:
    payment, _ = await house.awaiting_crypto(destination=destination)

    house.world.send_crypto(await house.reference(payment))

    assert (await house.ended(payment)).state is PaymentState.COMPLETED


@one_engine
async def test_fiat_that_should_arrive_arrives_to_the_unit(house: House) -> None:
    offer = await house.sale_quotes.sell(sale_request(crypto_amount=None, fiat_amount=Decimal(1000)))

    assert offer.receive.amount == 1000
    assert offer.pay.quantize_down() == offer.pay


@one_engine
async def test_a_sale_that_cannot_be_paid_out_comes_back(house: House) -> None:
    house.world.fail_next(withdrawals=1)
    payment, _ = await house.awaiting_crypto()

    house.world.send_crypto(await house.reference(payment))

    view = await house.ended(payment)
    assert (view.state, view.reason) == (PaymentState.REFUNDED, "reason.payout_failed")
    assert view.refund == view.pay
    assert view.refund_tx
    assert view.refund_tx != view.tx_hash
    assert await house.outcomes(payment) == ["refunding", "refunded"]


@one_engine
async def test_crypto_that_cannot_come_back_is_for_a_person(house: House) -> None:
    house.world.fail_next(withdrawals=1, refunds=1)
    payment, _ = await house.awaiting_crypto()

    house.world.send_crypto(await house.reference(payment))

    view = await house.until(payment, lambda view: view.with_a_person, "with a person")
    assert view.state is PaymentState.REFUNDING
    assert await house.cases(payment) == [Concern.REFUND_FAILED]


@one_engine
async def test_it_ends_well_when_no_callback_ever_comes(house: House) -> None:
    house.world.configure(callback_mode="none")
    house.world.fail_next(withdrawals=1)
    payment, _ = await house.awaiting_crypto()

    house.world.send_crypto(await house.reference(payment))

    view = await house.ended(payment)
    assert view.state is PaymentState.REFUNDED
    assert view.refund_tx


@one_engine
async def test_a_wrong_amount_is_for_a_person_and_is_told(house: House) -> None:
    house.world.configure(settle_delay=0.5)
    payment, _ = await house.awaiting_crypto()

    house.world.send_crypto(await house.reference(payment), Decimal("9.5"))

    view = await house.until(payment, lambda view: view.seen_amount is not None, "seen")
    assert view.seen_amount is not None
    assert view.seen_amount.amount == Decimal("9.5")
    assert view.state is PaymentState.AWAITING_PAYMENT
    assert not view.can_cancel
    assert await house.cases(payment) == [Concern.AMOUNT_DIFFERS]
    view = await house.ended(payment)  # the provider gives it back
    assert (view.state, view.reason) == (PaymentState.REFUNDED, "reason.amount_differed")
    assert view.refund == view.seen_amount
    assert await house.told(payment) == ["payment_escrow", "payment_odd_amount", *["payment_escrow_over"] * 2]
    assert await house.cases(payment) == [Concern.AMOUNT_DIFFERS]


@one_engine
async def test_a_sale_is_cancelled_before_crypto_comes(house: House) -> None:
    payment, _ = await house.awaiting_crypto()

    await house.stage(house.payments.stage_cancel, payment)

    view = await house.ended(payment)
    assert view.state is PaymentState.CANCELLED
    assert await house.outcomes(payment) == ["cancelled"]
    assert await house.told(payment) == ["payment_escrow", "payment_escrow_over"]
    assert [seen.operation for seen in house.world.requests].count("offramp.cancel") == 1
    with pytest.raises(LostRace):
        await house.stage(house.payments.stage_cancel, payment)


@one_engine
async def test_a_callback_that_is_quicker_than_the_status_does_not_make_a_cancelled_sale_one_that_was_not(
    house: House,
) -> None:
    payment, _ = await house.awaiting_crypto()
    house.world.inject(Rule(action="delay", match=Match(operation="offramp.status"), seconds=0.3, times=9))

    await house.stage(house.payments.stage_cancel, payment)

    assert (await house.ended(payment)).state is PaymentState.CANCELLED
    await asyncio.sleep(0.6)  # the status that was asked for comes after the callback
    assert await house.told(payment) == ["payment_escrow", "payment_escrow_over"]


@one_engine
async def test_crypto_that_came_before_the_cancel_is_paid_out_and_that_is_told(house: House) -> None:
    house.world.configure(callback_mode="none", settle_delay=1.0)
    payment, _ = await house.awaiting_crypto()

    house.world.send_crypto(await house.reference(payment))
    await house.stage(house.payments.stage_cancel, payment)

    assert (await house.ended(payment)).state is PaymentState.COMPLETED
    assert await house.told(payment) == ["payment_escrow", "payment_not_cancelled", "payment_escrow_over"]


@one_engine
async def test_a_cancel_that_the_provider_does_not_do_is_told_and_the_sale_is_followed(house: House) -> None:
    house.world.inject(Rule(action="refuse", match=Match(operation="offramp.cancel"), message="Not possible", times=9))
    payment, _ = await house.awaiting_crypto()

    await house.stage(house.payments.stage_cancel, payment)

    await house.until_noticed(payment, "payment_not_cancelled")
    assert [seen.operation for seen in house.world.requests].count("offramp.cancel") == 1
    house.world.send_crypto(await house.reference(payment))
    assert (await house.ended(payment)).state is PaymentState.COMPLETED


@one_engine
async def test_crypto_that_comes_after_the_end_comes_back(house: House) -> None:
    house.world.configure(offramp_ttl=0.3, refund_delay=1.0)
    payment, _ = await house.awaiting_crypto()
    view = await house.ended(payment)
    assert (view.state, view.reason) == (PaymentState.EXPIRED, "reason.no_crypto")

    house.world.send_crypto(await house.reference(payment))

    view = await house.until(payment, lambda view: view.state is PaymentState.REFUNDED, "refunded")
    assert view.reason == "reason.crypto_late"
    assert await house.outcomes(payment) == ["expired", "refunding", "refunded"]
    await house.check(payment)


@one_engine
async def test_after_the_time_to_send_the_customer_is_told_once(house: House) -> None:
    payment, _ = await house.awaiting_crypto()
    past = utc_now() - timedelta(seconds=1)

    def pass_time(session: Session) -> None:
        session.connection().execute(LEG.update().values(pay_by=past))

    await house.database.write(pass_time)

    await house.until_noticed(payment, "payment_reminder")
    house.world.send_crypto(await house.reference(payment))
    assert (await house.ended(payment)).state is PaymentState.COMPLETED
    assert await house.told(payment) == ["payment_escrow", "payment_reminder", *["payment_escrow_over"] * 2]


@pytest.mark.parametrize("action", ["accept_then_drop", "drop_before"])
@one_engine
async def test_a_sale_is_made_once_however_its_answer_is_lost(house: House, action: str) -> None:
    house.world.inject(Rule(action=action, match=Match(operation="offramp.create")))  # type: ignore[arg-type]

    payment, _ = await house.awaiting_crypto()

    house.world.send_crypto(await house.reference(payment))
    assert (await house.ended(payment)).state is PaymentState.COMPLETED
    assert house.world.creates(await house.reference(payment)).accepted == 1


@one_engine
async def test_a_sale_that_our_own_wallet_would_pay_is_for_a_person_at_once(house: House) -> None:
    payment, _ = await house.awaiting_crypto()
    sale = house.world.transaction(await house.reference(payment))
    assert sale is not None
    sale.own_wallet = True  # type: ignore[union-attr]

    house.world.send_crypto(await house.reference(payment))

    view = await house.until(payment, lambda view: view.with_a_person, "with a person")
    assert view.state is PaymentState.AWAITING_PAYMENT
    assert await house.cases(payment) == [Concern.OWN_WALLET]


@one_engine
async def test_what_we_cannot_pay_out_is_not_offered(house: House) -> None:
    wallet = await house.kotani.wallet_for("KES", "KE")
    house.world.wallets.get(wallet.id).balance = Decimal(1200)

    with pytest.raises(NoPayoutBalance):
        await house.sale_quotes.sell(sale_request())
