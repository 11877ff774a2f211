"""Topics of forum supergroups: createForumTopic, and what a topic means for whoever writes.

Bot API: a topic is known by `message_thread_id`; a bot makes one where it is an administrator with `can_manage_topics`.
General has no number for a bot: what is sent without one stands there, and 1 leads nowhere. A topic that was deleted
takes nothing any more, and one that is closed only from those who manage topics.
"""

from bot.simulator.telegram.errors import BadRequest
from bot.simulator.telegram.method import Method, chat_number
from bot.simulator.telegram.params import Json, Params
from bot.simulator.telegram.people import NotPossible
from bot.simulator.telegram.records import Chat, Content, Topic
from bot.simulator.telegram.world import TelegramWorld

_COLORS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)
_LONGEST_NAME = 128


async def create_forum_topic(world: TelegramWorld, params: Params) -> object:
    chat = world.chats.reachable(chat_number(params))
    name = params.text("name").strip()
    if chat.topics is None:
        raise BadRequest("the chat is not a forum")
    if not chat.bot_manages_topics:
        raise BadRequest("not enough rights to create a topic")
    if not name:
        raise BadRequest("topic name is not specified")
    if len(name) > _LONGEST_NAME:
        raise BadRequest("TOPIC_TITLE_INVALID")
    color = params.integer("icon_color", _COLORS[0])
    if color not in _COLORS:
        raise BadRequest("wrong icon color specified")
    begun = {"forum_topic_created": {"name": name, "icon_color": color}}
    message = world.chats.write(chat, None, Content(extra=dict(begun)))
    message.thread = message.id
    chat.topics[message.id] = topic = Topic(message.id, name, color)
    return topic.to_api()


def addressed(chat: Chat, params: Params) -> int | None:
    """The topic that a call writes into; None for General, and where there are none. Raises `BadRequest`."""
    thread = params.integer("message_thread_id", 0)
    if not thread:
        return None
    topic = (chat.topics or {}).get(thread)
    if topic is None:
        raise BadRequest("message thread not found")
    if topic.closed and not chat.bot_manages_topics:
        raise BadRequest("TOPIC_CLOSED")
    return thread


def membership(chat: Chat, bot: Json) -> Json:
    """The bot as a ChatMember of this chat."""
    if not chat.bot_manages_topics:
        return {"user": bot, "status": "member"}
    rights = dict.fromkeys(_RIGHTS, False) | {"can_manage_chat": True, "can_manage_topics": True}
    return {"user": bot, "status": "administrator", "can_be_edited": False, "is_anonymous": False} | rights


def open_forum(world: TelegramWorld, group: Chat, *, manages: bool = True) -> Chat:
    """Somebody turns topics on, which only a supergroup has; `manages` lets the bot create some. `NotPossible`."""
    if group.kind != "supergroup":
        raise NotPossible("only a supergroup has topics: let it migrate first")
    group.topics = group.topics or {}
    group.bot_manages_topics = manages
    world.chats.touch(group)
    return group


def close_topic(group: Chat, topic: int) -> None:
    """Somebody closes a topic. Raises `NotPossible`."""
    _topics_with(group, topic)[topic].closed = True


def delete_topic(world: TelegramWorld, group: Chat, topic: int) -> None:
    """Somebody deletes a topic with everything that stands in it. Raises `NotPossible`."""
    del _topics_with(group, topic)[topic]
    for message in group.messages.values():
        if message.thread == topic:
            message.deleted = True
            world.chats.touch(message)


def _topics_with(group: Chat, topic: int) -> dict[int, Topic]:
    if group.topics is None or topic not in group.topics:
        raise NotPossible("there is no such topic")
    return group.topics


_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_promote_members",
    "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
    "can_pin_messages", "can_manage_topics",
)  # fmt: skip

METHODS = (Method("createForumTopic", create_forum_topic),)
