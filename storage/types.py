"""Column types that mean the same on SQLite and PostgreSQL.

SQLite has no decimal, no timestamp and no enum, and its drivers fill the gap quietly with floats and naive times. The
types here refuse what cannot be kept exactly and give back what was put in, on both engines:

- `ExactDecimal`: NUMERIC on PostgreSQL; on SQLite text in one canonical form, so that equal amounts are equal in SQL.
- `exact_sum`: SUM on PostgreSQL; an exact aggregate of our own on SQLite, where SUM over text would add floats.
- `UtcDateTime`: timestamptz on PostgreSQL; on SQLite whole microseconds since 1970, which sort and have no year 2038.
- `Words`: a `StrEnum` as text; a word that this version does not know comes back as the plain text it is.

Code that goes past SQLAlchemy with driver SQL on SQLite converts with `decimal_text` and `microseconds`.
"""

import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Numeric, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOST_DIGITS = 200  # of an amount or of a sum; far beyond any currency, and a bound on what a row can cost


def decimal_text(value: Decimal, *, places: int | None = None) -> str:
    """The canonical plain form of a finite decimal: no exponent, no trailing zeros, no minus zero.

    Raises `TypeError` for anything but a `Decimal`, `ValueError` for NaN, infinity, and more than `places` decimals.
    """
    if not isinstance(value, Decimal):
        raise TypeError(f"an amount must be a Decimal, not {type(value).__name__}")
    if not value.is_finite():
        raise ValueError("an amount must be finite")
    if abs(value.adjusted()) > MOST_DIGITS:
        raise ValueError(f"an amount must not have more than {MOST_DIGITS} digits")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if places is not None and len(text.partition(".")[2]) > places:
        raise ValueError(f"an amount of this column must not have more than {places} decimal places")
    return "0" if text in ("-0", "") else text


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970 of an aware time. Raises `TypeError` for a naive one."""
    return (_aware(moment) - EPOCH) // MICROSECOND


def _aware(moment: datetime) -> datetime:
    if not isinstance(moment, datetime):
        raise TypeError(f"a time must be a datetime, not {type(moment).__name__}")
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise TypeError("a time must say its offset from UTC; this datetime is naive")
    return moment.astimezone(UTC)


_COMPARES_EXACTLY = frozenset(
    {
        operators.eq,
        operators.ne,
        operators.is_,
        operators.is_not,
        operators.in_op,
        operators.not_in_op,
        operators.is_distinct_from,
        operators.is_not_distinct_from,
    }
)


class _AmountComparator(TypeDecorator.Comparator[Decimal]):
    """Lets through what is exact on both engines, and refuses what SQLite would do to text or in floats."""

    __slots__ = ()

    def operate(self, op: operators.OperatorType, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
        _refuse_inexact(op)
        return super().operate(op, *other, **kwargs)

    def reverse_operate(self, op: operators.OperatorType, other: Any, **kwargs: Any) -> ColumnElement[Any]:
        _refuse_inexact(op)
        return super().reverse_operate(op, other, **kwargs)


def _refuse_inexact(op: operators.OperatorType) -> None:
    if op not in _COMPARES_EXACTLY:
        name = getattr(op, "__name__", str(op))
        raise TypeError(f"'{name}' of amounts is not exact in SQL on every engine: use exact_sum, or compute in Python")


class ExactDecimal(TypeDecorator[Decimal]):
    """A `Decimal` in and the equal `Decimal` out, with up to `places` decimals and any magnitude.

    Floats and other types are refused with `TypeError`; NaN, infinity and too many decimals with `ValueError`, instead
    of being rounded. In SQL amounts can be tested for equality and summed with `exact_sum`; order and arithmetic are
    refused with `TypeError`. A CHECK constraint can hold the sign on both engines: `amount > '0'`.
    """

    impl = Text
    cache_ok = True
    comparator_factory = _AmountComparator

    def __init__(self, places: int = 18) -> None:
        super().__init__()
        self.places = places

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Numeric())
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        text = decimal_text(value, places=self.places)
        return Decimal(text) if dialect.name == "postgresql" else text

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, str):
            return Decimal(value)
        if isinstance(value, Decimal):
            return Decimal(decimal_text(value))
        raise TypeError(f"the database gave an amount as {type(value).__name__}; it is not exact")


class exact_sum(FunctionElement[Decimal]):  # noqa: N801 - an SQL function, named as queries write it
    """`exact_sum(column)`: the exact sum of an amount column, or NULL over no rows, on both engines."""

    name = "exact_sum"
    type = ExactDecimal()
    inherit_cache = True


@compiles(exact_sum)
def _sum_elsewhere(element: exact_sum, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"sum({compiler.process(element.clauses, **kwargs)})"


@compiles(exact_sum, "sqlite")
def _sum_on_sqlite(element: exact_sum, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"exact_sum({compiler.process(element.clauses, **kwargs)})"


class _ExactSum:
    """The aggregate behind `exact_sum` on SQLite."""

    def __init__(self) -> None:
        self._total: Decimal | None = None
        self._context = Context(prec=4 * MOST_DIGITS, traps=[Inexact, InvalidOperation])

    def step(self, text: Any) -> None:
        if text is None:
            return
        if not isinstance(text, str):
            raise TypeError("exact_sum adds amounts that are stored as text")
        amount = Decimal(text)
        self._total = amount if self._total is None else self._context.add(self._total, amount)

    def finalize(self) -> Any:
        return None if self._total is None else decimal_text(self._total)


def register_functions(connection: sqlite3.Connection) -> None:
    """Give a new SQLite connection the functions that queries here rely on."""
    connection.create_aggregate("exact_sum", 1, _ExactSum)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware `datetime` with any offset in, the same moment in UTC out, to the microsecond. Naive: `TypeError`."""

    impl = DateTime
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(timezone=True)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return microseconds(value) if dialect.name == "sqlite" else _aware(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, int):
            return EPOCH + timedelta(microseconds=value)
        return _aware(value)


class Words(TypeDecorator[str]):
    """The members of a `StrEnum` as text; the member comes back out.

    A word that is not in the enum (a row written by a newer version) is no error: it comes back as a plain `str`, and
    can be written back as it is. So the type of what is read is `str`; ask with `isinstance(value, enum_class)`.
    """

    impl = Text
    cache_ok = True

    def __init__(self, enum_class: type[StrEnum]) -> None:
        super().__init__()
        self.enum_class = enum_class

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            raise TypeError(f"a word must be text, not {type(value).__name__}")
        return str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return next((member for member in self.enum_class if member == value), value)
