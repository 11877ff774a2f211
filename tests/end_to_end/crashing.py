"""A world that outlives the assistant, and an assistant that is killed at a chosen point and started again."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
from sqlalchemy import make_url
from starlette.datastructures import URL
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.simulator.world import World

NURSERY = Path(__file__).with_name("nursery.py")
ROOT = NURSERY.parents[2]
KILLED = -signal.SIGKILL
RUNS = "The assistant runs at"
_IN_HAND = "SELECT kind FROM notice WHERE lease_until IS NOT NULL"
_OPEN = (
    "SELECT 'leg', kind || ' ' || state FROM leg WHERE due_at IS NOT NULL OR lease_until IS NOT NULL",
    "SELECT 'notice', kind || ' ' || state FROM notice WHERE due_at IS NOT NULL OR lease_until IS NOT NULL",
    "SELECT 'update', state FROM update_received WHERE due_at IS NOT NULL OR lease_until IS NOT NULL",
    "SELECT 'callback', coalesce(outcome, 'new') FROM callback_received WHERE due_at IS NOT NULL",
    "SELECT 'dialogue', question FROM dialogue WHERE due_at IS NOT NULL",
)


class Nursery:
    """The process that assistants are forked from (`nursery.py`). It serves event loops that come and go."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(NURSERY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        self._born: deque[Future[tuple[int, Future[int]]]] = deque()
        self._ends: dict[int, Future[int]] = {}
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", "the assistant cannot be imported: see standard error"
        self._listener = threading.Thread(target=self._listen, name="nursery", daemon=True)
        self._listener.start()

    async def bear(self, life: Mapping[str, object]) -> tuple[int, Future[int]]:
        """A child's process id, and its exit code to come (negative: the signal that ended it)."""
        assert self._process.stdin is not None
        born: Future[tuple[int, Future[int]]] = Future()
        self._born.append(born)
        self._process.stdin.write(json.dumps(life) + "\n")
        return await asyncio.shield(asyncio.wrap_future(born))

    def close(self) -> None:
        """End it, and all its children."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._listener.join()
        self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            match line.split():
                case ["started", child]:
                    self._ends[int(child)] = Future()
                    self._born.popleft().set_result((int(child), self._ends[int(child)]))
                case ["ended", child, code]:
                    self._ends.pop(int(child)).set_result(int(code))


@dataclass(frozen=True, slots=True)
class Step:
    """Kill at a write, by its name (`nursery.py` tells how they are made): before its commit, or after it."""

    name: str
    when: Literal["before", "after"]

    def __str__(self) -> str:
        return f"{self.when} {self.name}"


@dataclass(frozen=True, slots=True)
class Call:
    """Kill at a call to the world: `lost` on its way there, or `done` there while its answer is lost.

    `says`: what must stand in the request, or in the answer where it is done. `pause`: seconds before the kill.
    """

    path: str
    when: Literal["lost", "done"]
    says: str = ""
    method: str = "POST"
    pause: float = 0

    def __str__(self) -> str:
        return f"{self.path.strip('/$')} {self.says.replace('+', ' ')} {self.when}".replace("  ", " ")


Point = Step | Call


class Executioner:
    """The world's door: it kills who makes the call that was pointed out, once.

    `victims` are process ids by the name under which they call this machine, so that two can be told apart.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.point: Call | None = None
        self.victims: dict[str, int] = {}
        self.killed: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        point = self.point
        if (
            point is None
            or scope["type"] != "http"
            or scope["method"] != point.method
            or not re.search(point.path, scope["path"])
        ):
            await self._app(scope, receive, send)
            return
        body = await _whole(receive)
        caller = (URL(scope=scope).hostname or "").strip("[]")
        if point.when == "lost":
            if point.says.encode() in body and await self._kill(caller):
                return
            await self._app(scope, _again(body, receive), send)
            return
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, _again(body, receive), keep)
        said = body + b"".join(message.get("body", b"") for message in answer)
        if point.says.encode() in said and await self._kill(caller):
            return
        for message in answer:
            await send(message)

    async def _kill(self, caller: str) -> bool:
        point, victim = self.point, self.victims.get(caller)
        if point is None or victim is None:
            return False
        self.point = None
        await asyncio.sleep(point.pause)
        os.kill(victim, signal.SIGKILL)
        self.killed.append(victim)
        return True


