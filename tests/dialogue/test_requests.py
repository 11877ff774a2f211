"""Asking for money and paying what was asked for, as people do it: lines, forms, links, groups, inline."""

import itertools
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from bot.engine.customers import PHONE as CUSTOMER_PHONE
from bot.payments.requests import Pricing, RequestState, RequestView, UseState
from bot.payments.states import PaymentKind
from storage.requests import REQUEST, USE
from storage.tables import Customer, table_of
from tests.dialogue.conftest import PHONE, Chat, World, plain

GROUP = -4001
CUSTOMER = table_of(Customer)


async def maker(world: World) -> Chat:
    """Somebody whose phone is known."""
    chat = world.chat(501)
    await chat.buy_once()
    return chat


async def stranger(world: World, number: int = 602) -> Chat:
    return world.chat(number)


async def requests(world: World) -> list[RequestView]:
    rows = await world.database.read(
        lambda s: [row[0] for row in s.execute(select(REQUEST.c.id).order_by(REQUEST.c.id))]
    )
    views = [await world.requests.view(row) for row in rows]
    return [view for view in views if view is not None]


async def uses(world: World) -> list[str]:
    return await world.database.read(lambda s: [row[0] for row in s.execute(select(USE.c.state))])


async def asked(world: World, line: str = "request 1500 kes for lunch") -> tuple[Chat, RequestView]:
    chat = await maker(world)
    await chat.say(line)
    return chat, (await requests(world))[-1]


async def test_one_line_makes_a_request_and_shows_its_card(world: World) -> None:
    chat, view = await asked(world)

    assert (view.terms.amount, view.terms.title, view.terms.most_uses) == (Decimal(1500), "lunch", 1)
    assert view.state is RequestState.OPEN
    assert view.destination.phone == PHONE
    text = plain(chat.last.text)
    assert "You ask for 1,500 KES" in text
    assert "lunch" in text
    link = chat.button("Copy link").copy
    assert link == f"https://t.me/assistant_bot?start=r_{view.code}"
    assert "Share" in chat.last.labels[0]


async def test_a_stranger_pays_with_two_taps_and_no_form(world: World) -> None:
    _, view = await asked(world)
    payer = await stranger(world)

    await payer.say(f"/start r_{view.code}")
    assert "Jane W. asks for 1,500 KES" in plain(payer.last.text)
    await payer.press("Pay 1,500")
    assert payer.keys is not None  # the phone is shared with Telegram's own button
    await payer.share("254723456789")
    assert "confirm" in payer.choices, payer.card
    card = plain(payer.card.text)
    assert "1,500 KES" in card
    assert "lunch" in card
    await payer.press("Confirm")

    [payment] = [one for one in await world.paid() if one.kind == PaymentKind.REQUEST]
    assert (payment.pay_amount, payment.receive_amount, payment.receive_currency) == (1500, 1500, "KES")
    assert payment.request_id == view.id
    assert await uses(world) == [UseState.RESERVED]
    again = (await requests(world))[0]
    assert (again.uses_reserved, again.uses_paid) == (1, 0)


async def test_who_is_known_pays_with_two_taps(world: World) -> None:
    _, view = await asked(world)
    payer = await stranger(world)
    await payer.say(f"/start r_{view.code}")
    await payer.press("Pay 1,500")
    await payer.share("254723456789")
    await payer.press("Cancel")

    await payer.say(f"/start r_{view.code}")
    await payer.press("Pay 1,500")
    await payer.press("Confirm")
    assert await uses(world) == [UseState.RESERVED]


async def test_the_last_use_is_taken_while_somebody_looks_at_the_card(world: World) -> None:
    _, view = await asked(world)
    chats = [await stranger(world, 602), await stranger(world, 603)]
    for chat, phone in zip(chats, ("254723456789", "254723456788"), strict=True):
        await chat.say(f"/start r_{view.code}")
        await chat.press("Pay 1,500")
        await chat.share(phone)
    for chat in chats:
        await chat.press("Confirm")

    assert await uses(world) == [UseState.RESERVED]
    assert "Nothing was taken from you" in chats[1].text
    await chats[1].say(f"/start r_{view.code}")
    assert "Nothing was taken from you" in chats[1].text


