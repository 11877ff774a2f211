"""What operators are told without anything being wrong: at each start that alerts reach them, each day how it went.

Several replicas start together, and every one of them knows the hour: the database decides which one says it. Lines of a
start are written one after the other, each when nothing else waits in that chat and the pace allows it there, so that
whatever is news waits for one of them at most. A start soon after another one writes into the lines that stand there.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.operators.alert_results import GroupStanding
from bot.engine.operators.alerting import AlertKind, AlertMode
from bot.engine.operators.audience import Audience
from bot.engine.outbox import NOTICE_PAYLOAD, notice_row, unpark, write_notice_rows
from bot.engine.wakes import Wakes
from storage import alerts as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.notices import empty_slot

START: Final = "operator_start"  # the kinds of the notices
SUMMARY: Final = "operator_summary"
_TOGETHER: Final = timedelta(minutes=1)  # replicas that start within this time start together
_AGAIN: Final = timedelta(minutes=10)  # a start within this time after another one writes no second set of lines
_DAY: Final = timedelta(days=1)
_log = structlog.get_logger(__name__)


def start_slot(kind: AlertKind) -> str:
    """The slot of the line that says that alerts of a kind, and those told in the same place, reach here."""
    return f"o:start:{kind}"


class Greeter:
    """Says at the start that alerts reach here. A worker that has nothing more to do then."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        clock: Clock,
        wakes: Wakes,
        audience: Audience,
        standing: Callable[[int], Awaitable[GroupStanding]],
        tick: timedelta = timedelta(seconds=1),
    ) -> None:
        """`standing` tells what we may do in a group; a line is written each `tick` at most."""
        self._tick = tick
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._audience = audience
        self._standing = standing
        self._left: list[AlertKind] | None = None  # lines to be written still; unknown before the first step
        self._again = False  # whether another start was a short time ago
        self._group = GroupStanding.NONE
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End `run`."""
        self._stop.set()

    async def run(self) -> None:
        """Write the lines of this start, then wait to be told to stop."""
        done = False
        while not self._stop.is_set():
            try:
                done = done or await self.step()
            except StorageUnavailable as error:
                _log.warning("the lines of the start wait for storage", error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if done else self._tick.total_seconds()):
                    await self._stop.wait()

    async def step(self) -> bool:
        """Write the next line; whether there are none left."""
        chat = self._audience.chat
        if self._left is None:
            self._left = await self._begin()
            if self._left and chat is not None:
                self._group = await self._standing(chat)
        if not self._left:
            return True
        lines = [self._left[0]] if self._group is GroupStanding.TOPICS else self._left
        now = self._clock()

        def write(session: Session) -> bool:
            chats = self._audience.chats(session)
            topics = self._group is GroupStanding.TOPICS
            if topics and not all(queries.is_quiet(session, one, now) for one in chats):
                return False
            if not self._again:  # the lines of the last start stay as they are
                for one in chats:
                    empty_slot(session, one, start_slot(lines[0]))
            write_notice_rows(session, [self._row(session, one, lines, now) for one in chats])
            return True

        if await self._database.write(write):
            self._wakes.notices.set()
            del self._left[: len(lines)]
        return not self._left

    async def _begin(self) -> list[AlertKind]:
        """The kinds that are told at all; none where another process that starts now says it."""
        now, chat = self._clock(), self._audience.chat

        def begin(session: Session) -> list[AlertKind]:
            last = queries.watch_due(session, "start")
            if not queries.take_watch(session, "start", now=now, next_at=now + _TOGETHER):
                return []
            self._again = last is not None and now < last - _TOGETHER + _AGAIN
            if chat is not None:  # whatever was in the way may be mended
                unpark(session, chat, now)
            off = {row.kind for row in queries.rules(session) if row.mode == AlertMode.OFF}
            return [kind for kind in AlertKind if kind not in off]

        return await self._database.write(begin)

    def _row(self, session: Session, chat_id: int, kinds: Sequence[AlertKind], now: datetime) -> dict[str, Any]:
        payload: dict[str, Any] = {
            "kinds": list(kinds),
            "group": self._group,
            "language": self._audience.language(session, chat_id),
            "silent": True,
        }
        if self._group is GroupStanding.TOPICS:
            payload["topic"] = kinds[0]
        return notice_row(
            chat_id=chat_id,
            kind=START,
            dedupe_key=f"start:{now.isoformat()}:{chat_id}:{kinds[0]}",
            slot=start_slot(kinds[0]),
            now=now,
            payload_sealed=self._keyring.seal_json(payload, context=NOTICE_PAYLOAD),
        )


class DailySummary:
    """Tells each day at an hour (UTC) how the day before went. Something to be watched, as the clock is."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        wakes: Wakes,
        audience: Audience,
        *,
        hour: int,
        every: timedelta = timedelta(seconds=30),
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._wakes = wakes
        self._audience = audience
        self._hour = hour
        self.every = every

    async def look(self, now: datetime) -> None:
        """Write the summary when its hour has come. After the first start ever it is told at the next such hour."""
        due = await self._database.read(lambda session: queries.watch_due(session, AlertKind.SUMMARY))
        next_at = self._next(now)
        if due is not None and due <= now:
            if await self._database.write(lambda session: self._write(session, now, next_at)):
                self._wakes.notices.set()
        elif due is None or due > next_at:  # or another hour was set since
            await self._database.write(lambda session: self._begin(session, next_at))

    def _begin(self, session: Session, next_at: datetime) -> None:
        queries.begin_watch(session, AlertKind.SUMMARY, next_at)
        queries.put_watch(session, AlertKind.SUMMARY, next_at)

    def _next(self, now: datetime) -> datetime:
        today = datetime.combine(now.astimezone(UTC).date(), time(self._hour), tzinfo=UTC)
        return today if now < today else today + _DAY

    def _write(self, session: Session, now: datetime, next_at: datetime) -> bool:
        if not queries.take_watch(session, AlertKind.SUMMARY, now=now, next_at=next_at):
            return False
        mode = next((row.mode for row in queries.rules(session) if row.kind == AlertKind.SUMMARY), AlertMode.ON)
        if mode == AlertMode.OFF:
            return False
        day = (now.astimezone(UTC) - _DAY).date().isoformat()
        rows = []
        for chat_id in self._audience.chats(session):
            payload = {
                "day": day,
                "language": self._audience.language(session, chat_id),
                "silent": mode == AlertMode.SILENT,
                "topic": AlertKind.SUMMARY,
            }
            row = notice_row(
                chat_id=chat_id,
                kind=SUMMARY,
                dedupe_key=f"summary:{day}:{chat_id}",
                now=now,
                payload_sealed=self._keyring.seal_json(payload, context=NOTICE_PAYLOAD),
            )
            rows.append(row)
        write_notice_rows(session, rows)
        return True
