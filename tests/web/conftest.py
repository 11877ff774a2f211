"""The web server with the endpoint for callbacks: in this process, or in one of its own that is attacked and weighed."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import select
from starlette.applications import Starlette

from bot.engine.clock import utc_now
from bot.engine.intake import CALLBACK_BODY, CallbackIntake
from bot.engine.wakes import Wakes
from bot.web.callbacks import CallbackEndpoint
from bot.web.server import serving
from storage.callbacks import CALLBACK
from storage.crypto import Keyring
from storage.database import Database

SECRET = "a secret that only these tests know"
PATH = "/kotani/callbacks/some-token"
FORTRESS = Path(__file__).with_name("fortress.py")


def signed(data: object, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    """A genuine callback: its body and its headers."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return signed_text(f'{{"event":"transaction.onramp.status.updated","data":{text}}}', secret)


def signed_text(text: str, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    """The same for an object's text."""
    signature = "sha256=" + hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f'{text[:-1]},"signature":"{signature}"}}'.encode(), {"x-kotani-signature": signature}


@pytest.fixture
def keyring() -> Keyring:
    return Keyring({"k": bytes(range(32))}, digest_key=bytes(32))


@dataclass
class Door:
    """The endpoint at an address, and what lies behind it."""

    address: str
    http: httpx.AsyncClient
    database: Database
    keyring: Keyring

    async def post(self, body: bytes, headers: dict[str, str], path: str = PATH) -> int:
        return (await self.http.post(path, content=body, headers=headers)).status_code

    async def kept(self) -> list[bytes]:
        """The bodies that were stored."""
        sealed = await self.database.read(
            lambda session: session.connection().execute(select(CALLBACK.c.body_sealed)).scalars().all()
        )
        return [self.keyring.open_bytes(one, context=CALLBACK_BODY) for one in sealed]


@contextlib.asynccontextmanager
async def door(database: Database, keyring: Keyring, secrets: tuple[str, ...] = (SECRET,)) -> AsyncIterator[Door]:
    """The endpoint in this process."""
    counter = Counter("callbacks", "By outcome.", ["outcome"], registry=CollectorRegistry())
    intake = CallbackIntake(database, keyring, utc_now, Wakes())
    endpoint = CallbackEndpoint(intake, [secret.encode() for secret in secrets], counter)
    async with (
        serving(endpoint.before(Starlette(routes=[endpoint.route()])), "127.0.0.1", 0, grace_seconds=1) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as http,
    ):
        yield Door(address, http, database, keyring)


@dataclass
class Fortress:
    """A server in a process of its own, with short limits on time."""

    address: str
    http: httpx.AsyncClient
    pid: int
    host: str
    port: int

    def weighs_most(self) -> int:
        """The most memory that it ever had, in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) // 1024

    async def serves(self) -> None:
        """A genuine callback is answered, and soon."""
        body, headers = signed({"referenceId": os.urandom(8).hex()})
        answer = await self.http.post(PATH, content=body, headers=headers, timeout=5)
        assert answer.status_code == 200

    async def connects(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self.host, self.port)

    async def kept(self) -> int:
        return int((await self.http.get("/count")).text)


@pytest.fixture(scope="session")
def fortress_process(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Address and process id. It outlives every attack, so one serves all tests."""
    path = tmp_path_factory.mktemp("fortress") / "assistant.db"
    shutil.copyfile(sqlite_template, path)
    environment = os.environ | {"PYTHONPATH": str(FORTRESS.parents[2])}
    command = [sys.executable, str(FORTRESS), f"sqlite:///{path}", SECRET]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process.pid
        process.kill()


@pytest.fixture
async def fortress(fortress_process: tuple[str, int]) -> AsyncIterator[Fortress]:
    """The attacked server, its scales set to zero."""
    address, pid = fortress_process
    parts = urlsplit(address)
    assert parts.hostname is not None
    assert parts.port is not None
    await asyncio.to_thread(Path(f"/proc/{pid}/clear_refs").write_text, "5")  # the most memory is counted from here
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
        yield Fortress(address, http, pid, parts.hostname, parts.port)
