"""The command menu of single people: operators see their commands in their private chat and in their group."""

from collections.abc import Sequence

import structlog
from telegram import BotCommand, BotCommandScope, BotCommandScopeChat, BotCommandScopeChatMember
from telegram.error import TelegramError

from bot.telegram.application import App
from bot.telegram.errors import read_failure

_log = structlog.get_logger(__name__)
Menu = Sequence[tuple[str, str]]  # commands as (name, description), in order


async def set_menus(application: App, person: int, *, group: int | None, private: Menu, in_group: Menu) -> None:
    """Set what one person sees in their private chat and, as a member, in a group; nothing: what everybody sees.

    Best effort: Telegram refuses it for those who never wrote to the assistant, or are not in the group.
    """
    await _set(application, BotCommandScopeChat(person), private)
    if group is not None:
        await _set(application, BotCommandScopeChatMember(group, person), in_group)


async def _set(application: App, scope: BotCommandScope, menu: Menu) -> None:
    wanted = tuple(BotCommand(name, description) for name, description in menu)
    try:
        if await application.bot.get_my_commands(scope) == wanted:
            return
        if wanted:
            await application.bot.set_my_commands(wanted, scope)
        else:
            await application.bot.delete_my_commands(scope)
    except TelegramError as error:
        _log.info("the command menu of an operator could not be set", scope=scope.type, why=read_failure(error).words)
