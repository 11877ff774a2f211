"""Sales, from one line to the money on a phone or in a till, or the crypto back in the wallet; once on each database."""

from bot.demo import Demo
from bot.tour.parts import Journey
from bot.tour.selling import SELLING
from bot.tour.stage import Stage

from .touring import each, travel


@each(SELLING)
async def test_journey(journey: Journey, demo: Demo, stage: Stage) -> None:
    await travel(journey, demo, stage)
