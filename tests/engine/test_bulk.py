"""A full file of payments on both databases: a thousand rows, two processes at once, and each row paid once."""

import asyncio
import threading
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import func, select, update
from sqlmodel import Session

from bot.crew import money_workers
from bot.engine.effects import Effects
from bot.engine.house import House
from bot.engine.operators.approvals import Approvals
from bot.engine.operators.bulk import Bulk
from bot.engine.operators.bulk_looking import BulkLooking
from bot.engine.operators.bulk_results import BatchState
from bot.engine.operators.bulk_running import FEW, PIECE, BulkRunner
from bot.engine.operators.results import Operator, Role
from bot.engine.operators.roles import Operators
from bot.engine.wakes import Wakes
from bot.kotani.results import Wallet
from bot.payments.approval import Approval
from bot.payments.bulk.table import FileProblem
from bot.payments.coverage import Coverage
from bot.payments.limits import DEFAULT_LIMITS
from bot.payments.schedule import Patience
from bot.screens.operators.bulk_files import result_csv
from bot.screens.texts import catalogue
from bot.settings import Settings
from storage.bulk_tables import BulkBatch, BulkRow
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import LostRace
from storage.tables import Leg, Notice, Payment

ROWS = 1_000
FILE = "name,phone,amount,currency\n" + "".join(f"Jane Doe,+2547{n:08},{500 + n},KES\n" for n in range(1, 1 + ROWS))
PAT, OLU = Operator(701, Role.OWNER), Operator(702, Role.OWNER)
KEYRING = Keyring({"k1": b"k" * 32}, digest_key=b"d" * 32)


class Wallets:
    """A balance that covers everything."""

    async def wallet_for(self, currency: str, country: str | None = None) -> Wallet:
        return Wallet("w", currency, currency, country, Decimal(10_000_000), Decimal(0))


