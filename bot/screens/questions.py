"""Questions of a conversation as messages: what was understood, what is asked, the choices as buttons, the way back.

Every one of them has a way on: Back, Cancel, or both. Buttons carry the conversation's name and revision and a place in
its list of options, nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.screens.foreign import Html
from bot.screens.menu import main_keyboard
from bot.screens.screen import Button, Key, Screen, Style
from bot.screens.status import buy_button
from bot.screens.taps import DialogueTap, MenuTap
from bot.screens.texts import LANGUAGE_NAMES, LANGUAGES, Texts, catalogue

Rows = tuple[tuple[Button, ...], ...]
_SERVICES: Final = ("sell", "send", "request")
_CONTROL_KEYS: Final = ("back", "cancel")
LONGEST_LABEL: Final = 48
_WIDE, _NARROW = 3, 2  # buttons beside each other: of few, and of many


@dataclass(frozen=True, slots=True)
class Choice:
    """A button of a question: its label and the choice behind it; `marked` is the likely one."""

    label: str
    choice: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Which state of which conversation a card shows."""

    dialogue: str
    revision: int

    def button(self, label: str, choice: str, style: Style | None = None) -> Button:
        """A button that belongs to this state."""
        return Button(shortened(label), data=DialogueTap(self.dialogue, self.revision, choice).pack(), style=style)


def shortened(label: str) -> str:
    """The label of a button, cut where no phone shows more."""
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"


def question_card(
    texts: Texts,
    place: Place,
    *parts: Html,
    choices: Sequence[Choice] = (),
    columns: int = 1,
    keep: str | None = None,
    back: bool = True,
) -> Screen:
    """A question with buttons. `keep` is the present answer, which may stay."""
    buttons = [place.button(choice.label, choice.choice, "primary" if choice.marked else None) for choice in choices]
    rows = [tuple(buttons[start : start + columns]) for start in range(0, len(buttons), columns)]
    if keep is not None:
        rows.append((place.button(texts.plain("button.keep", answer=keep), "keep"),))
    controls = [place.button(texts.plain("button.cancel"), "cancel")]
    if back:
        controls.insert(0, place.button(texts.plain("button.back"), "back"))
    return Screen(text=_joined(parts), rows=(*rows, tuple(controls)))


def contact_question(texts: Texts, *parts: Html, back: bool = True) -> Screen:
    """A question for a phone number: one key shares the person's own; Back and Cancel are keys here."""
    controls = [Key(texts.plain(f"key.{name}")) for name in _CONTROL_KEYS if back or name != "back"]
    keys = ((Key(texts.plain("key.share_phone"), shares_contact=True),), tuple(controls))
    return Screen(text=_joined(parts), keys=keys, placeholder=texts.plain("key.phone_hint"))


def review_rows(texts: Texts, place: Place) -> Rows:
    """Under a card with a live price: Confirm, Change, Back, Cancel."""
    return (
        (place.button(texts.plain("button.confirm"), "confirm", "success"),),
        (
            place.button(texts.plain("button.change"), "change"),
            place.button(texts.plain("button.back"), "back"),
        ),
        (place.button(texts.plain("button.cancel"), "cancel"),),
    )


def retry_rows(texts: Texts, place: Place, *, priced: bool = True) -> Rows:
    """Under a card that cannot be confirmed any more: the same, with a new price, or look, in the place of Confirm."""
    again = texts.plain("button.new_price" if priced else "send.check_again")
    return (
        (place.button(again, "refresh", "primary"),),
        *review_rows(texts, place)[1:],
    )


def note(*parts: Html) -> Screen:
    """A few sentences and nothing to tap."""
    return Screen(text=_joined(parts))


def note_with_keyboard(texts: Texts, *parts: Html) -> Screen:
    """A few sentences, and the persistent keyboard comes back."""
    return Screen(text=_joined(parts), keys=main_keyboard(texts), placeholder=texts.plain("menu.placeholder"))


def note_with_menu(texts: Texts, *parts: Html, commands: Sequence[str] = ("buy", "help")) -> Screen:
    """A few sentences with commands to go on with."""
    buttons = {
        "buy": buy_button(texts),
        **{name: Button(texts.plain(f"places.do_{name}"), data=MenuTap(name).pack()) for name in _SERVICES},
        "status": Button(texts.plain("button.payments"), data=MenuTap("status").pack()),
        "help": Button(texts.plain("button.help"), data=MenuTap("help").pack()),
        "language": Button(texts.plain("command.language"), data=MenuTap("language").pack()),
    }
    columns = _WIDE if len(commands) <= _WIDE else _NARROW
    shown = [buttons[name] for name in commands]
    rows = tuple(tuple(shown[start : start + columns]) for start in range(0, len(shown), columns))
    return Screen(text=_joined(parts), rows=rows)


def resume_card(texts: Texts, place: Place, *parts: Html) -> Screen:
    """A conversation that waited too long offers itself again, filled in."""
    return Screen(
        text=_joined(parts),
        rows=(
            (place.button(texts.plain("button.resume"), "resume", "primary"),),
            (place.button(texts.plain("button.cancel"), "cancel"),),
        ),
    )


def language_card(texts: Texts) -> Screen:
    """All languages, each in its own words."""
    rows = tuple((Button(LANGUAGE_NAMES[code], data=MenuTap(f"language-{code}").pack()),) for code in LANGUAGES)
    return Screen(text=texts("ask.language"), rows=rows)


def control_of_key(text: str) -> str | None:
    """`back` or `cancel` for those keys in any language; None for any other text."""
    pressed = " ".join(text.split())
    for language in LANGUAGES:
        for name in _CONTROL_KEYS:
            if pressed == catalogue(language).plain(f"key.{name}"):
                return name
    return None


def _joined(parts: Sequence[Html]) -> Html:
    return Html("\n\n".join(part for part in parts if part))
