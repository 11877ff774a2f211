"""Near misses: what a word was probably meant to be. To be offered, never to be taken."""

from collections.abc import Mapping
from typing import TypeVar

from bot.payments.slips import near

T = TypeVar("T")


def nearest(word: str, known: Mapping[str, T]) -> T | None:
    """The value whose name is one slip away from `word` (two for long words); None when none is, or several are."""
    lowered = word.strip().casefold()
    if not 3 <= len(lowered) <= 30:
        return None
    slips = 1 if len(lowered) <= 5 else 2
    found = near(lowered, known, slips=slips, limit=3)
    meant = [known[name] for name, distance in found if distance == found[0][1]]
    return meant[0] if meant and all(value == meant[0] for value in meant) else None
