"""Telling many over real HTTP: everybody once, whatever crashes; and news of somebody's money goes before all of it."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from bot.drawing.team import team_reads
from bot.drawing.words import word_renderers
from bot.engine.effects import Effects
from bot.engine.operators.broadcasting import AT_A_TIME, Broadcasts, Place
from bot.engine.operators.results import Operator, Role
from bot.engine.operators.roles import Operators
from bot.engine.operators.word_results import EVERYBODY
from bot.engine.outbox import Outbox
from bot.engine.wakes import Wakes
from bot.payments.identifiers import new_id
from bot.screens.screen import Screen
from bot.simulator.faults import Match, Rule
from bot.simulator.telegram import TelegramWorld
from bot.telegram.pacing import Pace
from storage.crypto import Keyring
from storage.customers import add_customer
from storage.database import Database
from tests.telegram.conftest import HeldClock, Senders, drain

PEOPLE, WORDS = 300, "We are closed\non Sunday"
OWNER = Operator(1, Role.OWNER)
SLOWER = Pace(between_calls=timedelta(milliseconds=1), in_chat=timedelta(), in_group=timedelta())


class Business:
    """A broadcaster, senders, and customers who started the bot."""

    def __init__(self, database: Database, keyring: Keyring, clock: HeldClock, wakes: Wakes, senders: Senders) -> None:
        self.database, self.clock, self.senders = database, clock, senders
        operators = Operators(database, keyring, clock, owners=frozenset({OWNER.telegram_id}))
        self._made = (database, keyring, clock, wakes, operators)
        self.outbox = Outbox(keyring, clock)
        words = word_renderers(None, Broadcasts(*self._made), clock, team_reads(operators))  # type: ignore[arg-type]
        senders.renderers = {**senders.renderers, **words}

    def broadcaster(self) -> Broadcasts:
        return Broadcasts(*self._made)

    async def meet(self, world: TelegramWorld, count: int) -> list[int]:
        people = [world.people.add(f"P{number}").id for number in range(count)]
        for person in people:
            world.people.start(person)

        def add(session: Session) -> None:
            for person in people:
                row = {"id": new_id(), "telegram_id": person, "chat_id": person, "language": "en"}
                add_customer(session, row | {"created_at": self.clock(), "updated_at": self.clock()})

        await self.database.write(add)
        return people

    async def begin(self, chat: int, total: int) -> str:
        effects = Effects()
        self.broadcaster().stage_begin(
            effects, OWNER, Place(chat, None, "en"), audience=EVERYBODY, words=WORDS, total=total
        )
        await self.database.write(effects.write)
        begun = await self.broadcaster().sending()
        assert begun is not None
        return begun.id

    async def work(self, *, until: Any = None) -> None:
        """Broadcaster and sender in turns, until nothing is left, or until it is so."""
        broadcaster, sender = self.broadcaster(), self.senders(SLOWER)
        for _ in range(500):
            written = await broadcaster.step()
            said = await sender.step()
            self.clock.pass_by(0.6)
            if (until is not None and until()) or (written == 0 and said == 0):
                return
        raise AssertionError("it does not end")


@pytest.fixture
def business(database: Database, keyring: Keyring, clock: HeldClock, wakes: Wakes, senders: Senders) -> Business:
    return Business(database, keyring, clock, wakes, senders)


def heard(world: TelegramWorld, people: list[int]) -> Counter[int]:
    return Counter(
        {p: sum("Sunday" in message.content.text for message in world.messages(p, by_bot=True)) for p in people}
    )


async def test_three_hundred_hear_it_once_though_it_crashes_in_the_middle(
    business: Business, world: TelegramWorld
) -> None:
    team, *people = await business.meet(world, PEOPLE + 1)
    broadcast = await business.begin(team, PEOPLE + 1)
    await business.work(until=lambda: heard(world, people).total() >= PEOPLE // 3)
    assert heard(world, people).total() < PEOPLE // 2

    # a process ends between Telegram's yes and its own mark; what it had claimed, and was about to write, is left there
    sender, broadcaster = business.senders(SLOWER), business.broadcaster()
    world.inject(Rule(action="drop_response", match=Match(operation="sendMessage"), times=1))
    tasks = [asyncio.create_task(sender.run()), asyncio.create_task(broadcaster.run())]
    await asyncio.sleep(0.03)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0.05)
    business.clock.pass_by(61)  # its leases run out

    two = [asyncio.create_task(business.work()) for _ in range(2)]  # replicas
    await asyncio.gather(*two)
    await business.work()
    counts = heard(world, people)
    assert max(counts.values()) == 1
    end = await business.broadcaster().by_id(broadcast)
    assert end is not None
    assert end.state == "sent"
    assert end.delivered + end.unreachable == PEOPLE + 1
    assert counts.total() >= PEOPLE - end.unreachable
    assert end.unreachable <= 15  # those that were being said at that moment, who may have heard it
    told = [message.content.text for message in world.messages(team, by_bot=True)]
    assert sum("Message to many: sent" in text for text in told) == 2  # the card, and one message that rings


async def test_news_of_money_goes_before_whatever_is_told_to_many(business: Business, world: TelegramWorld) -> None:
    team, *people = await business.meet(world, 101)
    await business.begin(team, 101)
    await business.work(until=lambda: heard(world, people).total() >= 20)
    waiting = [p for p in people if heard(world, [p])[p] == 0]
    before, last = heard(world, people).total(), waiting[-1]
    await business.broadcaster().step()
    for person in (last, waiting[0]):  # to the last of them, and to one whose copy is next
        effects = Effects()
        business.outbox.say(effects, chat_id=person, screen=Screen("Your money arrived"), dedupe_key=f"money:{person}")
        await business.database.write(effects.write)
    await business.senders(SLOWER).step()
    for person in (last, waiting[0]):
        assert [message.content.text for message in world.messages(person, by_bot=True)] == ["Your money arrived"]
    assert heard(world, people).total() - before <= AT_A_TIME
    await business.work()
    assert set(heard(world, people).values()) == {1}


async def test_who_has_blocked_the_assistant_is_counted_and_not_told_later(
    business: Business, world: TelegramWorld
) -> None:
    team, asha, ben = await business.meet(world, 3)
    world.people.block(asha)
    broadcast = await business.begin(team, 3)
    await business.work()
    end = await business.broadcaster().by_id(broadcast)
    assert end is not None
    assert (end.state, end.delivered, end.unreachable) == ("sent", 2, 1)
    business.clock.pass_by(3 * 86_400)
    world.people.start(asha)
    effects = Effects()
    business.outbox.welcome_back(effects, chat_id=asha)
    await business.database.write(effects.write)
    await drain(business.senders())
    assert heard(world, [asha, ben]) == {asha: 0, ben: 1}


async def test_one_that_is_stopped_goes_no_further(business: Business, world: TelegramWorld) -> None:
    team, *people = await business.meet(world, 101)
    await business.begin(team, 101)
    await business.work(until=lambda: heard(world, people).total() >= 10)
    broadcaster = business.broadcaster()
    running = await broadcaster.sending()
    assert running is not None
    effects = Effects()
    broadcaster.stage_cancel(effects, OWNER, running)
    await business.database.write(effects.write)
    before = heard(world, people).total()
    await business.work()
    assert heard(world, people).total() == before < 100
    assert await broadcaster.sending() is None
    end = await broadcaster.by_id(running.id)
    assert end is not None
    assert end.state == "cancelled"
    assert end.delivered - before in (0, 1)  # the team's chat is that of a customer too
