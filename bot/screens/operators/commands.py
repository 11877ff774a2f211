"""The commands of operators: listed in /help, offered for a mistyped one, and shown in Telegram's command menu."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.screens.foreign import Html
from bot.screens.menu import command_menu
from bot.screens.operators.parts import joined
from bot.screens.screen import Button, Screen
from bot.screens.taps import MenuTap
from bot.screens.texts import Texts


class Part(StrEnum):
    """What a command is for, in the order in which they are listed."""

    LOOK = "look"
    DO = "do"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True)
class Listed:
    """A command that somebody may use."""

    name: str
    part: Part


def commands_list(texts: Texts, commands: Sequence[Listed]) -> Html:
    """Every command with what it does, by part."""
    blocks = []
    for part in Part:
        lines = [_line(texts, one.name) for one in commands if one.part is part]
        if lines:
            blocks.append(joined([texts(f"ops.part.{part}"), *lines]))
    return joined(blocks, gap="\n\n")


def commands_screen(texts: Texts, commands: Sequence[Listed], *, private: bool) -> Screen:
    """The answer to /help of an operator; in `private` with the way to what customers read there."""
    button = Button(texts.plain("ops.button_customers_help"), data=MenuTap("help").pack())
    text = joined([texts("ops.commands"), commands_list(texts, commands)], gap="\n\n")
    return Screen(text=text, rows=((button,),) if private else ())


def meant_screen(texts: Texts, name: str) -> Screen:
    """A command that was probably meant, to be tapped."""
    return Screen(text=joined([texts("ops.command_meant"), _line(texts, name)]))


def operators_menu(texts: Texts, commands: Sequence[Listed], *, private: bool) -> tuple[tuple[str, str], ...]:
    """Command and description for Telegram's menu, in order; in `private` those of customers follow."""
    ours = tuple(
        (one.name, texts.plain(f"ops.does.{one.name}")) for part in Part for one in commands if one.part is part
    )
    if not private:
        return ours
    names = {name for name, _ in ours}
    return (*ours, *(one for one in command_menu(texts) if one[0] not in names))


def _line(texts: Texts, name: str) -> Html:
    return Html(f"/{name} {texts(f'ops.does.{name}')}")
