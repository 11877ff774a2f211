"""Kill -9 between any two steps of a purchase, start again: one order at the provider, one final message.

A customer who is known says one line, taps an address, taps Confirm and approves on the phone. The assistant is a process
that is killed at one point of that and started again; the world goes on meanwhile. Points are the writes to the database
that change something, before and after their commits, and the calls to the world, lost before they arrive or after they
were obeyed. `test_no_step_is_left_out` holds the list of writes to what a purchase really does.
"""

from typing import Final

import pytest

from bot.simulator.kotani.records import Onramp, Withdrawal
from bot.tour.customer import Customer

from .crashing import Call, Nursery, Outside, Point, Process
from .surviving import around, ends_well, kinds_of, said_once

PURCHASE: Final = (
    "update 1",
    "update taken",
    "question address, screen due",
    "screen taken",
    "screen sent",
    "update 2",
    "update taken (2)",
    "question review, screen due",
    "screen taken (2)",
    "screen sent (2)",
    "update 3",
    "update taken (3)",
    "order ready, payment confirmed, payment_card due, screen due",
    "payment_card taken",
    "order taken",
    "order submitting",
    "payment_card sent",
    "screen taken (3)",
    "order pending, payment awaiting_payment, payment_card due",
    "callback 1",
    "screen sent (3)",
    "callback applied",
    "callback 2",
    "callback applied, order collected, payment delivering, payment_card due",
    "callback 3",
    "callback 4",
)
DELIVERY: Final = (
    "callback applied, order succeeded, payment completed, payment_card due, payment_outcome due",
    "payment_outcome taken",
    "payment_outcome sent",
)
REFUND: Final = (
    "callback applied, order undelivered, payment refunding, payment_card due, payment_outcome due, refund ready",
    "refund taken",
    "refund submitting",
    "payment_outcome taken",
    "payment_outcome sent",
    "payment_card due, refund pending",
    "callback 5",
    "callback 6",
    "callback 7",
    "callback applied, payment refunded, payment_card due, payment_outcome due, refund succeeded",
    "payment_outcome taken (2)",
    "payment_outcome sent (2)",
)
CALLS: Final = (
    Call("/getUpdates", "done", "buy 10 usdc"),
    Call("/getUpdates", "lost", "offset"),
    Call("/sendMessage", "lost", "Where+shall"),
    Call("/sendMessage", "done", "Where+shall"),
    Call("/answerCallbackQuery", "lost"),
    Call("/answerCallbackQuery", "done"),
    Call("/rate/onramp", "lost"),
    Call("/rate/onramp", "done"),
    Call("/editMessageText", "lost", "Check+before"),
    Call("/editMessageText", "done", "Check+before"),
    Call("/v3/onramp$", "lost"),
    Call("/v3/onramp$", "done"),
    Call("/sendMessage", "lost", "Fee+included"),
    Call("/sendMessage", "done", "Fee+included"),
    Call("/sendPhoto", "lost"),
    Call("/sendPhoto", "done"),
)
REFUND_CALLS: Final = (
    Call("/wallet/fiat/currency", "lost", method="GET"),
    Call("/customer/mobile-money/phone", "done", method="GET"),
    Call("/withdraw/mobile-money", "lost"),
    Call("/withdraw/mobile-money", "done"),
    Call("/sendMessage", "done", "money+is+back"),
)


SAID_TWICE: Final = {
    "before payment_card sent": "payment_card",
    "before payment_outcome sent": "payment_outcome",
    "before payment_outcome sent (2)": "payment_outcome",
    "sendMessage Fee included done": "payment_card",
    "sendMessage money is back done": "payment_outcome",
    "sendPhoto done": "payment_outcome",
}


async def buys(jane: Customer, process: Process | None = None) -> None:
    """From the line to the PIN, which is entered when an assistant that died has come back: what it asks comes first."""
    await jane.says("buy 10 usdc on base")
    await jane.taps("0x5aAe")
    await jane.taps("Confirm")
    await jane.prompt()
    if process is not None:
        await process.back()
    await jane.approves()


def cards(jane: Customer) -> list[str]:
    """The status cards in the chat, oldest first, each by the last steps of its progress line."""
    return [text.splitlines()[1] for message in jane.messages.values() if "› " in (text := message.text)]


@pytest.mark.parametrize("point", [*around(PURCHASE + DELIVERY), *CALLS], ids=str)
async def test_a_purchase_survives(outside: Outside, jane: Customer, nursery: Nursery, point: Point) -> None:
    async with outside.process(nursery, point).running() as process:
        await buys(jane, process)
        await jane.sees("USDC delivered", within=40, rings=True)
        await ends_well(outside, jane, process)

    assert outside.books.ask("SELECT state FROM payment") == [("completed",)]
    assert said_once(jane.count("USDC delivered"), "payment_outcome", process, SAID_TWICE.get(str(point)))
    shown = cards(jane)
    assert said_once(len(shown), "payment_card", process, SAID_TWICE.get(str(point)))
    assert shown[-1].endswith("✓ Done")


@pytest.mark.parametrize("point", [*around(REFUND), *REFUND_CALLS], ids=str)
async def test_a_refund_survives(outside: Outside, jane: Customer, nursery: Nursery, point: Point) -> None:
    outside.world.kotani.fail_next(deliveries=1)

    async with outside.process(nursery, point).running() as process:
        await buys(jane)
        await jane.sees("Your money is back", within=40, rings=True)
        await ends_well(outside, jane, process)

    assert outside.books.ask("SELECT state FROM payment") == [("refunded",)]
    told = jane.count("Not delivered"), jane.count("Your money is back")
    assert sum(told) <= 2 + ("payment_outcome" in process.saying)  # the first is left out when it is old news
    assert told[1] in ((1, 2) if "payment_outcome" in process.saying else (1,))
    assert [card.endswith("✓ Paid back") for card in cards(jane)] == [True]
    onramp, withdrawal = outside.world.kotani.register.all
    assert isinstance(onramp, Onramp)
    assert isinstance(withdrawal, Withdrawal)
    assert withdrawal.amount == onramp.quote.transaction


@pytest.mark.parametrize("fails", [False, True], ids=["delivered", "refunded"])
async def test_no_step_is_left_out(outside: Outside, jane: Customer, nursery: Nursery, fails: bool) -> None:
    outside.world.kotani.fail_next(deliveries=int(fails))

    async with outside.process(nursery).running() as process:
        await buys(jane)
        await jane.sees("Your money is back" if fails else "USDC delivered", within=40, rings=True)
        await ends_well(outside, jane, process)

    assert process.exits == [0]
    known = PURCHASE + (REFUND if fails else DELIVERY)
    assert kinds_of(process.steps) == kinds_of(known)
