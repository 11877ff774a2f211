"""How we stand with the provider: whether it takes our key. One case for a person while it does not, closed when it does.

A key that was revoked concerns no single payment, and every poll and every quote meets it. So the outcomes of all calls
are listened to, and the first refusal opens the one case; nothing is stopped here, since every leg waits by itself.
"""

import asyncio

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.payments.identifiers import new_id
from bot.payments.states import Concern
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.payments import close_case, open_cases, reopen_case

_KEY_REFUSED = "Unauthorised"
_OPERATION_REFUSED = "Forbidden"
_log = structlog.get_logger(__name__)


class Standing:
    """Hears of every call (`heard` is an observer of the client's) and keeps the case. A worker of its own."""

    def __init__(self, database: Database, clock: Clock, *, environment: str) -> None:
        self._database = database
        self._clock = clock
        self._environment = environment
        self._refused: dict[str, str] = {}  # operation → how it was refused
        self._told: bool | None = None  # what the case says; unknown after a start
        self._news = asyncio.Event()
        self._stopping = False

    @property
    def accepted(self) -> bool:
        """Whether the provider takes our calls, as far as is known."""
        return not self._refused

    def heard(self, operation: str, outcome: str, _seconds: float) -> None:
        """Take note of how a call went."""
        if outcome in (_KEY_REFUSED, _OPERATION_REFUSED):
            self._refused[operation] = outcome
        elif outcome == "ok":
            # one call that is answered shows that the key is taken, but not that another operation is allowed again
            self._refused = {
                name: how for name, how in self._refused.items() if how == _OPERATION_REFUSED and name != operation
            }
        else:
            return
        if self._told is not bool(self._refused):
            self._news.set()

    def stop(self) -> None:
        """End `run`."""
        self._stopping = True
        self._news.set()

    async def run(self) -> None:
        """Open and close the case until told to stop."""
        while not self._stopping:
            await self._news.wait()
            self._news.clear()
            refused = dict(self._refused)
            if self._stopping or self._told is bool(refused):
                continue
            try:
                await self._tell(refused)
            except StorageUnavailable as error:
                _log.warning("the case of the provider's key waits for storage", error=str(error))
                self._news.set()
                await asyncio.sleep(1)
            else:
                self._told = bool(refused)

    async def _tell(self, refused: dict[str, str]) -> None:
        now = self._clock()
        key = f"standing:{self._environment}"
        if not refused:
            closed = await self._database.write(
                lambda session: close_case(session, key, now=now, resolution="the provider takes our calls again")
            )
            if closed:
                _log.info("the provider takes our calls again")
            return
        operation, how = next(iter(refused.items()))
        detail = f"the provider refuses us ({how} for {operation}): check KOTANI_API_KEY and what it may do"
        _log.critical("the provider refuses our calls", how=how, operation=operation)
        case = {
            "id": new_id(),
            "dedupe_key": key,
            "concern": str(Concern.SUBMIT_BLOCKED),
            "payment_id": None,
            "leg_id": None,
            "detail": detail,
            "opened_at": now,
        }

        def tell(session: Session) -> None:
            if not open_cases(session, [case]):
                reopen_case(session, key, now=now, detail=detail)

        await self._database.write(tell)
