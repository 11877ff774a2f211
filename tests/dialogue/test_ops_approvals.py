"""Orders and the second operator: who may say yes, who may not however they try, and one effect of each."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session

from bot.engine.effects import Effects
from bot.engine.operators.expiring import OrderClock
from bot.engine.operators.order_results import Order, OrderRefused, OrderState
from bot.engine.operators.results import Operator, Role
from bot.engine.operators.transferring import Transferring
from bot.engine.wakes import Wakes
from bot.kotani.errors import Unanswered
from bot.kotani.results import Wallet
from bot.payments.approval import Approval
from bot.screens.operators.orders import order_card
from bot.screens.taps import OperatorTap
from bot.screens.texts import catalogue
from storage.operators import OPERATOR
from storage.order_tables import OperatorOrder, WalletTransfer
from storage.payments import LostRace
from storage.tables import Notice
from tests.dialogue.business import GROUP, OWNER, Business, business, refused
from tests.dialogue.conftest import plain

if TYPE_CHECKING:
    from tests.dialogue.conftest import Chat, World

__all__ = ["business"]

LINE = "/transfer KES 5000 payouts of Friday"


class Wallets:
    """The provider's list of our wallets."""

    def __init__(self) -> None:
        self.held: dict[str, Decimal] = {"KE": Decimal(9000)}
        self.silent = False

    async def wallets(self) -> tuple[Wallet, ...]:
        if self.silent:
            raise Unanswered("wallet.list")
        found = [Wallet(f"w-{country}", "x", "KES", country, Decimal(100), held) for country, held in self.held.items()]
        return (*found, *(Wallet(f"x-{one}", "x", "XOF", one, Decimal(0), Decimal(9000)) for one in ("CI", "SN")))


@pytest.fixture
def wallets(business: Business) -> Iterator[Wallets]:
    """What the wallets hold; and transfers can be ordered."""
    known = Wallets()
    desk = business.desk
    desk.transferring._wallets = known
    if "transfer" not in desk.approvals._kinds:
        desk.approvals.register("transfer", desk.transferring)
    return iter([known])


def alone(business: Business, limit: int | None) -> None:
    """How much one operator may move alone; None: nothing."""
    business.desk.approvals._approval = Approval() if limit is None else Approval({"KES": Decimal(limit)})


async def transfers(world: "World") -> list[WalletTransfer]:
    return await world.database.read(lambda session: list(session.execute(select(WalletTransfer)).scalars()))


async def orders(world: "World") -> list[OperatorOrder]:
    return await world.database.read(lambda session: list(session.execute(select(OperatorOrder)).scalars()))


async def ends(world: "World") -> list[int]:
    """The chats that were told the end of an order."""
    rows = await world.database.read(lambda session: list(session.execute(select(Notice)).scalars()))
    return [row.chat_id for row in rows if row.kind == "operator_order_end"]


async def ordered(business: Business) -> tuple["Chat", Order]:
    """Mary, who was invited, orders a transfer that needs somebody else."""
    alone(business, None)
    mary = await business.invited("operator", 701)
    await mary.say(LINE)
    await mary.press("Transfer 5,000")
    (order,), _ = await business.desk.approvals.waiting(1)
    return mary, order


def tap(order: Order, action: str) -> str:
    return OperatorTap("order", order.id, action).pack()


@pytest.mark.usefixtures("wallets")
async def test_within_the_limit_it_is_asked_once_and_ordered(world: "World", business: Business) -> None:
    alone(business, 5000)
    owner = business.owner
    await owner.say(LINE)
    for said in ("Transfer 5,000 KES", "Deposit balance now: 9,000 KES", "Payout balance now: 100 KES"):
        assert said in owner.text
    assert "second operator" not in owner.text
    assert await transfers(world) == []
    await owner.press("Transfer 5,000")
    assert "begins" in owner.text
    (row,) = await transfers(world)
    assert (row.amount, row.currency, row.country, row.state, row.chat_id) == (5000, "KES", "KE", "ready", OWNER)
    (act,) = [one for one in await business.actions() if one.action == "transfer"]
    assert (act.operator, act.reason) == (OWNER, "payouts of Friday")
    assert '"carried_out"' in (act.after or "")


