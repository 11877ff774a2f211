"""Who is there and what was written: people, chats, messages, files."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.simulator.telegram.entities import Entity
from bot.simulator.telegram.markup import Markup
from bot.simulator.telegram.params import Json

ChatKind = Literal["private", "group", "supergroup"]


@dataclass(slots=True)
class Person:
    """Somebody with Telegram on their phone. `started` once they have written to the bot."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = "en"
    phone: str | None = None
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def to_api(self) -> Json:
        """As the Bot API's User."""
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        extra = {"last_name": self.last_name, "username": self.username, "language_code": self.language_code}
        return user | {name: value for name, value in extra.items() if value is not None}


@dataclass(slots=True)
class StoredFile:
    """A file that somebody has sent. `width` and `height` are those of a picture, else 0.

    `smaller` are the same picture in less detail, the smallest first.
    """

    id: str
    unique_id: str
    path: str
    name: str
    content: bytes
    media_type: str
    width: int = 0
    height: int = 0
    smaller: list["StoredFile"] = field(default_factory=list)

    def to_api(self) -> Json:
        """As the Bot API's File."""
        return {
            "file_id": self.id, "file_unique_id": self.unique_id, "file_size": len(self.content), "file_path": self.path
        }  # fmt: skip


@dataclass(slots=True)
class Content:
    """What a message says: a text, or something with (perhaps) a caption."""

    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    photo: StoredFile | None = None
    document: StoredFile | None = None
    extra: Json = field(default_factory=dict)
    """Fields of the Bot API's Message as they are: `contact`, a service message, a forward's origin."""

    @property
    def is_text(self) -> bool:
        """Whether it is a text message, the only kind that `editMessageText` edits."""
        return self.photo is None and self.document is None and bool(self.text)

    @property
    def has_caption_place(self) -> bool:
        return self.photo is not None or self.document is not None


@dataclass(slots=True)
class Message:
    """One message in a chat; `sender` is `None` for the bot. `revision` grows with every change anywhere.

    `via_bot`: a person has sent what the bot had offered inline; `inline_id` is the bot's only handle on it. `heard`
    tells whether the bot was told of the message.
    """

    id: int
    chat: "Chat"
    sender: Person | None
    date: datetime
    content: Content
    markup: Markup | None = None
    reply_to: int | None = None
    silent: bool = False
    via_bot: bool = False
    inline_id: str | None = None
    thread: int | None = None  # the topic that it stands in; none for those of General
    heard: bool = False
    edited: datetime | None = None
    edits: int = 0
    deleted: bool = False
    revision: int = 0

    @property
    def inline(self) -> Markup | None:
        """The inline keyboard, if it has one."""
        return self.markup if self.markup is not None and self.markup.kind == "inline" else None


@dataclass(slots=True)
class Toast:
    """What a tap was answered with; only `person`, who tapped, sees it."""

    query: str
    person: int
    text: str
    alert: bool
    url: str
    revision: int


@dataclass(slots=True)
class Topic:
    """A topic of a forum, known by the number of the message that tells of its creation."""

    id: int
    name: str
    icon_color: int
    closed: bool = False

    def to_api(self) -> Json:
        """As the Bot API's ForumTopic."""
        return {"message_thread_id": self.id, "name": self.name, "icon_color": self.icon_color}


@dataclass(slots=True)
class Chat:
    """A place where the bot and people write. `keyboard` is what stands under the text field now.

    `foreign`: a place where people are among themselves, and of which the bot knows nothing. `last_by_bot` tells
    whether the bot was the last bot that wrote there. `topics` are those beside General, none where it is no forum;
    `bot_manages_topics` is the administrator's right that the bot needs to make one.
    """

    id: int
    kind: ChatKind
    title: str = ""
    person: Person | None = None
    members: list[int] = field(default_factory=list)
    migrated_to: int | None = None
    bot_is_in: bool = True
    foreign: bool = False
    last_by_bot: bool = False
    messages: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Topic] | None = None
    bot_manages_topics: bool = False
    keyboard: Markup | None = None
    typing_until: datetime | None = None
    toasts: list[Toast] = field(default_factory=list)
    revision: int = 0

    def is_open(self, topic: int) -> bool:
        """Whether people can write into a topic."""
        return self.topics is not None and topic in self.topics and not self.topics[topic].closed

    def to_api(self) -> Json:
        """As the Bot API's Chat."""
        if self.person is None:
            forum: Json = {} if self.topics is None else {"is_forum": True}
            return {"id": self.id, "type": self.kind, "title": self.title} | forum
        user = self.person.to_api()
        shown = {name: user[name] for name in ("first_name", "last_name", "username") if name in user}
        return {"id": self.id, "type": self.kind} | shown
