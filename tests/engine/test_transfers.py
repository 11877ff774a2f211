"""Transfers between our balances: one call each, whatever happens to it, and an outcome that the balances prove."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from bot.engine.books import Books
from bot.engine.operators import moving
from bot.engine.operators.moving import GIVEN_UP, Mover
from bot.engine.operators.order_results import Order, OrderState, TransferState
from bot.engine.operators.order_rows import order_row
from bot.engine.operators.transferring import transfer_from
from bot.engine.wakes import Wakes
from bot.kotani.errors import InsufficientFunds, KotaniError, NotSent, Unanswered, Unknown
from bot.kotani.results import Wallet
from bot.payments.bookkeeping import Account
from bot.payments.identifiers import new_id
from bot.payments.money import Money
from bot.payments.schedule import Patience
from storage.crypto import Keyring
from storage.database import Database
from storage.orders import add_order
from storage.payments import CASE
from storage.tables import Notice
from storage.transfers import TRANSFER, add_transfer, begin_transfer, transfer_by_id

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Killed(BaseException):
    """The process is gone."""


class Treasury:
    """A wallet at the provider. `before` and `after` are called around the one thing that moves money."""

    def __init__(self) -> None:
        self.deposit, self.payout = Decimal(9000), Decimal(100)
        self.calls = 0
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self.silent: KotaniError | None = None

    async def wallet_for(self, currency: str, country: str | None = None) -> Wallet:
        return await self.wallet("w1")

    async def wallet(self, wallet_id: str) -> Wallet:
        if self.silent is not None:
            raise self.silent
        return Wallet("w1", "KES", "KES", "KE", self.payout, self.deposit)

    async def transfer_deposit_balance(self, wallet_id: str, amount: Any = None) -> None:
        self.calls += 1
        self.before()
        self.deposit, self.payout = self.deposit - amount, self.payout + amount
        self.after()


class Bank:
    """Our side: transfers that were ordered, and a worker for each process that there was."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self.database, self.keyring = database, keyring
        self.now = START
        self.treasury = Treasury()
        self.books = Books(database, keyring, lambda: self.now, environment="sandbox")
        self.mover = self.process("first")

    def process(self, owner: str) -> Mover:
        made = (self.database, self.treasury, self.keyring, self.books, Patience(), lambda: self.now, Wakes())
        return Mover(*made, environment="sandbox", owner=owner)

    async def ordered(self, amount: int = 5000) -> str:
        """A transfer that was ordered; its id."""
        money = Money(Decimal(amount), "KES")
        state, life = OrderState.CARRIED_OUT, timedelta(days=1)
        order = Order(
            *(new_id(), "sandbox", "transfer", (money,), {}, 1, self.now, 1, "why", state, self.now + life, 1, self.now)
        )
        row = {
            "id": new_id(),
            "order_id": order.id,
            "environment": "sandbox",
            "amount": money.amount,
            "currency": "KES",
            "country": None,
            "state": "ready",
            "chat_id": 1,
            "failures": 0,
            "due_at": self.now,
            "created_at": self.now,
            "updated_at": self.now,
        }

        def write(session: Session) -> None:
            add_order(session, order_row(self.keyring, order, []))
            add_transfer(session, row)

        await self.database.write(write)
        return str(row["id"])

    async def passes(self, mover: Mover | None = None, **time: float) -> None:
        """Time passes, and the worker does what became due."""
        self.now += timedelta(**time)
        while await (mover or self.mover).step():
            pass

    async def state(self, transfer_id: str) -> TransferState:
        row = await self.database.read(lambda session: transfer_by_id(session, transfer_id))
        assert row is not None
        return transfer_from(row).state

    async def standing(self) -> dict[Account, str]:
        look = await self.books.look()
        assert look.faults == ()
        return {one.account: str(one.money) for one in look.balances.accounts}

    async def told(self) -> int:
        rows = await self.database.read(lambda session: list(session.execute(select(Notice)).scalars()))
        return len([row for row in rows if row.kind == "operator_transfer"])

    async def cases(self) -> list[str]:
        return await self.database.read(lambda session: list(session.execute(select(CASE.c.concern)).scalars()))


@pytest.fixture
def bank(database: Database, keyring: Keyring) -> Bank:
    return Bank(database, keyring)


