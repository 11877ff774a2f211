"""Fetching updates: our own polling loop, which acknowledges what it was given only after it is on disk.

The offset is the acknowledgement, so it moves after the commit and is used for one call only: once Telegram has answered
that nothing is left, the next call names none, and ids that begin anew below the old ones are not skipped.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from telegram.error import Conflict, TelegramError

from bot.engine.inbox import Inbox, RawUpdate, UnreadableUpdate
from bot.telegram.application import App, AssistantBot, delete_webhook
from bot.telegram.errors import Meaning, TokenRefused, read_failure
from storage.errors import StorageUnavailable

POLL_SECONDS = 25
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_log = structlog.get_logger(__name__)


class Poller:
    """Polls for one bot. Only one may run for a token; in webhook mode none does."""

    def __init__(
        self, application: App, inbox: Inbox, *, allowed_updates: Sequence[str], poll_seconds: int = POLL_SECONDS
    ) -> None:
        bot = application.bot
        assert isinstance(bot, AssistantBot)
        self._application = application
        self._bot = bot
        self._inbox = inbox
        self._allowed_updates = tuple(allowed_updates)
        self._poll_seconds = poll_seconds
        self._stop = asyncio.Event()
        self._offset: int | None = None

    def stop(self) -> None:
        """End `run` at once; what was not stored yet is not acknowledged either, and comes again."""
        self._stop.set()

    async def run(self) -> None:
        """Fetch and store until told to stop. Raises `TokenRefused`."""
        loop = asyncio.create_task(self._loop())
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([loop, stop], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            loop.cancel()
        if loop.done() and not loop.cancelled():
            loop.result()

    async def _loop(self) -> None:
        await delete_webhook(self._application)
        pause = _FIRST_PAUSE
        while True:
            try:
                await self.step()
            except TelegramError as error:
                wait = max(pause, await self._wait_after(error))
            except StorageUnavailable as error:
                _log.warning("updates wait for storage", error=str(error))
                wait = pause
            else:
                pause = _FIRST_PAUSE
                continue
            await asyncio.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def step(self) -> int:
        """One call, and what it brought stored; how many updates. Errors of Telegram and of the storage are raised."""
        found = await self._bot.raw_updates(
            offset=self._offset, seconds=self._poll_seconds, allowed_updates=self._allowed_updates
        )
        updates = [update for one in found if (update := _read(one)) is not None]
        await self._inbox.store(updates)
        self._offset = max(update.update_id for update in updates) + 1 if updates else None
        return len(updates)

    async def _wait_after(self, error: TelegramError) -> float:
        """Say what happened, and how many seconds to wait at least."""
        failure = read_failure(error)
        if failure.meaning is Meaning.TOKEN:
            raise TokenRefused from None
        if isinstance(error, Conflict):
            _log.error(
                "another process receives for this token: stop it, or give each its own bot; a webhook is removed",
                why=error.message,
            )
            if "webhook" in error.message.lower():
                await delete_webhook(self._application)
            return 5.0
        _log.warning("updates cannot be fetched; trying again", why=failure.words)
        return failure.wait.total_seconds()


def _read(one: Any) -> RawUpdate | None:
    try:
        return RawUpdate.from_object(one)
    except UnreadableUpdate:
        _log.error("Telegram sent something without an update id")
        return None
