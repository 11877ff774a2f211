"""Taps on inline buttons: each opens a callback query that the bot has to answer once, and soon.

Bot API, answerCallbackQuery. A query that is unknown, answered before, or too old is refused; which of these it was
Telegram does not say.
"""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.simulator.clock import WorldClock
from bot.simulator.telegram.chats import Chats
from bot.simulator.telegram.errors import BadRequest
from bot.simulator.telegram.records import Chat, Toast
from bot.simulator.telegram.settings import Settings

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@dataclass(slots=True)
class Query:
    """An open callback query; `chat` is where its answer shows, to `person`."""

    id: str
    chat: Chat
    person: int
    at: datetime
    answered: bool = False


class Taps:
    """All callback queries, by id."""

    def __init__(self, clock: WorldClock, settings: Settings, chats: Chats) -> None:
        self._clock = clock
        self._settings = settings
        self._chats = chats
        self._numbers = itertools.count(7_000_000_000_000_000_001)
        self.all: dict[str, Query] = {}

    def open(self, chat: Chat, person: int) -> Query:
        """A person has tapped a button."""
        query = Query(str(next(self._numbers)), chat, person, self._clock.now())
        self.all[query.id] = query
        return query

    def answer(self, query_id: str, text: str, *, alert: bool, url: str) -> None:
        """Show the answer to the person. Raises `BadRequest` for a query that cannot be answered, or a long text."""
        if len(text) > 200:
            raise BadRequest("MESSAGE_TOO_LONG")
        query = self.all.get(query_id)
        limit = timedelta(seconds=self._settings.answer_ttl)
        if query is None or query.answered or self._clock.now() - query.at > limit:
            raise BadRequest(TOO_OLD)
        query.answered = True
        self._chats.touch(query.chat)
        query.chat.toasts.append(Toast(query_id, query.person, text, alert, url, self._chats.revision))
