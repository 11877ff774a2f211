"""Rows of files that are paid again, and what is told of them late: whoever was paid after all is not paid once more."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlmodel import Session, select

from bot.engine.effects import Effects
from bot.engine.house import House
from bot.engine.operators.approvals import Approvals
from bot.engine.operators.bulk import Bulk
from bot.engine.operators.bulk_looking import BulkLooking
from bot.engine.operators.bulk_results import Batch, BatchState, Counts, Unpaid
from bot.engine.operators.bulk_running import BulkRunner
from bot.engine.operators.order_results import Order, OrderRefused
from bot.engine.operators.results import Operator, Role
from bot.engine.operators.roles import Operators
from bot.engine.wakes import Wakes
from bot.kotani.results import Wallet
from bot.payments.approval import Approval
from bot.payments.bulk.table import FileProblem
from bot.payments.coverage import Coverage
from bot.payments.identifiers import new_id
from bot.payments.limits import DEFAULT_LIMITS
from storage.crypto import Keyring
from storage.database import Database
from storage.mending import is_contradicted, sent_before
from storage.payments import CASE, LEG, PAYMENT, open_cases
from storage.tables import Leg

PAT, OLU = Operator(701, Role.OWNER), Operator(702, Role.OWNER)
FILE = b"name,phone,amount,currency\nJane Doe,+254712345678,1500,KES\n"


class Wallets:
    """A balance that covers everything."""

    async def wallet_for(self, currency: str, country: str | None = None) -> Wallet:
        return Wallet("w", currency, currency, country, Decimal(10_000_000), Decimal(0))


class Desk:
    """Two operators, files of one row, and an engine whose provider a test plays."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self.database, self.now = database, datetime(2026, 11, 24, 9, tzinfo=UTC)
        made = (database, keyring, self.clock)
        self.operators = Operators(*made, owners=frozenset({701, 702}))
        self.approvals = Approvals(*made, self.operators, Approval(), chat=None, environment="sandbox")
        self.looking = BulkLooking(*made, Wallets(), environment="sandbox")
        self.bulk = Bulk(
            *made,
            Wakes(),
            self.operators,
            self.approvals,
            self.looking,
            coverage=Coverage,
            limits=lambda: DEFAULT_LIMITS,
        )
        self.keyring = keyring

    def clock(self) -> datetime:
        return self.now

    def runner(self, environment: str = "sandbox") -> BulkRunner:
        house = House(self.keyring, self.clock, Wakes(), environment=environment)
        return BulkRunner(self.database, self.keyring, self.clock, Wakes(), house)

    async def batch(self, batch_id: str) -> Batch:
        batch = await self.looking.batch(batch_id)
        assert batch is not None
        return batch

    async def draft(self, content: bytes = FILE) -> str:
        read = await self.bulk.read(content)
        assert not isinstance(read, FileProblem)
        effects = Effects()
        batch = self.bulk.stage_draft(effects, PAT, 701, read[1].rows, content=content, file="a.csv", language="en")
        await self.database.write(effects.write)
        return batch

    async def asked(self, batch_id: str) -> Order:
        effects = Effects()
        order = await self.bulk.stage_ask(effects, PAT, 701, await self.batch(batch_id), reason="wages")
        await self.database.write(effects.write)
        return order

    async def approved(self, batch_id: str) -> str:
        order = await self.asked(batch_id)
        effects = Effects()
        await self.approvals.stage_approve(effects, OLU, order)
        await self.database.write(effects.write)
        return batch_id

    async def goes_on(self, environment: str = "sandbox") -> None:
        self.now += timedelta(minutes=2)
        await self.runner(environment).step()

    async def fails(self) -> None:
        """The provider has all that was begun, and says that it failed."""

        def fail(session: Session) -> None:
            connection = session.connection()
            connection.execute(update(PAYMENT).values(state="failed", ended_at=self.now))
            connection.execute(update(LEG).values(state="failed", due_at=None, submissions=1, submitted_at=self.now))

        await self.database.write(fail)
        await self.goes_on()

    async def failed(self) -> str:
        """A file whose one row failed."""
        batch = await self.approved(await self.draft())
        await self.goes_on()
        await self.fails()
        assert (await self.batch(batch)).state is BatchState.ENDED
        return batch

    async def again(self, batch_id: str) -> str | None:
        effects = Effects()
        batch = await self.bulk.stage_again(effects, PAT, 701, await self.batch(batch_id), language="en")
        await self.database.write(effects.write)
        return batch

    async def legs(self) -> list[Leg]:
        return await self.database.read(lambda session: list(session.exec(select(Leg).order_by(LEG.c.id))))

    async def paid_after_all(self) -> None:
        """Of the first payment that there was, the provider says that it arrived."""
        first = (await self.legs())[0]
        case = {
            "id": new_id(),
            "dedupe_key": new_id(),
            "concern": "contradiction",
            "payment_id": first.payment_id,
            "leg_id": first.id,
            "detail": "succeeded reported after failed",
            "opened_at": self.now,
        }
        await self.database.write(lambda session: open_cases(session, [case]))


