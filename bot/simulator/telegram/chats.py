"""All people, chats and messages, and the rules for who may write to whom."""

import itertools
from collections.abc import Iterator
from datetime import datetime

from bot.simulator.clock import WorldClock
from bot.simulator.pulse import Pulse
from bot.simulator.telegram.errors import BadRequest, Forbidden
from bot.simulator.telegram.markup import Markup
from bot.simulator.telegram.records import Chat, ChatKind, Content, Message, Person

_SUPERGROUP = -1_000_000_000_000


class Chats:
    """The registry. Every change of a message or a chat gets the next revision, so that readers can ask for news."""

    def __init__(self, clock: WorldClock, pulse: Pulse) -> None:
        self._clock = clock
        self._pulse = pulse
        self._numbers = itertools.count(1)
        self._group_numbers: dict[int, Iterator[int]] = {}
        self.revision = 0
        self.people: dict[int, Person] = {}
        self.all: dict[int, Chat] = {}

    def now(self) -> datetime:
        """The world's time."""
        return self._clock.now()

    def add_person(self, person: Person) -> Chat:
        """Somebody new, with the private chat between them and the bot."""
        self.people[person.id] = person
        chat = self.all[person.id] = Chat(person.id, "private", person=person)
        self.touch(chat)
        return chat

    def add_group(self, title: str, members: list[int]) -> Chat:
        """A basic group with the bot in it."""
        return self._add(Chat(-(5000 + len(self.all)), "group", title=title, members=members))

    def add_foreign(self, title: str, members: list[int]) -> Chat:
        """A place without the bot: a private chat of two people, a group of any other number."""
        kind: ChatKind = "private" if len(members) == 2 else "group"
        number = -(5000 + len(self.all))
        return self._add(Chat(number, kind, title=title, members=members, bot_is_in=False, foreign=True))

    def _add(self, chat: Chat) -> Chat:
        self.all[chat.id] = chat
        self.touch(chat)
        return chat

    def migrate(self, group: Chat) -> Chat:
        """Turn a basic group into a supergroup; the old id only says where the group went."""
        new = Chat(_SUPERGROUP + group.id, "supergroup", title=group.title, members=list(group.members))
        self.all[new.id] = new
        group.migrated_to = new.id
        self.touch(group)
        self.touch(new)
        return new

    def reachable(self, chat_id: int) -> Chat:
        """A chat that the bot may write to. Raises the refusal that Telegram gives otherwise."""
        chat = self.all.get(chat_id)
        if chat is None or chat.foreign:
            raise BadRequest("chat not found")
        if chat.migrated_to is not None:
            text = "group chat was upgraded to a supergroup chat"
            raise BadRequest(text, migrate_to_chat_id=chat.migrated_to)
        person = chat.person
        if person is None:
            if not chat.bot_is_in:
                raise Forbidden(f"bot was kicked from the {chat.kind} chat")
            return chat
        if person.deactivated:
            raise Forbidden("user is deactivated")
        if not person.started:
            raise BadRequest("chat not found")
        if person.blocked:
            raise Forbidden("bot was blocked by the user")
        return chat

    def write(
        self,
        chat: Chat,
        sender: Person | None,
        content: Content,
        *,
        markup: Markup | None = None,
        reply_to: int | None = None,
        thread: int | None = None,
        silent: bool = False,
        via_bot: bool = False,
    ) -> Message:
        """Put a new message into a chat; `sender` is `None` for the bot. A keyboard replaces the one that is shown."""
        numbers: Iterator[int] = self._numbers
        if chat.kind == "supergroup":
            numbers = self._group_numbers.setdefault(chat.id, itertools.count(1))
        message = Message(
            next(numbers), chat, sender, self._clock.now(), content, markup, reply_to=reply_to, silent=silent,
            via_bot=via_bot, thread=thread,
        )  # fmt: skip
        chat.messages[message.id] = message
        if sender is None:
            chat.typing_until = None
            chat.last_by_bot = True
        if markup is not None and markup.kind in ("keyboard", "force_reply"):
            chat.keyboard = markup
        elif markup is not None and markup.kind == "remove":
            chat.keyboard = None
        self.touch(message)
        return message

    def changed(self, message: Message) -> None:
        """A message was edited just now."""
        message.edited = self._clock.now()
        message.edits += 1
        self.touch(message)

    def touch(self, what: Message | Chat) -> None:
        """Something about it is new for whoever looks at the chat."""
        self.revision += 1
        what.revision = self.revision
        if isinstance(what, Message):
            what.chat.revision = self.revision
        self._pulse.beat()
