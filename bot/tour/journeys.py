"""All journeys of the tour, in the order in which they are told, and the settings of those that need some of their own."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.tour.buying import BUYING
from bot.tour.operating import OPERATING, TEAM
from bot.tour.parts import Journey
from bot.tour.people import PEOPLE
from bot.tour.requesting import REQUESTING
from bot.tour.selling import SELLING
from bot.tour.sending import SENDING

JOURNEYS: Final[tuple[tuple[str, Journey], ...]] = (
    *BUYING,
    *SELLING,
    *SENDING,
    *REQUESTING,
    *PEOPLE,
    *OPERATING,
)
# what is set otherwise than for a demonstration
SETTINGS: Final[Mapping[Journey, Mapping[str, str]]] = MappingProxyType({journey: TEAM for _, journey in OPERATING})
