"""Orders whose time is over: ended by the clock, and told once to everybody who saw them. A worker of its own."""

import asyncio
import contextlib
import json
from datetime import timedelta
from typing import Final

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.operators.order_results import OrderState
from bot.engine.operators.order_rows import card_rows, news_row
from bot.engine.outbox import write_notice_rows
from bot.engine.wakes import Wakes
from storage import orders as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import StorageUnavailable

EVERY: Final = timedelta(seconds=20)
AT_ONCE: Final = 50
_log = structlog.get_logger(__name__)


class OrderClock:
    """Ends orders that nobody approved in time. Any number of replicas may run one."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock, wakes: Wakes) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End `run`."""
        self._stop.set()

    async def run(self) -> None:
        """Look again and again until told to stop."""
        while not self._stop.is_set():
            try:
                await self.step()
            except StorageUnavailable as error:
                _log.warning("orders wait for storage", error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY.total_seconds()):
                    await self._stop.wait()

    async def step(self) -> int:
        """End what is over by now; how many there were."""
        now, state = self._clock(), OrderState.EXPIRED

        def end(session: Session) -> int:
            rows = []
            for order in queries.overdue_orders(session, now=now, limit=AT_ONCE):
                told, chat = json.loads(order.told), order.chat_id
                if queries.end_order(session, order.id, state=str(state), by=None, now=now, before_expiry=False):
                    rows += card_rows(self._keyring, order.id, state, told, now)
                    rows.append(news_row(self._keyring, order.id, chat, now))
            write_notice_rows(session, rows)
            return len(rows)

        if not await self._database.read(lambda session: bool(queries.overdue_orders(session, now=now, limit=1))):
            return 0
        count = await self._database.write(end)
        self._wakes.notices.set()
        return count
