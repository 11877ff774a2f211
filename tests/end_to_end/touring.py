"""The tour as tests: a journey with the whole assistant between a Telegram and a provider, all over real HTTP."""

import contextlib
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta

import pytest

from bot.app import Assistant
from bot.demo import Demo
from bot.settings import Settings
from bot.telegram.pacing import Pace
from bot.tour.journeys import SETTINGS
from bot.tour.ledger import audit_ledger, house_payouts
from bot.tour.parts import Journey
from bot.tour.stage import Stage
from tests.conftest import ENGINES

from .books import check_books

BRISK = Pace(in_chat=timedelta(milliseconds=20), in_group=timedelta(milliseconds=20))


@contextlib.asynccontextmanager
async def assistant(settings: Settings) -> AsyncIterator[str]:
    """The assistant at work."""
    async with Assistant(settings, pace=BRISK).running() as address:
        yield address


async def travel(journey: Journey, demo: Demo, stage: Stage) -> None:
    """Play a journey, then compare our records with the provider's."""
    async with assistant(demo.settings.model_copy(update=dict(SETTINGS.get(journey, {})))):
        await journey(stage)
        await stage.audit(await house_payouts(demo.settings))
        await audit_ledger(stage, demo.settings)
    await check_books(demo.settings, demo.world.kotani)


def each(journeys: Iterable[tuple[str, Journey]]) -> pytest.MarkDecorator:
    """A test for each of these: the first on both databases, the others on one and the other in turn."""
    played = [journey for _, journey in journeys]
    turns = [(journey, ENGINES[number % 2]) for number, journey in enumerate(played)] + [(played[0], ENGINES[1])]
    return pytest.mark.parametrize(
        ("journey", "database_url"),
        turns,
        indirect=["database_url"],
        ids=[f"{engine}-{journey.__name__}" for journey, engine in turns],
    )
