"""Wallet addresses that a customer used before, to be offered again by their ends or by the name they were given."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.engine.effects import Effects
from bot.payments.identifiers import new_id
from storage.addresses import address_by_id, delete_address, name_address, remember_address, saved_addresses
from storage.crypto import Keyring
from storage.database import Database
from storage.tables import SavedAddress

ADDRESS = "saved_address.address"
NAME = "saved_address.name"
_MOST = 50


@dataclass(frozen=True, slots=True, repr=False)
class KnownAddress:
    """A saved address, checked when it was first used. `name` is what the customer calls it, once they do."""

    chain: str
    value: str
    id: str = ""
    name: str | None = None

    def __repr__(self) -> str:
        return f"KnownAddress({self.chain})"


class Addresses:
    """Reads a customer's saved addresses, names them and forgets them. Every query names the customer as well."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def of(self, customer_id: str) -> tuple[KnownAddress, ...]:
        """All saved addresses of this customer, the last used first."""
        rows = await self._database.read(lambda session: saved_addresses(session, customer_id, limit=_MOST))
        return tuple(self._known(row) for row in rows)

    async def by_id(self, customer_id: str, address_id: str) -> KnownAddress | None:
        """One of this customer's addresses; None for a forgotten one, and for somebody else's."""
        row = await self._database.read(lambda session: address_by_id(session, customer_id, address_id))
        return None if row is None else self._known(row)

    def stage_name(self, effects: Effects, customer_id: str, address_id: str, name: str) -> None:
        """Give an address a name, or another one."""
        sealed = self._keyring.seal(name, context=NAME)
        effects.add(lambda session: name_address(session, customer_id, address_id, sealed))

    def stage_delete(self, effects: Effects, customer_id: str, address_id: str) -> None:
        """Forget an address. A payment to it that was confirmed goes on."""
        effects.add(lambda session: delete_address(session, customer_id, address_id))

    def _known(self, row: SavedAddress) -> KnownAddress:
        return KnownAddress(
            chain=row.chain,
            value=self._keyring.open(row.address_sealed, context=ADDRESS),
            id=row.id,
            name=None if row.name_sealed is None else self._keyring.open(row.name_sealed, context=NAME),
        )


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
