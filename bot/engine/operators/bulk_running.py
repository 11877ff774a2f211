"""Paying files of payments that were approved: their rows become payouts piece by piece, and their cards tell how far it is.

Every step is one transaction: rows that become payouts are marked with them, so that whatever stops this process leaves
rows that have a payment and rows that have none, and the next step goes on with those. A piece is begun when the one before
it has nearly all been sent: customers' payments are not kept waiting, a file can be stopped on its way, and where the
balance does not cover it, what is not begun stays so.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.house import Asked, House
from bot.engine.operators.bulk_results import BatchState, Counts
from bot.engine.operators.bulk_rows import (
    DOUBT,
    DRAFT_LIFE,
    batch_view,
    card_row,
    counts_of,
    payout_key,
    payout_of,
    result_row,
)
from bot.engine.operators.bulk_stopping import hold_back
from bot.engine.outbox import write_notice_rows
from bot.engine.settling import Settler
from bot.engine.wakes import Wakes
from bot.payments.schedule import Patience
from storage import bulk as queries
from storage.bulk_tables import BulkBatch
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.payments import LostRace

PIECE: Final = 40  # rows that are begun together
FEW: Final = 8  # of them not sent: then the next piece is begun
_SOON: Final = timedelta(seconds=1)
_LATER: Final = timedelta(seconds=3)
_LATEST: Final = timedelta(minutes=1)  # what stands still for long is looked at as seldom as that
_TELL_EVERY: Final = timedelta(seconds=3)
_log = structlog.get_logger(__name__)


class BulkRunner:
    """Goes on with files that are being paid. Any number of replicas may run one."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock, wakes: Wakes, house: House) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._house = house
        self._settler = Settler(keyring, Patience())
        self._stopping = False

    def stop(self) -> None:
        """Finish the step at hand and end `run`."""
        self._stopping = True
        self._wakes.bulk.set()

    async def run(self) -> None:
        """Go on with whatever is due until told to stop."""
        while not self._stopping:
            self._wakes.bulk.clear()
            try:
                found = await self.step()
            except StorageUnavailable as error:
                _log.warning("files of payments wait for storage", error=str(error))
                await asyncio.sleep(1)
                continue
            if not found and not self._stopping:
                await self._wakes.bulk.wait()

    async def step(self) -> bool:
        """Go on with one file; whether one was due."""
        try:
            found = await self._database.write(self._go_on)
        except LostRace:
            _log.info("a file of payments was changed meanwhile")
            return True
        if found:
            self._wakes.legs.set()
            self._wakes.notices.set()
        return found

    def _go_on(self, session: Session) -> bool:
        now = self._clock()
        row = queries.take_due_batch(session, environment=self._house.environment, now=now)
        if row is None:
            return False
        if row.state == BatchState.RUNNING:
            self._pay(session, row, now)
        else:
            self._forget(session, row, now)
        return True

    def _pay(self, session: Session, row: BulkBatch, now: datetime) -> None:
        if row.parent_id is not None:  # what failed before may turn out to be paid, until the very row is begun
            queries.leave_out(session, queries.rows_in_doubt(session, row.id, DOUBT))
        if row.stopped_at is not None:  # what was on its way then, and is to be sent once more
            hold_back(session, self._settler, row.id, now)
        counts = counts_of(queries.standing(session, row.id))
        if row.stopped_at is None and counts.waiting <= FEW:
            begun = self._begin(session, row, now, behind=counts.waiting)
            counts = replace(counts, waiting=counts.waiting + begun, not_begun=counts.not_begun - begun)
        over = counts.open == 0 and (counts.not_begun == 0 or row.stopped_at is not None)
        figures = _figures(counts)
        changed = figures != row.told
        still = min(_LATEST, max(_LATER, (now - row.updated_at) / 10))
        values: dict[str, object] = {"due_at": now + (_SOON if changed else still)}
        if over:
            values |= {"state": str(BatchState.ENDED), "ended_at": now, "due_at": None}
        if over or row.told is None or (changed and now >= row.updated_at + _TELL_EVERY):
            telling = row.tellings + 1
            values |= {"told": figures, "tellings": telling, "updated_at": now}
            notices = [card_row(self._keyring, row, telling, now, fresh=row.told is None)]
            if over:
                notices.append(result_row(self._keyring, row, now))
            write_notice_rows(session, notices)
        if not queries.change_batch(session, row.id, state="running", values=values, stopped_at=row.stopped_at):
            raise LostRace

    def _begin(self, session: Session, row: BulkBatch, now: datetime, *, behind: int) -> int:
        """The next piece: each row becomes a payout, in this transaction, under a key that is its own."""
        rows = queries.rows_to_begin(session, row.id, limit=PIECE)
        if not rows:
            return 0
        asked = Asked(row.created_by, row.language, row.chat_id, now)
        orders = [payout_of(self._keyring, one) for one in rows]
        opened = self._house.open_payouts(session, asked, orders, batch_id=row.id, behind=behind)
        for one in rows:
            if not queries.begin_row(session, one.id, opened[payout_key(one.id)].payment_id):
                raise LostRace
        return len(rows)

    def _forget(self, session: Session, row: BulkBatch, now: datetime) -> None:
        """A draft that nobody came back to: whom it would have paid is not kept. One that waits for an answer stays."""
        if batch_view(session, self._keyring, row, now).state is BatchState.WAITING:
            queries.change_batch(session, row.id, state="draft", values={"due_at": now + DRAFT_LIFE})
            return
        values = {"state": str(BatchState.DROPPED), "due_at": None, "updated_at": now}
        if queries.change_batch(session, row.id, state="draft", values=values, order_id=row.order_id):
            queries.drop_rows(session, row.id)


def _figures(counts: Counts) -> str:
    return f"{counts.paid}/{counts.failed}/{counts.under_way}/{counts.waiting}/{counts.not_begun}/{counts.held}"
