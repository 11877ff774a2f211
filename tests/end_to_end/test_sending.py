"""Money that is sent, across the street and across a border, stopped, declined or paid back; once on each database."""

from bot.demo import Demo
from bot.tour.parts import Journey
from bot.tour.sending import SENDING
from bot.tour.stage import Stage

from .touring import each, travel


@each(SENDING)
async def test_journey(journey: Journey, demo: Demo, stage: Stage) -> None:
    await travel(journey, demo, stage)
