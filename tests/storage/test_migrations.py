"""Migrations on both engines: up, down and up again, the tables of the models exactly, and nothing half done."""

import asyncio
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url

from storage import migrations
from storage.ahead import begin_migration
from storage.database import Database
from storage.errors import StorageMisconfigured, StorageUnavailable
from storage.tables import Table

ROOT = Path(__file__).parents[2]


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    """An engine like those that migrations are given, on a database without tables."""
    url = make_url(empty_database_url)
    if url.drivername == "sqlite":
        engine = create_engine(url, connect_args={"isolation_level": None})
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    else:
        engine = create_engine(url.set(drivername="postgresql+psycopg"))
    yield engine
    engine.dispose()


def shape(engine: Engine) -> dict[str, Any]:
    """All that can be read about the tables: columns, keys, checks and indexes, in no particular order."""
    found = inspect(engine)
    return {
        name: {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(name)],
            "primary": found.get_pk_constraint(name)["constrained_columns"],
            "unique": sorted((str(u["name"]), tuple(u["column_names"])) for u in found.get_unique_constraints(name)),
            "checks": sorted(str(check["name"]) for check in found.get_check_constraints(name)),
            "foreign": sorted((str(f["name"]), str(f["referred_table"])) for f in found.get_foreign_keys(name)),
            "indexes": sorted(
                (str(i["name"]), tuple(str(c) for c in i["column_names"]), _where(i))
                for i in found.get_indexes(name)
                if not i.get("duplicates_constraint")
            ),
        }
        for name in found.get_table_names()
        if name != migrations.VERSION_TABLE
    }


def _where(index: Any) -> str:
    options = index.get("dialect_options", {})
    where = next((options[name] for name in ("postgresql_where", "sqlite_where") if name in options), "")
    return str(where).strip("()").replace("::text", "")


def test_up_makes_exactly_the_tables_of_the_models(engine: Engine) -> None:
    migrations.upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
    migrated = shape(engine)
    migrations.downgrade(engine, "base")
    with engine.begin() as connection:
        Table.metadata.create_all(connection)
    assert shape(engine) == migrated
    assert migrated["payment"]["checks"] == [
        "ck_payment_fee_amount",
        "ck_payment_pay_amount",
        "ck_payment_receive_amount",
        "ck_payment_revision",
    ]
    assert ("ix_leg_due", ("due_at",), "due_at IS NOT NULL") in migrated["leg"]["indexes"]


def test_up_down_up_ends_where_it_began(engine: Engine) -> None:
    migrations.upgrade(engine)
    first = shape(engine)
    migrations.downgrade(engine, "base")
    assert shape(engine) == {}
    migrations.upgrade(engine)
    assert shape(engine) == first
    with engine.connect() as connection:
        assert migrations.current(connection) == migrations.revisions()[0]


def test_orders_of_an_unknown_environment_are_over_and_kept(engine: Engine) -> None:
    migrations.upgrade(engine)
    migrations.downgrade(engine, "0013")
    later, table = datetime(2999, 1, 1, tzinfo=UTC), Table.metadata.tables["operator_order"]
    row = {"kind": "payout", "money": "[]", "about_sealed": b"x", "reason": "why", "asked_by": 1, "chat_id": 1}
    row |= {"asked_at": later, "told": "[]", "expires_at": later}
    with engine.begin() as connection:
        connection.execute(table.insert(), row | {"id": "a", "state": "proposed", "due_at": later})
        connection.execute(table.insert(), row | {"id": "b", "state": "carried_out"})
    migrations.upgrade(engine)
    with engine.connect() as connection:
        waiting, done = connection.execute(table.select().order_by(table.c.id)).all()
    assert (waiting.environment, done.environment) == ("unknown", "unknown")
    assert waiting.due_at == waiting.expires_at <= datetime.now(UTC)  # the clock ends it, and tells who saw it
    assert (done.state, done.expires_at, done.due_at) == ("carried_out", later, None)


def test_every_revision_follows_on_the_one_before() -> None:
    known = migrations.revisions()
    scripts = ScriptDirectory(str(migrations.FOLDER)).walk_revisions()
    assert known == [script.revision for script in scripts]
    assert not migrations.outdated(known[0], known)
    assert not migrations.outdated("9999", known)
    assert migrations.outdated(None, known)


