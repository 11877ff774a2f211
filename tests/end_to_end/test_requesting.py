"""Money that is asked for: by link, inline and in a group, paid by strangers and by many at once; once on each database."""

from bot.demo import Demo
from bot.tour.parts import Journey
from bot.tour.requesting import REQUESTING
from bot.tour.stage import Stage

from .touring import each, travel


@each(REQUESTING)
async def test_journey(journey: Journey, demo: Demo, stage: Stage) -> None:
    await travel(journey, demo, stage)
