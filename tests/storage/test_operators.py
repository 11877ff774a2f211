"""The record of operators on both engines: kept by the database itself; and their queries go through indexes."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from storage import operating, oversight
from storage import operators as queries
from storage.database import Database
from storage.dealings import dealings, digest_of
from storage.notices import move_slot
from tests.storage.conftest import NOW, Rows
from tests.storage.test_plans import HOUR, Query, full, scans, statements

__all__ = ["full"]
DAY = 24 * HOUR
ACTION = {
    "id": "a1",
    "at": NOW,
    "operator": 501,
    "role": "owner",
    "action": "block",
    "target": "customer:7",
    "reason": "stolen phone",
    "before": "{}",
    "after": None,
}


@pytest.mark.parametrize("statement", ["UPDATE operator_action SET reason = 'other'", "DELETE FROM operator_action"])
async def test_what_was_done_stays_written(database: Database, statement: str) -> None:
    await database.write(lambda session: queries.add_action(session, ACTION))
    with pytest.raises(DBAPIError, match="append-only"):
        await database.write(lambda session: session.connection().execute(text(statement)) and None)
    (kept,) = await database.read(lambda session: queries.actions(session, limit=9, target="customer:7"))
    assert (kept.operator, kept.reason) == (501, "stolen phone")


async def test_a_postgres_table_cannot_be_emptied_either(postgres_url: str) -> None:
    database = Database(postgres_url)
    await database.start()
    with pytest.raises(DBAPIError, match="append-only"):
        await database.write(lambda session: session.connection().execute(text("TRUNCATE operator_action")) and None)
    await database.stop()


async def test_an_invitation_is_used_once_and_in_time(database: Database) -> None:
    row = {"token_digest": "d", "role": "viewer", "invited_by": 1, "created_at": NOW, "expires_at": NOW + HOUR}
    await database.write(lambda session: queries.add_invitation(session, row))

    def use(person: int, now: object = NOW) -> object:
        return database.write(lambda session: queries.use_invitation(session, "d", person=person, now=now))  # type: ignore[arg-type]

    assert not await use(2, NOW + HOUR)  # type: ignore[misc]
    assert await use(2)  # type: ignore[misc]
    assert not await use(3)  # type: ignore[misc]


async def test_who_was_removed_can_be_let_in_again(database: Database) -> None:
    row = {"telegram_id": 7, "role": "viewer", "name_sealed": b"x", "invited_by": 1, "added_at": NOW}

    def work(session: Session) -> list[str | None]:
        seen = []
        queries.put_operator(session, row)
        seen.append(queries.operator_role(session, 7, hold=True))
        assert queries.change_role(session, 7, was="viewer", role="operator")
        assert not queries.change_role(session, 7, was="viewer", role="owner")
        assert queries.remove_operator(session, 7, now=NOW)
        assert not queries.remove_operator(session, 7, now=NOW)
        assert queries.was_removed_since(session, 7, NOW)
        assert not queries.was_removed_since(session, 7, NOW + HOUR)
        assert not queries.was_removed_since(session, 8, NOW)
        seen.append(queries.operator_role(session, 7))
        queries.put_operator(session, row | {"role": "owner"})
        seen.append(queries.operator_role(session, 7))
        assert not queries.was_removed_since(session, 7, NOW)
        return seen

    assert await database.write(work) == ["viewer", None, "owner"]


QUERIES: dict[str, Query] = {
    "sums of a day": lambda session, rows: oversight.sums(
        session, environment="sandbox", since=rows.now + DAY, until=rows.now + 2 * DAY
    ),
    "counts of a day": lambda session, rows: oversight.counts(
        session, environment="sandbox", since=rows.now + DAY, until=rows.now + 2 * DAY
    ),
    "times to settle": lambda session, rows: oversight.times_to_settle(
        session,
        environment="sandbox",
        state="completed",
        since=rows.now + DAY,
        until=rows.now + 2 * DAY,
        limit=100,
    ),
    "currencies of a time": lambda session, rows: oversight.currencies_of(
        session, environment="sandbox", since=rows.now + DAY, until=rows.now + 2 * DAY
    ),
    "the oldest": lambda session, rows: oversight.oldest_of(session, environment="sandbox", states=["delivering"]),
    "an export": lambda session, rows: oversight.payments_after(
        session,
        environment="sandbox",
        since=rows.now + DAY,
        until=rows.now + 2 * DAY,
        after=(rows.now + DAY, "p7"),
        limit=100,
    ),
    "references of an export": lambda session, rows: oversight.references_of(session, ["p7", "p8"]),
    "a payment by its code": lambda session, rows: oversight.payment_by_code(session, "K7"),
    "the legs of a payment": lambda session, rows: oversight.legs_of(session, "p7"),
    "the events of a payment": lambda session, rows: oversight.events_of(session, "p7", limit=9),
    "the callbacks of a payment": lambda session, rows: oversight.callbacks_of(session, ["t7"], limit=9),
    "raw bodies": lambda session, rows: oversight.bodies_of(session, ["t7"], limit=9),
    "the notices of a payment": lambda session, rows: oversight.notices_of(session, "p7", limit=9),
    "finding by whatever": lambda session, rows: oversight.payments_by_leg(session, ["x", "X"], limit=9),
    "finding by a payer": lambda session, rows: oversight.payments_by_payer(session, "d", limit=9),
    "finding what was paid to a number": lambda session, rows: dealings(session, "g7", limit=9, offset=9),
    "turning the page of that": lambda session, rows: digest_of(session, "l7") and digest_of(session, "none"),
    "finding by a phone": lambda session, rows: oversight.customers_by_phone(session, "d", limit=9),
    "finding who pays somebody": lambda session, rows: oversight.customers_paying(session, "d", limit=9),
    "a customer's payments": lambda session, rows: oversight.payments_of(session, "c7", limit=9, offset=0),
    "a customer's states": lambda session, rows: oversight.states_of(session, "c7"),
    "what waits": lambda session, rows: oversight.open_cases_page(session, limit=9, offset=0),
    "how much waits": lambda session, rows: oversight.count_open_cases(session),
    "a case": lambda session, rows: oversight.case_by_id(session, "x"),
    "the cases of a payment": lambda session, rows: oversight.cases_of(session, "p7"),
    "resolving": lambda session, rows: operating.resolve_case(session, "x", now=rows.now, resolution="seen"),
    "asking now": lambda session, rows: operating.poll_now(session, "p7", states=["pending"], now=rows.now),
    "an order in place of its question": lambda session, rows: move_slot(session, 7, "card", "o:order:x"),
    "shutting out": lambda session, rows: operating.bar(session, "c7", now=rows.now),
    "who is shut out": lambda session, rows: operating.is_barred(session, 7),
}
# empty here: PostgreSQL reads such tables whole
_SMALL = ("operator", "service_pause", "request_use", "recipient", "bulk_row", "bulk_batch")


async def test_no_query_of_operators_reads_a_whole_table(full: Database, rows: Rows) -> None:
    def explain(session: Session) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, query in QUERIES.items():
            with statements(session) as seen:
                query(session, rows)
            assert seen, name
            for statement, values in seen:
                steps = [step for step in scans(session, statement, values) if not step.endswith(_SMALL)]
                if steps:
                    found[name] = steps
        return found

    assert await full.write(explain) == {}
