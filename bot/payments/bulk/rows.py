"""All rows of a file: those that can be paid, and of every other one all the reasons why not, at once.

A file is paid whole or not at all, so whoever corrects it should have to do so once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.payments.bulk.cells import CellProblem, Marks, RowFault, problem
from bot.payments.bulk.row_reader import Row, RowReader, Served
from bot.payments.bulk.table import Table
from bot.payments.money import Money


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be paid, with every reason; `label` is how people find it: its name or its number."""

    line: int
    label: str
    problems: tuple[CellProblem, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file comes to. It can be paid when there are no `bad` rows."""

    rows: tuple[Row, ...]
    bad: tuple[BadRow, ...]


def read_rows(table: Table, served: Served) -> Reading:
    """Every row of a file, in its order. Never raises.

    Two rows that say the same are refused from the second one on; another note makes them two payments.
    """
    rows: list[Row] = []
    bad: dict[int, BadRow] = {}
    marks: dict[int, Marks] = {}
    for record in table.records:
        reader = RowReader(table, record, served)
        found = reader.read()
        if isinstance(found, Row):
            rows.append(found)
        else:
            bad[record.line] = BadRow(record.line, reader.label, tuple(found))
        if reader.marks is not None:
            marks[record.line] = reader.marks
    odd = _mixed_notations(marks) | _odd_notations(marks)
    first: dict[tuple[str, Money, str], int] = {}
    good: list[Row] = []
    for row in rows:
        known = first.setdefault(row.sameness, row.line)
        why = []
        if row.line in odd:
            why.append(odd[row.line])
        if known != row.line:
            why.append(problem(RowFault.SAME_ROW, line=str(known)))
        if why:
            bad[row.line] = BadRow(row.line, row.destination.name, tuple(why))
        else:
            good.append(row)
    return Reading(tuple(good), tuple(bad[line] for line in sorted(bad)))


def _mixed_notations(marks: Mapping[int, Marks]) -> dict[int, CellProblem]:
    """Lines that group thousands, or mark decimals, by another sign than most lines of the file that do so."""
    mixed: dict[int, CellProblem] = {}
    for role in ("thousands", "decimal"):
        used = {line: sign for line, one in marks.items() if (sign := getattr(one, role)) is not None}
        if len(set(used.values())) < 2:
            continue
        usual = Counter(used.values()).most_common(1)[0][0]
        other = next(line for line, sign in used.items() if sign == usual)
        for line in (line for line, sign in used.items() if sign != usual):
            names = {"cell": marks[line].cell, "other": marks[other].cell, "line": str(other)}
            mixed[line] = problem(RowFault.AMOUNT_MIXED, **names)
    return mixed


def _odd_notations(marks: Mapping[int, Marks]) -> dict[int, CellProblem]:
    """Lines whose amount uses a sign for decimals that others use for thousands, or the other way round.

    The rarer use is called odd; of two that are as common, that of decimals.
    """
    odd: dict[int, CellProblem] = {}
    for sign in ".,":
        decimal = [line for line, used in marks.items() if used.decimal == sign]
        thousands = [line for line, used in marks.items() if used.thousands == sign]
        if decimal and thousands:
            why = problem(RowFault.AMOUNT_NOTATION, mark=sign)
            odd |= dict.fromkeys(decimal if len(decimal) <= len(thousands) else thousands, why)
    return odd


def totals(rows: Iterable[Row]) -> tuple[tuple[Money, int], ...]:
    """What the rows come to and how many there are, per currency: never one sum over several."""
    sums: dict[str, Money] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        code = row.amount.currency
        sums[code] = sums[code] + row.amount if code in sums else row.amount
        counts[code] += 1
    return tuple((sums[code], counts[code]) for code in sorted(sums))
