"""What goes into a column comes out equal on both engines, and what cannot be kept exactly is refused."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, delete, func, insert, select
from sqlalchemy.exc import StatementError
from sqlmodel import Session

from storage.database import Database
from storage.types import ExactDecimal, UtcDateTime, Words, decimal_text, exact_sum, microseconds


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


META = MetaData()
SAMPLE = Table(
    "sample",
    META,
    Column("id", Integer, primary_key=True),
    Column("amount", ExactDecimal()),
    Column("cents", ExactDecimal(places=2)),
    Column("at", UtcDateTime()),
    Column("colour", Words(Colour)),
)
EXAMPLES = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PLACES = (0, 2, 3, 6, 8, 18)


def amounts() -> st.SearchStrategy[Decimal]:
    """Up to 10^15 in magnitude, with each number of decimals that some currency has."""
    return st.sampled_from(PLACES).flatmap(
        lambda places: st.integers(-(10 ** (15 + places)), 10 ** (15 + places)).map(lambda n: Decimal(f"{n}e-{places}"))
    )


def moments() -> st.SearchStrategy[datetime]:
    """Any time of four centuries at any whole-minute offset."""
    offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
    return st.datetimes(datetime(1800, 1, 2), datetime(2200, 1, 1), timezones=offsets)  # noqa: DTZ001


@pytest.fixture
async def samples(database: Database) -> Database:
    await database.write(lambda session: META.create_all(session.connection()))
    return database


async def stored(database: Database, column: str, values: list[Any]) -> list[Any]:
    """Write the values, and read them back in their order."""

    def write(session: Session) -> None:
        session.connection().execute(delete(SAMPLE))
        rows = [{"id": number, column: value} for number, value in enumerate(values)]
        if rows:
            session.connection().execute(insert(SAMPLE), rows)

    await database.write(write)
    return await database.read(
        lambda session: list(session.connection().execute(select(SAMPLE.c[column]).order_by(SAMPLE.c.id)).scalars())
    )


@EXAMPLES
@given(values=st.lists(amounts(), max_size=8))
async def test_amounts_come_back_equal_and_sum_exactly(samples: Database, values: list[Decimal]) -> None:
    assert await stored(samples, "amount", values) == values
    total = await samples.read(
        lambda session: session.connection().execute(select(exact_sum(SAMPLE.c.amount))).scalar()
    )
    if values:
        assert isinstance(total, Decimal)
        assert Fraction(total) == sum(map(Fraction, values))
    else:
        assert total is None


@EXAMPLES
@given(value=amounts())
async def test_equal_amounts_are_equal_in_sql_however_they_were_written(samples: Database, value: Decimal) -> None:
    await stored(samples, "amount", [value, None])
    longer = Decimal(f"{value:f}" + ("0" if "." in f"{value:f}" else ".0"))
    found = await samples.read(
        lambda session: list(
            session.connection().execute(select(SAMPLE.c.id).where(SAMPLE.c.amount == longer)).scalars()
        )
    )
    assert found == [0]


async def test_largest_amounts_at_every_number_of_places(samples: Database) -> None:
    values = [
        Decimal(f"{sign}{10**15 - 1}" + (f".{'9' * places}" if places else "")) for places in PLACES for sign in "+-"
    ]
    assert await stored(samples, "amount", values) == values


async def test_an_amount_comes_back_in_one_plain_form(samples: Database) -> None:
    values = [Decimal("1E+3"), Decimal("-0.00"), Decimal("1.500"), Decimal("1E-8")]
    assert [str(value) for value in await stored(samples, "amount", values)] == ["1000", "0", "1.5", "1E-8"]


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity"), Decimal("sNaN"), Decimal("1e999")]
)
async def test_amounts_that_are_not_finite_or_absurd_are_refused(samples: Database, value: Decimal) -> None:
    with pytest.raises(StatementError) as refused:
        await stored(samples, "amount", [value])
    assert isinstance(refused.value.orig, ValueError)


@pytest.mark.parametrize("value", [1.5, 1, True, "1.5"])
async def test_amounts_of_another_type_are_refused(samples: Database, value: object) -> None:
    with pytest.raises(StatementError) as refused:
        await stored(samples, "amount", [value])
    assert isinstance(refused.value.orig, TypeError)


async def test_more_decimals_than_the_column_has_are_refused_not_rounded(samples: Database) -> None:
    assert await stored(samples, "cents", [Decimal("1.2500")]) == [Decimal("1.25")]
    with pytest.raises(StatementError, match="2 decimal places"):
        await stored(samples, "cents", [Decimal("1.255")])


def test_order_and_arithmetic_of_amounts_in_sql_are_refused() -> None:
    amount = SAMPLE.c.amount
    for wrong in (
        lambda: amount < Decimal(1),
        lambda: amount >= Decimal(1),
        lambda: amount + Decimal(1),
        lambda: Decimal(1) - amount,
        amount.desc,
        lambda: amount.between(Decimal(1), Decimal(2)),
    ):
        with pytest.raises(TypeError, match="not exact"):
            wrong()
    assert str(amount.in_([Decimal(1)]))
    assert str(amount.is_not(None))


async def test_a_sum_that_went_through_floats_is_refused_when_read(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    await database.start()
    await database.write(lambda session: META.create_all(session.connection()))
    await stored(database, "amount", [Decimal("0.1"), Decimal("0.2")])
    with pytest.raises(TypeError, match="float"):
        await database.read(lambda session: session.connection().execute(select(func.sum(SAMPLE.c.amount))).scalar())
    await database.stop()


@EXAMPLES
@given(values=st.lists(moments(), max_size=8))
async def test_times_come_back_as_the_same_moment_in_utc_and_sort(samples: Database, values: list[datetime]) -> None:
    back = await stored(samples, "at", values)
    assert back == values
    assert all(value.tzinfo is UTC for value in back)
    ordered = await samples.read(
        lambda session: list(session.connection().execute(select(SAMPLE.c.at).order_by(SAMPLE.c.at)).scalars())
    )
    assert ordered == sorted(values)


async def test_times_with_an_offset_after_2038_and_with_microseconds(samples: Database) -> None:
    nairobi = timezone(timedelta(hours=3))
    values = [
        datetime(2026, 1, 1, 10, tzinfo=nairobi),
        datetime(2040, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
    ]
    back = await stored(samples, "at", values)
    assert [value.isoformat() for value in back] == [
        "2026-01-01T07:00:00+00:00",
        "2040-02-29T23:59:59.999999+00:00",
        "1969-12-31T23:59:59.000001+00:00",
    ]
    later = await samples.read(
        lambda session: list(session.connection().execute(select(SAMPLE.c.id).where(SAMPLE.c.at > values[0])).scalars())
    )
    assert later == [1]


async def test_naive_times_are_refused(samples: Database) -> None:
    with pytest.raises(StatementError) as refused:
        await stored(samples, "at", [datetime(2026, 1, 1)])  # noqa: DTZ001
    assert isinstance(refused.value.orig, TypeError)


async def test_words_come_back_as_members_and_unknown_ones_as_text(samples: Database) -> None:
    known, unknown, nothing = await stored(samples, "colour", [Colour.GREEN, "ultraviolet", None])
    assert known is Colour.GREEN
    assert (type(unknown), unknown) == (str, "ultraviolet")
    assert nothing is None
    assert await stored(samples, "colour", [unknown]) == ["ultraviolet"]
    with pytest.raises(StatementError):
        await stored(samples, "colour", [3])


async def test_driver_sql_on_sqlite_can_write_the_same_forms(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    await database.start()
    moment = datetime(2026, 5, 4, 3, 2, 1, 5, tzinfo=UTC)

    def write(session: Session) -> None:
        META.create_all(session.connection())
        session.connection().exec_driver_sql(
            "INSERT INTO sample (id, amount, at) VALUES (?, ?, ?)",
            (1, decimal_text(Decimal("12.50")), microseconds(moment)),
        )

    await database.write(write)
    row = await database.read(lambda session: session.connection().execute(select(SAMPLE.c.amount, SAMPLE.c.at)).one())
    assert tuple(row) == (Decimal("12.5"), moment)
    await database.stop()


def test_the_sqlite_driver_itself_would_have_summed_floats() -> None:
    connection = sqlite3.connect(":memory:")
    (total,) = connection.execute("SELECT sum(x) FROM (SELECT '0.1' AS x UNION ALL SELECT '0.2')").fetchone()
    connection.close()
    assert isinstance(total, float)
