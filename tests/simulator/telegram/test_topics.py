"""Forums: topics that the bot makes, what stands in them, and everything that Telegram refuses about them."""

import pytest
from telegram import Bot
from telegram.error import BadRequest

from bot.simulator.telegram import Chat, NotPossible, Person, TelegramWorld
from bot.simulator.telegram.topics import close_topic, delete_topic, open_forum


@pytest.fixture
def forum(world: TelegramWorld, amina: Person) -> Chat:
    """A supergroup with topics, where the bot may make some."""
    group = world.people.migrate(world.people.add_group("Desk", [amina.id]).id)
    open_forum(world, group)
    world.updates.drop()
    return group


async def test_what_is_sent_to_a_topic_stands_there_and_what_is_not_stands_in_general(bot: Bot, forum: Chat) -> None:
    topic = await bot.create_forum_topic(forum.id, "Low balance")

    there = await bot.send_message(forum.id, "KES 10", message_thread_id=topic.message_thread_id)
    general = await bot.send_message(forum.id, "hello")

    assert (await bot.get_chat(forum.id)).is_forum
    assert (there.message_thread_id, there.is_topic_message) == (topic.message_thread_id, True)
    assert general.message_thread_id is None
    created = forum.messages[topic.message_thread_id]
    assert created.content.extra["forum_topic_created"] == {"name": "Low balance", "icon_color": topic.icon_color}


async def test_words_in_a_topic_answer_the_message_that_began_it(
    bot: Bot, world: TelegramWorld, forum: Chat, amina: Person
) -> None:
    topic = (await bot.create_forum_topic(forum.id, "Customers")).message_thread_id
    world.people.say(amina.id, "looking", chat=forum.id, topic=topic)
    world.people.say(amina.id, "in general", chat=forum.id)

    there, general = (update.message for update in await bot.get_updates())
    assert there is not None
    assert general is not None
    assert (there.message_thread_id, there.is_topic_message) == (topic, True)
    assert there.reply_to_message is not None
    assert there.reply_to_message.forum_topic_created is not None
    assert (general.message_thread_id, general.reply_to_message) == (None, None)


async def test_a_topic_needs_a_forum_the_right_to_make_one_and_a_name(
    bot: Bot, world: TelegramWorld, forum: Chat, amina: Person
) -> None:
    plain = world.people.migrate(world.people.add_group("Friends", [amina.id]).id)

    with pytest.raises(BadRequest, match="The chat is not a forum"):
        await bot.create_forum_topic(plain.id, "Low balance")
    with pytest.raises(BadRequest, match="Topic name is not specified"):
        await bot.create_forum_topic(forum.id, " ")
    with pytest.raises(BadRequest, match="Topic_title_invalid"):
        await bot.create_forum_topic(forum.id, "x" * 129)
    with pytest.raises(BadRequest, match="Wrong icon color"):
        await bot.create_forum_topic(forum.id, "Low balance", icon_color=1)
    open_forum(world, forum, manages=False)
    with pytest.raises(BadRequest, match="Not enough rights to create a topic"):
        await bot.create_forum_topic(forum.id, "Low balance")


async def test_nothing_goes_to_a_topic_that_is_not_there_and_to_a_closed_one_only_from_who_manages_topics(
    bot: Bot, world: TelegramWorld, forum: Chat, amina: Person
) -> None:
    topic = (await bot.create_forum_topic(forum.id, "Low balance")).message_thread_id

    for nowhere in (1, topic + 100):  # General has no number
        with pytest.raises(BadRequest, match="Message thread not found"):
            await bot.send_message(forum.id, "hello", message_thread_id=nowhere)
    close_topic(forum, topic)
    assert (await bot.send_message(forum.id, "still", message_thread_id=topic)).message_thread_id == topic
    with pytest.raises(NotPossible, match="closed"):
        world.people.say(amina.id, "hello", chat=forum.id, topic=topic)
    open_forum(world, forum, manages=False)
    with pytest.raises(BadRequest, match="Topic_closed"):
        await bot.send_message(forum.id, "hello", message_thread_id=topic)
    delete_topic(world, forum, topic)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(forum.id, "hello", message_thread_id=topic)
