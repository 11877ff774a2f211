"""An update's effects and its mark are one: handled again when they were lost, never when they were kept."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session
from telegram import Update
from telegram.ext import TypeHandler

from bot.engine.effects import effects
from bot.engine.inbox import Inbox, RawUpdate
from bot.engine.outbox import NOTICE_PAYLOAD, Outbox
from bot.engine.wakes import Wakes
from bot.screens.screen import Screen
from bot.telegram.application import App, build_application
from bot.telegram.handling import MOST_ATTEMPTS, InboxWorker
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.notices import NOTICE
from storage.payments import CASE, LostRace
from storage.tables import MessageSlot
from storage.updates import UPDATE
from tests.telegram.conftest import TOKEN, HeldClock, until

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBUserWarning")
Work = Callable[[Update], Awaitable[None]]


class Bench:
    """A worker whose handler is the test's own."""

    def __init__(
        self, worker: Callable[[str], InboxWorker], inbox: Inbox, database: Database, clock: HeldClock
    ) -> None:
        self.handler: Work
        self.worker = worker
        self.inbox = inbox
        self.database = database
        self.clock = clock

    async def store(self, *updates: tuple[int, int]) -> None:
        await self.inbox.store([said(update_id, person) for update_id, person in updates])

    async def states(self) -> dict[int, str]:
        rows = await self.database.read(
            lambda session: session.connection().execute(select(UPDATE.c.update_id, UPDATE.c.state)).all()
        )
        return {row[0]: row[1] for row in rows}


def said(update_id: int, person: int) -> RawUpdate:
    message = {
        "message_id": update_id,
        "date": int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()),
        "from": {"id": person, "is_bot": False, "first_name": "A", "language_code": "sw"},
        "chat": {"id": person, "type": "private"},
        "text": f"text {update_id}",
    }
    return RawUpdate.from_object({"update_id": update_id, "message": message})


@pytest.fixture
async def bench(
    database: Database, keyring: Keyring, inbox: Inbox, outbox: Outbox, clock: HeldClock, wakes: Wakes
) -> Bench:
    application: App = build_application(TOKEN, "http://127.0.0.1:9")  # nothing is called
    application._initialized = True

    async def handle(update: Update, context: Any) -> None:
        await bench.handler(update)

    def sorry(chat_id: int, language: str | None) -> Screen:
        return Screen(f"sorry {language}")

    def worker(owner: str) -> InboxWorker:
        return InboxWorker(database, keyring, application, outbox, sorry, clock, wakes, owner=owner)

    application.add_handler(TypeHandler(Update, handle))
    bench = Bench(worker, inbox, database, clock)
    return bench


def mark(session: Session, number: int) -> None:
    session.add(MessageSlot(chat_id=number, slot="x", message_id=number, updated_at=datetime(2026, 1, 1, tzinfo=UTC)))


async def marks(database: Database) -> list[int]:
    return sorted(
        await database.read(lambda session: session.connection().execute(select(MessageSlot.chat_id)).scalars().all())
    )


async def test_effects_are_written_with_the_mark_and_what_comes_afterwards_comes_after(bench: Bench) -> None:
    seen: list[Any] = []

    async def handler(update: Update) -> None:
        async def afterwards() -> None:
            seen.append(await marks(bench.database))

        effects().add(lambda session: mark(session, update.update_id))
        effects().after_commit(afterwards)

    bench.handler = handler
    await bench.store((1, 7), (2, 7), (3, 8))
    worker = bench.worker("a")
    assert await worker.step() == 2
    assert await worker.step() == 1
    assert await marks(bench.database) == [1, 2, 3]
    assert 1 in seen[0]
    assert await bench.states() == {1: "done", 2: "done", 3: "done"}


async def test_an_update_whose_commit_was_lost_is_handled_again_and_its_effects_exist_once(bench: Bench) -> None:
    handled: Counter[int] = Counter()

    async def handler(update: Update) -> None:
        handled[update.update_id] += 1
        effects().add(lambda session: mark(session, update.update_id))

    bench.handler = handler
    await bench.store((1, 7))
    first = bench.worker("first")
    (claimed,) = await first.claim()  # and the process dies before it commits anything
    await first._process({"update_id": 1, **(await _body())})
    assert await bench.worker("second").step() == 0  # still under the lease
    bench.clock.pass_by(61)
    assert await bench.worker("second").step() == 1
    assert handled[1] == 2
    assert await marks(bench.database) == [1]
    first._start(claimed)  # a process that was only slow wakes up: its work is thrown away
    while first._in_flight:
        await asyncio.wait(first._in_flight)
    assert await bench.states() == {1: "done"}


