"""Contacts that become recipients, and codes in photographs, with the pictures fetched over HTTP."""

from bot.demo import Demo
from bot.tour.parts import Journey
from bot.tour.people import PEOPLE
from bot.tour.stage import Stage

from .touring import each, travel


@each(PEOPLE)
async def test_journey(journey: Journey, demo: Demo, stage: Stage) -> None:
    await travel(journey, demo, stage)
