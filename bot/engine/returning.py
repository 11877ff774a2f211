"""Having the provider try again to give the crypto of a sale back, as an operator asked: only where it says that it failed.

Each time that it was asked for is one call, put on record before it is made; the status of the sale tells what came of it.
"""

import structlog

from bot.engine.clock import Clock
from bot.engine.submitting import Submitter
from bot.kotani.client import Kotani
from bot.kotani.errors import KotaniError, NotSent, RateLimited
from bot.payments.targets import return_failed
from storage.database import Database
from storage.mending import begin_return, forget_return, unbegin_return
from storage.tables import Leg

_log = structlog.get_logger(__name__)


class Returner:
    """Makes the call, for legs whose lease is ours."""

    def __init__(self, database: Database, kotani: Kotani, submitter: Submitter, clock: Clock, *, owner: str) -> None:
        self._database = database
        self._kotani = kotani
        self._submitter = submitter
        self._clock = clock
        self._owner = owner

    async def again(self, leg: Leg) -> bool:
        """Do what was asked for; False when the leg is not ours any more. Raises `KotaniError` where nothing was sent."""
        report = await self._submitter.ask(leg)
        if not return_failed(report):  # it is on its way, or back
            await self._database.write(lambda session: forget_return(session, leg.id, owner=self._owner))
            return True
        if not await self._database.write(lambda session: begin_return(session, leg.id, owner=self._owner)):
            return False
        try:
            await self._kotani.retry_refund(leg.reference)
        except (NotSent, RateLimited):
            now = self._clock()
            await self._database.write(lambda session: unbegin_return(session, leg.id, owner=self._owner, now=now))
            raise
        except KotaniError as error:
            _log.info("return call", outcome=type(error).__name__)
        return True