@pytest.fixture
def desk(database: Database, keyring: Keyring) -> Desk:
    return Desk(database, keyring)


async def test_a_row_that_failed_twice_is_not_paid_once_more_when_the_first_try_arrived(desk: Desk) -> None:
    first = await desk.failed()
    second = await desk.again(first)
    assert second is not None
    await desk.approved(second)
    await desk.goes_on()
    await desk.fails()
    third = await desk.again(second)
    assert third is not None
    order = await desk.asked(third)
    await desk.paid_after_all()
    with pytest.raises(OrderRefused, match="bulk_again_alive"):
        await desk.approvals.stage_approve(Effects(), OLU, order)
    assert (await desk.batch(second)).again == 0


async def test_what_is_told_between_the_approval_and_the_turn_of_a_row_leaves_it_out(desk: Desk) -> None:
    again = await desk.again(await desk.failed())
    assert again is not None
    await desk.approved(again)
    await desk.paid_after_all()
    for _ in range(3):
        await desk.goes_on()
    batch = await desk.batch(again)
    assert (batch.state, batch.left_out, batch.counts.all) == (BatchState.ENDED, 1, 0)
    assert len(await desk.legs()) == 1


async def test_what_is_told_after_a_row_was_begun_holds_its_payout_back(desk: Desk) -> None:
    again = await desk.again(await desk.failed())
    assert again is not None
    await desk.approved(again)
    await desk.goes_on()
    first, second = await desk.legs()

    def before(session: Session) -> tuple[list[str], bool]:
        legs = sent_before(session, second.payment_id, beside=second.id)
        return [leg.id for leg in legs], is_contradicted(session, second.payment_id, beside=second.id)

    assert await desk.database.read(before) == (
        [first.id],
        False,
    )  # the provider is asked about it before anything is sent
    await desk.paid_after_all()
    assert await desk.database.read(before) == ([first.id], True)


async def test_another_file_with_a_row_that_perhaps_arrived_is_asked_about(desk: Desk) -> None:
    first = await desk.failed()
    other = await desk.batch(await desk.draft())
    assert (await desk.looking.preview(other)).twins == ()
    await desk.paid_after_all()
    (twin,) = (await desk.looking.preview(other)).twins
    assert twin.code == (await desk.batch(first)).code
    with pytest.raises(OrderRefused, match="bulk_undecided"):
        await desk.approved(other.id)


async def test_a_file_of_the_sandbox_is_not_paid_with_real_money(desk: Desk) -> None:
    """The same database, and another environment in the settings."""
    batch = await desk.approved(await desk.draft())
    await desk.goes_on("production")
    assert await desk.legs() == []
    await desk.goes_on()
    assert [leg.environment for leg in await desk.legs()] == ["sandbox"]
    assert (await desk.batch(batch)).state is BatchState.RUNNING


