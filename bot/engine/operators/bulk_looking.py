"""Looking at files of payments: how they stand, whether balances cover them, and what of them others have paid already."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import Final

from sqlmodel import Session

from bot.engine.balances import Wallets
from bot.engine.clock import Clock
from bot.engine.operators.bulk_results import Batch, BatchState, Beside, Cover, Listed, Preview, RowLine, Stopping, Twin
from bot.engine.operators.bulk_rows import DOUBT, batch_state, batch_view, row_line, stopping_of
from bot.engine.operators.order_results import OrderRefused
from bot.engine.operators.promised import promised
from bot.engine.operators.results import Page
from bot.engine.operators.roles import PAGE
from bot.kotani.errors import KotaniError, NotFound
from bot.payments.money import Money
from storage import bulk as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.repeats import drafts_with, paid_alone

LOOK_BACK: Final = timedelta(days=25)  # a row that pays the same to the same place within that time is asked about
_FIRST: Final = 3  # rows that a preview shows
_PATIENCE: Final = 8.0  # seconds for one balance
_FEES: Final = 20  # payouts by which the provider's fee is guessed


class BulkLooking:
    """Reads files of payments of one environment."""

    def __init__(
        self, database: Database, keyring: Keyring, clock: Clock, wallets: Wallets, *, environment: str
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wallets = wallets
        self._environment = environment

    @property
    def environment(self) -> str:
        """The one whose files these are."""
        return self._environment

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

    async def stopping(self, batch_id: str) -> Stopping:
        """What it would mean to stop a file now."""
        return stopping_of(await self._database.read(lambda session: queries.standing_if_stopped(session, batch_id)))

    async def preview(self, batch: Batch) -> Preview:
        """A draft with the balances as they are now, and with what others have paid of it."""
        rows = [row for row in await self.rows(batch.id) if not row.left_out]
        twins, same = await self._database.read(lambda session: self.before(session, batch))
        return Preview(
            batch=batch,
            covers=await self._covers(rows),
            twins=tuple(twins),
            same_file=tuple(same),
            beside=await self._database.read(lambda session: self._beside(session, batch)),
            largest=_largest(rows),
            first=tuple(rows[:_FIRST]),
        )

    def refuse(self, preview: Preview) -> None:
        """Raises `OrderRefused` where a balance does not cover a file, or nobody knows."""
        if any(cover.balance is None for cover in preview.covers):
            raise OrderRefused("ops.bulk_no_balances")
        for cover in preview.covers:
            if (missing := cover.missing) is not None:
                raise OrderRefused(
                    "ops.bulk_short", missing=missing, transfer=f"{missing.currency} {missing.to_plain()}"
                )

    def before(self, session: Session, batch: Batch) -> tuple[list[Twin], list[str]]:
        """What other files, or payouts by themselves, have paid of the rows of this one, or are about to."""
        rows = queries.digests_of(session, batch.id)
        found = queries.paid_before(
            session,
            [row[2] for row in rows],
            environment=self._environment,
            but=batch.id,
            since=self._clock() - LOOK_BACK,
            doubt=DOUBT,
        )
        theirs: dict[tuple[str, Decimal, str], Twin] = {}
        for digest, amount, currency, code, line, started_at in found:
            theirs.setdefault((digest, amount, currency), Twin(0, code, line, started_at))
        for digest, amount, currency, code, paid_at in paid_alone(
            session,
            [row[2] for row in rows],
            environment=self._environment,
            since=self._clock() - LOOK_BACK,
            doubt=DOUBT,
        ):
            theirs.setdefault((digest, amount, currency), Twin(0, code, None, paid_at))
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

    def _beside(self, session: Session, batch: Batch) -> tuple[Beside, ...]:
        """Files that would pay rows of this one as well: they are told, and decided when the first of them is paid."""
        mine = {(digest, amount, currency) for _, _, digest, amount, currency in queries.digests_of(session, batch.id)}
        shared = Counter(
            batch_id
            for batch_id, *row in drafts_with(
                session, [one[0] for one in mine], environment=self._environment, but=batch.id
            )
            if tuple(row) in mine
        )
        found = []
        for batch_id, rows in sorted(shared.items()):
            row = queries.batch_by_id(session, batch_id)
            assert row is not None
            state = batch_state(session, row, self._clock())
            if state is BatchState.WAITING or batch_id < batch.id:
                found.append(Beside(row.code, state, rows))
        return tuple(found)

    async def _covers(self, rows: Sequence[RowLine]) -> tuple[Cover, ...]:
        sums: dict[tuple[str, str], tuple[Money, int]] = {}
        for row in rows:
            place = row.amount.currency, row.destination.country
            total, count = sums.get(place, (Money(Decimal(0), row.amount.currency), 0))
            sums[place] = total + row.amount, count + 1
        found = []
        for currency, country in sorted(sums):
            needed, count = sums[currency, country]
            fee = await self._fee(needed, count)
            balance = await self._balance(currency, country)
            where = (self._database, self._keyring, currency, country)
            taken = await promised(*where, environment=self._environment)
            found.append(Cover(needed, country, balance, fee, taken))
        return tuple(found)

    async def _balance(self, currency: str, country: str) -> Decimal | None:
        """What the payout balance holds; None where the provider does not say in good time: a card must not wait long."""
        try:
            async with asyncio.timeout(_PATIENCE):
                return (await self._wallets.wallet_for(currency, country)).balance
        except NotFound:
            return Decimal(0)
        except (KotaniError, TimeoutError):
            return None

    async def _fee(self, total: Money, rows: int) -> Money | None:
        """What the provider would take for so many payouts, by those that it told last; None where it told nothing.

        Whether it takes so much a payout or a share of it is not known: it is the larger of both.
        """
        told = await self._database.read(lambda session: queries.fees_told(session, total.currency, limit=_FEES))
        paid = sum((amount for _, amount in told), Decimal(0))
        if not paid:
            return None
        share = total.amount * sum((fee for fee, _ in told), Decimal(0)) / paid
        return Money(max(share, median(fee for fee, _ in told) * rows), total.currency).quantize_up()


def _largest(rows: Sequence[RowLine]) -> RowLine | None:
    """The row that pays most, where all are of one currency and there are several."""
    if len(rows) < 2 or len({row.amount.currency for row in rows}) > 1:
        return None
    return max(rows, key=lambda row: row.amount.amount)