@pytest.mark.usefixtures("wallets")
async def test_above_it_somebody_else_says_yes_and_everybody_hears_the_end_once(
    world: "World", business: Business
) -> None:
    mary, order = await ordered(business)
    group = world.chat(GROUP)
    assert await transfers(world) == []
    await world.deliver(group)
    owner = business.owner
    await owner.say("/approvals")
    assert "Transfer 5,000 KES" in owner.text
    await owner.press("Transfer · 5,000")
    assert "payouts of Friday" in owner.text
    ann = await business.invited("operator", 703)
    await ann.tap(tap(order, "approve"))
    await owner.tap(tap(order, "approve"))
    assert await transfers(world) == []  # it asks once more
    await owner.press("Yes, approve")
    assert "Approved" in owner.text
    await ann.press("Yes, approve")  # the second one to say so
    assert "Approved before, by Jane (9001) on 2026-11-24 09:00 UTC: it was carried out then, once." in ann.text
    (row,) = await transfers(world)
    assert row.chat_id == mary.user_id  # its outcome is told where it was asked for
    assert await ends(world) == [mary.user_id]
    await owner.tap(tap(order, "approve"))
    assert len(await transfers(world)) == 1
    assert "Approved before, by Jane (9001) on 2026-11-24" in (owner.popped[0] or "")
    acts = [(one.operator, one.action) for one in await business.actions()]
    assert [one for one in acts if one[1] in ("transfer", "approve")] == [(701, "transfer"), (OWNER, "approve")]


@pytest.mark.usefixtures("wallets")
async def test_nobody_approves_what_they_asked_for_themselves(world: "World", business: Business) -> None:
    mary, order = await ordered(business)
    await mary.tap(tap(order, "approve"))
    assert "You asked for this yourself" in (mary.popped[0] or "")
    # not by the way behind the question either
    with pytest.raises(OrderRefused, match="order_own"):
        await business.desk.approvals.stage_approve(Effects(), Operator(701, Role.OPERATOR), order)
    assert await transfers(world) == []


@pytest.mark.usefixtures("wallets")
async def test_a_viewer_a_stranger_and_a_foreign_group_cannot_approve(world: "World", business: Business) -> None:
    _, order = await ordered(business)
    ann = await business.invited("viewer", 702)
    await ann.tap(tap(order, "approve"))
    assert "operator" in (ann.popped[0] or "")
    eve = world.chat(666)
    await eve.tap(tap(order, "approve"))
    assert eve.said == []
    await business.in_group(666, "/approvals")
    there = await business.in_group(OWNER, "/approvals", group=-100_888)
    assert "Transfer" not in there.text
    await eve.say("/approvals")
    await refused(eve)
    assert (await orders(world))[0].state == "proposed"
    assert await transfers(world) == []


@pytest.mark.usefixtures("wallets")
async def test_a_forwarded_order_is_none(world: "World", business: Business) -> None:
    alone(business, 10_000)
    owner = business.owner
    raw = owner._message(text=LINE)
    raw["message"]["forward_origin"] = {"type": "hidden_user", "sender_user_name": "Eve", "date": 1}
    await owner.send(raw)
    assert "Transfer" not in owner.text
    assert await orders(world) == []


@pytest.mark.usefixtures("wallets")
async def test_the_buttons_of_a_removed_operator_do_nothing(world: "World", business: Business) -> None:
    _, order = await ordered(business)
    pat = await business.invited("operator", 703)
    await pat.tap(tap(order, "approve"))
    yes = pat.button("Yes, approve").data or ""
    (member,) = [one for one in await business.desk.operators.team() if one.telegram_id == 703]
    effects = Effects()
    business.desk.operators.stage_remove(effects, Operator(OWNER, Role.OWNER), member)
    await world.database.write(effects.write)
    await pat.tap(yes)
    await pat.tap(tap(order, "approve"))
    assert await transfers(world) == []
    assert (await orders(world))[0].state == "proposed"


