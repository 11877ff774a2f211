"""Applying stored callbacks, in batches: each batch is one transaction of reports, changes, events and notices.

A signed callback is a report like any other. An unsigned one is a hint: it makes the leg due for a status read now and
changes nothing itself. One that cannot be read is parked and holds nobody up.
"""

import asyncio
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.findings import Cause, Finding
from bot.engine.intake import CALLBACK_BODY
from bot.engine.settling import Settled, Settler
from bot.engine.wakes import Wakes
from bot.kotani.callbacks import CallbackFacts, UnreadableCallback, read_callback
from bot.payments.identifiers import new_id
from bot.payments.references import CHECK_TOKEN
from bot.payments.states import Concern
from storage.callbacks import StoredCallback, finish_callbacks, take_callbacks
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import SealRefused, StorageUnavailable
from storage.payments import LegKey, LostRace, find_by_reference, find_by_token, make_due, open_cases
from storage.requests import make_requests_due

BATCH = 64
_log = structlog.get_logger(__name__)


class CallbackApplier:
    """Applies what `CallbackIntake` stored. Any number of replicas may run one."""

    def __init__(self, database: Database, keyring: Keyring, settler: Settler, clock: Clock, wakes: Wakes) -> None:
        self._database = database
        self._keyring = keyring
        self._settler = settler
        self._clock = clock
        self._wakes = wakes
        self._stopping = False

    def stop(self) -> None:
        """Finish the batch at hand and end `run`."""
        self._stopping = True
        self._wakes.callbacks.set()

    async def run(self) -> None:
        """Apply whatever is due until told to stop."""
        while not self._stopping:
            self._wakes.callbacks.clear()
            try:
                count = await self.step()
            except StorageUnavailable as error:
                _log.warning("callbacks wait for storage", error=str(error))
                await asyncio.sleep(1)
                continue
            if count == 0 and not self._stopping:
                await self._wakes.callbacks.wait()

    async def step(self, limit: int = BATCH) -> int:
        """Apply one batch; how many callbacks were taken. A batch that fails is gone through one by one."""
        try:
            return await self._batch(limit)
        except (
            LostRace,
            SealRefused,
            SQLAlchemyError,
            ArithmeticError,
            LookupError,
            TypeError,
            ValueError,
            AssertionError,
        ) as error:
            if limit > 1:
                return await self.step(1)
            _log.error("a callback could not be applied and was parked", exc_info=error)
            return await self._park_first(type(error).__name__)

    async def _batch(self, limit: int) -> int:
        count, settled, pages = await self._database.write(lambda session: self._apply(session, limit))
        if settled.notices:
            self._wakes.notices.set()
        if settled.legs:
            self._wakes.legs.set()
        if pages:
            self._wakes.requests.set()
        return count

    def _apply(self, session: Session, limit: int) -> tuple[int, Settled, bool]:
        now = self._clock()
        taken = take_callbacks(session, now=now, limit=limit)
        if not taken:
            return 0, Settled(), False
        read: list[tuple[StoredCallback, CallbackFacts | None]] = [(stored, self._read(stored)) for stored in taken]
        by_reference = find_by_reference(
            session, [facts.reference for stored, facts in read if stored.signed and facts and facts.reference]
        )
        by_token = find_by_token(session, [stored.token for stored, _ in read if not stored.signed])
        findings: list[Finding] = []
        hints: list[LegKey] = []
        outcomes: list[dict[str, Any]] = []
        pages = False
        for stored, facts in read:
            key = (
                (by_reference.get(facts.reference or "") if facts is not None else None)
                if stored.signed
                else by_token.get(stored.token)
            )
            if stored.token.startswith(CHECK_TOKEN) and facts is not None and _is_about_nothing(facts):
                outcome = "check"  # our own, to see whether callbacks arrive: about nothing
            elif stored.signed and facts is None:
                outcome = "parked"
                open_cases(session, [_poison(stored, now)])
            elif key is None and make_requests_due(session, _pages(stored, facts), now):
                outcome = "hint"  # somebody paid on the page of a request: what exactly, the provider is asked
                pages = True
            elif key is None:
                outcome = "orphan"
                _log.warning("a callback names no transaction of ours", callback=stored.id, signed=stored.signed)
            elif not stored.signed:
                outcome = "hint"
                hints.append(key)
            else:
                assert facts is not None
                outcome = "applied"
                findings.append(Finding(key=key, cause=Cause.CALLBACK, report=facts.report, callback_id=stored.id))
            outcomes.append({"b_id": stored.id, "outcome": outcome, "handled_at": now, "due_at": None})
        settled = self._settler.apply(session, findings, now)
        make_due(session, [key.leg_id for key in hints], now)
        finish_callbacks(session, outcomes)
        settled.legs |= bool(hints)
        return len(taken), settled, pages

    def _read(self, stored: StoredCallback) -> CallbackFacts | None:
        try:
            return read_callback(self._keyring.open_bytes(stored.body_sealed, context=CALLBACK_BODY))
        except (UnreadableCallback, SealRefused):
            return None

    async def _park_first(self, error: str) -> int:
        def park(session: Session) -> int:
            now = self._clock()
            taken = take_callbacks(session, now=now, limit=1)
            for stored in taken:
                open_cases(session, [_poison(stored, now) | {"detail": f"a callback could not be applied: {error}"}])
                finish_callbacks(session, [{"b_id": stored.id, "outcome": "parked", "handled_at": now, "due_at": None}])
            return len(taken)

        return await self._database.write(park)


def _is_about_nothing(facts: CallbackFacts) -> bool:
    """Whether a callback names neither a transaction nor a page: one that does is heard under whatever address it came."""
    return facts.reference is None and facts.payment_link is None


def _pages(stored: StoredCallback, facts: CallbackFacts | None) -> list[str]:
    """By what the page of a request may be found in a callback: its name where that can be believed, or our address."""
    named = facts.payment_link if stored.signed and facts is not None else None
    return [stored.token] if named is None else [stored.token, named]


def _poison(stored: StoredCallback, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "dedupe_key": f"callback:{stored.id}",
        "concern": str(Concern.POISON),
        "payment_id": None,
        "leg_id": None,
        "detail": "a signed callback could not be read",
        "opened_at": now,
    }
