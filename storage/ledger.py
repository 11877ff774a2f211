"""Queries on the ledger: lines are added, summed and held against each other; none is ever changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Table as SqlTable
from sqlalchemy import func, select
from sqlmodel import Session

from storage.ledger_tables import LedgerEntry
from storage.payments import LEG, PAYMENT, HeldLeg, HeldPayment
from storage.tables import Customer, table_of
from storage.types import exact_sum
from storage.writing import insert_rows

ENTRY: SqlTable = table_of(LedgerEntry)
CUSTOMER: SqlTable = table_of(Customer)

_NOTHING: Final = Decimal(0)
_SUM: Final = exact_sum(ENTRY.c.amount)
_LEG_COLUMNS: Final = [LEG.c[name] for name in HeldLeg.__slots__]
_PAYMENT_COLUMNS: Final = [PAYMENT.c[name] for name in HeldPayment.__slots__ if name != "legs"]


@dataclass(frozen=True, slots=True)
class Sum:
    """What movements of one kind came to on an account, in one currency: debits less credits."""

    account: str
    movement: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """What stands on an account for one payment, and since when; `request_sealed` names who paid."""

    payment_id: str
    code: str
    kind: str
    state: str
    telegram_id: int
    request_sealed: bytes
    currency: str
    amount: Decimal
    since: datetime


def add_entries(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append to the ledger. The database refuses lines of an event that are there already."""
    insert_rows(session, ENTRY, rows)


def see_one_moment(session: Session) -> None:
    """Have all reads of this transaction see the books as they are now; before any of them.

    SQLite does so by itself; on PostgreSQL each statement would see what was committed before it.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def sums(session: Session, *, environment: str) -> list[Sum]:
    """The whole ledger, summed by account, movement and currency."""
    by = (ENTRY.c.account, ENTRY.c.movement, ENTRY.c.currency)
    query = select(*by, _SUM).where(ENTRY.c.environment == environment).group_by(*by).order_by(*by)
    return [Sum(*row) for row in session.connection().execute(query)]


def open_accounts(
    session: Session, account: str, *, environment: str, states: Sequence[str], limit: int
) -> list[OpenAccount]:
    """What stands on `account` for payments in these states, oldest first: those for which it is not nothing."""
    owner = (PAYMENT.c.id, PAYMENT.c.code, PAYMENT.c.kind, PAYMENT.c.state, CUSTOMER.c.telegram_id)
    query = (
        select(*owner, PAYMENT.c.request_sealed, ENTRY.c.currency, _SUM, func.min(ENTRY.c.at, type_=ENTRY.c.at.type))
        .select_from(PAYMENT)
        .join(CUSTOMER, CUSTOMER.c.id == PAYMENT.c.customer_id)
        .join(ENTRY, ENTRY.c.payment_id == PAYMENT.c.id)
        .where(PAYMENT.c.environment == environment, PAYMENT.c.state.in_(states), ENTRY.c.account == account)
        .group_by(*owner, PAYMENT.c.request_sealed, ENTRY.c.currency)
        .having(_SUM != _NOTHING)
        .order_by(func.min(ENTRY.c.at), PAYMENT.c.id)
        .limit(limit)
    )
    return [OpenAccount(*row) for row in session.connection().execute(query)]


def unequal_events(session: Session) -> list[tuple[str, str, Decimal]]:
    """Events whose debits and credits differ, with the currency and by how much. None, ever."""
    by = (ENTRY.c.event_id, ENTRY.c.currency)
    query = select(*by, _SUM).group_by(*by).having(_SUM != _NOTHING)
    return [(row[0], row[1], row[2]) for row in session.connection().execute(query)]


def standing_by_payment(session: Session, account: str, *, environment: str) -> dict[tuple[str, str], Decimal]:
    """What stands on `account` for every payment for which it is not nothing, by payment and currency."""
    by = (ENTRY.c.payment_id, ENTRY.c.currency)
    query = (
        select(*by, _SUM)
        .where(ENTRY.c.environment == environment, ENTRY.c.account == account, ENTRY.c.payment_id.is_not(None))
        .group_by(*by)
        .having(_SUM != _NOTHING)
    )
    return {(row[0], row[1]): row[2] for row in session.connection().execute(query)}


def payments_in(session: Session, *, environment: str, states: Sequence[str]) -> list[HeldPayment]:
    """All payments in these states with their legs, to be looked at; nothing is locked."""
    wanted = (PAYMENT.c.environment == environment, PAYMENT.c.state.in_(states))
    rows = session.connection().execute(select(*_PAYMENT_COLUMNS).where(*wanted))
    found = {row[0]: HeldPayment(*row) for row in rows}
    legs = (
        select(LEG.c.payment_id, *_LEG_COLUMNS)
        .join(PAYMENT, PAYMENT.c.id == LEG.c.payment_id)
        .where(*wanted)
        .order_by(LEG.c.payment_id, LEG.c.position)
    )
    for row in session.connection().execute(legs):
        found[row[0]].legs.append(HeldLeg(*row[1:]))
    return list(found.values())
