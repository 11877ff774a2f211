"""Differences as a table to be opened in a spreadsheet: CSV, with cells that no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final

from bot.engine.operators.exporting import safe_cell
from bot.engine.operators.reconcile_results import ItemView
from bot.payments.bookkeeping import exact
from bot.payments.money import to_plain

COLUMNS: Final = (
    *("list", "state", "reference", "payment", "transaction", "ours", "theirs", "currency", "our_amount"),
    *("their_amount", "theirs_less_ours", "first_found", "last_found", "closed", "closed_by", "reason"),
)


class Table:
    """A table that grows. There are no phone numbers and no names in it."""

    def __init__(self) -> None:
        self._file = io.StringIO(newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS)

    def add(self, items: Iterable[ItemView]) -> None:
        """Add a row for each."""
        self._writer.writerows(_cells(one) for one in items)

    def body(self) -> bytes:
        """The file, in UTF-8 with a mark in front by which spreadsheets know it."""
        return self._file.getvalue().encode("utf-8-sig")


def _cells(item: ItemView) -> list[str]:
    """The cells of one difference, in the order of `COLUMNS`. Amounts are our own plain numbers, a minus included."""
    less: Decimal | None = None
    if item.ours_amount is not None and item.theirs_amount is not None:
        less = exact().subtract(item.theirs_amount, item.ours_amount)
    words = (item.kind, item.state, item.reference, item.code, item.leg_kind, item.ours, item.theirs, item.currency)
    amounts = (item.ours_amount, item.theirs_amount, less)
    ends = (
        _moment(item.first_seen_at),
        _moment(item.last_seen_at),
        _moment(item.closed_at),
        None if item.closed_by is None else str(item.closed_by),
        item.reason,
    )
    return [
        *(safe_cell(word or "") for word in words),
        *("" if amount is None else to_plain(amount) for amount in amounts),
        *(safe_cell(word or "") for word in ends),
    ]


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"
