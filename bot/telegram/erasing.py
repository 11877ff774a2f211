"""Deleting what a person sent by mistake, such as the secret key of a wallet.

Only an attempt, after the commit and once: Telegram lets a bot delete what a person wrote in a private chat for 48 hours,
and whatever goes wrong (too old, gone already, no network) is left at that. The person is asked to delete it as well.
"""

import asyncio
from collections.abc import Callable

import structlog
from telegram import Bot
from telegram.error import TelegramError

from bot.engine.effects import Effects
from bot.telegram.errors import read_failure

_SECONDS = 5.0
_log = structlog.get_logger(__name__)


class MessageEraser:
    """Deletes messages of people who write to one bot. `bot` is asked late, since handlers are made before there is one."""

    def __init__(self, bot: Callable[[], Bot]) -> None:
        self._bot = bot

    def erase(self, effects: Effects, chat_id: int, message_id: int) -> None:
        """Stage the deletion of a message. It may not happen and is never repeated."""

        async def call() -> None:
            try:
                async with asyncio.timeout(_SECONDS):
                    await self._bot().delete_message(chat_id, message_id)
            except TelegramError as error:
                _log.info("a message could not be deleted", why=read_failure(error).words)
            except TimeoutError:
                _log.info("a message could not be deleted", why="too slow")

        effects.after_commit(call)
