"""From the bytes of a file to cells: which encoding, which separator, which columns.

Spreadsheets save "CSV" in many ways, by country and by version. Whatever is certain is read; whatever is not is refused
with a word on how to save it. Nothing here looks at what the cells say.
"""

import codecs
import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.payments.bulk.columns import DESTINATIONS, OURS, Column, column_of

MOST_BYTES: Final = 1_000_000  # of a file; a thousand full rows have a quarter of it
MOST_ROWS: Final = 1_000
_NAMED: Final = re.compile(r'\s*"?sep\s*=\s*?([,;\t|])\s*"?[,;\t|\s]*', re.IGNORECASE)  # as programs save it again, too
_LONGEST_TITLES: Final = 4_000  # characters of the first line by which the separator is found
_SEPARATORS: Final = (",", ";", "\t", "|")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf")  # xlsx, ods; xls; others that are sent


class FileFault(StrEnum):
    """Why a file cannot be read at all."""

    TOO_LARGE = "too_large"
    EMPTY = "empty"
    WORKBOOK = "workbook"
    NOT_TEXT = "not_text"
    QUOTES = "quotes"
    NO_HEADER = "no_header"
    TWO_COLUMNS = "two_columns"
    NO_COLUMN = "no_column"
    NO_ROWS = "no_rows"
    TOO_MANY_ROWS = "too_many_rows"


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Why a file was refused, and what the sentence about it names."""

    fault: FileFault
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Record:
    """One row as it stands in the file. `line` counts as a spreadsheet does: the titles are line 1."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file that could be read. `columns` has None for what we do not know; empty rows are left out of `records`."""

    titles: tuple[str, ...]
    columns: tuple[Column | None, ...]
    records: tuple[Record, ...]
    encoding: str
    separator: str

    @property
    def unread(self) -> tuple[str, ...]:
        """Titles of columns that nobody will look at."""
        return tuple(
            title.strip()
            for title, column in zip(self.titles, self.columns, strict=True)
            if column is None and title.strip()
        )


def read_table(content: bytes) -> Table | FileProblem:
    """The cells of a CSV file, or why there are none. Never raises."""
    if len(content) > MOST_BYTES:
        return FileProblem(FileFault.TOO_LARGE, {"most": str(MOST_BYTES // 1_000)})
    decoded = _decoded(content)
    if isinstance(decoded, FileProblem):
        return decoded
    text, encoding = decoded
    text, separator = _separator(text)
    rows = _rows(text, separator)
    if isinstance(rows, FileProblem):
        return rows
    head = next((place for place, cells in enumerate(rows) if any(cell.strip() for cell in cells)), None)
    if head is None:
        return FileProblem(FileFault.EMPTY)
    titles = tuple(rows[head])
    columns = tuple(column_of(title) for title in titles)
    fault = _fault_of(columns)
    if fault is not None:
        return fault
    records = [
        Record(line, tuple(cells))
        for line, cells in enumerate(rows[head + 1 :], start=head + 2)
        if any(cell.strip() for cell in cells)
    ]
    if not records:
        return FileProblem(FileFault.NO_ROWS)
    if len(records) > MOST_ROWS:
        return FileProblem(FileFault.TOO_MANY_ROWS, {"count": str(len(records)), "most": str(MOST_ROWS)})
    return Table(titles, columns, tuple(records), encoding, separator)


def _decoded(content: bytes) -> tuple[str, str] | FileProblem:
    """The text and what it was encoded in: as a mark in front says, else UTF-8, else what Windows writes in the west."""
    if not content.strip():
        return FileProblem(FileFault.EMPTY)
    if content.startswith(_WORKBOOKS):
        return FileProblem(FileFault.WORKBOOK)
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    for encoding in (marked,) if marked is not None else _guesses(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(char < " " and char not in "\t\r\n" for char in text):
            return text.replace("\r\n", "\n").replace("\r", "\n"), encoding
    return FileProblem(FileFault.NOT_TEXT)


def _guesses(content: bytes) -> Sequence[str]:
    if b"\0" not in content:
        return "utf-8", "cp1252"
    # without a mark, what is mostly Latin letters in two bytes each has its zeros on one side
    return ("utf-16-le",) if content[1::2].count(0) > content[::2].count(0) else ("utf-16-be",)


def _separator(text: str) -> tuple[str, str]:
    """What stands between cells: as a first line for spreadsheets says (`sep=;`), else by which the titles are known."""
    first, _, rest = text.lstrip("\n").partition("\n")
    named = _NAMED.fullmatch(first)
    if named is not None:
        return rest, named[1]

    def known(separator: str) -> int:
        titles = next(csv.reader([first[:_LONGEST_TITLES]], delimiter=separator), [])
        return sum(column_of(title) is not None for title in titles)

    return text, max(_SEPARATORS, key=known)


def _rows(text: str, separator: str) -> list[list[str]] | FileProblem:
    # a new line alone ends a row: no other sign that some programs take for one
    reader = csv.reader((f"{line}\n" for line in text.split("\n")), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(reader)
    except csv.Error:
        return FileProblem(FileFault.QUOTES, {"line": str(len(rows) + 1)})
    return rows


def _fault_of(columns: Sequence[Column | None]) -> FileProblem | None:
    known = [column for column in columns if column is not None and column not in OURS]
    if len(known) < 2:
        return FileProblem(FileFault.NO_HEADER)
    twice = next((column for column in known if known.count(column) > 1), None)
    if twice is not None:
        return FileProblem(FileFault.TWO_COLUMNS, {"column": str(twice)})
    missing = [str(column) for column in (Column.NAME, Column.AMOUNT) if column not in known]
    if not any(column in known for column in DESTINATIONS):
        missing.append(str(Column.PHONE))
    return FileProblem(FileFault.NO_COLUMN, {"columns": ", ".join(missing)}) if missing else None