@pytest.mark.parametrize(
    ("end", "says"),
    [("close", "This request is closed. Nothing was taken from you"), ("expire", "time of this request is over")],
)
async def test_a_link_that_is_over_says_so_and_a_way_on(world: World, end: str, says: str) -> None:
    chat, view = await asked(world)
    payer = await stranger(world)
    await payer.say(f"/start r_{view.code}")
    if end == "close":
        await chat.press("Close")
        assert "Closed" in (chat.popped[0] or "")
    else:
        world.pass_time(days=8)

    await payer.tap(f"1:r:{view.code}:pay")
    assert says in payer.text
    assert "Open until" not in payer.text
    await chat.say(f"/start r_{view.code}")
    assert "Open until" not in chat.text
    assert [label for label in chat.last.labels if "Make another" in label]
    assert any("Ask for money" in label for label in payer.last.labels)
    assert await uses(world) == []


async def test_an_unknown_link_is_answered(world: World) -> None:
    payer = await stranger(world)
    await payer.say("/start r_nothing-like-this")
    assert "leads to no request" in payer.text


async def test_the_maker_opens_their_own_link(world: World) -> None:
    chat, view = await asked(world)
    await chat.say(f"/start r_{view.code}")
    assert "You ask for" in chat.text
    await chat.tap(f"1:r:{view.code}:pay")
    assert "your own request" in (chat.popped[0] or "")


async def test_nobody_else_can_close_a_request(world: World) -> None:
    _, view = await asked(world)
    payer = await stranger(world)
    await payer.say("/start")
    await payer.tap(f"1:r:{view.code}:close")
    assert (await requests(world))[0].state is RequestState.OPEN


async def test_the_form_asks_for_what_a_line_leaves_open(world: World) -> None:
    chat = await maker(world)
    await chat.say("/request")
    assert "How much" in chat.text
    await chat.say("500-2000")
    await chat.say("Church roof")
    await chat.press("10 times")
    await chat.press("3 days")
    text = plain(chat.card.text)
    assert "500 KES to 2,000 KES" in text
    assert "Church roof" in text
    await chat.press("Confirm")

    [view] = await requests(world)
    assert (view.terms.pricing, view.terms.most_uses) == (Pricing.RANGE, 10)
    assert view.expires_at == world.now.replace(day=27)
    assert "You ask for" in plain(chat.last.text)


async def test_ways_to_pay_and_a_note_are_never_asked_for_and_can_be_given(world: World) -> None:
    chat = await maker(world)
    await chat.say("/request")
    for said in ("500", "Church roof"):
        await chat.say(said)
    await chat.press("10 times")
    await chat.press("3 days")
    await chat.press("Change")
    await chat.press("Ways to pay: However they can")
    await chat.press("Mobile money only")
    await chat.press("Change")
    await chat.press("Note: No note")
    await chat.say("x" * 301)
    assert "300" in chat.text
    await chat.say("Bring your own nails")
    text = plain(chat.card.text)
    assert "By mobile money only" in text
    assert "Bring your own nails" in text
    await chat.press("Confirm")

    [view] = await requests(world)
    assert (view.terms.methods, view.terms.note) == (("mobile_money",), "Bring your own nails")
    payer = await stranger(world)
    await payer.say(f"/start r_{view.code}")
    assert "By mobile money only" in plain(payer.last.text)
    await payer.press("Pay 500")
    await payer.share("27821234567")  # nobody pays by mobile money there
    assert "That number is not from there" in payer.text
    assert "South Africa" not in payer.text


async def test_a_bank_is_taken_where_the_maker_does_not_say_otherwise(world: World) -> None:
    _, view = await asked(world)
    payer = await stranger(world)
    await payer.say(f"/start r_{view.code}")
    await payer.press("Pay 1,500")
    await payer.share("27821234567")
    assert "ZAR" in plain(payer.card.text)
    assert "bank" in plain(payer.card.text)


async def test_a_phone_is_asked_only_where_phones_pay(world: World) -> None:
    chat, _ = await asked(world)
    await chat.press("Ask a phone")
    await chat.say("+27 82 123 4567")
    assert "That number is not from there" in chat.text


