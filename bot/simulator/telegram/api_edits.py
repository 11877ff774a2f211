"""Changing what was sent: editMessageText, -Caption, -ReplyMarkup, -Media, deleteMessage, deleteMessages.

Bot API: a bot edits only its own messages, and only those without markup or with an inline keyboard; markup that an
edit does not repeat is gone. Inline messages are edited by their `inline_message_id`, answered `True` instead of with the
message, and cannot take a file that is uploaded with the edit.
"""

from datetime import timedelta

from bot.simulator.telegram.errors import BadRequest
from bot.simulator.telegram.markup import Markup, read_inline
from bot.simulator.telegram.method import Method, admitted, chat_number
from bot.simulator.telegram.params import Params
from bot.simulator.telegram.records import Content, Message, StoredFile
from bot.simulator.telegram.shapes import to_api
from bot.simulator.telegram.words import read_caption, read_text
from bot.simulator.telegram.world import TelegramWorld

_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)


async def edit_text(world: TelegramWorld, params: Params) -> object:
    text, entities = read_text(params)
    markup = read_inline(params)
    message = _editable(world, params)
    if not message.content.is_text:
        raise BadRequest("there is no text in the message to edit")
    return _changed(world, message, Content(text, entities), markup)


async def edit_caption(world: TelegramWorld, params: Params) -> object:
    caption, entities = read_caption(params)
    markup = read_inline(params)
    message = _editable(world, params)
    if not message.content.has_caption_place:
        raise BadRequest("there is no caption in the message to edit")
    old = message.content
    return _changed(world, message, Content(caption, entities, old.photo, old.document), markup)


async def edit_markup(world: TelegramWorld, params: Params) -> object:
    markup = read_inline(params)
    message = _editable(world, params)
    return _changed(world, message, message.content, markup)


async def edit_media(world: TelegramWorld, params: Params) -> object:
    media = params.parsed("media", "media")
    if not isinstance(media, dict) or media.get("type") not in ("photo", "document"):
        raise BadRequest("can't parse InputMedia: unsupported media type specified")
    kind = str(media["type"])
    words = Params({name: media.get(name) for name in ("caption", "parse_mode", "caption_entities")}, {})
    caption, entities = read_caption(words)
    markup = read_inline(params)
    message = _editable(world, params)
    found = world.files.sent(params, kind, media.get("media") or "")
    if message.via_bot and not isinstance(found, StoredFile):
        raise BadRequest("Invalid message content specified")
    if not isinstance(found, StoredFile):
        found = world.files.photo(found) if kind == "photo" else world.files.document(found)
    content = Content(caption, entities)
    if kind == "photo":
        content.photo = found
    else:
        content.document = found
    return _changed(world, message, content, markup)


async def delete_message(world: TelegramWorld, params: Params) -> object:
    chat = world.chats.reachable(chat_number(params))
    _delete(world, chat.messages.get(params.integer("message_id", 0)))
    return True


async def delete_messages(world: TelegramWorld, params: Params) -> object:
    chat = world.chats.reachable(chat_number(params))
    numbers = params.parsed("message_ids", "message identifiers")
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= 100:
        raise BadRequest("message identifiers are not specified")
    for message in [chat.messages[number] for number in numbers if number in chat.messages]:
        if not message.deleted:
            _delete(world, message)
    return True


def _delete(world: TelegramWorld, message: Message | None) -> None:
    if message is None or message.deleted:
        raise BadRequest("message to delete not found")
    age = world.clock.now() - message.date
    foreign = message.sender is not None and message.chat.person is None
    if foreign or age > timedelta(seconds=world.settings.delete_ttl):
        raise BadRequest("message can't be deleted for everyone")
    message.deleted = True
    world.chats.touch(message)


def _editable(world: TelegramWorld, params: Params) -> Message:
    if params.given("inline_message_id"):
        inline = world.inline.messages.get(params.text("inline_message_id"))
        if inline is None or inline.deleted:
            raise BadRequest("MESSAGE_ID_INVALID")
        return inline
    chat = world.chats.reachable(chat_number(params))
    if not params.given("message_id"):
        raise BadRequest("message identifier is not specified")
    message = chat.messages.get(params.integer("message_id", 0))
    if message is None or message.deleted:
        raise BadRequest("message to edit not found")
    if message.sender is not None or (message.markup is not None and message.inline is None):
        raise BadRequest("message can't be edited")
    if world.settings.limits == "strict":
        admitted(world, params)
    return message


def _changed(world: TelegramWorld, message: Message, content: Content, markup: Markup | None) -> object:
    if content == message.content and markup == message.inline:
        raise BadRequest(_SAME)
    message.content, message.markup = content, markup
    world.chats.changed(message)
    return True if message.via_bot else to_api(message, world.me())


METHODS = (
    Method("editMessageText", edit_text),
    Method("editMessageCaption", edit_caption),
    Method("editMessageReplyMarkup", edit_markup),
    Method("editMessageMedia", edit_media),
    Method("deleteMessage", delete_message),
    Method("deleteMessages", delete_messages),
)
