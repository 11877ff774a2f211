"""What one operator moves alone is summed in the transaction that writes it: two parts at once are not too much together."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

from sqlalchemy import select
from sqlmodel import Session

from bot.engine.effects import Effects
from bot.engine.operators.approvals import Approvals
from bot.engine.operators.order_results import Order, OrderState
from bot.engine.operators.results import Operator, Role
from bot.engine.operators.roles import Operators
from bot.payments.approval import Approval
from bot.payments.money import Money
from storage.crypto import Keyring
from storage.database import Database
from storage.order_tables import OperatorOrder
from storage.payments import LostRace

KEYRING = Keyring({"k1": b"k" * 32}, digest_key=b"d" * 32)
PAT = Operator(701, Role.OWNER)


def clock() -> datetime:
    return datetime(2026, 11, 24, 9, tzinfo=UTC)


class Nothing:
    """A kind of orders that does nothing but being carried out."""

    async def stage(self, effects: Effects, order: Order, by: Operator) -> None:
        return


def approvals_on(database: Database) -> Approvals:
    operators = Operators(database, KEYRING, clock, owners=frozenset({701, 702}))
    approvals = Approvals(database, KEYRING, clock, operators, Approval({"KES": Decimal(1000)}), chat=None)
    approvals.register("nothing", Nothing())
    return approvals


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
