"""Codes in photographs: an answer where they fit, an offer where nothing is asked, and a plain word where they are useless."""

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from bot.telegram.qr_codes import UnreadablePicture, read_codes
from tests.dialogue.conftest import ADDRESS, code

if TYPE_CHECKING:
    from tests.dialogue.conftest import Chat, World

OTHER = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
WITHOUT_CHECKSUM = "0x52908400098527886E0F7030069857D2E4169EE7"
USDC_ON_BASE = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
USDT_ON_ETHEREUM = "0xdAC17F958D2ee523a2206206994597C13D831ec7"
MARY = "+254722000001"
CARD = f"BEGIN:VCARD\nVERSION:3.0\nN:Wanjiru;Mary;;;\nTEL;TYPE=CELL:{MARY}\nEND:VCARD"


def photo(*texts: str, tilt: float = 0, kind: str = "JPEG") -> bytes:
    """A photograph of several codes on a table."""
    table = Image.new("RGB", (420 * len(texts) + 60, 520), (122, 108, 90))
    for place, text in enumerate(texts):
        with Image.open(io.BytesIO(code(text))) as one:
            paper = one.convert("RGB").resize((340, 340)).rotate(tilt, expand=True, fillcolor=(122, 108, 90))
        table.paste(paper, (30 + 420 * place, 40))
    kept = io.BytesIO()
    table.save(kept, kind, quality=70)
    return kept.getvalue()


@pytest.fixture
async def asked(jane: "Chat") -> "Chat":
    """Jane, who is asked for a wallet address on Base."""
    await jane.say("/buy")
    for answer in ("English", "Kenya", "1,000", "USDC", "Base"):
        await jane.press(answer)
    return jane


@pytest.mark.parametrize(
    "text", [ADDRESS, f"ethereum:{ADDRESS}@8453", f"ethereum:{USDC_ON_BASE}@8453/transfer?address={ADDRESS}&uint256=5"]
)
async def test_an_address_answers_the_question_for_one(asked: "Chat", text: str) -> None:
    await asked.photograph(photo(text, tilt=12))
    await asked.share("+254712345678")
    await asked.say("Jane Wanjiku")
    assert ADDRESS in asked.text  # whole on the review card, as when it is typed
    assert "confirm" in asked.choices


async def test_nothing_is_confirmed_by_a_photograph(world: "World", asked: "Chat") -> None:
    await asked.photograph(code(ADDRESS))
    await asked.photograph(code(ADDRESS))
    assert await world.paid() == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"ethereum:{ADDRESS}@137", "another chain"),
        (f"ethereum:{USDT_ON_ETHEREUM}@1/transfer?address={ADDRESS}&uint256=5", "another chain"),
        (ADDRESS.replace("5aAe", "5aAE"), "mistake"),
        ("TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC", "not one of Base"),
        ("https://evil.example/win", "I open no links"),
        ("WIFI:S:cafe;T:WPA;P:secret;;", "I open no links"),
        (MARY, "not what is asked"),
        (CARD, "not what is asked"),
        ("wc:7f6e504b@2", "no wallet address"),
    ],
)
async def test_what_does_not_fit_is_told_and_the_question_stands(asked: "Chat", text: str, said: str) -> None:
    before = asked.card.labels
    await asked.photograph(code(text))
    assert said in asked.text
    assert "evil" not in asked.text
    assert "cafe" not in asked.text
    assert asked.card.labels == before


async def test_a_code_for_another_token_is_no_answer(world: "World", asked: "Chat") -> None:
    usdt = "0xfde4C96c8593536E31F229EA8f37b2ADa2699bb2"
    await asked.photograph(code(f"ethereum:{usdt}@8453/transfer?address={ADDRESS}&uint256=5"))
    (dialogue,) = await world.dialogues()
    assert dialogue.question == "address"


async def test_of_several_codes_one_is_chosen(world: "World", asked: "Chat") -> None:
    await asked.photograph(photo(ADDRESS, WITHOUT_CHECKSUM, "https://example.com"))
    assert "several codes" in asked.text
    await asked.press("0x5290…9EE7")
    (dialogue,) = await world.dialogues()
    held = await world.services.conversations.of(dialogue.customer_id)
    assert held is not None
    assert held.draft.answers["address"] == WITHOUT_CHECKSUM


async def test_the_same_code_twice_is_one(world: "World", asked: "Chat") -> None:
    await asked.photograph(photo(ADDRESS, f"ethereum:{ADDRESS}"))
    (dialogue,) = await world.dialogues()
    assert dialogue.question == "phone"


