"""Queries on saved wallet addresses."""

from datetime import datetime

from sqlalchemy import Table as SqlTable
from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from storage.tables import SavedAddress, table_of
from storage.writing import insert_ignoring

ADDRESS: SqlTable = table_of(SavedAddress)


def saved_addresses(session: Session, customer_id: str, *, limit: int) -> list[SavedAddress]:
    """A customer's addresses of all chains, the last used first."""
    statement = (
        select(SavedAddress)
        .where(col(SavedAddress.customer_id) == customer_id)
        .order_by(col(SavedAddress.last_used_at).desc(), col(SavedAddress.id).desc())
        .limit(limit)
    )
    return list(session.execute(statement).scalars())


def address_by_id(session: Session, customer_id: str, address_id: str) -> SavedAddress | None:
    """One address of this customer's; None for somebody else's."""
    mine = select(SavedAddress).where(col(SavedAddress.customer_id) == customer_id, col(SavedAddress.id) == address_id)
    return session.execute(mine).scalars().first()


def name_address(session: Session, customer_id: str, address_id: str, sealed: bytes) -> None:
    """Write the name of one address of this customer's; nothing happens where there is none with this id."""
    mine = update(ADDRESS).where(ADDRESS.c.customer_id == customer_id, ADDRESS.c.id == address_id)
    session.connection().execute(mine.values(name_sealed=sealed))


def delete_address(session: Session, customer_id: str, address_id: str) -> None:
    """Remove one address of this customer's; nothing happens where there is none with this id."""
    mine = delete(ADDRESS).where(ADDRESS.c.customer_id == customer_id, ADDRESS.c.id == address_id)
    session.connection().execute(mine)


def remember_address(
    session: Session, *, address_id: str, customer_id: str, chain: str, sealed: bytes, digest: str, now: datetime
) -> None:
    """Save an address, or count one more use of it when it is known."""
    row = {
        "id": address_id,
        "customer_id": customer_id,
        "chain": chain,
        "address_sealed": sealed,
        "address_digest": digest,
        "last_used_at": now,
        "uses": 1,
    }
    if insert_ignoring(session, ADDRESS, [row], unique=("customer_id", "chain", "address_digest")) == 0:
        session.connection().execute(
            update(ADDRESS)
            .where(ADDRESS.c.customer_id == customer_id, ADDRESS.c.chain == chain, ADDRESS.c.address_digest == digest)
            .values(last_used_at=now, uses=ADDRESS.c.uses + 1)
        )
