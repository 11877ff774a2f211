"""One message as it should look: text, buttons, a picture. Drawn by the screens, sent by the outbox, stored in between."""

from dataclasses import dataclass
from typing import Any, Literal, Self

Style = Literal["primary", "success", "danger"]


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button that does exactly one of three things: a tap (`data`), a link (`url`), a copy (`copy`)."""

    text: str
    data: str | None = None
    url: str | None = None
    copy: str | None = None
    style: Style | None = None

    def __post_init__(self) -> None:
        if sum(part is not None for part in (self.data, self.url, self.copy)) != 1:
            raise ValueError("a button does exactly one thing")
        if self.data is not None and not 1 <= len(self.data.encode()) <= 64:
            raise ValueError("the data of a button is 1 to 64 bytes")
        if self.copy is not None and not 1 <= len(self.copy) <= 256:
            raise ValueError("a button copies 1 to 256 characters")


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the keyboard under the text field: sends its own text, or shares the person's phone number."""

    text: str
    shares_contact: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """A message: Telegram HTML of at most 4,096 characters, inline buttons by row, or a keyboard (never both).

    `keys` replaces the keyboard under the text field: rows of keys; an empty tuple takes it away; None leaves it alone.
    `placeholder` is the hint in the text field while `keys` are shown. `receipt` asks for the receipt picture of this
    payment id to be attached; the text becomes its caption (at most 1,024 characters then).
    """

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()
    keys: tuple[tuple[Key, ...], ...] | None = None
    placeholder: str | None = None
    receipt: str | None = None

    def __post_init__(self) -> None:
        if self.rows and self.keys is not None:
            raise ValueError("a message carries inline buttons or a keyboard, not both")

    def to_json(self) -> dict[str, Any]:
        """As JSON, to be stored."""
        return {
            "text": str(self.text),  # plain, also where it was made as `Html`
            "rows": [[_without_gaps(button) for button in row] for row in self.rows],
            "keys": None
            if self.keys is None
            else [[[key.text, key.shares_contact] for key in row] for row in self.keys],
            "placeholder": self.placeholder,
            "receipt": self.receipt,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """The other way round."""
        keys = stored["keys"]
        return cls(
            text=stored["text"],
            rows=tuple(tuple(Button(**button) for button in row) for row in stored["rows"]),
            keys=None if keys is None else tuple(tuple(Key(*key) for key in row) for row in keys),
            placeholder=stored["placeholder"],
            receipt=stored["receipt"],
        )


def _without_gaps(button: Button) -> dict[str, str]:
    parts = {"text": button.text, "data": button.data, "url": button.url, "copy": button.copy, "style": button.style}
    return {name: value for name, value in parts.items() if value is not None}
