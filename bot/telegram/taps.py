"""Answering taps: the end of a button's waiting sign, and sometimes a sentence over the chat.

Only for show, so it happens after the commit, once, and whatever goes wrong (too old, too many, no network) is left at that.
"""

import asyncio
from collections.abc import Callable

import structlog
from telegram import Bot
from telegram.error import TelegramError

from bot.engine.effects import Effects
from bot.telegram.errors import read_failure

MOST_CHARACTERS = 200
_SECONDS = 5.0
_log = structlog.get_logger(__name__)


class TapAnswers:
    """Answers taps of one bot. `bot` is asked late, since handlers are made before there is one."""

    def __init__(self, bot: Callable[[], Bot]) -> None:
        self._bot = bot

    def answer(self, effects: Effects, query_id: str, text: str | None = None, alert: bool = False) -> None:
        """Stage the answer to a tap; at most 200 characters are shown. It may be lost and is never repeated."""

        async def call() -> None:
            try:
                async with asyncio.timeout(_SECONDS):
                    await self._bot().answer_callback_query(
                        query_id, text=text[:MOST_CHARACTERS] if text else None, show_alert=alert or None
                    )
            except TelegramError as error:
                _log.info("a tap could not be answered", why=read_failure(error).words)
            except TimeoutError:
                _log.info("a tap could not be answered", why="too slow")

        effects.after_commit(call)
