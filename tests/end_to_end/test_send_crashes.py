"""Kill -9 between any two steps of a transfer, start again: the sender is charged once, and the recipient is paid once or
the sender is paid back once.

Jane sends money to somebody whom she knows: one line, Confirm, her PIN. See `test_crashes.py` for how points are named.
"""

from typing import Final

import pytest

from bot.simulator.kotani.records import Deposit, Withdrawal
from bot.tour.customer import Customer

from .conftest import MARY, PHONE
from .crashing import Call, Nursery, Outside, Point, Process, Step
from .surviving import around, ends_well, kinds_of, said_once

# the steps of the chat, which a purchase has as well: one side of each is enough here
CHAT: Final = (
    "update 1",
    "update taken",
    "question review, screen due",
    "screen taken",
    "screen sent",
    "update 2",
    "update taken (2)",
)
COLLECTION: Final = (
    "order ready, payment confirmed, payment_card due, screen due",
    "order taken",
    "order submitting",
    "payment_card taken",
    "payment_card sent",
    "order pending, payment awaiting_payment, payment_card due",
    "callback 1",
    "callback applied",
    "callback 2",
    "callback applied, order succeeded, payment delivering, payment_card due, payout ready",
    "payout taken",
    "payout submitting",
    "payment_card due, payout pending",
    "callback 3",
    "callback 4",
    "callback 5",
)
PAID: Final = (
    "callback applied, payment completed, payment_card due, payment_outcome due, payout succeeded",
    "payment_outcome taken",
    "payment_outcome sent",
)
REFUNDED: Final = (
    "callback applied, payment refunding, payment_card due, payment_outcome due, payout failed, refund ready",
    "refund taken",
    "refund submitting",
    "payment_outcome taken",
    "payment_outcome sent",
    "payment_card due, refund pending",
    "callback 6",
    "callback 7",
    "callback 8",
    "callback applied, payment refunded, payment_card due, payment_outcome due, refund succeeded",
    "payment_outcome taken (2)",
    "payment_outcome sent (2)",
)
CALLS: Final = (
    Call("/customer/mobile-money/phone", "lost", method="GET"),
    Call("/deposit/mobile-money$", "lost"),
    Call("/deposit/mobile-money$", "done"),
    Call("/wallet/fiat/currency", "done", method="GET"),
    Call("/withdraw/mobile-money", "lost"),
    Call("/withdraw/mobile-money", "done"),
    Call("/sendPhoto", "lost"),
    Call("/sendPhoto", "done"),
)
SAID_TWICE: Final = {
    "before payment_card sent": "payment_card",
    "before payment_outcome sent": "payment_outcome",
    "sendPhoto done": "payment_outcome",
}


async def sends(jane: Customer, process: Process | None = None) -> None:
    """From the line to the PIN, which is entered when an assistant that died has come back."""
    await jane.says("send 500 kes to mary")
    await jane.taps("Confirm")
    await jane.prompt()
    if process is not None:
        await process.back()
    await jane.approves()


def taken_from(outside: Outside) -> list[tuple[str, int]]:
    """From whom money was taken, and how much."""
    moved = outside.world.kotani.register.all
    return [(one.phone, int(one.amount)) for one in moved if isinstance(one, Deposit)]


def paid_to(outside: Outside) -> list[tuple[str, int]]:
    """Whom money has reached, and how much."""
    moved = outside.world.kotani.register.all
    return [
        (one.target, int(one.amount)) for one in moved if isinstance(one, Withdrawal) and one.status == "SUCCESSFUL"
    ]


@pytest.mark.parametrize(
    "point", [*(Step(name, "before") for name in CHAT), *around(COLLECTION + PAID), *CALLS], ids=str
)
async def test_a_transfer_survives(outside: Outside, jane: Customer, nursery: Nursery, point: Point) -> None:
    async with outside.process(nursery, point).running() as process:
        await sends(jane, process)
        await jane.sees("500 KES paid out", within=40, rings=True)
        await ends_well(outside, jane, process)

    assert taken_from(outside) == [(PHONE, 500)]
    assert paid_to(outside) == [(MARY.phone, 500)]
    twice = SAID_TWICE.get(str(point))
    assert said_once(jane.count("500 KES paid out"), "payment_outcome", process, twice)


@pytest.mark.parametrize("point", [*around(REFUNDED)], ids=str)
async def test_a_transfer_that_comes_back_survives(
    outside: Outside, jane: Customer, nursery: Nursery, point: Point
) -> None:
    outside.world.kotani.fail_next(withdrawals=1)

    async with outside.process(nursery, point).running() as process:
        await sends(jane)
        await jane.sees("Your money is back", within=40, rings=True)
        await ends_well(outside, jane, process)

    assert taken_from(outside) == [(PHONE, 500)]
    assert paid_to(outside) == [(PHONE, 500)]
    assert jane.count("Your money is back") in ((1, 2) if "payment_outcome" in process.saying else (1,))


@pytest.mark.parametrize("fails", [False, True], ids=["paid", "refunded"])
async def test_no_step_is_left_out(outside: Outside, jane: Customer, nursery: Nursery, fails: bool) -> None:
    outside.world.kotani.fail_next(withdrawals=int(fails))

    async with outside.process(nursery).running() as process:
        await sends(jane)
        await jane.sees("Your money is back" if fails else "500 KES paid out", within=40, rings=True)
        await ends_well(outside, jane, process)

    assert process.exits == [0]
    known = CHAT + COLLECTION + (REFUNDED if fails else PAID)
    assert kinds_of(process.steps) == kinds_of(known)
