"""The ledger is added to and never changed, the same event is booked once, and sums are exact."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage import ledger
from storage.database import Database

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(number: int, account: str, amount: str, **values: Any) -> dict[str, Any]:
    return {
        "event_id": "e1",
        "line": number,
        "at": AT,
        "environment": "sandbox",
        "payment_id": "p1",
        "leg_id": "l1",
        "movement": "received",
        "account": account,
        "currency": "KES",
        "amount": Decimal(amount),
    } | values


async def add(database: Database, *rows: dict[str, Any]) -> None:
    await database.write(lambda session: ledger.add_entries(session, rows))


async def test_nobody_changes_what_was_booked(database: Database) -> None:
    await add(database, entry(0, "clearing", "0.1"), entry(1, "owed_to_customers", "-0.1"))
    for statement in ("UPDATE ledger_entry SET amount = '7'", "DELETE FROM ledger_entry"):
        with pytest.raises(DBAPIError, match="append-only"):
            await database.write(lambda session, words=statement: session.connection().execute(text(words)))
    assert await database.read(ledger.unequal_events) == []


async def test_the_same_event_is_booked_once_and_nothing_is_booked_as_nothing(database: Database) -> None:
    await add(database, entry(0, "clearing", "5"))
    with pytest.raises(IntegrityError):
        await add(database, entry(1, "clearing", "5"), entry(0, "clearing", "5"))
    with pytest.raises(IntegrityError):
        await add(database, entry(1, "clearing", "0"))
    assert await database.read(ledger.unequal_events) == [("e1", "KES", Decimal(5))]


async def test_sums_are_exact_and_keep_environments_apart(database: Database) -> None:
    tiny = "0.000000000000000001"
    await add(
        database,
        *(entry(number, "clearing", tiny) for number in range(3)),
        entry(3, "clearing", "100000000000000", event_id="e2", payment_id="p2"),
        entry(4, "clearing", "-100000000000000", event_id="e3", payment_id="p2"),
        entry(5, "clearing", "1", environment="production"),
    )
    found = await database.read(lambda session: ledger.sums(session, environment="sandbox"))
    assert found == [ledger.Sum("clearing", "received", "KES", Decimal("0.000000000000000003"))]
    standing = await database.read(
        lambda session: ledger.standing_by_payment(session, "clearing", environment="sandbox")
    )
    assert standing == {("p1", "KES"): Decimal("0.000000000000000003")}
