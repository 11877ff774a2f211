"""Told to stop with work in flight: it leaves cleanly and soon, and nothing is lost or done twice after the next start."""

import asyncio
import signal
import time

import pytest

from bot.simulator.faults import Match, Rule
from bot.tour.customer import Customer

from .crashing import Nursery, Outside, until
from .test_crashes import buys, ends_well


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize("operation", ["rate.onramp", "onramp.create", "sendPhoto"])
async def test_it_stops_cleanly_with_a_call_in_flight(
    outside: Outside, jane: Customer, nursery: Nursery, operation: str, number: signal.Signals
) -> None:
    world = outside.world.telegram if operation == "sendPhoto" else outside.world.kotani
    slow = world.inject(Rule(action="delay", match=Match(operation=operation), seconds=0.5, after=True))

    async with outside.process(nursery).running() as process:
        customer = asyncio.create_task(buys(jane))
        await until(lambda: slow.met > 0, 10, lambda: process.log)
        began = time.monotonic()
        assert await process.stops(number) == 0
        assert time.monotonic() - began < 5
        assert "Traceback" not in process.log
    async with outside.process(nursery).running() as process:
        await customer
        await jane.sees("USDC delivered", within=40, rings=True)
        await ends_well(outside, jane, process)

    assert jane.count("USDC delivered") == 1
    (order,) = outside.world.kotani.register.all
    assert outside.world.kotani.creates(order.reference).attempted == 1


async def test_a_provider_that_never_answers_does_not_hold_the_end_up(
    outside: Outside, jane: Customer, nursery: Nursery
) -> None:
    silent = outside.world.kotani.inject(Rule(action="timeout", match=Match(operation="onramp.create"), processed=True))

    async with outside.process(nursery).running() as process:
        customer = asyncio.create_task(buys(jane))
        await until(lambda: silent.met > 0, 10, lambda: process.log)
        assert await process.stops() == 0
        assert "Traceback" not in process.log
    async with outside.process(nursery).running() as process:
        await customer
        await jane.sees("USDC delivered", within=40, rings=True)
        await ends_well(outside, jane, process)

    assert jane.count("USDC delivered") == 1
