"""What the bot says about itself: commands by scope and language, names and descriptions by language, menu buttons."""

import re
from dataclasses import dataclass, field

from bot.simulator.telegram.errors import BadRequest
from bot.simulator.telegram.params import Json, Params
from bot.simulator.telegram.records import Chat, Person

Scope = tuple[str, int]
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"(?:[a-z]{2})?")
_DEFAULT: Scope = ("default", 0)
_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
_CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")
_TEXTS = {"name": 64, "description": 512, "short_description": 120}


@dataclass(slots=True)
class Profile:
    """Commands, texts and menu buttons as they were set."""

    commands: dict[tuple[Scope, str], list[Json]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    menus: dict[int, Json] = field(default_factory=dict)

    def set_commands(self, params: Params) -> None:
        """Bot API, setMyCommands."""
        given = params.parsed("commands", "commands")
        if not isinstance(given, list):
            raise BadRequest("expected an Array of BotCommand")
        if len(given) > 100:
            raise BadRequest("BOT_COMMANDS_TOO_MUCH")
        self.commands[_scope(params), _language(params)] = [_command(one) for one in given]

    def get_commands(self, params: Params) -> list[Json]:
        """Bot API, getMyCommands: exactly those of this scope and language."""
        return self.commands.get((_scope(params), _language(params)), [])

    def delete_commands(self, params: Params) -> None:
        """Bot API, deleteMyCommands."""
        self.commands.pop((_scope(params), _language(params)), None)

    def commands_for(self, chat: Chat, person: Person | None) -> list[Json]:
        """The commands that somebody sees in a chat: the narrowest scope first, in each their language first."""
        kind = "all_private_chats" if chat.kind == "private" else "all_group_chats"
        language = ((person.language_code if person else None) or "")[:2]
        alone = (f"chat_member {chat.id}", person.id if person else 0)
        for scope in (alone, ("chat", chat.id), (kind, 0), _DEFAULT):
            for spoken in (language, ""):
                if found := self.commands.get((scope, spoken)):
                    return found
        return []

    def set_text(self, kind: str, params: Params) -> None:
        """Bot API, setMyName, setMyDescription, setMyShortDescription; an empty text takes it away."""
        text = params.text(kind)
        if len(text) > _TEXTS[kind]:
            raise BadRequest(f"{kind.replace('_', ' ')} is too long")
        self.texts[kind, _language(params)] = text

    def get_text(self, kind: str, params: Params, default: str = "") -> str:
        """The text of a language, or the one for all."""
        return self.texts.get((kind, _language(params))) or self.texts.get((kind, "")) or default

    def set_menu(self, params: Params) -> None:
        """Bot API, setChatMenuButton, for one chat or for all."""
        button = params.parsed("menu_button", "menu button") or {"type": "default"}
        if not isinstance(button, dict) or button.get("type") not in ("default", "commands"):
            raise BadRequest("can't parse menu button: wrong type specified")
        self.menus[params.integer("chat_id", 0)] = button


def _command(value: object) -> Json:
    if not isinstance(value, dict):
        raise BadRequest("expected an Array of BotCommand")
    name, words = value.get("command"), value.get("description")
    name = name.removeprefix("/") if isinstance(name, str) else ""
    if not _COMMAND.fullmatch(name):
        raise BadRequest("BOT_COMMAND_INVALID")
    if not isinstance(words, str) or not 1 <= len(words) <= 256:
        raise BadRequest("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": words}


def _scope(params: Params) -> Scope:
    scope = params.parsed("scope", "bot command scope")
    if scope is None:
        return _DEFAULT
    kind = scope.get("type") if isinstance(scope, dict) else None
    if kind in _SCOPES:
        return (str(kind), 0)
    chat = scope.get("chat_id") if isinstance(scope, dict) else None
    if kind not in _CHAT_SCOPES or not isinstance(chat, int | str) or not str(chat).lstrip("-").isdecimal():
        raise BadRequest("can't parse BotCommandScope: unsupported type specified")
    if kind == "chat_member":
        user = scope.get("user_id") if isinstance(scope, dict) else None
        if not isinstance(user, int):
            raise BadRequest("can't parse BotCommandScope: user_id not specified")
        return (f"{kind} {int(chat)}", user)
    return (str(kind), int(chat))


def _language(params: Params) -> str:
    language = params.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise BadRequest("invalid language code specified")
    return language