class Clock:
    """Time that passes when it is told to."""

    now = datetime(2026, 11, 24, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def paid(session: Session) -> int:
    """The provider pays whatever has been begun; how many those are."""
    values = {"state": "completed", "ended_at": Clock.now}
    return int(session.execute(update(Payment).where(Payment.state == "confirmed").values(**values)).rowcount)  # type: ignore[arg-type, attr-defined]


async def test_a_thousand_rows_are_paid_once_each_by_two_processes(database: Database) -> None:
    clock, wakes = Clock(), Wakes()
    operators = Operators(database, KEYRING, clock, owners=frozenset({701, 702}))
    approvals = Approvals(database, KEYRING, clock, operators, Approval(), chat=None, environment="test")
    looking = BulkLooking(database, KEYRING, clock, Wallets(), environment="test")
    bulk = Bulk(
        database, KEYRING, clock, wakes, operators, approvals, looking, coverage=Coverage, limits=lambda: DEFAULT_LIMITS
    )
    read = await bulk.read(FILE.encode())
    assert not isinstance(read, FileProblem)
    _, reading = read
    assert not reading.bad, reading.bad[:3]
    effects = Effects()
    batch_id = bulk.stage_draft(effects, PAT, 701, reading.rows, content=FILE.encode(), file="wages.csv", language="en")
    await database.write(effects.write)
    batch = await looking.batch(batch_id)
    assert batch is not None
    effects = Effects()
    order = await bulk.stage_ask(effects, PAT, 701, batch, reason="wages")
    await database.write(effects.write)
    effects = Effects()
    await approvals.stage_approve(effects, OLU, order)
    await database.write(effects.write)

    house = House(KEYRING, clock, wakes, environment="test")
    both = [BulkRunner(database, KEYRING, clock, wakes, house) for _ in range(2)]
    begun: list[int] = []
    for _ in range(3 * ROWS // PIECE):
        clock.now += timedelta(seconds=3)
        await asyncio.gather(*(one.step() for one in both))
        begun.append(await database.write(paid))
        found = await looking.batch(batch_id)
        assert found is not None
        if found.state is BatchState.ENDED:
            break
    assert max(begun) <= PIECE + FEW  # the rest does not stand in the way of customers
    assert found.counts.paid == ROWS
    assert [total.money.amount for total in found.totals] == [one.amount for one in found.paid]

    def look(session: Session) -> tuple[Counter[Decimal], int, int, int]:
        amounts = Counter(session.execute(select(Payment.receive_amount)).scalars())  # type: ignore[call-overload]
        references = session.execute(select(func.count(func.distinct(Leg.reference)))).scalar_one()
        cards = session.execute(select(func.count()).where(Notice.kind == "bulk_card")).scalar_one()  # type: ignore[arg-type]
        others = session.execute(select(func.count()).where(Notice.kind.like("payment%"))).scalar_one()  # type: ignore[attr-defined]
        return amounts, references, cards, others

    amounts, references, cards, others = await database.read(look)
    assert amounts == Counter({Decimal(500 + n): 1 for n in range(1, 1 + ROWS)})
    assert references == ROWS
    assert cards <= len(begun) + 1  # one message, changed
    assert others == 0  # no row says anything by itself
    result = result_csv(catalogue("en"), await looking.rows(batch_id)).decode("utf-8-sig").splitlines()
    assert len(result) == 1 + ROWS
    assert all(",paid," in line for line in result[1:])

    told = update(Leg).values(
        provider_fee=Decimal(15)
    )  # about a hundredth of the last rows, which are of 1,481 to 1,500
    await database.write(lambda session: session.execute(told) and None)
    batch = await looking.batch(batch_id)
    assert batch is not None
    (cover,) = (await looking.preview(batch)).covers
    assert cover.fee is not None
    assert cover.fee.amount == 15 * ROWS  # each takes as much, or a share of it: the larger sum is said
    of_one = update(BulkRow).where(BulkRow.line > 2).values(left_out=True)  # type: ignore[arg-type, operator]
    dear = update(BulkRow).values(amount=Decimal(100_000))
    await database.write(lambda session: session.execute(of_one) and session.execute(dear) and None)
    (cover,) = (await looking.preview(batch)).covers
    assert cover.fee is not None
    assert 1_000 < cover.fee.amount < 1_020


async def test_two_files_with_the_same_rows_are_not_started_beside_each_other(postgres_url: str) -> None:
    """Two replicas carry out two approvals at the same moment, neither of which sees what the other has not committed."""
    here, there = Database(postgres_url), Database(postgres_url)
    await here.start()
    await there.start()
    clock, wakes = Clock(), Wakes()
    operators = Operators(here, KEYRING, clock, owners=frozenset({701, 702}))
    approvals = Approvals(here, KEYRING, clock, operators, Approval(), chat=None, environment="test")
    looking = BulkLooking(here, KEYRING, clock, Wallets(), environment="test")
    bulk = Bulk(
        here, KEYRING, clock, wakes, operators, approvals, looking, coverage=Coverage, limits=lambda: DEFAULT_LIMITS
    )
    content = b"name,phone,amount,currency\nJane Doe,+254712345678,1500,KES\n"
    read = await bulk.read(content)
    assert not isinstance(read, FileProblem)
    orders = []
    for _ in range(2):
        effects = Effects()
        batch_id = bulk.stage_draft(effects, PAT, 701, read[1].rows, content=content, file="a.csv", language="en")
        await here.write(effects.write)
        batch = await looking.batch(batch_id)
        assert batch is not None
        effects = Effects()
        orders.append(await bulk.stage_ask(effects, PAT, 701, batch, reason="wages"))
        await here.write(effects.write)
    both = Effects(), Effects()
    for effects, order in zip(both, orders, strict=True):
        await approvals.stage_approve(effects, OLU, order)
    meeting = threading.Barrier(2)

    def write(effects: Effects, session: Session) -> None:
        effects.write(session)
        with suppress(threading.BrokenBarrierError):
            meeting.wait(0.5)  # for the other one, before either commits

    found = await asyncio.gather(
        *(one.write(partial(write, effects)) for one, effects in zip((here, there), both, strict=True)),
        return_exceptions=True,
    )
    states = await here.read(lambda session: sorted(session.execute(select(BulkBatch.state)).scalars()))  # type: ignore[call-overload]
    await here.stop()
    await there.stop()
    assert states == ["draft", "running"]
    assert [type(one) for one in found if one is not None] == [LostRace]


@pytest.mark.parametrize(("token", "apart"), [("123:abc", timedelta(seconds=2)), (None, timedelta(milliseconds=100))])
async def test_rows_are_begun_as_many_a_minute_as_is_set_and_faster_in_a_demonstration(
    sqlite_url: str, token: str | None, apart: timedelta
) -> None:
    database = Database(sqlite_url)
    await database.start()
    clock, wakes = Clock(), Wakes()
    operators = Operators(database, KEYRING, clock, owners=frozenset({701, 702}))
    approvals = Approvals(database, KEYRING, clock, operators, Approval(), chat=None, environment="sandbox")
    looking = BulkLooking(database, KEYRING, clock, Wallets(), environment="sandbox")
    bulk = Bulk(
        *(database, KEYRING, clock, wakes, operators, approvals, looking),
        coverage=Coverage,
        limits=lambda: DEFAULT_LIMITS,
    )
    content = "\n".join(FILE.splitlines()[:4]).encode()
    read = await bulk.read(content)
    assert not isinstance(read, FileProblem)
    effects = Effects()
    batch_id = bulk.stage_draft(effects, PAT, 701, read[1].rows, content=content, file="a.csv", language="en")
    await database.write(effects.write)
    batch = await looking.batch(batch_id)
    assert batch is not None
    effects = Effects()
    order = await bulk.stage_ask(effects, PAT, 701, batch, reason="wages")
    await database.write(effects.write)
    effects = Effects()
    await approvals.stage_approve(effects, OLU, order)
    await database.write(effects.write)

    settings = Settings.model_construct(
        telegram_token=token, kotani_api_key=token, kotani_environment="sandbox", bulk_per_minute=30
    )
    parts = SimpleNamespace(settings=settings, database=database, keyring=KEYRING, clock=clock, wakes=wakes)
    workers = dict(
        money_workers(
            *cast(Any, (parts, None, SimpleNamespace(books=None))),
            patience=Patience(),
            links=lambda _address: True,
            owner="here",
            callback_url=None,
        )
    )
    runner = workers["bulk"]
    assert isinstance(runner, BulkRunner)
    assert await runner.step()
    due = await database.read(lambda session: sorted(session.execute(select(Leg.due_at)).scalars()))  # type: ignore[call-overload]
    await database.stop()
    assert due == [clock.now, clock.now + apart, clock.now + 2 * apart]
