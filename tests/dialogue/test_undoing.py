"""Whether a payment can still be undone is said as it is, for each kind and at each state; and lines of other kinds."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from storage.tables import Leg, Payment

MARY = "0722 111 222"


async def moved(world: Any, state: str, leg: str) -> None:
    """As the engine does it, in short, with the newest payment."""
    newest = (await world.paid())[-1]

    def move(session: Session) -> None:
        session.execute(update(Payment).where(col(Payment.id) == newest.id).values(state=state))
        session.execute(update(Leg).where(col(Leg.payment_id) == newest.id).values(state=leg, submissions=1))

    await world.database.write(move)


async def send(jane: Any) -> None:
    await jane.say(f"send 500 kes to {MARY}")
    await jane.say("Mary Atieno")
    await jane.press("Confirm")


async def sell(jane: Any) -> None:
    await jane.say("sell 20 usdc on base to my phone")
    await jane.press("0x5aAe")
    await jane.press("The same wallet")
    await jane.press("Confirm")


@pytest.mark.parametrize(
    ("begin", "state", "leg", "said"),
    [
        (send, "confirmed", "ready", "has not been sent yet: tap Stop below"),
        (
            send,
            "awaiting_payment",
            "pending",
            "decline the prompt on your phone: then nothing is taken and nothing is sent",
        ),
        (send, "delivering", "succeeded", "is on its way and cannot be cancelled any more"),
        (sell, "awaiting_payment", "pending", "waits for your crypto"),
        (sell, "refunding", "returning", "is on its way and cannot be cancelled any more"),
    ],
)
async def test_cancel_says_what_is_true(world: Any, jane: Any, begin: Any, state: str, leg: str, said: str) -> None:
    await jane.buy_once()
    await begin(jane)
    if leg != "ready":
        await moved(world, state, leg)
    await jane.say("/cancel")
    assert said in jane.text
    assert (await world.paid())[-1].code in jane.text


async def test_a_purchase_that_is_being_delivered_cannot_be_declined_any_more(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await world.move_payment("delivering")
    await jane.say("/cancel")
    assert "is on its way" in jane.text
    assert "decline" not in jane.text


@pytest.mark.parametrize("word", ["sell", "send", "Uza", "tuma", "vendre", "envoyer"])
async def test_a_verb_by_itself_begins_its_form_where_another_one_is_open(world: Any, jane: Any, word: str) -> None:
    await jane.say("/buy")
    await jane.press("English")
    await jane.press("Kenya")
    await jane.say(word)
    (dialogue,) = await world.dialogues()
    assert dialogue.form in ("sell", "send")
    assert "put aside" in jane.text


@pytest.mark.parametrize(
    ("text", "meant"), [("send me the money back", "send"), ("sell my old car", "sell"), ("sned help", "send")]
)
async def test_what_only_sounds_like_a_wish_is_asked_back(jane: Any, text: str, meant: str) -> None:
    await jane.say(text)
    assert f"Did you mean “{meant}”?" in jane.text


async def test_crypto_that_is_sent_to_a_phone_is_sold(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say(f"send 20 usdc on base to {MARY}")
    (dialogue,) = await world.dialogues()
    assert dialogue.form == "sell"


async def test_money_and_a_number_are_enough(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say(f"500 kes to {MARY}")
    (dialogue,) = await world.dialogues()
    assert (dialogue.form, dialogue.question) == ("send", "to_name")


async def test_words_about_a_payment_begin_nothing_else(world: Any, jane: Any) -> None:
    """ "Pay rent to John" may be what the money is for."""
    await jane.buy_once()
    await jane.say(f"send 500 kes to {MARY}")
    await jane.say("Mary Atieno")
    await jane.press("Change")
    await jane.press("Note")
    await jane.say("pay rent to john")
    (dialogue,) = await world.dialogues()
    assert dialogue.question == "review"
    assert "pay rent to john" in jane.card.text
