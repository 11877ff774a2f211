"""Journeys of those who run the business, from their own phones; and of those who would like to."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.tour.customer import Customer
from bot.tour.parts import Journey
from bot.tour.selling import a_wrong_amount_arrives
from bot.tour.stage import Stage

OWNERS: Final = "1001,1002"  # the two who arrive first in a simulated world
TEAM: Final[Mapping[str, str]] = MappingProxyType({"owners": OWNERS, "approve_above": "KES=20000"})

_HEAD: Final = "name,phone,amount,currency,note\n"
_WAGES: Final = (
    f"{_HEAD}Jane Doe,0712345678,1500,KES,May\n"
    "Bo Baraka,0722000111,1.500,KES,May\n"  # one and a half, or a thousand times as much
    "Mary Auma,0733,800,KES,May\n"  # no phone has so few digits
    '=HYPERLINK("x"),0745000333,900,KES,May\n'  # a formula
)
_CORRECTED: Final = (
    f"{_HEAD}Jane Doe,0712345678,1500,KES,May\n"
    "Bo Baraka,0722000111,1500,KES,May\n"
    "Mary Auma,0733000222,800,KES,May\n"
    "Ali Noor,0745000333,9000,KES,May\n"
)


async def an_operators_day(stage: Stage) -> None:
    """Called for a customer, a transfer, wages from a file that a second one approves, a word to all, and the books."""
    olu, pat = await stage.arrives("Olu", "+254700000001"), await stage.arrives("Pat", "+254700000002")
    for one in (olu, pat):
        await one.says("/ops")  # a bot may not write to people who never wrote to it
        await one.sees("S A N D B O X")
    await a_wrong_amount_arrives(stage)
    await _called_for_it(stage, olu)
    await _moves_money(stage, olu)
    await _pays_wages(stage, olu, pat)
    await olu.says("/broadcast everybody We are closed on Sunday. Payments under way go on.")
    await olu.sees("📣 We are closed on Sunday")
    await olu.sees("Send this to 3 people", "It cannot be taken back")
    await olu.taps("Send to")
    await pat.sees("📣 We are closed on Sunday")
    await olu.sees("Message to many: sent")
    await olu.says("/books")
    books = await olu.sees("Nothing is owed to customers")
    stage.check("Debits equal credits" in books.text, "debits equal credits, and nothing is owed")
    await olu.says("/audit")
    await olu.sees("told many customers something", "approved an order", "resolved an item")


async def _called_for_it(stage: Stage, olu: Customer) -> None:
    """An alert leads to the payment, and what was found out closes the item."""
    await olu.sees("Needs a person", "What to do", within=30)
    await olu.says("/attention")
    await olu.sees("Waiting for a person: 1", "another amount than agreed")
    await olu.taps("another amount than agreed")
    await olu.taps("Resolve")
    await olu.sees("Write the reason")
    await olu.says("Came back in full, the customer knows")
    await olu.sees("Done and recorded")
    stage.check(not await stage.recorded("withdrawal"), "resolving has moved no money")


async def _moves_money(stage: Stage, olu: Customer) -> None:
    """What a stall owes is collected, and made available for payouts: within the amount that one may move alone."""
    await stage.configure(auto_approve=True)
    await olu.says("/collect 9000 KES from 0712345678 Jane Doe for stall 7")
    await olu.taps("Yes, ask for it")
    await olu.sees("Collection of 9,000 KES", "It has come in", rings=True)
    await olu.says("/balances")
    await olu.sees("Balances at the provider", "KES")
    await olu.says("/transfer KES 5000 wages of May")
    await olu.taps("Transfer 5,000")
    await olu.sees("5,000 KES transferred")


async def _pays_wages(stage: Stage, olu: Customer, pat: Customer) -> None:
    """Three rows are wrong: all are named at once. What two people agree on is paid, each row once."""
    await olu.sends_document(_WAGES.encode(), "wages.csv", "text/csv")
    await olu.sees("3 of 4", "Line 3", "Line 4", "Line 5")
    await olu.sends_document(_CORRECTED.encode(), "wages.csv", "text/csv")
    await olu.sees("12,800 KES", "Nothing is paid yet")
    await olu.taps("Ask for approval")
    await olu.sees("What are these payments for?")
    await olu.says("wages of May")
    await olu.sees("Waits for a second operator")
    await pat.sees("Pay the file", "12,800 KES")
    await pat.taps("Approve")
    await pat.taps("Yes, approve")
    await olu.sees("is over", "Paid: 4", within=60)
    payouts = await stage.recorded("withdrawal")
    paid = sorted(str(one["amount"]) for one in payouts)
    stage.check(len(payouts) == 4, f"four people are paid, each once: {', '.join(paid)}")


OPERATING: Final[tuple[tuple[str, Journey], ...]] = (("Olu and Pat run the business for a day", an_operators_day),)
