"""What a person typed, made comparable: digits of any script, odd spaces and invisible marks, before anything is read.

Compatibility normalisation (NFKC) is not used on purpose: it turns "5²" into "52", and an amount must not change its
value on the way in.
"""

import unicodedata
from typing import Final

_OVERRIDES: Final = frozenset("\u202d\u202e")  # text that is displayed in another order than it is stored
_MINUS_SIGNS: Final = frozenset("\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d")
_APOSTROPHES: Final = frozenset("\u2019\u2018\u02bc\uff07")
_SEPARATORS: Final = {"\u066b": ".", "\u066c": "'", "\u060c": ","}  # Arabic decimal, thousands, comma


def reorders_text(text: str) -> bool:
    """True when `text` carries a direction override, so that what a person sees is not what would be read."""
    return any(char in _OVERRIDES for char in text)


def plain_characters(text: str) -> str:
    """`text` with ASCII digits, ASCII signs and single ordinary spaces; invisible marks are gone, ends are stripped.

    Letters keep their case. Characters that only look like digits (superscripts, circled numbers) stay as they are.
    """
    return " ".join("".join(_plain(char) for char in text).split())


def _plain(char: str) -> str:
    if char.isascii():
        return " " if char.isspace() else char
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Cf":
        return ""
    if category in {"Zs", "Zl", "Zp"}:
        return " "
    if char in _MINUS_SIGNS:
        return "-"
    if char in _APOSTROPHES:
        return "'"
    if "\uff01" <= char <= "\uff5e":
        return chr(ord(char) - 0xFEE0)
    return _SEPARATORS.get(char, char)
