"""Edits in place, deletion, and answers to taps, with Telegram's refusals."""

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, ReplyKeyboardRemove
from telegram.error import BadRequest

from bot.simulator.telegram import NotPossible, Person, TelegramWorld

from .conftest import picture

YES = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])


async def test_an_edit_changes_the_message_in_place_and_does_not_ring(
    bot: Bot, world: TelegramWorld, amina: Person
) -> None:
    sent = await bot.send_message(amina.id, "one", reply_markup=YES)
    await bot.edit_message_text("<i>two</i>", amina.id, sent.message_id, parse_mode="HTML")

    (message,) = world.messages(amina.id, by_bot=True)
    shown = world.seen(message)
    assert (shown["id"], shown["html"], shown["edits"]) == (sent.message_id, "<i>two</i>", 1)
    assert shown["buttons"] == []


async def test_the_same_again_is_not_modified(bot: Bot, amina: Person) -> None:
    sent = await bot.send_message(amina.id, "one", reply_markup=YES)

    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("one", amina.id, sent.message_id, reply_markup=YES)
    await bot.edit_message_reply_markup(amina.id, sent.message_id)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_reply_markup(amina.id, sent.message_id)


async def test_only_own_and_present_messages_are_edited(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    theirs = world.people.say(amina.id, "mine")
    removed = await bot.send_message(amina.id, "x", reply_markup=ReplyKeyboardRemove())
    gone = await bot.send_message(amina.id, "x")
    await bot.delete_message(amina.id, gone.message_id)
    photo = await bot.send_photo(amina.id, picture())

    for number, complaint in (
        (theirs.id, "Message can't be edited"),
        (removed.message_id, "Message can't be edited"),
        (gone.message_id, "Message to edit not found"),
        (999, "Message to edit not found"),
        (photo.message_id, "There is no text in the message to edit"),
    ):
        with pytest.raises(BadRequest, match=complaint):
            await bot.edit_message_text("y", amina.id, number)


async def test_captions_and_pictures_are_edited(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    sent = await bot.send_photo(amina.id, picture(), caption="one")
    await bot.edit_message_caption(amina.id, sent.message_id, caption="two")
    await bot.edit_message_media(InputMediaPhoto(picture(80, 80), caption="three"), amina.id, sent.message_id)

    content = world.messages(amina.id, by_bot=True)[0].content
    assert content.photo is not None
    assert (content.text, content.photo.width) == ("three", 80)


async def test_what_is_deleted_is_gone_once_and_within_two_days(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    first, second = await bot.send_message(amina.id, "x"), await bot.send_message(amina.id, "y")
    await bot.delete_message(amina.id, first.message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(amina.id, first.message_id)
    await world.clock.advance(172_801)
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(amina.id, second.message_id)


class TestTaps:
    async def test_a_tap_is_a_query_that_is_answered_once(self, bot: Bot, world: TelegramWorld, amina: Person) -> None:
        sent = await bot.send_message(amina.id, "?", reply_markup=YES)
        query = world.people.tap(amina.id, sent.message_id, text="Yes")

        (update,) = await bot.get_updates()
        assert update.callback_query is not None
        assert (update.callback_query.data, update.callback_query.from_user.id) == ("yes", amina.id)
        assert update.callback_query.message is not None
        assert update.callback_query.message.message_id == sent.message_id
        await update.callback_query.answer("Done", show_alert=True)
        (toast,) = world.chats.all[amina.id].toasts
        assert (toast.query, toast.text, toast.alert) == (query.id, "Done", True)
        with pytest.raises(BadRequest, match="Query is too old and response timeout expired or query id is invalid"):
            await update.callback_query.answer("Done")

    async def test_late_unknown_and_long_answers_are_refused(
        self, bot: Bot, world: TelegramWorld, amina: Person
    ) -> None:
        query = world.people.forge_tap(amina.id, "x")
        with pytest.raises(BadRequest, match="Message_too_long"):
            await bot.answer_callback_query(query.id, "x" * 201)
        await world.clock.advance(901)
        for number in (query.id, "1"):
            with pytest.raises(BadRequest, match="Query is too old"):
                await bot.answer_callback_query(number)

    async def test_only_buttons_that_stand_there_can_be_tapped(
        self, bot: Bot, world: TelegramWorld, amina: Person
    ) -> None:
        sent = await bot.send_message(amina.id, "?", reply_markup=YES)
        with pytest.raises(NotPossible):
            world.people.tap(amina.id, sent.message_id, data="no")
        await bot.edit_message_reply_markup(amina.id, sent.message_id)
        with pytest.raises(NotPossible):
            world.people.tap(amina.id, sent.message_id, data="yes")

        world.people.forge_tap(amina.id, "\x00" * 64)
        (update,) = await bot.get_updates()
        assert update.callback_query is not None
        assert update.callback_query.message is None
