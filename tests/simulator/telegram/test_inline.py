"""Inline mode: asked in any chat, answered strictly, chosen, edited and tapped where the bot itself is not."""

import httpx
import pytest
from telegram import (
    Bot,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputMediaPhoto,
    InputTextMessageContent,
)
from telegram.error import BadRequest

from bot.simulator.telegram import Chat, NotPossible, Person, TelegramWorld

from .conftest import Ask, picture

PAY = InlineKeyboardMarkup([[InlineKeyboardButton("Pay", callback_data="pay")]])
TEXT = {"message_text": "x"}


def article(name: str = "r1", *, text: str = "<b>500 KES</b>", buttons: bool = True) -> InlineQueryResultArticle:
    content = InputTextMessageContent(text, parse_mode="HTML")
    return InlineQueryResultArticle(name, "Ask for 500 KES", content, reply_markup=PAY if buttons else None)


@pytest.fixture
def brian(world: TelegramWorld) -> Person:
    return world.people.add("Brian")


@pytest.fixture
def private(world: TelegramWorld, amina: Person, brian: Person) -> Chat:
    """Where the two are among themselves."""
    return world.people.add_foreign("Amina and Brian", [amina.id, brian.id])


async def asked(bot: Bot, world: TelegramWorld, person: Person, chat: Chat, text: str = "500") -> str:
    """The id of an inline query that the bot has received."""
    query = world.inline.ask(person.id, text, chat=chat.id)
    (update,) = await bot.get_updates(offset=-1)
    assert update.inline_query is not None
    assert update.inline_query.id == query.id
    assert update.inline_query.chat_type == "private"
    return query.id


async def test_a_result_is_chosen_tapped_by_another_and_edited(
    bot: Bot, world: TelegramWorld, amina: Person, brian: Person, private: Chat
) -> None:
    query = await asked(bot, world, amina, private)
    await bot.answer_inline_query(query, [article()], cache_time=0, is_personal=True)
    message = world.inline.choose(amina.id, query, "r1")

    updates = await bot.get_updates(offset=-1)
    chosen = updates[-1].chosen_inline_result
    assert chosen is not None
    assert (chosen.result_id, chosen.query, chosen.from_user.id) == ("r1", "500", amina.id)
    assert chosen.inline_message_id

    world.people.tap(brian.id, message.id, text="Pay", chat=private.id)
    tap = (await bot.get_updates(offset=-1))[-1].callback_query
    assert isinstance(tap, CallbackQuery)
    assert (tap.message, tap.inline_message_id, tap.from_user.id) == (None, chosen.inline_message_id, brian.id)
    await tap.answer("Thank you")
    (toast,) = world.chats.all[private.id].toasts
    assert (toast.text, toast.person) == ("Thank you", brian.id)

    name = chosen.inline_message_id
    assert await bot.edit_message_text("Paid by Brian", inline_message_id=name) is True
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("Paid by Brian", inline_message_id=name)
    assert (message.content.text, message.inline, message.edits) == ("Paid by Brian", None, 1)
    assert await bot.edit_message_reply_markup(inline_message_id=name, reply_markup=PAY) is True
    with pytest.raises(BadRequest, match="Message_id_invalid"):
        await bot.edit_message_text("x", inline_message_id="BAAAAN1")


async def test_an_inline_message_takes_a_picture_only_by_its_file_id(
    bot: Bot, world: TelegramWorld, amina: Person, private: Chat
) -> None:
    query = await asked(bot, world, amina, private)
    await bot.answer_inline_query(query, [article()])
    name = world.inline.choose(amina.id, query, "r1").inline_id
    with pytest.raises(BadRequest, match="Invalid message content specified"):
        await bot.edit_message_media(InputMediaPhoto(picture()), inline_message_id=name)
    sent = await bot.send_photo(amina.id, picture())

    assert await bot.edit_message_media(InputMediaPhoto(sent.photo[-1].file_id), inline_message_id=name) is True


async def test_without_buttons_or_feedback_the_bot_has_no_handle(
    bot: Bot, world: TelegramWorld, amina: Person, private: Chat
) -> None:
    query = await asked(bot, world, amina, private)
    await bot.answer_inline_query(query, [article("bare", buttons=False), article()])
    assert world.inline.choose(amina.id, query, "bare").inline_id is None
    world.configure(inline_feedback=False)
    world.inline.choose(amina.id, query, "r1")

    chosen = [update.chosen_inline_result for update in await bot.get_updates() if update.chosen_inline_result]
    assert [(one.result_id, one.inline_message_id) for one in chosen] == [("bare", None)]


