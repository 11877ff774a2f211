"""What is no answer to the open question is not blamed on it: it is answered for what it is, and the question stands."""

from typing import Any

import pytest

from bot.screens.menu import COMMANDS
from handlers.asides import Aside, aside_of, command_of_words
from handlers.commands import Commands

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
TRON = "TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW"
KEY = "0x" + "4c" * 32
MPESA = "TKO4X7Q2ZP Confirmed. Ksh1,530.00 paid to KOTANI PAY on 24/11/26 at 12:01 PM. New M-PESA balance is Ksh200.00."
BLAME = ("I do not know", "could not read", "do not sell that", "not an address", "cannot take payments")


async def at(chat: Any, question: str) -> None:
    """Come to a question as somebody new from Kenya."""
    answers = {
        "country": lambda: chat.press("English"),
        "amount": lambda: chat.press("Kenya"),
        "token": lambda: chat.say("1000"),
        "chain": lambda: chat.press("USDC"),
        "address": lambda: chat.press("Base"),
        "phone": lambda: chat.say(ADDRESS),
        "name": lambda: chat.say("0712345678"),
    }
    await chat.say("/buy")
    for name, answer in answers.items():
        await answer()
        if name == question:
            return


async def state(world: Any) -> tuple[str, int]:
    (dialogue,) = await world.dialogues()
    return dialogue.question, dialogue.revision


@pytest.mark.parametrize("question", ["country", "amount", "token", "chain", "address", "phone"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("status", "You have no payments yet"),
        ("Where is my money?", "You have no payments yet"),
        ("malipo yangu", "You have no payments yet"),
        ("statut", "You have no payments yet"),
        ("help", "How this works"),
        ("hi", "Hello Jane!"),
        ("thanks!", "You are welcome"),
        ("asante sana", "You are welcome"),
        ("how much is 20 usdc?", "exact price and every fee"),
        (MPESA, "keep it as proof"),
    ],
)
async def test_it_is_answered_and_the_question_stands(
    world: Any, jane: Any, question: str, text: str, said: str
) -> None:
    await at(jane, question)
    before = await state(world)
    asked = jane.card.text.split("\n\n")[-1]
    await jane.say(text)
    assert said in jane.text
    assert not any(blame in jane.text for blame in BLAME)
    assert jane.card.text.endswith(asked)
    assert await state(world) == before


@pytest.mark.parametrize("question", ["amount", "token", "chain", "address"])
async def test_a_whole_line_begins_anew(world: Any, jane: Any, question: str) -> None:
    await at(jane, question)
    await jane.say("buy 20 usdt on polygon")
    assert "Where shall the USDT go?" in jane.text


@pytest.mark.parametrize("coin", ["btc", "eth", "sol"])
async def test_another_coin_is_named_and_its_number_is_not_ours(world: Any, jane: Any, coin: str) -> None:
    await jane.buy_once()
    await jane.say(f"buy 20 {coin}")
    for _ in range(2):
        assert f"I do not sell {coin.upper()}. What I sell: USDC, USDT, cUSD." in jane.text
        assert "How much?" in jane.text
        assert not any(label.startswith("20\u00a0") for label in jane.card.labels)
        await jane.say(f"20 {coin}")


async def test_a_number_may_bring_its_coin_along(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say("buy 20btc")
    assert "I do not sell BTC. What I sell: USDC, USDT, cUSD." in jane.text
    assert "How much?" in jane.text


@pytest.mark.parametrize("question", ["token", "chain", "address"])
async def test_an_amount_is_taken_wherever_it_is_said(world: Any, jane: Any, question: str) -> None:
    await at(jane, question)
    await jane.say("5000 kes")
    assert "Amount: 5,000 KES" in jane.text
    assert (await state(world))[0] == question


async def test_an_amount_of_crypto_at_another_question(world: Any, jane: Any) -> None:
    await at(jane, "token")
    await jane.say("20 usdc")
    assert "Amount: 20 USDC" in jane.text
    assert "On which chain" in jane.text
    await jane.say("30 usdt on polygon")
    assert "Where shall the USDT go?" in jane.text


@pytest.mark.parametrize("question", ["amount", "token", "chain"])
async def test_an_address_that_comes_too_early_is_kept(world: Any, jane: Any, question: str) -> None:
    await at(jane, question)
    await jane.say(ADDRESS)
    assert "Wallet: 0x5aAe" in jane.text
    assert (await state(world))[0] == question
    await jane.say("buy 20 usdc")
    await jane.say(ADDRESS)
    await jane.press("Base")
    assert "Which phone pays?" in jane.text


async def test_polite_answers(world: Any, jane: Any) -> None:
    await at(jane, "amount")
    await jane.say("je veux 5000 francs en usdt")
    assert "That can mean different money: XOF" in jane.text
    await jane.say("i want 5000 kes please")
    assert "Which crypto" in jane.text
    await jane.say("usdc please")
    await jane.say("on the base network please")
    assert "Where shall the USDC go?" in jane.text
    await jane.say("send it to my wallet")
    assert "not an address on Base" in jane.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("20", "do not know that chain"),  # a bare number may count anything
        ("5000 ugx", "You pay in KES"),
        ("3 kes", "the least is 500 KES"),
        ("20 btc", "I do not sell BTC"),
        ("20 cusd on polygon", "do not know that chain"),
        ("5000 kes maybe", "do not know that chain"),
    ],
)
async def test_nothing_unclear_changes_an_answer(world: Any, jane: Any, text: str, said: str) -> None:
    await at(jane, "chain")
    await jane.say(text)
    assert said in jane.text
    assert "On which chain" in jane.text
    assert (await state(world))[0] == "chain"
    assert "1,000" in (await _amount(jane))


