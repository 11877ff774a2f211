"""Sending: sendMessage, sendPhoto, sendDocument, sendChatAction."""

from datetime import timedelta

from bot.simulator.telegram.errors import BadRequest
from bot.simulator.telegram.markup import read_markup
from bot.simulator.telegram.method import Method, admitted, chat_number
from bot.simulator.telegram.params import Json, Params
from bot.simulator.telegram.records import Chat, Content, StoredFile
from bot.simulator.telegram.shapes import to_api
from bot.simulator.telegram.topics import addressed
from bot.simulator.telegram.words import read_caption, read_text
from bot.simulator.telegram.world import TelegramWorld

_TYPING = timedelta(seconds=5)
_ACTIONS = (
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
)  # fmt: skip


async def send_message(world: TelegramWorld, params: Params) -> object:
    text, entities = read_text(params)
    options = params.parsed("link_preview_options", "link preview options")
    if options is not None and not isinstance(options, dict):
        raise BadRequest("object expected as link preview options")
    return _sent(world, params, Content(text, entities))


async def send_photo(world: TelegramWorld, params: Params) -> object:
    found = world.files.sent(params, "photo")
    caption, entities = read_caption(params)
    photo = found if isinstance(found, StoredFile) else world.files.photo(found)
    if not photo.width:
        raise BadRequest("can't use file of type Document as Photo")
    return _sent(world, params, Content(caption, entities, photo=photo))


async def send_document(world: TelegramWorld, params: Params) -> object:
    found = world.files.sent(params, "document")
    caption, entities = read_caption(params)
    document = found if isinstance(found, StoredFile) else world.files.document(found)
    return _sent(world, params, Content(caption, entities, document=document))


async def send_chat_action(world: TelegramWorld, params: Params) -> object:
    chat = world.chats.reachable(chat_number(params))
    if params.text("action") not in _ACTIONS:
        raise BadRequest("wrong parameter action in request")
    addressed(chat, params)
    chat.typing_until = world.clock.now() + _TYPING
    world.chats.touch(chat)
    return True


def _sent(world: TelegramWorld, params: Params, content: Content) -> Json:
    markup = read_markup(params, private=chat_number(params) > 0)
    chat = world.chats.reachable(chat_number(params))
    thread = addressed(chat, params)
    reply_to = _reply(params, chat)
    admitted(world, params)
    message = world.chats.write(
        chat, None, content, markup=markup, reply_to=reply_to, thread=thread, silent=params.flag("disable_notification")
    )
    return to_api(message, world.me())


def _reply(params: Params, chat: Chat) -> int | None:
    options = params.parsed("reply_parameters", "reply parameters")
    number: object = params.integer("reply_to_message_id", 0)
    lenient = params.flag("allow_sending_without_reply")
    if isinstance(options, dict):
        number, lenient = options.get("message_id"), options.get("allow_sending_without_reply") is True
    if not isinstance(number, int) or number == 0:
        return None
    known = chat.messages.get(number)
    if known is not None and not known.deleted:
        return number
    if lenient:
        return None
    raise BadRequest("message to be replied not found")


METHODS = (
    Method("sendMessage", send_message),
    Method("sendPhoto", send_photo),
    Method("sendDocument", send_document),
    Method("sendChatAction", send_chat_action),
)
