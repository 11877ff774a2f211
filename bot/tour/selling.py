"""Journeys of those who sell: crypto to an escrow address, money to a phone or a shop; or the crypto comes back."""

from collections.abc import Mapping
from typing import Any, Final

from bot.tour.customer import Customer
from bot.tour.parts import NEWCOMER, REVIEW, WALLET, Journey, amount_in, amount_of, fills_in
from bot.tour.sight import Seen, Unexpected
from bot.tour.stage import Stage

TILL: Final = "174379"
ACCOUNT: Final = "0110098765432"
PAYBILL: Final = "888880"


async def sold_to_a_phone(stage: Stage) -> None:
    """From one line to the money on the own phone."""
    fatuma = await stage.arrives("Fatuma", "+254712000555")
    review = await asks_to_sell(fatuma, "sell 10 usdc on base", OWN_PHONE | {"Whose name": "Fatuma Ali"})
    sale = await confirms(stage, fatuma, review, "You receive")
    stage.check(sale["receiver"]["phoneNumber"] == fatuma.phone, "the money goes to the phone that was shared")
    await fatuma.funds(sale["reference"])
    await paid_out(stage, fatuma, review, "You receive")
    await fatuma.says("/status")
    await fatuma.sees("10 USDC", "paid out")
    await old_address_closed(stage, fatuma, "The crypto has arrived")


async def sold_to_a_till(stage: Stage) -> None:
    """Crypto pays in a shop: the money goes to its till."""
    grace = await stage.arrives("Grace", "+254722000666")
    where = {"Where shall the money go": "A till", "The till number": TILL, "called?": "Mama Njeri Shop"}
    review = await asks_to_sell(grace, "sell 1,000 kes of usdt on polygon", where)
    stage.check(
        TILL in review.text and "typed by you" in review.text,
        "the card has the whole number, and whose word the name is",
    )
    sale = await confirms(stage, grace, review, "The receiver gets")
    stage.check(sale["receiver"]["businessShortcode"] == TILL, "the provider was told this very till")
    await grace.funds(sale["reference"])
    await paid_out(stage, grace, review, "The receiver gets")


async def payout_of_a_sale_fails(stage: Stage) -> None:
    """The crypto has come, the money cannot be paid out: the crypto goes back to the wallet that it came from."""
    hamisi = await stage.arrives("Hamisi", "+254733000777")
    review = await asks_to_sell(hamisi, "sell 12.5 usdc on base", OWN_PHONE | {"Whose name": "Hamisi Juma"})
    sale = await confirms(stage, hamisi, review, "You receive")
    await stage.fails_next("withdrawals")
    await hamisi.funds(sale["reference"])
    back = await hamisi.sees("Your crypto is back", rings=True)
    pay = amount_in(review, "You send")
    stage.check(f"{pay[0]} {pay[1]} is back" in back.text, "all of the crypto is back")
    sale = await stage.only("offramp")
    stage.check(sale["status"] == "REFUNDED" and bool(sale["refundHash"]), "the provider has sent it back on the chain")
    stage.check(not await stage.recorded("withdrawal"), "and nothing was paid out by us")


async def a_wrong_amount_arrives(stage: Stage) -> None:
    """Less crypto comes than was asked for: the customer is told what happens next, and it comes back."""
    imani = await stage.arrives("Imani", "+254711000888")
    review = await asks_to_sell(imani, "sell 10 usdc on base", OWN_PHONE | {"Whose name": "Imani Mwangi"})
    sale = await confirms(stage, imani, review, "You receive")
    await stage.configure(settle_delay=4)  # the provider takes its time to see what came
    await imani.funds(sale["reference"], "9.5")
    await imani.sees("9.5 USDC arrived instead of exactly 10 USDC")
    await old_address_closed(stage, imani, "The crypto has arrived")
    back = await imani.sees("Your crypto is back", rings=True)
    stage.check("9.5 USDC arrived" in back.text and "9.5 USDC is back" in back.text, "what had come is back, and why")
    stage.check((await stage.only("offramp"))["status"] == "REFUNDED", "the provider has sent it back on the chain")


async def cancelled_before_the_crypto(stage: Stage) -> None:
    """Second thoughts before anything was sent."""
    kito = await stage.arrives("Kito", "+254710000999")
    review = await asks_to_sell(kito, "sell 10 usdc on base", OWN_PHONE | {"Whose name": "Kito Baraka"})
    sale = await confirms(stage, kito, review, "You receive")
    await kito.taps("Cancel the sale")
    await kito.taps("Yes, cancel it")
    await kito.sees("Cancelled", rings=True)
    sale = await stage.only("offramp")
    stage.check(sale["status"] == "CANCELLED", "the provider has called it off")
    await old_address_closed(stage, kito, "This sale is over")


