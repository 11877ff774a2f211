"""/retry and /refund in the chat: from the card of a payment, with a reason, asked, ordered, approved, and told once."""

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlmodel import Session

from bot.engine.findings import Cause, Finding
from bot.engine.operators.mender import Mender
from bot.engine.settling import Settler
from bot.engine.wakes import Wakes
from bot.payments.approval import Approval
from bot.payments.decide import Decision
from bot.payments.schedule import Patience
from bot.payments.states import Concern, LegKind, LegState, PaymentState
from storage.payments import LegKey, hold_payments
from storage.tables import Leg, Notice, Payment
from tests.dialogue.business import OWNER, Business, business
from tests.dialogue.test_sending import send_to_mary

if TYPE_CHECKING:
    from tests.dialogue.conftest import World

__all__ = ["business"]


@pytest.fixture
async def owing(world: "World", business: Business) -> Payment:
    """A purchase that could not be delivered, and whose refund failed before it was sent."""
    desk = business.desk
    mender = Mender(world.database, world.keyring, desk.mending._provider, desk.mending, world.clock, Wakes())
    for verb in ("retry", "refund"):
        if verb not in desk.approvals._kinds:
            desk.approvals.register(verb, mender)
    desk.approvals._approval = Approval(never=True)
    await world.chat(501).buy_once()
    (payment,) = await world.paid()
    await moves(world, payment.id, LegState.UNDELIVERED)
    await moves(world, payment.id, LegState.FAILED, Concern.REFUND_FAILED)
    return payment


async def moves(world: "World", payment_id: str, state: LegState, concern: Concern | None = None) -> None:
    """The newest leg of a payment goes there."""

    def settle(session: Session) -> None:
        leg = hold_payments(session, [payment_id])[payment_id].legs[-1]
        decision = Decision(state, concern, "as a test says")
        finding = Finding(key=LegKey(leg.id, payment_id), cause=Cause.POLL, decision=decision)
        Settler(world.keyring, Patience()).apply(session, [finding], world.now)

    await world.database.write(settle)


async def legs(world: "World") -> list[Leg]:
    found = await world.database.read(lambda session: list(session.execute(select(Leg)).scalars()))
    return sorted(found, key=lambda leg: leg.position)


async def outcomes(world: "World") -> list[str]:
    rows = await world.database.read(lambda session: list(session.execute(select(Notice)).scalars()))
    return [row.dedupe_key.rsplit(":", 1)[1] for row in rows if row.kind == "payment_outcome"]


async def test_it_is_tried_again_from_the_card_with_a_reason(
    world: "World", business: Business, owing: Payment
) -> None:
    owner = business.owner
    await owner.say(f"/payment {owing.code}")
    await owner.press("Try again")
    assert "Why is" in owner.text
    await owner.say("the phone works again")
    for said in ("Pay 1,020 KES to Jane Wanjiku, +254 712 345678", "the phone works again"):
        assert said in owner.text.replace("\u2060", "")
    assert len(await legs(world)) == 2
    await owner.press("Pay 1,020")
    assert "is tried again" in owner.text
    _, failed, again = await legs(world)
    assert (again.kind, again.state, again.amount) == (LegKind.REFUND, LegState.READY, failed.amount)
    assert again.reference != failed.reference
    assert await outcomes(world) == ["refunding"]  # nothing new for the customer until it has arrived
    await owner.say(f"/payment {owing.code}")
    assert "an operator" in owner.text
    (act,) = [one for one in await business.actions() if one.action == "retry"]
    assert (act.operator, act.target, act.reason) == (OWNER, f"payment:{owing.code}", "the phone works again")
    await owner.say(f"/retry {owing.code} once more")
    assert "still under way" in owner.text
    await moves(world, owing.id, LegState.SUCCEEDED)
    assert await outcomes(world) == ["refunding", "refunded"]
    assert (await world.paid())[0].state == PaymentState.REFUNDED
    for line in (f"/retry {owing.code} once more", f"/refund {owing.code} once more"):
        await owner.say(line)
        assert "that is still owed" in owner.text or "owed back" in owner.text
    assert len(await legs(world)) == 3


