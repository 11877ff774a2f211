"""What a customer of the tour gets to see: messages, choices, and the difference from what was awaited."""

from dataclasses import dataclass
from typing import Any

import httpx


class Unexpected(Exception):
    """Something was not as the script expects it. The text says what was awaited and what was there."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of the assistant's as it stood in the chat; `buttons` are labels, with what a tap on them sends.

    `links` are the labels that open a page or a chat instead, with where they lead.
    """

    id: int
    text: str
    buttons: tuple[tuple[str, str | None], ...]
    picture: str | None
    edits: int
    revision: int
    links: tuple[tuple[str, str], ...] = ()

    def link(self, label: str) -> str:
        """Where the button whose label contains `label` leads. Raises `Unexpected`."""
        found = next((link for text, link in self.links if label in text), None)
        if found is None:
            raise Unexpected(f"no link {label!r} among {self.links}")
        return found

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands on the buttons."""
        return tuple(label for label, _ in self.buttons)


@dataclass(frozen=True, slots=True)
class Choice:
    """One result of an inline query, and the text of the message that it would send."""

    query: str
    id: str
    title: str
    text: str


async def post(http: httpx.AsyncClient, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Do something through a control interface. Raises `Unexpected` when it cannot be done."""
    answer = await http.post(path, json=body or {})
    if answer.is_error:
        raise Unexpected(f"{path}: {answer.text}")
    return dict(answer.json())
