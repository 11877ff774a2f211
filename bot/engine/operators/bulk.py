"""Files of payments: read, looked at, asked for, approved by a second operator, stopped, and run again where they failed.

A file is paid whole or not at all: while a single row is wrong there is no draft, only the reasons. A draft is carried out
by an approved order and by nothing else. In that transaction it starts once; its rows become payouts afterwards, piece by
piece (`bulk_running`), each under a key of its own.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.operators.approvals import Approvals
from bot.engine.operators.bulk_looking import BulkLooking
from bot.engine.operators.bulk_results import Batch, BatchState, Preview
from bot.engine.operators.bulk_rows import again_row, batch_row, card_slot, payment_row, rows_again
from bot.engine.operators.bulk_starting import BulkStarting
from bot.engine.operators.bulk_stopping import hold_back
from bot.engine.operators.order_results import Order, OrderRefused
from bot.engine.operators.results import Operator
from bot.engine.operators.roles import Operators
from bot.engine.settling import Settler
from bot.engine.wakes import Wakes
from bot.payments.bulk.row_reader import Row, Served
from bot.payments.bulk.rows import Reading, read_rows
from bot.payments.bulk.table import FileProblem, Table, read_table
from bot.payments.coverage import Coverage, Service
from bot.payments.limits import Limit
from bot.payments.schedule import Patience
from storage import bulk as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import LostRace

KIND: Final = "bulk"  # of its orders


class Bulk:
    """The use case of files of payments. `coverage` is what the provider serves, `limits` those of one payment."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        clock: Clock,
        wakes: Wakes,
        operators: Operators,
        approvals: Approvals,
        looking: BulkLooking,
        *,
        coverage: Callable[[], Coverage],
        limits: Callable[[], Mapping[str, Limit]],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._operators = operators
        self._approvals = approvals
        self.looking = looking
        self._coverage = coverage
        self._limits = limits
        self._settler = Settler(keyring, Patience())
        approvals.register(KIND, BulkStarting(database, clock, wakes, looking))

    async def read(self, content: bytes) -> tuple[Table, Reading] | FileProblem:
        """What is in a file, judged by what is served now; apart from the loop, since a full one takes a while."""
        coverage = self._coverage()
        served = Served(coverage.destinations(Service.SEND), coverage.banks, self._limits())

        def read() -> tuple[Table, Reading] | FileProblem:
            table = read_table(content)
            return table if isinstance(table, FileProblem) else (table, read_rows(table, served))

        return await asyncio.to_thread(read)

    def stage_draft(
        self,
        effects: Effects,
        operator: Operator,
        chat_id: int,
        rows: Sequence[Row],
        *,
        content: bytes,
        file: str,
        language: str,
        thread: int | None = None,
    ) -> str:
        """Keep a file that can be paid, as a draft; its id."""
        digest = self._keyring.digest(hashlib.sha256(content).hexdigest())
        batch = self._batch(operator, chat_id, rows, file=file, digest=digest, language=language, thread=thread)
        kept = [payment_row(self._keyring, batch["id"], row) for row in rows]
        self._operators.stage_act(
            effects, operator, "bulk_file", target=f"bulk:{batch['code']}", after={"rows": len(kept)}
        )
        effects.add(lambda session: _add(session, batch, kept))
        return str(batch["id"])

    def stage_decide(self, effects: Effects, operator: Operator, preview: Preview, *, again: bool) -> None:
        """Rows that another file has paid: they are meant (`again`), or left out. `LostRace` when it is no draft now."""
        batch = preview.batch
        now = self._clock()
        lines = {twin.line for twin in preview.twins}

        def decide(session: Session) -> None:
            values: dict[str, Any] = {"updated_at": now, "pay_again": again}
            _change(session, batch, BatchState.DRAFT, values)
            if not again:
                queries.leave_out(session, [row[0] for row in queries.digests_of(session, batch.id) if row[1] in lines])

        self._act(effects, operator, "bulk_again" if again else "bulk_leave_out", batch, rows=len(lines))
        effects.add(decide)

    def stage_drop(self, effects: Effects, operator: Operator, batch: Batch) -> None:
        """A draft is not wanted. The transaction raises `LostRace` when it is none any more."""

        def drop(session: Session) -> None:
            _change(session, batch, BatchState.DRAFT, {"state": str(BatchState.DROPPED), "due_at": None})
            queries.drop_rows(session, batch.id)

        self._act(effects, operator, "bulk_drop", batch)
        effects.add(drop)

    def stage_stop(self, effects: Effects, operator: Operator, batch: Batch) -> None:
        """No further row is sent; a row whose call has begun goes on. `LostRace` when it does not run, or was stopped before.

        Rows that are about to be sent are taken back in the same transaction.
        """
        now = self._clock()

        def stop(session: Session) -> None:
            values = {"stopped_at": now, "updated_at": now, "due_at": now}
            if not queries.change_batch(session, batch.id, state="running", values=values, stopped_at=None):
                raise LostRace
            hold_back(session, self._settler, batch.id, now, actor=str(operator.telegram_id))

        counts = batch.counts
        told = {"rows": counts.all, "paid": counts.paid, "begun": counts.open, "not_begun": counts.not_begun}
        self._act(effects, operator, "bulk_stop", batch, **told)
        effects.add(stop)
        effects.after_commit(self._wake)

    async def stage_again(
        self,
        effects: Effects,
        operator: Operator,
        chat_id: int,
        batch: Batch,
        *,
        language: str,
        thread: int | None = None,
    ) -> str | None:
        """The rows of a file that paid nobody as a draft of their own; its id. None where there are none (any more).

        The transaction raises `LostRace` when another draft took one of them meanwhile.
        """
        rows = await self._database.read(lambda session: rows_again(session, batch.id))
        if not rows:
            return None
        digest = f"again:{batch.id}"
        new = self._batch(
            operator, chat_id, rows, file=batch.file, digest=digest, language=language, thread=thread, parent=batch.id
        )
        kept = [again_row(new["id"], row) for row in rows]
        self._act(effects, operator, "bulk_run_again", batch, rows=len(kept), file=new["code"])
        effects.add(lambda session: _add(session, new, kept))
        return str(new["id"])

    async def stage_ask(
        self,
        effects: Effects,
        operator: Operator,
        chat_id: int,
        batch: Batch,
        *,
        reason: str,
        thread: int | None = None,
    ) -> Order:
        """Ask a second operator; how it goes on is told where it was asked.

        Raises `OrderRefused`; the transaction `LostRace` when it is no draft any more.
        """
        preview = await self.looking.preview(batch)
        if batch.counts.all == 0:
            raise OrderRefused("ops.bulk_nothing_left")
        if preview.is_undecided:
            raise OrderRefused("ops.bulk_undecided")
        self.looking.refuse(preview)
        order = await self._approvals.stage_order(
            effects,
            operator,
            chat_id,
            KIND,
            money=[one.money for one in batch.totals],
            about={"code": batch.code, "batch": batch.id, "file": batch.file, "rows": str(batch.counts.all)},
            reason=reason,
            force_second=True,
        )
        now = self._clock()
        values = {"order_id": order.id, "updated_at": now, "chat_id": chat_id, "thread": thread}
        effects.add(lambda session: _change(session, batch, BatchState.DRAFT, values))
        return order

    def slot(self, batch_id: str) -> str:
        """Where the card of a file stands."""
        return card_slot(batch_id)

    def _batch(
        self,
        operator: Operator,
        chat_id: int,
        rows: Sequence[Any],
        *,
        file: str,
        digest: str,
        language: str,
        thread: int | None,
        parent: str | None = None,
    ) -> dict[str, Any]:
        return batch_row(
            self._keyring,
            environment=self.looking.environment,
            chat_id=chat_id,
            thread=thread,
            language=language,
            file=file,
            digest=digest,
            rows=len(rows),
            by=operator.telegram_id,
            parent=parent,
            now=self._clock(),
        )

    def _act(self, effects: Effects, operator: Operator, action: str, batch: Batch, **after: object) -> None:
        self._operators.stage_act(effects, operator, action, target=f"bulk:{batch.code}", after=after or None)

    async def _wake(self) -> None:
        self._wakes.bulk.set()


def _add(session: Session, batch: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    if queries.add_batch(session, batch, rows) != len(rows):
        raise LostRace


def _change(session: Session, batch: Batch, state: BatchState, values: Mapping[str, Any]) -> None:
    """Change a file that is still as it was looked at. Raises `LostRace`."""
    if not queries.change_batch(session, batch.id, state=str(state), values=values, order_id=batch.order_id):
        raise LostRace
