"""Buttons: old, forged, somebody else's, tapped twice, tapped too late. Nothing is done that was not shown."""

from decimal import Decimal
from typing import Any

import pytest

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


async def test_a_double_tap_on_confirm_opens_one_payment(world: Any, jane: Any) -> None:
    card = await jane.to_review()
    yes = jane.button("Confirm").data
    await jane.tap(yes, on=card)
    await jane.tap(yes, on=card)
    assert jane.popped == ["This is already being processed."]
    # drawn when it is sent: what the engine does meanwhile is never hidden by how things stood at the tap
    assert [message.kind for message in jane.said] == ["payment_card"]
    assert len(await world.paid()) == 1
    assert len(await world.legs()) == 1
    assert "10" in jane.text or "USDC" in jane.text
    await world.restart()
    await jane.tap(yes, on=card)
    assert len(await world.paid()) == 1


async def test_confirm_after_the_end_tells_the_state(world: Any, jane: Any) -> None:
    await jane.to_review()
    yes = jane.button("Confirm").data
    await jane.tap(yes)
    await world.end_payment("failed")
    await jane.tap(yes)
    assert jane.popped == ["This was confirmed before and is over. Nothing new was started."]
    assert "No money was taken" in jane.text or "money was taken" in jane.text.lower()
    assert len(await world.paid()) == 1


async def test_confirm_on_an_old_revision_does_nothing(world: Any, jane: Any) -> None:
    card = await jane.to_review()
    old = jane.button("Confirm").data
    await jane.press("Change")
    await jane.press("Amount")
    await jane.press("2,500")
    world.pass_time(seconds=10)
    await jane.tap(old, on=card)
    assert jane.popped == ["This card is old. Here is where you are now."]
    assert "2,550 KES" in jane.text
    assert await world.paid() == []


async def test_a_price_that_ran_out_is_asked_again_with_the_difference(world: Any, jane: Any) -> None:
    await jane.to_review()
    world.pass_time(seconds=51)
    world.market.price["KES"] = Decimal(140)
    await jane.press("Confirm")
    assert await world.paid() == []
    assert "Nothing was paid" in (jane.popped[0] or "")
    assert "7.142857 USDC" in jane.text
    assert "0.549451 USDC" in jane.text  # how much less
    await jane.press("Confirm")
    (payment,) = await world.paid()
    assert payment.receive_amount == Decimal("7.142857")


async def test_the_card_renews_itself_and_stops_after_a_while(world: Any, jane: Any) -> None:
    await jane.to_review()
    first = jane.button("Confirm").data
    world.market.price["KES"] = Decimal(125)
    world.pass_time(seconds=50)
    assert await world.renewer.step() == 1
    await world.deliver(jane)
    assert "8 USDC" in jane.text
    assert "0.307692 USDC" in jane.text
    await jane.tap(first)
    assert await world.paid() == []
    for _ in range(10):
        world.pass_time(seconds=50)
        await world.renewer.step()
    await world.deliver(jane)
    assert "confirm" not in jane.choices
    asked = len(world.market.asked)
    world.pass_time(seconds=500)
    assert await world.renewer.step() == 0
    assert len(world.market.asked) == asked
    await jane.press("new price")
    await jane.press("Confirm")
    (payment,) = await world.paid()
    assert payment.receive_amount == Decimal(8)


async def test_a_renewal_does_not_wake_a_cancelled_card(world: Any, jane: Any) -> None:
    await jane.to_review()
    await jane.press("Cancel")
    world.pass_time(seconds=60)
    assert await world.renewer.step() == 0


async def test_somebody_elses_button(world: Any, jane: Any) -> None:
    await jane.to_review()
    yes = jane.button("Confirm").data
    eve = world.chat(666)
    await eve.tap(yes)
    assert await world.paid() == []
    assert eve.popped == ["This card is old. Here is where you are now."]
    assert "USDC" not in eve.text.replace("buy 20 usdc", "")
    await jane.press("Confirm")
    (payment,) = await world.paid()
    for action in ("show", "again", "help"):
        await eve.tap(f"1:p:{payment.code}:{action}")
        assert payment.code not in eve.text
        assert "Jane" not in eve.text
    await eve.tap(yes)
    assert payment.code not in eve.text
    assert len(await world.paid()) == 1


