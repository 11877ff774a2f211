"""Topics of a group that is a forum: made by us where there is none for something, remembered, and made anew when gone.

Not every group has topics, and not everywhere may we make some: then what was meant for a topic goes to the group itself.
Whether that has changed is looked at again after a while. Only whoever holds a chat's lease writes there, so two replicas
never make the same topic.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from telegram import Bot
from telegram.constants import ForumTopicLimit
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.engine.clock import Clock
from bot.engine.operators.alert_results import GroupStanding
from bot.telegram.errors import Meaning, read_failure
from storage import alerts as queries
from storage.database import Database

_AGAIN: Final = timedelta(minutes=10)
_log = structlog.get_logger(__name__)


class Topics:
    """Knows the topic for everything that has one. `title` names a topic in words."""

    def __init__(self, database: Database, bot: Bot, clock: Clock, title: Callable[[str], Awaitable[str]]) -> None:
        self._database = database
        self._bot = bot
        self._clock = clock
        self._title = title
        self._without: dict[int, datetime] = {}  # groups where none can be made, and until when that is believed

    async def standing(self, chat_id: int) -> GroupStanding:
        """What we may do in a group. Raises `TelegramError` when Telegram does not say."""
        self._without.pop(chat_id, None)
        try:
            chat = await self._bot.get_chat(chat_id)
            if not chat.is_forum:
                return GroupStanding.PLAIN
            member = await self._bot.get_chat_member(chat_id, self._bot.id)
        except (BadRequest, Forbidden, ChatMigrated):
            return GroupStanding.UNREACHABLE
        return GroupStanding.TOPICS if getattr(member, "can_manage_topics", False) else GroupStanding.NO_RIGHT

    async def thread(self, chat_id: int, name: str) -> int | None:
        """The number of the topic for `name`; None where the group has none. Raises what a call raises."""
        known = await self._database.read(lambda session: queries.thread_of(session, chat_id, name))
        if known is not None:
            return known
        until = self._without.get(chat_id)
        if until is not None and self._clock() < until:
            return None
        title = (await self._title(name))[: ForumTopicLimit.MAX_NAME_LENGTH]
        try:
            made = (await self._bot.create_forum_topic(chat_id, title)).message_thread_id
        except (BadRequest, Forbidden) as error:
            _log.info("a group has no topics of ours", why=read_failure(error).words)
            self._without[chat_id] = self._clock() + _AGAIN
            return None
        await self._database.write(lambda session: queries.put_topic(session, chat_id, name, made))
        return made

    async def instead(self, chat_id: int, name: str | None, lost: int, error: BadRequest) -> int | None:
        """Where to say what a topic did not take: in a new one, if it is gone, or in the group itself."""
        if read_failure(error).meaning is not Meaning.NO_TOPIC or name is None:
            return None
        if "closed" in error.message.lower():  # somebody wants nothing there
            return None
        await self._database.write(lambda session: queries.forget_topic(session, chat_id, lost))
        return await self.thread(chat_id, name)
