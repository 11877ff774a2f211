"""What operators do with reconciliations: begin one, look at what differs, and say what became of it.

Nothing here moves money. A difference is closed by itself when it is not found any more, by an operator with a reason, or
by an owner who writes it into the books: what a wallet holds beyond them as the business's own funds, a fee of the
provider's as the fee that it is.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, Final

from sqlmodel import Session

from bot.engine.books import Books
from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.operators.alerting import AlertKind, end_alert
from bot.engine.operators.difference_table import Table
from bot.engine.operators.late_fees import book_fee, fee_is_as_found
from bot.engine.operators.reconcile_results import STOPPED, ItemView, ReconciliationLook, RunView
from bot.engine.operators.results import Operator, Page
from bot.engine.operators.roles import MOST_WORDS, Operators
from bot.engine.reconciling_end import run_slot
from bot.engine.reconciling_rows import item_view, new_run, run_view
from bot.engine.wakes import Wakes
from bot.payments.bookkeeping import Account, exact
from bot.payments.money import Money
from bot.payments.reconciling import DifferenceKind
from bot.payments.wrong_words import Why, WrongWord
from storage import reconciliation_items as items
from storage import reconciling as queries
from storage.database import Database
from storage.payments import LostRace

PAGE: Final = 6
MOST_AT_ONCE: Final = 100  # of one list, closed with one reason
MOST_ROWS: Final = 20_000  # of one table
CLOSED_FOR: Final = timedelta(days=31)  # how long what was closed is in the table
OLDEST: Final = timedelta(days=366)
_PIECE: Final = 500
_ALL: Final = (items.OPEN, items.GONE, "resolved", "booked")


@dataclass(frozen=True, slots=True)
class Booked:
    """What writing a difference into the books would do: `money` is added to `account`."""

    account: Account
    money: Money


class Reconciling:
    """The use cases of operators."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        operators: Operators,
        books: Books,
        wakes: Wakes,
        *,
        environment: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._operators = operators
        self._books = books
        self._environment = environment
        self._wakes = wakes

    @property
    def today(self) -> date:
        """The day that it is (UTC)."""
        return self._clock().astimezone(UTC).date()

    def read_day(self, text: str) -> date | WrongWord:
        """`today`, `yesterday` or `2026-11-24`; for anything else, the future, and more than a year ago, what is wrong."""
        match text.strip().lower():
            case "today":
                return self.today
            case "yesterday":
                return self.today - timedelta(days=1)
            case said:
                try:
                    day = date.fromisoformat(said) if len(said) == 10 else None
                except ValueError:
                    day = None
                if day is None:
                    return WrongWord(Why.DAY, text)
                if day > self.today:
                    return WrongWord(Why.FUTURE, text)
                return WrongWord(Why.TOO_OLD, text) if day < self.today - OLDEST else day

    async def look(self) -> ReconciliationLook:
        """How things stand."""

        def read(session: Session) -> ReconciliationLook:
            last = queries.last_ended(session, environment=self._environment)
            running = queries.unfinished(session, environment=self._environment)
            return ReconciliationLook(
                self._environment,
                None if last is None else run_view(last),
                None if running is None else run_view(running),
                self._counts(session),
            )

        return await self._database.read(read)

    async def run(self, run_id: str) -> tuple[RunView, ReconciliationLook] | None:
        """One run, and how things stand."""
        row = await self._database.read(lambda session: queries.run_by_id(session, run_id))
        return None if row is None else (run_view(row), await self.look())

    @staticmethod
    def slot_of(run: RunView) -> str:
        """The message that shows a run, and follows it."""
        return run_slot(run.id)

    async def under_way(self, day: date) -> RunView | None:
        """The run of this day that is not over."""
        row = await self._database.read(
            lambda session: queries.unfinished(session, environment=self._environment, day=day)
        )
        return None if row is None else run_view(row)

    def stage_begin(self, effects: Effects, operator: Operator, chat_id: int, language: str, day: date) -> RunView:
        """Begin a run of a day. The transaction raises `LostRace` when one was begun meanwhile."""
        row = new_run(
            self._environment,
            day,
            self._clock(),
            asked_by=operator.telegram_id,
            chat_id=chat_id,
            language=language,
        )

        def begin(session: Session) -> None:
            if not queries.add_run(session, row):
                raise LostRace

        self._operators.stage_act(effects, operator, "reconcile", target=f"day:{day}")
        effects.add(begin)
        effects.after_commit(self._woken)
        return RunView(row["id"], day, row["started_at"], None, None, 0, 0, None, None)

    async def count(self, day: date) -> int:
        """How many legs a run of this day looks at."""
        since = datetime.combine(day, time(), tzinfo=UTC)
        until = min(since + timedelta(days=1), self._clock())
        return await self._database.read(
            lambda session: queries.count_legs(session, environment=self._environment, since=since, until=until)
        )

    def stage_stop(self, effects: Effects, operator: Operator, run: RunView) -> RunView:
        """End a run where it is: what it found stays on the lists. The transaction raises `LostRace` when it is over."""
        now = self._clock()

        def stop(session: Session) -> None:
            if not queries.stop_run(session, run.id, trouble=STOPPED, now=now):
                raise LostRace

        self._operators.stage_act(effects, operator, "reconcile_stop", target=f"day:{run.day}")
        effects.add(stop)
        effects.after_commit(self._woken)
        return replace(run, ended_at=now, trouble=STOPPED)

    async def page(self, kind: DifferenceKind | None, number: int) -> tuple[list[ItemView], Page, int]:
        """A page of what is open, of one list or of all, and how many there are."""

        def read(session: Session) -> tuple[list[ItemView], int]:
            found = items.items(
                session,
                environment=self._environment,
                states=[items.OPEN],
                kind=kind,
                limit=PAGE + 1,
                offset=(number - 1) * PAGE,
            )
            counts = self._counts(session)
            count = sum(counts.values()) if kind is None else counts.get(kind, 0)
            return [item_view(one) for one in found], count

        found, count = await self._database.read(read)
        return found[:PAGE], Page(number, more=len(found) > PAGE), count

    async def whole_list(self, kind: DifferenceKind) -> list[ItemView]:
        """What is open in one list, the oldest first: as much of it as is closed at once."""
        found = await self._database.read(
            lambda session: items.items(
                session, environment=self._environment, states=[items.OPEN], kind=kind, limit=MOST_AT_ONCE
            )
        )
        return [item_view(one) for one in found]

    async def item(self, item_id: str) -> ItemView | None:
        """One difference, open or not."""
        record = await self._database.read(lambda session: items.item_by_id(session, item_id))
        return None if record is None else item_view(record)

    def stage_resolve(self, effects: Effects, operator: Operator, item: ItemView, reason: str) -> None:
        """Close a difference with a reason. The transaction raises `LostRace` when it is another one by then."""
        self._act(effects, operator, "difference", item, reason, after=None)
        self._close(effects, operator, item, "resolved", reason)

    async def booked(self, item: ItemView) -> Booked | None:
        """What writing a difference into the books would do; None when it cannot be written, or not any more."""
        if not item.can_book or item.currency is None or item.ours_amount is None or item.theirs_amount is None:
            return None
        money = Money(exact().subtract(item.theirs_amount, item.ours_amount), item.currency)
        if item.kind is DifferenceKind.BALANCE:
            return Booked(Account(item.reference.partition(" ")[0]), money)
        as_found = await self._database.read(lambda session: fee_is_as_found(session, item))
        return Booked(Account.PROVIDER_FEES, money) if as_found else None

    def stage_book(self, effects: Effects, operator: Operator, item: ItemView, booked: Booked, reason: str) -> None:
        """Write a difference into the books. `LostRace` as above."""
        after = {"account": booked.account, "amount": str(booked.money)}
        action_id = self._act(effects, operator, "book_difference", item, reason, after=after)
        self._close(effects, operator, item, "booked", reason)
        if item.kind is DifferenceKind.BALANCE:
            self._books.stage_funded(effects, action_id, booked.account, booked.money)
        else:
            now = self._clock()
            effects.add(lambda session: book_fee(session, operator, item, now))

    def stage_export(self, effects: Effects, operator: Operator) -> None:
        """Write down that somebody takes the differences along."""
        self._operators.stage_act(effects, operator, "export_differences", target=None)

    async def csv(self, kind: DifferenceKind | None) -> bytes:
        """What is open, and what was closed in the last month, as a table that no spreadsheet takes for formulas."""
        table = Table()
        since = self._clock() - CLOSED_FOR
        for offset in range(0, MOST_ROWS, _PIECE):
            found = await self._database.read(partial(self._piece, kind, since, offset))
            table.add(item_view(one) for one in found)
            if len(found) < _PIECE:
                break
        return table.body()

    def _piece(
        self, kind: DifferenceKind | None, since: datetime, offset: int, session: Session
    ) -> list[items.ItemRecord]:
        return items.items(
            session,
            environment=self._environment,
            states=_ALL,
            kind=kind,
            since=since,
            limit=_PIECE,
            offset=offset,
        )

    async def _woken(self) -> None:
        self._wakes.reconciliation.set()

    def _counts(self, session: Session) -> dict[DifferenceKind, int]:
        counts = items.open_counts(session, environment=self._environment)
        return {kind: counts[kind] for kind in DifferenceKind if kind in counts}

    def _act(
        self,
        effects: Effects,
        operator: Operator,
        action: str,
        item: ItemView,
        reason: str,
        *,
        after: dict[str, Any] | None,
    ) -> str:
        target = f"difference:{item.reference}" if item.code is None else f"payment:{item.code}"
        before = {"list": item.kind, "ours": item.ours, "theirs": item.theirs}
        return self._operators.stage_act(
            effects, operator, action, target=target, reason=reason, before=before, after=after
        )

    def _close(self, effects: Effects, operator: Operator, item: ItemView, state: str, reason: str) -> None:
        now = self._clock()

        def close(session: Session) -> None:
            closed = items.close_item(
                session,
                item.id,
                was=(item.ours, item.theirs),
                state=state,
                now=now,
                by=operator.telegram_id,
                reason=reason[:MOST_WORDS],
            )
            if not closed:
                raise LostRace
            if not self._counts(session):
                end_alert(session, AlertKind.RECONCILIATION, self._environment, now)

        effects.add(close)
