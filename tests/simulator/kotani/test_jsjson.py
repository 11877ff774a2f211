"""JSON as JavaScript prints it."""

from decimal import Decimal

import pytest

from bot.simulator.kotani.jsjson import number, parse, stringify


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("100.0", "100"),
        ("38.50", "38.5"),
        ("0", "0"),
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
        ("1234567890.12", "1234567890.12"),
    ],
)
def test_numbers_take_the_shortest_form(value: str, text: str) -> None:
    assert number(Decimal(value)) == text


def test_texts_are_escaped_only_where_javascript_does() -> None:
    value: dict[str, object] = {"a": 'é"\\/\n\t\x01\u2028\ud800😀', "b": [None, True, False, {}]}

    assert stringify(value) == '{"a":"é\\"\\\\/\\n\\t\\u0001\u2028\\ud800😀","b":[null,true,false,{}]}'


def test_amounts_survive_reading_and_printing() -> None:
    text = '{"amount":1000000000000000.01,"whole":7}'

    assert stringify(parse(text.encode())) == text


@pytest.mark.parametrize("raw", [b"", b"{", b'{"a":NaN}', b"\xff"])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(raw)


def test_a_binary_fraction_has_no_form() -> None:
    with pytest.raises(TypeError, match="float"):
        stringify({"amount": 0.1})
