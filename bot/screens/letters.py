"""What people write to each other through the assistant: their lines stay lines, and their signs stay signs.

Words of customers cannot become links, as everything foreign. Words of the team may: they are ours.
"""

import html
from collections.abc import Callable
from typing import Final

from bot.screens.foreign import Html, cleaned, escaped

MOST_LINES: Final = 40
_LONGEST_LINE: Final = 1_000


def foreign_letter(text: str, *, longest: int) -> Html:
    """What a customer wrote, in a block of its own so that nobody takes it for ours."""
    return Html(f"<blockquote>{_lines(text, longest, _foreign)}</blockquote>")


def own_letter(text: str, *, longest: int) -> Html:
    """What the team wrote."""
    return Html(_lines(text, longest, _own))


def _lines(text: str, longest: int, each: Callable[[str], str]) -> str:
    """The lines, without more than one empty one in a row, cut where there are too many signs or lines."""
    kept: list[str] = []
    left = longest
    for line in text.strip().splitlines():
        shown = cleaned(line, longest=min(_LONGEST_LINE, left)) if left > 1 else ""
        if not shown and (not kept or not kept[-1] or left <= 1):
            continue
        kept.append(each(shown))
        left -= len(shown)
        if len(kept) == MOST_LINES:
            break
    return "\n".join(kept).strip()


def _foreign(line: str) -> str:
    return escaped(line, longest=_LONGEST_LINE)


def _own(line: str) -> str:
    return html.escape(line, quote=False)
