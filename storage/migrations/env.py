"""What Alembic runs for every command: over the connection it is given, inside the transaction that is open there."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from storage.tables import Table
from storage.types import ExactDecimal, UtcDateTime, Words


def render(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """How our own types are written in a revision."""
    if kind != "type":
        return False
    match item:
        case ExactDecimal():
            autogenerate.imports.add("from storage.types import ExactDecimal")
            return f"ExactDecimal(places={item.places})"
        case UtcDateTime():
            autogenerate.imports.add("from storage.types import UtcDateTime")
            return "UtcDateTime()"
        case Words():  # a revision must not change when the enum does
            return "sa.Text()"
        case _:
            return False


def run(connection: Connection) -> None:
    """Run the revisions that the command asks for."""
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render,
        transactional_ddl=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