@pytest.mark.parametrize(
    "data",
    [
        "",
        "x",
        "1:d:::",
        "1:d:nobody:1:confirm",
        "1:d:nobody:999999999:0",
        "1:p:AAAA-AAAA:show",
        "1:p:AAAA-AAAA:refund",
        "1:m:admin",
        "1:m:language-xx",
        "0:d:old:1:confirm",
        "9" * 64,
        "confirm_buy_500",
        "1:d:" + "é" * 20 + ":1:0",
        "\u0000\ufffd:1:d:2:3",
    ],
)
async def test_forged_buttons_are_answered(world: Any, jane: Any, data: str) -> None:
    await jane.to_review()
    before = await world.dialogues()
    await jane.tap(data)
    assert jane.popped or jane.said
    assert (await world.dialogues())[0].revision == before[0].revision
    assert await world.paid() == []


@pytest.mark.parametrize(
    "choice", ["confirm", "99", "00", "٣", "999", "refresh", "change", "nonsense", "resume", "keep"]
)
async def test_forged_choices_of_ones_own_conversation(world: Any, jane: Any, choice: str) -> None:
    await jane.say("buy 20 usdc on base")
    (dialogue,) = await world.dialogues()
    await jane.tap(f"1:d:{dialogue.id}:{dialogue.revision}:{choice}")
    assert jane.popped or jane.said
    assert await world.paid() == []
    assert (await world.dialogues())[0].question == "language"


async def test_a_second_tap_on_the_same_choice(world: Any, jane: Any) -> None:
    await jane.say("/buy")
    english = jane.button("English").data
    await jane.tap(english)
    await jane.tap(english)
    assert jane.popped == ["Noted already."]
    assert jane.said == []


async def test_a_card_from_last_week(world: Any, jane: Any) -> None:
    await jane.say("/buy")
    old = jane.button("English").data
    world.pass_time(days=8)
    await jane.tap(old)
    assert jane.popped == ["This card is old. Here is where you are now."]
    assert "Nothing is open" in jane.text


async def test_buttons_of_a_purchase_that_was_replaced(world: Any, jane: Any) -> None:
    await jane.to_review()
    yes = jane.button("Confirm").data
    await jane.say("/buy")
    assert all("Confirm" not in label for message in jane.messages for label in message.labels)
    await jane.tap(yes)
    assert await world.paid() == []
    assert "How much?" in jane.text


async def test_confirm_and_cancel_race(world: Any, jane: Any) -> None:
    await jane.to_review()
    yes, no = jane.button("Confirm").data, jane.button("Cancel").data
    first, second = await world.handle_together(jane, yes, no)
    assert sorted((first, second)) == ["done", "lost"]
    paid, open_dialogues = await world.paid(), await world.dialogues()
    assert open_dialogues == []
    assert len(paid) <= 1


async def test_two_replicas_confirm_at_once(both_worlds: Any) -> None:
    jane = both_worlds.chat()
    await jane.to_review()
    yes = jane.button("Confirm").data
    assert sorted(await both_worlds.handle_together(jane, yes, yes)) == ["done", "lost"]
    await jane.tap(yes)  # as the inbox does with the one that lost
    assert jane.popped == ["This is already being processed."]
    assert len(await both_worlds.paid()) == len(await both_worlds.legs()) == 1


async def test_the_renewal_and_the_confirmation_race(both_worlds: Any) -> None:
    jane = both_worlds.chat()
    await jane.to_review()
    yes = jane.button("Confirm").data
    both_worlds.pass_time(seconds=49)
    await jane.tap(yes)
    both_worlds.pass_time(seconds=2)
    assert await both_worlds.renewer.step() == 0
    assert len(await both_worlds.paid()) == 1


async def test_the_payment_card_is_refreshed_in_place_and_opened_from_the_list(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say("/status")
    (payment,) = await world.paid()
    await jane.press(payment.code)
    shown = jane.last
    assert shown.slot == f"p:{payment.id}"
    count = len(jane.messages)
    await jane.press("Refresh", on=shown)
    assert len(jane.messages) == count
    await jane.press("Help", on=jane.last)
    assert payment.code in jane.text


async def test_status_by_code(world: Any, jane: Any) -> None:
    await jane.say("/status")
    assert "Buy" in jane.last.labels
    await jane.buy_once()
    (payment,) = await world.paid()
    await jane.say(f"/status {payment.code.lower().replace('-', ' ')}")
    assert payment.code in jane.text
    await jane.say("/status ZZZZ-ZZZZ")
    assert "Buy" in jane.last.labels
