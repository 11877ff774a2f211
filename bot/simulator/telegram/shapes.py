"""Messages in the two shapes that they are read in: by the bot (the Bot API's Message) and by people (the page)."""

from bot.simulator.telegram.entities import html
from bot.simulator.telegram.markup import Markup
from bot.simulator.telegram.params import Json
from bot.simulator.telegram.records import Message, StoredFile

FILES = "/_control/telegram/files"
_NOT_QUOTED = ("reply_to_message", "reply_markup")


def to_api(message: Message, bot: Json) -> Json:
    """A message as the Bot API shows it; `bot` is the bot's own User."""
    content = message.content
    shown: Json = {
        "message_id": message.id,
        "from": bot if message.sender is None else message.sender.to_api(),
        "chat": message.chat.to_api(),
        "date": int(message.date.timestamp()),
    }
    words = "caption" if content.has_caption_place else "text"
    if content.text:
        shown[words] = content.text
        if content.entities:
            shown["caption_entities" if words == "caption" else "entities"] = content.entities
    if content.photo is not None:
        shown["photo"] = [_size(size) for size in (*content.photo.smaller, content.photo)]
    if content.document is not None:
        shown["document"] = _document(content.document)
    if message.edited is not None:
        shown["edit_date"] = int(message.edited.timestamp())
    if message.via_bot:
        shown["via_bot"] = bot
    if message.inline is not None:
        shown["reply_markup"] = message.inline.value
    if message.thread is not None:
        shown |= {"message_thread_id": message.thread, "is_topic_message": True}
    # whoever writes into a topic without answering anything answers, for the Bot API, the message that began it
    answers = message.reply_to if message.reply_to is not None else message.thread
    replied = message.chat.messages.get(answers) if answers not in (None, message.id) else None
    if replied is not None:
        answered = to_api(replied, bot)
        shown["reply_to_message"] = {name: answered[name] for name in answered if name not in _NOT_QUOTED}
    return shown | content.extra


def to_people(message: Message, bot_name: str) -> Json:
    """A message as people see it. `rings` tells whether their phone makes a sound: new ones do, edits do not."""
    content, sender = message.content, message.sender
    picture, document = content.photo, content.document
    author: Json = {"bot": True, "name": bot_name}
    if sender is not None:
        author = {"bot": False, "id": sender.id, "name": sender.first_name}
    return {
        "id": message.id,
        "from": author,
        "via": bot_name if message.via_bot else None,
        "date": message.date.isoformat(),
        "plain": content.text,
        "html": html(content.text, content.entities),
        "photo": f"{FILES}/{picture.unique_id}" if picture else None,
        "document": {"name": document.name, "url": f"{FILES}/{document.unique_id}"} if document else None,
        "extra": content.extra,
        "buttons": to_buttons(message.inline),
        "reply_to": message.reply_to,
        "topic": _topic(message),
        "edits": message.edits,
        "rings": sender is None and not message.silent,
        "deleted": message.deleted,
        "revision": message.revision,
    }


def _topic(message: Message) -> str | None:
    topics = message.chat.topics or {}
    return topics[message.thread].name if message.thread in topics else None


def to_buttons(inline: Markup | None) -> list[list[Json]]:
    """The rows of an inline keyboard as people see them."""
    return [[_button(button) for button in row] for row in inline.rows()] if inline is not None else []


def _button(button: Json) -> Json:
    shown: Json = {"text": button["text"], "style": button.get("style")}
    if "callback_data" in button:
        return shown | {"kind": "tap", "data": button["callback_data"]}
    if "url" in button:
        return shown | {"kind": "url", "url": button["url"]}
    copied = button.get("copy_text")
    if isinstance(copied, dict):
        return shown | {"kind": "copy", "copy": copied["text"]}
    here = button.get("switch_inline_query_current_chat")
    if isinstance(here, str):
        return shown | {"kind": "inline", "query": here, "here": True}
    elsewhere = button.get("switch_inline_query", button.get("switch_inline_query_chosen_chat"))
    if isinstance(elsewhere, dict):
        elsewhere = elsewhere.get("query", "")
    if isinstance(elsewhere, str):
        return shown | {"kind": "inline", "query": elsewhere, "here": False}
    return shown | {"kind": "other"}


def _size(file: StoredFile) -> Json:
    sized: Json = {"width": file.width, "height": file.height, "file_size": len(file.content)}
    return {"file_id": file.id, "file_unique_id": file.unique_id} | sized


def _document(file: StoredFile) -> Json:
    named: Json = {"file_name": file.name, "mime_type": file.media_type, "file_size": len(file.content)}
    return {"file_id": file.id, "file_unique_id": file.unique_id} | named
