"""The command line as a process: what it prints, how it ends, and that a signal is a clean end."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bot import __version__
from bot.__main__ import _end, main
from bot.settings import Settings, fresh_keys
from storage.database import Database

ROOT = Path(__file__).parent.parent.parent


def _run(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=_clean(os.environ) | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.lower() not in Settings.model_fields}


def test_settings_that_cannot_be_used_end_with_a_list(tmp_path: Path) -> None:
    done = _run(folder=tmp_path, TELEGRAM_TOKEN="12:canary", PORT="canary")
    assert done.returncode == 2
    assert "  - KOTANI_API_KEY: is missing, while TELEGRAM_TOKEN is set" in done.stderr
    assert "Traceback" not in done.stderr
    assert "canary" not in done.stdout + done.stderr


def test_printed_keys_can_be_used(tmp_path: Path) -> None:
    printed = _run("keys", folder=tmp_path).stdout
    values = dict(line.split("=", 1) for line in printed.splitlines())
    settings = Settings(**{name.lower(): value for name, value in values.items()})
    assert settings.keyring().open(settings.keyring().seal("text", context="c"), context="c") == "text"


def test_migrate_makes_the_tables(tmp_path: Path) -> None:
    done = _run("migrate", folder=tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}")
    assert (done.returncode, (tmp_path / "new.db").exists()) == (0, True)


def test_a_database_that_cannot_be_used_is_named_without_a_traceback(tmp_path: Path) -> None:
    done = _run("migrate", folder=tmp_path, DATABASE_URL="sqlite:///:memory:")
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["books", "attention"])
def test_where_there_is_no_database_nothing_is_all_clear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "TELEGRAM_TOKEN", "KOTANI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    without = CliRunner().invoke(main, [command])
    (tmp_path / "data/demo").mkdir(parents=True)
    (tmp_path / "data/demo/assistant.db").touch()
    without_tables = CliRunner().invoke(main, [command])
    for done, why in ((without, "no such SQLite file"), (without_tables, "no tables yet")):
        assert done.exit_code == 1
        assert why in done.output
        assert "Nothing" not in done.output
    asyncio.run(Database("sqlite:///data/demo/assistant.db").migrate())
    done = CliRunner().invoke(main, [command])
    assert done.exit_code == 0
    assert done.output.startswith("Looking at the database data/demo/assistant.db (a demonstration).\nNothing")


def test_an_address_that_cannot_be_listened_on_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    async def work() -> int:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            socket.create_server(taken.getsockname())
        return 0

    with pytest.raises(SystemExit) as left:
        _end(work())
    assert left.value.code == 2
    assert "HOST, PORT: cannot listen there: Address already in use" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demonstration_says_where_it_is_and_stops_when_told(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "bot"],
        cwd=tmp_path,
        env=_clean(os.environ) | {"PYTHONPATH": str(ROOT), "PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        told = ""
        while "Ctrl-C stops it" not in told:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            told += line
        process.send_signal(number)
        assert process.wait(timeout=30) == 0
        logged = process.stderr.read()
    assert "Traceback" not in logged, logged
    assert "leaked" not in logged, logged
    assert "DEMONSTRATION" in told
    assert re.search(r"http://127\.0\.0\.1:\d+/", told)


@pytest.mark.parametrize(("contact", "warned"), [(None, True), ("@somebody", False)])
def test_going_live_without_anybody_to_turn_to_is_warned_of(tmp_path: Path, contact: str | None, warned: bool) -> None:
    live = {"TELEGRAM_TOKEN": "8123456789:AAF-canary_canary_canary", "KOTANI_API_KEY": "kp-canary-key", **fresh_keys()}
    around = (
        live | ({"SUPPORT_CONTACT": contact} if contact else {}) | {"DATABASE_URL": "postgresql://u:canary@[::1]:1/x"}
    )
    done = _run(folder=tmp_path, **around)
    assert (done.returncode, "SUPPORT_CONTACT is not set" in done.stderr) == (1, warned)
    assert "DATABASE_URL: PostgreSQL at [::1]:1 cannot be reached" in done.stderr
    assert "canary" not in done.stderr


def test_every_command_explains_itself() -> None:
    assert set(main.commands) == {
        "run",
        "simulate",
        "tour",
        "migrate",
        "attention",
        "books",
        "check",
        "keys",
        "probe",
        "version",
    }
    assert all(isinstance(command, click.Command) and command.help for command in main.commands.values())
    assert CliRunner().invoke(main, ["version"]).output.strip() == __version__


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_work_cleanly(number: signal.Signals) -> None:
    tidied = []

    async def work() -> int:
        try:
            os.kill(os.getpid(), number)
            await asyncio.sleep(30)
        finally:
            tidied.append(number)
        return 1

    with pytest.raises(SystemExit) as left:
        _end(work())
    assert (left.value.code, tidied) == (0, [number])
