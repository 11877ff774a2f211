"""Near misses: what a word was probably meant to be. To be offered, never to be taken."""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def nearest(word: str, known: Mapping[str, T]) -> T | None:
    """The value whose name is one slip away from `word` (two for long words); None when none is, or several are."""
    lowered = word.strip().casefold()
    if not 3 <= len(lowered) <= 30:
        return None
    from rapidfuzz import process  # three megabytes, for the first slip that somebody makes
    from rapidfuzz.distance import OSA

    slips = 1 if len(lowered) <= 5 else 2
    near = process.extract(lowered, list(known), scorer=OSA.distance, score_cutoff=slips, limit=3)
    meant = [known[name] for name, distance, _ in near if distance == near[0][1]]
    return meant[0] if meant and all(value == meant[0] for value in meant) else None
