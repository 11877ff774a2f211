"""Kill -9 around the one call of a transfer between our balances, start again: it is made once, told once, and booked right.

Jane operates the business here. See `test_crashes.py` for how points are named.
"""

from decimal import Decimal
from typing import Final

import pytest

from bot.tour.customer import Customer

from .conftest import JANE
from .crashing import KILLED, Call, Nursery, Outside, Point, Step

CALL: Final = "/wallet/transfer/deposit-balance"
POINTS: Final = (
    Call(CALL, "lost"),
    Call(CALL, "done"),
    Step("Mover._begin.<locals>.<lambda> (2)", "before"),  # its answer is known, and not on record
)


@pytest.mark.parametrize("point", POINTS, ids=str)
async def test_a_transfer_survives(outside: Outside, jane: Customer, nursery: Nursery, point: Point) -> None:
    outside.environment.update({"OWNERS": str(JANE), "APPROVE_ABOVE": "KES=50000"})
    wallet = next(one for one in outside.world.kotani.wallets.all.values() if one.currency == "KES")
    wallet.deposit_balance += Decimal(900)
    before = (wallet.deposit_balance, wallet.balance)
    async with outside.process(nursery, point).running() as process:
        await jane.says("/transfer KES 500 for Friday")
        await jane.taps("Transfer 500")
        # it is told what the balances say, and never sent again where they say that nothing moved
        await jane.sees("500 KES", "Payout balance:", within=40, rings=True)
        await process.at_work()
        await outside.books.quiet()
        await jane.refresh()
        assert await process.stops() == 0, process.log
        assert process.exits[:-1] == [KILLED]
        assert "Traceback" not in process.log

    moved = wallet.balance - before[1]
    assert moved == before[0] - wallet.deposit_balance
    assert moved in (0, 500)
    booked = outside.books.ask("SELECT sum(amount) FROM ledger_entry WHERE account = 'payout_balance'")
    assert booked == [(moved or None,)]
    (state,) = outside.books.ask("SELECT state FROM wallet_transfer")
    assert state == ("done" if moved else "not_done",)
    assert jane.count("Payout balance:") == 1
