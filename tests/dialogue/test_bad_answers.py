"""Answers that cannot be used: each says why, asks again, and leaves the state as it was."""

from typing import Any

import pytest

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


async def _at_amount(chat: Any, country: str = "Kenya") -> None:
    await chat.say("/buy")
    await chat.press("English")
    await chat.press(country)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("abc", "could not read"),
        ("-5", "above zero"),
        ("0", "above zero"),
        ("10", "the least is 500 KES"),
        ("999999999", "the most is 250,000 KES"),
        ("9" * 400, "too long"),
        ("NaN", "could not read"),
        ("∞", "could not read"),
        ("1e9", "could not read"),
        ("1500.50", "whole units"),
        ("1500 zzz", "do not know the currency “zzz”"),
        ("1500 ugx", "You pay in KES"),
        ("0.1 btc", "do not sell BTC"),
        ("20 usd", "I do not sell dollars"),
        ("\u202e1500", "could not read"),
        ("<b>1500</b>", "could not read"),
    ],
)
async def test_amounts(world: Any, jane: Any, typed: str, why: str) -> None:
    await _at_amount(jane)
    await jane.say(typed)
    assert why in jane.text
    assert "How much?" in jane.text
    (dialogue,) = await world.dialogues()
    assert dialogue.question == "amount"


async def test_an_ambiguous_amount_becomes_buttons(world: Any, jane: Any) -> None:
    await _at_amount(jane, "Ghana")
    await jane.say("1,500")
    assert "two ways" in jane.text
    assert "1,500.00 GHS" in "".join(jane.card.labels).replace("\u00a0", " ") or "1,500" in "".join(jane.card.labels)
    await jane.press("1,500")
    assert "Which crypto" in jane.text


async def test_a_bare_number_in_a_line_is_asked(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say("buy 1500")
    assert "How do you mean that number?" in jane.text
    await jane.press("1,500\u00a0USDC")
    assert "chain" in jane.text


async def test_too_little_money_may_have_been_meant_as_crypto(world: Any, jane: Any) -> None:
    await _at_amount(jane)
    await jane.say("20")
    await jane.press("20\u00a0USDC")
    assert "On which chain" in jane.text


async def _at_address(chat: Any, line: str = "buy 20 usdc on base") -> None:
    await chat.say(line)
    await chat.press("English")
    await chat.press("Kenya")
    assert "Where shall" in chat.text


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW", "address of Tron"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "mistake in that address"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA", "not an address on Base"),
        ("0x0000000000000000000000000000000000000000", "Nobody owns"),
        ("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "address of the token itself"),
        ("my wallet", "not an address on Base"),
    ],
)
async def test_addresses(world: Any, jane: Any, typed: str, why: str) -> None:
    await _at_address(jane)
    await jane.say(typed)
    assert why in jane.text
    (dialogue,) = await world.dialogues()
    assert dialogue.question == "address"


async def test_an_address_without_checksum_is_compared_first(world: Any, jane: Any) -> None:
    await _at_address(jane)
    await jane.say(ADDRESS.lower())
    assert "begins with 0x5aAe" in jane.text
    assert "Which phone" not in jane.text
    await jane.press("Yes, this is my address")
    assert "Which phone pays?" in jane.text


async def _at_phone(chat: Any) -> None:
    await chat.say(f"buy 20 usdc on base to {ADDRESS}")
    await chat.press("English")
    await chat.press("Kenya")
    assert "Which phone pays?" in chat.text


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("+256772123456", "from Uganda"),
        ("0712 345", "digits are missing"),
        ("0712 345 678 901", "too many digits"),
        ("my number", "could not read"),
        ("020 2222222", "not a mobile"),
    ],
)
async def test_phones(world: Any, jane: Any, typed: str, why: str) -> None:
    await _at_phone(jane)
    await jane.say(typed)
    assert why in jane.text
    (dialogue,) = await world.dialogues()
    assert dialogue.question == "phone"
    assert jane.keys is not None
    assert jane.keys[0][0].shares_contact


async def test_somebody_elses_contact(world: Any, jane: Any) -> None:
    await _at_phone(jane)
    await jane.share("254733123456", owner=999)
    assert "somebody else’s contact" in jane.text
    await jane.share("254712345678")
    assert "Whose name" in jane.text
    assert jane.keys is not None
    assert not jane.keys[0][0].shares_contact  # the ordinary keyboard is back


async def test_a_shared_number_of_another_country(world: Any, jane: Any) -> None:
    await _at_phone(jane)
    await jane.share("+256772123456")
    assert "from Uganda" in jane.text


@pytest.mark.parametrize("typed", ["J", "123", "<b>Jane</b>", "x" * 300, "\u202eJane Wanjiku", "www.evil.example/x"])
async def test_names(world: Any, jane: Any, typed: str) -> None:
    await _at_phone(jane)
    await jane.say("0712345678")
    await jane.say(typed)
    (dialogue,) = await world.dialogues()
    assert dialogue.question == "name"
    assert "Whose name" in jane.text


@pytest.mark.parametrize(
    ("typed", "why"),
    [("keny", "Do you mean"), ("France", "cannot take payments from there"), ("?", "cannot take payments")],
)
async def test_countries(world: Any, jane: Any, typed: str, why: str) -> None:
    await jane.say("/buy")
    await jane.press("English")
    await jane.say(typed)
    assert why in jane.text


async def test_tokens_and_chains_that_are_not_offered(world: Any, jane: Any) -> None:
    await _at_amount(jane)
    await jane.say("1000")
    await jane.say("doge")
    assert "do not sell that" in jane.text
    await jane.say("tethr")
    assert "Do you mean" in jane.text
    await jane.say("usdt")
    await jane.say("base")
    assert "not offered on Base" in jane.text
    await jane.say("poligon")
    await jane.press("Polygon")
    assert "Where shall the USDT go?" in jane.text


async def test_what_is_not_text(world: Any, jane: Any) -> None:
    for kind in (
        {
            "sticker": {
                "file_id": "a",
                "file_unique_id": "b",
                "type": "regular",
                "width": 1,
                "height": 1,
                "is_animated": False,
                "is_video": False,
            }
        },
        {"voice": {"file_id": "a", "file_unique_id": "b", "duration": 1}},
        {"location": {"longitude": 36.8, "latitude": -1.3}},
    ):
        await jane.send(jane._message(**kind))
        assert "photographs of QR codes" in jane.text
    photo = [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]
    await jane.send(jane._message(photo=photo, caption="buy 20 usdc"))
    assert "could not get this picture" in jane.text
    assert await world.dialogues() == []
    await jane.say("/buy")
    await jane.send(jane._message(voice={"file_id": "a", "file_unique_id": "b", "duration": 1}))
    assert "photographs of QR codes" in jane.text
    assert "language" in jane.text


async def test_an_edited_message_changes_nothing(world: Any, jane: Any) -> None:
    await _at_amount(jane)
    await jane.say("1500")
    before = await world.dialogues()
    update = jane._message(text="15000")
    await jane.send({"edited_message": {**update["message"], "edit_date": update["message"]["date"]}})
    assert "go by what it said first" in jane.text
    assert (await world.dialogues())[0].revision == before[0].revision
