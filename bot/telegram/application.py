"""python-telegram-bot, set up for us: no updater of its own, nothing concurrent behind our back, every time-out named.

Handlers run inside the inbox worker (`bot.telegram.handling`), one update at a time for each person, so the application
itself neither fetches nor queues. It paces nothing either: that is the sender's part, for all replicas together.
"""

import asyncio
import json
import os
import ssl
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import httpx
import structlog
from telegram import BotCommand, BotCommandScopeAllPrivateChats
from telegram.error import EndPointNotFound, InvalidToken, TelegramError
from telegram.ext import Application, ApplicationHandlerStop, CallbackContext, ContextTypes, ExtBot
from telegram.request import HTTPXRequest

from bot.telegram.errors import Meaning, TokenRefused, read_failure

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
WRITE_SECONDS = 10.0
POOL_SECONDS = 5.0
CONNECTIONS = 64
_LONGEST_PAUSE = 30.0
_log = structlog.get_logger(__name__)

App = Application[Any, Any, Any, Any, Any, Any]
handler_errors: ContextVar[list[Exception]] = ContextVar("handler_errors")


class AssistantBot(ExtBot[None]):
    """The Bot API, with updates as they arrive: one that the library cannot read must not hide the others."""

    async def raw_updates(self, *, offset: int | None, seconds: int, allowed_updates: Sequence[str]) -> list[Any]:
        """`getUpdates`: waits up to `seconds` for an update; nothing is parsed. Raises `TelegramError`."""
        data = {"offset": offset, "limit": 100, "timeout": seconds, "allowed_updates": list(allowed_updates)}
        found = await self._post("getUpdates", data, read_timeout=seconds + READ_SECONDS)
        return list(found) if isinstance(found, list) else []


def build_application(
    token: str,
    base_url: str,
    *,
    context_types: ContextTypes[Any, Any, Any, Any] | None = None,
    trust: ssl.SSLContext | None = None,
) -> App:
    """An application for one bot. `base_url` is the server's address (`https://api.telegram.org`); nothing is called.

    `trust` says which certificates are believed; the usual ones when not given.
    """
    trust = trust or httpx.create_ssl_context()
    os.environ.setdefault(
        "PTB_TIMEDELTA", "true"
    )  # the library's switch: waiting times as timedelta, without a warning
    bot = AssistantBot(
        token,
        base_url=f"{base_url.rstrip('/')}/bot",
        base_file_url=f"{base_url.rstrip('/')}/file/bot",
        request=_request(CONNECTIONS, trust),
        get_updates_request=_request(2, trust),
    )
    builder = Application.builder().bot(bot).updater(None).concurrent_updates(False)
    if context_types is not None:
        builder = builder.context_types(context_types)
    application: App = builder.build()
    application.add_error_handler(_record, block=True)
    return application


class _Request(HTTPXRequest):
    """The library's own, except that an answer which is no JSON is not logged: it may hold what people wrote."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Read an answer. Raises `TelegramError`."""
        try:
            return json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            raise TelegramError("Invalid server response") from None


def _request(connections: int, trust: ssl.SSLContext) -> HTTPXRequest:
    return _Request(
        connection_pool_size=connections,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        write_timeout=WRITE_SECONDS,
        pool_timeout=POOL_SECONDS,
        httpx_kwargs={"verify": trust},
    )


async def _record(_update: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
    """`process_update` raises nothing: keep the error for the worker, and let no further handler run."""
    if isinstance(context.error, Exception):
        handler_errors.get([]).append(context.error)
    raise ApplicationHandlerStop


async def initialize(application: App) -> None:
    """Make the application ready, asking Telegram who the bot is until it answers. Raises `TokenRefused`."""
    pause = 1.0
    while True:
        try:
            await application.initialize()
        except (InvalidToken, EndPointNotFound):
            raise TokenRefused from None  # the library's message shows the token
        except TelegramError as error:
            failure = read_failure(error)
            wait = max(pause, failure.wait.total_seconds())
            _log.warning("Telegram cannot be reached; trying again", why=failure.words, seconds=wait)
            await asyncio.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            return


async def shutdown(application: App) -> None:
    """Close the connections. Harmless when it was never ready."""
    await application.shutdown()
    await application.bot.shutdown()


async def introduce(
    application: App,
    *,
    commands: Mapping[str | None, Sequence[tuple[str, str]]],
    descriptions: Mapping[str | None, tuple[str, str]],
) -> None:
    """Set the command menu and the texts of an empty chat where they differ. Best effort: a refusal is logged.

    By language code, None for all others: commands as (name, description); texts as (what the empty chat shows, what the
    profile shows).
    """
    bot = application.bot
    scope = BotCommandScopeAllPrivateChats()
    try:
        for language, listed in commands.items():
            wanted = tuple(BotCommand(name, description) for name, description in listed)
            if await bot.get_my_commands(scope, language_code=language) != wanted:
                await bot.set_my_commands(wanted, scope, language_code=language)
        for language, (long, short) in descriptions.items():
            if (await bot.get_my_description(language_code=language)).description != long:
                await bot.set_my_description(long, language_code=language)
            if (await bot.get_my_short_description(language_code=language)).short_description != short:
                await bot.set_my_short_description(short, language_code=language)
    except TelegramError as error:
        _log.warning("the command menu could not be set", why=read_failure(error).words)


async def set_webhook(application: App, *, url: str, secret: str, allowed_updates: Sequence[str]) -> None:
    """Have Telegram deliver to `url`, asking until it agrees. Raises `TokenRefused`, and `ValueError` for a bad address."""
    await _insist(
        lambda: application.bot.set_webhook(url, secret_token=secret, allowed_updates=list(allowed_updates)),
        "setWebhook",
    )


async def delete_webhook(application: App) -> None:
    """Have Telegram keep updates for polling, asking until it agrees. Nothing that waits is dropped."""
    await _insist(lambda: application.bot.delete_webhook(drop_pending_updates=False), "deleteWebhook")


async def _insist(call: Any, name: str) -> None:
    pause = 1.0
    while True:
        try:
            await call()
        except TelegramError as error:
            failure = read_failure(error)
            if failure.meaning is Meaning.TOKEN:
                raise TokenRefused from None
            if failure.meaning in (Meaning.REFUSED, Meaning.UNREADABLE):
                raise ValueError(f"PUBLIC_URL: Telegram refuses {name} ({error.message})") from None
            wait = max(pause, failure.wait.total_seconds())
            _log.warning("Telegram cannot be reached; trying again", call=name, why=failure.words, seconds=wait)
            await asyncio.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            return
