"""A limit on what one person may send in a short time, so that nobody else waits for them. Told once, then silent."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from enum import Enum, auto


class Verdict(Enum):
    """What to do with an update."""

    PASS = auto()
    TELL = auto()  # too many: say so, this once
    DROP = auto()


class Flood:
    """Counts updates by person in this process; forgets people who are quiet. One object, made with the services."""

    def __init__(self, *, most: int = 40, within: timedelta = timedelta(seconds=10), people: int = 10_000) -> None:
        self._most = most
        self._within = within
        self._people = people
        self._seen: OrderedDict[int, deque[datetime]] = OrderedDict()
        self._told: set[int] = set()

    def judge(self, person: int, at: datetime) -> Verdict:
        """Count one update sent at `at` and say what to do with it."""
        times = self._seen.setdefault(person, deque(maxlen=self._most + 1))
        self._seen.move_to_end(person)
        times.append(at)
        while times and at - times[0] >= self._within:
            times.popleft()
        if len(self._seen) > self._people:
            forgotten, _ = self._seen.popitem(last=False)
            self._told.discard(forgotten)
        if len(times) <= self._most:
            self._told.discard(person)
            return Verdict.PASS
        if person in self._told:
            return Verdict.DROP
        self._told.add(person)
        return Verdict.TELL
