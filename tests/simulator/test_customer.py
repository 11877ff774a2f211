"""The tour's customers can do what people do, with a bot played by the test."""

import asyncio
import io
from collections.abc import AsyncIterator

import httpx
import pytest
from PIL import Image
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InlineQueryResultArticle, InputTextMessageContent
from telegram.request import HTTPXRequest

from bot.simulator.serving import served
from bot.simulator.world import World, create_app
from bot.tour.stage import Stage

PAY = InlineKeyboardMarkup([[InlineKeyboardButton("Pay", callback_data="pay")]])


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with (
        served(create_app(World())) as address,
        httpx.AsyncClient(base_url=address, trust_env=False, verify=False) as http,
    ):
        yield http


@pytest.fixture
async def bot(http: httpx.AsyncClient) -> AsyncIterator[Bot]:
    plain = [HTTPXRequest(httpx_kwargs={"verify": False}) for _ in range(2)]
    bot = Bot(
        "4242:simulated", base_url=str(http.base_url.join("/bot")), request=plain[0], get_updates_request=plain[1]
    )
    async with bot:
        yield bot


async def test_a_request_is_made_inline_and_paid_by_a_friend(http: httpx.AsyncClient, bot: Bot) -> None:
    stage = Stage(http, lambda _line: None)
    amina, brian = await stage.arrives("Amina", "+254712345678"), await stage.arrives("Brian", "+254722000111")
    between = await stage.gathers("Amina and Brian", amina, brian, bot=False)
    here, there = amina.in_group(between), brian.in_group(between)

    async def answer() -> None:
        updates = await bot.get_updates(timeout=5)
        query = updates[-1].inline_query
        assert query is not None
        content = InputTextMessageContent("500 KES, please")
        await query.answer([InlineQueryResultArticle("r", "Ask for 500", content, reply_markup=PAY)])

    answering = asyncio.create_task(answer())
    (choice,) = await here.types_inline("500")
    await answering
    await here.chooses(choice)
    await there.sees("500 KES")
    await there.taps("Pay")
    chosen, tap = (await bot.get_updates(offset=-2))[-2:]
    assert chosen.chosen_inline_result is not None
    assert tap.callback_query is not None
    await tap.callback_query.answer("Opening…")
    await bot.edit_message_text("Paid", inline_message_id=chosen.chosen_inline_result.inline_message_id)
    await there.sees_toast("Opening")
    await here.sees("Paid")
    await here.refresh()
    assert here.toasts == []


async def test_pictures_contacts_links_and_groups(http: httpx.AsyncClient, bot: Bot) -> None:
    stage = Stage(http, lambda _line: None)
    amina = await stage.arrives("Amina", "+254712345678")
    held = io.BytesIO()
    Image.new("RGB", (50, 50)).save(held, "PNG")
    await amina.opens_link("r_1")
    await amina.sends_photo(held.getvalue(), "scan")
    await amina.sends_document(held.getvalue(), "code.png", "image/png")
    await amina.shares_contact("Cousin", "0711000111")
    group = amina.in_group(await stage.gathers("Traders", amina))
    await group.says("/split@simulated_bot 3000 4")
    await bot.send_message(group.chat, "Done", reply_markup=PAY)
    await group.sees("Done")
    await group.taps("Pay")

    updates = await bot.get_updates()
    messages = [update.message for update in updates if update.message]
    assert [message.text for message in messages] == ["/start r_1", None, None, None, "/split@simulated_bot 3000 4"]
    assert (messages[1].caption, messages[2].document and messages[2].document.file_name) == ("scan", "code.png")
    assert messages[3].contact is not None
    assert (messages[3].contact.first_name, messages[3].contact.user_id) == ("Cousin", None)
    tap = updates[-1].callback_query
    assert tap is not None
    assert tap.message is not None
    assert tap.message.chat.id == group.chat
