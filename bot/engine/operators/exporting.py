"""Payments as a table to be opened in a spreadsheet: CSV, with cells that no spreadsheet takes for a formula.

There are no phone numbers and no names in it. It is read in pieces, so that nobody else waits for the database.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from typing import Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.operators.results import Operator
from bot.engine.operators.roles import Operators
from bot.payments.money import to_plain
from bot.payments.spreadsheets import safe_cell
from bot.payments.wrong_words import Why, WrongWord
from storage import oversight as queries
from storage.database import Database
from storage.tables import Payment

__all__ = ["COLUMNS", "MOST_DAYS", "MOST_ROWS", "Exporting", "Period", "read_period", "rows_of", "safe_cell"]

MOST_ROWS: Final = 20_000
MOST_DAYS: Final = 366
_PIECE: Final = 500
COLUMNS: Final = (
    *("reference", "kind", "state", "confirmed_at", "ended_at", "paid", "paid_currency", "fee", "fee_currency"),
    *("received", "received_currency", "receipt", "transaction", "reason", "provider_references"),
)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days (UTC), the last one included."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.first, time(), tzinfo=UTC)

    @property
    def until(self) -> datetime:
        """The first moment behind it."""
        return datetime.combine(self.last, time(), tzinfo=UTC) + timedelta(days=1)


def read_period(text: str, today: date) -> Period | WrongWord:
    """`today`, `yesterday`, `7d`, `2026-11` or `2026-11-01 2026-11-24`; for anything else the word that is wrong.

    So is what begins in the future, and more than a year at once.
    """
    found = _period(text, today)
    if isinstance(found, Period) and found.first > today:
        return WrongWord(Why.FUTURE, text.split(maxsplit=1)[0])
    return found


def _period(text: str, today: date) -> Period | WrongWord:
    match text.split():
        case ["today"]:
            return Period(today, today)
        case ["yesterday"]:
            return Period(today - timedelta(days=1), today - timedelta(days=1))
        case [days] if days.endswith("d") and days[:-1].isascii() and days[:-1].isdigit() and len(days) <= 4:
            count = int(days[:-1])
            if not count:
                return WrongWord(Why.PERIOD, days)
            if count > MOST_DAYS:
                return WrongWord(Why.SPAN, days, {"most": MOST_DAYS})
            return Period(today - timedelta(days=count - 1), today)
        case [month] if len(month) == 7:
            first = _day(f"{month}-01")
            return WrongWord(Why.MONTH, month) if first is None else Period(first, _last_of_month(first))
        case [one]:
            day = _day(one)
            return WrongWord(Why.DAY if one[:1].isdigit() else Why.PERIOD, one) if day is None else Period(day, day)
        case [one, other]:
            first, last = _day(one), _day(other)
            if first is None or last is None:
                return WrongWord(Why.DAY, one if first is None else other)
            if last < first:
                return WrongWord(Why.BACKWARDS, other)
            if last - first >= timedelta(days=MOST_DAYS):
                return WrongWord(Why.SPAN, f"{one} {other}", {"most": MOST_DAYS})
            return Period(first, last)
        case [_, _, extra, *_]:
            return WrongWord(Why.EXTRA, extra)
        case _:
            return WrongWord(Why.MISSING)


class Exporting:
    """Makes tables of payments."""

    def __init__(self, database: Database, clock: Clock, operators: Operators, *, environment: str) -> None:
        self._database = database
        self._clock = clock
        self._operators = operators
        self._environment = environment

    @property
    def today(self) -> date:
        """The day that it is (UTC)."""
        return self._clock().astimezone(UTC).date()

    async def count(self, period: Period) -> int:
        """How many payments there are; more than `MOST_ROWS` are too many for one table."""
        counts = await self._database.read(
            lambda session: queries.counts(
                session, environment=self._environment, since=period.since, until=period.until
            )
        )
        return sum(counts.values())

    def stage_export(self, effects: Effects, operator: Operator, period: Period) -> None:
        """Write down that somebody takes these payments along."""
        self._operators.stage_act(effects, operator, "export", target=f"period:{period.first}..{period.last}")

    async def csv(self, period: Period) -> bytes:
        """The table, in UTF-8 with a mark in front by which spreadsheets know it."""
        file = io.StringIO(newline="")
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        after: tuple[datetime, str] | None = None
        for _ in range(MOST_ROWS // _PIECE):
            rows = await self._piece(period, after)
            writer.writerows(rows_of(rows))
            if len(rows) < _PIECE:
                break
            last = rows[-1][0]
            after = last.created_at, last.id
        return file.getvalue().encode("utf-8-sig")

    async def _piece(self, period: Period, after: tuple[datetime, str] | None) -> list[tuple[Payment, list[str]]]:
        def read(session: Session) -> list[tuple[Payment, list[str]]]:
            payments = queries.payments_after(
                session,
                environment=self._environment,
                since=period.since,
                until=period.until,
                after=after,
                limit=_PIECE,
            )
            references = queries.references_of(session, [payment.id for payment in payments])
            return [(payment, references.get(payment.id, [])) for payment in payments]

        return await self._database.read(read)


def rows_of(payments: Iterable[tuple[Payment, list[str]]]) -> Iterable[list[str]]:
    """The cells of each payment, in the order of `COLUMNS`."""
    for payment, references in payments:
        cells: list[str | None] = [
            payment.code,
            payment.kind,
            payment.state,
            _moment(payment.created_at),
            _moment(payment.ended_at),
            to_plain(payment.pay_amount),
            payment.pay_currency,
            to_plain(payment.fee_amount),
            payment.fee_currency,
            to_plain(payment.receive_amount),
            payment.receive_currency,
            payment.receipt,
            payment.tx_hash,
            payment.reason,
            " ".join(references),
        ]
        yield [safe_cell(cell or "") for cell in cells]


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day is not None and day.year < MAXYEAR else None  # a period ends with the day behind it


def _last_of_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
