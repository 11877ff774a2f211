"""Payments and legs on both engines: opened once, held with their legs, changed under guards, and taken under leases."""

import asyncio
import threading
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from storage import cards, payments
from storage.database import Database
from storage.payments import CASE, EVENT, LEG, PAYMENT, LostRace
from storage.tables import Leg, Payment

if TYPE_CHECKING:
    from tests.storage.conftest import Rows

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def claim(
    session: Session, rows: "Rows", *, owner: str = "me", limit: int = 10, later: timedelta = 0 * MINUTE
) -> set[str]:
    now = rows.now + later
    taken = payments.due_legs(session, environment="sandbox", owner=owner, now=now, until=now + MINUTE, limit=limit)
    assert len(taken) == len(set(taken)) <= limit
    return set(taken)


def leg_change(rows: "Rows", leg_id: str, was: str, **values: Any) -> dict[str, Any]:
    names = ("provider_id", "receipt", "tx_hash", "redirect_url", "due_at")
    names += ("escrow_address", "pay_by", "crypto_seen", "refund_tx", "provider_fee")
    empty = dict.fromkeys(names)
    return empty | {"b_id": leg_id, "b_was": was, "polls": 0, "failures": 0, "updated_at": rows.now} | values


def payment_change(rows: "Rows", payment_id: str, was: int, **values: Any) -> dict[str, Any]:
    names = ("reason", "reason_detail", "receipt", "tx_hash", "redirect_url", "ended_at")
    known = {"b_id": payment_id, "b_was": was, "state": "failed", "revision": was + 1, "updated_at": rows.now}
    return dict.fromkeys(names) | known | values


async def test_one_confirmation_opens_one_payment(database: Database, rows: "Rows") -> None:
    key = await database.write(lambda session: rows.open(session))

    def again(session: Session) -> tuple[bool, int, int]:
        first = session.get(Payment, key.payment_id)
        assert first is not None
        payment = rows.payment(first.customer_id, confirm_key=first.confirm_key)
        opened = payments.add_payment(session, payment, rows.leg(payment["id"]))
        count = select(func.count())
        connection = session.connection()
        return (
            opened,
            connection.execute(count.select_from(PAYMENT)).scalar_one(),
            connection.execute(count.select_from(LEG)).scalar_one(),
        )

    assert await database.write(again) == (False, 1, 1)


async def test_a_plan_has_one_leg_at_each_position(database: Database, rows: "Rows") -> None:
    def write(session: Session) -> tuple[bool, bool]:
        key = rows.open(session)
        return (
            payments.add_leg(session, rows.leg(key.payment_id, position=1)),
            payments.add_leg(session, rows.leg(key.payment_id, position=1)),
        )

    assert await database.write(write) == (True, False)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("payment", "pay_amount = '0'"),
        ("payment", "pay_amount = '-0.5'"),
        ("payment", "fee_amount = '-1'"),
        ("payment", "receive_amount = '0'"),
        ("payment", "revision = 0"),
        ("leg", "amount = '0'"),
        ("leg", "position = -1"),
    ],
)
async def test_the_database_itself_refuses_what_cannot_be(
    database: Database, rows: "Rows", table: str, values: str
) -> None:
    await database.write(lambda session: rows.open(session))
    with pytest.raises(IntegrityError):
        await database.write(lambda session: session.connection().execute(text(f"UPDATE {table} SET {values}")))


async def test_held_payments_come_exact_and_with_their_legs_in_plan_order(database: Database, rows: "Rows") -> None:
    def write(session: Session) -> list[str]:
        keys = [rows.open(session) for _ in range(3)]
        payments.add_leg(session, rows.leg(keys[1].payment_id, position=1, kind="refund", to_pay=None))
        return [key.payment_id for key in keys]

    ids = await database.write(write)
    held = await database.write(lambda session: payments.hold_payments(session, [*reversed(ids), ids[0], "unknown"]))
    assert list(held) == ids
    assert [[leg.kind for leg in held[one].legs] for one in ids] == [["onramp"], ["onramp", "refund"], ["onramp"]]
    first = held[ids[0]]
    assert (first.pay_amount, first.legs[0].amount, first.legs[0].due_at) == (
        Decimal(2600),
        Decimal("2547.75"),
        rows.now,
    )
    assert held[ids[1]].legs[1].to_pay is None
    assert await database.read(lambda session: payments.hold_payments(session, [])) == {}


