"""The whole assistant as a process, against a simulated world that is another: its start, its memory, how fast it tells.

The provider's callbacks are sent from here, so that the moment of each is known, and each purchase is finished alone on
an otherwise idle assistant.
"""

import asyncio
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from bot.settings import fresh_keys
from bot.simulator.world import Credentials
from bot.tour.customer import Customer
from bot.tour.parts import asks_for, completed
from tests.benchmarks.load import Load, drive
from tests.benchmarks.processes import alive, free_port, listening, memory, python
from tests.benchmarks.receiving import CONNECTIONS, signed, signed_callback

STARTS = 3
CALLBACKS = 20_000
PURCHASES = 26
QUIET_SECONDS = 1.5  # a chat is written to once a second; a purchase ends longer after its last message than that
_DONE = '{{"referenceId":"{}","status":"SUCCESSFUL","depositStatus":"SUCCESSFUL","onchainStatus":"SUCCESSFUL"}}'


@dataclass(frozen=True, slots=True)
class Whole:
    """Seconds and megabytes. `told` is from sending a callback to the message standing in the customer's chat."""

    start: float
    idle_memory: float
    memory: float
    told: list[float]
    load: Load

    @property
    def told_median(self) -> float:
        """The median, in seconds."""
        return statistics.median(self.told)

    @property
    def told_worst(self) -> float:
        """The slowest of all, in seconds."""
        return max(self.told)


async def measure(folder: Path) -> Whole:
    """Start it a few times on new databases, and use the last one."""
    port, known = free_port(), Credentials()
    address = f"http://127.0.0.1:{port}"
    given = ("--token", known.token, "--api-key", known.api_key, "--webhook-secret", known.webhook_secret)
    async with (
        python("-m", "bot", "simulate", "--port", str(port), *given) as world,
        httpx.AsyncClient(base_url=address, trust_env=False) as http,
    ):
        await listening(world, port)
        (await http.patch("/_control/kotani/config", json={"callback_mode": "none"})).raise_for_status()
        secret = known.webhook_secret.encode()
        starts: list[float] = []
        for number in range(STARTS):
            file = folder / f"assistant-{number}.db"
            began = time.perf_counter()
            environment = _environment(known.settings(address), file)
            async with python("-m", "tests.benchmarks.production", "run", environment=environment) as assistant:
                ours = int(environment["PORT"])
                async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ours}", trust_env=False) as health:
                    starts.append(await _ready(assistant, health, began))
                    if number < STARTS - 1:
                        continue
                    idle = memory(assistant)
                    told = await _purchases(http, ours, secret)
                    load = await drive(
                        ours, partial(signed, secret=secret), connections=CONNECTIONS, requests=CALLBACKS
                    )
                    await _all_applied(health)
                    return Whole(statistics.median(starts), idle, memory(assistant), told, load)
    raise AssertionError


def _environment(world: Mapping[str, str], file: Path) -> dict[str, str]:
    return {
        **fresh_keys(),
        **world,
        "DATABASE_URL": f"sqlite:///{file}",
        "PORT": str(free_port()),
        "LOG_LEVEL": "error",  # every callback of the load names no transaction, and each would be a line
    }


async def _ready(assistant: asyncio.subprocess.Process, health: httpx.AsyncClient, began: float) -> float:
    async with asyncio.timeout(30):
        while True:
            alive(assistant)
            try:
                if (await health.get("/health/ready")).status_code == httpx.codes.OK:
                    return time.perf_counter() - began
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.01)


async def _purchases(http: httpx.AsyncClient, port: int, secret: bytes) -> list[float]:
    """How long each customer waited for the news, from the moment the provider's callback was sent."""
    people = [
        await Customer.arrive(http, f"Amina {chr(65 + number)}chieng", f"+2547110{number:05}")
        for number in range(PURCHASES)
    ]
    await asyncio.gather(*(_until_the_prompt(person) for person in people))
    books = (await http.get("/_control/kotani/state")).json()
    references = {one["phone"]: one["reference"] for one in books["transactions"] if one["family"] == "onramp"}
    await asyncio.sleep(QUIET_SECONDS)
    told: list[float] = []
    for person in people:
        data = _DONE.format(references[person.phone])
        news = asyncio.create_task(completed(person))
        await asyncio.sleep(0.05)
        began = time.perf_counter()
        load = await drive(port, lambda _, data=data: signed_callback(data, secret), connections=1, requests=1)  # type: ignore[misc]
        await news
        told.append(time.perf_counter() - began)
        if load.errors:
            raise SystemExit("a callback of a purchase was not taken")
    return told


async def _until_the_prompt(person: Customer) -> None:
    await asks_for(person, "buy 20 usdc on base", name=person.name)
    await person.sees("You receive 20 USDC", within=30)
    await person.taps("Confirm")
    await person.sees("Approve on your phone", within=30)
    await person.prompt(within=30)


async def _all_applied(health: httpx.AsyncClient, within: float = 60.0) -> None:
    """Wait until no stored callback waits any more: it is counted every ten seconds."""
    async with asyncio.timeout(within):
        while True:
            await asyncio.sleep(10.5)
            lines = (await health.get("/metrics")).text.splitlines()
            if 'assistant_waiting{what="callbacks"} 0.0' in lines:
                return
