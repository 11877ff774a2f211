"""Updates: polling with offsets, what is kept and for how long, who may poll, disorder."""

import asyncio

import pytest
from telegram import Bot
from telegram.error import Conflict

from bot.simulator.telegram import Person, TelegramWorld


async def texts(bot: Bot, **asked: object) -> list[str | None]:
    updates = await bot.get_updates(**asked)  # type: ignore[arg-type]
    return [update.message.text if update.message else None for update in updates]


async def test_updates_come_again_until_the_offset_passes_them(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    world.people.say(amina.id, "one")
    world.people.say(amina.id, "two")

    first = await bot.get_updates()
    assert await texts(bot) == ["one", "two"]
    assert await texts(bot, offset=first[0].update_id + 1) == ["two"]
    assert await texts(bot, offset=first[1].update_id + 1) == []
    assert await texts(bot, offset=first[0].update_id) == []


async def test_a_negative_offset_forgets_all_but_the_last(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    for text in ("one", "two", "three"):
        world.people.say(amina.id, text)

    assert await texts(bot, offset=-1) == ["three"]
    assert await texts(bot) == ["three"]


async def test_a_batch_has_at_most_a_hundred(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    for number in range(120):
        world.people.say(amina.id, str(number))

    assert await texts(bot, limit=2) == ["0", "1"]
    assert len(await texts(bot)) == 100


async def test_a_long_poll_ends_when_something_happens(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    polling = asyncio.create_task(texts(bot, timeout=10))
    await world.until(lambda: world.polls == 1)
    world.people.say(amina.id, "hello")

    async with asyncio.timeout(2):
        assert await polling == ["hello"]


async def test_the_second_poller_ends_the_first(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    first = asyncio.create_task(texts(bot, timeout=10))
    await world.until(lambda: world.polls == 1)
    second = asyncio.create_task(texts(bot, timeout=10))

    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await first
    world.people.say(amina.id, "for the second")
    assert await second == ["for the second"]


async def test_kinds_are_kept_until_named_anew(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    world.people.say(amina.id, "unheard")
    await bot.get_updates()
    world.people.say(amina.id, "unheard too")
    assert await texts(bot) == []

    await bot.get_updates(allowed_updates=[])
    world.people.say(amina.id, "heard")
    assert await texts(bot) == ["heard"]
    assert "message_reaction" not in world.updates.allowed


async def test_messages_last_a_day_and_taps_150_seconds(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    world.people.say(amina.id, "text")
    world.people.forge_tap(amina.id, "data")

    await world.clock.advance(149)
    assert len(await bot.get_updates()) == 2
    await world.clock.advance(2)
    assert await texts(bot) == ["text"]
    await world.clock.advance(86_400)
    assert await texts(bot) == []


class TestDisorder:
    async def test_a_confirmed_update_can_come_again_and_twice(
        self, bot: Bot, world: TelegramWorld, amina: Person
    ) -> None:
        world.people.say(amina.id, "once")
        (update,) = await bot.get_updates()
        await bot.get_updates(offset=update.update_id + 1)

        assert world.updates.redeliver(update.update_id, copies=2)
        again = await bot.get_updates(offset=update.update_id + 1)
        assert [one.update_id for one in again] == [update.update_id] * 2
        assert await texts(bot, offset=update.update_id + 1) == []

    async def test_two_updates_change_places(self, bot: Bot, world: TelegramWorld, amina: Person) -> None:
        world.people.say(amina.id, "first")
        world.people.say(amina.id, "second")
        ids = [update.update_id for update in await bot.get_updates()]

        assert world.updates.swap(*ids)
        swapped = await bot.get_updates()
        assert [update.update_id for update in swapped] == ids
        assert await texts(bot) == ["second", "first"]

    async def test_what_is_held_is_released_in_reverse(self, bot: Bot, world: TelegramWorld, amina: Person) -> None:
        world.updates.hold()
        world.people.say(amina.id, "text")
        world.people.forge_tap(amina.id, "tap")
        assert await bot.get_updates() == ()

        assert world.updates.release("reversed") == 2
        assert [bool(update.callback_query) for update in await bot.get_updates()] == [True, False]

    async def test_numbers_jump_both_ways(self, bot: Bot, world: TelegramWorld, amina: Person) -> None:
        world.people.say(amina.id, "one")
        world.updates.jump(1000)
        world.people.say(amina.id, "two")
        world.updates.jump(-500)
        world.people.say(amina.id, "three")

        one, two, three = [update.update_id for update in await bot.get_updates()]
        assert two - one > 900
        assert one < three < two
