"""Journeys of those who send money: collected from the sender first, then paid out; or paid back."""

from collections.abc import Mapping
from typing import Final

from bot.tour.customer import Customer
from bot.tour.parts import NEWCOMER, REVIEW, Amount, Journey, amount_in, amount_of, fills_in
from bot.tour.sight import Seen
from bot.tour.stage import Stage

MOTHER: Final = "+254722333444"
COUSIN: Final = "+256772123456"
ACCOUNT: Final = "1234567890"
TILL: Final = "174379"


async def sent_to_a_phone(stage: Stage) -> None:
    """Money for mother, with a note; *Confirm* is tapped twice, and she is paid once."""
    juma = await stage.arrives("Juma", "+254712111222")
    review = await asks_to_send(
        juma, "send 1,500 kes to 0722 333 444", {"Whose phone is": "Mary Otieno", "Whose name": "Juma Otieno"}
    )
    stage.check("new number" in review.text and "typed by you" in review.text, "the card says whose word the name is")
    await juma.taps("Confirm", times=2)
    await juma.approves()
    await arrived(stage, juma, review, MOTHER)
    await juma.says("send 500 kes to mary")
    again = await fills_in(juma, {"What is it for": "No note", "Which phone pays": "+254"}, until=REVIEW)
    stage.check("paid once" in again.text, "she is known the next time")
    await juma.taps("Cancel")
    await juma.sees("Cancelled")


async def payout_of_a_send_fails(stage: Stage) -> None:
    """The sender has paid, the recipient cannot be paid: the money comes back by itself, fee included."""
    kendi = await stage.arrives("Kendi", "+254722222333")
    review = await asks_to_send(
        kendi, "send 800 kes to 0722 333 444", {"Whose phone is": "Mary Kendi", "Whose name": "Kendi Muthoni"}
    )
    await stage.fails_next("withdrawals")
    await kendi.taps("Confirm")
    await kendi.approves()
    await kendi.sees("Your money is back", rings=True)
    payout, refund = await stage.recorded("withdrawal")
    stage.check((payout["target"], payout["status"]) == (MOTHER, "FAILED"), "the payout had failed for good")
    stage.check((refund["target"], refund["status"]) == (kendi.phone, "SUCCESSFUL"), "the sender was paid back")
    stage.check(amount_of(refund, "amount") == amount_in(review, "You pay"), "it is exactly what was taken")


async def sent_across_currencies(stage: Stage) -> None:
    """Shillings of one country arrive as those of another, at the price on the card."""
    lulu = await stage.arrives("Lulu", "+254733333444")
    review = await asks_to_send(
        lulu, "send 2,000 kes to +256 772 123 456", {"Whose phone is": "Okello James", "Whose name": "Lulu Wairimu"}
    )
    stage.check(amount_in(review, "The receiver gets")[1] == "UGX", "the recipient gets the money of their country")
    await lulu.taps("Confirm")
    await lulu.approves()
    await arrived(stage, lulu, review, COUSIN)


async def stopped_in_time(stage: Stage) -> None:
    """A few seconds to think again: Stop really stops, because nothing was sent yet."""
    musa = await stage.arrives("Musa", "+254711444555")
    await musa.says("/settings")
    await musa.taps("Stop: 10")
    await musa.sees("10 seconds to stop")
    await asks_to_send(
        musa, "send 900 kes to 0722 333 444", {"Whose phone is": "Mary Musa", "Whose name": "Musa Kamau"}
    )
    await musa.taps("Confirm")
    await musa.sees("Nothing has been charged yet")
    await musa.taps("Stop")
    await musa.sees("Stopped", rings=True)
    stage.check(not await stage.recorded("deposit"), "nothing was asked of the phone")
    stage.check(not await stage.recorded("withdrawal"), "nothing was paid out")


async def sent_from_bank_to_bank(stage: Stage) -> None:
    """Where there is no mobile money: paid on the bank's page, and paid out to a bank account."""
    sipho = await stage.arrives("Sipho", "+27821234568")
    await sipho.says("/send")
    replies = {
        "Which language": "English",
        "In which country": "South Africa",
        "Who gets the money": "A bank account in South Africa",
        "Which bank": "Nedbank",
        "The account number at": ACCOUNT,
        "The phone of whoever": "+27 83 123 4567",
        "Whose account": "Lerato Dlamini",
        "How much": "500",
        "What is it for": "No note",
        "Your phone number": "contact",
        "full name": "Sipho Nkosi",
    }
    review = await fills_in(sipho, replies, until=REVIEW)
    stage.check(ACCOUNT in review.text and "Nedbank" in review.text, "the card has the whole number")
    await sipho.taps("Confirm")
    await sipho.sees("Pay on the bank’s page now")
    await stage.checkout((await stage.only("deposit"))["reference"])
    await sipho.sees("paid out", rings=True)
    payout = await stage.only("withdrawal")
    stage.check(amount_in(review, "The receiver gets") == amount_of(payout, "amount"), "it is what the card said")
    stage.check(ACCOUNT in str(payout["receiver"]), "to the account on the card")


