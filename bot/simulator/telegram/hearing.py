"""What the bot is told of what people write: all of a private chat, of a group only what privacy mode lets through.

Bot features, "Privacy mode": commands that name the bot, commands without a name when the bot was the last bot that
wrote there, messages sent via the bot, replies to what is the bot's or was meant for it, and service messages. Where the
bot is an administrator it is told of everything.
"""

import re

from bot.simulator.telegram.records import Message

_COMMAND = re.compile(r"/[A-Za-z0-9_]{1,32}(?:@([A-Za-z0-9_]{3,32}))?(?![\w@])")
_SERVICE = ("migrate_to_chat_id", "migrate_from_chat_id", "new_chat_members", "left_chat_member")


def hears(message: Message, username: str, *, privacy: bool) -> bool:
    """Whether the bot of that name gets a person's message."""
    chat = message.chat
    if chat.person is not None:
        return True
    if not chat.bot_is_in:
        return False
    if (
        not privacy
        or chat.bot_manages_topics
        or message.via_bot
        or any(kind in message.content.extra for kind in _SERVICE)
    ):
        return True
    if command := _COMMAND.match(message.content.text):
        named = command.group(1)
        return chat.last_by_bot if named is None else named.lower() == username.lower()
    answered = chat.messages.get(message.reply_to) if message.reply_to is not None else None
    return answered is not None and (answered.sender is None or answered.via_bot or answered.heard)
