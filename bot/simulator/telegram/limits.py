"""Flood limits as Telegram's FAQ for bots gives them: one message a second to a chat, thirty a second in all, twenty a
minute to a group. Telegram tolerates short bursts to one chat; how long they may be is a setting."""

import math
from collections import deque
from datetime import datetime, timedelta

from bot.simulator.telegram.settings import Settings

_MINUTE = timedelta(seconds=60)
_SECOND = timedelta(seconds=1)


class Limiter:
    """Counts what is sent; a refused call does not count."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._all: deque[datetime] = deque()
        self._groups: dict[int, deque[datetime]] = {}
        self._debts: dict[int, datetime] = {}

    def admit(self, chat: int, now: datetime, *, group: bool) -> int | None:
        """Count a message to a chat; or the seconds to wait before it may be sent."""
        if self._settings.limits == "off":
            return None
        waits = [
            _wait(self._all, self._settings.per_second, _SECOND, now),
            self._debt(chat, now),
        ]
        if group:
            sent = self._groups.setdefault(chat, deque())
            waits.append(_wait(sent, self._settings.group_per_minute, _MINUTE, now))
        longest = max(waits)
        if longest > timedelta():
            return max(1, math.ceil(longest.total_seconds()))
        self._all.append(now)
        self._debts[chat] = max(self._debts.get(chat, now), now) + _SECOND
        if group:
            self._groups[chat].append(now)
        return None

    def _debt(self, chat: int, now: datetime) -> timedelta:
        tolerated = 1 if self._settings.limits == "strict" else max(1, self._settings.burst)
        owed = self._debts.get(chat, now) - now
        return owed - _SECOND * (tolerated - 1)


def _wait(sent: deque[datetime], most: int, window: timedelta, now: datetime) -> timedelta:
    while sent and sent[0] <= now - window:
        sent.popleft()
    return sent[-most] + window - now if len(sent) >= most else timedelta()
