"""How calls arrive: every way of passing parameters, tokens, methods, and the exact record of what was asked."""

import httpx
import pytest
from telegram import Bot

from bot.simulator.telegram import Person, TelegramWorld

URL = "/bot4242:simulated/sendMessage"


@pytest.mark.parametrize(
    "request_parts",
    [
        {"json": {"chat_id": 1001, "text": "Karibu", "disable_notification": True}},
        {"data": {"chat_id": "1001", "text": "Karibu", "disable_notification": "true"}},
        {"params": {"chat_id": "1001", "text": "Karibu", "disable_notification": "1"}},
        {"data": {"chat_id": "1001", "text": "Karibu", "disable_notification": "yes"}, "files": {"x": b"\r\n--\r\n"}},
    ],
    ids=["json", "form", "query", "multipart"],
)
async def test_parameters_come_in_four_ways(
    http: httpx.AsyncClient, world: TelegramWorld, amina: Person, request_parts: dict[str, object]
) -> None:
    answer = await http.post(URL, **request_parts)  # type: ignore[arg-type]

    assert answer.status_code == 200, answer.text
    message = world.messages(amina.id)[-1]
    assert message.content.text == "Karibu"
    assert message.silent


async def test_get_serves_as_well_and_method_names_have_no_case(http: httpx.AsyncClient, amina: Person) -> None:
    answer = await http.get("/bot4242:simulated/SENDMESSAGE", params={"chat_id": amina.id, "text": "hi"})

    assert answer.json()["result"]["text"] == "hi"


async def test_a_wrong_token_is_unauthorized(http: httpx.AsyncClient) -> None:
    answer = await http.get("/bot4242:wrong/getMe")

    assert answer.status_code == 401
    assert answer.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_an_unknown_method_is_not_found(http: httpx.AsyncClient) -> None:
    answer = await http.get("/bot4242:simulated/sendTelepathy")

    assert answer.status_code == 404
    assert answer.json()["description"] == "Not Found: method not found"


async def test_a_body_that_is_no_json_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.post(URL, content=b"{", headers={"content-type": "application/json"})

    assert answer.status_code == 400


async def test_the_bot_knows_itself(bot: Bot) -> None:
    me = await bot.get_me()

    assert (me.id, me.username, me.is_bot) == (4242, "simulated_bot", True)


async def test_every_call_is_recorded_word_for_word(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    await bot.send_message(amina.id, "<b>Hi</b>", parse_mode="HTML")

    (call,) = world.called("sendMessage", amina.id)
    assert call.ok
    assert call.params == {"chat_id": "1001", "text": "<b>Hi</b>", "parse_mode": "HTML"}
    assert isinstance(call.result, dict)
    assert call.result["message_id"] == 2
