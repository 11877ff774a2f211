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
    unapproved_after: timedelta = timedelta(minutes=10)  # prompts on phones are over long before
    overdue_after: timedelta = timedelta(hours=24)
    poll_overdue: timedelta = timedelta(hours=1)
    call_deadline: timedelta = timedelta(seconds=25)  # the client gives up on any call after this
    send_within: timedelta = timedelta(seconds=5)  # a create that has not begun by then is not begun at all
    ask_again: timedelta = timedelta(seconds=2)
    backoff_first: timedelta = timedelta(seconds=1)
    backoff_most: timedelta = timedelta(minutes=5)
    blocked: timedelta = timedelta(seconds=30)

    @property
    def arrival_margin(self) -> timedelta:
        """How long bytes that were sent may still take to be seen at the provider once nobody sends any more."""
        return timedelta(seconds=self.call_deadline.total_seconds() * 0.4)

    @property
    def absent_after(self) -> timedelta:
        """How long after a create call was begun its absence at the provider counts as proven: no call lasts longer."""
        return self.send_within + self.call_deadline + self.arrival_margin

    @property
    def lease(self) -> timedelta:
        """How long a claimed leg is ours: a create call that was begun ends well within it."""
        return self.absent_after + self.call_deadline

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
        doublings = min(max(failures - 1, 0), 20)
        return min(self.backoff_first * (1 << doublings), self.backoff_most)
