"""Kill -9 around the steps that matter of a payout of the house, start again: it is paid once, told, and booked right.

Jane operates the business here: one line, one yes. See `test_crashes.py` for how points are named.
"""

from typing import Final

import pytest

from bot.tour.customer import Customer

from .conftest import JANE, MARY
from .crashing import Call, Nursery, Outside, Point, Step
from .surviving import ends_well
from .test_send_crashes import paid_to

LINE: Final = "/payout 500 KES to 0722111222 Mary Atieno for rent"
POINTS: Final = (
    Step("order ready, payment confirmed, payment_card due, screen due", "before"),
    Step("order submitting", "after"),
    Call("/withdraw/mobile-money", "lost"),
    Call("/withdraw/mobile-money", "done"),
    Step("callback applied, order succeeded, payment completed, payment_card due, payment_outcome due", "before"),
)


@pytest.mark.parametrize("point", POINTS, ids=str)
async def test_a_payout_of_the_house_survives(outside: Outside, jane: Customer, nursery: Nursery, point: Point) -> None:
    outside.environment.update({"OWNERS": str(JANE), "APPROVE_ABOVE": "KES=50000"})
    async with outside.process(nursery, point).running() as process:
        await jane.says(LINE)
        await jane.taps("Yes, pay it")
        await jane.sees("It has arrived", within=40, rings=True)
        await ends_well(outside, jane, process, customers=False)

    assert paid_to(outside) == [(MARY.phone, 500)]
    assert outside.books.ask("SELECT sum(amount) FROM ledger_entry WHERE account = 'own_funds'") == [(500,)]
    assert outside.books.ask("SELECT action FROM operator_action") == [("payout",)]
    assert jane.count("It has arrived") == 1