@pytest.mark.parametrize("gone", [701, 703])
@pytest.mark.usefixtures("wallets")
async def test_rights_are_looked_at_once_more_when_it_is_carried_out(
    world: "World", business: Business, gone: int
) -> None:
    """Between the yes and the commit whoever asked, or whoever approves, loses the role: nothing is done."""
    _, order = await ordered(business)
    await business.invited("operator", 703)
    effects = Effects()
    await business.desk.approvals.stage_approve(effects, Operator(703, Role.OPERATOR), order)
    (member,) = [one for one in await business.desk.operators.team() if one.telegram_id == gone]
    removing = Effects()
    business.desk.operators.stage_remove(removing, Operator(OWNER, Role.OWNER), member)
    await world.database.write(removing.write)
    with pytest.raises(LostRace):
        await world.database.write(effects.write)
    assert await transfers(world) == []
    owner = business.owner
    await owner.tap(tap(order, "approve"))
    if gone == 703:
        await owner.press("Yes, approve")
    else:  # it was withdrawn with the role
        assert f"when Jane ({OWNER}) took the role" in (owner.popped[0] or "")
    assert len(await transfers(world)) == (gone == 703)


@pytest.mark.parametrize("how", ["Remove", "Make them viewer"])
@pytest.mark.usefixtures("wallets")
async def test_what_waits_goes_with_the_role_and_the_cards_say_so(world: "World", business: Business, how: str) -> None:
    mary, order = await ordered(business)
    owner = business.owner
    await owner.tap(tap(order, "approve"))
    yes = owner.button("Yes, approve").data or ""
    await owner.say("/operators")
    for label in ("Jane · ", how, how):
        await owner.press(label)
    orders_left, _ = await business.desk.approvals.waiting(1)
    assert orders_left == []
    ended = await business.desk.approvals.order(order.id)
    assert ended is not None
    names = await business.desk.operators.names()
    card = order_card(catalogue("en"), ended, names, chat_id=GROUP)
    assert f"Jane ({OWNER}) took the role from Jane (701)" in plain(card.text)  # whose name is kept
    assert card.rows == ()
    rows = await world.database.read(lambda session: list(session.execute(select(Notice)).scalars()))
    shown = [row.chat_id for row in rows if row.dedupe_key.startswith(f"order:{order.id}:withdrawn")]
    assert sorted(shown) == sorted((GROUP, mary.user_id))
    assert await ends(world) == [mary.user_id]
    (told,) = await business.told_of_their_role(701)
    assert ("took your role of operator" if how == "Remove" else "Your role here is now viewer") in told
    await owner.tap(yes)
    assert await transfers(world) == []
    await owner.say("/audit")
    said = plain(owner.text)
    for part in ("on Jane (701)", "operator Jane (701) ordered a transfer", f"invited by Jane ({OWNER})"):
        assert part in said


@pytest.mark.usefixtures("wallets")
async def test_for_a_day_a_newcomer_and_whoever_invited_them_are_no_two_people(
    world: "World", business: Business
) -> None:
    """One owner could hold both accounts: neither approves for the other, nor a second newcomer; another owner does."""
    alone(business, None)
    owner, mary = business.owner, await business.invited("owner", 701, just_now=True)
    sam = world.chat(705)  # whom the newcomer lets in, in their turn
    await mary.say("/operators")
    await mary.press("Invite: operator")
    await sam.say(f"/start {mary.text.rsplit('start=', 1)[1].strip()}")
    world.now += timedelta(hours=1)
    for asks, approves in ((mary, owner), (owner, mary), (mary, sam), (owner, sam)):
        await asks.say(LINE)
        await asks.press("Transfer 5,000")
        (order, *_), _ = await business.desk.approvals.waiting(1)
        await approves.tap(tap(order, "approve"))
        assert "Until 2026-11-25" in (approves.popped[0] or "")
        assert "count as one person" in (approves.popped[0] or "")
        with pytest.raises(OrderRefused, match="order_newcomer"):
            await business.desk.approvals.stage_approve(Effects(), Operator(approves.user_id, Role.OPERATOR), order)
        await asks.tap(tap(order, "decline"))
    await mary.say(LINE)
    await mary.press("Transfer 5,000")
    (order,), _ = await business.desk.approvals.waiting(1)
    world.now += timedelta(hours=23)
    effects, came = Effects(), update(OPERATOR).where(OPERATOR.c.telegram_id == 701)
    await business.desk.approvals.stage_approve(effects, Operator(OWNER, Role.OWNER), order)
    again = came.values(added_at=world.now)  # removed, and let in again before it is written
    await world.database.write(lambda session: session.connection().execute(again))
    with pytest.raises(LostRace):
        await world.database.write(effects.write)
    assert await transfers(world) == []
    business.desk.operators._owners |= {9_002}  # another one of the settings
    second = world.chat(9_002)
    await second.tap(tap(order, "approve"))
    await second.press("Yes, approve")
    assert len(await transfers(world)) == 1


