"""The control interface: a conversation is played, watched and disturbed over HTTP alone."""

import asyncio

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot.simulator.telegram import TelegramWorld

from .conftest import picture

ROOT = "/_control/telegram"


@pytest.fixture
async def desk(http: httpx.AsyncClient) -> httpx.AsyncClient:
    http.base_url = http.base_url.join(ROOT)
    return http


async def test_somebody_new_gets_an_id_that_nobody_has(desk: httpx.AsyncClient) -> None:
    await desk.post("/people", json={"first_name": "Amina", "id": 1002})

    others = [(await desk.post("/people", json={"first_name": name})).json()["id"] for name in ("Brian", "Chidi")]

    assert others == [1001, 1003]


async def test_a_conversation_over_http(desk: httpx.AsyncClient, bot: Bot) -> None:
    person = (await desk.post("/people", json={"first_name": "Amina", "id": 7, "phone": "+254712345678"})).json()
    assert (person["id"], person["started"]) == (7, False)
    await desk.post("/people/7/start", json={"payload": "pay-1"})
    (start,) = await bot.get_updates()
    assert start.message is not None
    assert start.message.text == "/start pay-1"
    assert start.message.entities[0].type == "bot_command"

    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])
    waiting = asyncio.create_task(desk.get("/chats/7/next", params={"containing": "Sure", "wait": 5}))
    sent = await bot.send_message(7, "<b>Sure?</b>", parse_mode="HTML", reply_markup=buttons)
    shown = (await waiting).json()
    assert (shown["html"], shown["rings"], shown["edits"]) == ("<b>Sure?</b>", True, 0)

    tapped = await desk.post("/people/7/tap", json={"message": sent.message_id, "text": "Yes"})
    query = tapped.json()["query"]
    edited = asyncio.create_task(desk.get("/chats/7/next", params={"edited": "1", "after": shown["revision"]}))
    await bot.answer_callback_query(query, "Done")
    await bot.edit_message_text("Sure!", 7, sent.message_id)
    assert (await edited).json()["plain"] == "Sure!"

    view = (await desk.get("/chats/7", params={"since": shown["revision"]})).json()
    assert [message["plain"] for message in view["messages"]] == ["Sure!"]
    assert [toast["text"] for toast in view["toasts"]] == ["Done"]


async def test_people_share_forward_edit_and_send_pictures(desk: httpx.AsyncClient, bot: Bot) -> None:
    for number, name in ((7, "Amina"), (8, "Brian")):
        await desk.post("/people", json={"first_name": name, "id": number, "phone": f"+25471234567{number}"})
    await desk.post("/people/7/contact")
    await desk.post("/people/7/contact", json={"phone": "+254711000111", "name": "Cousin"})
    await desk.post("/people/7/forward", json={"text": "MPESA received", "author": 8})
    said = (await desk.post("/people/7/say", json={"text": "20"})).json()
    await desk.post("/people/7/edit", json={"message": said["id"], "text": "25"})
    await desk.post("/people/7/photo", content=picture(), headers={"content-type": "image/png"})

    own, foreign, forward, _, edit, photo = await bot.get_updates()
    assert own.message is not None
    assert own.message.contact is not None
    assert (own.message.contact.phone_number, own.message.contact.user_id) == ("+254712345677", 7)
    assert foreign.message is not None
    assert foreign.message.contact is not None
    assert (foreign.message.contact.first_name, foreign.message.contact.user_id) == ("Cousin", None)
    assert forward.message is not None
    assert forward.message.forward_origin is not None
    assert forward.message.forward_origin.type == "user"
    assert edit.edited_message is not None
    assert edit.edited_message.text == "25"
    assert photo.message is not None
    file = await bot.get_file(photo.message.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()).startswith(b"\xff\xd8\xff"), "a phone sends photographs as JPEG"


async def test_the_page_can_see_pictures(desk: httpx.AsyncClient, world: TelegramWorld, bot: Bot) -> None:
    await desk.post("/people", json={"first_name": "Amina", "id": 7})
    await desk.post("/people/7/start")
    await bot.send_photo(7, picture())
    url = (await desk.get("/chats/7")).json()["messages"][-1]["photo"]

    answer = await desk.get(url.removeprefix(ROOT))
    assert (answer.headers["content-type"], answer.content) == ("image/png", picture())


async def test_updates_are_disturbed(desk: httpx.AsyncClient, bot: Bot) -> None:
    await desk.post("/people", json={"first_name": "Amina", "id": 7})
    await desk.post("/updates/hold")
    await desk.post("/people/7/say", json={"text": "one"})
    await desk.post("/people/7/say", json={"text": "two"})
    waiting = (await desk.post("/updates/release", json={"order": "reversed"})).json()["waiting"]
    assert [update["message"]["text"] for update in waiting] == ["two", "one"]

    first, second = (update["update_id"] for update in waiting)
    await desk.post("/updates/swap", json={"first": first, "second": second})
    await bot.get_updates(offset=second + 1)
    await desk.post("/updates/redeliver", json={"update": first, "copies": 3})
    assert [update.update_id for update in await bot.get_updates(offset=second + 1)] == [first] * 3
    assert (await desk.post("/updates/redeliver", json={"update": 1})).status_code == 404


async def test_groups_faults_settings_time_and_statistics(desk: httpx.AsyncClient, bot: Bot) -> None:
    await desk.post("/people", json={"first_name": "Amina", "id": 7})
    group = (await desk.post("/groups", json={"title": "Traders", "members": [7]})).json()
    moved = (await desk.post(f"/groups/{group['id']}/migrate")).json()
    assert moved["type"] == "supergroup"
    await desk.post("/people/7/say", json={"text": "/start@simulated_bot", "chat": moved["id"]})
    assert [update.update_id for update in await bot.get_updates()] == [100_001, 100_002, 100_003, 100_004]

    await desk.patch("/config", json={"limits": "strict"})
    await desk.post("/faults", json={"action": "refuse", "match": {"operation": "getMe"}})
    assert (await desk.get("/faults")).json() == [{"action": "refuse", "met": 0, "spent": False}]
    await desk.post("/clock/advance", json={"seconds": 90_000})
    assert (await desk.get("/updates")).json()["waiting"] == []
    await desk.delete("/faults")
    await bot.get_me()
    statistics = (await desk.get("/statistics")).json()
    assert statistics["getMe"]["refused"] == 0
    assert [call["method"] for call in (await desk.get("/calls", params={"method": "getUpdates"})).json()] == [
        "getUpdates"
    ]
    assert (await desk.get("/state")).json()["settings"]["limits"] == "strict"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/people", {}, 400),
        ("/people", {"first_name": "Again", "id": 7}, 409),
        ("/people/99/say", {"text": "x"}, 409),
        ("/people/7/dance", {}, 404),
        ("/people/7/tap", {"message": 1}, 409),
        ("/people/7/press", {"text": "Buy"}, 409),
        ("/groups/5/kick", {}, 404),
        ("/clock/speed", {"factor": 0}, 400),
        ("/faults", {"action": "explode"}, 400),
    ],
)
async def test_what_cannot_be_is_refused(
    desk: httpx.AsyncClient, path: str, body: dict[str, object], status: int
) -> None:
    await desk.post("/people", json={"first_name": "Amina", "id": 7})
    answer = await desk.post(path, json=body)

    assert answer.status_code == status, answer.text
    assert answer.json()["error"]
