"""Around the conversation: greetings, languages, groups, blocks, floods, slips of the keyboard."""

from typing import Any

import pytest


async def test_start_greets_with_the_keyboard_and_ignores_the_payload(world: Any, jane: Any) -> None:
    await jane.say("/start confirm_500_kes_<b>")
    assert "Hello Jane!" in jane.text
    assert jane.keys is not None
    assert await world.dialogues() == []


@pytest.mark.parametrize("text", ["hi", "Hello!", "jambo", "bonjour"])
async def test_greetings(world: Any, jane: Any, text: str) -> None:
    await jane.say(text)
    assert "Jane" in jane.text


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("sned 500 kes", "Did you mean “send”?"),
        ("send 500 kes to 0712345678", "language"),
        ("sell 10 usdt", "language"),
        ("hepl", "Did you mean “help”?"),
        ("stauts", "Did you mean “status”?"),
        ("what is the meaning of life", "I did not understand"),
        ("/nonsense", "I did not understand"),
        ("/BUY@assistant_bot", "language"),
        ("/", "I did not understand"),
        ("bying 20 usdc", "I did not understand"),
        ("byu 20 usdc", "language"),
        ("\u0000", "I did not understand"),
        ("x" * 4096, "I did not understand"),
    ],
)
async def test_whatever_is_written_is_answered(world: Any, jane: Any, text: str, answer: str) -> None:
    await jane.say(text)
    assert answer in jane.text


async def test_the_keys_of_the_keyboard_in_every_language(world: Any, jane: Any) -> None:
    await jane.say("/language sw")
    assert jane.keys is not None
    for row in jane.keys:
        for key in row:
            await jane.say(key.text)
            assert jane.said


async def test_language_by_button_goes_on_in_the_middle_of_a_form(world: Any, jane: Any) -> None:
    await jane.say("/buy")
    await jane.press("English")
    await jane.press("Kenya")
    await jane.say("/language")
    await jane.press("Français")
    await jane.press("1\u202f000" if any("1\u202f000" in label for label in jane.card.labels) else "000")
    assert (await world.dialogues())[0].question == "token"


async def test_telegrams_language_is_the_first_guess(world: Any) -> None:
    asha = world.chat(601, language="sw-KE")
    await asha.say("/start")
    english = world.chat(602)
    await english.say("/start")
    assert asha.text != english.text


async def test_a_group_is_answered_once_with_the_way_to_private(world: Any) -> None:
    group = world.chat(-100123)
    for number in range(3):
        message = {
            "message_id": number + 1,
            "date": int(world.now.timestamp()),
            "chat": {"id": -100123, "type": "supergroup", "title": "Market"},
            "from": {"id": 501, "is_bot": False, "first_name": "Jane"},
            "text": "buy 20 usdc",
        }
        await group.send({"message": message})
    assert [message.text for message in group.messages] == ["Money is private: I work only in a private chat."]
    assert group.messages[0].buttons[0].url == "https://t.me/assistant_bot?start=group"
    assert await world.dialogues() == []

    async def said(text: str) -> list[str]:
        before = len(group.messages)
        await group.send({"message": message_of(text)})
        return [one.text for one in group.messages[before:]]

    def message_of(text: str) -> dict[str, Any]:
        return {
            "message_id": 9,
            "date": int(world.now.timestamp()),
            "chat": {"id": -100123, "type": "supergroup", "title": "Market"},
            "from": {"id": 502, "is_bot": False, "first_name": "Asha"},
            "text": text,
        }

    only = "Money is private: I work only in a private chat."
    # what names us is answered once an hour, help always
    assert [await said(one) for one in ("/payout@assistant_bot 5", "/ops@assistant_bot", "/help")] == [[only], [], []]
    for _ in range(2):
        (helped,) = await said("/help@assistant_bot")
        assert helped.startswith(only)
        assert "/split 3000 4" in helped
    assert await said("/help@other_bot") == []
    world.pass_time(hours=1)
    assert await said("/payout@assistant_bot 5") == [only]


async def test_a_button_without_its_message(world: Any, jane: Any) -> None:
    query = {"id": "q", "from": jane._user(None), "chat_instance": "1", "data": "1:m:buy", "inline_message_id": "i"}
    await jane.send({"callback_query": query})
    assert jane.popped == ["Money is private: I work only in a private chat."]


async def test_somebody_who_blocked_us_is_given_what_was_kept(world: Any, jane: Any) -> None:
    await jane.say("/start")
    await jane.send(_membership(jane, "kicked"))
    assert (await world.people())[0].blocked_us_at is not None
    await world.park_something(jane)
    await jane.say("hello")
    assert (await world.people())[0].blocked_us_at is None
    assert await world.parked() == 0


async def test_a_flood_is_answered_once(world: Any, jane: Any) -> None:
    said = 0
    for number in range(200):
        await jane.say(f"hello {number}")
        said += len(jane.said)
    assert said == 41  # forty answers, and one request to slow down
    assert "at once" in jane.messages[-1].text
    world.pass_time(seconds=30)
    await jane.say("hello")
    assert "Jane" in jane.text
    other = world.chat(777)
    await other.say("hello")
    assert other.said


async def test_identity_is_the_number(world: Any, jane: Any) -> None:
    await jane.buy_once()
    renamed = world.chat(jane.user_id, language="fr")
    await renamed.say("/status")
    (payment,) = await world.paid()
    assert payment.code in renamed.text
    assert len(await world.people()) == 1


def _membership(chat: Any, status: str) -> dict[str, Any]:
    bot = {"id": 7, "is_bot": True, "first_name": "Assistant", "username": "assistant_bot"}
    extra = {"until_date": 0} if status == "kicked" else {}
    return {
        "my_chat_member": {
            "chat": {"id": chat.user_id, "type": "private", "first_name": "Jane"},
            "from": chat._user(None),
            "date": int(chat.world.now.timestamp()),
            "old_chat_member": {"user": bot, "status": "member"},
            "new_chat_member": {"user": bot, "status": status, **extra},
        }
    }
