"""A file of payments: read whichever way a spreadsheet saved it, and refused with every reason where it cannot be paid."""

import csv
import io
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.payments.bulk.cells import RowFault
from bot.payments.bulk.row_reader import Row, Served
from bot.payments.bulk.rows import Reading, read_rows, totals
from bot.payments.bulk.table import MOST_BYTES, FileFault, FileProblem, Table, read_table
from bot.payments.catalogue import paid_out_countries
from bot.payments.money import Money
from bot.payments.parties import Way
from bot.screens.operators.bulk import row_reason, rows_refused
from bot.screens.texts import catalogue


@dataclass(frozen=True, slots=True)
class ABank:
    code: str
    name: str


SERVED = Served(paid_out_countries(), {"KE": (ABank("63", "Equity Bank"), ABank("1", "KCB"))})
HEAD = "name,phone,amount,currency\n"
JANE = "Jane Doe,0712345678,1500,KES\n"


def read(content: bytes | str) -> Reading:
    table = read_table(content if isinstance(content, bytes) else content.encode())
    assert isinstance(table, Table), table
    return read_rows(table, SERVED)


def refused(content: bytes | str) -> FileProblem:
    table = read_table(content if isinstance(content, bytes) else content.encode())
    assert isinstance(table, FileProblem), table
    return table


def faults(row: str, head: str = HEAD) -> list[str]:
    """Why the one row of a file cannot be paid."""
    (bad,) = read(head + row).bad
    assert bad.line == 2
    return [str(one.fault) for one in bad.problems]


