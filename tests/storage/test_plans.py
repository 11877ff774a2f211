"""With much history and little to do, the queries of every day go through indexes on both engines (fault D12)."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, insert
from sqlmodel import Session

from storage import cards, payments, promised
from storage.bulk import BATCH, ROW
from storage.callbacks import finish_callbacks, store_callbacks, take_callbacks
from storage.counts import backlog
from storage.database import Database
from storage.leases import release_all
from storage.notices import claim_notices
from storage.payments import LEG, PAYMENT
from storage.tables import (
    AttentionCase,
    CallbackReceived,
    ChatPace,
    Customer,
    LegEvent,
    MessageSlot,
    Notice,
    UpdateReceived,
    table_of,
)
from storage.updates import claim_updates

if TYPE_CHECKING:
    from tests.storage.conftest import Rows

HISTORY = 6_000
CUSTOMERS = 3_000
HOUR = timedelta(hours=1)


@pytest.fixture
async def full(database: Database, rows: "Rows") -> Database:
    """Thousands of payments that are over, with all that came with them, and a handful that are not."""

    def write(session: Session) -> None:
        connection = session.connection()
        customers = [rows.customer(id=f"c{n}", phone_digest=f"d{n}") for n in range(CUSTOMERS)]
        connection.execute(insert(table_of(Customer)), customers)
        over = {"due_at": None, "state": "succeeded"}
        made = [
            rows.payment(f"c{number % CUSTOMERS}", id=f"p{number}", code=f"K{number}", confirm_key=f"f{number}")
            for number in range(HISTORY)
        ]
        connection.execute(insert(PAYMENT), made)
        legs = [
            rows.leg(f"p{number}", id=f"l{number}", reference=f"bot-x{number}", callback_token=f"t{number}")
            | {"destination_digest": f"g{number}"}
            | ({} if number % 1000 == 0 else over)
            for number in range(HISTORY)
        ]
        connection.execute(insert(LEG), legs)
        known = {"at": rows.now, "cause": "poll", "actor": "provider", "to_state": "succeeded"}
        connection.execute(
            insert(table_of(LegEvent)),
            [known | {"id": f"e{n}", "leg_id": f"l{n}", "payment_id": f"p{n}"} for n in range(HISTORY)],
        )
        callbacks = [
            rows.callback(due_at=rows.now if n % 1000 == 0 else None, handled_at=rows.now) for n in range(HISTORY)
        ]
        connection.execute(insert(table_of(CallbackReceived)), callbacks)
        cases = [rows.case(payment_id=f"p{n}", resolved_at=None if n % 1000 == 0 else rows.now) for n in range(HISTORY)]
        connection.execute(insert(table_of(AttentionCase)), cases)
        notices = [
            {
                "id": f"n{n}",
                "dedupe_key": f"n{n}",
                "chat_id": n % CUSTOMERS,
                "kind": "screen",
                "state": "sent",
                "attempts": 1,
                "due_at": rows.now if n % 1000 == 0 else None,
                "created_at": rows.now,
            }
            for n in range(HISTORY)
        ]
        connection.execute(insert(table_of(Notice)), notices)
        updates = [
            {
                "update_id": n,
                "person": str(n % CUSTOMERS),
                "state": "done",
                "attempts": 1,
                "due_at": rows.now if n % 1000 == 0 else None,
                "received_at": rows.now,
            }
            for n in range(HISTORY)
        ]
        connection.execute(insert(table_of(UpdateReceived)), updates)
        moments = {"message_at": rows.now, "edit_at": rows.now}
        connection.execute(insert(table_of(ChatPace)), [{"chat_id": n} | moments for n in range(HISTORY)])
        standing = {"slot": "card", "message_id": 1, "picture": False, "updated_at": rows.now}
        connection.execute(insert(table_of(MessageSlot)), [standing | {"chat_id": n} for n in range(HISTORY)])
        connection.execute(insert(BATCH), [_file(rows, number) for number in range(HISTORY // 10)])
        connection.execute(insert(ROW), [_file_row(number) for number in range(HISTORY)])
        connection.exec_driver_sql("ANALYZE")

    await database.write(write)
    return database


def _file(rows: "Rows", number: int) -> dict[str, Any]:
    """A file of payments that is over; the last one is not."""
    last = number == HISTORY // 10 - 1
    return {
        "id": f"b{number}",
        "code": f"B{number}",
        "environment": "sandbox",
        "state": "running" if last else "ended",
        "chat_id": 1,
        "language": "en",
        "file_sealed": b"",
        "file_digest": f"d{number}",
        "rows": 10,
        "pay_again": False,
        "created_by": 1,
        "created_at": rows.now,
        "updated_at": rows.now,
        "tellings": 0,
        "due_at": rows.now if last else None,
    }


def _file_row(number: int) -> dict[str, Any]:
    """One of its ten rows; those of the last file are not begun."""
    return {
        "id": f"r{number}",
        "batch_id": f"b{number // 10}",
        "line": number,
        "amount": Decimal(500),
        "currency": "KES",
        "details_sealed": b"",
        "destination_digest": f"d{number}",
        "left_out": False,
        "payment_id": None if number >= HISTORY - 10 else f"p{number}",
    }


@contextmanager
def statements(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that runs meanwhile, with its values."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        seen.append((statement, values[0] if many else values))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", note)


def scans(session: Session, statement: str, values: Any) -> list[str]:
    """The steps of the plan for a statement that read a whole table, in the engine's own words."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        return [row[3] for row in rows if _scans_on_sqlite(row[3])]
    (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
    return list(_scans_on_postgres(plan["Plan"] if not isinstance(plan, str) else json.loads(plan)["Plan"]))


def _scans_on_sqlite(step: str) -> bool:
    """A walk through the index of what is open is no scan of the table: it holds nothing else."""
    if not step.startswith("SCAN ") or step in ("SCAN CONSTANT ROW", "SCAN due"):
        return False
    return not any(name in step for name in ("_due", "_chat_open", "_person_open", "_parked"))


def _scans_on_postgres(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield f"Seq Scan on {node['Relation Name']}"
    for inner in node.get("Plans", ()):
        yield from _scans_on_postgres(inner)


Query = Callable[[Session, "Rows"], Any]

QUERIES: dict[str, Query] = {
    "claiming legs": lambda session, rows: payments.due_legs(
        session, environment="sandbox", owner="me", now=rows.now, until=rows.now + HOUR, limit=16
    ),
    "holding payments": lambda session, rows: payments.hold_payments(session, ["p7", "p8"]),
    "finding by reference": lambda session, rows: payments.find_by_reference(session, ["bot-x7"]),
    "finding by token": lambda session, rows: payments.find_by_token(session, ["t7"]),
    "a hint": lambda session, rows: payments.make_due(session, ["l7"], rows.now),
    "a customer who wants to know": lambda session, rows: payments.make_payment_due(
        session, "p7", states=["pending"], now=rows.now, quiet_since=rows.now
    ),
    "releasing a leg": lambda session, rows: payments.release_leg(session, "l7", owner="me"),
    "postponing a leg": lambda session, rows: payments.postpone_leg(session, "l7", owner="me", due_at=rows.now),
    "a confirmation": lambda session, rows: payments.payment_by_confirm_key(session, "f7"),
    "a card": lambda session, rows: cards.payment_record(session, "p7"),
    "the history of a customer": lambda session, rows: cards.customer_payments(session, "c7", limit=5),
    "a payment by its code": lambda session, rows: cards.customer_payment_by_code(session, "c7", "K7"),
    "storing a callback": lambda session, rows: store_callbacks(session, [rows.callback()]),
    "taking callbacks": lambda session, rows: take_callbacks(session, now=rows.now, limit=64),
    "finishing a callback": lambda session, rows: finish_callbacks(
        session, [{"b_id": "k000001", "outcome": "applied", "handled_at": rows.now, "due_at": None}]
    ),
    "claiming updates": lambda session, rows: claim_updates(
        session, lease="me", now=rows.now, until=rows.now + HOUR, limit=16
    ),
    "claiming notices": lambda session, rows: claim_notices(
        session, lease="me", now=rows.now, until=rows.now + HOUR, limit=16
    ),
    "what of a balance is promised": lambda session, rows: (
        promised.payouts_to_send(session, "KES", environment="sandbox"),
        promised.rows_to_come(session, "KES", environment="sandbox"),
    ),
    "counting what waits": lambda session, rows: backlog(session, now=rows.now),
}


async def test_no_query_reads_a_whole_table(full: Database, rows: "Rows") -> None:
    def explain(session: Session) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        queries = dict(QUERIES)
        if session.connection().dialect.name == "sqlite":
            queries["releasing all leases"] = lambda session, rows: release_all(session)
        for name, query in queries.items():
            with statements(session) as seen:
                query(session, rows)
            assert seen, name
            for statement, values in seen:
                if steps := scans(session, statement, values):
                    found[name] = steps
        return found

    assert await full.write(explain) == {}
