"""Files about files of payments: one to begin with, one to correct, and the result of every row."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.engine.operators.bulk_results import PAID_NOBODY, RowLine
from bot.payments.bulk.columns import OURS, Column
from bot.payments.bulk.rows import Reading
from bot.payments.bulk.table import Table
from bot.payments.parties import Way
from bot.payments.spreadsheets import csv_file
from bot.payments.states import PaymentState
from bot.screens.operators.bulk import row_reason
from bot.screens.texts import Texts

_COLUMNS: Final = tuple(str(column) for column in Column if column not in OURS)
# nobody's numbers: what is in the template must not be paid by mistake
_EXAMPLES: Final = (
    {"name": "Jane Doe", "amount": "1500", "currency": "KES", "phone": "+254 7XX XXX XXX", "note": "May"},
    {"name": "Duka 24", "amount": "700", "currency": "KES", "till": "XXXXXX", "note": "May"},
)


def template_csv() -> bytes:
    """A file to begin with: every column that is known, and rows that show what stands there but cannot be paid."""
    return csv_file([_COLUMNS, *([row.get(name, "") for name in _COLUMNS] for row in _EXAMPLES)])


def correction_csv(texts: Texts, table: Table, reading: Reading) -> bytes:
    """The file as it was sent, with the reasons beside the rows that they are about: to be corrected and sent again."""
    reasons = {bad.line: "; ".join(row_reason(texts, one) for one in bad.problems) for bad in reading.bad}
    kept = [place for place, column in enumerate(table.columns) if column not in OURS]
    head = [Column.PROBLEM, Column.LINE, *(table.titles[place].strip() for place in kept)]

    def rows() -> Iterable[Sequence[str]]:
        yield head
        for record in table.records:
            cells = [record.cells[place].strip() if place < len(record.cells) else "" for place in kept]
            spare = [cell.strip() for cell in record.cells[len(table.columns) :]]
            yield [reasons.get(record.line, ""), str(record.line), *cells, *spare]

    return csv_file(rows(), separator=table.separator)


def result_csv(texts: Texts, rows: Sequence[RowLine]) -> bytes:
    """Every row of a file with what became of it: a status, and a receipt number or a reason."""
    head = ("line", "name", "amount", "currency", "to", "note", "status", "receipt", "reason", "payment", "ended_at")
    return csv_file([head, *(_result(texts, row) for row in rows)])


def _result(texts: Texts, row: RowLine) -> list[str]:
    return [
        str(row.line),
        row.destination.name,
        row.amount.to_plain(),
        row.amount.currency,
        _place(row),
        row.note,
        texts.plain(f"ops.bulk_status.{_status(row)}"),
        row.receipt or "",
        _reason(texts, row) if row.state in PAID_NOBODY else "",
        row.code or "",
        "" if row.ended_at is None else f"{row.ended_at:%Y-%m-%d %H:%M:%S}",
    ]


def _status(row: RowLine) -> str:
    if row.left_out:
        return "left_out"
    match row.state:
        case None | PaymentState.CANCELLED:
            return "not_begun"
        case PaymentState.COMPLETED:
            return "paid"
        case PaymentState.REVERSED:
            return "reversed"
        case state if state in PAID_NOBODY:
            return "failed"
        case _:
            return "under_way"


def _reason(texts: Texts, row: RowLine) -> str:
    """In the provider's words, where there are some: operators act on them."""
    if row.reason_detail:
        return row.reason_detail
    return texts.plain(row.reason) if row.reason is not None and row.reason in texts else row.reason or ""


def _place(row: RowLine) -> str:
    to = row.destination
    match to.way:
        case Way.PHONE:
            return f"{to.network} {to.phone}"
        case Way.BANK:
            return f"{to.bank_name} {to.account}"
        case Way.TILL:
            return f"till {to.number}"
        case Way.PAYBILL:
            return f"paybill {to.number} {to.account}"