def one(row: str, head: str = HEAD) -> Row:
    """The one row of a file that can be paid."""
    found = read(head + row)
    assert not found.bad, found.bad
    return found.rows[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_however_a_spreadsheet_saves_a_file_it_says_the_same(encoding: str, end: str, separator: str) -> None:
    text = "Nom,Téléphone,Montant,Devise\nÉloïse Wanjiku,0712 345 678,1500,KES\n\nBo Nguyen,0722000111,700,ksh\n"
    found = read(text.replace(",", separator).replace("\n", end).encode(encoding))
    assert [(row.line, row.destination.name, row.amount) for row in found.rows] == [
        (2, "Éloïse Wanjiku", Money(Decimal(1500), "KES")),
        (4, "Bo Nguyen", Money(Decimal(700), "KES")),
    ]
    assert (found.rows[0].destination.phone, found.rows[0].destination.network) == ("+254712345678", "MPESA")


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", "\ufeffsep=;", '"sep=;"', "sep=;;;;", "sep = ;", "sep=;\r"])
def test_the_first_line_may_name_the_separator_for_spreadsheets(first: str) -> None:
    found = read(f"{first}\nname;phone;amount;currency\nJane Doe;0712345678;1500;KES\n")
    assert [row.line for row in found.rows] == [2]


def test_the_separator_that_is_named_may_be_a_tab() -> None:
    found = read("sep=\t\nname\tphone\tamount\tcurrency\nJane Doe\t0712345678\t1500\tKES\n")
    assert [row.line for row in found.rows] == [2]


def test_a_number_that_lost_its_first_zero_is_found_by_its_currency() -> None:
    assert one("Jane Doe,712345678,1500,KES\n").destination.phone == "+254712345678"


CELLS = st.lists(
    st.tuples(
        st.integers(0, 999).map(lambda n: f"+25471{n:07}"),
        st.decimals(500, 250_000, places=0).map(lambda amount: f"{amount:f}"),
        st.text(st.characters(codec="utf-8", categories=["L"]), min_size=3, max_size=12),
        st.text(st.characters(codec="utf-8", categories=["L", "N"]), max_size=12),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda cells: cells[0],
)


@settings(max_examples=60)
@given(
    CELLS,
    st.permutations(["phone", "amount", "name", "note", "currency", "shoe size"]),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_is_read_in_any_order_of_columns(
    cells: list[tuple[str, str, str, str]], order: list[str], separator: str, encoding: str
) -> None:
    held = io.StringIO()
    writer = csv.DictWriter(held, order, delimiter=separator)
    writer.writeheader()
    for phone, amount, name, note in cells:
        writer.writerow(
            {"phone": phone, "amount": amount, "name": name, "note": note, "currency": "KES", "shoe size": "43"}
        )
    table = read_table(held.getvalue().encode(encoding))
    assert isinstance(table, Table)
    assert table.unread == ("shoe size",)
    found = read_rows(table, SERVED)
    assert not found.bad
    assert [(row.destination.phone, row.amount.to_plain(), row.note) for row in found.rows] == [
        (phone, amount, note) for phone, amount, _, note in cells
    ]
    assert totals(found.rows) == (
        (Money(sum(map(Decimal, (cell[1] for cell in cells)), Decimal(0)), "KES"), len(cells)),
    )


@settings(max_examples=150)
@given(st.binary(max_size=400), st.booleans())
def test_no_bytes_are_an_error_or_a_payment_by_chance(noise: bytes, titled: bool) -> None:
    table = read_table(HEAD.encode() * titled + noise)
    if isinstance(table, Table):
        found = read_rows(table, SERVED)
        assert {row.line for row in found.rows}.isdisjoint(bad.line for bad in found.bad)
        assert len(found.rows) + len(found.bad) == len(table.records)
        assert all(bad.problems for bad in found.bad)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", FileFault.EMPTY),
        (b" \n\n", FileFault.EMPTY),
        (b"PK\x03\x04" + b"\0" * 50, FileFault.WORKBOOK),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileFault.WORKBOOK),
        (b"\x89PNG\r\n\x1a\n\0\0", FileFault.NOT_TEXT),
        (b"name,phone\x81,amount\n", FileFault.NOT_TEXT),
        (b"x" * (MOST_BYTES + 1), FileFault.TOO_LARGE),
        (b"Jane Doe,0712345678,1500,KES\n", FileFault.NO_HEADER),
        (b"name,phone,currency\nJane,1,KES\n", FileFault.NO_COLUMN),
        (b"name,amount,currency\nJane,1,KES\n", FileFault.NO_COLUMN),
        (b"name,phone,mobile,amount\nJane,1,2,3\n", FileFault.TWO_COLUMNS),
        (b"name,phone,amount\n\n,,\n", FileFault.NO_ROWS),
        (b'name,phone,amount\n"Jane,1,2\n', FileFault.QUOTES),
        (HEAD.encode() + JANE.encode() * 1001, FileFault.TOO_MANY_ROWS),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes, fault: FileFault) -> None:
    assert refused(content).fault is fault


@pytest.mark.parametrize(
    ("written", "currency", "value"),
    [
        ("1500", "KES", "1500"),
        ("1,500", "KES", "1500"),
        ("1 500", "KES", "1500"),
        ("Ksh 1,500.00", "KES", "1500"),
        ("KES 1500", "", "1500"),
        ("1.500,50", "GHS", "1500.5"),
        ("1,500.50", "GHS", "1500.5"),
        ("'+1500", "KES", None),
        ("2k", "KES", None),
        ("1e4", "KES", None),
        ("1.500", "KES", None),
        ("1,500", "GHS", None),
        ("-500", "KES", None),
        ("0", "KES", None),
        ("1500.50", "KES", None),
        ("500 USD", "KES", None),
        ("500 shillings", "", None),
        ("500", "USDC", None),
        ("500", "", None),
    ],
)
def test_an_amount_has_one_meaning_or_is_refused(written: str, currency: str, value: str | None) -> None:
    phone = "0241234567" if currency == "GHS" else "0712345678"
    found = read(f'{HEAD}Jane Doe,{phone},"{written}",{currency}\n')
    assert [row.amount.amount for row in found.rows] == ([] if value is None else [Decimal(value)])
    assert len(found.bad) == (value is None)


@pytest.mark.parametrize(
    ("written", "currency", "said"),
    [
        ("1500.50", "KES", "“1500.50” has decimals, and this currency is paid without; write a whole amount"),
        ("???", "KES", "“???” is not an amount; write it in plain digits"),
        ("2k", "KES", "“2k” is shortened; write 2000 in digits, if that is meant"),
        ("KES 2k", "", "“KES 2k” is shortened; write KES 2000 in digits, if that is meant"),
        ("1.25k", "GHS", "“1.25k” is shortened; write 1250 in digits, if that is meant"),
        ("1e3", "KES", "“1e3” is shortened; write 1000 in digits, if that is meant"),
        ("1.5E+05", "KES", "“1.5E+05” is shortened; write the whole amount in digits"),
        ("1.500k", "KES", "“1.500k” is shortened; write the whole amount in digits"),
        ("9" * 16, "KES", "amount: too long"),
        ("1.500", "KES", "“1.500” can mean 1500 or 1.5, as “.” is read in two ways; write 1500"),
        ("1,500", "GHS", "“1,500” can mean 1500 or 1.5, as “,” is read in two ways; write 1500 / 1.5"),
    ],
)
def test_a_refused_amount_is_told_what_would_be_taken(written: str, currency: str, said: str) -> None:
    """What a reason recommends is what was meant, and is not refused; where nobody knows what was meant, it is no figure."""
    phone = "0241234567" if currency == "GHS" else "0712345678"
    (bad,) = read(f'{HEAD}Jane Doe,{phone},"{written}",{currency}\n').bad
    assert row_reason(catalogue("en"), bad.problems[0]) == said
    for advised in said.rpartition("write ")[2].partition(" in ")[0].split(" / "):
        if advised[-1].isdigit():
            assert not read(f"{HEAD}Jane Doe,{phone},{advised},{currency}\n").bad


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        (
            HEAD,
            "P0,0712345678,1500,KES\n",
            "“P0” is not a name: letters only, with spaces, - or ’ between them; at least 3",
        ),
        (HEAD.replace("phone", "till"), "7,174379,1500,KES\n", "“7” is not the name of a business: 2 to 40 signs"),
    ],
)
def test_a_refused_name_is_told_what_a_name_is(head: str, row: str, said: str) -> None:
    (bad,) = read(head + row).bad
    assert said in row_reason(catalogue("en"), bad.problems[0])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Ama M,0712345671,100,GHS\n", "“0712345671” is not a phone number of Ghana"),
        ("Ama M,abc,100,GHS\n", "“abc” is not a phone number of Ghana"),
        ("Ama M,+254712345678,100,GHS\n", "Kenya is paid in KES, not in GHS"),
    ],
)
def test_a_number_is_refused_for_the_country_where_it_was_looked_for(row: str, said: str) -> None:
    (bad,) = read(HEAD + row).bad
    assert row_reason(catalogue("en"), bad.problems[0]) == said


