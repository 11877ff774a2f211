"""What is late: money that came in after its payment had ended without a word, and answers to questions that are old by now."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlmodel import Session

from bot.engine.clock import utc_now
from bot.engine.findings import Cause, Finding
from bot.engine.operators.order_results import OrderRefused, OrderState
from bot.engine.settling import Settler
from bot.payments.reasons import ARRIVED_LATE, CAME_LATE
from bot.payments.reconciling import DifferenceKind
from bot.payments.reports import Report
from bot.payments.schedule import Patience
from bot.payments.states import Concern, PaymentState
from bot.screens.outcome import outcome_message
from bot.screens.sample_orders import sample_send
from bot.screens.texts import catalogue
from bot.simulator.kotani.records import Deposit
from storage.payments import CASE, LEG, LegKey
from tests.engine.conftest import House
from tests.engine.test_mending import REFUND, Desk
from tests.engine.test_reconciling import Office


async def test_a_comparison_brings_it_into_the_books_and_lists_it_no_longer(house: House) -> None:
    office = Office(house)
    await office.opens_books()
    house.world.configure(auto_approve=False)
    payment = await house.send()
    await house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "asked")
    reference = await house.reference(payment)
    house.world.force(reference, status="EXPIRED")
    assert (await house.ended(payment)).state is PaymentState.EXPIRED
    tx = house.world.transaction(reference)
    assert isinstance(tx, Deposit)
    tx.status = "SUCCESSFUL"  # without a word

    await office.compares()
    found = {one.kind: (one.ours, one.theirs) for one in await office.open()}
    assert found[DifferenceKind.STATE] == ("expired", "late")
    await house.until(payment, lambda view: view.state is PaymentState.REFUNDING, "it came in")
    assert await house.cases(payment) == [Concern.CAME_LATE]
    await house.check(payment)

    await office.compares()
    assert DifferenceKind.STATE not in await office.lists()


async def test_a_purchase_that_is_paid_after_its_end_and_delivered_completes_and_nobody_has_to_see_to_it(
    house: House,
) -> None:
    payment, reference = await _ended_purchase(house)
    house.world.force(reference, status="PENDING", depositStatus="SUCCESSFUL", onchainStatus="PENDING")
    assert (await house.until(payment, lambda view: view.with_a_person, "paid")).state is PaymentState.FAILED
    house.world.force(reference, status="SUCCESSFUL", onchainStatus="SUCCESSFUL")
    view = await house.until(payment, lambda view: view.state is PaymentState.COMPLETED, "delivered")
    assert (view.reason, view.with_a_person) == (ARRIVED_LATE, False)
    assert await house.outcomes(payment) == ["failed", "completed"]
    screen = outcome_message(catalogue("en"), view)
    assert screen is not None
    assert "arrived after all" in screen.text
    await house.check(payment)


async def test_a_purchase_that_is_paid_after_its_end_and_not_delivered_is_owed_and_paid_back_by_one_order(
    house: House,
) -> None:
    desk = Desk(house)
    payment, reference = await _ended_purchase(house)
    house.world.force(reference, status="FAILED", depositStatus="SUCCESSFUL", onchainStatus="FAILED")
    view = await house.until(payment, lambda view: view.state is PaymentState.REFUNDING, "owed")
    assert await house.cases(payment) == [Concern.CAME_LATE]
    assert [leg["kind"] for leg in await house.rows(LEG, payment)] == ["onramp"]  # nothing follows by itself
    screen = outcome_message(catalogue("en"), view)
    assert screen is not None
    assert "could not be delivered" in screen.text
    assert "is owed to you." in screen.text
    await house.check(payment)

    house.world.force(reference, depositStatus="PENDING")  # it does not say so at this moment
    with pytest.raises(OrderRefused, match="refund_not_in"):
        await desk.order(REFUND, payment)
    house.world.force(reference, depositStatus="SUCCESSFUL")
    assert await desk.order(REFUND, payment) is OrderState.CARRIED_OUT
    view = await house.until(payment, lambda view: view.state is PaymentState.REFUNDED, "refunded")
    assert await house.outcomes(payment) == ["failed", "refunding", "refunded"]
    assert not view.with_a_person
    await house.check(payment)


async def _ended_purchase(house: House) -> tuple[str, str]:
    """A purchase of which the provider said that it was not paid: the payment, and its reference there."""
    house.world.configure(auto_approve=False)
    payment = await house.buy()
    await house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "asked")
    reference = await house.reference(payment)
    house.world.force(reference, status="FAILED", depositStatus="FAILED")
    assert (await house.ended(payment)).state is PaymentState.FAILED
    return payment, reference


async def test_who_asks_for_a_look_while_an_older_answer_is_on_its_way_gets_one(house: House) -> None:
    """A cancellation, a hint or an operator sets the time; the answer of a poll that was begun before does not move it."""
    house.world.configure(auto_approve=False)
    payment = await house.send()
    await house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "asked")
    (leg,) = await house.rows(LEG, payment)
    later = utc_now() + timedelta(hours=1)

    async def answered(due_was: datetime | None) -> datetime | None:
        key = LegKey(leg["id"], payment)
        finding = Finding(key=key, cause=Cause.POLL, report=Report(status="PENDING"), due_was=due_was)

        def settle(session: Session) -> None:
            session.execute(update(LEG).where(LEG.c.id == leg["id"]).values(due_at=later))
            Settler(house.keyring, Patience()).apply(session, [finding], utc_now())

        await house.database.write(settle)
        (now,) = await house.rows(LEG, payment)
        return now["due_at"]  # type: ignore[no-any-return]

    assert await answered(later - timedelta(minutes=5)) == later
    assert await answered(later) != later


async def test_every_amount_that_is_told_of_a_sale_is_seen_by_a_person_and_the_books_keep_the_first(
    house: House,
) -> None:
    payment, view = await house.awaiting_crypto()
    (leg,) = await house.rows(LEG, payment)
    key = LegKey(leg["id"], payment)
    for seen in (Decimal("9.5"), Decimal(7), view.pay.amount, view.pay.amount):
        finding = Finding(key=key, cause=Cause.POLL, report=Report(status="CRYPTO_PENDING", crypto_seen=seen))

        def settle(session: Session, finding: Finding = finding) -> None:
            Settler(house.keyring, Patience()).apply(session, [finding], utc_now())

        await house.database.write(settle)
    told = [row["detail"].split(" ")[0] for row in await house.rows(CASE, payment)]
    assert sorted(told) == sorted(["9.5", "7", str(view.pay.amount)])
    (leg,) = await house.rows(LEG, payment)
    assert leg["crypto_seen"] == Decimal("9.5")
    await house.check(payment)


def test_its_payer_is_told_that_it_is_owed_and_not_that_a_refund_came_back() -> None:
    view = replace(sample_send(PaymentState.REFUNDING), ended_at=utc_now(), reason=CAME_LATE, refund=None)
    screen = outcome_message(catalogue("en"), view)
    assert screen is not None
    assert "came in after this payment had ended" in screen.text
    assert "is owed to you." in screen.text
