"""How the provider answers this process: the outcomes and times of the last calls, for the operators' eyes only.

Nothing is decided by it, so it is kept in memory and begins anew with each start.
"""

import statistics
from collections import deque
from datetime import datetime, timedelta
from typing import Final

from bot.engine.clock import Clock
from bot.engine.operators.results import Health

CALLS: Final = 200
_NO_ANSWER: Final = frozenset({"NotSent", "Unknown", "Unanswered", "RateLimited"})


class Pulse:
    """Hears of every call: `heard` is an observer of the provider's client."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: deque[tuple[str, float]] = deque(maxlen=CALLS)
        self._trouble: tuple[str, str, datetime] | None = None

    def heard(self, operation: str, outcome: str, seconds: float) -> None:
        """A call ended so, after this time."""
        self._calls.append((outcome, seconds))
        if outcome in _NO_ANSWER:
            self._trouble = operation, outcome, self._clock()

    def health(self, *, accepted: bool) -> Health:
        """The last calls in short. A refusal is an answer: the provider is there."""
        answered = [seconds for outcome, seconds in self._calls if outcome not in _NO_ANSWER]
        return Health(
            accepted=accepted,
            calls=len(self._calls),
            answered=len(answered),
            typical=timedelta(seconds=statistics.median(answered)) if answered else None,
            last_trouble=self._trouble,
        )