def test_a_mistake_that_many_rows_have_is_told_once_with_where_it_is() -> None:
    rows = "".join(f"P{n},07123{n:05},{500 + n},KES\n" for n in range(999))
    text = rows_refused(catalogue("en"), read(f"{HEAD}{rows}P9,0712345678,2k,KES\n")).text
    assert "1000 of 1000" in text
    assert "Rows with the same mistake: 1000</b> (lines 2, 3, 4, 5, 6 …), such as: “P0” is not a name" in text
    assert text.count("is not a name") == 1
    assert "Line 1001</b> (P9): “2k” is shortened" in text  # what only one row has is told with it
    assert "and more" not in text


def test_two_notations_in_one_file_are_one_too_many() -> None:
    """The comma of some is the thousands of others: who wrote the rarer one must look."""
    rows = [f'Ann A{"abc"[n]},024123456{n},"1,{n}00.50",GHS\n' for n in range(3)]
    assert not read(HEAD + "".join(rows)).bad
    (bad,) = read(HEAD + "".join(rows) + 'Jane Doe,0241234569,"500,50",GHS\n').bad
    assert (bad.line, bad.problems[0].fault, bad.problems[0].names["mark"]) == (5, RowFault.AMOUNT_NOTATION, ",")


@pytest.mark.parametrize(
    ("written", "refused_lines"),
    [
        (
            ["1,500", "2,500", "1 500"],
            {4: "“1 500” is written otherwise than “1,500” in line 2: write all amounts alike"},
        ),
        (
            ["1'500", "1 500", "2 500"],
            {2: "“1'500” is written otherwise than “1 500” in line 3: write all amounts alike"},
        ),
        (["1\u00a0500", "2 500", "٣٠٠٠", "1500"], {}),
        (
            ["1 500.00", "1,500.00"],
            {3: "“1,500.00” is written otherwise than “1 500.00” in line 2: write all amounts alike"},
        ),
        (["1500.00", "700,00"], {3: "“700,00” is written otherwise than “1500.00” in line 2: write all amounts alike"}),
    ],
)
def test_signs_that_differ_between_rows_are_two_notations_and_other_digits_are_none(
    written: list[str], refused_lines: dict[int, str]
) -> None:
    found = read(HEAD + "".join(f'Jane Doe,071234567{n},"{cell}",KES\n' for n, cell in enumerate(written)))
    assert {bad.line: row_reason(catalogue("en"), bad.problems[0]) for bad in found.bad} == refused_lines