async def bill_paid(stage: Stage) -> None:
    """A paybill with its account; a first payment above what the customer set asks for the end of the number again."""
    oluoch = await stage.arrives("Oluoch", "+254711444556")
    line = "pay 1,200 kes to paybill 888880 account 34021"
    replies = {"called?": "Power Company", "What is it for": "No note", "Which phone pays": "contact"}
    await oluoch.says(line)
    await fills_in(oluoch, {**NEWCOMER, **replies, "Whose name": "Oluoch Otieno"}, until=REVIEW)
    await oluoch.taps("Cancel")
    await oluoch.says("/settings 1000")
    await oluoch.sees("Above 1,000 KES")
    await oluoch.says(line)
    await fills_in(oluoch, {**replies, "Which phone pays": "+254"}, until="last four digits")
    await oluoch.says("1111")
    await oluoch.sees("not the last four digits")
    await oluoch.says("8880")
    review = await oluoch.sees(REVIEW, "888880", "34021")
    await oluoch.taps("Confirm")
    await oluoch.approves()
    await arrived(stage, oluoch, review, "888880")


async def paid_at_a_till(stage: Stage) -> None:
    """In a shop: the till's number out of one line."""
    pili = await stage.arrives("Pili", "+254710666777")
    review = await asks_to_send(pili, f"pay 650 kes to till {TILL}", {"called?": "Duka 24", "Whose name": "Pili Auma"})
    stage.check(
        TILL in review.text and "typed by you" in review.text,
        "the card has the whole number, and whose word the name is",
    )
    await pili.taps("Confirm")
    await pili.approves()
    await arrived(stage, pili, review, TILL)


async def declined_by_the_sender(stage: Stage) -> None:
    """No PIN, no payment: nobody is charged, nobody is paid."""
    neema = await stage.arrives("Neema", "+254710555666")
    await asks_to_send(
        neema, "send 700 kes to 0722 333 444", {"Whose phone is": "Mary Neema", "Whose name": "Neema Akinyi"}
    )
    await neema.taps("Confirm")
    await neema.declines()
    await neema.sees("No money was taken", rings=True)
    stage.check(not await stage.recorded("withdrawal"), "nothing was paid out")


async def asks_to_send(customer: Customer, line: str, people: Mapping[str, str]) -> Seen:
    """One line, and all that it does not say yet; gives the review card."""
    await customer.says(line)
    rest = {"What is it for": "No note", "Which phone pays": "contact", "last four digits": line.replace(" ", "")[-4:]}
    return await fills_in(customer, {**NEWCOMER, **people, **rest}, until=REVIEW)


async def arrived(stage: Stage, customer: Customer, review: Seen, target: str) -> None:
    """The news that the money has arrived; what was taken and paid out is what the card said, to the last decimal."""
    done = await customer.sees("paid out", rings=True)
    collected, payout = await stage.only("deposit"), await stage.only("withdrawal")
    shown: tuple[Amount, Amount] = amount_in(review, "You pay"), amount_in(review, "The receiver gets")
    moved = amount_of(collected, "amount"), amount_of(payout, "amount")
    stage.check(shown == moved, "what the card said is what was taken and paid out, to the last decimal")
    stage.check((collected["phone"], payout["target"]) == (customer.phone, target), "from one phone to the other")
    stage.check(payout["receipt"] in done.text, "the receipt is the network's")


SENDING: Final[tuple[tuple[str, Journey], ...]] = (
    ("Juma sends money to his mother", sent_to_a_phone),
    ("Kendi's money cannot be paid out: it comes back", payout_of_a_send_fails),
    ("Lulu sends to another country", sent_across_currencies),
    ("Musa stops in time", stopped_in_time),
    ("Neema declines on her phone", declined_by_the_sender),
    ("Sipho sends from bank to bank", sent_from_bank_to_bank),
    ("Pili pays at a till", paid_at_a_till),
    ("Oluoch pays a bill, and is asked for its number again", bill_paid),
)
