"""Queries on transfers between our balances: taken under a lease, begun once, ended once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table as SqlTable
from sqlalchemy import exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from storage.order_tables import WalletTransfer
from storage.payments import LEG
from storage.tables import table_of
from storage.writing import insert_rows

TRANSFER: Final[SqlTable] = table_of(WalletTransfer)


def add_transfer(session: Session, row: Mapping[str, Any]) -> None:
    """Keep a transfer that was ordered."""
    insert_rows(session, TRANSFER, [row])


def transfer_by_id(session: Session, transfer_id: str) -> WalletTransfer | None:
    """One transfer."""
    return session.get(WalletTransfer, transfer_id)


def due_transfers(
    session: Session, *, environment: str, owner: str, now: datetime, until: datetime, limit: int
) -> list[str]:
    """Take up to `limit` transfers for which something is due, oldest first, under a lease; their ids."""
    due = (
        select(TRANSFER.c.id)
        .where(
            TRANSFER.c.due_at <= now,
            or_(TRANSFER.c.lease_until.is_(None), TRANSFER.c.lease_until < now),
            TRANSFER.c.environment == environment,
        )
        .order_by(TRANSFER.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")  # evaluated once: PostgreSQL may run a plain subquery again and exceed the limit
    )
    claimed = (
        update(TRANSFER)
        .where(TRANSFER.c.id.in_(select(due.c.id)))
        .values(lease_owner=owner, lease_until=until)
        .returning(TRANSFER.c.id)
    )
    return [row[0] for row in session.connection().execute(claimed)]


def begin_transfer(session: Session, transfer_id: str, *, owner: str, was: str, **values: Any) -> bool:
    """Mark that the one call is about to be made, while the lease is ours and the state is `was`.

    False as well while another transfer of the same wallet is under way; two that begin at the same moment are told apart
    by the unique index.
    """
    other = TRANSFER.alias("other")
    alone = ~exists().where(other.c.wallet_id == values["wallet_id"], other.c.state == values["state"])
    begin = (
        update(TRANSFER)
        .where(TRANSFER.c.id == transfer_id, TRANSFER.c.lease_owner == owner, TRANSFER.c.state == was, alone)
        .values(**values)
    )
    try:
        with session.begin_nested():
            return session.connection().execute(begin).rowcount == 1
    except IntegrityError:
        return False


def change_transfer(
    session: Session, transfer_id: str, *, owner: str, was: str, release: bool = True, **values: Any
) -> bool:
    """Write what was found out, while the lease is ours and the state is `was`, and give the lease back."""
    if release:
        values |= {"lease_owner": None, "lease_until": None}
    changed = session.connection().execute(
        update(TRANSFER)
        .where(TRANSFER.c.id == transfer_id, TRANSFER.c.lease_owner == owner, TRANSFER.c.state == was)
        .values(**values)
    )
    return changed.rowcount == 1


def make_waiting_due(
    session: Session, *, environment: str, currency: str, kinds: tuple[str, ...], state: str, now: datetime
) -> int:
    """Have the legs of these kinds that were not sent yet looked at now; how many."""
    changed = session.connection().execute(
        update(LEG)
        .where(
            LEG.c.environment == environment,
            LEG.c.currency == currency,
            LEG.c.kind.in_(kinds),
            LEG.c.state == state,
            LEG.c.due_at > now,
        )
        .values(due_at=now)
    )
    return changed.rowcount
