"""The demonstration: without credentials the outside world is simulated on loopback, in this process, and starts empty.

Only addresses and keys differ from the real thing; the assistant is built from these settings like from any other. They
are made anew at each start, and so is the world: a database whose customers it does not know is refused.
"""

import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr
from sqlalchemy import make_url

from bot import log
from bot.settings import Settings, SettingsRefused
from bot.simulator.kotani import KotaniWorld
from bot.simulator.kotani import Settings as KotaniSettings
from bot.simulator.serving import served
from bot.simulator.telegram import Settings as TelegramSettings
from bot.simulator.telegram import TelegramWorld
from bot.simulator.world import Credentials, World, create_app
from storage.customers import anybody_yet
from storage.database import Database

ABOVE: Final = 10  # the page's port lies so far above the assistant's: 8090 beside 8080
_PORTS: Final = 65_536
USED = (
    "DATABASE_URL: has customers already, and a demonstration starts empty, with keys and a Telegram that do not know "
    "them; remove the file or name another one, or keep both by running `python -m bot simulate` beside an assistant "
    "with a .env of its own (README.md, Crash it)"
)


@dataclass(frozen=True, slots=True)
class Demo:
    """A simulated world that is being served at `address`, and settings that lead to it.

    `wanted` are the ports that the world and the assistant should have had.
    """

    world: World
    address: str
    settings: Settings
    wanted: tuple[int, int]

    def welcome(self, assistant: str) -> str:
        """What to print once everything runs."""
        replaced = zip(self.wanted, (_port(self.address), _port(assistant)), strict=True)
        return "\n".join(
            (
                "",
                *(
                    f"  Port {port} is taken, using {other} instead."
                    for port, other in replaced
                    if port not in {0, other}
                ),
                "  ┌──────────────────────────────────────────────────────────────┐",
                "  │  DEMONSTRATION: no real money, no real Telegram              │",
                "  │  Everything is simulated on this machine and starts empty.   │",
                "  └──────────────────────────────────────────────────────────────┘",
                "",
                f"  Talk to the assistant:  {self.address}/",
                f"  Its own web server:     {assistant}/health/ready",
                "",
                "  Set TELEGRAM_TOKEN and KOTANI_API_KEY in .env for the real ones. Ctrl-C stops it.",
                "",
            )
        )


class _DemoSettings(Settings):
    """Settings that name keys, of a simulated world, and are still those of a demonstration."""

    @property
    def is_demo(self) -> bool:
        return True


@contextlib.asynccontextmanager
async def demonstration(settings: Settings, *, port: int | None = None) -> AsyncIterator[Demo]:
    """Serve a simulated world. Ports that are taken are replaced by free ones, so that a demonstration always starts.

    Without a `port` it is `page_port`.

    Raises `SettingsRefused` for a database of its own that has customers, and what `Database.migrate` raises.
    """
    if settings.starts_empty:
        _remove(settings)
    else:
        await _refuse_used(settings)
    port = page_port(settings.port) if port is None else port
    known = Credentials()
    world = World(
        kotani=KotaniWorld(settings=KotaniSettings(api_keys=[known.api_key], webhook_secret=known.webhook_secret)),
        telegram=TelegramWorld(settings=TelegramSettings(token=known.token, limits="on")),
    )
    made = {
        "telegram_token": SecretStr(known.token),
        "telegram_mode": "polling",
        "kotani_api_key": SecretStr(known.api_key),
        "kotani_webhook_secret": SecretStr(known.webhook_secret),
        "public_url": None,
        "port": _free(settings.port),
    }
    given = _DemoSettings.model_construct(**{**dict(settings), **made})
    log.hide(given.secret_texts())
    async with served(create_app(world), _free(port)) as address:
        found = given.model_copy(update={"telegram_base_url": address, "kotani_base_url": address})
        yield Demo(world, address, found, wanted=(port, settings.port))


def page_port(port: int) -> int:
    """Where the page is served beside an assistant at `port`; 0, any free one, beside one that takes any, too."""
    return port + ABOVE if port and port + ABOVE < _PORTS else 0


async def _refuse_used(settings: Settings) -> None:
    database = Database(settings.database_url.get_secret_value())
    await database.migrate()
    if await database.look(anybody_yet):
        raise SettingsRefused((USED,))


def _port(address: str) -> int:
    return urlsplit(address).port or 0


def _free(port: int) -> int:
    """The port, or 0 for any other when somebody listens on it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def _remove(settings: Settings) -> None:
    database = make_url(settings.database_url.get_secret_value()).database
    assert database is not None
    for ending in ("", "-wal", "-shm"):
        Path(database + ending).unlink(missing_ok=True)
