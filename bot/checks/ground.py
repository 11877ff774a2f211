"""What the checks stand on: settings, a client for the provider, one for everything else, and ways into the database.

The client is one of our own, without the assistant's observers: what a check finds refused is a finding, and must not
open cases or close services.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx
from sqlmodel import Session

from bot import setting_rules
from bot.engine.clock import Clock, utc_now
from bot.kotani.client import Kotani
from bot.kotani.results import SupportedCountry, Wallet
from bot.setting_rules import is_loopback
from bot.settings import Settings
from bot.web.callbacks import PATH as CALLBACK_PATH

T = TypeVar("T")

SECONDS = 8.0  # for one call to anybody but the provider


class Look(Protocol):
    """How the database is read: inside the assistant or beside it."""

    async def __call__(self, work: Callable[[Session], T], /) -> T:
        """What `work` finds. Raises `StorageError`."""
        ...


class Once(Generic[T]):
    """Something that several checks want to know, and that is asked for once."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asked: asyncio.Future[T] | None = None

    async def __call__(self) -> T:
        """The answer, or the error that there was instead."""
        if self._asked is None:
            self._asked = asyncio.ensure_future(self._ask())
        return await asyncio.shield(self._asked)


@dataclass(frozen=True, slots=True)
class Ground:
    """One run of the checks. `address` is where the assistant's web server is at work on this machine; None: it is not.

    `known` are the provider's hosts by environment.
    """

    settings: Settings
    look: Look
    kotani: Kotani
    http: httpx.AsyncClient
    clock: Clock
    wallets: Once[tuple[Wallet, ...]]
    collecting: Once[tuple[SupportedCountry, ...]]
    paying_out: Once[tuple[SupportedCountry, ...]]
    address: str | None = None
    known: Mapping[str, Sequence[str]] = field(default_factory=lambda: setting_rules.KOTANI_ADDRESSES)

    @property
    def in_production(self) -> bool:
        """Whether real money is moved."""
        return self.settings.kotani_environment == "production"

    @property
    def beside_provider(self) -> bool:
        """Whether the provider is a simulated one on this machine, which reaches us here."""
        return is_loopback(urlsplit(self.settings.kotani_base_url).hostname or "")

    @property
    def callback_base(self) -> str | None:
        """Where the provider reaches us, as far as is known; paths are added to it."""
        if self.settings.public_url is not None:
            return self.settings.public_url
        return self.address if self.beside_provider else None

    @property
    def webhook_url(self) -> str | None:
        """What is set at the provider as the address of all callbacks."""
        return None if self.callback_base is None else f"{self.callback_base}{CALLBACK_PATH}/webhook"


def client(settings: Settings, *, base_url: str | None = None) -> Kotani:
    """A client of the provider's that nobody listens to."""
    assert settings.kotani_api_key is not None
    secret = settings.kotani_api_secret
    return Kotani(
        base_url=base_url or settings.kotani_base_url,
        api_key=settings.kotani_api_key.get_secret_value(),
        api_secret=None if secret is None else secret.get_secret_value(),
        deadline=min(settings.kotani_timeout_seconds, SECONDS),
    )


@contextlib.asynccontextmanager
async def prepared(
    settings: Settings,
    look: Look,
    *,
    clock: Clock = utc_now,
    address: str | None = None,
) -> AsyncIterator[Ground]:
    """The ground of one run, whose connections are closed at the end."""
    async with (
        client(settings) as kotani,
        httpx.AsyncClient(trust_env=False, timeout=SECONDS, follow_redirects=False) as http,
    ):
        yield Ground(
            settings,
            look,
            kotani,
            http,
            clock,
            wallets=Once(kotani.wallets),
            collecting=Once(lambda: kotani.countries("DEPOSIT")),
            paying_out=Once(lambda: kotani.countries("WITHDRAW")),
            address=address,
        )
