"""When to look again: the poll schedule and the back-off, as pure functions of how often it was tried."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Patience:
    """All the waiting times of the engine in one place.

    The poll steps follow the provider's limit of 60 reads a minute; callbacks are the fast way, polls the sure one.
    """

    poll_steps: tuple[tuple[int, timedelta], ...] = ((6, timedelta(seconds=10)), (10, timedelta(seconds=30)))
    poll_last: timedelta = timedelta(minutes=5)
    overdue_after: timedelta = timedelta(hours=24)
    poll_overdue: timedelta = timedelta(hours=1)
    # how long after a create call began its absence at the provider counts as proven: longer than the call may last
    absent_after: timedelta = timedelta(seconds=30)
    ask_again: timedelta = timedelta(seconds=2)
    lease: timedelta = timedelta(seconds=60)
    send_within: timedelta = timedelta(seconds=10)  # a call that has not begun by then is not begun at all
    backoff_first: timedelta = timedelta(seconds=1)
    backoff_most: timedelta = timedelta(minutes=5)
    blocked: timedelta = timedelta(seconds=30)

    def next_poll(self, polls: int, age: timedelta) -> timedelta:
        """The wait before the next status read, after `polls` reads of a leg submitted `age` ago."""
        if age >= self.overdue_after:
            return self.poll_overdue
        for count, wait in self.poll_steps:
            if polls < count:
                return wait
            polls -= count
        return self.poll_last

    def backoff(self, failures: int) -> timedelta:
        """The wait after `failures` failed steps in a row: doubling, capped."""
        return min(self.backoff_first * 2 ** min(max(failures - 1, 0), 20), self.backoff_most)