async def test_a_stop_holds_back_all_but_what_the_provider_was_called_for(desk: Desk) -> None:
    """Whatever had no call yet ends unpaid and can be run again; what had one goes on, and is not sent a second time."""
    rows = "".join(f"Jane Doe,+25471234{n:04},{500 + n},KES\n" for n in range(60))
    batch_id = await desk.approved(await desk.draft(b"name,phone,amount,currency\n" + rows.encode()))
    await desk.goes_on()
    called = (await desk.legs())[:3]
    payments = [leg.payment_id for leg in called]

    def begin(session: Session) -> None:
        for leg, state in zip(called, ("submitting", "unknown", "pending"), strict=True):
            session.connection().execute(update(LEG).where(LEG.c.id == leg.id).values(state=state, submissions=1))
        session.connection().execute(update(PAYMENT).where(PAYMENT.c.id == payments[2]).values(state="delivering"))
        case = {"concern": "payout_blocked", "payment_id": payments[0], "leg_id": called[0].id, "detail": "0 KES"}
        of_all = case | {"id": new_id(), "dedupe_key": f"batch:{batch_id}:payout_blocked", "opened_at": desk.now}
        open_cases(session, [of_all])

    await desk.database.write(begin)
    stopping = await desk.looking.stopping(batch_id)
    assert [(one.rows, one.money.to_plain()) for one in (*stopping.held, *stopping.on_way)] == [
        (57, str(sum(500 + n for n in range(3, 60)))),
        (3, "1503"),
    ]
    effects = Effects()
    desk.bulk.stage_stop(effects, PAT, await desk.batch(batch_id))
    await desk.database.write(effects.write)

    def legs_and_open(session: Session) -> tuple[Counter[str], int]:
        states = session.connection().execute(select(LEG.c.state)).scalars()
        open_ = session.connection().execute(select(CASE.c.id).where(CASE.c.resolved_at.is_(None)))
        return Counter(states), len(list(open_))

    states = {"submitting": 1, "unknown": 1, "pending": 1, "cancelled": 37}
    assert await desk.database.read(legs_and_open) == (states, 0)  # at once, and with it what waited for a balance

    def refuse(session: Session) -> None:
        """The provider does not know it, so that it would be sent once more."""
        session.connection().execute(update(LEG).where(LEG.c.id == called[1].id).values(state="ready"))

    await desk.database.write(refuse)
    await desk.goes_on()
    assert (await desk.database.read(legs_and_open))[0] == {"submitting": 1, "pending": 1, "cancelled": 38}

    def pay(session: Session) -> None:
        paid = PAYMENT.c.id.in_((payments[0], payments[2]))
        session.connection().execute(update(PAYMENT).where(paid).values(state="completed", ended_at=desk.now))

    await desk.database.write(pay)
    await desk.goes_on()
    batch = await desk.batch(batch_id)
    assert (batch.state, batch.counts) == (BatchState.ENDED, Counts(paid=2, not_begun=20, held=38))
    again = await desk.again(batch_id)
    assert again is not None
    lines = [row.line for row in await desk.looking.rows(again)]
    assert lines == [3, *range(5, 62)]  # everybody who was not paid, once


async def test_a_row_whose_call_begins_as_the_file_is_stopped_goes_on(desk: Desk) -> None:
    batch_id = await desk.approved(await desk.draft())
    await desk.goes_on()
    effects = Effects()
    desk.bulk.stage_stop(effects, PAT, await desk.batch(batch_id))  # decided, and not written yet
    await desk.database.write(lambda session: session.connection().execute(update(LEG).values(state="submitting")))
    await desk.database.write(effects.write)
    assert [leg.state for leg in await desk.legs()] == ["submitting"]
    assert await desk.again(batch_id) is None


async def test_what_is_paid_later_is_called_by_what_it_was(desk: Desk) -> None:
    """Failed, not begun, or both: of the rows that are left, and in the file that pays them."""
    rows = "".join(f"Jane Doe,+25471234{n:04},{500 + n},KES\n" for n in range(50))
    content = b"name,phone,amount,currency\n" + rows.encode()
    batch_id = await desk.approved(await desk.draft(content))
    await desk.goes_on()
    effects = Effects()
    await desk.fails()  # the first forty, and ten more are begun
    desk.bulk.stage_stop(effects, PAT, await desk.batch(batch_id))
    await desk.database.write(effects.write)
    await desk.goes_on()
    batch = await desk.batch(batch_id)
    assert (batch.again, batch.again_failed, batch.again_is) == (50, 40, Unpaid.BOTH)
    again = await desk.again(batch_id)
    assert again is not None
    assert (await desk.batch(again)).parent_was is Unpaid.BOTH
    third = await desk.again(await desk.failed())
    assert third is not None
    assert (await desk.batch(third)).parent_was is Unpaid.FAILED