@pytest.mark.parametrize("count", [1, 3])
async def test_a_leg_that_moved_meanwhile_is_a_lost_race(database: Database, rows: "Rows", count: int) -> None:
    keys = await database.write(lambda session: [rows.open(session) for _ in range(count)])
    changes = [leg_change(rows, key.leg_id, "ready", state="pending", receipt="R1", due_at=rows.now) for key in keys]
    await database.write(lambda session: payments.change_legs(session, changes))
    changed = await database.read(lambda session: session.get(Leg, keys[-1].leg_id))
    assert changed is not None
    assert (changed.state, changed.receipt, changed.due_at) == ("pending", "R1", rows.now)

    stale = [leg_change(rows, key.leg_id, "pending", state="failed") for key in keys[:-1]]
    stale.append(leg_change(rows, keys[-1].leg_id, "ready", state="failed"))
    with pytest.raises(LostRace):
        await database.write(lambda session: payments.change_legs(session, stale))
    states = await database.read(lambda session: session.connection().execute(select(LEG.c.state)).scalars().all())
    assert states == ["pending"] * count


@pytest.mark.parametrize("count", [1, 3])
async def test_a_payment_that_moved_meanwhile_is_a_lost_race(database: Database, rows: "Rows", count: int) -> None:
    keys = await database.write(lambda session: [rows.open(session) for _ in range(count)])
    changes = [payment_change(rows, key.payment_id, 1, reason="reason.limit", ended_at=rows.now) for key in keys]
    await database.write(lambda session: payments.change_payments(session, changes))

    stale = [payment_change(rows, key.payment_id, 2) for key in keys[:-1]]
    stale.append(payment_change(rows, keys[-1].payment_id, 1))
    with pytest.raises(LostRace):
        await database.write(lambda session: payments.change_payments(session, stale))
    revisions = await database.read(lambda session: session.connection().execute(select(PAYMENT.c.revision)).scalars())
    assert list(revisions) == [2] * count


async def test_what_became_known_of_a_payment_stays_known(database: Database, rows: "Rows") -> None:
    key = await database.write(lambda session: rows.open(session))
    first = payment_change(rows, key.payment_id, 1, tx_hash="0xabc", ended_at=rows.now)
    await database.write(lambda session: payments.change_payments(session, [first]))
    second = payment_change(rows, key.payment_id, 2, receipt="R1")
    await database.write(lambda session: payments.change_payments(session, [second]))
    payment = await database.read(lambda session: session.get(Payment, key.payment_id))
    assert payment is not None
    assert (payment.tx_hash, payment.receipt, payment.ended_at) == ("0xabc", "R1", rows.now)


async def test_legs_are_found_by_reference_and_by_token(database: Database, rows: "Rows") -> None:
    key = await database.write(lambda session: rows.open(session, reference="bot-abc", callback_token="t-abc"))
    assert await database.read(lambda session: payments.find_by_reference(session, ["bot-abc", "bot-x"])) == {
        "bot-abc": key
    }
    assert await database.read(lambda session: payments.find_by_token(session, ["t-abc", "t-abc"])) == {"t-abc": key}
    assert await database.read(lambda session: payments.find_by_token(session, [])) == {}


async def test_due_legs_are_taken_oldest_first_and_once(database: Database, rows: "Rows") -> None:
    def write(session: Session) -> list[str]:
        keys = [rows.open(session, due_at=rows.now - number * MINUTE) for number in range(5)]
        rows.open(session, due_at=None)
        rows.open(session, due_at=rows.now + MINUTE)
        rows.open(session, environment="production")
        return [key.leg_id for key in keys]

    ids = await database.write(write)
    assert await database.write(lambda session: claim(session, rows, limit=2)) == {ids[4], ids[3]}
    assert await database.write(lambda session: claim(session, rows, owner="other")) == set(ids[:3])
    assert await database.write(lambda session: claim(session, rows)) == set()
    # a lease that ran out is another's to take
    assert set(ids) <= await database.write(lambda session: claim(session, rows, later=MINUTE * 1.5))


async def test_a_lease_is_given_back_only_by_its_owner(database: Database, rows: "Rows") -> None:
    key = await database.write(lambda session: rows.open(session))
    await database.write(lambda session: claim(session, rows))
    assert not await database.write(lambda session: payments.release_leg(session, key.leg_id, owner="other"))
    assert not await database.write(
        lambda session: payments.postpone_leg(session, key.leg_id, owner="other", due_at=rows.now)
    )
    assert await database.write(lambda session: payments.release_leg(session, key.leg_id, owner="me"))
    assert await database.write(lambda session: claim(session, rows, owner="other")) == {key.leg_id}