async def test_an_answer_serves_everybody_until_it_is_old_unless_it_is_personal(
    bot: Bot, world: TelegramWorld, amina: Person, brian: Person, private: Chat
) -> None:
    mine = await asked(bot, world, amina, private, "mine")
    await bot.answer_inline_query(mine, [article()], is_personal=True)
    shared = await asked(bot, world, amina, private, "shared")
    await bot.answer_inline_query(shared, [article()], cache_time=60)

    def served(person: Person, text: str) -> bool:
        return world.inline.ask(person.id, text, chat=private.id).offer is not None

    assert served(amina, "mine")
    assert not served(brian, "mine")
    assert served(brian, "shared")
    await world.clock.advance(61)
    assert not served(brian, "shared")


async def test_where_the_bot_is_it_gets_the_message_as_well(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    group = world.people.add_group("Traders", [amina.id])
    query = world.inline.ask(amina.id, "500", chat=group.id)
    await bot.answer_inline_query(query.id, [article()])
    world.inline.choose(amina.id, query.id, "r1")

    messages = [update.message for update in await bot.get_updates() if update.message]
    assert messages[-1].via_bot is not None
    assert (messages[-1].text, messages[-1].via_bot.id) == ("500 KES", 4242)


async def test_over_http_what_can_be_chosen_is_waited_for(
    bot: Bot, http: httpx.AsyncClient, world: TelegramWorld, amina: Person, private: Chat
) -> None:
    world.inline.ask(amina.id, "500", chat=private.id)
    (update,) = await bot.get_updates()
    assert update.inline_query is not None
    button = InlineQueryResultsButton("Set up", start_parameter="set-up")
    await update.inline_query.answer([article()], button=button)
    people = f"/_control/telegram/people/{amina.id}"

    offered = (await http.post(f"{people}/inline", json={"query": "500", "chat": private.id, "wait": 5})).json()
    assert offered["button"] == {"text": "Set up", "start_parameter": "set-up"}
    (result,) = offered["results"]
    assert (result["title"], result["html"]) == ("Ask for 500 KES", "<b>500 KES</b>")
    chosen = await http.post(f"{people}/choose", json={"query": offered["query"], "result": result["id"]})
    assert (chosen.json()["via"], chosen.json()["buttons"][0][0]["text"]) == ("Kotani assistant", "Pay")


@pytest.mark.parametrize(
    ("results", "complaint"),
    [
        ([{"type": "article", "id": str(number), "title": "x", "input_message_content": TEXT} for number in range(51)],
         "RESULTS_TOO_MUCH"),
        ([{"type": "article", "id": "é" * 33, "title": "x", "input_message_content": TEXT}], "RESULT_ID_INVALID"),
        ([{"type": "article", "id": "a", "title": "x", "input_message_content": TEXT}] * 2, "RESULT_ID_DUPLICATE"),
        ([{"type": "article", "id": "a", "title": " ", "input_message_content": TEXT}], "ARTICLE_TITLE_EMPTY"),
        ([{"type": "article", "id": "a", "title": "x"}], "input_message_content"),
        ([{"type": "article", "id": "a", "title": "x", "input_message_content":
           {"message_text": "<b>x", "parse_mode": "HTML"}}], "can't parse entities"),
        ([{"type": "photo", "id": "a", "photo_file_id": "none"}], "wrong file identifier"),
        ([{"type": "article", "id": "a", "title": "x", "input_message_content": TEXT, "reply_markup":
           {"inline_keyboard": [[{"text": "x", "callback_data": "x" * 65}]]}}], "BUTTON_DATA_INVALID"),
    ],
)  # fmt: skip
async def test_results_are_read_strictly(
    ask: Ask, world: TelegramWorld, amina: Person, results: list[object], complaint: str
) -> None:
    query = world.inline.ask(amina.id, "500")
    answer = await ask("answerInlineQuery", inline_query_id=query.id, results=results)

    assert complaint in str(answer["description"])
    assert query.offer is None


async def test_a_query_is_answered_once_and_soon(ask: Ask, world: TelegramWorld, amina: Person) -> None:
    first, late = world.inline.ask(amina.id, "one"), world.inline.ask(amina.id, "two")
    assert (await ask("answerInlineQuery", inline_query_id=first.id, results=[]))["ok"] is True
    await world.clock.advance(31)

    for query in (first, late):
        answer = await ask("answerInlineQuery", inline_query_id=query.id, results=[])
        assert "query is too old" in str(answer["description"])


async def test_a_query_has_256_characters_and_needs_inline_mode(world: TelegramWorld, amina: Person) -> None:
    with pytest.raises(NotPossible):
        world.inline.ask(amina.id, "x" * 257)
    world.configure(inline_mode=False)
    with pytest.raises(NotPossible):
        world.inline.ask(amina.id, "500")
