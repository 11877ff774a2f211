"""A whole transfer, as people do it: to a number, a name, a contact, a bank, a till; across borders; stopped; refused."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session

from bot.engine.recipients import count_use
from bot.payments.accounts import AccountFault
from bot.payments.coverage import Coverage
from bot.payments.parties import Way
from bot.payments.phones import PhoneFault
from bot.screens.texts import catalogue
from handlers.dialogue.form import Offered

MARY = "0722 111 222"
UGANDA = "+256 772 123 456"


@dataclass(frozen=True)
class Bank:
    code: str
    name: str


BANKS = {
    "KE": (Bank("68", "Equity Bank"), Bank("01", "Kenya Commercial Bank"), Bank("11", "Co-operative Bank")),
    "ZA": (Bank("2500", "ABSA"),),
}


@pytest.fixture
async def banking(world: Any) -> None:
    """The provider lists its banks; the handlers are built anew from the services as they are then."""
    world.services = replace(world.services, offered=Offered(coverage=lambda: Coverage(banks=BANKS)))
    await world.close()
    await world.open()


async def known(jane: Any) -> None:
    """Somebody who bought before, so that all about them is known."""
    await jane.buy_once()


async def send_to_mary(jane: Any, line: str = f"send 500 kes to {MARY}") -> None:
    await jane.say(line)
    if "Whose phone is" in jane.text:
        await jane.say("Mary Atieno")


async def arrived(world: Any) -> None:
    """The transfers so far have arrived, as the engine counts it."""
    views = [await world.payments.view(payment.id) for payment in await world.paid() if payment.kind == "send"]
    (customer,) = await world.people()

    def count(session: Session) -> None:
        count_use(session, world.keyring, customer.id, views[-1].request.destination, world.now)

    await world.database.write(count)


async def newest(world: Any) -> Any:
    payment = (await world.paid())[-1]
    return await world.payments.view(payment.id)


async def test_by_taps_as_somebody_new(world: Any, jane: Any) -> None:
    await jane.say("/send")
    await jane.press("English")
    await jane.press("Kenya")
    assert "Who gets the money?" in jane.text
    await jane.press("A phone in Kenya")
    assert "Which phone gets the money?" in jane.text
    await jane.say(MARY)
    assert "new number" in jane.text
    await jane.say("Mary Atieno")
    assert "typed by you" in jane.text
    await jane.press("1,000")
    await jane.share("+254712345678")
    await jane.say("Jane Wanjiku")
    for shown in ("1,000 KES", "+254 722 111222", "Mary Atieno", "new number", "Jane Wanjiku"):
        assert shown in jane.text
    assert "✓" not in jane.card.text  # no name is ticked
    await jane.press("Confirm")
    view = await newest(world)
    assert (view.kind, view.pay.amount, view.receive.amount) == ("send", Decimal(1000), Decimal(1000))
    to = view.request.destination
    assert (to.way, to.phone, to.network, to.name) == (Way.PHONE, "+254722111222", "MPESA", "Mary Atieno")
    assert (view.request.payer.phone, view.request.payer.network, view.request.hold) == ("+254712345678", "MPESA", 5)


async def test_one_line_and_the_next_time_by_name(world: Any, jane: Any) -> None:
    await known(jane)
    await send_to_mary(jane)
    await jane.press("Confirm")
    await jane.say("tuma 700 kwa Mary")
    assert "not paid yet" in jane.text or "new number" in jane.text  # nothing has arrived so far
    await jane.press("Confirm")
    await arrived(world)
    await arrived(world)
    await arrived(world)
    await jane.say("/send")
    assert any(label == "Mary Atie… · …222 · paid 3 times, last on 24 Nov" for label in jane.card.labels)
    await jane.press("Mary Atie")
    await jane.press("1,000")
    assert "paid 3 times, last on 24 Nov 2026" in jane.text
    assert "new number" not in jane.text


async def test_one_line_of_somebody_new_waits_for_their_country(world: Any, jane: Any) -> None:
    await jane.say(f"send 600 kes to {MARY} for lunch")
    await jane.press("English")
    await jane.press("Kenya")
    await jane.say("Mary Atieno")
    assert "Which phone pays?" in jane.text
    await jane.share("+254712345678")
    await jane.say("Jane Wanjiku")
    for shown in ("600 KES", "lunch", "Mary Atieno"):
        assert shown in jane.text


@pytest.mark.parametrize("line", ["pay 700 kes to paybill 888880 account 34021", "sell 20 usdc to till 174379"])
async def test_a_till_in_the_line_of_somebody_new_is_kept_until_their_country_is_known(jane: Any, line: str) -> None:
    await jane.say(line)
    await jane.press("English")
    await jane.press("Kenya")
    if "On which chain" in jane.text or "which chain" in jane.text:
        await jane.press("Base")
    assert "called?" in jane.text, jane.text  # neither whom nor the number is asked again


async def test_a_till_is_of_no_use_in_another_country(jane: Any) -> None:
    await jane.say("pay 700 to till 174379")
    await jane.press("English")
    await jane.press("Uganda")
    assert "Who gets the money?" in jane.text


async def test_a_contact_from_the_address_book(world: Any, jane: Any) -> None:
    await known(jane)
    await jane.say("/send")
    await jane.share("254722111222", owner=999, name="Mary")
    await jane.press("Mary")  # the name of the address book is offered, and still only typed by the customer
    await jane.press("1,000")
    await jane.press("Confirm")
    assert (await newest(world)).request.destination.phone == "+254722111222"


@pytest.mark.usefixtures("banking")
async def test_a_bank_account_in_kenya(world: Any, jane: Any) -> None:
    await known(jane)
    await jane.say("/send")
    await jane.press("A bank account in Kenya")
    await jane.say("equitty")
    await jane.press("Equity Bank")
    await jane.say("12 34")
    assert "8 to 16 digits" in jane.text
    assert "0110012345678" in jane.text
    await jane.say("0110 0987 65432")
    await jane.say(MARY)
    await jane.say("Mary Atieno")
    await jane.say("2000")
    assert "01100" in jane.text
    await jane.press("Confirm")
    to = (await newest(world)).request.destination
    assert (to.way, to.bank_code, to.bank_name, to.account) == (Way.BANK, "68", "Equity Bank", "0110098765432")
    assert to.phone == "+254722111222"


async def test_a_till_and_a_paybill(world: Any, jane: Any) -> None:
    await known(jane)
    await jane.say("pay 800 to till 174379")
    await jane.say("Duka 24")
    assert "Duka 24" in jane.text
    await jane.press("Confirm")
    to = (await newest(world)).request.destination
    assert (to.way, to.number, to.name) == (Way.TILL, "174379", "Duka 24")
    await jane.say("/send")
    await jane.press("paybill")
    await jane.say("12")
    assert "5 to 7 digits" in jane.text
    await jane.say("400200")
    await jane.say("meter@home")
    assert "letters and digits" in jane.text
    await jane.say("INV 77")
    await jane.say("City Power")
    await jane.say("900")
    await jane.press("Confirm")
    to = (await newest(world)).request.destination
    assert (to.way, to.number, to.account) == (Way.PAYBILL, "400200", "INV 77")


async def test_across_a_border_either_side_may_be_counted(world: Any, jane: Any) -> None:
    await known(jane)
    await jane.say(f"send 20000 ugx to {UGANDA}")
    await jane.say("Okello Moses")
    assert "20,000 UGX" in jane.text
    await jane.press("Confirm")
    view = await newest(world)
    assert (view.receive.amount, view.receive.currency, view.pay.currency) == (Decimal(20_000), "UGX", "KES")
    await jane.say("/send")
    await jane.press("Another country")
    await jane.press("Uganda")
    assert "number from Uganda" in jane.text
    await jane.say("+254 722 111 222")
    assert "from Kenya, and you chose Uganda" in jane.text
    await jane.say("0772 987 654")
    await jane.say("Akello Grace")
    await jane.say("30 usd")
    assert "Nobody on either side has USD" in jane.text
    await jane.say("25000 to arrive")
    assert "25,000 UGX" in jane.text


async def test_where_no_mobile_money_pays_the_bank_does(world: Any, jane: Any) -> None:
    await jane.say("/send")
    await jane.press("English")
    await jane.press("South Africa")
    await jane.say("+254722111222")
    await jane.say("Mary Atieno")
    await jane.say("500")
    assert "The bank’s page needs it" in jane.text
    await jane.say("082 123 4567")
    await jane.say("Thandi Nkosi")
    await jane.press("Confirm")
    payer = (await newest(world)).request.payer
    assert (payer.method, payer.network, payer.currency) == ("bank", None, "ZAR")


async def test_nobody_pays_themselves(world: Any, jane: Any) -> None:
    await known(jane)
    await jane.say("send 500 kes to 0712345678")
    assert "cannot be sent to itself" in jane.text
    await jane.say("0712 345 678")
    assert "cannot be sent to itself" in jane.text
    await jane.press("A phone in Kenya")
    await jane.share("+254712345678")
    assert "cannot be sent to itself" in jane.text
    await jane.say(MARY)
    await jane.say("Mary Atieno")
    await jane.press("Change")
    await jane.press("Phone:")
    await jane.say(MARY)
    assert "it cannot pay" in jane.text


async def test_a_network_that_does_not_fit_is_questioned_and_then_taken(world: Any, jane: Any) -> None:
    await known(jane)
    await send_to_mary(jane)
    await jane.press("Change")
    await jane.press("Recipient’s mobile money")
    await jane.press("Airtel")
    assert "looks like a number of M-Pesa" in jane.text
    await jane.press("Airtel Money is right")
    await jane.press("Confirm")
    assert (await newest(world)).request.destination.network == "AIRTEL"


async def test_a_network_in_a_line_that_does_not_fit_the_number_is_questioned(world: Any, jane: Any) -> None:
    await known(jane)
    await jane.say(f"send 500 airtel to {MARY}")
    assert "looks like a number of M-Pesa" in jane.text
    await jane.press("Airtel Money is right")
    await jane.say("Mary Atieno")
    assert "To: Airtel Money" in jane.text.replace("\u00a0", " ")


async def test_a_word_that_means_nothing_in_a_line_is_owned_up_to(world: Any, jane: Any) -> None:
    await known(jane)
    await jane.say(f"send 500 kes quickly to {MARY}")
    assert "I did not understand “quickly”" in jane.text


async def test_a_first_payment_above_the_threshold_asks_for_the_end_of_the_number(world: Any, jane: Any) -> None:
    await known(jane)
    await send_to_mary(jane, f"send 6000 kes to {MARY}")
    assert "last four digits" in jane.text
    await jane.say("1234")
    assert "not the last four digits" in jane.text
    await jane.say("12")
    assert "I need the last four digits" in jane.text
    await jane.say("1222")
    assert "confirm" in jane.choices
    await jane.press("Confirm")
    await arrived(world)
    await jane.say("send 6000 kes to Mary")
    assert "confirm" in jane.choices  # no stranger any more


async def test_another_number_behind_the_same_answer_is_asked_for_again(world: Any, jane: Any) -> None:
    await known(jane)
    await send_to_mary(jane, f"send 6000 kes to {MARY}")
    await jane.say("1222")
    await jane.press("Change")
    await jane.press("Recipient’s phone")
    await jane.say("0722 111 333")
    await jane.say("Mary Atieno")
    assert "last four digits" in jane.text
    await jane.say("1222")
    assert "not the last four digits" in jane.text


async def test_settings_are_kept_and_obeyed(world: Any, jane: Any) -> None:
    await known(jane)
    await jane.say("/settings")
    assert "5 seconds" in jane.text
    assert "5,000 KES" in jane.text
    await jane.press("Stop: 30")
    await jane.press("never")
    assert "30 seconds" in jane.last.text.replace("<b>", "").replace("</b>", "")
    await send_to_mary(jane, f"send 6000 kes to {MARY}")
    assert "confirm" in jane.choices
    await jane.press("Confirm")
    view = await newest(world)
    assert (view.request.hold, view.can_stop) == (30, True)
    await jane.say("/settings 700")
    assert "700 KES" in jane.text
    await jane.say("/settings soon")
    assert "could not read" in jane.text
    await jane.say("send 800 kes to 0722 111 444")
    await jane.say("Otieno")
    assert "last four digits" in jane.text
    await jane.say("/settings 0")
    assert "always" in jane.text


async def test_stop_really_stops_while_nothing_was_sent(world: Any, jane: Any) -> None:
    await known(jane)
    await send_to_mary(jane)
    await jane.press("Confirm")
    await jane.say(f"/status {(await newest(world)).code}")
    await jane.press("Stop")
    assert jane.popped == ["Stopped. Nothing was sent."]
    view = await newest(world)
    assert (view.state, view.can_stop) == ("cancelled", False)


async def test_stop_comes_too_late_once_the_hold_is_over(world: Any, jane: Any) -> None:
    await known(jane)
    await send_to_mary(jane)
    await jane.press("Confirm")
    await jane.say(f"/status {(await newest(world)).code}")
    world.pass_time(seconds=6)
    await jane.press("Stop")
    assert jane.popped == ["Too late: it is on its way already."]
    assert (await newest(world)).state == "confirmed"


async def test_nothing_is_charged_that_could_not_be_paid_out(world: Any, jane: Any) -> None:
    await known(jane)
    world.market.balances["KES"] = Decimal(100)
    await send_to_mary(jane)
    assert "confirm" not in jane.choices
    assert "Nothing was paid" in jane.text
    world.market.balances.clear()
    await jane.press("Check again")
    assert "confirm" in jane.choices


async def test_a_note_is_never_asked_for_and_can_be_added(world: Any, jane: Any) -> None:
    await known(jane)
    await send_to_mary(jane)
    await jane.press("Change")
    await jane.press("Note: No note")
    await jane.say("x" * 61)
    assert "at most 60" in jane.text
    await jane.say("school fees")
    assert "school fees" in jane.text
    await jane.press("Confirm")
    assert (await newest(world)).request.note == "school fees"


async def test_words_that_name_nobody_are_asked_about(world: Any, jane: Any) -> None:
    await known(jane)
    await send_to_mary(jane)
    await jane.press("Confirm")
    await jane.say("send 500 to Zawadi")
    assert "I do not know “Zawadi”" in jane.text
    await jane.say("marry")
    assert "Do you mean Mary Atieno?" in jane.text or "Mary" in " ".join(jane.card.labels)
    await jane.say("+33 6 12 34 56 78")
    assert "France" in jane.text
    await jane.say("12")
    assert "0712 345 678" in jane.text  # what a right one looks like


async def test_an_amount_that_was_typed_elsewhere_is_taken(world: Any, jane: Any) -> None:
    await known(jane)
    await jane.say("/send")
    await jane.say("750 kes")
    assert "750 KES" in jane.text
    assert "Who gets the money?" in jane.text
    await jane.say(MARY)
    await jane.say("Mary Atieno")
    assert "confirm" in jane.choices


async def test_again_fills_in_everything(world: Any, jane: Any) -> None:
    await known(jane)
    await send_to_mary(jane)
    await jane.press("Confirm")
    code = (await newest(world)).code
    await jane.tap(f"1:p:{code}:again")
    assert "confirm" in jane.choices
    assert "Mary Atieno" in jane.text


def test_every_refusal_has_its_sentence() -> None:
    texts = catalogue("en")
    keys = [f"payee.phone_{fault}" for fault in PhoneFault] + [f"account.{fault}" for fault in AccountFault]
    assert [key for key in keys if key not in texts] == []


async def test_a_number_as_it_is_dialled_without_its_zero(world: Any, jane: Any) -> None:
    await known(jane)
    await send_to_mary(jane, "send 500 kes to 722111222")
    for shown in ("500 KES", "+254 722 111222"):
        assert shown in jane.text


async def test_a_number_that_cannot_be_read_leaves_the_amount(world: Any, jane: Any) -> None:
    await known(jane)
    await send_to_mary(jane, "send 500 kes to 7221112")
    assert "Who gets the money?" in jane.text
    assert "digit" in jane.text, jane.text
    await jane.say(MARY)
    await jane.say("Mary Atieno")
    assert "500 KES" in jane.text


async def test_a_number_of_senegal_has_no_zero(world: Any, jane: Any) -> None:
    await jane.say("envoyer 5000 xof à 77 765 43 21")
    await jane.press("English")
    await jane.press("Senegal")
    await jane.say("Awa Diop")
    await jane.share("+221771112233")
    await jane.say("Moussa Ndiaye")
    assert "+221 77 765 43 21" in jane.text, jane.text
