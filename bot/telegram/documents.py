"""Files that operators send: fetched from Telegram within a size, a time and a memory.

Fetching is a read: it is done while the update is handled, and repeated with it after a crash.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from telegram import Bot
from telegram.error import TelegramError

from bot.engine.documents import Unfetched
from bot.telegram.errors import read_failure

SECONDS: Final = 15.0  # well inside the time for handling an update
_AT_ONCE: Final = 2
_log = structlog.get_logger(__name__)


class DocumentFetcher:
    """Fetches files that were sent to one bot. `bot` is asked late, since handlers are made before it."""

    def __init__(self, bot: Callable[[], Bot]) -> None:
        self._bot = bot
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def fetch(self, file_id: str, *, most: int) -> bytes | Unfetched:
        """What is in a file of at most `most` bytes; or why it is not known.

        Telegram says how large a file is before it is fetched; what does not say so, or is larger, is not.
        """
        try:
            async with asyncio.timeout(SECONDS), self._room:
                file = await self._bot().get_file(file_id)
                if file.file_size is None or file.file_size > most:
                    return Unfetched.TOO_LARGE
                content = bytes(await file.download_as_bytearray())
        except TelegramError as error:
            failure = read_failure(error)
            _log.info("a file could not be fetched", why=failure.words)
            return Unfetched.NOT_FETCHED
        except TimeoutError:
            _log.info("a file could not be fetched", why="too slow")
            return Unfetched.NOT_FETCHED
        return Unfetched.TOO_LARGE if len(content) > most else content
