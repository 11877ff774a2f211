"""One thing said to one chat: as an edit of the message that stands in its slot, or as a new message.

Never more than one message comes of it: a further call is made only after Telegram has refused the one before.
"""

from dataclasses import dataclass

import structlog
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bot.telegram.drawing import Draft, Rendered, drafts
from bot.telegram.errors import Meaning, read_failure

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_log = structlog.get_logger(__name__)


class MessageGone(Exception):
    """The message that was to be edited is gone or cannot be edited."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The message that stands in a slot."""

    message_id: int
    picture: bool


@dataclass(frozen=True, slots=True)
class Delivered:
    """What stands in the chat now; a message that was posted inline has no number there."""

    message_id: int | None
    picture: bool
    edited: bool


def is_edit(rendered: Rendered, standing: Standing | None) -> bool:
    """Whether this will be an edit: there is something to edit, of the same sort, and no keyboard to bring along."""
    if rendered.inline is not None:
        return True
    if rendered.only_edit:
        return standing is not None
    return (
        standing is not None
        and not rendered.fresh
        and rendered.file is None
        and rendered.screen.keys is None
        and standing.picture == (rendered.picture is not None)
    )


async def deliver(
    bot: Bot,
    chat_id: int,
    rendered: Rendered,
    standing: Standing | None,
    *,
    thread: int | None = None,
    silent: bool = False,
) -> Delivered:
    """Say it, more simply where Telegram refuses. Raises `MessageGone` and whatever else the calls raise.

    A new message goes into the topic `thread` of a forum, and makes no sound where it is to be `silent`.
    """
    edited = standing if is_edit(rendered, standing) else None
    ways = drafts(rendered)
    for draft in ways:
        try:
            if rendered.inline is not None:
                return await _edit_inline(bot, rendered.inline, draft)
            if edited is not None:
                return await _edit(bot, chat_id, draft, edited)
            return await _send(bot, chat_id, draft, thread=thread, silent=silent)
        except BadRequest as error:
            meaning = read_failure(error).meaning
            if meaning is Meaning.NO_MESSAGE and (edited is not None or rendered.inline is not None):
                raise MessageGone from None
            if draft is ways[-1] or meaning not in (Meaning.UNREADABLE, Meaning.REFUSED):
                raise
            _log.error("Telegram refused a message; it is said more simply", why=error.message[:120])
    raise AssertionError("there is always a last draft")


async def take_buttons(bot: Bot, chat_id: int, message_id: int) -> None:
    """Take the buttons off a message that another has replaced. Best effort: an old button does no harm."""
    try:
        await bot.edit_message_reply_markup(chat_id, message_id, reply_markup=None)
    except TelegramError as error:
        _log.debug("old buttons stay", why=read_failure(error).words)


async def _send(bot: Bot, chat_id: int, draft: Draft, *, thread: int | None, silent: bool) -> Delivered:
    mode = ParseMode.HTML if draft.html else None
    if draft.file is not None:
        sent = await bot.send_document(
            chat_id,
            draft.file.body,
            filename=draft.file.name,
            caption=draft.text,
            parse_mode=mode,
            reply_markup=draft.markup,
            message_thread_id=thread,
            disable_notification=silent or None,
        )
    elif draft.picture is not None:
        sent = await bot.send_photo(
            chat_id,
            draft.picture,
            caption=draft.text,
            parse_mode=mode,
            reply_markup=draft.markup,
            filename="receipt.png",
            message_thread_id=thread,
            disable_notification=silent or None,
        )
    else:
        sent = await bot.send_message(
            chat_id,
            draft.text,
            parse_mode=mode,
            reply_markup=draft.markup,
            link_preview_options=_NO_PREVIEW,
            message_thread_id=thread,
            disable_notification=silent or None,
        )
    return Delivered(sent.message_id, draft.picture is not None, edited=False)


async def _edit(bot: Bot, chat_id: int, draft: Draft, standing: Standing) -> Delivered:
    mode = ParseMode.HTML if draft.html else None
    markup = draft.markup if isinstance(draft.markup, InlineKeyboardMarkup) else None
    try:
        if standing.picture:
            await bot.edit_message_caption(
                chat_id, standing.message_id, caption=draft.text, parse_mode=mode, reply_markup=markup
            )
        else:
            await bot.edit_message_text(
                draft.text,
                chat_id,
                standing.message_id,
                parse_mode=mode,
                reply_markup=markup,
                link_preview_options=_NO_PREVIEW,
            )
    except BadRequest as error:
        if read_failure(error).meaning is not Meaning.SAME:
            raise
    return Delivered(standing.message_id, standing.picture, edited=True)


async def _edit_inline(bot: Bot, inline_message_id: str, draft: Draft) -> Delivered:
    markup = draft.markup if isinstance(draft.markup, InlineKeyboardMarkup) else None
    try:
        await bot.edit_message_text(
            draft.text,
            inline_message_id=inline_message_id,
            parse_mode=ParseMode.HTML if draft.html else None,
            reply_markup=markup,
            link_preview_options=_NO_PREVIEW,
        )
    except BadRequest as error:
        if read_failure(error).meaning is not Meaning.SAME:
            raise
    return Delivered(None, picture=False, edited=True)
