"""Talking to a person, below the chat and on both databases: one open at a time, and nothing said into what is closed."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.engine.customers import Customers, Person
from bot.engine.effects import Effects
from bot.engine.inquiries import MOST_A_DAY, MOST_AN_HOUR, TALK, WORDS, Inquiries
from bot.engine.operators.audience import Audience
from bot.engine.operators.results import Operator, Role
from bot.engine.operators.roles import Operators
from bot.engine.outbox import Outbox
from storage.crypto import Keyring
from storage.database import Database
from storage.inquiries import MESSAGE
from storage.payments import LostRace

OWNER = Operator(9_001, Role.OWNER)


class Desk:
    """A team, a customer, and a clock that stands still."""

    def __init__(self, database: Database) -> None:
        self.database, self.now = database, datetime(2026, 11, 24, 9, tzinfo=UTC)
        self.keyring = Keyring({"k1": b"k" * 32}, digest_key=b"d" * 32)
        owners = frozenset({OWNER.telegram_id})
        operators = Operators(database, self.keyring, self.clock, owners=owners)
        outbox = Outbox(self.keyring, self.clock)
        made = (database, self.keyring, self.clock, operators, outbox, Audience(chat=None, owners=owners))
        self.inquiries = Inquiries(*made, heard=True)
        self.customers = Customers(database, self.keyring, self.clock)

    def clock(self) -> datetime:
        return self.now

    async def person(self) -> Person:
        return await self.customers.meet(telegram_id=501, chat_id=501, language="en")

    async def open(self) -> str:
        effects = Effects()
        opened = self.inquiries.stage_open(effects, await self.person(), payment_id=None, topic=None)
        await self.database.write(effects.write)
        return opened

    async def write(self, inquiry: str, words: str) -> None:
        effects = Effects()
        self.inquiries.stage_words(effects, await self.person(), inquiry, words)
        await self.database.write(effects.write)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_a_customer_has_one_open_and_its_words_are_sealed(desk: Desk) -> None:
    opened = await desk.open()
    with pytest.raises(LostRace):
        await desk.open()
    for words in ("first", "second"):
        await desk.write(opened, words)
        desk.now += timedelta(minutes=1)
    inquiry = await desk.inquiries.of((await desk.person()).id)
    assert inquiry is not None
    assert [one.text for one in inquiry.said] == ["first", "second"]
    assert inquiry.waits_since == desk.now - timedelta(minutes=2)
    rows = await desk.database.read(lambda s: list(s.connection().execute(MESSAGE.select()).mappings()))
    assert not any(b"first" in row["words_sealed"] for row in rows)
    assert desk.keyring.open(rows[0]["words_sealed"], context=WORDS) == "first"


async def test_two_who_act_at_once_do_one_thing(desk: Desk) -> None:
    opened = await desk.open()
    await desk.write(opened, "help")
    inquiry = await desk.inquiries.by_id(opened)
    assert inquiry is not None
    answer, close, again = Effects(), Effects(), Effects()
    desk.inquiries.stage_answer(answer, OWNER, inquiry, "too late")
    desk.inquiries.stage_close(close, inquiry, OWNER)
    desk.inquiries.stage_close(again, inquiry, None)
    await desk.database.write(close.write)
    for late in (answer, again):
        with pytest.raises(LostRace):
            await desk.database.write(late.write)
    closed = await desk.inquiries.by_id(opened)
    assert closed is not None
    assert (closed.closed_by, [one.text for one in closed.said]) == (OWNER.telegram_id, ["help"])
    with pytest.raises(LostRace):
        await desk.write(opened, "into the void")
    other = await desk.open()
    reopen = Effects()
    desk.inquiries.stage_reopen(reopen, closed, OWNER)
    with pytest.raises(LostRace):  # another one is open by now
        await desk.database.write(reopen.write)
    assert await desk.inquiries.by_id(other) is not None


async def test_talking_ends_by_itself_and_limits_renew(desk: Desk) -> None:
    opened = await desk.open()
    assert desk.inquiries.talks(await desk.person())
    desk.now += TALK
    person = await desk.person()
    assert not desk.inquiries.talks(person)
    for number in range(MOST_AN_HOUR):
        assert await desk.inquiries.may_write(person.id)
        await desk.write(opened, str(number))
    assert not await desk.inquiries.may_write(person.id)
    desk.now += timedelta(hours=1, seconds=1)
    assert await desk.inquiries.may_write(person.id)
    for _ in range(MOST_A_DAY - 1):
        inquiry = await desk.inquiries.of(person.id)
        assert inquiry is not None
        close = Effects()
        desk.inquiries.stage_close(close, inquiry, None)
        await desk.database.write(close.write)
        assert await desk.inquiries.may_open(person.id)
        await desk.open()
    assert not await desk.inquiries.may_open(person.id)
    desk.now += timedelta(days=1, seconds=1)
    assert await desk.inquiries.may_open(person.id)
