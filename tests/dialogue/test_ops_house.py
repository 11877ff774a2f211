"""The house pays and collects: asked in one line, shown whole, ordered once, and approved by somebody else where it must be."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from bot.kotani.errors import NotSent
from bot.payments.approval import Approval
from bot.payments.states import LegKind, PaymentKind, PaymentState
from bot.screens.operators.house import house_card, house_outcome
from bot.screens.taps import OperatorTap
from bot.screens.texts import catalogue
from storage.customers import HOUSE
from storage.tables import Leg, Notice, Payment
from tests.dialogue.business import OWNER, Business, business, refused
from tests.dialogue.conftest import plain

if TYPE_CHECKING:
    from tests.dialogue.conftest import World

__all__ = ["business"]

RENT = "/payout 500 KES to 0712345678 Jane Doe for rent"


def alone(business: Business, limit: int = 50_000) -> None:
    """One operator may move as much alone."""
    business.desk.approvals._approval = Approval({"KES": Decimal(limit)})


async def legs(world: "World") -> list[Leg]:
    return await world.database.read(lambda session: list(session.execute(select(Leg)).scalars()))


async def test_a_payout_is_shown_whole_and_ordered_by_one_yes(world: "World", business: Business) -> None:
    alone(business)
    world.market.balances["KES"] = Decimal(12_000)
    owner = business.owner
    await owner.say(RENT)
    for said in ("Pay 500 KES", "Jane Doe, +254 712 345678, M-Pesa (Safaricom)", "For: rent", "holds 11,500 KES"):
        assert said in owner.text.replace("\u2060", "")
    assert await world.paid() == []
    yes = owner.button("Yes, pay it").data or ""
    await owner.press("Yes, pay it")
    (payment,) = await world.paid()
    assert (payment.kind, payment.state, payment.customer_id) == (PaymentKind.PAYOUT, PaymentState.CONFIRMED, HOUSE)
    assert (payment.pay_amount, payment.fee_amount, payment.chat_id) == (Decimal(500), Decimal(0), OWNER)
    (leg,) = await legs(world)
    assert (leg.kind, leg.amount, leg.currency, leg.position) == (LegKind.PAYOUT, Decimal(500), "KES", 0)
    await owner.tap(yes)  # the same button once more
    assert len(await world.paid()) == 1
    (act,) = await business.actions()
    assert (act.operator, act.action, act.reason) == (OWNER, "payout", "rent")
    assert "500 KES" in json.loads(act.after or "")["amount"]
    assert "712345678" not in f"{act.target}{act.after}"


async def test_a_viewer_sees_the_end_of_the_number_on_the_order_and_on_the_payment(
    world: "World", business: Business
) -> None:
    owner, vera, pat = business.owner, await business.invited("viewer", 702), await business.invited("operator", 701)
    world.market.balances["KES"] = Decimal(12_000)
    alone(business, 1)
    await owner.say(RENT)
    await owner.press("Yes, pay it")
    (order,), _ = await business.desk.approvals.waiting(1)
    await vera.say("/approvals")
    assert "Jane Doe, +254•••••678, M-Pesa" in vera.text
    await vera.tap(OperatorTap("order", order.id, "show").pack())
    assert "Jane Doe, +254•••••678, M-Pesa" in vera.text
    await pat.say("/approvals")
    assert "+254 712 345678" in pat.text
    alone(business)
    await owner.say("/payout 600 KES to 0722000678 Jane Doe for light")
    await owner.press("Yes, pay it")
    (payment,) = await world.paid()
    for words in (f"/payment {payment.code}", f"/find {payment.code}"):
        await vera.say(words)
        assert "Jane Doe, +254•••••678" in vera.text
        await pat.say(words)
        assert "Jane Doe, +254 722 000678" in pat.text
        assert "ready, not sent (ordered by an operator)" in pat.text
        assert "told the team: the status card" in pat.text
        assert "customer" not in pat.text
    looks = [(one.operator, one.target) for one in await business.actions() if one.action == "look"]
    assert looks == [(701, f"payment:{payment.code}")]


async def test_never_mind_orders_nothing(world: "World", business: Business) -> None:
    owner = business.owner
    alone(business)
    await owner.say(RENT)
    await owner.press("Never mind")
    assert await world.paid() == []
    assert await business.actions() == []


async def test_another_network_is_shown_again_before_it_is_paid(world: "World", business: Business) -> None:
    """Numbers are carried from one network to another, so the likely one can be changed."""
    owner = business.owner
    alone(business)
    await owner.say(RENT)
    await owner.press("By Airtel")
    assert "Airtel Money" in owner.text
    assert await world.paid() == []
    await owner.press("Yes, pay it")
    view = await world.payments.view((await world.paid())[0].id)
    assert view is not None
    assert view.house is not None
    assert "Airtel" in house_card(catalogue("en"), view).text


async def test_what_the_balance_does_not_cover_is_not_asked_and_the_next_step_is_said(
    world: "World", business: Business
) -> None:
    owner = business.owner
    alone(business)
    world.market.balances["KES"] = Decimal(120)
    world.market.deposits["KES"] = Decimal(380)
    await owner.say(RENT)
    assert "380 KES are missing" in owner.text
    assert "/transfer KES 380" in owner.text.replace("\u2060", "")
    assert "Yes, pay it" not in str(owner.last.labels)
    world.market.deposits["KES"] = Decimal(379)  # a transfer would be refused
    await owner.say(RENT)
    assert "the deposit balance holds 379 KES, which is not enough" in plain(owner.text)
    assert "Fund the wallet at the provider" in owner.text
    assert "/transfer" not in owner.text


async def test_a_balance_that_went_meanwhile_refuses_the_order(world: "World", business: Business) -> None:
    owner = business.owner
    alone(business)
    await owner.say(RENT)
    world.market.balances["KES"] = Decimal(120)
    await owner.press("Yes, pay it")
    assert "380 KES are missing" in owner.text
    assert await world.paid() == []
    assert await business.actions() == []


async def test_a_balance_that_is_not_told_is_no_reason_to_refuse(world: "World", business: Business) -> None:
    """The leg looks once more before it is sent, and waits."""
    owner = business.owner
    alone(business)

    async def silent(currency: str, country: str | None = None) -> None:
        raise NotSent("down")

    world.market.wallet_for = silent  # type: ignore[method-assign, assignment]
    await owner.say(RENT)
    assert "does not tell the payout balance" in owner.text
    await owner.press("Yes, pay it")
    assert len(await world.paid()) == 1


async def test_above_the_amount_it_waits_for_somebody_else_who_pays_it_once(world: "World", business: Business) -> None:
    alone(business, 400)
    pat = await business.invited("operator", 701)
    await pat.say(RENT)
    assert "A second operator must approve it" in pat.text
    await pat.press("Yes, pay it")
    assert await world.paid() == []
    (order,), _ = await business.desk.approvals.waiting(1)
    assert (order.kind, order.asked_by, order.reason) == ("payout", 701, "rent")
    owner = business.owner
    await owner.say("/approvals")
    assert "Pay 500 KES" in owner.text
    await owner.press("Payout ·")
    await world.deliver(owner)
    await owner.tap(f"1:o:order:{order.id}:approve")
    await owner.press("Yes")
    (payment,) = await world.paid()
    assert payment.confirm_key == f"order:{order.id}"
    assert payment.chat_id == 701  # whoever asked for it follows it
    await owner.tap(f"1:o:order:{order.id}:approve")
    assert len(await world.paid()) == 1


async def test_a_collection_stays_with_the_house(world: "World", business: Business) -> None:
    owner = business.owner
    alone(business)
    await owner.say("/collect 750 KES from 0712345678 Jane Doe for stall 7")
    assert "Ask for 750 KES" in owner.text
    await owner.press("Yes, ask for it")
    (payment,) = await world.paid()
    (leg,) = await legs(world)
    assert (payment.kind, leg.kind) == (PaymentKind.COLLECTION, LegKind.COLLECT)
    assert leg.quote_expires_at is not None  # nobody's phone asks for money hours later


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/payout", "This is how: /payout"),
        ("/payout 500 KES to 0712345678 Jane Doe", "What it is for is missing"),
        ("/payout 500 XYZ to 0712345678 Jane Doe for rent", "“XYZ” is no currency that we know"),
        ("/payout 500 KES to till 123456 for lunch", "to till 123456 Mama Mboga for lunch"),
        ("/payout 500 KES to till 123456 for lunch", "The name is missing"),
        (
            "/payout 500 shillings to 0712345678 Jane Doe for rent",
            "The amount “500 shillings” cannot be read for certain",
        ),
        ("/payout 500 KES to 0202345678 Jane Doe for rent", "“0202345678” is no number of a mobile phone"),
        ("/payout 9000 XOF to 0712345678 Awa Ba for rent", "write “0712345678” with +"),
        ("/collect 500 KES to 0712345678 Jane Doe for rent", "The word “from” is missing"),
        ("/payout 1.500 KES to 0712345678 Jane Doe for rent", "“1.500 KES” can be read in two ways"),
        ("/payout 500 KES to paybill 888880 Kenya Power for power", "“888880” is no number of a till, or"),
        ("/collect 500 ZAR from +27821234568 Sipho Nkosi for rent", "does not do this now"),
    ],
)
async def test_a_line_that_is_not_whole_says_how_it_is_written(business: Business, line: str, says: str) -> None:
    owner = business.owner
    await owner.say(line)
    assert says in owner.text.replace("\u2060", "")
    assert "For example" in owner.text


async def test_what_was_not_sent_can_be_taken_back_with_a_reason(world: "World", business: Business) -> None:
    alone(business)
    owner = business.owner
    await owner.say(RENT)
    await owner.press("Yes, pay it")
    (payment,) = await world.paid()
    await business.case(payment, "payout_blocked")
    tap = f"1:o:house:{payment.code}:stop"
    await owner.tap(tap)
    assert "Why is it taken back" in owner.text
    assert (await world.paid())[0].state == PaymentState.CONFIRMED
    await owner.say("wrong number")
    assert (await world.paid())[0].state == PaymentState.CANCELLED
    assert [leg.state for leg in await legs(world)] == ["cancelled"]
    act = (await business.actions())[-1]
    assert (act.action, act.reason, act.target) == ("stop", "wrong number", f"payment:{payment.code}")
    assert (await business.desk.attention.page(1))[2] == 0  # nobody need look at it any more
    await owner.tap(tap)
    assert "cannot be taken back any more" in str(owner.popped)


async def test_what_is_on_its_way_cannot_be_taken_back(world: "World", business: Business) -> None:
    alone(business)
    owner = business.owner
    await owner.say(RENT)
    await owner.press("Yes, pay it")
    (payment,) = await world.paid()
    await owner.tap(f"1:o:house:{payment.code}:stop")
    await world.database.write(lambda session: session.execute(update(Leg).values(state="submitting")))
    await owner.say("wrong number")
    assert "cannot be taken back any more" in owner.text
    assert [leg.state for leg in await legs(world)] == ["submitting"]


async def test_viewers_and_strangers_pay_nobody(world: "World", business: Business) -> None:
    owner = business.owner
    alone(business)
    vic = await business.invited("viewer", 702)
    await vic.say(RENT)
    assert "operator" in vic.text
    eve = world.chat(666)
    await eve.say(RENT)
    await refused(eve)
    await owner.say(RENT)
    await eve.tap(owner.button("Yes, pay it").data or "")
    assert await world.paid() == []


async def test_the_house_is_no_customer(world: "World", business: Business) -> None:
    alone(business)
    owner = business.owner
    await owner.say(RENT)
    await owner.press("Yes, pay it")
    (payment,) = await world.paid()
    for words in ("0", payment.code):
        await owner.say(f"/customer {words}")
        assert "Customer 0" not in owner.text
    overview = await business.desk.overseeing.overview()
    assert overview.states == ()
    await owner.say("/ops")
    assert "no payments of customers yet\nOf the house today: ordered 1" in plain(owner.text)
    assert f"{payment.code} of the house, ordered, for" in plain(owner.text)
    await owner.say(f"/payment {payment.code}")
    assert "Of the house, ordered by Jane (9001)" in owner.text
    assert "Customer" not in str(owner.last.labels)


async def test_each_end_is_told_in_words(world: "World", business: Business) -> None:
    owner = business.owner
    alone(business)
    await owner.say(RENT)
    await owner.press("Yes, pay it")
    (payment,) = await world.paid()
    said = {}
    for state in (PaymentState.COMPLETED, PaymentState.FAILED, PaymentState.REVERSED):
        await world.end_payment(state)
        view = await world.payments.view(payment.id)
        assert view is not None
        outcome = house_outcome(catalogue("en"), view)
        assert outcome is not None
        said[state] = outcome.text
    assert "It has arrived" in said[PaymentState.COMPLETED]
    assert "No money moved" in said[PaymentState.FAILED]
    assert "undid it" in said[PaymentState.REVERSED]
    kinds = await world.database.read(
        lambda session: [row.kind for row in session.execute(select(Notice)).scalars() if row.payment_id == payment.id]
    )
    assert kinds == ["payment_card"]
    assert isinstance(payment, Payment)


async def test_the_same_once_more_is_said_and_has_a_button_of_its_own(world: "World", business: Business) -> None:
    owner = business.owner
    alone(business)
    mary = await business.invited("operator", 701)
    await owner.say(RENT)
    earlier = owner.button("Yes, pay it").data or ""
    await mary.say(RENT)  # nothing was paid yet: neither is warned
    assert "same amount" not in mary.text
    await mary.press("Yes, pay it")
    (payment,) = await world.paid()
    world.now += timedelta(minutes=4)

    await owner.tap(earlier)  # somebody else was faster: it is not paid, but asked again
    assert len(await world.paid()) == 1
    assert f"paid to the same place 4 min ago: {payment.code}" in owner.text
    assert "Yes, pay it" not in str(owner.last.labels)
    await owner.press("Pay it once more")
    assert len(await world.paid()) == 2

    await owner.say(RENT.replace("500", "501"))
    assert "same amount" not in owner.text
    await owner.say(RENT.replace("0712345678", "0712345679"))
    assert "same amount" not in owner.text
    world.now += timedelta(hours=25)
    await owner.say(RENT)
    assert "same amount" not in owner.text


async def test_the_same_that_waits_for_a_second_operator_is_said_with_its_card(
    world: "World", business: Business
) -> None:
    owner, mary = business.owner, await business.invited("operator", 701)
    alone(business, 1)
    await owner.say(RENT)
    earlier = owner.button("Yes, pay it").data or ""
    await mary.say(RENT)
    await mary.press("Yes, pay it")
    world.now += timedelta(minutes=4)

    await owner.tap(earlier)  # she was faster: a second order is not written, but asked about
    (order,), _ = await business.desk.approvals.waiting(1)
    assert (order.asked_by, "waits for a second operator already, since 4 min" in owner.text) == (701, True)
    assert "Yes, pay it" not in str(owner.last.labels)
    await owner.press("Show what waits")
    assert "Asked for by" in owner.text
    await owner.say(RENT.replace("500", "501"))
    assert "already" not in owner.text

    await mary.tap(OperatorTap("order", order.id, "decline").pack())
    await owner.say(RENT)
    assert "already" not in owner.text


async def test_of_two_that_wait_and_are_the_same_one_is_paid(world: "World", business: Business) -> None:
    owner, mary = business.owner, await business.invited("operator", 701)
    alone(business, 1)
    for one, yes in ((owner, "Yes, pay it"), (mary, "Pay it once more")):
        await one.say(RENT)
        await one.press(yes)
        world.now += timedelta(minutes=1)
    first, second = (await business.desk.approvals.waiting(1))[0]

    await mary.tap(OperatorTap("order", first.id, "approve").pack())
    await mary.press("Yes, approve")
    await owner.tap(OperatorTap("order", second.id, "approve").pack())
    await owner.press("Yes, approve")

    assert "paid to the same place after this was asked for" in owner.text + str(owner.popped)
    assert [order.id for order in (await business.desk.approvals.waiting(1))[0]] == [second.id]


async def test_what_paid_nobody_is_no_repeat(world: "World", business: Business) -> None:
    owner = business.owner
    alone(business)
    await owner.say(RENT)
    await owner.press("Yes, pay it")
    await world.database.write(lambda session: session.execute(update(Payment).values(state="failed")))
    await owner.say(RENT)
    assert "same amount" not in owner.text


async def test_an_amount_that_is_not_taken_has_its_true_reason(business: Business) -> None:
    owner = business.owner
    await owner.say(RENT.replace("500", "1500.50"))
    assert "“1500.50 KES” has decimals, and this currency is paid in whole units. Write 1500" in owner.text
    await owner.say(RENT.replace("500", "1.500"))
    assert "“1.500 KES” can be read in two ways" in owner.text


async def test_what_passed_between_the_house_and_a_number_is_found_by_it(world: "World", business: Business) -> None:
    owner, vera = business.owner, await business.invited("viewer", 702)
    alone(business)
    world.market.balances["KES"] = Decimal(90_000)
    await owner.file(b"name,phone,amount,currency,note\nBo Ba,0722000111,90,KES,May\nJane Doe,0712345678,900,KES,May\n")
    world.now += timedelta(minutes=1)
    await owner.say(RENT)
    await owner.press("Yes, pay it")
    await owner.say("/collect 750 KES from 0722000333 Al Bo for stall 7")
    await owner.press("Yes, ask for it")
    collected, paid = sorted(await world.paid(), key=lambda one: one.kind)

    await vera.say("/find 0722000333")  # the only thing that is known: its card
    assert f"{collected.code}" in vera.text
    assert "Found by" not in vera.text

    await vera.say("/find +254712345678")
    lines = plain(vera.text).splitlines()
    assert "+254•••••678: payouts and collections of the house, the newest first, page 1" in lines
    newest, oldest = lines[-2:]
    assert f"{paid.code} 500 KES, payout to this number by the house: ordered" in newest
    assert "900 KES for this number, in a file of payments: not begun" in oldest
    assert oldest.endswith("line 3)")
    assert "345678" not in plain(vera.text.partition("”")[2])
    await vera.press("📄 B-")
    assert "Jane Doe" in vera.text
    await vera.say("/find 0712345678")
    await vera.press(paid.code)
    assert "+254•••••678" in vera.text

    for amount in range(100, 108):
        world.now += timedelta(minutes=1)
        await owner.say(RENT.replace("500", str(amount)))
        await owner.press("Yes, pay it")
    await vera.say("/find 0712345678")
    assert [line.split()[2] for line in plain(vera.text).splitlines()[-8:]] == [str(one) for one in range(107, 99, -1)]
    await vera.press("Older")
    assert "page 2" in vera.text
    assert [word in vera.text for word in ("107", paid.code, "line 3")] == [False, True, True]
    await vera.press("Newer")
    assert "107 KES" in plain(vera.text)
    await owner.say("/find 0722000444")
    assert "Nothing is known by “0722000444”" in owner.text