async def test_somebody_new_says_first_where_money_should_go(world: World) -> None:
    chat = world.chat(701)
    await chat.say("request 500 for lunch")
    await chat.press("English")
    assert "want to receive money" in chat.text
    assert not any("South Africa" in label for label in chat.card.labels)  # no phones are paid there
    await chat.say("South Africa")
    assert "I cannot pay out money there yet" in chat.text
    await chat.press("Kenya")
    await chat.say("500")
    await chat.say("lunch")
    await chat.press("Once")
    await chat.press("7 days")
    assert "The money goes there" in chat.text
    await chat.share(PHONE, owner=9)
    assert "goes to your own phone" in chat.text
    await chat.share(PHONE)
    await chat.say("Amina Hassan")
    await chat.press("Confirm")

    [view] = await requests(world)
    assert (view.maker, view.destination.phone, view.terms.amount) == ("Amina H.", PHONE, Decimal(500))


async def test_a_payer_chooses_within_a_range(world: World) -> None:
    _, view = await asked(world, "request 500-2000 for church x10")
    payer = await stranger(world)
    await payer.say(f"/start r_{view.code}")
    await payer.press("Pay with mobile money")
    await payer.say("200")
    assert "less than is asked for" in payer.text
    await payer.say("750")
    await payer.share("254723456789")
    assert "750 KES" in plain(payer.card.text)
    await payer.press("Confirm")
    [payment] = [one for one in await world.paid() if one.kind == PaymentKind.REQUEST]
    assert payment.receive_amount == 750


async def test_a_number_from_where_nothing_can_be_paid(world: World) -> None:
    _, view = await asked(world)
    payer = await stranger(world)
    await payer.say(f"/start r_{view.code}")
    await payer.press("Pay 1,500")
    await payer.say("+44 7911 123456")
    assert "That number is not from there" in payer.text


async def test_a_yes_that_comes_after_the_end_is_never_called_confirmed(world: World) -> None:
    chat, view = await asked(world)
    payer = await stranger(world)
    await payer.say(f"/start r_{view.code}")
    await payer.press("Pay 1,500")
    await payer.share("254723456789")
    await chat.press("Close")
    await payer.press("Confirm")
    assert "This request is closed. Nothing was taken from you." in payer.text
    assert payer.popped == [None]
    assert [one for one in await world.paid() if one.kind == PaymentKind.REQUEST] == []


async def test_extend_ask_again_remind_and_qr(world: World) -> None:
    chat, view = await asked(world)
    await chat.press("A week more")
    assert (await requests(world))[0].expires_at == world.now.replace(month=12, day=8)
    await chat.press("Remind")
    assert "Share it first" in (chat.popped[0] or "")
    payer = await stranger(world)
    await payer.say(f"/start r_{view.code}")
    await world.handle(
        {"update_id": next(world.numbers), "callback_query": tap(chat, f"1:r:{view.code}:remind")}, chat, payer
    )
    assert "on its way" in (chat.popped[0] or "")
    assert "A reminder from Jane W." in payer.text
    await chat.press("QR code")
    assert f"https://t.me/assistant_bot?start=r_{view.code}" in chat.text
    await chat.press("Make another")
    assert len(await requests(world)) == 1  # it is shown before it is made
    assert "Check your request" in chat.text
    assert "lunch" in chat.text
    yes = chat.button("Confirm").data
    await chat.tap(yes)
    assert len(await requests(world)) == 2
    await chat.tap(yes)
    assert chat.popped == ["This is already done."]
    assert chat.said == []
    assert len(await requests(world)) == 2


async def test_a_phone_is_asked_with_a_warning(world: World) -> None:
    chat, _ = await asked(world)
    await chat.press("Ask a phone")
    assert "they must have agreed" in chat.text
    await chat.say("0723456789")
    await chat.say("Otieno Odhiambo")
    text = plain(chat.card.text)
    assert "Ask only people who have agreed" in text
    assert "+254 723 456789" in text
    assert "Otieno Odhiambo (…789) is asked to pay 1,500 KES." in text
    assert "You receive 1,500 KES." in text
    assert "You pay" not in text
    assert "your PIN" not in text
    await chat.press("Confirm")
    assert await uses(world) == [UseState.RESERVED]
    assert (await requests(world))[0].uses_reserved == 1


# groups


