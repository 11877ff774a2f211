"""Starting a file of payments: how an order that a second operator approved is carried out. Its rows follow by themselves."""

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.operators.bulk_looking import BulkLooking
from bot.engine.operators.bulk_results import BatchState
from bot.engine.operators.bulk_rows import DOUBT
from bot.engine.operators.order_results import Order, OrderRefused
from bot.engine.operators.results import Operator
from bot.engine.wakes import Wakes
from storage import bulk as queries
from storage.database import Database
from storage.payments import LostRace


class BulkStarting:
    """Carries out orders of files. It always takes a second operator."""

    def __init__(self, database: Database, clock: Clock, wakes: Wakes, looking: BulkLooking) -> None:
        self._database = database
        self._clock = clock
        self._wakes = wakes
        self._looking = looking

    async def stage(self, effects: Effects, order: Order, by: Operator) -> None:
        """Start what was approved, after a last look: the same draft, balances that cover it, nothing paid meanwhile."""
        if order.decided_by is not None:
            raise OrderRefused("ops.bulk_order_old")  # it always takes a second one
        batch = await self._looking.batch(order.about["batch"])
        if batch is None or batch.order_id != order.id or batch.state is not BatchState.WAITING:
            raise OrderRefused("ops.bulk_order_old")
        if order.money != tuple(one.money for one in batch.totals):  # a row was left out while it was asked for
            raise OrderRefused("ops.bulk_order_old")
        preview = await self._looking.preview(batch)
        self._looking.refuse(preview)
        if await self._database.read(lambda session: queries.rows_in_doubt(session, batch.id, DOUBT)):
            raise OrderRefused("ops.bulk_again_alive")
        meanwhile = [twin for twin in preview.twins if twin.paid_on > order.asked_at or not batch.pay_again]
        if meanwhile:
            raise OrderRefused("ops.bulk_paid_meanwhile", code=meanwhile[0].code, line=meanwhile[0].line)
        now = self._clock()

        def start(session: Session) -> None:
            queries.hold_starts(session)
            if tuple(self._looking.before(session, batch)[0]) != preview.twins:
                raise LostRace  # another file with the same rows was faster, or what it was about changed
            if queries.rows_in_doubt(session, batch.id, DOUBT):
                raise LostRace
            values = {"state": str(BatchState.RUNNING), "started_at": now, "updated_at": now, "due_at": now}
            if not queries.change_batch(session, batch.id, state="draft", values=values, order_id=order.id):
                raise LostRace

        effects.add(start)
        effects.after_commit(self._wake)

    async def _wake(self) -> None:
        self._wakes.bulk.set()
