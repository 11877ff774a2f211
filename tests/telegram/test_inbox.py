"""Updates are stored once, and handed out one person at a time, whoever asks and in whatever order they came."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, func, make_url, select

from bot.engine.inbox import Inbox, RawUpdate, UnreadableUpdate
from bot.engine.wakes import Wakes
from storage.crypto import Keyring
from storage.database import Database
from storage.session import WorkSession
from storage.updates import UPDATE, ClaimedUpdate, LostLease, claim_updates, finish_update, postpone_update
from tests.telegram.conftest import HeldClock

LEASE = timedelta(seconds=60)


def said(update_id: int, person: int = 7, text: str = "hi") -> RawUpdate:
    message = {"message_id": update_id, "from": {"id": person}, "chat": {"id": person}, "text": text}
    return RawUpdate.from_object({"update_id": update_id, "message": message})


async def claim(database: Database, clock: HeldClock, lease: str = "a", limit: int = 10) -> list[ClaimedUpdate]:
    now = clock()
    return await database.write(
        lambda session: claim_updates(session, lease=lease, now=now, until=now + LEASE, limit=limit)
    )


async def finish(database: Database, clock: HeldClock, claimed: ClaimedUpdate) -> None:
    await database.write(lambda session: finish_update(session, claimed, clock()))


async def count(database: Database) -> int:
    return await database.read(
        lambda session: session.connection().execute(select(func.count()).select_from(UPDATE)).scalar_one()
    )


async def test_an_update_is_stored_once_however_often_and_together_it_comes(
    database: Database, inbox: Inbox, clock: HeldClock
) -> None:
    await asyncio.gather(*(inbox.store([said(n), said(n)]) for n in [5, 6, 5, 6, 5] * 10))
    assert await count(database) == 2
    first = (await claim(database, clock))[0]
    await finish(database, clock, first)
    await inbox.store([said(5)])  # again, after it was handled
    assert [one.update_id for one in await claim(database, clock)] == [6]


async def test_each_persons_oldest_update_is_handed_out_and_nothing_else_until_it_is_done(
    database: Database, inbox: Inbox, clock: HeldClock
) -> None:
    await inbox.store([said(11, 1), said(10, 1), said(12, 2), said(13, 2), said(14, 3)])
    claimed = await claim(database, clock)
    assert {(one.person, one.update_id) for one in claimed} == {("u:1", 10), ("u:2", 12), ("u:3", 14)}
    assert await claim(database, clock, "b") == []
    await finish(database, clock, next(one for one in claimed if one.update_id == 10))
    assert [one.update_id for one in await claim(database, clock, "b")] == [11]


async def test_an_older_update_that_arrives_late_waits_for_the_newer_one_at_hand(
    database: Database, inbox: Inbox, clock: HeldClock
) -> None:
    await inbox.store([said(20)])
    (newer,) = await claim(database, clock)
    await inbox.store([said(19)])
    assert await claim(database, clock, "b") == []
    await finish(database, clock, newer)
    assert [one.update_id for one in await claim(database, clock, "b")] == [19]


async def test_a_lease_that_ran_out_goes_to_somebody_else_and_its_holder_can_commit_nothing(
    database: Database, inbox: Inbox, clock: HeldClock
) -> None:
    await inbox.store([said(1)])
    (slow,) = await claim(database, clock, "slow")
    clock.pass_by(61)
    (quick,) = await claim(database, clock, "quick")
    assert (quick.attempts, quick.update_id) == (2, 1)
    with pytest.raises(LostLease):
        await finish(database, clock, slow)
    await finish(database, clock, quick)


async def test_a_postponed_update_holds_back_its_person_and_nobody_else(
    database: Database, inbox: Inbox, clock: HeldClock
) -> None:
    await inbox.store([said(1, 1), said(2, 1), said(3, 2)])
    first, other = await claim(database, clock)
    due_at = clock() + timedelta(seconds=5)
    await database.write(lambda session: postpone_update(session, first, due_at=due_at, error="x"))
    await finish(database, clock, other)
    assert await claim(database, clock) == []
    clock.pass_by(5)
    assert [one.update_id for one in await claim(database, clock)] == [1]


async def test_what_was_said_is_forgotten_when_it_is_done(database: Database, inbox: Inbox, clock: HeldClock) -> None:
    await inbox.store([said(1, text="canary")])
    (claimed,) = await claim(database, clock)
    await finish(database, clock, claimed)
    row = await database.read(lambda session: session.connection().execute(select(UPDATE)).mappings().one())
    assert row["body_sealed"] is None
    assert row["state"] == "done"


async def test_replicas_that_claim_at_once_never_hold_two_updates_of_a_person(
    database: Database, database_url: str, inbox: Inbox, clock: HeldClock
) -> None:
    """Updates arrive in a wild order while four claimers take, finish and take again."""
    replicas = [database]
    if database.dialect == "postgresql":
        replicas += [Database(database_url, connections=2) for _ in range(3)]
        await asyncio.gather(*(replica.start() for replica in replicas[1:]))
    held: dict[str, int] = {}
    handled: list[int] = []
    ids = [(n * 37) % 101 for n in range(1, 101)]

    async def arrive() -> None:
        for update_id in ids:
            await inbox.store([said(update_id, update_id % 5)])

    async def work(number: int, replica: Database) -> None:
        while len(handled) < 100:
            for one in await claim(replica, clock, f"worker-{number}", 3):
                assert one.person not in held
                held[one.person] = one.update_id
                await asyncio.sleep(0)
                del held[one.person]
                handled.append(one.update_id)
                await finish(replica, clock, one)
            await asyncio.sleep(0)

    async with asyncio.timeout(60):
        await asyncio.gather(arrive(), *(work(n, replicas[n % len(replicas)]) for n in range(4)))
    assert sorted(handled) == sorted(ids)
    await asyncio.gather(*(replica.stop() for replica in replicas[1:]))


async def test_an_older_update_that_arrives_during_a_claim_elsewhere_is_not_handed_out_beside_it(
    postgres_url: str, keyring: Keyring, clock: HeldClock, wakes: Wakes
) -> None:
    """The claim of the newer one is not committed yet, so nobody can see its lease."""
    database = Database(postgres_url)
    await database.start()
    inbox = Inbox(database, keyring, clock, wakes)
    await inbox.store([said(20)])
    engine = create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg"))
    with WorkSession(engine) as elsewhere:
        assert len(claim_updates(elsewhere, lease="a", now=clock(), until=clock() + LEASE, limit=5)) == 1
        await inbox.store([said(19)])
        assert await claim(database, clock, "b") == []
        elsewhere.finish()
    assert await claim(database, clock, "b") == []
    engine.dispose()
    await database.stop()


@pytest.mark.parametrize(
    ("part", "person"),
    [
        ({"message": {"from": {"id": 7}, "chat": {"id": -5}}}, "u:7"),
        ({"callback_query": {"id": "1", "from": {"id": 7}}}, "u:7"),
        ({"my_chat_member": {"from": {"id": 7}, "chat": {"id": 7}}}, "u:7"),
        ({"message_reaction": {"user": {"id": 7}, "chat": {"id": -5}}}, "u:7"),
        ({"channel_post": {"chat": {"id": -5}}}, "c:-5"),
        ({"poll": {"id": "5"}}, "o:1"),
        ({"something_new": 5}, "o:1"),
    ],
)
def test_whose_update_it_is(part: dict[str, Any], person: str) -> None:
    assert RawUpdate.from_object({"update_id": 1, **part}).person == person


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"update_id": "1"}', b'{"update_id": true}', b'{"update_id": -1}', b"\xff", b"[" * 100_000],
)
def test_what_is_no_update_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableUpdate):
        RawUpdate.from_bytes(body)


def test_an_update_keeps_its_bytes_and_does_not_print_them() -> None:
    body = json.dumps({"update_id": 1, "message": {"from": {"id": 1}, "text": "canary"}}).encode()
    assert RawUpdate.from_bytes(body).body == body
    assert "canary" not in repr(RawUpdate.from_bytes(body))
