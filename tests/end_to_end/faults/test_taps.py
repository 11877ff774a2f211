"""What people and Telegram do at the wrong moment: reversed, late, forged, forwarded, edited, flooding, hostile."""

import asyncio
import time
from datetime import timedelta

import pytest

from bot.engine.inbox import Inbox, RawUpdate
from bot.engine.wakes import Wakes
from bot.telegram.pacing import Pace
from bot.tour.sight import Seen
from storage.database import Database

from .conftest import Play, from_now_on
from .test_provider import buys, delivered, prompted, review

HOSTILE = (
    "<b>Bold</b> <a href='https://evil.example'>click</a>",
    "_*[x](https://evil.example)()~>#+-=|{}.!`",
    "You pay 1 KES\n\nYou receive 1,000,000 USDC",
    "\u202e\u2066evil\u2069\u202c\u200b\u200d\ufeff zero",
    "👩‍👩‍👧‍👦" * 30,
    "@someone /start t.me/evil evil.example https://evil.example",
    "&lt;b&gt; &amp;amp; &#x3c;",
    "Ñandú 日本語 العربية",
    "Jane\x00 Doe",
    "<i>" + "Jane &" * 600,
)


def confirm_of(message: Seen) -> str:
    return next(data for label, data in message.buttons if "Confirm" in label and data is not None)


# order and age


@pytest.mark.parametrize("order", ["forward", "reversed"])
async def test_a_text_and_a_tap_that_change_places_never_pay_another_amount_than_the_card_said(
    play: Play, order: str
) -> None:
    async with play.running():
        jane = await play.person()
        await review(jane, "buy 10 usdc on base")
        play.telegram.updates.hold()
        await jane.says("buy 50 usdc on base")
        await jane.taps("Confirm")
        play.telegram.updates.release(order)  # type: ignore[arg-type]
        if order == "reversed":  # what was on the card was confirmed, and then something new was begun
            await prompted(play)
            (ordered,) = play.orders()
            assert 10 <= ordered.quote.crypto < 11
        await jane.sees("Where shall the USDC go?")
        await play.until("SELECT 1 FROM dialogue WHERE question = 'address'")
        assert len(play.orders()) == (1 if order == "reversed" else 0)


