"""Words that are a slip or two away from one that is known: a letter too much, too few, wrong, or two in wrong order."""

from collections import Counter
from collections.abc import Iterable


def near(word: str, known: Iterable[str], *, slips: int, limit: int) -> list[tuple[str, int]]:
    """Those of `known` that are at most `slips` away from `word`, the nearest first, each with how many it takes."""
    letters = Counter(word)
    likely = [one for one in known if _differ(letters, Counter(one)) <= slips]
    if not likely:
        return []
    from rapidfuzz import process  # three megabytes, for the first slip that somebody makes
    from rapidfuzz.distance import OSA

    found = process.extract(word, likely, scorer=OSA.distance, score_cutoff=slips, limit=limit)
    return [(name, int(distance)) for name, distance, _ in found]


def _differ(one: Counter[str], other: Counter[str]) -> int:
    """The least number of slips between words of these letters, in whichever order they are."""
    return max((one - other).total(), (other - one).total())
