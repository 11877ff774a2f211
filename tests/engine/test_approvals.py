"""What one operator moves alone is summed in the transaction that writes it: two parts at once are not too much together."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import select, update
from sqlmodel import Session

from bot.engine.effects import Effects
from bot.engine.operators.approvals import ORDER_LIFE, Approvals
from bot.engine.operators.expiring import OrderClock
from bot.engine.operators.order_results import Order, OrderRefused, OrderState
from bot.engine.operators.results import Operator, Role
from bot.engine.operators.roles import Operators
from bot.engine.wakes import Wakes
from bot.payments.approval import Approval
from bot.payments.money import Money
from storage.crypto import Keyring
from storage.database import Database
from storage.order_tables import OperatorOrder
from storage.orders import UNKNOWN, moved_alone
from storage.payments import LostRace
from tests.storage.test_plans import scans, statements

KEYRING = Keyring({"k1": b"k" * 32}, digest_key=b"d" * 32)
PAT, MARY = Operator(701, Role.OWNER), Operator(702, Role.OWNER)


def clock() -> datetime:
    return datetime(2026, 11, 24, 9, tzinfo=UTC)


class Nothing:
    """A kind of orders that does nothing but being carried out."""

    async def stage(self, effects: Effects, order: Order, by: Operator) -> None:
        return


def approvals_on(database: Database, limit: int = 1000, *, environment: str = "sandbox") -> Approvals:
    operators = Operators(database, KEYRING, clock, owners=frozenset({701, 702}))
    approval = Approval({"KES": Decimal(limit)})
    approvals = Approvals(database, KEYRING, clock, operators, approval, chat=None, environment=environment)
    approvals.register("nothing", Nothing())
    return approvals


async def rows(database: Database) -> list[OperatorOrder]:
    return await database.read(lambda session: list(session.execute(select(OperatorOrder)).scalars()))


async def ordered(approvals: Approvals, amounts: Sequence[str]) -> tuple[Effects, Order]:
    effects = Effects()
    money = [Money(Decimal(amount), "KES") for amount in amounts]
    return effects, await approvals.stage_order(effects, PAT, 701, "nothing", money=money, about={}, reason="why")


async def test_two_parts_ordered_at_the_same_moment_are_summed(database_url: str) -> None:
    """Two replicas, neither of which sees what the other has not committed; whoever is second is asked again."""
    here = Database(database_url)
    await here.start()
    there = here if here.dialect == "sqlite" else Database(database_url)  # a file is of one process
    if there is not here:
        await there.start()
    first, second = [await ordered(approvals_on(one), ["600"]) for one in (here, there)]
    assert first[1].state is second[1].state is OrderState.CARRIED_OUT
    meeting = threading.Barrier(2)

    def write(effects: Effects, session: Session) -> None:
        effects.write(session)
        with suppress(threading.BrokenBarrierError):
            meeting.wait(0.5)  # for the other one, before either commits

    found = await asyncio.gather(
        here.write(partial(write, first[0])), there.write(partial(write, second[0])), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in found) == ["LostRace", "NoneType"]
    assert any(isinstance(one, LostRace) for one in found)

    effects, again = await ordered(approvals_on(there), ["600"])
    assert again.state is OrderState.PROPOSED
    await there.write(effects.write)
    states = await here.read(lambda session: sorted(session.execute(select(OperatorOrder.state)).scalars()))  # type: ignore[call-overload]
    effects, rest = await ordered(approvals_on(here), ["400"])  # what waits for a second one was not moved alone
    assert rest.state is OrderState.CARRIED_OUT
    for one in {here, there}:
        await one.stop()
    assert states == ["carried_out", "proposed"]


async def test_an_order_of_the_sandbox_is_not_there_in_production(database: Database) -> None:
    """Both work on one database: what was asked for with play money must not move real money."""
    sandbox, production = approvals_on(database, 0), approvals_on(database, 0, environment="production")
    effects, order = await ordered(sandbox, ["600"])
    await database.write(effects.write)
    assert await production.order(order.id) is None
    assert (await production.waiting(1))[0] == []
    assert [one.id for one in (await sandbox.waiting(1))[0]] == [order.id]
    for end in (production.stage_approve, production.stage_decline):
        with pytest.raises(OrderRefused, match="order_not_here"):
            await end(Effects(), MARY, order)

    # not even by whoever passes it off as one of production
    for end in (production.stage_approve, production.stage_decline):
        effects = Effects()
        with suppress(AssertionError):
            await end(effects, MARY, replace(order, environment="production"))
        with pytest.raises(LostRace):
            await database.write(effects.write)

    late = partial(OrderClock, database, KEYRING, lambda: clock() + 2 * ORDER_LIFE, Wakes())
    assert await late(environment="production").step() == 0
    assert [one.state for one in await rows(database)] == ["proposed"]
    await database.write(lambda session: session.execute(update(OperatorOrder).values(environment=UNKNOWN)) and None)
    written = await production.order(order.id)
    assert written is not None
    with pytest.raises(OrderRefused, match="order_not_here"):  # written before it was kept: nobody carries it out
        await production.stage_approve(Effects(), MARY, written)
    assert await late(environment="production").step() > 0
    assert [(one.state, one.decided_by) for one in await rows(database)] == [("expired", None)]


async def test_what_was_moved_alone_is_summed_by_environment_through_an_index(database: Database) -> None:
    effects, order = await ordered(approvals_on(database), ["600"])
    assert order.state is OrderState.CARRIED_OUT
    await database.write(effects.write)

    async def second(environment: str) -> bool:
        return (await approvals_on(database, environment=environment).second(701, [Money(Decimal(600), "KES")])).needed

    assert (await second("sandbox"), await second("production")) == (True, False)

    def read(session: Session) -> set[str]:
        if session.connection().dialect.name == "postgresql":
            session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")  # few rows are read through at best
        with statements(session) as seen:
            moved_alone(session, 701, environment="sandbox", state="carried_out", since=clock())
        return {name for statement, values in seen for name in scans(session, statement, values)}

    assert await database.read(read) == set()
    await database.write(lambda session: session.execute(update(OperatorOrder).values(environment=UNKNOWN)) and None)
    assert (await second("sandbox"), await second("production")) == (True, True)  # rather too much than too little


async def test_two_taps_on_the_same_yes_at_the_same_moment_order_it_once(database_url: str) -> None:
    """One operator with two phones, and two replicas: whichever is second finds the question answered."""
    here = Database(database_url)
    await here.start()
    there = here if here.dialect == "sqlite" else Database(database_url)
    if there is not here:
        await there.start()
    operators = [Operators(one, KEYRING, clock, owners=frozenset({701, 702})) for one in (here, there)]
    effects = Effects()
    asked = operators[0].stage_ask(effects, PAT, 701, "nothing", "600")
    await here.write(effects.write)

    async def yes(at: int) -> Effects:
        told = Effects()
        assert await operators[at].asked(asked.id) is not None  # both see it before either answers
        operators[at].stage_answered(told, asked)
        done, order = await ordered(approvals_on((here, there)[at], 100_000), ["600"])
        assert order.state is OrderState.CARRIED_OUT
        told.add(done.write)
        return told

    taps, meeting = [await yes(0), await yes(1)], threading.Barrier(2)

    def write(tap: Effects, session: Session) -> None:
        tap.write(session)
        with suppress(threading.BrokenBarrierError):
            meeting.wait(0.5)  # for the other one, before either commits

    found = await asyncio.gather(
        here.write(partial(write, taps[0])), there.write(partial(write, taps[1])), return_exceptions=True
    )
    kept = await rows(here)
    gone = await operators[0].asked(asked.id)
    for one in {here, there}:
        await one.stop()
    assert sorted(type(one).__name__ for one in found) == ["LostRace", "NoneType"]
    assert (len(kept), gone) == (1, None)
