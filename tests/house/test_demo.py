"""The demonstration: which databases it takes, which ports it says it took, and that its secrets stay out of logs."""

import io
import logging
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import insert
from sqlmodel import Session

from bot import log
from bot.demo import demonstration, page_port
from bot.settings import Settings, SettingsRefused
from storage.database import Database
from storage.tables import UpdateReceived, table_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A demonstration with a database of its own."""
    return Settings(database_url=SecretStr(f"sqlite:///{tmp_path / 'kept.db'}"), port=0)


def somebody_wrote(session: Session) -> None:
    row = {"update_id": 1, "person": "u:1", "state": "done", "received_at": NOW, "attempts": 1}
    session.connection().execute(insert(table_of(UpdateReceived)).values(row))


async def test_a_database_that_somebody_uses_is_refused_and_left_alone(settings: Settings) -> None:
    async with demonstration(settings, port=0):
        pass
    async with demonstration(settings, port=0):  # nobody has written yet
        database = Database(settings.database_url.get_secret_value())
        await database.start()
        await database.write(somebody_wrote)
        await database.stop()
    with pytest.raises(SettingsRefused, match="DATABASE_URL: has customers already") as refused:
        async with demonstration(settings, port=0):
            pass
    assert "python -m bot simulate" in str(refused.value)
    assert "kept.db" not in str(refused.value)


async def test_a_port_that_is_taken_is_replaced_aloud(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        world, assistant = one.getsockname()[1], two.getsockname()[1]
        async with demonstration(settings.model_copy(update={"port": assistant}), port=world) as demo:
            told = demo.welcome("http://127.0.0.1:4242")
    assert f"Port {world} is taken, using {demo.address.rpartition(':')[2]} instead." in told
    assert f"Port {assistant} is taken, using 4242 instead." in told


async def test_an_assistant_of_a_demonstration_compares_when_asked_and_makes_nobody_wait(settings: Settings) -> None:
    async with demonstration(settings, port=0) as demo:
        found = demo.settings.model_copy(update={"owners": "1001"})
        assert found.telegram_token is not None
        assert (found.is_demo, found.reconcile_at) == (True, None)
        assert found.bulk_pace < settings.model_copy(update={"telegram_token": SecretStr("1:a")}).bulk_pace


async def test_ports_that_are_free_need_no_words(settings: Settings) -> None:
    async with demonstration(settings, port=0) as demo:
        assert "taken" not in demo.welcome("http://127.0.0.1:4242")


def test_the_page_is_ten_ports_above_the_assistant_so_that_two_of_them_can_be_apart() -> None:
    assert [page_port(port) for port in (8080, 9000, 0, 65_525, 65_526)] == [8090, 9010, 0, 65_535, 0]


async def test_the_secrets_that_it_makes_are_hidden_by_what_they_are(settings: Settings) -> None:
    written = io.StringIO()
    log.configure(stream=written)
    async with demonstration(settings, port=0) as demo:
        assert demo.settings.telegram_token is not None
        secret = demo.settings.telegram_token.get_secret_value().partition(":")[2]
        logging.getLogger("test").info("a part of it: %s.", secret)
    assert "a part of it: ***." in written.getvalue()