async def test_a_confirmation_from_before_an_outage_is_not_paid_on_the_old_price(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await review(jane)
    await jane.taps("Confirm")  # nobody is there
    play.clock.jump(seconds=140)
    await play.telegram.clock.advance(140)
    async with play.running():
        await jane.sees("The price ran out. Here is the new one.")
        assert play.orders() == []
        await jane.taps("Confirm")
        await delivered(play, jane)


async def test_what_waited_in_our_own_inbox_for_a_day_is_answered_and_pays_nothing(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await review(jane)
        await play.handled()
    await jane.taps("Confirm")
    await jane.says("buy 99 usdc on base")
    found = play.telegram.updates.batch(100)
    play.telegram.updates.drop()
    database = Database(play.settings.database_url.get_secret_value())
    await database.start()
    inbox = Inbox(database, play.settings.keyring(), play.clock, Wakes())
    await inbox.store([RawUpdate.from_object(update) for update in found])
    await database.stop()
    play.clock.jump(hours=25)
    async with play.running():
        await jane.sees("Where shall the USDC go?")  # the text began something new
        await play.handled()
        assert play.orders() == []
        assert await play.ask("SELECT 1 FROM update_received WHERE state <> 'done'") == []


# taps that are not what they seem


async def test_garbage_in_buttons_is_answered_and_reads_nothing(play: Play) -> None:
    async with play.running():
        jane, mallory = await play.person(), await play.person("Mallory", "+254712000999")
        await review(jane)
        await from_now_on(jane)
        data = confirm_of(next(message for message in jane.messages.values() if message.buttons))
        stolen = [data, data.upper(), data[:-1], data + "x", data.replace(":", ""), "0" + data, "9" + data[1:]]
        garbage = [
            "x" * 64,
            "💥" * 16,
            "1:d:",
            ":::::",
            "1:p:K7F3-9QX2:show",
            "1:p:K7F3-9QX2:again",
            "1:m:status-x",
            "\x7f",
        ]
        for one in [*stolen, *garbage]:
            answer = await play.chat.post(f"/_control/telegram/people/{mallory.id}/forge", json={"data": one})
            assert answer.status_code == 200
        (message,) = (one for one in play.telegram.messages(jane.id, by_bot=True) if one.inline is not None)
        play.telegram.people.forge_tap(
            mallory.id, data, message=message
        )  # as if it had been forwarded with its buttons
        await mallory.says("/status")
        await mallory.sees("")
        await play.quiet()
        assert play.orders() == []
        assert await play.ask("SELECT 1 FROM update_received WHERE state <> 'done'") == []
        assert await play.ask("SELECT 1 FROM attention_case") == []
        assert mallory.count("10 USDC") == 0
        await jane.taps("Confirm")  # hers still stands
        await delivered(play, jane)


async def test_a_button_without_its_message_and_a_group_are_answered_and_do_nothing(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await review(jane)
        data = confirm_of(next(message for message in jane.messages.values() if message.buttons))
        await play.chat.post(f"/_control/telegram/people/{jane.id}/forge", json={"data": data})  # via inline message
        made = await play.chat.post("/_control/telegram/groups", json={"title": "Friends", "members": [jane.id]})
        group = made.json()["id"]
        for text in ("buy 10 usdc on base", "hello", "/status@simulated_bot"):
            await play.chat.post(f"/_control/telegram/people/{jane.id}/say", json={"text": text, "chat": group})
        await play.telegram.until(lambda: bool(play.telegram.messages(group, by_bot=True)), 30)
        await play.quiet()
        assert play.orders() == []
        said = play.telegram.messages(group, by_bot=True)
        assert len(said) == 1
        assert "private" in said[0].content.text
        assert "USDC" not in said[0].content.text


async def test_a_group_that_becomes_a_supergroup_is_answered_there(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        made = await play.chat.post("/_control/telegram/groups", json={"title": "Friends", "members": [jane.id]})
        group = made.json()["id"]
        play.fault("delay", "sendMessage", reference=str(group), seconds=0.3)  # it moves while we speak
        await play.chat.post(f"/_control/telegram/people/{jane.id}/say", json={"text": "hello", "chat": group})
        moved = (await play.chat.post(f"/_control/telegram/groups/{group}/migrate")).json()["id"]
        await play.telegram.until(lambda: bool(play.telegram.messages(moved, by_bot=True)), 30)
        await play.handled()
        assert play.telegram.messages(group, by_bot=True) == []
        await buys(jane)  # who she is does not hang on a chat
        await delivered(play, jane)


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "refuse", "status": 400, "message": "Bad Request: query is too old and response timeout expired"},
        {"action": "rate_limit", "retry_after": 60},
        {"action": "accept_then_drop"},
        {"action": "timeout"},
    ],
    ids=lambda rule: rule["action"],
)
async def test_a_tap_that_cannot_be_answered_is_done_all_the_same(play: Play, rule: dict[str, object]) -> None:
    async with play.running():
        jane = await play.person()
        play.fault(rule.pop("action"), "answerCallbackQuery", times=0, **rule)
        await buys(jane)
        await delivered(play, jane)
        assert len(play.telegram.called("answerCallbackQuery")) <= len(play.telegram.taps.all)  # no storm


@pytest.mark.parametrize("first", ["cancel", "confirm", "together"])
async def test_cancel_and_confirm_race(play: Play, first: str) -> None:
    async with play.running():
        jane = await play.person()
        await review(jane)
        play.telegram.updates.hold()
        if first == "cancel":
            await jane.says("/cancel")
            await jane.taps("Confirm")
        elif first == "confirm":
            await jane.taps("Confirm")
            await jane.says("/cancel")
        else:
            await asyncio.gather(jane.taps("Confirm"), jane.says("/cancel"))
        play.telegram.updates.release()
        await play.handled()
        opened = await play.one("SELECT count(*) FROM payment")
        assert await play.ask("SELECT 1 FROM dialogue") == []
        await jane.refresh()
        cancelled, too_late = jane.count("Cancelled") > 0, jane.count("cannot be cancelled here") > 0
        assert (opened, cancelled, too_late) in {(0, True, False), (1, False, True)}
        if first != "together":
            assert opened == (first == "confirm")
        if opened:
            await delivered(play, jane)
        assert len(play.orders()) == opened


async def test_an_edited_amount_changes_nothing_that_was_quoted(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await review(jane, "buy 10 usdc on base")
        written = next(
            message for message in play.telegram.messages(jane.id, by_bot=False) if "buy 10" in message.content.text
        )
        body = {"message": written.id, "text": "buy 5000 usdc on base"}
        await play.chat.post(f"/_control/telegram/people/{jane.id}/edit", json=body)
        await jane.sees("You changed a message")
        await jane.taps("Confirm")
        order = await delivered(play, jane)
        assert 10 <= order.quote.crypto < 11


# what people write


async def test_numbers_of_every_kind_are_read_exactly_or_asked_again(play: Play) -> None:
    play.pace = Pace(*(timedelta(),) * 3)
    play.telegram.configure(limits="off")
    async with play.running():
        jane = await play.person()
        await jane.says("buy usdc on base")
        await jane.sees("How much?")
        for odd in ("1e9", "-5", "0", "NaN", "∞", "9" * 400, "1,2,3", "0x10", "1.000.00,0", "½", "ten", "\u202e005"):
            await jane.says(odd)
            await play.handled()
            assert await play.one("SELECT question FROM dialogue") == "amount", odd
        assert await play.ask("SELECT 1 FROM update_received WHERE state <> 'done'") == []
        await jane.says("  1,500 KES \u200f")
        await jane.taps("0x5aAe")
        await jane.taps("Confirm")
        order = await delivered(play, jane)
        assert order.quote.fiat == 1500


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
async def test_a_hostile_name_is_shown_as_plain_text_and_adds_nothing(play: Play, name: str) -> None:
    play.telegram.configure(limits="off")
    async with play.running():
        jane = await play.stranger(name)
        await jane.start()
        await jane.sees("")
        await jane.says("buy 10 usdc on base")
        await jane.taps("English")
        await jane.taps("Kenya")
        await jane.says("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
        await jane.shares_contact()
        await jane.sees("name")
        await jane.says(name)
        await jane.sees("")
        if await play.one("SELECT question FROM dialogue") == "name":  # it was not taken for a name
            await jane.says("Jane Doe")
        card = await jane.sees("Check before you confirm")
        assert card.text.count("You pay ") - card.text.count("You pay 1 KES") == 1
        await jane.taps("Confirm")
        await delivered(play, jane)
        await play.quiet()
    assert [call.description for call in play.telegram.called("sendMessage") if not call.ok] == []
    assert not any("parse" in call.description for call in play.telegram.calls)
    for message in play.telegram.messages(jane.id, by_bot=True):
        kinds = {str(entity["type"]) for entity in message.content.entities}
        assert not kinds & {"text_link", "url", "mention", "email"}, (kinds, message.content.text)


# floods


async def test_one_persons_flood_is_answered_once_and_nobody_else_waits(play: Play) -> None:
    play.telegram.configure(limits="off")
    async with play.running():
        jane, mallory = await play.person(), await play.person("Mallory", "+254712000999")
        for number in range(200):
            play.telegram.people.say(mallory.id, f"hello {number}")
        began = time.monotonic()
        await jane.says("/help")
        await jane.sees("")
        waited = time.monotonic() - began
        await play.handled(20)
        assert waited < 3
        await mallory.refresh()
        assert mallory.count("a lot at once") == 1
        assert len(play.telegram.messages(mallory.id, by_bot=True)) <= 41
        await buys(jane)
        await delivered(play, jane)
