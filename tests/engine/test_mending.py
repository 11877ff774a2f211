"""What operators put right: one leg more under a reference of its own, and nobody paid twice, whoever contradicts whom."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session

from bot.engine.books import Books
from bot.engine.clock import utc_now
from bot.engine.effects import Effects
from bot.engine.findings import Cause
from bot.engine.operators.approvals import Approvals
from bot.engine.operators.mender import Mender
from bot.engine.operators.mending import ARRIVED, REFUND, RETRY, Draft, Mending, Verb
from bot.engine.operators.order_results import OrderRefused, OrderState
from bot.engine.operators.results import Operator, Role
from bot.engine.operators.roles import Operators
from bot.kotani.results import Bank
from bot.payments.approval import Approval
from bot.payments.coverage import Coverage
from bot.payments.money import Money
from bot.payments.parties import Destination, Payer, Way
from bot.payments.reasons import ARRIVED_LATE
from bot.payments.states import Concern, LegKind, LegState, PaymentState
from bot.simulator.kotani import Match, Rule
from storage.payments import CASE, LEG, LostRace
from tests.engine.conftest import House, one_engine

OWNER = Operator(9_001, Role.OWNER)
MARY = Operator(701, Role.OPERATOR)
BANK = Payer("ZA", "ZAR", "bank", "+27821234568", "Sipho Nkosi")
FNB = Bank("2502", "First National Bank")
ACCOUNT = Destination(
    Way.BANK, "ZA", "ZAR", "Jane Doe", "+27821234567", bank_code=FNB.code, bank_name=FNB.name, account="62000000002"
)


class Desk:
    """Operators beside a running engine."""

    def __init__(self, house: House, approval: Approval | None = None) -> None:
        self.house = house
        owners = frozenset({OWNER.telegram_id, MARY.telegram_id})
        self.operators = Operators(house.database, house.keyring, utc_now, owners=owners)
        limit = approval or Approval(never=True)
        self.approvals = Approvals(
            house.database, house.keyring, utc_now, self.operators, limit, chat=None, environment="sandbox"
        )
        made = (house.database, house.keyring, house.kotani)
        served = Coverage(banks={"ZA": (FNB,)})
        self.mending = Mending(*made, self.operators, self.approvals, utc_now, house.wakes, coverage=lambda: served)
        mender = Mender(*made, self.mending, utc_now, house.wakes)
        self.approvals.register(RETRY, mender)
        self.approvals.register(REFUND, mender)
        self.approvals.register(ARRIVED, mender)

    async def order(self, verb: Verb, payment_id: str, *, to: Destination | None = None) -> OrderState:
        """What one operator orders, written as an update would be."""
        view = await self.house.payments.view(payment_id)
        assert view is not None
        draft = Draft(verb, payment_id, view.code, "because", to)
        remedy = await self.mending.remedy(draft)
        effects = Effects()
        if remedy.step != "order":
            if remedy.step == "return":
                await self.mending.must_be_returnable(remedy)
            self.mending.stage_now(effects, MARY, draft, remedy)
            state = OrderState.CARRIED_OUT
        else:
            state = (await self.mending.stage_order(effects, MARY, 1, draft, remedy, who="them")).state
        await self.house.database.write(effects.write)
        await effects.finish()
        return state

    async def legs(self, payment_id: str) -> list[dict[str, Any]]:
        return sorted(await self.house.rows(LEG, payment_id), key=lambda leg: leg["position"])

    async def sent(self, payment_id: str) -> list[tuple[str, Decimal]]:
        """What really went out of our balance for a payment, as the provider has it."""
        found = []
        for leg in await self.legs(payment_id):
            transaction = self.house.world.transaction(leg["reference"])
            out = leg["kind"] in (LegKind.PAYOUT, LegKind.REFUND) and transaction is not None
            if out and transaction.status == "SUCCESSFUL":  # type: ignore[union-attr]
                found.append((leg["kind"], transaction.amount))  # type: ignore[union-attr]
        return found


async def until(fact: Callable[[], Awaitable[bool]], within: float = 20) -> None:
    """Wait for something that nobody announces."""
    async with asyncio.timeout(within):
        while True:
            if await fact():
                return
            await asyncio.sleep(0.02)


async def resolve_all(house: House) -> None:
    """Everything is taken off the attention list."""

    def resolve(session: Session) -> None:
        session.execute(update(CASE).values(resolved_at=utc_now(), resolution="seen"))

    await house.database.write(resolve)


async def concerned(house: House, payment_id: str, concern: Concern) -> bool:
    return concern in await house.cases(payment_id)


async def failed_refund(house: House) -> str:
    """A purchase that could not be delivered, and whose refund failed."""
    house.world.fail_next(deliveries=1, withdrawals=1)
    payment = await house.buy()
    await house.until(payment, lambda view: view.with_a_person, "with a person")
    return payment


async def test_a_refund_that_failed_is_tried_again_under_another_reference(house: House) -> None:
    desk = Desk(house)
    payment = await failed_refund(house)
    assert await desk.order(RETRY, payment) is OrderState.CARRIED_OUT
    view = await house.ended(payment)
    assert view.state is PaymentState.REFUNDED
    assert not view.with_a_person  # the item on the list was answered by it
    _, failed, again = await desk.legs(payment)
    assert (failed["state"], again["state"]) == (LegState.FAILED, LegState.SUCCEEDED)
    assert failed["reference"] != again["reference"]
    assert await desk.sent(payment) == [("refund", view.pay.amount)]
    assert await house.outcomes(payment) == ["refunding", "refunded"]  # the customer hears each once
    (begun,) = [row for row in await house.history(payment) if row["cause"] == Cause.OPERATOR]
    assert (begun["actor"], begun["leg_id"]) == (str(MARY.telegram_id), again["id"])
    with pytest.raises(OrderRefused, match="retry_nothing"):
        await desk.order(RETRY, payment)


@one_engine
async def test_a_refund_that_arrived_after_all_is_not_paid_again(house: House) -> None:
    """The provider said FAILED, and now says SUCCESSFUL: it is asked before anything is sent, and put on record."""
    desk = Desk(house)
    payment = await failed_refund(house)
    house.world.configure(callback_mode="none")
    house.world.force(await house.reference(payment, 1), status="SUCCESSFUL")
    with pytest.raises(OrderRefused, match="retry_paid_after_all"):
        await desk.order(RETRY, payment)
    await until(lambda: concerned(house, payment, Concern.CONTRADICTION))
    with pytest.raises(OrderRefused, match="retry_contradicted"):
        await desk.order(RETRY, payment)
    assert len(await desk.legs(payment)) == 2
    await house.check(payment)


@one_engine
async def test_a_refund_that_the_provider_has_lost_is_not_proven_to_have_failed(house: House) -> None:
    """It had given it an id, so that it knows no such reference now does not mean that it was never carried out."""
    desk = Desk(house)
    payment = await failed_refund(house)
    tx = house.world.transaction(await house.reference(payment, 1))
    assert tx is not None
    house.world.register._latest.pop((tx.family, tx.reference))
    with pytest.raises(OrderRefused, match="retry_not_over"):
        await desk.order(RETRY, payment)
    assert len(await desk.legs(payment)) == 2


@one_engine
async def test_a_success_that_is_told_after_the_order_holds_the_new_leg_back(house: House) -> None:
    """Between the order and its sending the provider contradicts itself about the first refund."""
    desk = Desk(house)
    payment = await failed_refund(house)
    house.world.inject(Rule(action="drop_before", match=Match(operation="wallet.get"), times=1000))
    house.world.inject(Rule(action="drop_before", match=Match(operation="wallet.list"), times=1000))
    await desk.order(RETRY, payment)
    house.world.force(await house.reference(payment, 1), status="SUCCESSFUL")  # its callback comes now
    await until(lambda: concerned(house, payment, Concern.CONTRADICTION))
    house.world.faults.clear()
    await until(lambda: concerned(house, payment, Concern.REFUND_BLOCKED))
    await asyncio.sleep(0.5)
    again = (await desk.legs(payment))[-1]
    assert (again["state"], again["submissions"]) == (LegState.READY, 0)
    await resolve_all(house)  # whoever takes it off the list has not made it untrue
    await asyncio.sleep(0.5)
    again = (await desk.legs(payment))[-1]
    assert (again["state"], again["submissions"]) == (LegState.READY, 0)
    assert house.world.transaction(again["reference"]) is None
    await house.check(payment)
    house.world.force(await house.reference(payment, 1), status="FAILED")  # it was a mistake of the provider's
    view = await house.until(payment, lambda view: view.state is PaymentState.REFUNDED, "refunded")
    assert await desk.sent(payment) == [("refund", view.pay.amount)]


async def under_way(desk: Desk, payment_id: str) -> bool:
    last = (await desk.legs(payment_id))[-1]
    return (last["kind"], last["state"]) == (LegKind.PAYOUT, LegState.PENDING)


async def was_sent(desk: Desk, payment_id: str) -> bool:
    return bool((await desk.legs(payment_id))[-1]["submissions"])


async def waits_unsent(desk: Desk, payment_id: str) -> bool:
    last = (await desk.legs(payment_id))[-1]
    return (last["kind"], last["state"]) == (LegKind.REFUND, LegState.READY)


@one_engine
@pytest.mark.parametrize("lost", [False, True], ids=["refund waits", "call of the refund lost"])
async def test_a_payout_that_arrived_after_all_is_ended_as_that_and_its_refund_is_never_sent(
    house: House, lost: bool
) -> None:
    desk = Desk(house)
    house.world.fail_next(withdrawals=1)
    house.world.configure(auto_approve=False, payout_delay=1.5)
    payment = await house.send()
    await house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "asked")
    with pytest.raises(OrderRefused, match="arrived_nothing"):
        await desk.order(ARRIVED, payment)
    house.world.approve(await house.reference(payment))
    await until(lambda: under_way(desk, payment))
    for operation in ("withdraw.create",) if lost else ("wallet.get", "wallet.list"):
        house.world.inject(Rule(action="drop_before", match=Match(operation=operation), times=1000))
    await house.until(payment, lambda view: view.state is PaymentState.REFUNDING, "failed")
    if lost:
        await until(lambda: was_sent(desk, payment))
    else:
        with pytest.raises(OrderRefused, match="arrived_not_there"):
            await desk.order(ARRIVED, payment)
    house.world.force(await house.reference(payment, 1), status="SUCCESSFUL")
    await until(lambda: concerned(house, payment, Concern.CONTRADICTION))
    await until(lambda: waits_unsent(desk, payment))

    both = await asyncio.gather(desk.order(ARRIVED, payment), desk.order(ARRIVED, payment), return_exceptions=True)
    assert [one for one in both if one is OrderState.CARRIED_OUT] == [OrderState.CARRIED_OUT]
    view = await house.until(payment, lambda view: view.state is PaymentState.COMPLETED, "arrived")
    assert (view.reason, view.with_a_person) == (ARRIVED_LATE, False)
    house.world.faults.clear()
    await asyncio.sleep(0.3)
    legs = await desk.legs(payment)
    assert [leg["state"] for leg in legs] == [LegState.SUCCEEDED, LegState.LATE, LegState.CANCELLED]
    assert bool(legs[-1]["submissions"]) is lost
    assert house.world.transaction(legs[-1]["reference"]) is None
    assert await house.outcomes(payment) == ["refunding", "completed"]
    look = await Books(house.database, house.keyring, utc_now, environment="sandbox").look()
    assert (look.owed, look.faults) == ((), ())
    await house.check(payment)
    for verb in (ARRIVED, REFUND):
        with pytest.raises(OrderRefused, match="_nothing"):
            await desk.order(verb, payment)


async def test_a_payment_by_bank_is_paid_back_to_the_account_that_is_named(house: House) -> None:
    desk = Desk(house)
    house.world.fail_next(withdrawals=1)
    payment = await house.send(payer=BANK, destination=ACCOUNT, amount=Money(Decimal(500), "ZAR"))
    await house.until(payment, lambda view: view.redirect_url is not None, "a page to pay on")
    house.world.approve(await house.reference(payment))
    await house.until(payment, lambda view: view.state is PaymentState.REFUNDING, "refunding")
    assert await house.cases(payment) == [Concern.REFUND_BLOCKED]
    with pytest.raises(OrderRefused, match="refund_name_account"):
        await desk.order(REFUND, payment)
    with pytest.raises(OrderRefused, match="refund_party"):
        await desk.mending.payee(payment, ["0712345678", "Jane", "Doe"])  # of another country, and no account
    to = await desk.mending.payee(payment, "bank first 62000000001 Sipho Nkosi".split())
    assert (to.bank_code, to.account, to.name) == ("2502", "62000000001", "Sipho Nkosi")
    await desk.order(REFUND, payment, to=to)
    view = await house.ended(payment)
    assert (view.state, view.refund_to) == (PaymentState.REFUNDED, to)
    assert not view.with_a_person
    assert await desk.sent(payment) == [("refund", view.pay.amount)]


@one_engine
async def test_a_payout_that_failed_for_who_paid_by_bank_is_paid_out_again(house: House) -> None:
    """Nothing could be paid back by itself, so the payout may be tried once more; again it fails, and again it is told."""
    desk = Desk(house)
    house.world.fail_next(withdrawals=2)
    payment = await house.send(payer=BANK, destination=ACCOUNT, amount=Money(Decimal(500), "ZAR"))
    await house.until(payment, lambda view: view.redirect_url is not None, "a page to pay on")
    house.world.approve(await house.reference(payment))
    await house.until(payment, lambda view: view.state is PaymentState.REFUNDING, "refunding")
    await desk.order(RETRY, payment)
    await house.until(payment, lambda view: view.state is PaymentState.REFUNDING and view.with_a_person, "failed again")
    assert await house.cases(payment) == [Concern.REFUND_BLOCKED] * 2
    await desk.order(RETRY, payment)
    view = await house.ended(payment)
    assert view.state is PaymentState.COMPLETED
    assert await desk.sent(payment) == [("payout", view.receive.amount)]


@one_engine
async def test_a_payout_that_waits_for_the_balance_is_paid_back_instead(house: House) -> None:
    desk = Desk(house)
    house.world.configure(auto_approve=False)
    payment = await house.send()
    await house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "awaiting the payment")
    wallet = next(one for one in house.world.wallets.all.values() if one.currency == "KES")
    held, wallet.balance = wallet.balance, Decimal(0)
    house.world.approve(await house.reference(payment))
    await house.until(payment, lambda view: view.with_a_person, "with a person")
    assert await desk.order(REFUND, payment) is OrderState.CARRIED_OUT
    with pytest.raises(OrderRefused, match="refund_under_way"):
        await desk.order(REFUND, payment)
    wallet.balance = held
    view = await house.ended(payment)
    assert view.state is PaymentState.REFUNDED
    assert [leg["kind"] for leg in await desk.legs(payment)] == ["collect", "payout", "refund"]
    assert await desk.sent(payment) == [("refund", view.pay.amount)]
    stopped = next(row for row in await house.history(payment) if row["to_state"] == LegState.CANCELLED)
    assert (stopped["cause"], stopped["actor"]) == (Cause.OPERATOR, str(MARY.telegram_id))


@one_engine
async def test_what_was_undone_after_it_had_arrived_is_paid_back_once(house: House) -> None:
    desk = Desk(house)
    payment = await house.send()
    assert (await house.ended(payment)).state is PaymentState.COMPLETED
    with pytest.raises(OrderRefused, match="refund_nothing"):
        await desk.order(REFUND, payment)
    house.world.force(await house.reference(payment, 1), status="REVERSED")
    await house.until(payment, lambda view: view.state is PaymentState.REVERSED, "reversed")
    await desk.order(REFUND, payment)
    view = await house.until(payment, lambda view: view.state is PaymentState.REFUNDED, "refunded")
    assert await desk.sent(payment) == [("refund", view.pay.amount)]
    await house.check(payment)
    with pytest.raises(OrderRefused, match="refund_nothing"):
        await desk.order(REFUND, payment)


@one_engine
async def test_money_that_came_in_after_the_end_is_owed_and_paid_back_by_one_order(house: House) -> None:
    desk = Desk(house)
    house.world.configure(auto_approve=False)
    payment = await house.send()
    await house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "asked")
    reference = await house.reference(payment)
    house.world.force(reference, status="EXPIRED")
    assert (await house.ended(payment)).state is PaymentState.EXPIRED
    with pytest.raises(OrderRefused, match="refund_nothing"):
        await desk.order(REFUND, payment)

    house.world.force(reference, status="SUCCESSFUL")  # told by a callback, and then by its status
    view = await house.until(payment, lambda view: view.state is PaymentState.REFUNDING, "it came in")
    assert await house.cases(payment) == [Concern.CAME_LATE]
    books = Books(house.database, house.keyring, utc_now, environment="sandbox")
    look = await books.look()
    assert ([one.money for one in look.owed], look.faults) == ([view.pay], ())

    house.world.force(reference, status="PENDING")  # it does not say so at this moment: nothing is paid on a rumour
    with pytest.raises(OrderRefused, match="refund_not_in"):
        await desk.order(REFUND, payment)
    house.world.force(reference, status="SUCCESSFUL")
    assert await desk.order(REFUND, payment) is OrderState.CARRIED_OUT
    view = await house.until(payment, lambda view: view.state is PaymentState.REFUNDED, "refunded")
    assert await desk.sent(payment) == [("refund", view.pay.amount)]
    assert await house.outcomes(payment) == ["expired", "refunding", "refunded"]
    look = await books.look()
    assert (look.owed, look.faults, view.with_a_person) == ((), (), False)
    with pytest.raises(OrderRefused, match="refund_nothing"):
        await desk.order(REFUND, payment)


async def test_two_operators_at_once_pay_back_once(house: House) -> None:
    """Both orders wait; both are approved at the same moment, and one of them finds that the payment has moved on."""
    desk = Desk(house, Approval())
    payment = await failed_refund(house)
    for verb in (RETRY, REFUND):
        assert await desk.order(verb, payment) is OrderState.PROPOSED
    assert len(await desk.legs(payment)) == 2
    orders, _ = await desk.approvals.waiting(1)

    async def approve(order: Any) -> bool:
        effects = Effects()
        try:
            await desk.approvals.stage_approve(effects, OWNER, order)
            await house.database.write(effects.write)
        except (OrderRefused, LostRace):
            return False
        await effects.finish()
        return True

    done = await asyncio.gather(*(approve(order) for order in orders))
    assert sorted(done) == [False, True]
    view = await house.ended(payment)
    assert view.state is PaymentState.REFUNDED
    assert await desk.sent(payment) == [("refund", view.pay.amount)]
    left, _ = await desk.approvals.waiting(1)
    assert len(left) == 1  # the other waits still, and is refused whenever somebody approves it
    with pytest.raises(OrderRefused):
        await desk.approvals.stage_approve(Effects(), OWNER, left[0])


@one_engine
async def test_a_provider_that_cannot_be_asked_is_no_yes(house: House) -> None:
    desk = Desk(house)
    payment = await failed_refund(house)
    house.world.inject(Rule(action="drop_before", match=Match(operation="withdraw.status"), times=1000))
    with pytest.raises(OrderRefused, match="provider_mute"):
        await desk.order(RETRY, payment)
    assert len(await desk.legs(payment)) == 2


@one_engine
async def test_crypto_that_could_not_be_given_back_is_tried_again_by_the_engine(house: House) -> None:
    desk = Desk(house)
    house.world.configure(refund_delay=0.05, refund_run=0.05)
    house.world.fail_next(withdrawals=1, refunds=1)
    payment, _ = await house.awaiting_crypto()
    house.world.send_crypto(await house.reference(payment))
    await house.until(payment, lambda view: view.with_a_person, "with a person")
    await desk.order(RETRY, payment)
    view = await house.ended(payment)
    assert (view.state, bool(view.refund_tx)) == (PaymentState.REFUNDED, True)
    (leg,) = await desk.legs(payment)
    assert (leg["return_tries"], leg["return_asked_at"]) == (1, None)


@one_engine
async def test_it_is_asked_three_times_at_most(house: House) -> None:
    desk = Desk(house)
    house.world.configure(refund_delay=0.05, refund_run=0.05)
    house.world.fail_next(withdrawals=1, refunds=9)
    payment, _ = await house.awaiting_crypto()
    reference = await house.reference(payment)
    house.world.send_crypto(reference)
    await house.until(payment, lambda view: view.with_a_person, "with a person")

    async def asked() -> bool:
        with contextlib.suppress(OrderRefused):  # on its way still
            await desk.order(RETRY, payment)
            return True
        return False

    async def tried() -> bool:
        return (await desk.legs(payment))[0]["return_asked_at"] is None

    for _ in range(3):
        await until(asked)
        await until(tried)
    with pytest.raises(OrderRefused, match="return_too_often"):
        await desk.order(RETRY, payment)


async def without_wallets(house: House) -> None:
    """Nothing can be paid out for now: no wallet can be read."""
    for operation in ("wallet.get", "wallet.list", "wallet.of_currency"):
        house.world.inject(Rule(action="drop_before", match=Match(operation=operation), times=1000))


@one_engine
async def test_crypto_that_was_delivered_after_all_is_not_paid_back_as_well(house: House) -> None:
    """A purchase was called undelivered, its refund waits, and then the provider says that the crypto arrived."""
    desk = Desk(house)
    house.world.fail_next(deliveries=1)
    await without_wallets(house)
    payment = await house.buy()
    await house.until(payment, lambda view: view.state is PaymentState.REFUNDING, "refunding")
    house.world.force(await house.reference(payment), onchainStatus="SUCCESSFUL")
    await until(lambda: concerned(house, payment, Concern.CONTRADICTION))
    house.world.faults.clear()
    await until(lambda: concerned(house, payment, Concern.REFUND_BLOCKED))
    await resolve_all(house)
    await asyncio.sleep(0.5)
    refund = (await desk.legs(payment))[-1]
    assert (refund["state"], refund["submissions"]) == (LegState.READY, 0)
    assert await desk.sent(payment) == []
    await house.check(payment)


@one_engine
async def test_a_payout_that_arrived_after_all_without_a_word_is_not_paid_back_by_itself(house: House) -> None:
    """It was told of as failed, so the plan pays back; before that is sent, the provider's own record is read once more."""
    desk = Desk(house)
    house.world.fail_next(withdrawals=1)
    house.world.configure(payout_delay=0.5)
    payment = await house.send()

    async def sent() -> bool:
        legs = await desk.legs(payment)
        return len(legs) > 1 and legs[1]["state"] == LegState.PENDING

    await until(sent)
    await without_wallets(house)
    await house.until(payment, lambda view: view.state is PaymentState.REFUNDING, "refunding")
    house.world.configure(callback_mode="none")
    house.world.force(await house.reference(payment, 1), status="SUCCESSFUL")
    house.world.faults.clear()
    await until(lambda: concerned(house, payment, Concern.REFUND_BLOCKED))
    await until(lambda: concerned(house, payment, Concern.CONTRADICTION))  # what it said is brought on record
    await asyncio.sleep(0.5)
    assert (await desk.legs(payment))[-1]["submissions"] == 0
    assert await desk.sent(payment) == [("payout", Decimal(500))]


@one_engine
async def test_a_payout_that_never_gets_there_stands_on_the_list(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider answers nothing usable to this one, and never knows it: the payer's money is in, so somebody must hear."""
    monkeypatch.setattr("bot.engine.stepping._TRIES", 2)  # each waits until its absence is proven
    house.world.inject(Rule(action="drop_before", match=Match(operation="withdraw.create"), times=1000))
    payment = await house.send()
    await until(lambda: concerned(house, payment, Concern.SUBMIT_BLOCKED), within=40)
    house.world.faults.clear()
    assert (await house.ended(payment)).state is PaymentState.COMPLETED
