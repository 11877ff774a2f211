"""Which updates are for the operators' desk, before it is known who sent them.

What was forwarded never counts, whoever forwards it, and nor does what a group or a channel says in its own name: in both
cases the words are not those of the person whose id decides.
"""

from types import MappingProxyType
from typing import Final

from telegram import Message, Update

from bot.screens.taps import OperatorTap, read_tap

COMMANDS: Final = frozenset(
    {
        *("help",),
        *("ops", "payment", "find", "customer", "balances", "books", "audit", "export", "attention", "operators"),
        *("poll", "resolve", "block", "unblock", "pause", "resume"),
        *("alerts",),
        *("limits", "limit", "fees"),
        *("approvals", "transfer", "retry", "refund"),
        *("payout", "collect"),
        *("bulk",),
        *("check",),
        *("reconcile",),
        *("cases", "broadcast", "maintenance"),
    }
)
# commands that only look, and with how many words at most: others of theirs do something
LOOKING: Final = MappingProxyType(
    {
        **dict.fromkeys(("help", "ops", "payment", "find", "customer", "balances", "books", "audit", "export"), 100),
        **dict.fromkeys(("attention", "approvals", "cases", "bulk", "check"), 100),
        **dict.fromkeys(("alerts", "limits", "fees", "reconcile", "operators"), 0),
        "limit": 1,
    }
)
INVITED: Final = "op_"  # what the start parameter of an invitation begins with
_TABLES: Final = (".csv", ".tsv", ".txt")


def is_for_the_desk(update: Update, bot_username: str) -> bool:
    """Whether this is an operators' command, a press of one of their buttons, a reply to a message of ours, or a table."""
    if update.callback_query is not None:
        return isinstance(read_tap(update.callback_query.data or ""), OperatorTap)
    message = update.message
    if message is None or not is_own(message):
        return False
    return command_of(message, bot_username) in COMMANDS or _answers_us(message, bot_username) or is_a_table(message)


def only_looks(name: str, said: str) -> bool:
    """Whether an operators' command with these words changes nothing and asks nothing."""
    most = LOOKING.get(name)
    return most is not None and len(said.split()) <= most


def is_own(message: Message) -> bool:
    """Whether a message is what its sender wrote, as themselves."""
    return message.forward_origin is None and message.sender_chat is None and message.via_bot is None


def is_a_table(message: Message) -> bool:
    """Whether a message is a file that a spreadsheet wrote as text, by its name."""
    file = message.document
    return file is not None and (file.file_name or "").lower().endswith(_TABLES)


def command_of(message: Message, bot_username: str) -> str | None:
    """The name of the command that a message begins with, when it is meant for this bot."""
    text = message.text or ""
    if not text.startswith("/"):
        return None
    name, _, named = text.split(maxsplit=1)[0].removeprefix("/").partition("@")
    return name.lower() if named.lower() in ("", bot_username.lower()) else None


def _answers_us(message: Message, bot_username: str) -> bool:
    replied = message.reply_to_message
    if replied is not None and replied.forum_topic_created is not None:  # so every word in a topic of ours looks
        return False
    user = None if replied is None else replied.from_user
    return bool(message.text) and user is not None and user.is_bot and user.username == bot_username
