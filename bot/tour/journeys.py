"""All journeys of the tour, in the order in which they are told."""

from typing import Final

from bot.tour.buying import BUYING
from bot.tour.parts import Journey
from bot.tour.people import PEOPLE
from bot.tour.requesting import REQUESTING
from bot.tour.selling import SELLING
from bot.tour.sending import SENDING

JOURNEYS: Final[tuple[tuple[str, Journey], ...]] = (*BUYING, *SELLING, *SENDING, *REQUESTING, *PEOPLE)