def in_group(world: World, text: str, user: int = 501) -> dict[str, Any]:
    chat = {"id": GROUP, "type": "group", "title": "Friends"}
    sender = {"id": user, "is_bot": False, "first_name": "Jane", "language_code": "en"}
    message = {
        "message_id": next(world.numbers),
        "date": int(world.now.timestamp()),
        "chat": chat,
        "from": sender,
        "text": text,
        "entities": [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}],
    }
    return {"update_id": next(world.numbers), "message": message}


async def test_a_sum_is_split_in_a_group(world: World) -> None:
    await maker(world)
    group = world.chat(GROUP)
    await world.handle(in_group(world, "/split@assistant_bot 3000 4 taxi"), group)

    [view] = await requests(world)
    assert (view.terms.amount, view.terms.most_uses) == (Decimal(750), 4)
    text = plain(group.last.text)
    assert "Jane W. asks for 750 KES" in text
    assert "0 of 4 paid" in text
    assert group.last.buttons[0].url == f"https://t.me/assistant_bot?start=r_{view.code}"


@pytest.mark.parametrize(
    ("text", "user", "says"),
    [
        ("/request lunch", 501, "I see no amount in it"),
        ("/request 500 lunch", 999, "Set that up in our private chat"),
        ("/buy 20 usdc", 501, "private"),
        ("/request@another_bot 500 lunch", 501, "private"),
    ],
)
async def test_what_cannot_be_done_in_a_group_is_answered(world: World, text: str, user: int, says: str) -> None:
    await maker(world)
    group = world.chat(GROUP)
    await world.handle(in_group(world, text, user), group)
    assert says in plain(group.text)
    assert await requests(world) == []


# inline


def tap(chat: Chat, data: str) -> dict[str, Any]:
    return {"id": f"q{next(chat.world.numbers)}", "from": person(chat.user_id), "chat_instance": "1", "data": data} | {
        "message": chat._from_bot(None)
    }


def person(user: int) -> dict[str, Any]:
    return {"id": user, "is_bot": False, "first_name": "Jane", "language_code": "en"}


async def typed(world: World, text: str, user: int = 501) -> Any:
    query = {"id": f"i{next(world.numbers)}", "from": person(user), "query": text, "offset": ""}
    await world.handle({"update_id": next(world.numbers), "inline_query": query})
    return world.offers.answers[query["id"]]


async def chosen(world: World, result: Any, text: str, message: str = "inline-1", user: int = 501) -> None:
    body = {"result_id": result.name, "from": person(user), "query": text, "inline_message_id": message}
    await world.handle({"update_id": next(world.numbers), "chosen_inline_result": body})


async def test_inline_nothing_is_made_until_a_result_is_chosen(world: World) -> None:
    await maker(world)
    for text in ("5", "50", "500", "500 k", "500 kes lunch"):
        answer = await typed(world, text)
        assert answer.results
    assert await requests(world) == []
    once, many = answer.results
    assert "500 KES" in plain(once.title)
    assert "lunch" in once.description

    await chosen(world, many, "500 kes lunch")
    [view] = await requests(world)
    assert (view.terms.amount, view.terms.title, view.terms.most_uses) == (Decimal(500), "lunch", None)
    assert many.screen.rows[0][0].url == f"https://t.me/assistant_bot?start=r_{view.code}"
    await chosen(world, many, "500 kes lunch", "inline-2")
    assert len(await requests(world)) == 1


async def test_inline_the_card_lives(world: World) -> None:
    chat = await maker(world)
    answer = await typed(world, "500 lunch x3")
    [result] = answer.results
    await chosen(world, result, "500 lunch x3")
    [view] = await requests(world)
    payer = await stranger(world)
    await payer.say(f"/start r_{view.code}")
    await payer.press("Pay 500")
    await payer.share("254723456789")
    await payer.press("Confirm")
    posted = world.requests.inline("inline-1", "en")
    found = await world.requests.card(view.id, posted.chat_id)
    assert found is not None
    assert found[1].inline_message_id == "inline-1"
    assert found[0].uses_reserved == 1
    assert chat.messages


