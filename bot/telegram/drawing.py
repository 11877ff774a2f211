"""From a screen to the arguments of a call, and back to something simpler when Telegram does not take it.

A *draft* is one way to say a screen. The first is the screen as drawn; the following ones give up the picture, the markup,
the buttons, in this order: for somebody who waits for word of their money, a plain sentence is better than nothing.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telegram import (
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.constants import MessageLimit

from bot.screens.screen import Button, Key, Screen
from bot.telegram.words import cut_html, cut_plain, plain

MOST_TEXT = int(MessageLimit.MAX_TEXT_LENGTH)
MOST_CAPTION = int(MessageLimit.CAPTION_LENGTH)
MOST_PLACEHOLDER = 64

Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """A notice as its renderer sees it. `payload` is what was stored with it."""

    id: str
    chat_id: int
    kind: str
    slot: str | None
    payment_id: str | None
    payload: Mapping[str, Any] | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class File:
    """A file to be sent: what it is called, and what is in it."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Rendered:
    """What to say. `picture` is a PNG, sent with the screen's text as its caption. `fresh`: never as an edit.

    `inline` is the id of a message that somebody posted in inline mode: it can be edited and nothing else. With a `file`
    the text is its caption, and there is no picture. `only_edit`: as new words for the message that stands in the slot,
    text or picture, and not at all where none does.
    """

    screen: Screen
    picture: bytes | None = None
    fresh: bool = False
    inline: str | None = None
    file: File | None = None
    only_edit: bool = False


Renderer = Callable[[NoticeFacts], Awaitable[Rendered | None]]
"""Draws a notice when it is about to be sent; None when there is nothing to say any more."""


def screen_renderer(receipt: Callable[[str], Awaitable[bytes | None]] | None = None) -> Renderer:
    """The renderer of kind "screen": what was stored, with the picture that `receipt` draws for a payment id."""

    async def render(facts: NoticeFacts) -> Rendered | None:
        if facts.payload is None:
            return None
        screen = Screen.from_json(facts.payload["screen"])
        picture = await receipt(screen.receipt) if receipt is not None and screen.receipt is not None else None
        return Rendered(screen, picture, fresh=bool(facts.payload.get("fresh")))

    return render


@dataclass(frozen=True, slots=True)
class Draft:
    """One way to say something: `text` is HTML or, with `html` false, plain."""

    text: str
    html: bool
    markup: Markup | None
    picture: bytes | None
    file: File | None = None


def drafts(rendered: Rendered) -> list[Draft]:
    """All ways to say it, the best first, each within Telegram's limits."""
    screen = rendered.screen
    markup = _markup(screen)
    if rendered.file is not None:  # without it there is nothing to say
        return [Draft(cut_html(screen.text, MOST_CAPTION), True, markup, None, rendered.file)]
    text = cut_html(screen.text, MOST_TEXT)
    bare = cut_plain(plain(screen.text), MOST_TEXT)
    ways = [Draft(text, True, markup, None), Draft(bare, False, markup, None)]
    if markup is not None:
        ways.append(Draft(bare, False, None, None))
    if rendered.picture is not None:
        ways.insert(0, Draft(cut_html(screen.text, MOST_CAPTION), True, markup, rendered.picture))
    return ways


def _markup(screen: Screen) -> Markup | None:
    if screen.rows:
        return InlineKeyboardMarkup([[_button(button) for button in row] for row in screen.rows])
    if screen.keys is None:
        return None
    if not screen.keys:
        return ReplyKeyboardRemove()
    return ReplyKeyboardMarkup(
        [[_key(key) for key in row] for row in screen.keys],
        resize_keyboard=True,
        is_persistent=True,
        input_field_placeholder=screen.placeholder[:MOST_PLACEHOLDER] if screen.placeholder else None,
    )


def _button(button: Button) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        button.text,
        callback_data=button.data,
        url=button.url,
        copy_text=CopyTextButton(button.copy) if button.copy is not None else None,
        style=button.style,
    )


def _key(key: Key) -> KeyboardButton:
    return KeyboardButton(key.text, request_contact=True if key.shares_contact else None)
