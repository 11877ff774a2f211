"""The power goes out: whatever was answered 200 is there when it comes back, whatever the disk had not flushed yet."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bot.engine.intake import digest_of

from .conftest import PATH, SECRET, signed

BLACKOUT = Path(__file__).with_name("blackout.py")


async def _lost(sqlite_url: str, folder: Path, synchronous: str) -> tuple[int, list[int]]:
    """How many callbacks were answered before the power went, and how many of them are gone in each way to lose it."""
    images = folder / "images"
    images.mkdir()
    environment = os.environ | {"PYTHONPATH": str(BLACKOUT.parents[2])}
    command = [sys.executable, str(BLACKOUT), sqlite_url, SECRET, str(images), synchronous]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:  # noqa: ASYNC220
        assert process.stdout is not None
        address = (await asyncio.to_thread(process.stdout.readline)).strip()
        if address == "unwatchable":
            pytest.skip("this Python has an SQLite of its own inside, which cannot be watched")
        async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
            answered: list[bytes] = []
            asking = [asyncio.create_task(_ask(http, name, answered)) for name in range(8)]
            async with asyncio.timeout(20):
                while len(answered) < 300:
                    assert not any(task.done() for task in asking), asking
                    await asyncio.sleep(0.005)
            promised = list(answered)  # what comes from here on may be lost
            await http.post("/cut", timeout=20)
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        process.kill()
    gone = [len(set(promised) - _kept(one)) for one in sorted(images.iterdir())]
    return len(promised), gone


async def _ask(http: httpx.AsyncClient, name: int, answered: list[bytes]) -> None:
    number = 0
    while True:
        number += 1
        reference = f"r-{name}-{number}"
        body, headers = signed({"referenceId": reference})
        if (await http.post(PATH, content=body, headers=headers)).status_code == 200:
            answered.append(digest_of(body))


def _kept(image: Path) -> set[bytes]:
    with sqlite3.connect(image / "assistant.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept = {row[0] for row in connection.execute("SELECT digest FROM callback_received")}
    connection.close()
    return kept


async def test_what_was_answered_survives_a_loss_of_power(sqlite_url: str, tmp_path: Path) -> None:
    promised, gone = await _lost(sqlite_url, tmp_path, "")
    assert promised >= 300
    assert len(gone) > 10
    assert set(gone) == {0}


async def test_with_less_than_full_durability_it_would_not(sqlite_url: str, tmp_path: Path) -> None:
    """The simulation is worth something: it shows the loss that FULL prevents, unless the log was flushed just then."""
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        _, gone = await _lost(sqlite_url, folder, "NORMAL")
        if max(gone) > 0:
            return
    raise AssertionError("nothing was lost in five losses of power: the simulation shows nothing")