@pytest.mark.parametrize("text", ["", "lunch", "-5 lunch", "500 ugx", "10 usdc", "1.5", "x" * 250, "5\u202e0", "💸"])
async def test_inline_a_query_that_cannot_be_read_gets_help(world: World, text: str) -> None:
    await maker(world)
    answer = await typed(world, text)
    [help_result] = answer.results
    assert help_result.title
    assert "<" not in help_result.title
    assert "500" in help_result.description
    await chosen(world, help_result, text)
    assert await requests(world) == []


async def test_inline_help_says_what_is_wrong_in_words_for_this_money(world: World) -> None:
    await maker(world)
    [help_result] = (await typed(world, "1.5 lunch")).results
    assert "at most 0" not in help_result.title
    assert "whole" in help_result.title


async def test_inline_strangers_are_led_in_and_leave_no_trace(world: World) -> None:
    before = len(await world.people())
    answer = await typed(world, "500 lunch", user=990)
    assert answer.start == "setup"
    assert len(await world.people()) == before
    await chosen(world, answer.results[0], "500 lunch", user=990)
    assert await requests(world) == []
    assert len(await world.people()) == before


async def test_money_asked_for_in_other_languages(world: World) -> None:
    chat = await maker(world)
    for line, title in (("omba 500 kwa chakula", "chakula"), ("demander 500 pour repas", "repas")):
        await chat.say(line)
        assert (await requests(world))[-1].terms.title == title
    assert len(set(itertools.chain(view.code for view in await requests(world)))) == 2


async def test_somebody_from_another_country_pays_in_their_own_money(world: World) -> None:
    _, view = await asked(world)
    payer = await stranger(world)
    await payer.say(f"/start r_{view.code}")
    await payer.press("Pay 1,500")
    await payer.share("256772123456")
    text = plain(payer.card.text)
    assert "UGX" in text
    assert "1,500 KES" in text
    await payer.press("Confirm")
    [payment] = [one for one in await world.paid() if one.kind == PaymentKind.REQUEST]
    assert payment.pay_currency == "UGX"
    assert (payment.receive_currency, payment.receive_amount >= 1500) == ("KES", True)


async def test_a_request_for_packages_is_paid_by_choosing_one(world: World) -> None:
    chat = await maker(world)
    await chat.say("request adult 1000, child 400 for concert x20")
    [view] = await requests(world)
    payer = await stranger(world)
    await payer.say(f"/start r_{view.code}")
    assert "child: 400 KES" in plain(payer.last.text)
    await payer.press("Pay with mobile money")
    await payer.press("child")
    await payer.share("254723456789")
    await payer.press("Change")
    await payer.press("My name shown")
    await payer.press("Yes")
    await payer.press("Confirm")
    [payment] = [one for one in await world.paid() if one.kind == PaymentKind.REQUEST]
    assert payment.receive_amount == 400
    sealed = await world.database.read(lambda s: s.execute(select(USE.c.payer_sealed)).scalar_one())
    assert world.keyring.open(sealed, context="request_use.payer") == "Jane"


async def test_a_balance_that_cannot_pay_out_charges_nobody(world: World) -> None:
    _, view = await asked(world)
    world.market.balances["KES"] = Decimal(100)
    payer = await stranger(world)
    await payer.say(f"/start r_{view.code}")
    await payer.press("Pay 1,500")
    await payer.share("254723456789")
    assert "confirm" not in payer.choices
    assert await uses(world) == []


async def test_the_phone_that_is_paid_cannot_pay(world: World) -> None:
    _, view = await asked(world)
    payer = await stranger(world)

    await payer.say(f"/start r_{view.code}")
    await payer.press("Pay 1,500")
    await payer.share(PHONE.removeprefix("+"))

    assert "it cannot pay" in plain(payer.text)
    await payer.share("254723456789")
    assert "confirm" in payer.choices


async def test_asking_again_after_moving_asks_anew_and_keeps_no_other_currency(world: World) -> None:
    chat, view = await asked(world)
    moved = {
        "country": "UG",
        "network": "MTN",
        "phone_sealed": world.keyring.seal("+256772123456", context=CUSTOMER_PHONE),
    }
    await world.database.write(lambda s: s.connection().execute(CUSTOMER.update().values(moved)))

    await chat.tap(f"1:r:{view.code}:clone")

    assert len(await requests(world)) == 1
    assert "UGX" in plain(chat.text)
