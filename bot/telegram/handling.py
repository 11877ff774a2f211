"""Handling stored updates: one at a time for each person, and each one's effects in the transaction that marks it done.

So an update whose effects were lost is handled again, and one whose effects are kept never is. Handlers only stage what they
want written (`bot.engine.effects`). An update that cannot be handled is tried again a few times, then parked: the person is
told that it did not work, a case is opened for the operators, and the person's next update goes through.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session
from telegram import Update

from bot.engine.clock import Clock
from bot.engine.effects import Effects, collecting
from bot.engine.inbox import UPDATE_BODY
from bot.engine.outbox import Drawn, Outbox
from bot.engine.wakes import Wakes
from bot.payments.identifiers import new_id
from bot.payments.states import Concern
from bot.telegram.application import App, handler_errors
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import SealRefused, StorageUnavailable
from storage.payments import LostRace, open_cases
from storage.updates import ClaimedUpdate, LostLease, claim_updates, finish_update, park_update, postpone_update

AT_ONCE = 16
MOST_ATTEMPTS = 5
MOST_RACES = 5
LEASE = timedelta(seconds=60)
HANDLING_SECONDS = 30.0  # well inside the lease
_log = structlog.get_logger(__name__)

Sorry = Callable[[int, str | None], Drawn]


class InboxWorker:
    """Handles what `Inbox` stored, up to `AT_ONCE` persons together. Any number of replicas may run one."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        application: App,
        outbox: Outbox,
        sorry: Sorry,
        clock: Clock,
        wakes: Wakes,
        *,
        owner: str,
    ) -> None:
        """`sorry` draws what a person is told about an update that was parked, from chat id and language code."""
        self._database = database
        self._keyring = keyring
        self._application = application
        self._outbox = outbox
        self._sorry = sorry
        self._clock = clock
        self._wakes = wakes
        self._owner = owner
        self._in_flight: dict[asyncio.Task[None], ClaimedUpdate] = {}
        self._stopping = False

    def stop(self) -> None:
        """Take nothing more; `run` ends when what is at hand is handled."""
        self._stopping = True
        self._wakes.updates.set()

    async def run(self) -> None:
        """Handle whatever is due until told to stop."""
        try:
            while not self._stopping:
                self._wakes.updates.clear()
                try:
                    started = await self._start_due()
                except StorageUnavailable as error:
                    _log.warning("updates wait for storage", error=str(error))
                    await asyncio.sleep(1)
                    continue
                if started == 0 and not self._stopping:
                    await self._wakes.updates.wait()
            if self._in_flight:
                await asyncio.wait(self._in_flight)
        finally:
            for task in self._in_flight:
                task.cancel()

    async def claim(self) -> list[ClaimedUpdate]:
        """Take the next update of each person, as far as there is room."""
        room = AT_ONCE - len(self._in_flight)
        if room <= 0:
            return []
        now = self._clock()
        lease = f"{self._owner}:{new_id()}"
        return await self._database.write(
            lambda session: claim_updates(session, lease=lease, now=now, until=now + LEASE, limit=room)
        )

    async def step(self) -> int:
        """Handle the next update of each person to the end; how many there were."""
        started = await self._start_due()
        while self._in_flight:
            await asyncio.wait(self._in_flight)
        return started

    async def _start_due(self) -> int:
        claimed = await self.claim()
        for update in claimed:
            self._start(update)
        return len(claimed)

    def _start(self, claimed: ClaimedUpdate) -> None:
        task = asyncio.create_task(self._handle(claimed))
        self._in_flight[task] = claimed
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        """The one edge: an update that could not be handled is logged once, and tried again or parked."""
        claimed = self._in_flight.pop(task)
        self._wakes.updates.set()
        if task.cancelled() or (error := task.exception()) is None or isinstance(error, LostLease):
            return
        if isinstance(error, StorageUnavailable):
            _log.warning("an update waits for storage", update=claimed.update_id, error=str(error))
        else:
            _log.error("an update could not be handled", update=claimed.update_id, exc_info=error)
        self._start_failing(claimed, error, tell=True)

    def _start_failing(self, claimed: ClaimedUpdate, error: BaseException, *, tell: bool) -> None:
        after = asyncio.create_task(self._failed(claimed, error, tell=tell))
        self._in_flight[after] = claimed

        def done(task: asyncio.Task[None]) -> None:
            self._in_flight.pop(task)
            self._wakes.updates.set()
            if task.cancelled() or (second := task.exception()) is None or isinstance(second, LostLease):
                return
            _log.error("a failed update could not be put away", update=claimed.update_id, exc_info=second)
            if tell:  # what cannot be read must not block its person for good
                self._start_failing(claimed, error, tell=False)

        after.add_done_callback(done)

    async def _handle(self, claimed: ClaimedUpdate) -> None:
        with structlog.contextvars.bound_contextvars(update=claimed.update_id):
            if claimed.attempts > MOST_ATTEMPTS:  # whoever tried before did not live to tell
                raise RuntimeError("every attempt at this update ended the process")
            collected = await self._handle_and_write(claimed)
            self._wakes.notices.set()
            await collected.finish()

    async def _handle_and_write(self, claimed: ClaimedUpdate) -> Effects:
        body = json.loads(self._keyring.open_bytes(claimed.body_sealed, context=UPDATE_BODY))
        races = 0
        while True:
            async with asyncio.timeout(HANDLING_SECONDS):
                collected = await self._process(body)
            try:
                await self._write(_finishing(claimed, collected, self._clock()))
            except LostRace:
                races += 1
                if races == MOST_RACES:
                    raise
                continue
            return collected

    async def _process(self, body: dict[str, Any]) -> Effects:
        collected = Effects()
        errors: list[Exception] = []
        token = handler_errors.set(errors)
        try:
            with collecting(collected):
                await self._application.process_update(Update.de_json(body, self._application.bot))
        finally:
            handler_errors.reset(token)
        if errors:
            raise errors[0]
        return collected

    async def _write(self, work: Callable[[Session], None]) -> None:
        """Write, again while the database is away. If the lost answer was a yes, the lease is gone: `LostLease`."""
        while True:
            try:
                await self._database.write(work)
            except StorageUnavailable as error:
                _log.warning("an update's effects wait for storage", error=str(error))
                await asyncio.sleep(1)
            else:
                return

    async def _failed(self, claimed: ClaimedUpdate, error: BaseException, *, tell: bool) -> None:
        now = self._clock()
        name = type(error).__name__
        if isinstance(error, StorageUnavailable):
            due_at = now + timedelta(seconds=1)
            await self._write(
                lambda session: postpone_update(session, claimed, due_at=due_at, error=name, counts=False)
            )
        elif claimed.attempts < MOST_ATTEMPTS and not isinstance(error, SealRefused):
            due_at = now + timedelta(seconds=2 ** (claimed.attempts - 1))
            await self._write(lambda session: postpone_update(session, claimed, due_at=due_at, error=name))
        else:
            await self._write(self._parking(claimed, name, tell=tell))
            self._wakes.notices.set()

    def _parking(self, claimed: ClaimedUpdate, error: str, *, tell: bool) -> Callable[[Session], None]:
        now = self._clock()
        case = {
            "id": new_id(),
            "dedupe_key": f"update:{claimed.update_id}",
            "concern": str(Concern.POISON),
            "payment_id": None,
            "leg_id": None,
            "detail": f"update {claimed.update_id} could not be handled in {claimed.attempts} attempts: {error}",
            "opened_at": now,
        }
        told = self._told(claimed) if tell else None
        screen = None if told is None else self._sorry(*told)

        def park(session: Session) -> None:
            park_update(session, claimed, now, error)
            open_cases(session, [case])
            if told is not None and screen is not None:
                self._outbox.say_now(session, chat_id=told[0], screen=screen, dedupe_key=f"sorry:{claimed.update_id}")

        return park

    def _told(self, claimed: ClaimedUpdate) -> tuple[int, str | None] | None:
        """Whom to tell, in which language: the person's private chat, whose id is their own."""
        kind, _, number = claimed.person.partition(":")
        if kind != "u" or not number.isdigit():
            return None
        try:
            body = json.loads(self._keyring.open_bytes(claimed.body_sealed, context=UPDATE_BODY))
        except SealRefused:
            return int(number), None
        parts = [part for part in body.values() if isinstance(part, dict)]
        users = [user for part in parts if isinstance(user := part.get("from") or part.get("user"), dict)]
        language = users[0].get("language_code") if users else None
        return int(number), language if isinstance(language, str) else None


def _finishing(claimed: ClaimedUpdate, collected: Effects, now: datetime) -> Callable[[Session], None]:
    def finish(session: Session) -> None:
        finish_update(session, claimed, now)
        collected.write(session)

    return finish
