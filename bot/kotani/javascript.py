"""JSON as JavaScript prints it, with numbers that stay exact.

The provider's backend is JavaScript: it signs and compares `JSON.stringify` texts. Amounts never pass through a binary
fraction here; they are `Decimal` on the way in and on the way out.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final, NoReturn

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LARGEST_INDEX: Final = 2**32 - 2  # the last key that JavaScript takes for an array index
_SAFE_DIGITS: Final = 15  # every decimal of so many digits survives JavaScript's numbers unchanged


class NumberText(str):
    """A number exactly as it was written."""

    __slots__ = ()


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError as error:
        raise ValueError("a number of absurd size") from error


EXACT: Final = json.JSONDecoder(parse_float=_number, parse_int=_number, parse_constant=_no_constant)
AS_WRITTEN: Final = json.JSONDecoder(parse_float=NumberText, parse_int=NumberText, parse_constant=_no_constant)


def parse(raw: bytes) -> object:
    """Read JSON; every number becomes a `Decimal`. `ValueError` for anything else, absurdly deep nesting included."""
    try:
        value: object = EXACT.decode(raw.decode())
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def stringify(value: object) -> str:
    """What `JSON.stringify(value)` gives: compact, nothing escaped that need not be, array-like keys first.

    Numbers are `Decimal`, `int` or `NumberText`; anything JSON cannot say, a float above all, raises `TypeError`.
    """
    parts: list[str] = []
    try:
        _write(value, parts)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", "".join(parts))


def number_text(value: Decimal) -> str:
    """A number as JavaScript prints it: 1000, 38.5, 0.00001, 1e-7, 1e+21. `ValueError` unless it is finite."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError("not a finite number")
    text = "".join(map(str, digits)).lstrip("0")
    point = len(text) + exponent
    text = text.rstrip("0")
    if not text:
        return "0"
    if len(text) <= point <= 21:
        body = text + "0" * (point - len(text))
    elif 0 < point <= 21:
        body = f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        body = f"0.{'0' * -point}{text}"
    else:
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        body = f"{text[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"-{body}" if sign else body


def survives(value: Decimal) -> bool:
    """Whether JavaScript can hold the number without changing it, so that what was meant is what is carried out."""
    _, digits, exponent = value.as_tuple()
    return isinstance(exponent, int) and len("".join(map(str, digits)).strip("0")) <= _SAFE_DIGITS


def _write(value: object, parts: list[str]) -> None:
    match value:
        case None:
            parts.append("null")
        case bool():
            parts.append("true" if value else "false")
        case NumberText():
            parts.append(value)
        case str():
            parts.append(encode_basestring(value))
        case Decimal():
            parts.append(number_text(value))
        case int():
            parts.append(number_text(Decimal(value)))
        case Mapping():
            parts.append("{")
            for count, name in enumerate(_in_order(value)):
                parts.append(f"{',' if count else ''}{encode_basestring(name)}:")
                _write(value[name], parts)
            parts.append("}")
        case Sequence() if not isinstance(value, bytes | bytearray):
            parts.append("[")
            for count, member in enumerate(value):
                if count:
                    parts.append(",")
                _write(member, parts)
            parts.append("]")
        case _:
            raise TypeError(f"{type(value).__name__} has no JSON form")


def _in_order(value: Mapping[Any, object]) -> Iterable[str]:
    """Keys in JavaScript's order: those that look like array indexes by number, then the others as they came."""
    indexes = [name for name in value if _is_index(name)]
    if not indexes:
        return value
    return [*sorted(indexes, key=int), *(name for name in value if not _is_index(name))]


def _is_index(name: str) -> bool:
    return (
        name.isascii()
        and name.isdigit()
        and len(name) <= 10
        and (name[0] != "0" or len(name) == 1)
        and int(name) <= _LARGEST_INDEX
    )
