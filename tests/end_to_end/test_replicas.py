"""Two replicas on one PostgreSQL that are told everything twice: one order and one outcome, also when one is killed.

Telegram and the provider deliver to an address behind which both replicas get every request at the same time, both tick,
and either may do any step. Replicas are processes; they are told apart by the name under which they call the provider.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.simulator.loopback import loopback_client
from bot.simulator.serving import served
from bot.tour.customer import Customer

from .conftest import introduce_jane, outside_of
from .crashing import KILLED, Call, Nursery, Outside, Process, free_port, until
from .test_crashes import cards

OPEN = (
    "SELECT kind || ' ' || state FROM leg WHERE due_at IS NOT NULL"
    " UNION ALL SELECT kind || ' ' || state FROM notice WHERE due_at IS NOT NULL"
    " UNION ALL SELECT state FROM update_received WHERE due_at IS NOT NULL"
    " UNION ALL SELECT coalesce(outcome, 'new') FROM callback_received WHERE due_at IS NOT NULL"
)


@pytest.fixture
async def outside(postgres_url: str, tmp_path: Path, keys: Mapping[str, str]) -> AsyncIterator[Outside]:
    """The world outside, and a database for several."""
    await introduce_jane(postgres_url, keys)
    async with outside_of(postgres_url, tmp_path, keys) as outside:
        yield outside


@dataclass
class Replicas:
    """Both, and their database."""

    outside: Outside
    both: tuple[Process, Process]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        url = self.outside.environment["DATABASE_URL"].replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    async def end_well(self, jane: Customer, *, within: float = 30) -> None:
        """Let it go quiet; one order, one outcome, one card that is final, and nobody is needed."""
        kotani = self.outside.world.kotani
        assert await kotani.callbacks.idle(20)
        await until(lambda: not self.ask(OPEN), within, lambda: f"still to be done: {self.ask(OPEN)}")
        await jane.refresh()
        for process in self.both:
            if not process.ended:
                assert await process.stops() == 0
            assert "Traceback" not in process.log
        (order,) = kotani.register.all
        assert kotani.creates(order.reference).accepted == 1
        assert self.ask("SELECT state FROM payment") == [("completed",)]
        assert self.ask("SELECT * FROM attention_case") == []
        assert [now for (now,) in self.ask("SELECT to_state FROM leg_event ORDER BY id")][-2:] == [
            "collected",
            "succeeded",
        ]
        assert jane.count("USDC delivered") == 1
        assert [card.endswith("✓ Done") for card in cards(jane)] == [True]


@pytest.fixture
async def replicas(outside: Outside, nursery: Nursery) -> AsyncIterator[Replicas]:
    """Two at work, with calls that may take a second, so that their leases end soon."""
    ports = (free_port(), free_port())
    async with everybody(ports) as front:
        both = []
        for number, port in enumerate(ports):
            folder = outside.folder / str(number)
            folder.mkdir()
            address = outside.environment["KOTANI_BASE_URL"]
            changes = {
                "KOTANI_BASE_URL": address if number == 0 else address.replace("127.0.0.1", "localhost"),
                "KOTANI_TIMEOUT_SECONDS": "1",
                "TELEGRAM_MODE": "webhook",
                "TELEGRAM_WEBHOOK_SECRET": "a-webhook-secret-of-the-tests",
                "PUBLIC_URL": front,
                "PORT": str(port),
            }
            part = replace(outside, folder=folder, environment=outside.environment | changes)
            both.append(part.process(nursery, rises=False))
        async with both[0].running(), both[1].running():
            yield Replicas(outside, (both[0], both[1]))


@contextlib.asynccontextmanager
async def everybody(ports: tuple[int, ...]) -> AsyncIterator[str]:
    """An address at which every request reaches all, at the same time; refused only when none of them takes it."""
    client = loopback_client()

    async def give(request: Request) -> Response:
        body = await request.body()
        path = request.url.path
        headers = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
        answers = await asyncio.gather(
            *(client.post(f"http://127.0.0.1:{port}{path}", content=body, headers=headers) for port in ports),
            return_exceptions=True,
        )
        codes = [answer.status_code for answer in answers if isinstance(answer, httpx.Response)]
        return Response(status_code=min(codes, default=503))

    async with client, served(Starlette(routes=[Route("/{path:path}", give, methods=["POST"])])) as address:
        yield address


async def test_what_reaches_both_happens_once(replicas: Replicas, jane: Customer) -> None:
    await jane.says("buy 10 usdc on base")
    await jane.taps("0x5aAe")
    await jane.taps("Confirm", times=2)
    await jane.approves()
    await jane.sees("USDC delivered", rings=True)

    await replicas.end_well(jane)
    assert [process.exits for process in replicas.both] == [[0], [0]]


@pytest.mark.parametrize("when", ["lost", "done"])
async def test_the_other_finishes_what_the_killed_one_began(replicas: Replicas, jane: Customer, when: Any) -> None:
    door = replicas.outside.door
    door.point = Call("/v3/onramp$", when, pause=0.3)  # by then nothing else is in its hands

    await jane.says("buy 10 usdc on base")
    await jane.taps("0x5aAe")
    await jane.taps("Confirm")
    await until(lambda: bool(door.killed), 10, lambda: "no order was placed")
    await jane.approves()
    await jane.sees("USDC delivered", within=40, rings=True)

    await replicas.end_well(jane)
    assert sorted(process.exits for process in replicas.both) == [[KILLED], [0]]
