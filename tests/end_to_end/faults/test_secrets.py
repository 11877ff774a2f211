"""A whole life at the most talkative level: nothing that is secret or personal is in anything that was written or shown."""

import asyncio
import base64
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from bot.settings import fresh_keys
from bot.tour.customer import Customer
from bot.tour.parts import settles_in
from storage.database import Database

from .conftest import Play
from .test_provider import approve, prompted

ROOT = Path(__file__).parents[3]
FIRST, FULL, PHONE = "Canarina", "Kanario Vogelsang", "+254799887766"
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
OUR_MARK = "canary"


@pytest.fixture
def environment(play: Play, tmp_path: Path) -> dict[str, str]:
    """Settings in which every secret is recognisable."""
    keys = fresh_keys()
    play.kotani.configure(
        api_keys=[f"{OUR_MARK}-api-key-0123456789"], webhook_secret=f"{OUR_MARK}-webhook-secret-0123456789", secure=True,
        api_secret=f"{OUR_MARK}-api-secret-0123456789",
    )  # fmt: skip
    return keys | {
        "TELEGRAM_TOKEN": play.settings.telegram_token.get_secret_value(),  # type: ignore[union-attr]
        "TELEGRAM_BASE_URL": play.settings.telegram_base_url,
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_WEBHOOK_SECRET": f"{OUR_MARK}-telegram-secret-0123456789",
        "KOTANI_BASE_URL": play.settings.kotani_base_url,
        "KOTANI_API_KEY": f"{OUR_MARK}-api-key-0123456789",
        "KOTANI_API_SECRET": f"{OUR_MARK}-api-secret-0123456789",
        "KOTANI_WEBHOOK_SECRET": f"{OUR_MARK}-webhook-secret-0123456789",
        "KOTANI_WEBHOOK_SECRET_PREVIOUS": f"{OUR_MARK}-webhook-secret-of-before",
        "KOTANI_TIMEOUT_SECONDS": "2",
        "DATABASE_URL": play.settings.database_url.get_secret_value(),
        "LOG_LEVEL": "debug",
    }


@pytest.fixture
async def process(environment: dict[str, str], tmp_path: Path) -> AsyncIterator["Process"]:
    """The assistant, as its command line runs it; everything that it writes goes to a file."""
    port = _free_port()
    environment |= {"PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    log = tmp_path / "everything"
    with log.open("wb") as output:
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-X", "dev", "-m", "bot", "run",
            cwd=tmp_path, stdout=output, stderr=output,
            env=kept | environment | {"PYTHONPATH": str(ROOT), "PYTHONASYNCIODEBUG": "1"},
        )  # fmt: skip
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            made = Process(running, log, http)
            await made.ready()
            yield made
        if running.returncode is None:
            running.kill()
            await running.wait()


class Process:
    """A running assistant and its words."""

    def __init__(self, running: asyncio.subprocess.Process, log: Path, http: httpx.AsyncClient) -> None:
        self.running = running
        self.log = log
        self.http = http

    async def ready(self) -> None:
        """Wait until it is."""
        for _ in range(600):
            try:
                if (await self.http.get("/health/ready")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            assert self.running.returncode is None, self.log.read_text()
            await asyncio.sleep(0.05)
        raise AssertionError(self.log.read_text())

    async def stop(self) -> str:
        """Ask it to stop; everything that it wrote."""
        self.running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(self.running.wait(), 60) == 0
        return self.log.read_text()


async def test_nothing_secret_and_nothing_personal_is_written_or_shown(
    play: Play, process: Process, environment: dict[str, str]
) -> None:
    jane = await Customer.arrive(play.chat, FIRST, PHONE)
    for method in ("sendMessage", "answerCallbackQuery", "editMessageText"):
        play.fault("drop_before", method)
    play.provider_fault("accept_then_drop", "onramp.create")
    play.provider_fault("malformed", "rate.onramp")
    play.provider_fault("refuse", "onramp.status", status=400, message=f"no luck for {PHONE} {FULL}", errors=[ADDRESS])
    await _buys(play, jane, fails=False)
    await _buys(play, jane, fails=True)
    await _is_attacked(process, environment)
    pages = [(await process.http.get(path)).text for path in ("/metrics", "/health/ready", "/health/live", "/", "/x")]
    written = await process.stop()

    assert "create call" in written, "it did talk"
    secret = [
        value for name, value in environment.items() if OUR_MARK in value or name in ("TELEGRAM_TOKEN", "DIGEST_KEY")
    ]
    secret.append(environment["ENCRYPTION_KEYS"].split(":")[1])
    secret.append(environment["TELEGRAM_TOKEN"].split(":")[1])
    secret += [row[0] for row in await _rows(play, "SELECT callback_token FROM leg")]
    personal = [
        FIRST,
        *FULL.split(),
        PHONE[1:],
        "0" + PHONE[4:],
        "799 887",
        "799887",
        ADDRESS,
        ADDRESS[6:30],
        str(jane.id) * 3,
    ]
    for page in (written, *pages):
        for word in (*secret, *personal):
            found = page.lower().find(word.lower())
            assert found < 0, f"{word!r}: …{page[max(0, found - 200) : found + 100]}…"
        assert "buy 10 usdc" not in page, "what people write"
        for word in secret:
            encoded = base64.b64encode(word.encode()).decode().rstrip("=")[:-2]
            assert encoded not in page
    for message in play.telegram.messages(jane.id, by_bot=True):
        assert PHONE[1:] not in re.sub(r"\D", "", message.content.text)
        assert OUR_MARK not in message.content.text


async def _buys(play: Play, jane: Customer, *, fails: bool) -> None:
    if fails:
        play.kotani.fail_next(deliveries=1)
    first = not jane.messages
    await jane.says("buy 10 usdc on base")
    if first:
        await settles_in(jane)
        await jane.sees("Where shall the USDC go?")
        await jane.says(ADDRESS)
        await jane.sees("hone")
        await jane.shares_contact()
        await jane.sees("name")
        await jane.says(FULL)
    else:
        await jane.taps("0x5aAe")
    await jane.taps("Confirm")
    await prompted(play)
    approve(play)
    await jane.sees("Your money is back" if fails else "elivered", within=40, rings=True)


async def _is_attacked(process: Process, environment: dict[str, str]) -> None:
    """Whoever sends us a secret or somebody's data in a wrong place does not find it in our logs."""
    wrong = {"x-kotani-signature": "sha256=" + "ab" * 32, "authorization": f"Bearer {environment['KOTANI_API_KEY']}"}
    for path in (f"/kotani/callbacks/{OUR_MARK}-token?phone={PHONE}", f"/{OUR_MARK}/../x", "/telegram/webhook"):
        await process.http.post(path, content=f'{{"phone":"{PHONE}","name":"{FULL}"}}', headers=wrong)
    poison = {
        "x-telegram-bot-api-secret-token": environment["TELEGRAM_WEBHOOK_SECRET"],
        "content-type": "application/json",
    }
    update = (
        f'{{"update_id":1,"message":{{"from":{{"id":77,"first_name":"{FIRST}"}},"text":"{FULL} {ADDRESS}","chat":5}}}}'
    )
    assert (await process.http.post("/telegram/webhook", content=update, headers=poison)).status_code == 200
    await asyncio.sleep(0.3)


async def _rows(play: Play, query: str) -> list[tuple[str, ...]]:
    database = Database(play.settings.database_url.get_secret_value())
    await database.start()
    rows = await database.read(lambda session: [tuple(row) for row in session.connection().execute(text(query))])
    await database.stop()
    return rows


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