async def test_a_postponed_leg_is_taken_again_when_its_time_has_come(database: Database, rows: "Rows") -> None:
    key = await database.write(lambda session: rows.open(session))
    await database.write(lambda session: claim(session, rows))
    later = rows.now + HOUR
    assert await database.write(
        lambda session: payments.postpone_leg(session, key.leg_id, owner="me", due_at=later, failed=True)
    )
    leg = await database.read(lambda session: payments.leg(session, key.leg_id))
    assert leg is not None
    assert (leg.due_at, leg.failures, leg.lease_owner) == (later, 1, None)
    assert await database.write(lambda session: claim(session, rows, later=HOUR - MINUTE)) == set()
    assert await database.write(lambda session: claim(session, rows, later=HOUR)) == {key.leg_id}


async def test_a_leg_that_ended_while_it_was_leased_stays_ended(database: Database, rows: "Rows") -> None:
    key = await database.write(lambda session: rows.open(session))
    await database.write(lambda session: claim(session, rows))
    ended = leg_change(rows, key.leg_id, "ready", state="failed")
    await database.write(lambda session: payments.change_legs(session, [ended]))
    assert await database.write(
        lambda session: payments.postpone_leg(session, key.leg_id, owner="me", due_at=rows.now, failed=False)
    )
    leg = await database.read(lambda session: payments.leg(session, key.leg_id))
    assert leg is not None
    assert (leg.due_at, leg.failures) == (None, 0)


async def test_a_submission_begins_only_under_the_lease_and_in_the_state_it_was_read_in(
    database: Database, rows: "Rows"
) -> None:
    key = await database.write(lambda session: rows.open(session))
    await database.write(lambda session: claim(session, rows))

    def begin(session: Session, owner: str) -> bool:
        until = rows.now + HOUR
        return payments.begin_submission(
            session, key.leg_id, owner=owner, was="ready", now=rows.now, until=until, state="submitting"
        )

    assert not await database.write(lambda session: begin(session, "other"))
    assert await database.write(lambda session: begin(session, "me"))
    assert not await database.write(lambda session: begin(session, "me"))
    leg = await database.read(lambda session: payments.leg(session, key.leg_id))
    assert leg is not None
    assert (leg.state, leg.submissions, leg.submitted_at, leg.lease_until) == (
        "submitting",
        1,
        rows.now,
        rows.now + HOUR,
    )


async def test_a_hint_makes_an_open_leg_due_and_wakes_no_ended_one(database: Database, rows: "Rows") -> None:
    def write(session: Session) -> list[str]:
        return [rows.open(session, due_at=due).leg_id for due in (rows.now + HOUR, rows.now - HOUR, None)]

    ids = await database.write(write)
    await database.write(lambda session: payments.make_due(session, ids, rows.now))

    def read(session: Session) -> list[Any]:
        return list(session.connection().execute(select(LEG.c.due_at).order_by(LEG.c.id)).scalars())

    assert await database.read(read) == [rows.now, rows.now - HOUR, None]


async def test_a_customer_has_their_payment_looked_at_now_but_not_over_and_over(
    database: Database, rows: "Rows"
) -> None:
    def write(session: Session) -> str:
        return rows.open(session, state="pending", due_at=rows.now + HOUR, updated_at=rows.now - HOUR).payment_id

    payment = await database.write(write)

    async def due_after_asking(quiet_since: datetime) -> datetime:
        def ask(session: Session) -> datetime:
            payments.make_payment_due(session, payment, states=["pending"], now=rows.now, quiet_since=quiet_since)
            due = session.connection().execute(select(LEG.c.due_at)).scalar_one()
            assert isinstance(due, datetime)
            return due

        return await database.write(ask)

    assert await due_after_asking(rows.now - 2 * HOUR) == rows.now + HOUR
    assert await due_after_asking(rows.now) == rows.now


async def test_a_case_is_opened_once_however_it_is_reported(database: Database, rows: "Rows") -> None:
    first, second = rows.case(), rows.case()
    again = rows.case(dedupe_key=first["dedupe_key"], detail="said again")
    assert await database.write(lambda session: payments.open_cases(session, [first])) == 1
    assert await database.write(lambda session: payments.open_cases(session, [again])) == 0
    assert await database.write(lambda session: payments.open_cases(session, [again, second])) == 1
    assert await database.write(lambda session: payments.open_cases(session, [])) == 0
    details = await database.read(lambda session: session.connection().execute(select(CASE.c.detail)).scalars().all())
    assert details == [first["detail"], second["detail"]]


