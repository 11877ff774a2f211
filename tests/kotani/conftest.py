"""The simulated provider on a real port, our client in front of it, and real JavaScript for what only that can say."""

import json
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
import stamina
import uvicorn
from playwright._impl._driver import compute_driver_executable

from bot.kotani.client import Kotani
from bot.simulator.kotani import KotaniWorld, Settings, create_app

KEY = "test-key"


@pytest.fixture(autouse=True)
def _no_pauses() -> Iterator[None]:
    """Reads are tried as often as ever, without the pauses in between."""
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)


class Node:
    """A JavaScript process that answers one line for each line: see `node.js` beside this file."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, question: dict[str, object]) -> dict[str, str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, str] = json.loads(self._process.stdout.readline())
        return answer

    def callback(self, source: str, secret: str = "whsec_test") -> dict[str, str]:
        """The body that JavaScript sends for `{event, data}` given as JSON text, and its signature header."""
        return self.ask({"callback": source, "secret": secret})


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    program, _ = compute_driver_executable()  # playwright brings a Node.js of its own
    with subprocess.Popen(
        [program, str(Path(__file__).with_name("node.js"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        yield Node(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def world() -> KotaniWorld:
    return KotaniWorld(settings=Settings())


@pytest.fixture
async def provider(world: KotaniWorld) -> AsyncIterator[str]:
    """The address of the simulated provider; time passes by `world.advance` and, slowly, by itself."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(world), log_config=None, timeout_graceful_shutdown=1)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listening])
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    await server.shutdown(sockets=[listening])


@pytest.fixture
async def kotani(provider: str) -> AsyncIterator[Kotani]:
    async with Kotani(base_url=provider, api_key=KEY) as kotani:
        yield kotani


Answering = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def answered() -> Callable[..., Kotani]:
    """A client whose provider is a function from requests to answers."""

    def make(answer: Answering, **settings: object) -> Kotani:
        return Kotani(
            base_url="https://provider.example",
            api_key=KEY,
            transport=httpx.MockTransport(answer),
            **settings,  # type: ignore[arg-type]
        )

    return make
