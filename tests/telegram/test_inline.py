"""Messages that were posted in inline mode: offered at once, edited by their own name, and left alone when they are gone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.engine.effects import Effects
from bot.engine.outbox import notice_row, write_notice_rows
from bot.screens.inline import InlineAnswer, Offered
from bot.screens.screen import Button, Screen
from bot.simulator.telegram import Person, TelegramWorld
from bot.telegram.application import App
from bot.telegram.drawing import NoticeFacts, Rendered
from bot.telegram.inline import InlineAnswers
from storage.database import Database
from storage.notices import NOTICE, SLOT

from .conftest import HeldClock, Senders, drain

CHAT = -(2**61) - 5
CARD = Screen(text="<b>500 KES</b>", rows=((Button("Pay", url="https://t.me/assistant_bot?start=r_x"),),))
ANSWER = InlineAnswer((Offered("o.x", "Ask for 500 KES", "lunch", CARD),), "Open the assistant", "inline")


async def posted(world: TelegramWorld, application: App, person: Person) -> str:
    """A card that somebody posted in their chat; its inline message id."""
    query = world.inline.ask(person.id, "500 lunch")
    effects = Effects()
    InlineAnswers(lambda: application.bot).answer(effects, query.id, ANSWER)
    await effects.finish()
    message = world.inline.choose(person.id, query.id, "o.x")
    assert message.content.text == "500 KES"
    assert message.inline_id is not None
    return message.inline_id


async def notice(database: Database, clock: HeldClock, key: str) -> None:
    row = notice_row(chat_id=CHAT, kind="request_card", dedupe_key=key, slot="r:1", now=clock())
    await database.write(lambda session: write_notice_rows(session, [row]))


async def states(database: Database) -> list[str]:
    query = select(NOTICE.c.state).where(NOTICE.c.chat_id == CHAT).order_by(NOTICE.c.id)
    return await database.read(lambda session: [row[0] for row in session.connection().execute(query)])


async def test_a_query_is_answered_for_its_asker_only_and_hardly_kept(
    world: TelegramWorld, application: App, asha: Person
) -> None:
    await posted(world, application, asha)
    [call] = world.called("answerInlineQuery")
    assert call.params["is_personal"] in (True, "true")
    assert int(call.params["cache_time"]) <= 5
    other = world.people.add("Eve")
    assert world.inline.ask(other.id, "500 lunch").offer is None


async def test_a_late_answer_is_left_at_that(world: TelegramWorld, application: App) -> None:
    effects = Effects()
    InlineAnswers(lambda: application.bot).answer(effects, "4711", ANSWER)
    await effects.finish()
    assert world.called("answerInlineQuery")


async def test_a_posted_card_is_edited_by_its_inline_name_and_never_sent_anew(
    world: TelegramWorld, application: App, asha: Person, senders: Senders, database: Database, clock: HeldClock
) -> None:
    name = await posted(world, application, asha)
    shown = ["one of three paid"]

    async def render(facts: NoticeFacts) -> Rendered:
        return Rendered(Screen(text=shown[0], rows=CARD.rows), inline=name)

    senders.renderers["request_card"] = render
    await notice(database, clock, "a")
    await drain(senders())
    assert world.inline.messages[name].content.text == "one of three paid"
    await notice(database, clock, "b")  # the same again is no error
    clock.pass_by(5)
    await drain(senders())
    shown[0] = "closed"
    await notice(database, clock, "c")
    clock.pass_by(5)
    await drain(senders())
    assert world.inline.messages[name].content.text == "closed"
    assert await states(database) == ["sent"] * 3
    assert not [call for call in world.called("sendMessage") if call.chat == CHAT]
    slots = await database.read(lambda session: session.connection().execute(select(SLOT.c.chat_id)).all())
    assert CHAT not in [row[0] for row in slots]


@pytest.mark.parametrize("name", ["BAAAgone"])
async def test_a_card_that_is_gone_is_not_tried_for_ever(
    world: TelegramWorld, senders: Senders, database: Database, clock: HeldClock, name: str
) -> None:
    async def render(facts: NoticeFacts) -> Rendered:
        return Rendered(CARD, inline=name)

    senders.renderers["request_card"] = render
    await notice(database, clock, "a")
    await drain(senders())
    clock.pass_by(timedelta(hours=1).total_seconds())
    await drain(senders())
    assert await states(database) == ["refused"]
    assert len(world.called("editMessageText")) == 1
