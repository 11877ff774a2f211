"""The attention list is read while the assistant is at work on the same database."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from storage.attention import open_attention
from storage.database import Database
from storage.errors import StorageMisconfigured
from storage.payments import open_cases

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def case(name: str) -> dict[str, object]:
    return {
        "id": name,
        "dedupe_key": name,
        "concern": "poison",
        "payment_id": None,
        "leg_id": None,
        "detail": f"what {name} is about",
        "opened_at": NOW,
    }


async def test_open_cases_are_listed_beside_a_running_assistant(database: Database, database_url: str) -> None:
    def open_two(session: Session) -> None:
        open_cases(session, [case("one"), case("two")])

    await database.write(open_two)

    listed = await Database(database_url).look(open_attention)

    assert [(found.concern, found.code, found.detail) for found in listed] == [
        ("poison", None, "what one is about"),
        ("poison", None, "what two is about"),
    ]


async def test_a_database_that_is_not_there_is_not_made(empty_sqlite_url: str) -> None:
    with pytest.raises(StorageMisconfigured):
        await Database(empty_sqlite_url).look(open_attention)