async def sold_to_a_bank_and_to_a_paybill(stage: Stage) -> None:
    """Rent into a bank account that is chosen from a list, then a bill with the account that stands on it."""
    lila = await stage.arrives("Lila", "+254712001010")
    bank = {
        "Where shall the money go": "A bank account in Kenya",
        "Which bank": "Equity Bank",
        "The account number at": ACCOUNT,
        "The phone of whoever": "0722 333 446",
        "Whose account": "Peter Mutua",
    }
    review = await asks_to_sell(lila, "sell 25 usdc on base", bank)
    stage.check(ACCOUNT in review.text and "Equity Bank" in review.text, "the card has the bank and the whole number")
    sale = await confirms(stage, lila, review, "The receiver gets")
    told: dict[str, object] = {"bankCode": 68, "accountNumber": ACCOUNT, "name": "Peter Mutua"}
    stage.check(told.items() <= sale["receiver"].items(), "the provider was told this bank, account and name")
    await lila.funds(sale["reference"])
    await paid_out(stage, lila, review, "The receiver gets")

    bill = {
        "Where shall the money go": "A paybill",
        "The paybill number": PAYBILL,
        "The account at paybill": "34021",
        "called?": "Power Company",
    }
    review = await asks_to_sell(lila, "sell 8 usdc on base", bill)
    stage.check(PAYBILL in review.text and "34021" in review.text, "the card has the paybill and its account")
    sale = await confirms(stage, lila, review, "The receiver gets")
    told = {"paybillNumber": PAYBILL, "accountNumber": "34021"}
    stage.check(told.items() <= sale["receiver"].items(), "the provider was told this paybill and account")
    await lila.funds(sale["reference"])
    await paid_out(stage, lila, review, "The receiver gets")


OWN_PHONE: Final[dict[str, str]] = {"Where shall the money go": "My own phone", "Which phone is yours": "contact"}


async def asks_to_sell(customer: Customer, line: str, where: Mapping[str, str]) -> Seen:
    """One line, and all that it does not say yet; gives the review card."""
    await customer.says(line)
    wallet = {"Which wallet will you send": WALLET, "go back to": "The same wallet"}
    return await fills_in(customer, {**NEWCOMER, **where, **wallet}, until=REVIEW)


async def confirms(stage: Stage, customer: Customer, review: Seen, receives: str) -> dict[str, Any]:
    """The yes, and the address that comes of it; gives the provider's record, which is exactly what the card said."""
    await customer.taps("Confirm")
    escrow = await customer.sees("Send your crypto now")
    if escrow.picture is None:
        raise Unexpected("there is no picture to scan")
    sale = (await stage.recorded("offramp"))[-1]
    shown = amount_in(review, "You send"), amount_in(review, receives)
    ordered = amount_of(sale, "cryptoAmount", "token"), amount_of(sale, "fiatTransactionAmount")
    stage.check(shown == ordered, "what the card said is what was ordered, to the last decimal")
    stage.check(
        sale["escrow"] in escrow.text and f"{shown[0][0]} {shown[0][1]}" in escrow.text,
        "address and amount are the provider's",
    )
    stage.check(sale["sender"] == WALLET, "the crypto is awaited from the customer's own wallet")
    return sale


async def paid_out(stage: Stage, customer: Customer, review: Seen, receives: str) -> None:
    """The news that the money has arrived, with the network's receipt."""
    done = await customer.sees("paid out", rings=True)
    sale = (await stage.recorded("offramp"))[-1]
    stage.check(sale["status"] == "SUCCESSFUL" and sale["receipt"] in done.text, "the receipt is the network's")
    stage.check(amount_in(review, receives) == amount_of(sale, "fiatTransactionAmount"), "it is what the card said")


async def old_address_closed(stage: Stage, customer: Customer, why: str) -> None:
    """Who scrolls up to the picture with the address finds that nothing may be sent there any more."""
    old = next(seen for seen in customer.messages.values() if seen.picture is not None)
    if "Send your crypto now" in old.text:
        old = await customer.sees_change(old)
    stage.check(
        why in old.text and "send nothing" in old.text and old.labels == ("Show the payment",),
        "the old message with the address says to send nothing more",
    )


SELLING: Final[tuple[tuple[str, Journey], ...]] = (
    ("Fatuma sells to her own phone", sold_to_a_phone),
    ("Grace pays a shop's till from crypto", sold_to_a_till),
    ("Hamisi's payout fails: his crypto comes back", payout_of_a_sale_fails),
    ("Imani sends too little", a_wrong_amount_arrives),
    ("Kito cancels before he sends anything", cancelled_before_the_crypto),
    ("Lila pays into a bank account, and a bill", sold_to_a_bank_and_to_a_paybill),
)
