"""Orders whose time is over: ended by the clock, and told once to everybody who saw them. A worker of its own."""

import asyncio
import contextlib
import json
from datetime import timedelta
from functools import partial
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
    """Ends orders of its environment that nobody approved in time. Any number of replicas may run one."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock, wakes: Wakes, *, environment: str) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._environment = environment
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
        now, state, here = self._clock(), OrderState.EXPIRED, self._environment

        def end(session: Session) -> int:
            rows = []
            for order in queries.overdue_orders(session, environment=here, now=now, limit=AT_ONCE):
                told, chat = json.loads(order.told), order.chat_id
                end_order = partial(queries.end_order, session, order.id, environment=order.environment)
                if end_order(state=str(state), by=None, now=now, before_expiry=False):
                    rows += card_rows(self._keyring, order.id, state, told, now)
                    rows.append(news_row(self._keyring, order.id, chat, now))
            write_notice_rows(session, rows)
            return len(rows)

        found = await self._database.read(
            lambda session: queries.overdue_orders(session, environment=here, now=now, limit=1)
        )
        if not found:
            return 0
        count = await self._database.write(end)
        self._wakes.notices.set()
        return count
