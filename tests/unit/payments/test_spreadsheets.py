"""Tables for spreadsheets: no cell is a formula, whichever sign a spreadsheet cuts cells at."""

import csv
import io
import time

import pytest

from bot.payments.spreadsheets import csv_file, safe_cell

FORMULAS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "\uff1d1+1", "\uff0b1", "\uff20SUM(1)", " =1+1", "\u00a0=1+1", "\t=1", "\n=1"),
        *("x;=1+1;y", "x,=1+1,y", "x\t=1+1", "x; =1+1", 'x;"=1+1"', '";=1+1', "x\n=1+1", "May,-2+cmd|' /C calc'!A0"),
    ],
)
def test_no_cell_is_a_formula_however_a_file_is_cut(text: str, separator: str) -> None:
    body = csv_file([["5", text, "end"]], separator=separator).decode("utf-8-sig")
    for cut in ",;\t":
        for row in csv.reader(io.StringIO(body, newline=""), delimiter=cut):
            assert not [cell for cell in row if cell.lstrip().startswith(FORMULAS)], (cut, row)


@pytest.mark.parametrize("text", ["", "Jane Doe", "K7F3-9QX2", "rent, May; all - of it", "a\nb"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


def test_a_cell_of_nothing_but_separators_takes_no_time() -> None:
    began = time.monotonic()
    safe_cell("\t" * 100_000)
    assert time.monotonic() - began < 1
