"""A whole sale, as people do it: by taps and by one line, to their own phone and to others; changed, and called off."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from bot.engine.results import SellRequest
from bot.payments.coverage import Coverage
from bot.payments.parties import Way
from bot.screens.formats import money
from bot.screens.taps import PaymentTap
from handlers.dialogue.form import Offered

WALLET = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
OTHER = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
TRON = "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE"
PHONE = "+254712345678"


async def sold(world: Any) -> Any:
    """The newest payment as it is on record."""
    return await world.payments.view((await world.paid())[-1].id)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2060", "")


async def test_by_taps_as_somebody_new(world: Any, jane: Any) -> None:
    await jane.say("/sell")
    await jane.press("English")
    await jane.press("Kenya")
    await jane.press("USDC")
    await jane.press("20\u00a0USDC")
    await jane.press("Base")
    await jane.press("My own phone")
    await jane.share(PHONE)
    await jane.say("Jane Wanjiku")
    assert "crypto that cannot be paid out goes back there" in jane.text
    assert "Not from an exchange" in jane.text
    await jane.say(WALLET)
    await jane.press("The same wallet")
    offer_card = jane.card
    await jane.press("Confirm")
    view = await sold(world)
    assert isinstance(view.request, SellRequest)
    assert (view.request.sender_address, view.request.refund_address) == (WALLET, WALLET)
    assert view.request.destination.own
    assert (view.request.destination.phone, view.request.destination.network) == (PHONE, "MPESA")
    for amount in (view.pay, view.receive, view.fee):
        assert money(amount, "en") in offer_card.text
    (person,) = await world.people()
    assert person.country == "KE"
    # the next time neither phone nor wallet is asked for anew
    await jane.say("sell 20 usdc on base to my phone")
    assert "Tap an address that you used before" in jane.text
    await jane.press("0x5aAe")
    await jane.press("The same wallet")
    assert "confirm" in jane.choices


async def test_one_line_to_somebody_else_and_back_to_another_wallet(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say("sell 20 usdc on base to 0722 111 222")
    assert "Whose phone is" in jane.text
    await jane.say("Mary Atieno")
    await jane.press("0x5aAe")
    await jane.say(OTHER)
    assert "+254 722 111222" in plain(jane.card.text)
    assert "new number" in jane.card.text
    await jane.press("Confirm")
    request = (await sold(world)).request
    assert (request.sender_address, request.refund_address) == (WALLET, OTHER)
    assert (request.destination.phone, request.destination.name) == ("+254722111222", "Mary Atieno")
    assert request.crypto_amount == 20


async def test_a_number_in_the_line_of_somebody_new_is_read_once_the_country_is_known(jane: Any) -> None:
    await jane.say("sell 20 usdc on base to 0722 111 222")
    await jane.press("English")
    await jane.press("Kenya")
    assert "Whose phone is" in jane.text


async def test_so_much_money_shall_arrive(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say("sell usdc on base for 5000 kes to my phone")
    await jane.press("0x5aAe")
    await jane.press("The same wallet")
    assert "5,000 KES" in plain(jane.card.text)
    await jane.press("Confirm")
    view = await sold(world)
    assert view.request.fiat_amount == Decimal(5000)
    assert view.receive.to_plain() == "5000"
    assert view.pay.currency == "USDC"


async def test_the_money_of_another_country_is_settled_by_where_it_goes(jane: Any) -> None:
    await jane.buy_once()
    await jane.say("sell usdc on base for 300 ghs")
    await jane.press("My own phone")
    # Kenyan phones are paid in shillings: the amount fell, and is asked again
    assert "How much?" in jane.text
    await jane.say("300 ghs")
    assert "The money arrives in KES there, not in GHS." in jane.text
    await jane.say("5000 kes")
    assert "Which wallet" in jane.text


async def test_a_bare_number_counts_crypto_and_too_much_of_it_may_have_been_money(jane: Any) -> None:
    await jane.buy_once()
    await jane.say("/sell")
    await jane.press("USDC")
    await jane.say("5000")
    assert "too much" in jane.text
    await jane.press("5,000\u00a0KES")
    assert "On which chain" in jane.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.1 btc", "I do not buy BTC"),
        ("$20", "crypto that is worth dollars"),
        ("0", "above zero"),
        ("1,500", "two ways"),
        ("500 ngn", "arrives in KES there, not in NGN"),
    ],
)
async def test_amounts_that_cannot_be_sold(jane: Any, text: str, said: str) -> None:
    await jane.buy_once()
    await jane.say("/sell")
    await jane.press("USDC")
    await jane.say(text)
    assert said in jane.text
    assert "How much?" in jane.text


async def test_wallets_of_another_chain_are_refused_and_a_changed_chain_asks_for_both_anew(jane: Any) -> None:
    await jane.buy_once()
    await jane.say("sell 20 usdt on polygon to my phone")
    await jane.say(TRON)
    assert "That is an address of Tron" in jane.text
    await jane.say(WALLET)
    await jane.press("The same wallet")
    await jane.press("Change")
    await jane.press("Chain")
    await jane.press("Tron")
    assert "Which wallet will you send" in jane.text
    await jane.say(TRON)
    await jane.press("The same wallet")
    assert "confirm" in jane.choices
    assert WALLET not in jane.card.text


async def test_a_changed_wallet_asks_where_it_goes_back_to(jane: Any) -> None:
    await jane.buy_once()
    await jane.say("sell 20 usdc on base to my phone")
    await jane.press("0x5aAe")
    await jane.press("The same wallet")
    await jane.press("Change")
    await jane.press("Sent from")
    await jane.say(OTHER)
    await jane.press("The same wallet")
    assert WALLET not in jane.card.text
    assert OTHER in jane.card.text


async def test_again_is_filled_in(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say("sell 20 usdc on base to my phone")
    await jane.press("0x5aAe")
    await jane.press("The same wallet")
    await jane.press("Confirm")
    first = await sold(world)
    await jane.tap(PaymentTap(first.code, "again").pack())
    assert "confirm" in jane.choices
    await jane.press("Confirm")
    again = await sold(world)
    assert again.id != first.id
    assert again.request == first.request


async def test_a_sale_is_cancelled_after_one_more_question(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await world.end_payment("completed")
    await jane.say("sell 20 usdc on base to my phone")
    await jane.press("0x5aAe")
    await jane.press("The same wallet")
    await jane.press("Confirm")
    await jane.say("/cancel")
    assert "waits for your crypto" in jane.text
    code = (await sold(world)).code
    await jane.tap(PaymentTap(code, "cancel").pack())
    assert f"Cancel sale {code}?" in jane.text
    assert not (await sold(world)).cancel_asked
    await jane.press("Yes, cancel it")
    assert (await sold(world)).cancel_asked
    # a second tap, and a tap on the old card, change nothing
    await jane.tap(PaymentTap(code, "cancelnow").pack())
    assert jane.popped
    await jane.say("/cancel")
    assert "is being cancelled already" in jane.text


async def test_somebody_elses_account_is_not_taken_for_ones_own(world: Any, jane: Any) -> None:
    await jane.say("/sell")
    await jane.press("English")
    await jane.press("Kenya")
    await jane.press("USDC")
    await jane.say("20")
    await jane.press("Base")
    await jane.say("0722 111 222")
    await jane.say("Mary Atieno")
    await jane.say(WALLET)
    await jane.press("The same wallet")
    await jane.press("Confirm")
    request = (await sold(world)).request
    assert request.destination.way is Way.PHONE
    assert not request.destination.own
    (person,) = await world.people()
    assert person.phone_sealed is None


@dataclass(frozen=True)
class Bank:
    """As the provider lists it."""

    code: str
    name: str


async def test_a_bank_account_in_south_africa(world: Any, jane: Any) -> None:
    banks = {"ZA": (Bank("2500", "ABSA"), Bank("2700", "Capitec"))}
    world.services = replace(world.services, offered=Offered(coverage=lambda: Coverage(banks=banks)))
    await world.close()
    await world.open()
    await jane.say("/sell")
    await jane.press("English")
    await jane.press("South Africa")
    await jane.press("USDT")
    await jane.say("20")
    await jane.press("Tron")
    await jane.press("bank account in South Africa")
    await jane.press("Capitec")
    await jane.say("1234567")
    await jane.say("+27 82 123 4567")
    await jane.say("Thabo Nkosi")
    await jane.say(TRON)
    await jane.press("The same wallet")
    assert "352.80" in jane.card.text
    await jane.press("Confirm")
    to = (await sold(world)).request.destination
    assert (to.way, to.bank_code, to.account, to.currency) == (Way.BANK, "2700", "1234567", "ZAR")


async def test_what_could_not_be_paid_out_is_not_sold(world: Any, jane: Any) -> None:
    await jane.buy_once()
    world.market.balances["KES"] = Decimal(100)
    await jane.say("sell 20 usdc on base to my phone")
    await jane.press("0x5aAe")
    await jane.press("The same wallet")
    assert "confirm" not in jane.choices
    assert "refresh" in jane.choices
    world.market.balances["KES"] = Decimal(100_000)
    await jane.press("Get a new price")
    assert "confirm" in jane.choices


async def test_a_price_that_changes_is_shown_and_asked_again(world: Any, jane: Any) -> None:
    await jane.buy_once()
    await jane.say("sell 20 usdc on base to my phone")
    await jane.press("0x5aAe")
    await jane.press("The same wallet")
    old = jane.button("Confirm").data
    world.market.price["KES"] = Decimal(125)
    world.pass_time(seconds=51)
    await world.renewer.step()
    await world.deliver(jane)
    assert "less" in jane.card.text
    await jane.tap(old)
    assert len(await world.paid()) == 1  # the purchase alone
    await jane.press("Confirm")
    assert (await sold(world)).receive.amount == 2450


async def test_an_amount_whose_worth_is_beyond_the_limits_is_asked_again(jane: Any) -> None:
    await jane.buy_once()
    await jane.say("sell 2 usdc on base to my phone")
    await jane.press("0x5aAe")
    await jane.press("The same wallet")
    assert "the least is 500" in plain(jane.text)
    await jane.press("500\u00a0KES")
    assert "confirm" in jane.choices
