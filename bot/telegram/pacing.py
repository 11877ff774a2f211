"""How fast we may speak: thirty calls a second in all, one message a second to a chat, twenty a minute to a group.

The pace is kept in the database (`storage.pace`), so that it holds across replicas whatever their number, and a crash or a
restart does not forget it. A claim hands out moments at even distances; each sender waits for the moment that it was given.
Even distances have no bursts to be punished for, and cost a message nothing while the bot is idle.

A chat has two lanes, one for new messages and one for edits: what Telegram limits is messages, and the news that a payment
has ended must not wait a second because its card was updated first. To a group both count.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """Distances between two calls. Slightly more than the limits ask for, since networks bunch up what was even."""

    between_calls: timedelta = timedelta(milliseconds=35)
    in_chat: timedelta = timedelta(seconds=1)
    in_group: timedelta = timedelta(seconds=3)
    ahead: timedelta = timedelta(milliseconds=500)  # moments are handed out no further ahead than this

    def room(self, free_at: datetime, now: datetime) -> int:
        """How many moments can be handed out when the next one is `free_at`."""
        left = now + self.ahead - max(free_at, now)
        if left < timedelta():
            return 0
        return left // self.between_calls + 1 if self.between_calls else 1_000

    def moments(self, free_at: datetime, now: datetime, count: int) -> tuple[list[datetime], datetime]:
        """`count` moments, and when the next one after them is free."""
        first = max(free_at, now)
        return [first + self.between_calls * number for number in range(count)], first + self.between_calls * count

    def next_in_chat(self, chat_id: int, now: datetime, *, edited: bool) -> tuple[datetime | None, datetime | None]:
        """After a call: when the next new message, and when the next edit may follow. None leaves that lane alone."""
        if chat_id < 0:  # groups and channels
            return now + self.in_group, now + self.in_group
        return (None, now + self.in_chat) if edited else (now + self.in_chat, None)


def backoff(attempts: int) -> timedelta:
    """The wait after `attempts` failed attempts to send: doubling from a second to a minute."""
    return timedelta(seconds=min(2 ** min(max(attempts - 1, 0), 10), 60))
