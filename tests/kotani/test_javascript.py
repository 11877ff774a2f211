"""Our JSON against JavaScript's own: what we print is what it would print, and no amount changes on the way."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.kotani.javascript import number_text, parse, stringify, survives


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("100.0", "100"),
        ("38.50", "38.5"),
        ("0", "0"),
        ("0E+5", "0"),
        ("-0.0", "0"),
        ("-1.25", "-1.25"),
        ("1E3", "1000"),
        ("0.00001", "0.00001"),
        ("0.000001", "0.000001"),
        ("0.0000001", "1e-7"),
        ("1.5E-7", "1.5e-7"),
        ("1E20", "100000000000000000000"),
        ("1E21", "1e+21"),
        ("1.25E+25", "1.25e+25"),
        ("000123.4500", "123.45"),
    ],
)
def test_numbers_take_javascripts_form(value: str, text: str) -> None:
    assert number_text(Decimal(value)) == text


@settings(max_examples=500, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_a_number_that_survives_is_printed_as_javascript_prints_it(node, value: Decimal) -> None:
    if survives(value):
        assert node.ask({"stringify": str(value)})["text"] == number_text(value)


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**15) + 1, 10**15 - 1) | st.text(max_size=10),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
        max_leaves=10,
    )
)
def test_values_are_printed_as_javascript_prints_them(node, value: object) -> None:
    assert node.ask({"stringify": json.dumps(value)})["text"] == stringify(value)


def test_amounts_survive_reading_and_printing() -> None:
    text = '{"amount":1000000000000000.01,"small":0.000000000000000001,"whole":7}'

    assert parse(text.encode()) == {
        "amount": Decimal("1000000000000000.01"),
        "small": Decimal("1E-18"),
        "whole": Decimal(7),
    }
    assert stringify({"amount": Decimal("1000000000000.01")}) == '{"amount":1000000000000.01}'


@pytest.mark.parametrize(
    "raw", [b"", b"{", b'{"a":NaN}', b'{"a":Infinity}', b"\xff", b"1e99999999999999999999", b"[" * 100_000]
)
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(raw)


@pytest.mark.parametrize("value", [0.1, {"amount": 0.1}, b"bytes", object()])
def test_a_binary_fraction_has_no_form(value: object) -> None:
    with pytest.raises(TypeError, match="JSON"):
        stringify(value)


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_only_finite_numbers_have_one(value: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        number_text(Decimal(value))
