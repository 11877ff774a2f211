"""An emulated Telegram Bot API on loopback, as strict as Telegram, with people to talk to the bot.

`TelegramWorld` is the world behind it; `routes(world)` serves it. Written from the Bot API's documentation, and sharing
no code with the assistant.
"""

from bot.simulator.faults import Match, Rule
from bot.simulator.telegram.people import NotPossible
from bot.simulator.telegram.records import Chat, Message, Person
from bot.simulator.telegram.server import create_app, routes
from bot.simulator.telegram.settings import Settings
from bot.simulator.telegram.world import Call, TelegramWorld

__all__ = [
    "Call",
    "Chat",
    "Match",
    "Message",
    "NotPossible",
    "Person",
    "Rule",
    "Settings",
    "TelegramWorld",
    "create_app",
    "routes",
]
