"""JSON as the provider's JavaScript backend prints it.

Callbacks are signed over the text that `JSON.stringify` gives, so a simulator that printed Python's JSON would sign
something else. Amounts stay exact: `Decimal` in, `Decimal` out, no binary fraction in between.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def parse(raw: bytes) -> object:
    """Read JSON; every fraction becomes a `Decimal`, whole numbers stay `int`.

    Raises `ValueError` for anything that is not JSON in UTF-8.
    """
    try:
        value: object = msgspec.json.Decoder(float_hook=Decimal).decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return value


def stringify(value: object) -> str:
    """Print a value as `JSON.stringify(value)` does: compact, keys in order, letters beyond ASCII as they are.

    Raises `TypeError` for what JSON cannot say.
    """
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def number(value: Decimal | int) -> str:
    """Print a number in JavaScript's shortest form: 1000, 38.5, 0.00001, 1e-7, 1e+21."""
    exact = Decimal(value)
    if exact == 0:
        return "0"
    sign, digits, exponent = exact.normalize().as_tuple()
    if not isinstance(exponent, int):
        raise TypeError(f"{value} is not a number in JSON")
    text = "".join(map(str, digits))
    point = len(text) + exponent
    if len(text) <= point <= 21:
        body = text + "0" * (point - len(text))
    elif 0 < point <= 21:
        body = f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        body = "0." + "0" * -point + text
    else:
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        body = f"{text[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"-{body}" if sign else body


def _write(value: object, parts: list[str]) -> None:
    if value is None:
        parts.append("null")
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif isinstance(value, str):
        parts.append(_string(value))
    elif isinstance(value, int | Decimal):
        parts.append(number(value))
    elif isinstance(value, Mapping):
        parts.append("{")
        for index, (key, member) in enumerate(value.items()):
            parts.append(f"{',' if index else ''}{_string(str(key))}:")
            _write(member, parts)
        parts.append("}")
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        parts.append("[")
        for index, member in enumerate(value):
            if index:
                parts.append(",")
            _write(member, parts)
        parts.append("]")
    else:
        raise TypeError(f"{type(value).__name__} has no JSON form")


def _string(text: str) -> str:
    return f'"{"".join(map(_character, text))}"'


def _character(letter: str) -> str:
    if letter in _SHORT:
        return _SHORT[letter]
    if letter < " " or "\ud800" <= letter <= "\udfff":
        return f"\\u{ord(letter):04x}"
    return letter