def test_migrations_that_are_done_apart_leave_nothing_of_theirs_in_memory(empty_database_url: str) -> None:
    started = """
        import asyncio, sys
        from storage.database import Database

        database = Database(sys.argv[1])
        asyncio.run(database.migrate(apart=True))
        print("alembic" in sys.modules, asyncio.run(database.look(lambda session: session.connection().dialect.name)))
    """
    command = [sys.executable, "-c", textwrap.dedent(started), empty_database_url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split()[:1] == ["False"], done.stderr


def test_where_they_cannot_be_done_apart_the_reason_is_told(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/no/such/folder.db")
    with pytest.raises(StorageMisconfigured, match="folder"):
        asyncio.run(database.migrate(apart=True))


def test_an_interrupted_migration_leaves_nothing_behind_and_can_be_run_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = 0
    create = Operations.create_table

    def fails_half_way(self: Operations, *args: Any, **kwargs: Any) -> Any:
        nonlocal made
        made += 1
        if made == 4:
            raise KeyboardInterrupt
        return create(self, *args, **kwargs)

    with monkeypatch.context() as patched:
        # operations are installed as functions of the module `alembic.op` and as methods alike
        patched.setattr(
            "alembic.op.create_table", lambda *args, **kwargs: fails_half_way(_operations(), *args, **kwargs)
        )
        with pytest.raises(KeyboardInterrupt):
            migrations.upgrade(engine)
    assert made == 4
    assert shape(engine) == {}
    with engine.connect() as connection:
        assert migrations.current(connection) is None
    migrations.upgrade(engine)
    assert "leg" in shape(engine)


def _operations() -> Operations:
    from alembic import op

    return op._proxy  # type: ignore[attr-defined,no-any-return]


def test_a_process_killed_while_it_migrates_leaves_nothing_behind(empty_sqlite_url: str) -> None:
    program = """
        import asyncio, os, signal, sys
        from alembic import op
        from storage.database import Database
        create, made = op.create_table, []
        def kill_half_way(*args, **kwargs):
            made.append(args[0])
            if len(made) == 5:
                os.kill(os.getpid(), signal.SIGKILL)
            return create(*args, **kwargs)
        op.create_table = kill_half_way
        asyncio.run(Database(sys.argv[1]).migrate())
    """
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), empty_sqlite_url], cwd=ROOT, timeout=60, check=False
    )
    assert child.returncode == -signal.SIGKILL
    engine = create_engine(empty_sqlite_url)
    assert shape(engine) == {}
    asyncio.run(Database(empty_sqlite_url).migrate())
    assert "leg" in shape(engine)
    engine.dispose()


def test_a_newer_database_is_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('9999')")
        connection.exec_driver_sql("CREATE TABLE of_the_future (id INTEGER PRIMARY KEY)")
    migrations.upgrade(engine)
    assert list(shape(engine)) == ["of_the_future"]
    with engine.connect() as connection:
        assert migrations.current(connection) == "9999"


def test_rows_that_refer_to_nothing_undo_a_migration(empty_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine(empty_sqlite_url, connect_args={"isolation_level": None})
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    migrations.upgrade(engine)

    def breaks(config: Any, revision: str) -> None:
        connection: Connection = config.attributes["connection"]
        connection.exec_driver_sql(
            "INSERT INTO saved_address VALUES ('a', 'nobody', 'BASE', x'00', 'digest', 0, 0, NULL)"
        )

    monkeypatch.setattr("alembic.command.upgrade", breaks)
    monkeypatch.setattr(migrations, "outdated", lambda revision, known: True)
    with pytest.raises(migrations.BrokenReferences):
        migrations.upgrade(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM saved_address").scalar_one() == 0
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None
    engine.dispose()


async def test_replicas_that_migrate_together_take_turns(empty_database_url: str) -> None:
    results = await asyncio.gather(
        *(Database(empty_database_url).migrate() for _ in range(1 if "sqlite" in empty_database_url else 3))
    )
    assert results == [None] * len(results)
    database = Database(empty_database_url)
    await database.start()
    await database.check()
    await database.stop()


async def test_a_migration_that_cannot_have_its_turn_says_so(
    empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_SECONDS", 1)
    engine = create_engine(make_url(empty_postgres_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({migrations.LOCK})")
        began = time.monotonic()
        with pytest.raises(StorageUnavailable, match="55P03"):
            await Database(empty_postgres_url).migrate()
    assert time.monotonic() - began < 10
    engine.dispose()


def test_an_sqlite_file_is_brought_up_while_the_program_is_still_being_loaded(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    begun = begin_migration(url)
    assert begun is not None
    asyncio.run(Database(url).migrate(apart=True, begun=begun))
    assert begun.returncode == 0
    assert begin_migration(url) is None
    assert begin_migration(f"sqlite:///{tmp_path}/no/folder.db") is None
    assert begin_migration("postgresql://somebody@localhost/assistant") is None