async def _whole(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


@dataclass
class Process:
    """The assistant as a process. Where `point` says so it is killed, and if it `rises` it is started again."""

    nursery: Nursery
    folder: Path
    environment: dict[str, str]
    door: Executioner
    point: Point | None = None
    rises: bool = True
    exits: list[int] = field(default_factory=list)
    saying: frozenset[str] = frozenset()  # kinds of the notices that it had in hand when it was killed
    pid: int | None = None
    _keeper: asyncio.Task[int] | None = None
    _earlier: int = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Process"]:
        """It runs inside this block, and is asked to stop at the end unless it was already."""
        self._earlier = len(self.log)
        self._keeper = asyncio.create_task(self._keep())
        try:
            await until(lambda: RUNS in self.log or self.ended, 30, lambda: f"it does not start: {self.log}")
            assert RUNS in self.log, self.log
            yield self
        finally:
            if not self._keeper.done():
                self.signal(signal.SIGKILL)
                self._keeper.cancel()
                await asyncio.gather(self._keeper, return_exceptions=True)

    async def stops(self, number: int = signal.SIGTERM, within: float = 30) -> int:
        """Ask it to stop; its exit code."""
        assert self._keeper is not None
        self.signal(number)
        return await asyncio.wait_for(self._keeper, within)

    async def at_work(self) -> None:
        """Wait until it was killed, where it should be, and is back."""
        if self.point is not None:
            await until(lambda: KILLED in self.exits, 30, lambda: f"it never came to {self.point}: {self.steps}")
        await self.back()

    async def back(self) -> None:
        """Wait until it has said that it runs as often as it was started."""
        await until(lambda: self.log.count(RUNS) > len(self.exits), 30, lambda: f"it does not start: {self.log}")

    def signal(self, number: int) -> None:
        """Send a signal to the process as it is now; nothing when it is not there."""
        if self.pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    @property
    def books(self) -> "Books":
        """Its database, where that is a file."""
        return books_of(self.environment)

    @property
    def ended(self) -> bool:
        """Whether it is gone for good."""
        return self._keeper is None or self._keeper.done()

    @property
    def called(self) -> str:
        """The name under which it calls the provider."""
        return urlsplit(self.environment["KOTANI_BASE_URL"]).hostname or ""

    @property
    def log(self) -> str:
        """Everything that it wrote to its standard output and error in this block."""
        path = self.folder / "log"
        return path.read_text()[self._earlier :] if path.exists() else ""

    @property
    def steps(self) -> list[str]:
        """The names of the writes that were committed, in order."""
        return (self.folder / "steps").read_text().splitlines()

    async def _keep(self) -> int:
        step = self.point if isinstance(self.point, Step) else None
        if isinstance(self.point, Call):
            self.door.point = self.point
        while True:
            self.pid, end = await self.nursery.bear(
                {
                    "folder": str(self.folder),
                    "log": str(self.folder / "log"),
                    "steps": str(self.folder / "steps"),
                    "environment": self.environment,
                    "kill": [step.name, step.when] if step is not None else None,
                }
            )
            self.door.victims[self.called] = self.pid
            code = await asyncio.shield(asyncio.wrap_future(end))
            self.pid = None
            del self.door.victims[self.called]
            self.exits.append(code)
            if code != KILLED or not self.rises:
                return code
            step = None
            self.saying = frozenset(kind for (kind,) in self.books.ask(_IN_HAND))


@dataclass(frozen=True, slots=True)
class Books:
    """The assistant's database, read from outside while it runs."""

    path: Path

    def ask(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()

    def open(self) -> list[tuple[str, str]]:
        """Everything that is still to be done."""
        return [row for query in _OPEN for row in self.ask(query)]

    async def quiet(self, within: float = 30) -> None:
        """Wait until nothing is to be done any more."""
        await until(lambda: not self.open(), within, lambda: f"still to be done: {self.open()}")


def books_of(environment: Mapping[str, str]) -> Books:
    """The SQLite file that these settings name."""
    path = make_url(environment["DATABASE_URL"]).database
    assert path is not None
    return Books(Path(path))


async def until(fact: Callable[[], bool], within: float, otherwise: Callable[[], str]) -> None:
    """Wait for a fact that nobody announces."""
    end = time.monotonic() + within
    while not fact():
        assert time.monotonic() < end, otherwise()
        await asyncio.sleep(0.02)


def free_port() -> int:
    """A port of loopback that is free now; who starts once more can take it again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Outside:
    """The world outside, and the settings that lead to it."""

    world: World
    door: Executioner
    http: httpx.AsyncClient
    environment: dict[str, str]
    folder: Path

    @property
    def books(self) -> "Books":
        """The database of an assistant with these settings."""
        return books_of(self.environment)

    def process(self, nursery: Nursery, point: Point | None = None, *, rises: bool = True) -> Process:
        """An assistant, to be started."""
        return Process(nursery, self.folder, self.environment, self.door, point, rises)
