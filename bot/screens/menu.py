"""The ways in: the persistent keyboard under the text field, the command menu, and the greeting that shows both."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.screens.screen import Key, Screen
from bot.screens.texts import LANGUAGES, Texts, catalogue

# the keys of the keyboard, by row, as (command, text key)
_KEYS: Final = ((("buy", "menu.buy"),), (("status", "menu.status"), ("help", "menu.help")))
# the commands of Telegram's menu in the order in which they are shown, with the keys of their descriptions
COMMANDS: Final = MappingProxyType(
    {
        "buy": "command.buy",
        "status": "command.status",
        "help": "command.help",
        "language": "command.language",
        "cancel": "command.cancel",
        "start": "command.start",
    }
)


def main_keyboard(texts: Texts) -> tuple[tuple[Key, ...], ...]:
    """The keyboard that stays under the text field."""
    return tuple(tuple(Key(texts.plain(key)) for _, key in row) for row in _KEYS)


def command_of_key(text: str) -> str | None:
    """The command that a key of the keyboard stands for, in any language; None for any other text."""
    return _BY_LABEL.get(" ".join(text.split()))


def command_menu(texts: Texts) -> tuple[tuple[str, str], ...]:
    """Command and description for Telegram's menu (`setMyCommands`), in order."""
    return tuple((command, texts.plain(key)) for command, key in COMMANDS.items())


def welcome(texts: Texts, *, name: str, returning: bool = False) -> Screen:
    """The answer to /start, with the keyboard. `name` is what the person calls themselves at Telegram."""
    head = texts("welcome.back" if returning else "welcome.hello", name=name)
    parts = (head, texts("welcome.what"), texts("welcome.safety"))
    return Screen(text="\n\n".join(parts), keys=main_keyboard(texts), placeholder=texts.plain("menu.placeholder"))


def _by_label() -> Mapping[str, str]:
    return MappingProxyType(
        {catalogue(language).plain(key): command for language in LANGUAGES for row in _KEYS for command, key in row}
    )


_BY_LABEL: Final = _by_label()
