"""A whole purchase, as people do it: by taps, by one line, typed, with detours; and what is on record afterwards."""

from decimal import Decimal
from typing import Any

from bot.kotani.errors import NotSent

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
LOWER = ADDRESS.lower()
TRON = "TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW"
KEY = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"


async def test_by_taps(world: Any, jane: Any) -> None:
    await jane.to_review()
    for figure in ("7.692308 USDC", "1,020 KES", "20 KES (2% of 1,000 KES)", "Base", "Jane Wanjiku", "M-Pesa"):
        assert figure in jane.text
    await jane.press("Confirm")
    (payment,), (leg,) = await world.paid(), await world.legs()
    assert (payment.pay_amount, payment.fee_amount, payment.receive_amount) == (
        Decimal(1020),
        Decimal(20),
        Decimal("7.692308"),
    )
    assert (leg.amount, leg.currency, leg.token, leg.chain, leg.quote_id) == (
        Decimal(1000),
        "KES",
        "USDC",
        "BASE",
        "rate-1",
    )
    assert [message.kind for message in jane.messages if message.slot == f"p:{payment.id}"] == ["payment_card"]
    assert jane.card.buttons == []
    assert payment.code in jane.card.text
    assert await world.dialogues() == []


async def test_the_second_time_only_the_rest_is_asked(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say("buy 20 usdc on base")
    assert "Where shall the USDC go?" in jane.text
    await jane.press("0x5aAe")
    assert "20 USDC" in jane.text
    assert world.market.asked[-1] == {"currency": "KES", "token": "USDC", "fiat": None, "crypto": Decimal(20)}
    await jane.press("Confirm")
    assert len(await world.paid()) == 2


async def test_one_line_of_somebody_new(world: Any, jane: Any) -> None:
    await jane.say(f"buy 20 usdc on base to {ADDRESS}")
    await jane.press("English")
    await jane.press("Kenya")
    assert "Which phone pays?" in jane.text
    await jane.say("0712 345 678")
    await jane.say("Jane Wanjiku")
    assert "20 USDC" in jane.text
    assert "0x5aAe…eAed" in jane.text


async def test_typed_all_the_way(world: Any, jane: Any) -> None:
    for text in ("buy", "english", "kenya", "1500", "usdt", "polygon", ADDRESS, "0712345678", "Jane Wanjiku"):
        await jane.say(text)
    assert "1,530 KES" in jane.text
    assert "Polygon" in jane.text


async def test_the_network_is_read_from_the_number_and_can_be_changed(world: Any, jane: Any) -> None:
    await jane.to_review()
    assert "M-Pesa" in jane.text
    await jane.press("Change")
    await jane.press("Mobile money")
    await jane.press("Airtel")
    assert "Airtel Money" in jane.text
    await jane.press("Confirm")
    await jane.say("buy 20 usdc on base")
    await jane.press("0x5aAe")
    assert "Airtel Money" in jane.text  # remembered, whatever the range of the number says


async def test_a_bank_country_asks_for_the_full_name_and_no_network(world: Any, jane: Any) -> None:
    await jane.say("/buy")
    await jane.press("English")
    await jane.press("South Africa")
    await jane.say("500")
    await jane.press("USDT")
    await jane.press("Tron")
    await jane.say(TRON)
    assert "The bank’s page needs it" in jane.text
    await jane.say("082 123 4567")
    assert "Your full name" in jane.text
    await jane.say("Thandi Nkosi")
    assert "510" in jane.text
    await jane.press("Confirm")
    (payment,) = await world.paid()
    view = await world.payments.view(payment.id)
    assert (view.request.method, view.request.network, view.request.phone) == ("bank", None, "+27821234567")


async def test_back_works_everywhere(world: Any, jane: Any) -> None:
    await jane.to_review()
    seen = []
    for _ in range(12):
        if "back" not in jane.choices and jane.keys is None:
            break
        if any("Back" in label for label in jane.card.labels):
            await jane.press("Back")
        elif jane.card.screen.keys is not None:
            await jane.say("⬅ Back")
        else:
            break
        seen.append(jane.text.splitlines()[0])
    assert seen[-1] == "Which language do you prefer?"
    assert "back" not in jane.choices
    # what was answered is kept: one tap leads to where it was
    await jane.press("English")
    assert "confirm" in jane.choices


async def test_changing_an_answer_drops_what_hangs_on_it(world: Any, jane: Any) -> None:
    await jane.to_review()
    await jane.press("Change")
    await jane.press("Chain: Base")
    await jane.press("Polygon")
    assert "Where shall the USDC go?" in jane.text  # the wallet belonged to the other chain
    await jane.say(ADDRESS)
    assert "Polygon" in jane.text
    await jane.press("Change")
    await jane.press("Back")
    assert "confirm" in jane.choices


async def test_changing_the_country_asks_for_amount_and_phone_again(world: Any, jane: Any) -> None:
    await jane.to_review()
    await jane.press("Change")
    await jane.press("Country")
    await jane.press("Uganda")
    assert "UGX" in jane.text
    await jane.press("50,000")
    assert "Which phone pays?" in jane.text


async def test_another_phone_pays_once_and_ones_own_stays(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say("buy 20 usdc on base")
    await jane.press("0x5aAe")
    await jane.press("Change")
    await jane.press("Phone")
    await jane.say("0733 123 456")
    assert "Whose name" in jane.text
    await jane.say("Otieno Odhiambo")
    assert "Otieno Odhiambo" in jane.text
    assert "Airtel" in jane.text
    await jane.press("Confirm")
    await jane.say("buy 20 usdc on base")
    await jane.press("0x5aAe")
    assert "Jane Wanjiku" in jane.text


async def test_cancel_by_button_by_key_and_by_word(world: Any, jane: Any) -> None:
    await jane.to_review()
    await jane.press("Cancel")
    assert "Nothing was paid" in jane.text
    assert jane.card.buttons == []
    await jane.say("/buy")
    await jane.say("cancel")
    assert "Cancelled" in jane.text
    await jane.say("/cancel")
    assert "nothing to cancel" in jane.text
    assert await world.paid() == []
    assert await world.dialogues() == []


async def test_cancel_after_confirm_says_what_can_be_done(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say("/cancel")
    assert "decline the prompt on your phone" in jane.text
    assert len(await world.paid()) == 1


async def test_a_side_question_leaves_the_form_where_it_was(world: Any, jane: Any) -> None:
    await jane.say("/buy")
    await jane.press("English")
    await jane.press("Kenya")
    await jane.say("/help")
    assert "How this works" in jane.text
    assert "How much?" in jane.text
    await jane.say("/status")
    await jane.say("❓ Help")
    await jane.press("1,000")
    assert "Which crypto" in jane.text


async def test_another_line_begins_anew(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say("buy 20 usdc on base")
    await jane.say("buy 1500 kes of usdt on polygon")
    assert "Where shall the USDT go?" in jane.text
    assert len(await world.dialogues()) == 1


async def test_a_restart_in_the_middle(world: Any, jane: Any) -> None:
    await jane.say("/buy")
    await jane.press("English")
    await jane.press("Kenya")
    await world.restart()
    await jane.press("1,000")
    await world.restart()
    await jane.press("USDC")
    assert "chain" in jane.text


async def test_again_from_an_earlier_payment(world: Any, jane: Any) -> None:
    await jane.buy_once()
    (payment,) = await world.paid()
    await jane.tap(f"1:p:{payment.code}:again")
    assert "confirm" in jane.choices
    assert "0x5aAe…eAed" in jane.text
    assert len(await world.paid()) == 1


async def test_the_provider_is_away(world: Any, jane: Any) -> None:
    world.market.error = NotSent("connect")
    await jane.say(f"buy 20 usdc on base to {ADDRESS}")
    for step in ("English", "Kenya"):
        await jane.press(step)
    await jane.say("0712345678")
    await jane.say("Jane Wanjiku")
    assert "Nothing was paid" in jane.text
    assert "confirm" not in jane.choices
    world.market.error = None
    await jane.press("new price")
    assert "confirm" in jane.choices


async def test_an_expired_conversation_offers_itself_filled_in(world: Any, jane: Any) -> None:
    await jane.to_review()
    world.pass_time(minutes=31)
    await jane.say("hello again")
    assert "Your answers are kept" in jane.text
    await jane.press("Go on")
    assert "confirm" in jane.choices
    assert await world.paid() == []
    await jane.press("Confirm")
    assert len(await world.paid()) == 1


async def test_a_secret_is_never_kept_or_repeated(world: Any, jane: Any) -> None:
    phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    for text in (KEY, phrase, f"/buy {KEY}"):
        await jane.say(text)
        assert "I am deleting your message" in jane.text
        assert text not in jane.text
    await jane.say("buy 20 usdc on base")
    await jane.press("English")
    await jane.press("Kenya")
    before = await world.dialogues()
    await jane.say(KEY)
    assert "I am deleting your message" in jane.text
    assert (await world.dialogues())[0].question == before[0].question == "address"


async def test_an_amount_with_words_around_it(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say("20 usdc on base please")
    assert "Where shall the USDC go?" in jane.text
    await jane.say("/buy")
    await jane.say("20 usdc on base")
    assert "Amount: 20 USDC" in jane.text


async def test_lines_that_contradict_themselves(world: Any, jane: Any) -> None:
    await jane.buy_once()
    for line, why in (
        ("buy 20 30 usdc", "two amounts"),
        ("buy 20 usdc usdt", "two kinds of crypto"),
        ("buy 20 usdc on base polygon", "two chains"),
        ("buy 20 usdt on base", "not offered on Base"),
        ("buy 1,500 ghs of usdc", "pay in KES"),
        ("buy 0 usdc", "above zero"),
        ("buy 20 usdc on solna", "did not understand “solna”"),
    ):
        await jane.say(line)
        assert why in jane.text, line
    assert len(await world.paid()) == 1


async def test_lines_of_somebody_new_keep_what_is_certain(world: Any, jane: Any) -> None:
    for line in ("buy 1500.55 of usdc with kes", "buy 1,500 ghs of usdc", "buy 20 of usdc", "buy 1500 kes of usdt"):
        await jane.say(line)
        assert "language" in jane.text, line
    await jane.press("English")
    await jane.press("Kenya")
    assert "On which chain do you want your USDT?" in jane.text  # 1,500 KES stands
    await jane.press("Back")
    await jane.press("Back")
    assert "Keep 1,500\u00a0KES" in jane.card.labels
