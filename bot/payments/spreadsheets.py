"""Tables that people open in a spreadsheet: CSV, with cells that no spreadsheet takes for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

# what a spreadsheet may execute begins with these, some of them also in the width of Chinese and Japanese
_FORMULAS: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_MARK: Final = "'"
_CUT: Final = re.compile(rf"""(?<=[,;|\t\r\n])(?=[\s"]{{0,8}}[{re.escape("".join(_FORMULAS))}])""")


def safe_cell(text: str) -> str:
    """A cell that is taken for text: an apostrophe goes before what would be a formula.

    It goes as well before what would be one in a spreadsheet that cuts cells at another sign than the file does, as those
    of other countries do.
    """
    whole = text.startswith(("\t", "\r", "\n")) or text.lstrip().startswith(_FORMULAS)
    return f"'{_CUT.sub(_MARK, text)}" if whole else _CUT.sub(_MARK, text)


def csv_file(rows: Iterable[Sequence[str]], *, separator: str = ",") -> bytes:
    """Rows as a file, every cell made safe, in UTF-8 with a mark in front by which spreadsheets know it."""
    held = io.StringIO(newline="")
    csv.writer(held, delimiter=separator).writerows([safe_cell(cell) for cell in row] for row in rows)
    return held.getvalue().encode("utf-8-sig")
