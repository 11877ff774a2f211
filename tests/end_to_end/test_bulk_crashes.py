"""Kill -9 in the middle of a file of payments, start again: the rest is paid, and nobody is paid twice.

Olu sends a file of six rows, of which four are begun at a time, and Pat approves it. A crash comes after a piece is
written down, or when the provider has taken a row and its answer is lost. See `test_crashes.py` for how points are named.
"""

import dataclasses
from collections import Counter
from typing import Final

import pytest

from bot.simulator.kotani.records import Withdrawal
from bot.tour.customer import Customer

from .crashing import KILLED, Call, Nursery, Outside, Point, Step
from .surviving import said_once

ROWS: Final = 6
PHONES: Final = tuple(f"+2547123{n:05}" for n in range(ROWS))
FILE: Final = "name,phone,amount,currency\n" + "".join(
    f"Jane Doe,{phone},{1000 + n},KES\n" for n, phone in enumerate(PHONES)
)
NEXT: Final = "order ready, payment confirmed"  # the second piece; the first begins with a card


@pytest.mark.parametrize(
    "point",
    [
        Step(NEXT, "after"),
        Call("/withdraw/mobile-money", "done", "1003"),
    ],
    ids=str,
)
async def test_a_file_of_payments_survives(outside: Outside, jane: Customer, nursery: Nursery, point: Point) -> None:
    olu = await Customer.arrive(outside.http, "Olu", "+254700000001")
    pat = await Customer.arrive(outside.http, "Pat", "+254700000002")
    environment = outside.environment | {"OWNERS": f"{olu.id},{pat.id}", "BULK_PER_MINUTE": "600"}
    outside = dataclasses.replace(outside, environment=environment)
    async with outside.process(nursery, point).running() as process:
        await pat.start()
        await olu.sends_document(FILE.encode(), "wages.csv", "text/csv")
        await olu.sees("Nothing is paid yet", f"rows: {ROWS}")
        await olu.taps("Ask for approval")
        await olu.says("wages")
        await pat.taps("Approve")
        await pat.taps("Yes, approve")
        await olu.sees(f"Paid: {ROWS}", within=60)
        await olu.sees("is over", within=20)
        shown = olu.count("Being paid") + olu.count("🏁 Over")  # one message, that changes
        assert await outside.world.kotani.callbacks.idle(20)
        await outside.books.quiet()
        assert await process.stops() == 0, process.log
    assert process.exits[:-1] == [KILLED]
    assert said_once(shown, "bulk_card", process, twice=None)
    paid = [one for one in outside.world.kotani.register.all if isinstance(one, Withdrawal)]
    assert Counter((one.target, int(one.amount)) for one in paid) == Counter(
        {(phone, 1000 + n): 1 for n, phone in enumerate(PHONES)}
    )
    assert {one.status for one in paid} == {"SUCCESSFUL"}
    for (reference,) in outside.books.ask("SELECT reference FROM leg"):
        assert outside.world.kotani.creates(reference).accepted == 1
    assert outside.books.ask("SELECT count(*) FROM payment WHERE state = 'completed'") == [(ROWS,)]
    assert outside.books.ask("SELECT * FROM attention_case") == []
