"""The ways in: the persistent keyboard under the text field, the command menu, and the greeting that shows both."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, TypeVar

from bot.payments.coverage import Service
from bot.screens.screen import Button, Key, Screen
from bot.screens.taps import MenuTap, read_tap
from bot.screens.texts import LANGUAGES, Texts, catalogue

_Part = TypeVar("_Part")
# the keys of the keyboard, by row, as (command, text key)
_KEYS: Final = (
    (("buy", "menu.buy"), ("sell", "menu.sell")),
    (("send", "menu.send"), ("request", "menu.request")),
    (("status", "menu.status"), ("help", "menu.help")),
)
# the commands of Telegram's menu in the order in which they are shown, with the keys of their descriptions
COMMANDS: Final = MappingProxyType(
    {
        "buy": "command.buy",
        "sell": "command.sell",
        "send": "command.send",
        "request": "command.request",
        "status": "command.status",
        "recipients": "command.recipients",
        "addresses": "command.addresses",
        "help": "command.help",
        "support": "command.support",
        "language": "command.language",
        "settings": "command.settings",
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


def command_menu(texts: Texts, services: Collection[Service] = tuple(Service)) -> tuple[tuple[str, str], ...]:
    """Command and description for Telegram's menu (`setMyCommands`), in order; only what is offered now."""
    return tuple((command, texts.plain(key)) for command, key in COMMANDS.items() if not _is_closed(command, services))


def only_open(screen: Screen, services: Collection[Service]) -> Screen:
    """A screen without the keys and menu buttons of services that are not offered now."""
    if len(services) == len(Service):
        return screen
    keys = screen.keys
    if keys is not None:
        keys = _filled(tuple(key for key in row if not _is_closed(command_of_key(key.text), services)) for row in keys)
    rows = _filled(tuple(button for button in row if not _is_closed(_command(button), services)) for row in screen.rows)
    return replace(screen, keys=keys, rows=rows)


def welcome(texts: Texts, *, name: str, returning: bool = False) -> Screen:
    """The answer to /start, with the keyboard. `name` is what the person calls themselves at Telegram."""
    head = texts("welcome.back" if returning else "welcome.hello", name=name)
    parts = (head, texts("welcome.what"), texts("welcome.safety"))
    return Screen(text="\n\n".join(parts), keys=main_keyboard(texts), placeholder=texts.plain("menu.placeholder"))


def _is_closed(command: str | None, services: Collection[Service]) -> bool:
    return command in tuple(Service) and command not in services


def _command(button: Button) -> str | None:
    tap = None if button.data is None else read_tap(button.data)
    return tap.command if isinstance(tap, MenuTap) else None


def _filled(rows: Iterable[tuple[_Part, ...]]) -> tuple[tuple[_Part, ...], ...]:
    return tuple(row for row in rows if row)


def _by_label() -> Mapping[str, str]:
    return MappingProxyType(
        {catalogue(language).plain(key): command for language in LANGUAGES for row in _KEYS for command, key in row}
    )


_BY_LABEL: Final = _by_label()