async def _body() -> dict[str, Any]:
    return {"message": {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "x"}}


async def test_a_lost_race_is_handled_from_the_start(bench: Bench) -> None:
    tries: list[int] = []

    def work(session: Session) -> None:
        mark(session, len(tries))
        if len(tries) < 3:
            raise LostRace

    async def handler(update: Update) -> None:
        tries.append(update.update_id)
        effects().add(work)

    bench.handler = handler
    await bench.store((1, 7))
    await bench.worker("a").step()
    assert tries == [1, 1, 1]
    assert await marks(bench.database) == [3]


async def test_poison_is_parked_the_person_is_told_and_nobody_else_waits(bench: Bench, keyring: Keyring) -> None:
    handled: list[int] = []

    async def handler(update: Update) -> None:
        if update.update_id == 1:
            effects().add(lambda session: mark(session, 99))
            raise ZeroDivisionError
        handled.append(update.update_id)

    bench.handler = handler
    await bench.store((1, 7), (2, 7), (3, 8))
    worker = bench.worker("a")
    await worker.step()
    assert handled == [3]
    for _ in range(MOST_ATTEMPTS):
        bench.clock.pass_by(30)
        await worker.step()
    assert handled == [3, 2]
    assert await bench.states() == {1: "parked", 2: "done", 3: "done"}
    assert await marks(bench.database) == []
    notice, cases = await bench.database.read(
        lambda session: (
            session.connection().execute(select(NOTICE)).mappings().one(),
            session.connection().execute(select(CASE.c.detail)).scalars().all(),
        )
    )
    payload = keyring.open_json(notice["payload_sealed"], context=NOTICE_PAYLOAD)
    assert (notice["chat_id"], payload["screen"]["text"]) == (7, "sorry sw")
    assert len(cases) == 1
    assert "text 1" not in cases[0]


async def test_an_update_that_ends_the_process_is_parked_too(bench: Bench) -> None:
    async def handler(update: Update) -> None:
        raise AssertionError("never reached")

    bench.handler = handler
    await bench.store((1, 7))
    for attempt in range(MOST_ATTEMPTS):
        assert len(await bench.worker(f"dies-{attempt}").claim()) == 1
        bench.clock.pass_by(61)
    await bench.worker("lives").step()
    assert await bench.states() == {1: "parked"}


async def test_a_body_that_cannot_be_opened_blocks_nobody(bench: Bench, database: Database) -> None:
    handled: list[int] = []

    async def handler(update: Update) -> None:
        handled.append(update.update_id)

    bench.handler = handler
    await bench.store((1, 7), (2, 7))
    spoil = UPDATE.update().where(UPDATE.c.update_id == 1).values(body_sealed=b"x")
    await database.write(lambda session: session.connection().execute(spoil) and None)
    worker = bench.worker("a")
    for _ in range(MOST_ATTEMPTS + 1):
        await worker.step()
        bench.clock.pass_by(30)
    assert handled == [2]
    assert await bench.states() == {1: "parked", 2: "done"}


async def test_a_database_that_is_away_is_nobodys_fault(bench: Bench) -> None:
    away = [True] * 20

    async def handler(update: Update) -> None:
        if away:
            away.pop()
            raise StorageUnavailable("away")

    bench.handler = handler
    await bench.store((1, 7))
    worker = bench.worker("a")
    for _ in range(21):
        await worker.step()
        bench.clock.pass_by(1)
    assert await bench.states() == {1: "done"}


async def test_persons_are_handled_together_and_each_ones_updates_in_turn(bench: Bench) -> None:
    inside: Counter[int] = Counter()
    order: dict[int, list[int]] = {}
    most = 0

    async def handler(update: Update) -> None:
        nonlocal most
        assert update.effective_user is not None
        person = update.effective_user.id
        inside[person] += 1
        assert inside[person] == 1
        most = max(most, inside.total())
        await asyncio.sleep(0.01)
        inside[person] -= 1
        order.setdefault(person, []).append(update.update_id)

    bench.handler = handler
    await bench.store(*((n, n % 4) for n in range(1, 25)))
    workers = [bench.worker(f"w{n}") for n in range(3)]
    running = [asyncio.create_task(worker.run()) for worker in workers]

    async def all_done() -> bool:
        return set((await bench.states()).values()) == {"done"}

    await until(all_done)
    for worker in workers:
        worker.stop()
    await asyncio.gather(*running)
    assert most > 1
    assert all(ids == sorted(ids) for ids in order.values())
