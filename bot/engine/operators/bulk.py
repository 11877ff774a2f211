"""Files of payments: read, looked at, asked for, approved by a second operator, stopped, and run again where they failed.

A file is paid whole or not at all: while a single row is wrong there is no draft, only the reasons. A draft is carried out
by an approved order and by nothing else. In that transaction it starts once; its rows become payouts afterwards, piece by
piece (`bulk_running`), each under a key of its own.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import Any, Final

from sqlmodel import Session

from bot.engine.balances import Wallets
from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.operators.approvals import Approvals
from bot.engine.operators.bulk_results import Batch, BatchState, Cover, Listed, Preview, RowLine, Twin
from bot.engine.operators.bulk_rows import (
    again_row,
    batch_row,
    batch_view,
    paid_nobody,
    payment_row,
    row_line,
    rows_again,
)
from bot.engine.operators.order_results import Order, OrderRefused
from bot.engine.operators.results import Operator, Page
from bot.engine.operators.roles import PAGE, Operators
from bot.engine.wakes import Wakes
from bot.kotani.errors import KotaniError, NotFound
from bot.payments.bulk.row_reader import Row, Served
from bot.payments.bulk.rows import Reading, read_rows
from bot.payments.bulk.table import FileProblem, Table, read_table
from bot.payments.coverage import Coverage, Service
from bot.payments.limits import Limit
from bot.payments.money import Money
from storage import bulk as queries
from storage.bulk_tables import BulkBatch
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import LostRace

KIND: Final = "bulk"  # of its orders
LOOK_BACK: Final = timedelta(days=25)  # a row that pays the same to the same place within that time is asked about
_FIRST: Final = 3  # rows that a preview shows
_FEES: Final = 20  # payouts by which the provider's fee is guessed


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
        wallets: Wallets,
        *,
        environment: str,
        coverage: Callable[[], Coverage],
        limits: Callable[[], Mapping[str, Limit]],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._operators = operators
        self._approvals = approvals
        self._wallets = wallets
        self._environment = environment
        self._coverage = coverage
        self._limits = limits
        approvals.register(KIND, self)

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
    ) -> str:
        """Keep a file that can be paid, as a draft; its id."""
        digest = self._keyring.digest(hashlib.sha256(content).hexdigest())
        batch = self._batch(operator, chat_id, rows, file=file, digest=digest, language=language, parent=None)
        kept = [payment_row(self._keyring, batch["id"], row) for row in rows]
        self._operators.stage_act(
            effects, operator, "bulk_file", target=f"bulk:{batch['code']}", after={"rows": len(kept)}
        )
        effects.add(lambda session: _add(session, batch, kept))
        return str(batch["id"])

    async def batch(self, batch_id: str) -> Batch | None:
        """A file as it stands, by its id or by what people call it; None for one of another environment."""
        now = self._clock()

        def read(session: Session) -> Batch | None:
            row = queries.batch_by_id(session, batch_id) or queries.batch_by_code(session, batch_id.upper())
            if row is None or row.environment != self._environment:
                return None
            return batch_view(session, self._keyring, row, now)

        return await self._database.read(read)

    async def page(self, number: int) -> tuple[list[Listed], Page]:
        """A page of all files, the newest first."""
        now = self._clock()

        def read(session: Session) -> list[Listed]:
            rows = queries.batches(session, environment=self._environment, limit=PAGE + 1, offset=(number - 1) * PAGE)
            views = [batch_view(session, self._keyring, row, now) for row in rows]
            return [Listed(one.code, one.file, one.state, one.counts.all, one.created_at) for one in views]

        found = await self._database.read(read)
        return found[:PAGE], Page(number, more=len(found) > PAGE)

    async def rows(self, batch_id: str) -> list[RowLine]:
        """Every row of a file, with what became of it."""
        records = await self._database.read(lambda session: queries.records(session, batch_id))
        return await asyncio.to_thread(lambda: [row_line(self._keyring, one) for one in records])

    async def preview(self, batch: Batch) -> Preview:
        """A draft with the balances as they are now, and with what others have paid of it."""
        rows = [row for row in await self.rows(batch.id) if not row.left_out]
        twins, same = await self._database.read(lambda session: self._before(session, batch))
        return Preview(
            batch=batch,
            covers=await self._covers(rows),
            twins=tuple(twins),
            same_file=tuple(same),
            largest=_largest(rows),
            first=tuple(rows[:_FIRST]),
        )

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
        """No further row is begun; what has begun goes on. `LostRace` when it does not run, or was stopped before."""
        now = self._clock()

        def stop(session: Session) -> None:
            values = {"stopped_at": now, "updated_at": now, "due_at": now}
            if not queries.change_batch(session, batch.id, state="running", values=values, stopped_at=None):
                raise LostRace

        self._act(effects, operator, "bulk_stop", batch)
        effects.add(stop)
        effects.after_commit(self._wake)

    async def stage_again(
        self, effects: Effects, operator: Operator, chat_id: int, batch: Batch, *, language: str
    ) -> str | None:
        """The rows of a file that paid nobody as a draft of their own; its id. None where there are none (any more).

        The transaction raises `LostRace` when another draft took one of them meanwhile.
        """
        rows = await self._database.read(lambda session: rows_again(session, batch.id))
        if not rows:
            return None
        new = self._batch(
            operator, chat_id, rows, file=batch.file, digest=f"again:{batch.id}", language=language, parent=batch.id
        )
        kept = [again_row(new["id"], row) for row in rows]
        self._act(effects, operator, "bulk_run_again", batch, rows=len(kept), file=new["code"])
        effects.add(lambda session: _add(session, new, kept))
        return str(new["id"])

    async def stage_ask(
        self, effects: Effects, operator: Operator, chat_id: int, batch: Batch, *, reason: str
    ) -> Order:
        """Ask a second operator. Raises `OrderRefused`; the transaction `LostRace` when it is no draft any more."""
        preview = await self.preview(batch)
        if batch.counts.all == 0:
            raise OrderRefused("ops.bulk_nothing_left")
        if preview.is_undecided:
            raise OrderRefused("ops.bulk_undecided")
        self._refuse(preview)
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
        effects.add(
            lambda session: _change(
                session, batch, BatchState.DRAFT, {"order_id": order.id, "updated_at": now, "chat_id": chat_id}
            )
        )
        return order

    async def stage(self, effects: Effects, order: Order, by: Operator) -> None:
        """Start what was approved, after a last look: the same draft, balances that cover it, nothing paid meanwhile."""
        if order.decided_by is not None:
            raise OrderRefused("ops.bulk_order_old")  # it always takes a second one
        batch = await self.batch(order.about["batch"])
        if batch is None or batch.order_id != order.id or batch.state is not BatchState.WAITING:
            raise OrderRefused("ops.bulk_order_old")
        preview = await self.preview(batch)
        self._refuse(preview)
        if await self._database.read(lambda session: queries.parents_alive(session, batch.id, over=paid_nobody())):
            raise OrderRefused("ops.bulk_again_alive")
        meanwhile = [twin for twin in preview.twins if twin.paid_on > order.asked_at or not batch.pay_again]
        if meanwhile:
            raise OrderRefused("ops.bulk_paid_meanwhile", code=meanwhile[0].code, line=meanwhile[0].line)
        now = self._clock()

        def start(session: Session) -> None:
            if len(self._before(session, batch)[0]) != len(preview.twins):
                raise LostRace  # another file with the same rows was faster
            if queries.parents_alive(session, batch.id, over=paid_nobody()):
                raise LostRace
            values = {"state": str(BatchState.RUNNING), "started_at": now, "updated_at": now, "due_at": now}
            if not queries.change_batch(session, batch.id, state="draft", values=values, order_id=order.id):
                raise LostRace

        effects.add(start)
        effects.after_commit(self._wake)

    def _refuse(self, preview: Preview) -> None:
        """Raises `OrderRefused` where a balance does not cover a file, or nobody knows."""
        if any(cover.balance is None for cover in preview.covers):
            raise OrderRefused("ops.bulk_no_balances")
        for cover in preview.covers:
            if (missing := cover.missing) is not None:
                raise OrderRefused(
                    "ops.bulk_short", missing=missing, transfer=f"{missing.currency} {missing.to_plain()}"
                )

    def _before(self, session: Session, batch: Batch) -> tuple[list[Twin], list[str]]:
        """What other files have paid, or are about to pay, of the rows of this one."""
        rows = queries.digests_of(session, batch.id)
        found = queries.paid_before(
            session,
            [row[2] for row in rows],
            environment=self._environment,
            but=batch.id,
            since=self._clock() - LOOK_BACK,
            over=paid_nobody(),
        )
        theirs: dict[tuple[str, Decimal, str], Twin] = {}
        for digest, amount, currency, code, line, started_at in found:
            theirs.setdefault((digest, amount, currency), Twin(0, code, line, started_at))
        twins = [
            Twin(line, twin.code, twin.their_line, twin.paid_on)
            for _, line, digest, amount, currency in rows
            if (twin := theirs.get((digest, amount, currency))) is not None
        ]
        row = queries.batch_by_id(session, batch.id)
        digest = "" if row is None else row.file_digest
        if digest.startswith("again:"):
            return twins, []
        same = queries.batches_of_file(session, digest, environment=self._environment, but=batch.id)
        return twins, [one.code for one in same]

    async def _covers(self, rows: Sequence[RowLine]) -> tuple[Cover, ...]:
        sums: dict[tuple[str, str], tuple[Money, int]] = {}
        for row in rows:
            place = row.amount.currency, row.destination.country
            total, count = sums.get(place, (Money(Decimal(0), row.amount.currency), 0))
            sums[place] = total + row.amount, count + 1
        found = []
        for currency, country in sorted(sums):
            needed, count = sums[currency, country]
            fee = await self._fee(currency, count)
            try:
                balance: Decimal | None = (await self._wallets.wallet_for(currency, country)).balance
            except NotFound:
                balance = Decimal(0)
            except KotaniError:
                balance = None
            found.append(Cover(needed, country, balance, fee))
        return tuple(found)

    async def _fee(self, currency: str, rows: int) -> Money | None:
        """What the provider would take for so many payouts, by the typical one of those that it told last."""
        told = await self._database.read(lambda session: queries.fees_told(session, currency, limit=_FEES))
        return Money(median(told) * rows, currency) if told else None

    def _batch(
        self,
        operator: Operator,
        chat_id: int,
        rows: Sequence[Any],
        *,
        file: str,
        digest: str,
        language: str,
        parent: str | None,
    ) -> dict[str, Any]:
        return batch_row(
            self._keyring,
            environment=self._environment,
            chat_id=chat_id,
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


def _largest(rows: Sequence[RowLine]) -> RowLine | None:
    """The row that pays most, where all are of one currency and there are several."""
    if len(rows) < 2 or len({row.amount.currency for row in rows}) > 1:
        return None
    return max(rows, key=lambda row: row.amount.amount)
