"""Photographs that people send: fetched from Telegram and searched for QR codes, within a size, a time and a memory.

Looking is a read: it is done while the update is handled, and repeated with it after a crash.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from telegram import Bot
from telegram.error import TelegramError

from bot.engine.photographs import MOST_BYTES, Sight
from bot.telegram.errors import read_failure
from bot.telegram.qr_codes import UnreadablePicture, read_codes

SECONDS: Final = 15.0  # fetching and looking together; well inside the time for handling an update
_AT_ONCE: Final = 2  # pictures unpacked at a time: what they need in memory
_log = structlog.get_logger(__name__)


class PhotographReader:
    """Reads codes in pictures that were sent to one bot. `bot` is asked late, since handlers are made before it."""

    def __init__(self, bot: Callable[[], Bot]) -> None:
        self._bot = bot
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def look(self, file_id: str) -> Sight | tuple[str, ...]:
        """What the codes in a picture say, as they are; or why nothing could be seen."""
        try:
            async with asyncio.timeout(SECONDS):
                file = await self._bot().get_file(file_id)
                if (file.file_size or 0) > MOST_BYTES:
                    return Sight.TOO_LARGE
                async with self._room:
                    content = bytes(await file.download_as_bytearray())
                    if len(content) > MOST_BYTES:
                        return Sight.TOO_LARGE
                    codes = await asyncio.to_thread(read_codes, content)
        except UnreadablePicture:
            return Sight.NO_PICTURE
        except TelegramError as error:
            failure = read_failure(error)
            _log.info("a photograph could not be fetched", why=failure.words)
            return Sight.NOT_FETCHED
        except TimeoutError:
            _log.info("a photograph could not be fetched", why="too slow")
            return Sight.NOT_FETCHED
        return codes or Sight.NO_CODE
