"""The composition root: every part of the assistant is built here, from the settings, and nowhere else.

`Assistant` is one process: a web server, the provider's client, the engine, and the Telegram side, on one event loop.
Against the simulator it is the same object with other addresses.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from subprocess import Popen
from urllib.parse import urlsplit

import httpx
import structlog
from sqlalchemy import make_url
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from bot.beginning import check_ready, introduce, introduce_operators
from bot.calling import Calling
from bot.chat import Parts, build_desk, build_services
from bot.crew import Crew, money_workers, talking_workers
from bot.engine.clock import Clock, utc_now
from bot.engine.inbox import Inbox
from bot.engine.intake import CallbackIntake
from bot.engine.looking import Payments
from bot.engine.operators.pausing import Pauses
from bot.engine.operators.pulse import Pulse
from bot.engine.operators.roles import Operators
from bot.engine.operators.tariffs import Tariffs
from bot.engine.operators.vigilance import Vigilance
from bot.engine.outbox import Outbox
from bot.engine.places import Places
from bot.engine.requests import Requests
from bot.engine.standing import Standing
from bot.engine.wakes import Wakes
from bot.engine.workers import Staff
from bot.inspector import Inspector
from bot.kotani.client import Kotani
from bot.measures import Measures
from bot.memory import calm, thaw
from bot.payments.coverage import Coverage
from bot.payments.identifiers import new_id
from bot.payments.schedule import Patience
from bot.screens.links import https_on
from bot.settings import Settings, SettingsRefused
from bot.telegram import application as telegram
from bot.telegram.errors import TokenRefused
from bot.telegram.pacing import Pace
from bot.telegram.receiving import Poller
from bot.telegram.tidying import tidy
from bot.ticks import ticking
from bot.web.callbacks import PATH as CALLBACK_PATH
from bot.web.callbacks import CallbackEndpoint
from bot.web.health import health_routes
from bot.web.server import serving
from bot.web.telegram import PATH as WEBHOOK_PATH
from bot.web.telegram import TelegramEndpoint
from handlers.operators.desk import Desk
from handlers.registry import ALLOWED_UPDATES, CONTEXT_TYPES, add_handlers
from storage.counts import backlog
from storage.database import Database
from storage.errors import StorageError, StorageUnavailable
from storage.leases import release_all

TICK_SECONDS = 1
COUNT_SECONDS = 10
TIDY_SECONDS = 3600
GRACE_SECONDS = 10.0
_log = structlog.get_logger(__name__)


class Assistant:
    """One process of the assistant. `running` starts it and, at the end of the block, stops it."""

    def __init__(
        self,
        settings: Settings,
        *,
        patience: Patience | None = None,
        pace: Pace | None = None,
        clock: Clock = utc_now,
        vigilance: Vigilance | None = None,
        migrating: Popen[bytes] | None = None,
    ) -> None:
        """`patience` and `pace` are how long we wait for the provider and how fast we speak, where not as usual.

        `clock` is the time by which quotes run out and work becomes due. `vigilance` is how closely it is watched.
        `migrating` is a process that brings the database up already.
        """
        self._settings = settings
        self._clock = clock
        self._migrating = migrating
        self._pace = pace
        self._chores: set[asyncio.Task[None]] = set()
        self._patience = patience or Patience(call_deadline=timedelta(seconds=settings.kotani_timeout_seconds))
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{new_id()[-10:]}"
        self._keyring = settings.keyring()
        self._wakes = Wakes()
        self._measures = Measures()
        self._trust = httpx.create_ssl_context(trust_env=False)  # one for all: each holds a megabyte of certificates
        self.database = Database(settings.database_url.get_secret_value())
        self._links = https_on(*settings.checkout_host_names, loopback=_is_loopback(settings.kotani_base_url))
        self._intake = CallbackIntake(self.database, self._keyring, self._clock, self._wakes)
        self._inbox = Inbox(self.database, self._keyring, self._clock, self._wakes)
        self._standing = Standing(self.database, clock, environment=settings.kotani_environment)
        self._tell_menu: Callable[[], None] = lambda: None  # once there is somebody to tell
        self._places = Places(
            self.database,
            clock,
            environment=settings.kotani_environment,
            changed=lambda: self._tell_menu(),  # noqa: PLW0108 - what it is now is replaced later
        )
        self._pulse = Pulse(clock)
        self._calling = Calling(settings, self.database, self._keyring, clock, self._wakes, vigilance)
        self._tell_operators: Callable[[Sequence[int] | None], None] = lambda _: None
        self._operators = Operators(
            self.database,
            self._keyring,
            clock,
            owners=settings.owner_ids,
            changed=lambda person: self._tell_operators([person]),
        )
        self._pauses = Pauses(
            self.database,
            clock,
            self._operators,
            changed=lambda: self._tell_menu(),  # noqa: PLW0108 - what it is now is replaced later
        )
        self._tariffs = Tariffs(
            self.database, clock, self._operators, limits=settings.payment_limits, fees=settings.payment_fees
        )
        self._payments = Payments(self.database, self._keyring, self._clock, self._wakes)
        self._requests = Requests(
            self.database,
            self._keyring,
            self._clock,
            self._wakes,
            environment=settings.kotani_environment,
            pages=settings.payment_pages,
        )
        self._outbox = Outbox(self._keyring, self._clock)
        self._staff: Staff | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """The address of the web server, once everything is at work.

        Raises `SettingsRefused` for credentials that are not accepted, `StorageError`, and `OSError` for a port in use.
        """
        async with contextlib.AsyncExitStack() as stack:
            await self.database.migrate(apart=True, begun=self._migrating)
            await self.database.start()
            stack.push_async_callback(self.database.stop)
            if self.database.dialect == "sqlite":
                await self.database.write(release_all)
            kotani = await stack.enter_async_context(self._provider())
            address = await stack.enter_async_context(serving(self._web(), self._settings.host, self._settings.port))
            application = telegram.build_application(
                _secret(self._settings.telegram_token),
                self._settings.telegram_base_url,
                context_types=CONTEXT_TYPES,
                trust=self._trust,
            )
            stack.push_async_callback(telegram.shutdown, application)
            await check_ready(self._settings, self.database, kotani, self._clock)
            await self._places.begin(kotani)
            await self._pauses.refresh()
            await self._tariffs.refresh()
            try:
                await telegram.initialize(application)
            except TokenRefused as refused:
                raise SettingsRefused((str(refused),)) from None
            self._staff = Staff(await self._workers(kotani, application, address))
            self._staff.start()
            stack.push_async_callback(self._staff.stop, GRACE_SECONDS)
            stack.push_async_callback(self._end_chores)
            self._tell_menu = lambda: self._begin(introduce(application, self._served().services))
            self._tell_menu()
            await stack.enter_async_context(
                ticking(
                    (TICK_SECONDS, self._wakes.all),
                    (COUNT_SECONDS, lambda: self._begin(self._count())),
                    (TIDY_SECONDS, lambda: self._begin(self._tidy())),
                )
            )
            self._wakes.all()
            yield address

    def _provider(self) -> Kotani:
        secret = self._settings.kotani_api_secret
        return Kotani(
            trust=self._trust,
            base_url=self._settings.kotani_base_url,
            api_key=_secret(self._settings.kotani_api_key),
            api_secret=secret.get_secret_value() if secret is not None else None,
            deadline=self._settings.kotani_timeout_seconds,
            observer=self._provider_called,
            not_enabled=self._places.refused,
        )

    def _provider_called(self, operation: str, outcome: str, seconds: float) -> None:
        self._measures.provider_called(operation, outcome, seconds)
        self._standing.heard(operation, outcome, seconds)
        self._places.heard(operation, outcome, seconds)
        self._pulse.heard(operation, outcome, seconds)
        self._calling.provider.heard(operation, outcome, seconds)

    def _served(self) -> Coverage:
        """What is offered now: what the provider serves, without what operators closed."""
        return self._pauses.over(self._places.coverage())

    def _web(self) -> ASGIApp:
        callbacks = CallbackEndpoint(
            self._intake, self._settings.callback_secrets, self._measures.callbacks, self._calling.forgeries.heard
        )
        routes: list[BaseRoute] = [callbacks.route(), *health_routes(self._ready, self._measures.registry)]
        if self._settings.telegram_mode == "webhook":
            secret = _secret(self._settings.telegram_webhook_secret)
            routes.append(TelegramEndpoint(self._inbox, secret, self._measures.webhook).route())
        return callbacks.before(Starlette(routes=routes))

    async def _ready(self) -> bool:
        if self._staff is None or not self._staff.healthy:
            return False
        try:
            await self.database.check()
        except StorageError as error:
            _log.warning("not ready", error=str(error))
            return False
        return True

    async def _workers(self, kotani: Kotani, application: telegram.App, address: str) -> Crew:
        settings, callback_url = self._settings, self._callback_url(address)
        parts = Parts(
            *(settings, self.database, self._keyring, self._clock, self._wakes),
            self._outbox,
            self._payments,
            self._requests,
            self._pauses,
            self._operators,
            self._tariffs,
            health=lambda: self._pulse.health(accepted=self._standing.accepted),
            inspector=Inspector(settings, self.database, self._clock, address=address, callbacks_to=callback_url),
            begin=self._begin,
        )
        desk = build_desk(parts, kotani, coverage=self._places.coverage)
        services = build_services(parts, kotani, application, coverage=self._served, desk=desk)
        add_handlers(application, services)
        told = partial(
            introduce_operators,
            application,
            operators=self._operators,
            customers=services.customers,
            commands=Desk(services, desk).listed,
            group=settings.operators_chat,
        )
        self._tell_operators = lambda people: self._begin(told(people))
        self._tell_operators(None)
        topics = self._calling.topics(application)
        calling = self._calling.renderers(desk.overseeing, parts.health, reachable=callback_url is not None)
        return [
            ("standing", self._standing),
            ("places", self._places),
            ("pauses", self._pauses),
            ("tariffs", self._tariffs),
            *money_workers(
                parts,
                kotani,
                desk,
                patience=self._patience,
                links=self._links,
                owner=self._owner,
                callback_url=callback_url,
            ),
            *talking_workers(
                parts,
                application,
                services,
                desk,
                calling,
                topics=topics,
                pace=self._pace,
                links=self._links,
                owner=self._owner,
            ),
            *self._calling.workers(topics, desk.overseeing, desk.alerts),
            *await self._receiving(application),
        ]

    async def _receiving(self, application: telegram.App) -> Crew:
        if self._settings.telegram_mode == "polling":
            return [("polling", Poller(application, self._inbox, allowed_updates=ALLOWED_UPDATES))]
        await telegram.set_webhook(
            application,
            url=f"{self._settings.public_url}{WEBHOOK_PATH}",
            secret=_secret(self._settings.telegram_webhook_secret),
            allowed_updates=ALLOWED_UPDATES,
        )
        return []

    def _callback_url(self, address: str) -> str | None:
        """Where the provider reaches us; a provider on this machine reaches us here."""
        if self._settings.public_url is not None:
            return f"{self._settings.public_url}{CALLBACK_PATH}"
        return f"{address}{CALLBACK_PATH}" if _is_loopback(self._settings.kotani_base_url) else None

    def _begin(self, chore: Coroutine[object, object, None]) -> None:
        """Let something small run beside everything else; the end of the program does not wait for it."""
        task = asyncio.ensure_future(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def _end_chores(self) -> None:
        for task in self._chores:
            task.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)

    async def _count(self) -> None:
        now = self._clock()
        try:
            self._measures.backlog(await self.database.read(lambda session: backlog(session, now=now)))
        except StorageUnavailable as error:
            _log.warning("the backlog could not be counted", error=str(error))

    async def _tidy(self) -> None:
        try:
            await tidy(self.database, self._clock)
        except StorageUnavailable as error:
            _log.warning("old rows are removed later", error=str(error))


async def run(
    settings: Settings, *, migrating: Popen[bytes] | None = None, announce: Callable[[str], None] = print
) -> int:
    """Run the assistant until it is cancelled. Raises what `Assistant.running` raises."""
    _make_folder(settings)
    async with contextlib.AsyncExitStack() as stack:
        demo = None
        if settings.is_demo:
            from bot.demo import demonstration

            demo = await stack.enter_async_context(demonstration(settings))
            settings = demo.settings
        address = await stack.enter_async_context(Assistant(settings, migrating=migrating).running())
        calm()
        stack.callback(thaw)
        announce(f"The assistant runs at {address}. Ctrl-C stops it." if demo is None else demo.welcome(address))
        await asyncio.Event().wait()
    return 0


def _make_folder(settings: Settings) -> None:
    """Make the folder of an SQLite file that lies below the current one, such as the default `data/`."""
    url = make_url(settings.database_url.get_secret_value())
    if url.drivername.startswith("sqlite") and url.database and not Path(url.database).is_absolute():
        Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _secret(value: object) -> str:
    get = getattr(value, "get_secret_value", None)
    assert get is not None
    return str(get())


def _is_loopback(url: str) -> bool:
    return (urlsplit(url).hostname or "") in ("127.0.0.1", "localhost", "::1")
