"""Limits in the database: found by their keys beside thousands of others, and totals that refuse what is too much."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from storage import limits
from storage.database import Database
from storage.limits import COUNT, LIMIT, TOTAL, Taking
from tests.storage.test_plans import scans, statements

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = "2026-11-25"
MANY = 5_000


@pytest.fixture
async def full(database: Database) -> Database:
    """A day with thousands of customers who all have limits of their own."""

    def write(session: Session) -> None:
        connection = session.connection()
        rule = {"scope": "customer", "currency": "KES", "least": None, "most": Decimal(5), "set_by": 1, "set_at": NOW}
        connection.execute(insert(LIMIT), [rule | {"subject": f"c{number}"} for number in range(MANY)])
        total = {"period": DAY, "currency": "KES", "used": 70_000}
        connection.execute(insert(TOTAL), [total | {"whose": f"customer:c{number}"} for number in range(MANY)])
        count = {"country": "KE", "currency": "KES", "period": DAY, "units": 70_000, "given_back_at": None}
        each = [count | {"payment_id": f"p{number}", "customer_id": f"c{number}"} for number in range(MANY)]
        connection.execute(insert(COUNT), each)
        connection.execute(insert(TOTAL), [total | {"whose": "country:KE", "used": 70_000 * MANY}])
        connection.exec_driver_sql("ANALYZE")

    await database.write(write)
    return database


QUERIES: dict[str, Callable[[Session], Any]] = {
    "what holds for somebody": lambda session: limits.rules_about(session, ("*", "KE", "c7"), ("KES", "USDC")),
    "what holds for all": lambda session: limits.general_rules(session, ("*", "KE", "UG")),
    "whether anybody has their own": limits.any_customer_rules,
    "one customer's": lambda session: limits.rules_of(session, "c7"),
    "what was used": lambda session: limits.used(session, [(DAY, "customer:c7", "KES"), (DAY, "country:KE", "KES")]),
    "counting": lambda session: limits.take(session, [Taking(DAY, "customer:c7", "KES", 1, None)]),
    "giving back": lambda session: limits.give_back(session, ["p7", "p8"], NOW),
    "forgetting": lambda session: limits.drop_old_usage(session, before="2026-11-17", payments_before="0006"),
}


async def test_no_query_reads_a_whole_table(full: Database) -> None:
    def explain(session: Session) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, query in QUERIES.items():
            with statements(session) as seen:
                query(session)
            for statement, values in seen:
                steps = [step for step in scans(session, statement, values) if "CONSTANT" not in step]
                if steps and name != "whether anybody has their own":  # which stops at the first
                    found[name] = steps
        return found

    assert await full.write(explain) == {}


async def test_totals_are_taken_together_or_not(database: Database) -> None:
    new = [Taking(DAY, "customer:c7", "KES", 9, 9), Taking(DAY, "country:KE", "KES", 9, 17)]
    assert await database.write(lambda session: limits.take(session, new))
    assert not await database.write(lambda session: limits.take(session, new))
    other = [Taking(DAY, "customer:c8", "KES", 9, None), Taking(DAY, "country:KE", "KES", 9, 17)]
    assert not await database.write(lambda session: limits.take(session, other))
    assert not await database.write(lambda session: limits.take(session, [Taking(DAY, "customer:c9", "KES", 10, 9)]))


async def test_a_total_is_never_below_zero(database: Database) -> None:
    count = {"payment_id": "p7", "customer_id": "c7", "country": "KE", "currency": "KES", "period": DAY}

    def lose(session: Session) -> None:
        limits.take(session, [Taking(DAY, "customer:c7", "KES", 1, None)])
        limits.note_count(session, count | {"units": 2, "given_back_at": None})
        limits.give_back(session, ["p7"], NOW)

    with pytest.raises(IntegrityError):
        await database.write(lose)
