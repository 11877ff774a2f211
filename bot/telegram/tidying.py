"""Forgetting what the transport does not need any more. Called now and then, by any replica."""

from datetime import timedelta

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.payments.allowances import utc_day
from bot.payments.identifiers import ids_before
from storage.alerts import drop_over
from storage.database import Database
from storage.limits import drop_old_usage
from storage.notices import drop_old_notices
from storage.updates import drop_old_updates

HANDLED_UPDATES = timedelta(days=7)  # Telegram repeats an update for a day at most
PARKED_UPDATES = timedelta(days=30)
SAID_SCREENS = timedelta(days=7)
PAYLOADS = timedelta(days=30)
USAGE = timedelta(days=8)  # of limits of a day; what ends later gives back to a day that nobody asks about


async def tidy(database: Database, clock: Clock) -> None:
    """Delete handled updates, said screens and content that nobody fetched, each after its time."""
    now = clock()

    def work(session: Session) -> None:
        drop_old_updates(session, done_before=now - HANDLED_UPDATES, parked_before=now - PARKED_UPDATES)
        old = now - USAGE
        drop_old_usage(session, before=utc_day(old), payments_before=ids_before(old))
        drop_over(session, before=now - PAYLOADS)
        drop_old_notices(session, screens_before=now - SAID_SCREENS, payloads_before=now - PAYLOADS)

    await database.write(work)