async def test_a_card_is_read_with_what_stands_beside_the_payment(database: Database, rows: "Rows") -> None:
    def write(session: Session) -> payments.LegKey:
        key = rows.open(session)
        payments.add_leg(session, rows.leg(key.payment_id, position=1, kind="refund", receipt="RF1"))
        resolved = rows.case(payment_id=key.payment_id, resolved_at=rows.now)
        payments.open_cases(session, [resolved])
        payments.open_cases(session, [rows.case(payment_id=key.payment_id), rows.case()])
        event = {"id": "e1", "leg_id": key.leg_id, "payment_id": key.payment_id, "at": rows.now}
        payments.add_events(session, [event | {"cause": "submit", "actor": "engine", "to_state": "ready"}])
        return key

    key = await database.write(write)
    record = await database.read(lambda session: cards.payment_record(session, key.payment_id))
    assert record is not None
    refund = record.leg("refund")
    assert refund is not None
    assert (record.language, refund.receipt, record.open_cases) == ("en", "RF1", 1)
    owner, code = record.payment.customer_id, record.payment.code
    assert await database.read(lambda session: cards.customer_payment_by_code(session, owner, code)) is not None
    assert await database.read(lambda session: cards.customer_payment_by_code(session, "other", code)) is None
    listed = await database.read(lambda session: cards.customer_payments(session, owner, limit=5))
    assert [one.payment.id for one in listed] == [key.payment_id]
    assert await database.read(lambda session: cards.payment_record(session, "unknown")) is None
    events = await database.read(lambda session: session.connection().execute(select(EVENT.c.to_state)).scalars().all())
    assert events == ["ready"]


async def test_two_claimers_never_share_a_leg_and_none_waits_for_the_other(postgres_url: str, rows: "Rows") -> None:
    first, second = Database(postgres_url), Database(postgres_url)
    await first.start()
    await second.start()
    await first.write(lambda session: [rows.open(session) for _ in range(60)])
    claimed, go_on = threading.Event(), threading.Event()

    def hold(session: Session) -> set[str]:
        taken = claim(session, rows, owner="first", limit=20)
        claimed.set()
        assert go_on.wait(10)
        return taken

    holding = asyncio.create_task(first.write(hold))
    await asyncio.to_thread(claimed.wait, 10)
    others = await asyncio.wait_for(second.write(lambda session: claim(session, rows, owner="second", limit=30)), 20)
    go_on.set()
    mine = await holding
    assert len(mine) == 20
    assert len(others) == 30
    assert not mine & others

    both = (first, second) * 10
    rest = await asyncio.gather(*(one.write(lambda session: claim(session, rows, limit=3)) for one in both))
    assert sorted(leg for taken in rest for leg in taken) == sorted({leg for taken in rest for leg in taken})
    assert sum(map(len, rest)) == 10
    await first.stop()
    await second.stop()


async def test_two_holders_of_the_same_payments_take_turns(postgres_url: str, rows: "Rows") -> None:
    """Whichever order they name them in: rows are locked in one order, so there is no deadlock, and no lost change."""
    database = Database(postgres_url)
    await database.start()
    keys = await database.write(lambda session: [rows.open(session) for _ in range(4)])
    ids = [key.payment_id for key in keys]

    def advance(order: list[str], session: Session) -> None:
        held = payments.hold_payments(session, order)
        payments.change_payments(session, [payment_change(rows, one.id, one.revision) for one in held.values()])

    await asyncio.gather(*(database.write(partial(advance, ids[:: 1 if number % 2 else -1])) for number in range(20)))
    revisions = await database.read(lambda session: session.connection().execute(select(PAYMENT.c.revision)).scalars())
    assert list(revisions) == [21] * 4
    await database.stop()


async def test_a_time_to_look_again_that_is_set_while_a_leg_is_held_is_not_lost(
    postgres_url: str, rows: "Rows"
) -> None:
    first, second = Database(postgres_url), Database(postgres_url)
    await first.start()
    await second.start()
    key = await first.write(lambda session: rows.open(session, due_at=rows.now + HOUR))
    held, go_on = threading.Event(), threading.Event()

    def change(session: Session) -> None:
        (leg,) = payments.hold_payments(session, [key.payment_id])[key.payment_id].legs
        held.set()
        assert go_on.wait(10)
        payments.change_legs(session, [leg_change(rows, leg.id, leg.state, state=leg.state, due_at=leg.due_at)])

    changing = asyncio.create_task(first.write(change))
    await asyncio.to_thread(held.wait, 10)
    asking = asyncio.create_task(second.write(lambda session: payments.make_due(session, [key.leg_id], rows.now)))
    await asyncio.wait([asking], timeout=0.3)
    go_on.set()
    await asyncio.gather(changing, asking)
    leg = await first.read(lambda session: payments.leg(session, key.leg_id))
    assert leg is not None
    assert leg.due_at == rows.now
    await first.stop()
    await second.stop()
