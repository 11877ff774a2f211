"""Telling operators of alerts: one message for each kind, that rings for what is new, but not often.

The first of a kind rings at once. What comes within the next minutes is written into the message that stands there, and
rings together when they are over. What is over is written there too, without a sound; what lasts is told again after a
day. Whatever is told is drawn when it is sent, so a message that waited tells how things are now.
"""

import asyncio
import contextlib
from datetime import datetime
from typing import Any, Final

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.operators.alerting import AlertKind, AlertMode
from bot.engine.operators.audience import Audience
from bot.engine.operators.vigilance import Vigilance
from bot.engine.outbox import NOTICE_PAYLOAD, notice_row, write_notice_rows
from bot.engine.wakes import Wakes
from storage import alerts as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import StorageUnavailable

NOTICE: Final = "operator_alert"  # the kind of its notices
_log = structlog.get_logger(__name__)


def alert_slot(kind: AlertKind) -> str:
    """The slot of the message that tells of a kind."""
    return f"o:alert:{kind}"


class Teller:
    """Writes the messages about alerts. A worker of its own; any number of replicas may run one."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        clock: Clock,
        wakes: Wakes,
        audience: Audience,
        vigilance: Vigilance | None = None,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._audience = audience
        self._vigilance = vigilance or Vigilance()
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End `run`."""
        self._stop.set()

    async def run(self) -> None:
        """Tell whatever is due until told to stop."""
        while not self._stop.is_set():
            try:
                await self.step()
            except StorageUnavailable as error:
                _log.warning("alerts wait for storage", error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._vigilance.tick.total_seconds()):
                    await self._stop.wait()

    async def step(self) -> int:
        """Tell what is due now; of how many kinds something was said. Raises `StorageUnavailable`."""
        now = self._clock()
        due = await self._database.read(lambda session: queries.due_kinds(session, now))
        said = 0
        for kind in due:  # one at a time, so that nobody who raises alerts of several is waited for in a circle
            said += await self._database.write(lambda session: self._tell(session, AlertKind(kind), now))  # noqa: B023
        if said:
            self._wakes.notices.set()
        return said

    def _tell(self, session: Session, kind: AlertKind, now: datetime) -> bool:
        """Decide what is said of one kind, and when something is due again; whether anything is said now."""
        rule = queries.take_due(session, kind, now)
        if rule is None or rule.mode == AlertMode.OFF:  # what is off is told once it is on again, if it lasts still
            return False
        often, rang = self._vigilance, rule.rang_at
        news = queries.news(session, kind)
        may_ring = rang is None or now >= rang + often.ring
        reminds = rang is not None and now >= rang + often.remind and queries.lasts(session, kind)
        if (news and may_ring) or reminds:
            rang = now
            queries.mark_told(session, kind, now)
        elif rang is None:  # it was over before anything was said
            return False
        elif rule.said_at is not None and now < rule.said_at + often.change:
            queries.tell_by(session, kind, rule.said_at + often.change)
            return False
        elif news:
            queries.tell_by(session, kind, rang + often.ring)
        self._write(session, kind, silent=rule.mode == AlertMode.SILENT or rang != now, rang=rang, now=now)
        queries.note_told(session, kind, rang_at=rang, said_at=now)
        if queries.lasts(session, kind):
            queries.tell_by(session, kind, rang + often.remind)
        return True

    def _write(self, session: Session, kind: AlertKind, *, silent: bool, rang: datetime, now: datetime) -> None:
        payload: dict[str, Any] = {
            "alert": kind,
            "since": rang.isoformat(),
            "fresh": rang == now,
            "silent": silent,
            "topic": kind,
        }
        rows = []
        for chat_id in self._audience.chats(session):
            told = payload | {"language": self._audience.language(session, chat_id)}
            row = notice_row(
                chat_id=chat_id,
                kind=NOTICE,
                dedupe_key=f"alert:{kind}:{chat_id}:{now.isoformat()}",
                slot=alert_slot(kind),
                now=now,
                payload_sealed=self._keyring.seal_json(told, context=NOTICE_PAYLOAD),
            )
            rows.append(row)
        write_notice_rows(session, rows)
