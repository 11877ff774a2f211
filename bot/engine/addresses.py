"""Wallet addresses that a customer used before, to be offered again by their ends."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.payments.identifiers import new_id
from storage.addresses import remember_address, saved_addresses
from storage.crypto import Keyring
from storage.database import Database
from storage.tables import SavedAddress

ADDRESS = "saved_address.address"
_MOST = 50


@dataclass(frozen=True, slots=True, repr=False)
class KnownAddress:
    """A saved address, checked when it was first used."""

    chain: str
    value: str

    def __repr__(self) -> str:
        return f"KnownAddress({self.chain})"


class Addresses:
    """Reads a customer's saved addresses."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def of(self, customer_id: str) -> tuple[KnownAddress, ...]:
        """All saved addresses of this customer, the last used first."""
        rows = await self._database.read(lambda session: saved_addresses(session, customer_id, limit=_MOST))
        return tuple(self._known(row) for row in rows)

    def _known(self, row: SavedAddress) -> KnownAddress:
        return KnownAddress(chain=row.chain, value=self._keyring.open(row.address_sealed, context=ADDRESS))


def remember(session: Session, keyring: Keyring, *, customer_id: str, chain: str, address: str, now: datetime) -> None:
    """Save an address that a payment was just confirmed for, in the caller's transaction."""
    remember_address(
        session,
        address_id=new_id(),
        customer_id=customer_id,
        chain=chain,
        sealed=keyring.seal(address, context=ADDRESS),
        digest=keyring.digest(address, context=ADDRESS),
        now=now,
    )