@pytest.mark.usefixtures("wallets")
async def test_a_viewer_who_is_made_an_operator_is_a_newcomer(world: "World", business: Business) -> None:
    """Else an account that lay there as a harmless viewer would approve in the minute in which its owner needs it."""
    alone(business, None)
    owner, vera = business.owner, await business.invited("viewer", 702)
    await owner.say("/operators")
    for label in ("Jane · ", "Make them operator", "Make them operator"):
        await owner.press(label)
    world.now += timedelta(hours=1)
    await owner.say(LINE)
    await owner.press("Transfer 5,000")
    (order,), _ = await business.desk.approvals.waiting(1)
    await vera.tap(tap(order, "approve"))
    assert "count as one person" in (vera.popped[0] or "")
    world.now += timedelta(hours=23)
    await vera.tap(tap(order, "approve"))
    await vera.press("Yes, approve")
    assert len(await transfers(world)) == 1


@pytest.mark.usefixtures("wallets")
async def test_two_who_approve_at_once_have_one_effect(world: "World", business: Business) -> None:
    _, order = await ordered(business)
    await business.invited("operator", 703)

    async def approve(by: Operator) -> bool:
        effects = Effects()
        try:
            await business.desk.approvals.stage_approve(effects, by, order)
            await asyncio.sleep(0)  # both have looked before either writes
            await world.database.write(effects.write)
        except LostRace:
            return False
        return True

    done = await asyncio.gather(approve(Operator(OWNER, Role.OWNER)), approve(Operator(703, Role.OPERATOR)))
    assert sorted(done) == [False, True]
    assert len(await transfers(world)) == 1
    assert len([one for one in await business.actions() if one.action == "approve"]) == 1
    assert await ends(world) == [701]


@pytest.mark.usefixtures("wallets")
async def test_it_is_declined_or_withdrawn_and_then_cannot_be_approved(world: "World", business: Business) -> None:
    mary, order = await ordered(business)
    owner = business.owner
    await owner.tap(tap(order, "approve"))
    yes = owner.button("Yes, approve").data or ""
    await mary.tap(tap(order, "decline"))
    assert "Withdrawn" in mary.text
    await owner.tap(yes)
    assert "Withdrawn on 2026-11-24 09:00 UTC by Jane (701), who had asked for it." in owner.text
    await mary.say(LINE)
    await mary.press("Transfer 5,000")
    (second,), _ = await business.desk.approvals.waiting(1)
    await owner.tap(tap(second, "decline"))
    await owner.press("without a reason")
    assert [one.state for one in await orders(world)] == ["withdrawn", "declined"]
    assert await ends(world) == [mary.user_id]  # who withdrew it knows
    assert await transfers(world) == []


@pytest.mark.usefixtures("wallets")
async def test_after_a_day_it_is_over_and_told_once(world: "World", business: Business) -> None:
    mary, order = await ordered(business)
    clock = OrderClock(world.database, world.keyring, world.clock, Wakes(), environment="test")
    world.pass_time(hours=23)
    assert await clock.step() == 0
    world.pass_time(hours=2)
    with pytest.raises(OrderRefused, match="order_over"):  # also before the clock has come to it
        await business.desk.approvals.stage_approve(Effects(), Operator(OWNER, Role.OWNER), order)
    await clock.step()
    assert await clock.step() == 0
    assert [one.state for one in await orders(world)] == ["expired"]
    assert await ends(world) == [mary.user_id]
    await world.deliver(mary)
    assert "Nobody approved it in time" in mary.text


async def test_what_the_balance_lost_meanwhile_is_refused_and_goes_on_waiting(
    world: "World", business: Business, wallets: Iterator[Wallets]
) -> None:
    _, _order = await ordered(business)
    known = next(wallets)
    known.held["KE"] = Decimal(4999)
    owner = business.owner
    await owner.tap(tap(_order, "approve"))
    await owner.press("Yes, approve")
    assert "holds 4,999 KES" in owner.text
    assert [one.state for one in await orders(world)] == ["proposed"]
    known.silent = True
    await owner.tap(tap(_order, "approve"))
    await owner.press("Yes, approve")
    assert "cannot be asked now" in owner.text
    assert await transfers(world) == []