def test_currencies_are_never_added_to_each_other() -> None:
    found = read(HEAD + JANE + "Abena M,0241234567,300.50,GHS\nBo Ba,0722000111,700,KES\n")
    assert totals(found.rows) == ((Money(Decimal("300.5"), "GHS"), 1), (Money(Decimal(2200), "KES"), 2))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("=1+1,0712345678,1500,KES", ["formula"]),
        ("@SUM(A1),0712345678,1500,KES", ["formula"]),
        ("-2+3+cmd|' /C calc'!A0,0712345678,1500,KES", ["formula"]),
        ("'=1+1,0712345678,1500,KES", ["formula"]),
        ('"Jane\nDoe",0712345678,1500,KES', ["line_break"]),
        ("J,0712345678,1500,KES", ["name"]),
        (",0712345678,1500,KES", ["name_missing"]),
        ("Jane Doe,,1500,KES", ["no_destination"]),
        ("Jane Doe,2.54712E+11,1500,KES", ["phone_shortened"]),
        ("Jane Doe,07123,1500,KES", ["phone_length"]),
        ("Jane Doe,0202345678,1500,KES", ["phone_not_mobile"]),
        ("Jane Doe,+256772123456,1500,KES", ["currency_of_country"]),
        ("Jane Doe,0770123456,1500,KES", ["network_missing"]),
        ("Jane Doe,0712345678,1500,XOF", ["country_missing"]),
        ("Jane Doe,0712345678,1,500,KES", ["more_cells"]),
        ("Jane Doe,0712345678,250001,KES", ["too_much"]),
        ("J,07123,2k,KES", ["amount_short_as", "name", "phone_length"]),
    ],
)
def test_a_row_that_cannot_be_paid_says_every_reason(row: str, expected: list[str]) -> None:
    assert sorted(faults(row)) == sorted(expected)


def test_every_way_of_being_paid_is_read() -> None:
    head = "name,amount,currency,phone,network,till,paybill,account,bank,note\n"
    paid = [
        one("Jane Doe,1500,KES,0712345678,safaricom,,,,,rent\n", head),
        one("Duka 24,1500,KES,,,174379,,,,\n", head),
        one("Power Co,1500,KES,,,,400200,MTR 12,,\n", head),
        one("Jane Doe,1500,KES,+254712345678,,,,0110012345678,equity bank,\n", head),
    ]
    assert [row.destination.way for row in paid] == [Way.PHONE, Way.TILL, Way.PAYBILL, Way.BANK]
    assert (paid[0].note, paid[3].destination.bank_code) == ("rent", "63")
    assert faults("Duka 24,1500,KES,0712345678,,174379,,,,\n", head) == ["two_destinations"]
    assert faults("Jane Doe,1500,KES,,,,,12,Nobank,\n", head) == ["bank", "bank_phone", "bank_account"]
    assert faults("Jane Doe,1500,KES,0712345678,MTN,,,,,\n", head) == ["network"]


def test_an_amount_that_its_comma_cut_in_two_is_not_paid_in_part() -> None:
    head = "name,phone,currency,amount,note\n"
    assert faults("Jane Doe,0712345678,KES,25,000\n", head) == ["amount_split"]
    assert one("Jane Doe,0712345678,KES,2500,000\n", head).note == "000"


def test_the_same_row_twice_is_a_slip_and_another_note_makes_it_two_payments() -> None:
    head = HEAD.replace("\n", ",note\n")
    found = read(
        f"{head}Jane Doe,0712345678,1500,KES,May\nJane Doe,+254 712 345678,1500.00,ksh,MAY\nJane Doe,0712345678,1500,KES,June\n"
    )
    assert [row.line for row in found.rows] == [2, 4]
    ((line, fault),) = [(bad.line, bad.problems[0]) for bad in found.bad]
    assert (line, fault.fault, fault.names["line"]) == (3, RowFault.SAME_ROW, "2")