async def test_another_phone_is_named_and_approved_by_somebody_else(
    world: "World", business: Business, owing: Payment
) -> None:
    business.desk.approvals._approval = Approval()
    mary = await business.invited("operator", 701)
    await mary.say(f"/refund {owing.code} to 0722 000 111 John Otieno: her line is closed")
    for said in ("Pay 1,020 KES back to John Otieno", "722", "A second operator must approve it"):
        assert said in mary.text.replace("\u2060", "")
    await mary.press("Pay back 1,020")
    assert len(await legs(world)) == 2
    (order,), _ = await business.desk.approvals.waiting(1)
    owner = business.owner
    await owner.tap(f"1:o:order:{order.id}:approve")
    assert "John Otieno" in owner.text
    await owner.press("Yes, approve")
    again = (await legs(world))[-1]
    assert (again.kind, again.state) == (LegKind.REFUND, LegState.READY)
    view = await world.payments.view(owing.id)
    assert view is not None
    assert view.refund_to is not None
    assert (view.refund_to.phone, view.with_a_person) == ("+254722000111", False)
    customer = world.chat(501)
    await customer.say(f"/status {owing.code}")
    assert "John Otieno" in customer.text


async def test_what_was_approved_too_late_is_refused(world: "World", business: Business, owing: Payment) -> None:
    """The order waited while the payment moved on: nothing is paid on top of it."""
    business.desk.approvals._approval = Approval()
    mary = await business.invited("operator", 701)
    await mary.say(f"/retry {owing.code} the phone works again")
    await mary.press("Pay 1,020")
    (order,), _ = await business.desk.approvals.waiting(1)
    business.desk.approvals._approval = Approval(never=True)
    owner = business.owner
    await owner.say(f"/refund {owing.code} I do it now")
    await owner.press("Pay back 1,020")
    assert len(await legs(world)) == 3
    await owner.tap(f"1:o:order:{order.id}:approve")
    await owner.press("Yes, approve")
    assert "still under way" in owner.text
    assert len(await legs(world)) == 3
    await moves(world, owing.id, LegState.FAILED, Concern.REFUND_FAILED)
    await owner.tap(f"1:o:order:{order.id}:approve")
    await owner.press("Yes, approve")
    assert "has moved on" in owner.text
    assert len(await legs(world)) == 3


@pytest.mark.usefixtures("owing")
async def test_a_payout_that_arrived_after_all_is_ended_from_the_card_by_two_operators(
    world: "World", business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = business.desk
    mender = Mender(world.database, world.keyring, desk.mending._provider, desk.mending, world.clock, Wakes())
    if "arrived" not in desk.approvals._kinds:
        desk.approvals.register("arrived", mender)
    customer = world.chat(501)
    await send_to_mary(customer)
    await customer.press("Confirm")
    (payment,) = [one for one in await world.paid() if one.kind == "send"]
    await moves(world, payment.id, LegState.SUCCEEDED)
    await moves(world, payment.id, LegState.FAILED)
    mary = await business.invited("operator", 701)
    await mary.say(f"/payment {payment.code}")
    assert "It arrived: no refund is due" not in mary.last.labels  # nothing speaks for it
    await moves(world, payment.id, LegState.READY, Concern.REFUND_BLOCKED)
    desk.approvals._approval = Approval()
    await mary.say(f"/payment {payment.code}")
    await mary.press("It arrived: no refund is due")
    await mary.say("Mary has it, their support says so too")
    assert "Did 500 KES arrive with Mary" in mary.text.replace("\u2060", "")
    assert "A second operator must approve it" in mary.text
    await mary.press("Yes: 500")
    (order,), _ = await desk.approvals.waiting(1)

    there = [False]

    async def says(*_: object) -> bool:
        return there[0]

    async def unknown(*_: object) -> LegState:
        return LegState.CANCELLED

    monkeypatch.setattr("bot.engine.operators.mender.has_arrived", says)
    monkeypatch.setattr("bot.engine.operators.mender.stands_there", unknown)
    owner = business.owner
    for word in ("does not say now that the payout arrived", "Approved."):
        await owner.tap(f"1:o:order:{order.id}:approve")
        await owner.press("Yes, approve")
        assert word in owner.text
        there[0] = True
    view = await world.payments.view(payment.id)
    assert view is not None
    assert (view.state, view.with_a_person) == (PaymentState.COMPLETED, False)
    assert (await outcomes(world))[-1] == "completed"
    await customer.say(f"/status {payment.code}")
    assert "arrived after all" in customer.text


async def test_a_viewer_sees_no_buttons_and_may_not(world: "World", business: Business, owing: Payment) -> None:
    ann = await business.invited("viewer", 702)
    await ann.say(f"/payment {owing.code}")
    assert not {"Try again", "Pay back"} & set(ann.last.labels)
    await ann.say(f"/retry {owing.code} why not")
    assert "needs the role" in ann.text or "operator" in ann.text
    assert len(await legs(world)) == 2
