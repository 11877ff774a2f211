"""The part of the control interface where people act: `POST /_control/telegram/people/{id}/{action}`.

What they do to messages answers with the message as people see it.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from bot.simulator.telegram import state
from bot.simulator.telegram.asked import Asked
from bot.simulator.telegram.records import Message
from bot.simulator.telegram.world import TelegramWorld

_LONGEST_WAIT = 60.0
Act = Callable[[int, Asked, Request], Awaitable[object]]


class Actions:
    """The actions by name. Their bodies are read strictly; `chat` is the private one unless it is given."""

    def __init__(self, world: TelegramWorld) -> None:
        self._world = world
        self.all: dict[str, Act] = {
            "start": self._start, "link": self._link, "say": self._say, "press": self._press, "contact": self._contact,
            "forward": self._forward, "edit": self._edit, "photo": self._photo, "document": self._document,
            "tap": self._tap, "forge": self._forge, "inline": self._inline, "choose": self._choose,
            "block": self._block, "unblock": self._unblock, "deactivate": self._deactivate,
        }  # fmt: skip

    async def _start(self, person: int, asked: Asked, _request: Request) -> object:
        """payload?"""
        return self._seen(self._world.people.start(person, asked.text("payload", "")))

    async def _link(self, person: int, asked: Asked, _request: Request) -> object:
        """link: a deep link, or its payload."""
        return self._seen(self._world.people.open_link(person, asked.text("link")))

    async def _say(self, person: int, asked: Asked, _request: Request) -> object:
        """text, chat?, reply_to?, topic?"""
        where, reply, topic = (asked.maybe_number(name) for name in ("chat", "reply_to", "topic"))
        return self._seen(self._world.people.say(person, asked.text("text"), chat=where, reply_to=reply, topic=topic))

    async def _press(self, person: int, asked: Asked, _request: Request) -> object:
        """text"""
        return self._seen(self._world.people.press(person, asked.text("text")))

    async def _contact(self, person: int, asked: Asked, _request: Request) -> object:
        """Nothing for the own one; of the address book: phone, name?, user?"""
        phone, user = asked.maybe_text("phone"), asked.maybe_number("user")
        shared = self._world.people.share_contact(person, phone=phone, name=asked.text("name", "Friend"), user=user)
        return self._seen(shared)

    async def _forward(self, person: int, asked: Asked, _request: Request) -> object:
        """text, author: an id, or the name of somebody who hides the account"""
        author = asked.values.get("author")
        name: int | str = author if isinstance(author, int) else asked.text("author")
        return self._seen(self._world.people.forward(person, asked.text("text"), author=name))

    async def _edit(self, person: int, asked: Asked, _request: Request) -> object:
        """message, text, chat?"""
        number, where = asked.number("message"), asked.maybe_number("chat")
        return self._seen(self._world.people.edit(person, number, asked.text("text"), chat=where))

    async def _photo(self, person: int, asked: Asked, request: Request) -> object:
        """The picture as body; in the query: caption?, chat?"""
        where, caption = asked.maybe_number("chat"), asked.text("caption", "")
        return self._seen(self._world.people.send_photo(person, await request.body(), caption=caption, chat=where))

    async def _document(self, person: int, asked: Asked, request: Request) -> object:
        """The content as body, its type as `Content-Type`; in the query: name?, caption?, chat?"""
        sent = self._world.people.send_document(
            person, await request.body(), name=asked.text("name", "file"), caption=asked.text("caption", ""),
            media_type=request.headers.get("content-type", ""), chat=asked.maybe_number("chat"),
        )  # fmt: skip
        return self._seen(sent)

    async def _tap(self, person: int, asked: Asked, _request: Request) -> object:
        """message, data?, text?, chat?"""
        data, text, where = asked.maybe_text("data"), asked.maybe_text("text"), asked.maybe_number("chat")
        query = self._world.people.tap(person, asked.number("message"), data=data, text=text, chat=where)
        return {"query": query.id}

    async def _forge(self, person: int, asked: Asked, _request: Request) -> object:
        """data, message?, chat?"""
        number, where = asked.maybe_number("message"), asked.maybe_number("chat")
        chat = self._world.chats.all.get(person if where is None else where)
        message = chat.messages.get(number) if chat is not None and number is not None else None
        return {"query": self._world.people.forge_tap(person, asked.text("data"), message=message).id}

    async def _inline(self, person: int, asked: Asked, _request: Request) -> object:
        """query, chat?, offset?, wait? (seconds): gives what can be chosen."""
        where, text, offset = asked.maybe_number("chat"), asked.text("query", ""), asked.text("offset", "")
        query = self._world.inline.ask(person, text, chat=where, offset=offset)
        wait = asked.seconds("wait") if "wait" in asked.values else 0.0
        await self._world.pulse.until(lambda: query.offer is not None, min(wait, _LONGEST_WAIT))
        return query.to_people()

    async def _choose(self, person: int, asked: Asked, _request: Request) -> object:
        """query, result: their ids"""
        return self._seen(self._world.inline.choose(person, asked.text("query"), asked.text("result")))

    async def _block(self, person: int, _asked: Asked, _request: Request) -> object:
        self._world.people.block(person)
        return state.person(self._world.people.get(person))

    async def _unblock(self, person: int, _asked: Asked, _request: Request) -> object:
        self._world.people.unblock(person)
        return state.person(self._world.people.get(person))

    async def _deactivate(self, person: int, _asked: Asked, _request: Request) -> object:
        self._world.people.deactivate(person)
        return state.person(self._world.people.get(person))

    def _seen(self, message: Message) -> object:
        return self._world.seen(message)
