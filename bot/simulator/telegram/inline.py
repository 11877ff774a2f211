"""Inline mode: people ask the bot from any chat, choose one of its results, and it stands there as their message.

Bot API, "Inline mode". The bot learns of a choice only by inline feedback, and has no other handle on the message than
its `inline_message_id`, which only a message with buttons has. Answers are kept for everybody for `cache_time` seconds
unless they are personal; a query that an earlier answer serves does not reach the bot.
"""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.simulator.clock import WorldClock
from bot.simulator.telegram.chats import Chats
from bot.simulator.telegram.errors import BadRequest
from bot.simulator.telegram.files import Files
from bot.simulator.telegram.inline_results import Result, read_button, read_results
from bot.simulator.telegram.markup import MOST_QUERY
from bot.simulator.telegram.params import Json, Params
from bot.simulator.telegram.people import NotPossible, People
from bot.simulator.telegram.records import Chat, Message, Person
from bot.simulator.telegram.settings import Settings
from bot.simulator.telegram.taps import TOO_OLD
from bot.simulator.telegram.updates import Updates

_MOST_OFFSET = 64
_CACHE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Offer:
    """What the bot has answered, good until a moment, for one person or (`None`) for everybody."""

    results: tuple[Result, ...]
    button: Json | None
    next_offset: str
    until: datetime
    only_for: int | None


@dataclass(slots=True)
class InlineQuery:
    """What somebody has typed after the bot's name. `offer` is `None` until it is answered."""

    id: str
    person: Person
    chat: Chat
    text: str
    offset: str
    at: datetime
    offer: Offer | None = None

    def to_people(self) -> Json:
        """What the person sees above the text field."""
        offer = self.offer
        shown: Json = {"query": self.id, "answered": offer is not None, "results": [], "button": None}
        if offer is not None:
            shown["results"] = [result.to_people() for result in offer.results]
            shown |= {"button": offer.button, "next_offset": offer.next_offset}
        return shown


class Inline:
    """All inline queries, the answers that are kept, and the messages that came of them (by inline message id)."""

    def __init__(self, clock: WorldClock, settings: Settings, updates: Updates, people: People, chats: Chats) -> None:
        self._clock = clock
        self._settings = settings
        self._updates = updates
        self._people = people
        self._chats = chats
        self._numbers = itertools.count(5_000_000_000_000_000_001)
        self._kept: dict[tuple[str, str], list[Offer]] = {}
        self.queries: dict[str, InlineQuery] = {}
        self.messages: dict[str, Message] = {}

    def ask(self, person: int, text: str, *, chat: int | None = None, offset: str = "") -> InlineQuery:
        """Type the bot's name and a query in a chat. Raises `NotPossible` without inline mode, above 256 characters."""
        asker = self._people.get(person)
        place = self._people.place(asker, chat)
        if not self._settings.inline_mode:
            raise NotPossible("the bot has no inline mode")
        if len(text) > MOST_QUERY:
            raise NotPossible("a query has at most 256 characters")
        query = InlineQuery(str(next(self._numbers)), asker, place, text, offset, self._clock.now())
        self.queries[query.id] = query
        query.offer = self._known(query)
        if query.offer is None:
            body: Json = {"id": query.id, "from": asker.to_api(), "query": text, "offset": offset}
            kind = "sender" if place.person is asker else place.kind
            self._updates.add("inline_query", body | {"chat_type": kind}, f"inline {person}")
        return query

    def answer(self, params: Params, files: Files) -> None:
        """Bot API, answerInlineQuery: once, soon, with results that can be read. Raises `BadRequest`."""
        results, button = read_results(params, files), read_button(params)
        next_offset = params.text("next_offset")
        if len(next_offset.encode()) > _MOST_OFFSET:
            raise BadRequest("NEXT_OFFSET_INVALID")
        query = self.queries.get(params.text("inline_query_id"))
        now = self._clock.now()
        if query is None or query.offer is not None or now - query.at > timedelta(seconds=self._settings.inline_ttl):
            raise BadRequest(TOO_OLD)
        until = now + timedelta(seconds=params.integer("cache_time", _CACHE_SECONDS))
        only_for = query.person.id if params.flag("is_personal") else None
        query.offer = Offer(results, button, next_offset, until, only_for)
        self._kept.setdefault((query.text, query.offset), []).append(query.offer)

    def choose(self, person: int, query_id: str, result_id: str) -> Message:
        """Tap a result: it is sent into the chat where the query was typed. Raises `NotPossible`."""
        query = self.queries.get(query_id)
        offered = query.offer.results if query is not None and query.offer is not None else ()
        result = next((one for one in offered if one.id == result_id), None)
        if query is None or result is None or query.person.id != person:
            raise NotPossible("there is no such result")
        place = self._people.writable(query.person, query.chat.id)
        message = self._chats.write(place, query.person, result.content, markup=result.markup, via_bot=True)
        chosen: Json = {"result_id": result.id, "from": query.person.to_api(), "query": query.text}
        if result.markup is not None:
            message.inline_id = chosen["inline_message_id"] = f"BAAAAN{next(self._numbers):x}"
            self.messages[message.inline_id] = message
        self._people.deliver(message)
        if self._settings.inline_feedback:
            self._updates.add("chosen_inline_result", chosen, f"inline {person}")
        return message

    def _known(self, query: InlineQuery) -> Offer | None:
        fitting = self._kept.get((query.text, query.offset), [])
        return next((one for one in fitting if one.until > query.at and one.only_for in (None, query.person.id)), None)
