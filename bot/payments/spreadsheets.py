"""Tables that people open in a spreadsheet: CSV, with cells that no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet may execute begins with these


def safe_cell(text: str) -> str:
    """A cell that is taken for text: an apostrophe goes before what would be a formula."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def csv_file(rows: Iterable[Sequence[str]], *, separator: str = ",") -> bytes:
    """Rows as a file, every cell made safe, in UTF-8 with a mark in front by which spreadsheets know it."""
    held = io.StringIO(newline="")
    csv.writer(held, delimiter=separator).writerows([safe_cell(cell) for cell in row] for row in rows)
    return held.getvalue().encode("utf-8-sig")
