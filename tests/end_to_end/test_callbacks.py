"""The journey ends well whether callbacks come never, three times each, or in reverse."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.app import Assistant
from bot.payments.schedule import Patience
from bot.settings import read_settings
from bot.telegram.pacing import Pace
from bot.tour.customer import Customer

from .crashing import Outside
from .test_crashes import buys, cards

BRISK = Pace(in_chat=timedelta(milliseconds=20))
LOOKS_OFTEN = Patience(poll_steps=((200, timedelta(milliseconds=100)),), call_deadline=timedelta(seconds=2))


@pytest.fixture(autouse=True)
def environment(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in outside.environment.items():
        monkeypatch.setenv(name, value)


@contextlib.asynccontextmanager
async def assistant(patience: Patience | None = None) -> AsyncIterator[None]:
    """The assistant at work."""
    async with Assistant(read_settings(None), pace=BRISK, patience=patience).running():
        yield


async def told_once(outside: Outside, jane: Customer) -> None:
    await jane.sees("USDC delivered", rings=True)
    assert await outside.world.kotani.callbacks.idle(20)
    await outside.books.quiet()
    await jane.refresh()
    assert jane.count("USDC delivered") == 1
    assert [card.endswith("✓ Done") for card in cards(jane)] == [True]
    assert len(outside.world.kotani.register.all) == 1
    assert outside.books.ask("SELECT state FROM payment") == [("completed",)]
    assert outside.books.ask("SELECT concern FROM attention_case") == []


async def test_none_ever_comes(outside: Outside, jane: Customer) -> None:
    outside.world.kotani.configure(callback_mode="none")

    async with assistant(LOOKS_OFTEN):
        await buys(jane)
        await told_once(outside, jane)


async def test_each_comes_three_times(outside: Outside, jane: Customer) -> None:
    outside.world.kotani.configure(callback_duplicates=2)

    async with assistant():
        await buys(jane)
        await told_once(outside, jane)


async def test_they_come_in_reverse(outside: Outside, jane: Customer) -> None:
    kotani = outside.world.kotani
    kotani.configure(callback_mode="hold")

    async with assistant():
        await buys(jane)
        (order,) = kotani.register.all
        await kotani.until(lambda: order.final())
        assert kotani.release("reversed") > 2
        await told_once(outside, jane)


async def test_they_come_once_more_when_all_is_over(outside: Outside, jane: Customer) -> None:
    async with assistant():
        await buys(jane)
        await told_once(outside, jane)
        (order,) = outside.world.kotani.register.all
        assert outside.world.kotani.repeat(order.reference, 3) > 8
        await told_once(outside, jane)
