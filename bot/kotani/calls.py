"""One call of the provider's API before it is sent: where it goes, what it carries, and how its answer is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Generic, Protocol, TypeVar
from urllib.parse import quote

from bot.kotani.errors import Refused
from bot.kotani.javascript import stringify, survives
from bot.kotani.parties import Fields
from bot.kotani.reading import Data, as_amount

T = TypeVar("T")

API: Final = "/api/v3"


class Unreadable(ValueError):
    """An answer lacks what every answer of its kind must say."""


@dataclass(frozen=True, slots=True, repr=False)
class Call(Generic[T]):
    """`operation` is its name for errors and counters. `path` is percent-encoded, query and all.

    `read` turns the answer's `data` into the result, or raises `Unreadable`; with `bare` it is given the whole
    document. `harmless` calls move nothing, so they may be made again; all others are made once and only once.
    `reference` is the transaction's, where the call makes one; `quoted` tells that it is made from a quote.
    """

    operation: str
    method: str
    path: str
    read: Callable[[object], T]
    body: bytes = b""
    harmless: bool = True
    bare: bool = False
    reference: str | None = None
    quoted: bool = False

    def __repr__(self) -> str:
        return f"Call({self.operation})"


def segment(value: str) -> str:
    """A value as one segment of a path, everything foreign encoded. `ValueError` for what could lead elsewhere."""
    if value in ("", ".", ".."):
        raise ValueError("an empty or dotted path segment")
    return quote(value, safe="")


def body(operation: str, fields: Fields) -> bytes:
    """The bytes of a request. An amount that JavaScript would change on reading is refused here, before it is sent."""
    if not all(map(survives, _numbers(fields))):
        reason = "an amount has more digits than the provider can hold"
        raise Refused(operation, message=reason, reasons=(reason,))
    return stringify(fields).encode()


def an_object(data: object) -> Data:
    """An answer's `data` where it must be an object."""
    if not isinstance(data, Mapping):
        raise Unreadable("no object where one must be")
    return data


def a_number(data: Data, name: str) -> Decimal:
    """An amount that an answer must give."""
    number = as_amount(data.get(name))
    if number is None:
        raise Unreadable(f"no usable {name}")
    return number


def _numbers(value: object) -> list[Decimal]:
    match value:
        case Decimal():
            return [value]
        case dict():
            return [number for member in value.values() for number in _numbers(member)]
        case list():
            return [number for member in value for number in _numbers(member)]
        case _:
            return []


class Make(Protocol):
    """Whatever makes calls: the client, to those of its parts that need several."""

    async def __call__(self, call: Call[T], /) -> T:
        """The result of a call, or a `KotaniError`."""
        ...
