"""Request bodies: their fields, the class-validator style complaints about them, and typed access to what passed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal[
    "text", "number", "integer", "boolean", "phone", "url", "date", "moment", "object", "list", "any", "code"
]
_PHONE = re.compile(r"\+[1-9]\d{7,14}")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body.

    `values` limits a text or the members of a list; `parts` describes an object or the members of a list.
    """

    name: str
    kind: Kind = "text"
    required: bool = True
    values: tuple[str, ...] = ()
    parts: tuple["Field", ...] = ()


def optional(name: str, kind: Kind = "text", *, values: tuple[str, ...] = (), parts: tuple[Field, ...] = ()) -> Field:
    """A field that may be left out (or be null)."""
    return Field(name, kind, False, values, parts)


def problems(body: Mapping[str, object], fields: Sequence[Field], prefix: str = "") -> list[str]:
    """Every complaint about a body, unknown fields first; an empty list means that it is accepted."""
    known = {field.name for field in fields}
    found = [f"property {prefix}{name} should not exist" for name in body if name not in known]
    for field in fields:
        value = body.get(field.name)
        if value is None:
            if field.required:
                found.append(_missing(field, prefix + field.name))
        else:
            found.extend(_wrong(field, value, prefix + field.name))
    return found


def _missing(field: Field, name: str) -> str:
    if field.kind in ("number", "integer"):
        return f"{name} must be a number conforming to the specified constraints"
    return f"{name} should not be empty"


def _wrong(field: Field, value: object, name: str) -> list[str]:
    match field.kind:
        case "number" | "integer":
            return _wrong_number(field, value, name)
        case "boolean":
            return [] if isinstance(value, bool) else [f"{name} must be a boolean value"]
        case "object":
            if not isinstance(value, dict):
                return [f"{name} must be an object"]
            return problems(value, field.parts, f"{name}.") if field.parts else []
        case "list":
            return _wrong_list(field, value, name)
        case "any":
            return []
        case "code":
            right = (isinstance(value, str) and value != "") or (isinstance(value, int) and not isinstance(value, bool))
            return [] if right else [f"{name} must be a number or a string"]
        case _:
            return _wrong_text(field, value, name)


def _wrong_number(field: Field, value: object, name: str) -> list[str]:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return [f"{name} must be a number conforming to the specified constraints"]
    if field.kind == "integer" and value != int(value):
        return [f"{name} must be an integer number"]
    if value <= 0:
        return [f"{name} must be a positive number"]
    return []


def _wrong_list(field: Field, value: object, name: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{name} must be an array"]
    found: list[str] = []
    for index, member in enumerate(value):
        if field.values and member not in field.values:
            return [f"each value in {name} must be one of the following values: {', '.join(field.values)}"]
        if field.parts:
            if isinstance(member, dict):
                found.extend(problems(member, field.parts, f"{name}.{index}."))
            else:
                found.append(f"each value in {name} must be an object")
    return found


def _wrong_text(field: Field, value: object, name: str) -> list[str]:
    if not isinstance(value, str):
        return [f"{name} must be a string"]
    if field.values:
        right = value in field.values
        return [] if right else [f"{name} must be one of the following values: {', '.join(field.values)}"]
    if not value.strip():
        return [f"{name} should not be empty"] if field.required else []
    match field.kind:
        case "phone" if not _PHONE.fullmatch(value):
            return [f"{name} must be a valid phone number"]
        case "url" if not is_web_address(value):
            return [f"{name} must be a URL address"]
        case "date" if _date(value) is None:
            return [f"{name} must be a valid ISO 8601 date string"]
        case "moment" if moment(value) is None:
            return [f"{name} must be a valid ISO 8601 date string"]
        case _:
            return []


def is_web_address(text: str) -> bool:
    """Whether a text is an http or https address with a host."""
    try:
        address = urlsplit(text)
        return address.scheme in ("http", "https") and bool(address.hostname) and not any(map(str.isspace, text))
    except ValueError:
        return False


def moment(text: str) -> datetime | None:
    """An ISO 8601 time with a zone, or nothing."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value if value.tzinfo is not None else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class Body:
    """A body that has passed `problems`; reading what was not checked raises `KeyError` or `TypeError`."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = values

    def text(self, name: str) -> str:
        value = self.values[name]
        if not isinstance(value, str):
            raise TypeError(name)
        return value

    def maybe(self, name: str) -> str | None:
        """A text, or nothing when it is absent, null or empty."""
        return self.text(name) or None if self.values.get(name) is not None else None

    def amount(self, name: str) -> Decimal:
        value = self.values[name]
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise TypeError(name)
        return Decimal(value)

    def maybe_amount(self, name: str) -> Decimal | None:
        return self.amount(name) if self.values.get(name) is not None else None

    def part(self, name: str) -> "Body | None":
        value = self.values.get(name)
        return Body(value) if isinstance(value, dict) else None

    def items(self, name: str) -> list[object]:
        value = self.values.get(name)
        return list(value) if isinstance(value, list) else []