async def test_an_address_at_an_earlier_question_is_kept_and_a_number_is_no_amount(jane: "Chat") -> None:
    await jane.buy_once()
    await jane.say("/buy")
    await jane.photograph(code(MARY))
    assert "not what is asked" in jane.text
    await jane.photograph(code(OTHER))
    assert "0xfB69…d359" in jane.text
    await jane.press("1,000")
    await jane.press("USDC")
    await jane.press("Base")
    assert OTHER in jane.text
    assert "confirm" in jane.choices


async def test_an_address_without_a_question_is_shown_whole_and_can_be_bought_to(world: "World", jane: "Chat") -> None:
    await jane.buy_once()
    await jane.photograph(code(f"ethereum:{USDC_ON_BASE}@8453/transfer?address={OTHER}&uint256=20000000"))
    assert OTHER in jane.text
    assert "20 USDC on Base" in jane.text
    await jane.press("Buy crypto")
    assert OTHER in jane.text
    assert "confirm" in jane.choices
    assert len(await world.paid()) == 1


async def test_a_business_card_becomes_a_recipient(world: "World", jane: "Chat") -> None:
    await jane.buy_once()
    await jane.photograph(code(CARD))
    assert "Mary Wanjiru" in jane.text
    await jane.press("Save Mary")
    await jane.say("/recipients mary")
    assert "+254 722 000001" in jane.text
    await jane.photograph(photo("tel:0722000001", "MECARD:N:Otieno,Martin;TEL:+254722000002;;"))
    assert {"Show Mary Wanjiru", "Save Martin Otieno"} <= set(jane.card.labels)


async def test_what_is_found_now_takes_the_place_of_what_was_found_before(world: "World", jane: "Chat") -> None:
    await jane.buy_once()
    await jane.photograph(code(ADDRESS))
    await jane.photograph(code(OTHER))
    assert OTHER in jane.text
    await jane.share(MARY, owner=7, name="Mary")
    assert "Save Mary" in jane.card.labels
    await jane.photograph(code(CARD))
    assert "Save Mary Wanjiru" in jane.card.labels
    assert len(await world.dialogues()) == 1


async def test_a_secret_key_in_a_picture_is_taken_out_of_the_chat(world: "World", asked: "Chat") -> None:
    await asked.photograph(code("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"))
    assert "key" in asked.text.lower()
    assert len(world.erased.messages) == 1


async def test_our_own_link_is_followed_as_if_it_were_opened(world: "World", jane: "Chat") -> None:
    await jane.photograph(code("https://t.me/assistant_bot?start=hello"))
    assert "Hello Jane" in jane.text or "Welcome" in jane.text
    typed = world.chat(502)
    await typed.say("/start r_nobody")
    await jane.photograph(code("https://t.me/assistant_bot?start=r_nobody"))
    assert jane.text == typed.text
    assert not world.errors


@pytest.mark.parametrize("as_file", [False, True])
async def test_a_picture_without_a_code_says_what_a_better_one_is(jane: "Chat", as_file: bool) -> None:
    empty = io.BytesIO()
    Image.effect_noise((400, 400), 60).save(empty, "PNG")
    await jane.photograph(empty.getvalue(), as_file=as_file)
    assert "no code that I can read" in jane.text
    assert "good light" in jane.text


async def test_a_file_that_is_no_picture_or_too_large_is_told(world: "World", jane: "Chat") -> None:
    await jane.photograph(b"%PDF-1.7", as_file=True)
    assert "cannot open this" in jane.text
    await jane.photograph(code(ADDRESS), as_file=True, size=6_000_000)
    assert "too large" in jane.text
    await jane.photograph(code(ADDRESS))
    world.album.pictures.clear()
    await jane.send(jane._message(photo=[{"file_id": "x", "file_unique_id": "x", "width": 9, "height": 9}]))
    assert "could not get this picture" in jane.text


def test_pictures_are_measured_before_they_are_unpacked() -> None:
    huge = io.BytesIO()
    Image.new("1", (9000, 9000)).save(huge, "PNG")
    assert len(huge.getvalue()) < 20_000
    for content in (
        huge.getvalue(),
        b"",
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        code(ADDRESS)[:60],
        photo(ADDRESS, kind="GIF"),
    ):
        with pytest.raises(UnreadablePicture):
            read_codes(content)


def test_codes_of_all_looks_are_read() -> None:
    assert read_codes(code("dark", dark="white", light="black")) == ("dark",)
    assert read_codes(code("on nothing", light=None)) == ("on nothing",)
    assert set(read_codes(photo("one", "two", "three", tilt=33))) == {"one", "two", "three"}
    assert read_codes(photo("webp", kind="WEBP")) == ("webp",)
