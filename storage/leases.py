"""Giving back all leases at once, when it is certain that nobody works under any of them.

On SQLite the lock on the file proves that every earlier process is gone, so its leases need not run out first: the
program calls this once, right after the database was started. On PostgreSQL other replicas may be at work, and leases
run out by themselves.
"""

from typing import Final

from sqlalchemy import Table as SqlTable
from sqlalchemy import update
from sqlmodel import Session

from storage.order_tables import WalletTransfer
from storage.reconciliation_tables import Reconciliation
from storage.request_tables import PaymentRequest
from storage.tables import Leg, Notice, UpdateReceived, table_of

_LEASED: Final[tuple[SqlTable, ...]] = (
    table_of(Leg),
    table_of(Notice),
    table_of(UpdateReceived),
    table_of(PaymentRequest),
    table_of(Reconciliation),
    table_of(WalletTransfer),
)


def release_all(session: Session) -> int:
    """Take the lease from whatever is still to be done; how many rows had one. Nothing else about them changes.

    Raises `RuntimeError` on PostgreSQL.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        raise RuntimeError("only the one owner of an SQLite file may release the leases of others")
    released = 0
    for table in _LEASED:
        # only what is due can be leased to any effect, and that is what the index of each table holds
        statement = (
            update(table)
            .where(table.c.due_at.is_not(None), table.c.lease_until.is_not(None))
            .values(lease_until=None, lease_owner=None)
        )
        released += connection.execute(statement).rowcount
    return released