@pytest.mark.usefixtures("wallets")
async def test_who_works_alone_is_told_what_is_missing(world: "World", business: Business) -> None:
    alone(business, 4999)
    owner = business.owner
    await owner.say(LINE)
    await owner.press("Transfer 5,000")
    assert "needs a second operator, and there is none" in owner.text
    assert await orders(world) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/transfer", "For example:"),
        ("/transfer KES", "Something is missing behind “KES”"),
        ("/transfer KES 1,5 much", "“1,5” has more decimals"),
        ("/transfer KES -5 much", "“-5” is not above zero"),
        ("/transfer USDC 5 much", "“USDC” is crypto"),
        ("/transfer KES 9001 much", "The deposit balance holds 9,000 KES"),
        ("/transfer KES 9001", "The most that can be moved now:\n/transfer KES 9000"),  # before any reason
        ("/transfer UGX 5000 much", "There is no wallet in UGX"),
        ("/transfer KES UG 5000 much", "There is no wallet in KES (UG)"),
        ("/transfer XOF 5000 much", "/transfer XOF CI 5000"),
        ("/transfer XOF SN 5000 much", "XOF from the deposit"),
        ("/transfer KES 5000", "Write the reason"),
        ("/approvals now", "“now” does not belong there"),
        ("/retry", "For example:"),
        ("/retry everything please", "“everything” is no reference"),
        ("/refund K7F3-9QX2", "For example:"),
        ("/refund K7F3-9QX2 to 0712345678 Jane Doe", "write a colon (:) behind the name"),
        ("/refund K7F3-9QX2 why", "No payment has that reference"),
    ],
)
@pytest.mark.usefixtures("wallets")
async def test_each_line_gets_its_answer(business: Business, line: str, said: str) -> None:
    owner = business.owner
    await owner.say(line)
    assert said in owner.text.replace("\u2060", "")


@pytest.mark.usefixtures("wallets")
async def test_the_reason_may_be_given_after(world: "World", business: Business) -> None:
    alone(business, 5000)
    owner = business.owner
    await owner.say("/transfer KES 5000")
    await owner.say("because of Friday")
    await owner.press("Transfer 5,000")
    assert [one.reason for one in await orders(world)] == ["because of Friday"]


@pytest.mark.usefixtures("wallets")
async def test_an_amount_in_parts_needs_somebody_else_as_the_whole_does(world: "World", business: Business) -> None:
    alone(business, 5000)
    owner = business.owner
    await business.invited("operator", 701)
    for part in ("3000", "2000"):
        await owner.say(f"/transfer KES {part} payouts")
        assert "second operator" not in owner.text
        await owner.press("Transfer")
        assert "begins" in owner.text
    await owner.say("/transfer KES 1 payouts")
    assert "alone in the last 24 hours it comes to 5,001 KES" in owner.text
    await owner.press("Transfer")
    assert [one.state for one in await orders(world)] == ["carried_out", "carried_out", "proposed"]
    assert len(await transfers(world)) == 2

    mary = world.chat(701)  # each operator by themselves, each currency by itself
    await mary.say("/transfer KES 5000 payouts")
    assert "second operator" not in mary.text

    world.now += timedelta(hours=24)
    await owner.say("/transfer KES 5000 payouts")
    assert "second operator" not in owner.text


async def test_an_order_that_cannot_be_done_leaves_nothing_behind(world: "World", business: Business) -> None:
    """What a kind had staged before it refused is not written."""

    class Halfway:
        async def stage(self, effects: Effects, order: Order, by: Operator) -> None:
            def never(session: Session) -> None:
                raise AssertionError("written")

            effects.add(never)
            raise OrderRefused("ops.order_over")

    approvals: Any = business.desk.approvals
    approvals.register("halfway", Halfway())
    effects = Effects()
    with pytest.raises(OrderRefused):
        await approvals.stage_order(
            effects, Operator(OWNER, Role.OWNER), OWNER, "halfway", money=[], about={}, reason="why"
        )
    await world.database.write(effects.write)
    assert await orders(world) == []
    assert await business.actions() == []


def test_the_states_of_an_order_are_those_that_the_table_knows() -> None:
    assert {str(one) for one in OrderState} == {"proposed", "carried_out", "declined", "withdrawn", "expired"}
    assert Transferring.stage.__doc__
