"""The house's own money: paid out and collected like a customer's, in the same care, with nobody to owe it to."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from bot.engine.books import Books
from bot.engine.clock import utc_now
from bot.engine.effects import Effects
from bot.engine.house import BATCH_PACE, Asked, CollectionOrder, PayoutOrder
from bot.engine.house import House as Opening
from bot.engine.operators.paying_out import PayingOut
from bot.engine.results import OpenedPayment
from bot.engine.wakes import Wakes
from bot.payments.bookkeeping import Account
from bot.payments.money import Money
from bot.payments.parties import Destination, Way
from bot.payments.reasons import CAME_LATE
from bot.payments.states import Concern, PaymentState
from bot.simulator.kotani import Match, Rule
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import CASE, LEG, PAYMENT
from storage.tables import Notice, table_of
from tests.engine.test_mending import MARY, Desk

from .conftest import JANE, JOHN, House

OPERATOR, CHAT = 9_001, -100_777
FIVE_HUNDRED = Money(Decimal(500), "KES")
TILL = Destination(Way.TILL, "KE", "KES", "Mama Mboga", number="123456")


def order(key: str = "one", to: Destination = JANE, amount: Money = FIVE_HUNDRED) -> PayoutOrder:
    return PayoutOrder(to, amount, "rent", key)


async def paid_out(house: House, *orders: PayoutOrder, batch: str | None = None) -> list[str]:
    """Payouts as an order that is carried out opens them; the ids of the payments."""
    opening = Opening(house.keyring, utc_now, house.wakes, environment="sandbox")
    found: dict[str, OpenedPayment] = {}
    effects = Effects()
    opening.stage_payouts(
        effects, OPERATOR, CHAT, orders, batch_id=batch, opened=lambda _session, opened: found.update(opened)
    )
    await house.database.write(effects.write)
    await effects.finish()
    return [found[one.confirm_key].payment_id for one in orders]


async def collected(house: House) -> str:
    opening = Opening(house.keyring, utc_now, house.wakes, environment="sandbox")
    wanted = CollectionOrder(JOHN, FIVE_HUNDRED, "stall 7", "collect")
    asked = Asked(OPERATOR, "en", CHAT, utc_now())
    opened = await house.database.write(lambda session: opening.open_collection(session, asked, wanted))
    house.wakes.legs.set()
    return opened.payment_id


async def standing(house: House) -> dict[str, Decimal]:
    """What stands on every account, in KES."""
    look = await Books(house.database, house.keyring, utc_now, environment="sandbox").look()
    assert look.owed == ()
    return {str(one.account): one.money.amount for one in look.balances.accounts}


async def payout_balance(house: House) -> Decimal:
    return (await house.kotani.wallet_for("KES", "KE")).balance


@pytest.mark.parametrize("to", [JANE, TILL], ids=["phone", "till"])
async def test_a_payout_arrives_and_leaves_own_funds(house: House, to: Destination) -> None:
    before = await payout_balance(house)

    (payment,) = await paid_out(house, order(to=to))

    view = await house.ended(payment)
    assert (view.state, view.pay, view.chat_id) == (PaymentState.COMPLETED, FIVE_HUNDRED, CHAT)
    assert view.receipt
    assert await house.outcomes(payment) == ["completed"]
    booked = await standing(house)
    assert booked[Account.OWN_FUNDS] == -500
    assert booked[Account.PAYOUT_BALANCE] == await payout_balance(house) - before


async def test_a_payout_that_fails_is_told_with_the_providers_words_and_leaves_the_books_as_they_were(
    house: House,
) -> None:
    before = await payout_balance(house)
    house.world.fail_next(withdrawals=1)

    (payment,) = await paid_out(house, order())

    view = await house.ended(payment)
    assert (view.state, view.reason) == (PaymentState.FAILED, "reason.payout_failed")
    assert view.reason_detail
    assert await house.outcomes(payment) == ["failed"]
    assert await standing(house) == {}
    assert await payout_balance(house) == before


async def test_a_payout_that_is_refused_says_why(house: House) -> None:
    house.world.inject(Rule(action="refuse", match=Match(operation="withdraw.till"), message="Unknown till"))

    (payment,) = await paid_out(house, order(to=TILL))

    view = await house.ended(payment)
    assert view.state is PaymentState.FAILED
    assert "Unknown till" in (view.reason_detail or "")
    assert await standing(house) == {}


async def test_a_payout_that_is_undone_after_it_arrived_is_in_the_balance_again(house: House) -> None:
    (payment,) = await paid_out(house, order())
    await house.ended(payment)

    house.world.reverse(await house.reference(payment))

    await house.until(payment, lambda view: view.state is PaymentState.REVERSED, "reversed")
    assert await standing(house) == {}


async def test_a_payout_waits_for_the_balance_and_goes_on_by_itself(house: House) -> None:
    wallet = house.world.wallets.get((await house.kotani.wallet_for("KES", "KE")).id)
    wallet.balance = Decimal(499)

    (payment,) = await paid_out(house, order())

    await house.until_noticed(payment, "payment_payout_waits")
    assert await house.cases(payment) == [Concern.PAYOUT_BLOCKED]
    wallet.balance = Decimal(100_000)
    assert (await house.ended(payment)).state is PaymentState.COMPLETED
    assert await house.told(payment) == ["payment_payout_waits"]


async def test_a_collection_comes_in_and_is_nobodys_but_ours(house: House) -> None:
    payment = await collected(house)

    view = await house.ended(payment)
    assert (view.state, view.pay) == (PaymentState.COMPLETED, FIVE_HUNDRED)
    booked = await standing(house)
    assert booked[Account.OWN_FUNDS] == 500
    assert booked[Account.DEPOSIT_BALANCE] + booked.get(Account.PROVIDER_FEES, Decimal(0)) == 500


async def test_a_collection_that_is_declined_takes_nothing(house: House) -> None:
    house.world.configure(auto_approve=False)
    payment = await collected(house)
    await house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "asked")

    house.world.decline(await house.reference(payment))

    assert (await house.ended(payment)).state is PaymentState.FAILED
    assert await standing(house) == {}

    house.world.force(await house.reference(payment), status="SUCCESSFUL")  # and then its money comes in all the same
    view = await house.until(payment, lambda view: view.state is PaymentState.COMPLETED, "came in")
    assert (view.reason, view.with_a_person) == (CAME_LATE, False)  # nobody is owed it, so nobody has to see to it
    assert (await standing(house))[Account.OWN_FUNDS] == 500
    assert await house.outcomes(payment) == ["failed", "completed"]


async def test_rows_of_a_batch_say_nothing_by_themselves_and_what_holds_all_of_them_up_is_one_case(
    house: House,
) -> None:
    wallet = house.world.wallets.get((await house.kotani.wallet_for("KES", "KE")).id)
    wallet.balance = Decimal(0)

    rows = await paid_out(house, order("a"), order("b"), batch="batch-1")

    for row in rows:
        await house.until(row, lambda view: view.batch_id == "batch-1", "of the batch")
    await house.until(rows[0], lambda view: view.with_a_person, "seen by a person")

    (case,) = [case for row in rows for case in await house.rows(CASE, row)]
    desk, nothing = Desk(house), cast(Any, None)
    made = (house.database, house.kotani, house.keyring, utc_now, house.wakes, house.payments)
    paying = PayingOut(*made, desk.operators, desk.approvals, nothing, coverage=nothing)
    first = await house.payments.view(case["payment_id"])
    assert first is not None
    await house.stage(lambda effects, view: paying.stage_stop(effects, MARY, view, "not this one"), first.id)
    assert (await house.ended(first.id)).state is PaymentState.CANCELLED
    (still,) = await house.rows(CASE, first.id)  # one row was taken back; what holds up the others is still so
    assert still["resolved_at"] is None

    wallet.balance = Decimal(100_000)
    for row in set(rows) - {first.id}:
        assert (await house.ended(row)).state is PaymentState.COMPLETED
        assert await house.rows(table_of(Notice), row) == []
    assert [await house.cases(row) for row in rows] == [[Concern.PAYOUT_BLOCKED], []]


async def test_a_thousand_payouts_are_written_at_once_and_only_once(database: Database, keyring: Keyring) -> None:
    """In well under a second, in one transaction, each with a reference of its own, in turn with customers' payments."""
    opening = Opening(keyring, utc_now, Wakes(), environment="sandbox")
    now = utc_now()
    asked = Asked(OPERATOR, "en", CHAT, now)
    orders = [order(f"batch-1:{row}") for row in range(1_000)]

    def write(session: Session, some: Sequence[PayoutOrder]) -> dict[str, OpenedPayment]:
        return opening.open_payouts(session, asked, some, batch_id="batch-1")

    await database.write(lambda session: write(session, orders[:10]))
    began = time.perf_counter()
    opened = await database.write(lambda session: write(session, orders))
    took = time.perf_counter() - began
    again = await database.write(lambda session: write(session, orders))

    assert took < 3  # 0.15 to 0.4 where nothing else runs
    assert [one.fresh for one in opened.values()] == [False] * 10 + [True] * 990
    assert {key: one.payment_id for key, one in again.items()} == {key: one.payment_id for key, one in opened.items()}
    assert not any(one.fresh for one in again.values())

    def count(session: Session) -> tuple[int, int, int, int, timedelta]:
        run = session.connection().execute
        payments = run(select(func.count()).where(PAYMENT.c.batch_id == "batch-1")).scalar_one()
        legs, references = run(select(func.count(), func.count(LEG.c.reference.distinct()))).one()
        notices = run(select(func.count()).select_from(table_of(Notice))).scalar_one()
        last = run(select(func.max(LEG.c.due_at, type_=LEG.c.due_at.type))).scalar_one()
        assert run(select(func.count()).select_from(CASE)).scalar_one() == 0
        return payments, legs, references, notices, last - now

    assert await database.read(count) == (1_000, 1_000, 1_000, 0, 999 * BATCH_PACE)


async def test_what_was_opened_is_told_in_the_same_transaction(database: Database, keyring: Keyring) -> None:
    """Whoever keeps rows of their own writes them with it, or nothing is written."""
    opening = Opening(keyring, utc_now, Wakes(), environment="sandbox")

    def refuse(session: Session, opened: object) -> None:
        raise RuntimeError("no")

    effects = Effects()
    opening.stage_payouts(effects, OPERATOR, CHAT, [replace(order(), note="lunch")], opened=refuse)
    with pytest.raises(RuntimeError):
        await database.write(effects.write)
    assert await database.read(lambda session: session.execute(select(PAYMENT.c.id)).all()) == []
