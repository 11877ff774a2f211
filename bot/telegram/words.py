"""The length of what is said: Telegram measures after its markup is read, in UTF-16 code units.

What is too long is cut between characters, with every open tag closed; what Telegram cannot read is said again as plain text.
"""

import html
import re
import unicodedata

_TOKEN = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)[^<>]*>|&(?:#\d+|#x[0-9A-Fa-f]+|[a-z]+);|.", re.DOTALL
)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_ELLIPSIS = "…"
_JOINERS = frozenset("\u200d\ufe0e\ufe0f")


def units(text: str) -> int:
    """The length of plain text as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def plain(text: str) -> str:
    """Telegram HTML as a person reads it."""
    return html.unescape(_TAG.sub("", text))


def cut_html(text: str, most: int) -> str:
    """Telegram HTML of at most `most` units after its markup is read; unchanged when it fits."""
    if units(plain(text)) <= most:
        return text
    kept: list[str] = []
    open_tags: list[str] = []
    left = most - 1
    for token in _TOKEN.finditer(text):
        whole = token.group()
        name = token.group("name")
        if name is None:
            left -= units(html.unescape(whole))
            if left < 0:
                break
        elif not token.group("close"):
            open_tags.append(name)
        elif open_tags:
            open_tags.pop()
        kept.append(whole)
    rest = text[token.start() :]
    while kept and rest and _continues(rest[0], kept[-1]):
        rest = kept.pop()
    return "".join(kept) + _ELLIPSIS + "".join(f"</{name}>" for name in reversed(open_tags))


def cut_plain(text: str, most: int) -> str:
    """Plain text of at most `most` units; unchanged when it fits."""
    return plain(cut_html(html.escape(text, quote=False), most))


def _continues(character: str, before: str) -> bool:
    """Whether the character belongs to the one before it: an accent, a joined emoji."""
    if before.startswith("<"):
        return False
    joined = character in _JOINERS or before in _JOINERS
    return joined or unicodedata.combining(character) != 0 or unicodedata.category(character) in ("Mn", "Me")
