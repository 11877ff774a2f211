"""A simulated Kotani Pay on loopback, read from the provider's documentation and from nothing of the assistant's.

`KotaniWorld` is the provider; `routes(world)` serves it. Because the assistant's client and this package share no
code, a mistake in either shows as a difference between them.
"""

from bot.simulator.clock import WorldClock
from bot.simulator.faults import Match, Rule
from bot.simulator.kotani.phones import Choice
from bot.simulator.kotani.server import create_app, routes
from bot.simulator.kotani.settings import Settings
from bot.simulator.kotani.world import KotaniWorld

__all__ = ["Choice", "KotaniWorld", "Match", "Rule", "Settings", "WorldClock", "create_app", "routes"]
