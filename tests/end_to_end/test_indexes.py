"""However much there is on record: what is done for every purchase, transfer and tick finds its rows by an index."""

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, make_url

from bot.demo import Demo
from bot.tour.buying import first_purchase
from bot.tour.sending import sent_to_a_phone
from bot.tour.stage import Stage

from .touring import assistant

GROWING = {
    *("payment", "leg", "leg_event", "ledger_entry", "notice", "message_slot", "attention_case", "operator_action"),
    *("callback_received", "update_received", "customer", "dialogue", "recipient", "saved_address", "payment_request"),
}
SCAN = re.compile(r"(?:SCAN|Seq Scan on) (\w+)(?! USING)")


@pytest.fixture
def statements() -> Iterator[dict[str, Any]]:
    """Every statement that is sent to a database, with one set of its parameters."""
    seen: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            seen.setdefault(statement, parameters[0] if many else parameters)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


async def test_nothing_reads_through_a_table_that_grows(demo: Demo, stage: Stage, statements: dict[str, Any]) -> None:
    # once a day all of the books are summed up
    async with assistant(demo.settings.model_copy(update={"reconcile_hour": "never"})):
        await first_purchase(stage)
        await sent_to_a_phone(stage)

    plans = _plans(make_url(demo.settings.database_url.get_secret_value()), statements)

    read_through = {
        statement: found for statement, plan in plans.items() if (found := GROWING & set(SCAN.findall(plan)))
    }
    assert sum("INDEX" in plan.upper() for plan in plans.values()) > 30
    assert read_through == {}


def _plans(url: URL, statements: dict[str, Any]) -> dict[str, str]:
    """How the database finds the rows for each of these, where it goes through a whole table only if it must."""
    if url.drivername == "sqlite":
        assert url.database is not None
        with sqlite3.connect(url.database) as file:
            return {
                one: "\n".join(row[3] for row in file.execute(f"EXPLAIN QUERY PLAN {one}", given))
                for one, given in statements.items()
            }
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, cursor_factory=psycopg.ClientCursor) as server:
        server.execute("SET enable_seqscan = off")
        return {
            one: "\n".join(row[0] for row in server.execute(f"EXPLAIN {one}".encode(), given))
            for one, given in statements.items()
            if "pg_catalog" not in one
        }
