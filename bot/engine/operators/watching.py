"""Watching: what has gone wrong is looked for at regular times, and made into alerts that end when it is well again.

Each look reads little: what waits, or what this process has heard. A look writes only when something has changed.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.operators.alerting import AlertKind, end_alert, keep, raise_alert
from bot.engine.operators.audience import Audience
from bot.engine.operators.vigilance import Vigilance
from storage import alerts as queries
from storage import watching
from storage.database import Database
from storage.errors import StorageUnavailable

_MOST: Final = 100  # of one look; what is left is found by the next
# what a customer must hear of their money; the card and the reminder tell nothing that is lost
_OF_MONEY: Final = (
    *("payment_outcome", "payment_payout_waits", "payment_odd_amount"),
    *("payment_not_cancelled", "payment_escrow"),
)
_OF_CASES: Final = (AlertKind.ATTENTION, AlertKind.KEY_REFUSED, AlertKind.SERVICE_NOT_ENABLED)
_log = structlog.get_logger(__name__)


class Watch(Protocol):
    """Something that is looked at every so often."""

    @property
    def every(self) -> timedelta:
        """Between two looks."""
        ...

    async def look(self, now: datetime) -> None:
        """Look, and raise or end alerts. May raise `StorageUnavailable`."""
        ...


class Watchman:
    """Looks at everything in its time; one thing that takes long holds up no other. A worker of its own."""

    def __init__(self, watches: Sequence[Watch], clock: Clock) -> None:
        self._watches = watches
        self._clock = clock
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End `run`."""
        self._stop.set()

    async def run(self) -> None:
        """Look until told to stop."""
        async with asyncio.TaskGroup() as group:
            for watch in self._watches:
                group.create_task(self._keep_looking(watch))

    async def _keep_looking(self, watch: Watch) -> None:
        while not self._stop.is_set():
            try:
                await watch.look(self._clock())
            except StorageUnavailable as error:
                _log.warning("watching waits for storage", error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(watch.every.total_seconds()):
                    await self._stop.wait()


class CaseWatch:
    """The attention list. What the provider refuses us stands there too, and has kinds of its own."""

    def __init__(self, database: Database, vigilance: Vigilance) -> None:
        self._database = database
        self.every = vigilance.cases

    async def look(self, now: datetime) -> None:
        def found(session: Session) -> tuple[list[watching.NewCase], list[tuple[str, str]]]:
            return (
                watching.untold_cases(session, _OF_CASES, limit=_MOST),
                watching.closed_cases(session, _OF_CASES, limit=_MOST),
            )

        begun, over = await self._database.read(found)
        if not begun and not over:
            return

        def write(session: Session) -> None:
            for case in sorted(begun, key=lambda case: (_kind_of(case.dedupe_key), case.id)):  # alike in all replicas
                facts = {"concern": case.concern, "detail": case.detail, "code": case.code or ""}
                raise_alert(session, _kind_of(case.dedupe_key), case.id, facts, now)
            for kind, key in over:
                end_alert(session, AlertKind(kind), key, now)

        await self._database.write(write)


class RecordWatch:
    """What should have been done by now: legs to look at, and what customers should have heard."""

    def __init__(self, database: Database, audience: Audience, vigilance: Vigilance) -> None:
        self._database = database
        self._audience = audience
        self._vigilance = vigilance
        self.every = vigilance.records

    async def look(self, now: datetime) -> None:
        await keep(self._database, AlertKind.POLLS_OVERDUE, lambda session: self._overdue(session, now), now)
        await keep(self._database, AlertKind.UNDELIVERABLE, lambda session: self._unheard(session, now), now)

    def _overdue(self, session: Session, now: datetime) -> dict[str, dict[str, str]]:
        found = watching.overdue_legs(session, now - self._vigilance.overdue)
        if found is None:
            return {}
        count, code, since = found
        return {"legs": {"count": str(count), "code": code, "since": since.isoformat()}}

    def _unheard(self, session: Session, now: datetime) -> dict[str, dict[str, str]]:
        since = now - self._vigilance.unheard
        found = {
            code: {"what": state, "code": code}
            for code, state in watching.undelivered(session, _OF_MONEY, since=since, limit=_MOST)
        }
        if late := watching.late_notices(session, _OF_MONEY, before=now - self._vigilance.late):
            found["late"] = {"what": "late", "count": str(late)}
        if self._audience.chat is not None and queries.is_parked(session, self._audience.chat):
            found["chat"] = {"what": "chat"}
        return found


def _kind_of(dedupe_key: str) -> AlertKind:
    """Which kind a case is told as: those that `engine.standing` and `engine.places` keep have kinds of their own."""
    match dedupe_key.partition(":")[0]:
        case "standing":
            return AlertKind.KEY_REFUSED
        case "not_enabled":
            return AlertKind.SERVICE_NOT_ENABLED
        case _:
            return AlertKind.ATTENTION
