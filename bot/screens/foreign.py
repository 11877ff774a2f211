"""Text that others wrote (names, notes, the provider's sentences), made harmless before it stands in a message of ours.

It must not break the markup, hide or reorder what is beside it, or become a link, a mention or a command of its own:
Telegram turns "evil.example", "@somebody" and "/start" into links wherever they stand.
"""

import html
import re
import unicodedata
from typing import Final

LONGEST: Final = 200  # characters of one value; no name, note or sentence needs more on a small screen

_MARKS_IN_A_ROW: Final = 2
_JOINER: Final = "\u2060"  # invisible, and enough to keep Telegram from seeing a link
# a point between a letter or digit and the letters of a domain, the parts of an address, and what starts a mention,
# a hashtag or a command
_LINKS: Final = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})|://|[@#$](?=\w)|(?<![^\s(])/(?=\w)")
_GONE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES: Final = frozenset({"Zs", "Zl", "Zp"})
_NO_BREAK_SPACE: Final = "\u00a0"


class Html(str):
    """Telegram HTML of our own making: put into a sentence as it is."""

    __slots__ = ()


def cleaned(text: str, *, longest: int = LONGEST) -> str:
    """`text` on one line, without control characters, invisible marks and direction overrides, at most `longest` long.

    What is cut ends with an ellipsis, never inside a character and its accents. Piles of accents are cleared.
    """
    kept: list[str] = []
    marks = 0
    for char in text[: 20 * longest]:
        category = unicodedata.category(char)
        if char in "\t\n\r" or (category in _SPACES and char != _NO_BREAK_SPACE):
            kept.append(" ")
        elif category in _GONE:
            continue
        elif category in {"Mn", "Me"}:
            marks += 1
            if marks > _MARKS_IN_A_ROW or not kept:
                continue
            kept[-1] += char
            continue
        else:
            kept.append(char)
        marks = 0
    short = "".join(kept[: 4 * longest]).split(" ")
    line = [*" ".join(part for part in short if part)]
    if len(line) <= longest:
        return "".join(line)
    end = longest - 1
    while end > 0 and unicodedata.category(line[end]) in {"Mn", "Me"}:
        end -= 1
    return "".join(line[:end]).rstrip() + "…"


def escaped(value: object, *, longest: int = LONGEST) -> Html:
    """Any value as HTML that shows exactly its own characters. `Html` passes untouched; `TypeError` for a float."""
    if isinstance(value, Html):
        return value
    if isinstance(value, float):
        raise TypeError("a float is never shown: it may not be the number that is recorded")
    text = _LINKS.sub(lambda found: found[0][:1] + _JOINER + found[0][1:], cleaned(str(value), longest=longest))
    return Html(html.escape(text, quote=False))


def exact(value: object, *, longest: int = LONGEST) -> Html:
    """Any value as HTML with nothing put into it, so that a copy works: only for what stands in `<code>`.

    There Telegram makes no links, mentions and commands. `Html` passes untouched; `TypeError` for a float.
    """
    if isinstance(value, Html | float):
        return escaped(value)
    return Html(html.escape(cleaned(str(value), longest=longest), quote=False))


def code(value: object) -> Html:
    """What is to be copied or typed as it stands."""
    return Html(f"<code>{exact(value)}</code>")


def quoted(text: str) -> Html:
    """A sentence of somebody else's as a block of its own, so that nobody takes it for ours."""
    return Html(f"<blockquote>{escaped(text)}</blockquote>")