async def _amount(chat: Any) -> str:
    await chat.press("Base")
    await chat.say(ADDRESS)
    await chat.say("0712345678")
    await chat.say("Jane Wanjiku")
    return str(chat.card.text)


@pytest.mark.parametrize("name", ["Asante Mambo", "Merci Hali", "Salut", "Send Okello", "Nunua Juma"])
async def test_what_can_be_a_name_is_a_name(world: Any, jane: Any, name: str) -> None:
    await at(jane, "name")
    await jane.say(name)
    assert name in jane.card.text
    assert "Confirm" in "".join(jane.card.labels)


async def test_an_exact_command_word_is_no_name(world: Any, jane: Any) -> None:
    await at(jane, "name")
    await jane.say("cancel")
    assert "Cancelled." in jane.text
    assert await world.dialogues() == []


@pytest.mark.parametrize("by_tap", [True, False])
async def test_what_is_cancelled_and_what_goes_on(world: Any, jane: Any, by_tap: bool) -> None:
    await jane.buy_once()
    (payment,) = await world.paid()
    await jane.say("buy 20 usdt on polygon")
    await (jane.press("Cancel") if by_tap else jane.say("cancel"))
    assert "That is cancelled." in jane.text
    assert f"Your payment {payment.code} for" in jane.text
    await jane.press("Show the payment")
    assert payment.code in jane.text
    await world.end_payment("completed")
    await jane.say("buy 20 usdt on polygon")
    await jane.say("cancel")
    assert "Cancelled. Nothing was paid." in jane.text
    assert payment.code not in jane.text


async def test_where_an_open_payment_waits(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await world.move_payment("awaiting_payment")
    await jane.say("/buy")
    await jane.say("/cancel")
    assert "still waits on your phone" in jane.text


async def test_an_address_of_a_chain_where_the_token_is_not_offered(world: Any, jane: Any) -> None:
    await at(jane, "address")
    await jane.say(TRON)
    assert "USDC is not available on Tron here, only on: Base, Polygon, Ethereum, Solana, Celo, Stellar." in jane.text
    assert "On Tron there is USDT" in jane.text
    await jane.say("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")
    assert "choose another chain" not in jane.text
    await jane.say("buy 20 usdt on polygon")
    await jane.say(TRON)
    assert "go back and choose Tron." in jane.text


@pytest.mark.parametrize("text", [KEY, f"/buy {KEY}"])
async def test_a_secret_is_taken_out_of_the_chat(world: Any, jane: Any, text: str) -> None:
    await jane.say("hi")
    assert world.erased.messages == []
    update = jane._message(text=text)
    await jane.send(update)
    assert world.erased.messages == [(jane.user_id, update["message"]["message_id"])]
    assert "I am deleting your message; delete it yourself too" in jane.text


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("je veux 5000 francs en usdt", "country"),
        ("acheter 20 usdc sur base", "country"),
        ("nunua usdc 20 kwenye base", "country"),
        ("nataka 20 usdc", "country"),
    ],
)
async def test_lines_in_other_languages_begin_a_purchase(world: Any, text: str, question: str) -> None:
    awa = world.chat(602, language="fr")
    await awa.say(text)
    await awa.press("English")
    (dialogue,) = await world.dialogues()
    assert dialogue.question == question


async def test_an_unclear_franc_is_asked(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say("je veux 5000 francs en usdt")
    assert "That can mean different money: XOF" in jane.text
    assert "How much?" in jane.text


@pytest.mark.parametrize(
    ("text", "aside"),
    [
        ("merci beaucoup", Aside.THANKS),
        ("ok thanks", Aside.THANKS),
        ("bonjour !", Aside.GREETING),
        ("bei gani", Aside.PRICE),
        ("combien coûte 20 usdc ?", Aside.PRICE),
        (MPESA, Aside.NETWORK_MESSAGE),
        ("SFD8K2L9QW Imethibitishwa. Ksh1,530.00 imetumwa kwa KOTANI. Salio lako ni Ksh10", Aside.NETWORK_MESSAGE),
        ("hi 20 usdc", None),
        ("5000 kes", None),
        (ADDRESS, None),
        (TRON, None),
        ("0712 345 678", None),
        ("my name is Jane and I live in a long street", None),
        ("", None),
    ],
)
def test_asides(text: str, aside: Aside | None) -> None:
    assert aside_of(text) is aside


def test_command_words() -> None:
    assert command_of_words(" Mes paiements ? ") == "status"
    assert command_of_words("status of what") is None


def test_every_command_of_the_menu_is_done_by_one_method(world: Any) -> None:
    made = Commands(world.services, None, None)  # type: ignore[arg-type]
    assert all(made.named(name) is not None for name in COMMANDS)
    assert made.named("confirm") is None