def fails(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


async def test_it_is_moved_once_booked_and_told(bank: Bank) -> None:
    transfer = await bank.ordered()
    await bank.passes()
    assert await bank.state(transfer) is TransferState.DONE
    assert (bank.treasury.calls, bank.treasury.payout) == (1, Decimal(5100))
    assert await bank.standing() == {Account.PAYOUT_BALANCE: "5000 KES", Account.DEPOSIT_BALANCE: "-5000 KES"}
    assert (await bank.told(), await bank.cases()) == (1, [])


async def test_more_than_is_there_is_not_sent(bank: Bank) -> None:
    transfer = await bank.ordered(9001)
    await bank.passes()
    assert await bank.state(transfer) is TransferState.NOT_DONE
    assert (bank.treasury.calls, await bank.standing(), await bank.told()) == (0, {}, 1)


@pytest.mark.parametrize("error", [NotSent("transfer"), InsufficientFunds("transfer")])
async def test_what_was_refused_is_over_and_never_sent_again(bank: Bank, error: KotaniError) -> None:
    bank.treasury.before = fails(error)
    transfer = await bank.ordered()
    await bank.passes()
    await bank.passes(hours=1)
    assert await bank.state(transfer) is TransferState.NOT_DONE
    assert (bank.treasury.calls, await bank.standing(), await bank.told()) == (1, {}, 1)


async def test_an_answer_that_was_lost_is_found_in_the_balances(bank: Bank) -> None:
    bank.treasury.after = fails(Unknown("transfer"))
    transfer = await bank.ordered()
    await bank.passes()
    assert await bank.state(transfer) is TransferState.DONE
    assert bank.treasury.calls == 1


async def test_a_lost_call_that_had_no_effect_is_over_once_it_can_have_none_any_more(bank: Bank) -> None:
    bank.treasury.before = fails(Unknown("transfer"))
    transfer = await bank.ordered()
    await bank.passes()
    assert await bank.state(transfer) is TransferState.MOVING
    await bank.passes(seconds=60)
    assert await bank.state(transfer) is TransferState.NOT_DONE
    assert (bank.treasury.calls, await bank.standing()) == (1, {})


async def test_what_the_balances_do_not_prove_is_for_a_person(bank: Bank) -> None:
    def and_more() -> None:
        bank.treasury.deposit += 80  # collected meanwhile
        raise Unknown("transfer")

    bank.treasury.after = and_more
    transfer = await bank.ordered()
    await bank.passes()
    await bank.passes(minutes=5)
    assert await bank.state(transfer) is TransferState.UNKNOWN
    assert (await bank.cases(), await bank.standing(), await bank.told()) == (["transfer_unknown"], {}, 1)
    assert bank.treasury.calls == 1


@pytest.mark.parametrize(("place", "end"), [("before", TransferState.NOT_DONE), ("after", TransferState.DONE)])
async def test_a_process_that_is_killed_in_the_middle_never_moves_it_twice(
    bank: Bank, place: str, end: TransferState
) -> None:
    setattr(bank.treasury, place, fails(Killed()))
    transfer = await bank.ordered()
    with pytest.raises(Killed):
        await bank.passes()
    setattr(bank.treasury, place, lambda: None)
    other = bank.process("second")
    for _ in range(4):
        await bank.passes(other, minutes=3)
    assert await bank.state(transfer) is end
    assert bank.treasury.calls == 1
    assert bank.treasury.payout == (5100 if end is TransferState.DONE else 100)
    assert (await bank.told(), await bank.cases()) == (1, [])
    expected = "5000 KES" if end is TransferState.DONE else None
    assert (await bank.standing()).get(Account.PAYOUT_BALANCE) == expected


async def test_two_of_one_wallet_are_moved_one_after_the_other(bank: Bank) -> None:
    first, second = await bank.ordered(4000), await bank.ordered(3000)
    bank.treasury.before = fails(Unknown("transfer"))
    await bank.passes()
    assert bank.treasury.calls == 1  # the other waits until it is known what became of this one
    bank.treasury.before = lambda: None
    await bank.passes(seconds=60)
    await bank.passes(seconds=10)
    states = [await bank.state(one) for one in (first, second)]
    assert sorted(states) == [TransferState.DONE, TransferState.NOT_DONE]
    assert bank.treasury.calls == 2


async def test_two_replicas_send_one_call(bank: Bank) -> None:
    transfer = await bank.ordered()
    await asyncio.gather(bank.process("a").step(), bank.process("b").step())
    await bank.passes()
    assert await bank.state(transfer) is TransferState.DONE
    assert bank.treasury.calls == 1


async def test_a_provider_that_is_silent_is_waited_for_and_given_up_before_anything_was_sent(bank: Bank) -> None:
    bank.treasury.silent = Unanswered("wallet.get")
    transfer = await bank.ordered()
    await bank.passes()
    assert await bank.state(transfer) is TransferState.READY
    await bank.passes(seconds=GIVEN_UP.total_seconds() + 1)
    assert await bank.state(transfer) is TransferState.NOT_DONE
    assert bank.treasury.calls == 0


async def test_a_wallet_that_cannot_be_read_afterwards_is_for_a_person(bank: Bank) -> None:
    def and_silence() -> None:
        bank.treasury.silent = Unanswered("wallet.get")

    bank.treasury.after = and_silence
    transfer = await bank.ordered()
    await bank.passes()
    for _ in range(3):
        await bank.passes(hours=1)
    assert await bank.state(transfer) is TransferState.UNKNOWN
    assert await bank.cases() == ["transfer_unknown"]
    rows = await bank.database.read(lambda session: session.connection().execute(select(TRANSFER)).mappings().all())
    assert rows[0]["due_at"] is None


async def test_two_replicas_that_begin_two_of_one_wallet_at_the_same_moment(
    postgres_url: str, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither sees that the other has begun, so the database tells them apart: one waits, and no worker breaks."""
    here, there = Database(postgres_url), Database(postgres_url)
    await here.start()
    await there.start()
    bank = Bank(here, keyring)
    first, second = await bank.ordered(4000), await bank.ordered(3000)
    bank.treasury.before = fails(Unknown("transfer"))
    meeting = threading.Barrier(2)

    def together(*given: Any, **values: Any) -> bool:
        begun = begin_transfer(*given, **values)
        with suppress(threading.BrokenBarrierError):
            meeting.wait(0.5)  # for the other one, before either commits
        return begun

    monkeypatch.setattr(moving, "AT_ONCE", 1)
    monkeypatch.setattr(moving, "begin_transfer", together)
    other = Bank(there, keyring)
    other.treasury = bank.treasury
    try:
        await asyncio.gather(bank.process("a").step(), other.process("b").step())
    finally:
        states = sorted([await bank.state(one) for one in (first, second)])
        await here.stop()
        await there.stop()
    assert states == [TransferState.MOVING, TransferState.READY]
    assert bank.treasury.calls == 1
