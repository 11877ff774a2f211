"""What an error of a Bot API call means for what was to be done. Read from the library's exceptions, in one place.

The library's tree cannot be used as it is: `BadRequest` (never succeeds) and `TimedOut` (may have succeeded) are both
subclasses of `NetworkError`. What tells "not sent" from "perhaps delivered" is the HTTP client's own error behind it.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)


class TokenRefused(Exception):
    """Telegram does not accept the bot's token: nothing can be done until an operator changes it."""

    def __init__(self) -> None:
        super().__init__("TELEGRAM_TOKEN: Telegram refuses it; get the current one from @BotFather and start again")


class Meaning(StrEnum):
    """What to do about a failed call."""

    NOT_SENT = "not_sent"  # Telegram never saw it: say it again
    UNCLEAR = "unclear"  # it may have been done: say it again, which may repeat it
    WAIT = "wait"  # too fast: not before `wait` is over
    SAME = "same"  # the message looks like that already: done
    NO_MESSAGE = "no_message"  # what was to be edited is gone or cannot be edited: send a new one
    NO_TOPIC = "no_topic"  # the topic is gone or closed: say it elsewhere in the chat
    NOBODY = "nobody"  # the person blocked us, or the chat is no more: keep it until they return
    MOVED = "moved"  # the chat goes on as `chat_id`
    UNREADABLE = "unreadable"  # the text's markup is wrong: plain text may pass
    REFUSED = "refused"  # it will never pass
    TOKEN = "token"  # noqa: S105 - the bot's token is refused


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed call: what it means, and words for the log that hold nothing of what was said."""

    meaning: Meaning
    words: str
    wait: timedelta = timedelta()
    chat_id: int | None = None


_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)
_SENTENCES = (
    (Meaning.SAME, ("message is not modified",)),
    (
        Meaning.NO_MESSAGE,
        (
            "message to edit not found",
            "message can't be edited",
            "message_id_invalid",
            "there is no text in the message",
            "there is no caption in the message",
        ),
    ),
    (Meaning.NO_TOPIC, ("message thread not found", "topic_closed", "topic_deleted")),
    (
        Meaning.NOBODY,
        (
            "chat not found",
            "peer_id_invalid",
            "user is deactivated",
            "group chat was deactivated",
            "have no rights to send",
            "not enough rights",
            "chat_write_forbidden",
        ),
    ),
    (Meaning.UNREADABLE, ("can't parse", "can't find end", "entity")),
)


def read_failure(error: TelegramError) -> Failure:
    """What this error of a call means."""
    name = type(error).__name__
    match error:
        case RetryAfter():
            wait = error.retry_after
            return Failure(Meaning.WAIT, name, wait if isinstance(wait, timedelta) else timedelta(seconds=wait))
        case ChatMigrated():
            return Failure(Meaning.MOVED, name, chat_id=error.new_chat_id)
        case Forbidden():
            return Failure(Meaning.NOBODY, name)
        case InvalidToken() | EndPointNotFound():
            return Failure(Meaning.TOKEN, name)
        case BadRequest():
            sentence = error.message.lower()
            for meaning, parts in _SENTENCES:
                if any(part in sentence for part in parts):
                    return Failure(meaning, f"{name} {meaning}")
            return Failure(Meaning.REFUSED, name)
        case _:
            cause = error.__cause__
            words = name if cause is None else f"{name} {type(cause).__name__}"
            if isinstance(cause, UnicodeError):  # text that no request can carry
                return Failure(Meaning.REFUSED, words)
            return Failure(Meaning.NOT_SENT if isinstance(cause, _NOT_SENT) else Meaning.UNCLEAR, words)
