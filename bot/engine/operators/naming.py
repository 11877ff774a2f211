"""What owners of the settings are called: nobody invited them, so what is known of them elsewhere has to do."""

from sqlmodel import Session

from bot.engine.customers import NAME
from storage.crypto import Keyring
from storage.customers import customer_by_telegram
from storage.database import Database

_LONGEST = 100


class OwnerNames:
    """The name of their customer's record; else what Telegram calls them, once they wrote to this process."""

    def __init__(self, database: Database, keyring: Keyring, owners: frozenset[int]) -> None:
        self._database = database
        self._keyring = keyring
        self._owners = sorted(owners)
        self._heard: dict[int, str] = {}

    def heard(self, telegram_id: int, called: str) -> None:
        """Somebody wrote, whom Telegram calls so."""
        if telegram_id in self._owners and called:
            self._heard[telegram_id] = called[:_LONGEST]

    async def known(self) -> dict[int, str]:
        """The names that are known, by Telegram id."""
        return self._heard | await self._database.read(self._recorded)

    def _recorded(self, session: Session) -> dict[int, str]:
        found = [(one, customer_by_telegram(session, one)) for one in self._owners]
        return {
            one: self._keyring.open(row.name_sealed, context=NAME)
            for one, row in found
            if row is not None and row.name_sealed is not None
        }
