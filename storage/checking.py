"""Queries of the checks of an installation. Reads only."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from storage import migrations
from storage.callbacks import CALLBACK
from storage.operators import OPERATOR
from storage.tables import Customer, Payment, table_of

CHECK: str = "check-"  # what the address of a callback of our own begins with (`bot.payments.references`)
_RECENT = 500
_CUSTOMER = table_of(Customer)
_PAYMENT = table_of(Payment)


def came_in(session: Session, token: str) -> bool:
    """Whether a callback was stored under this token."""
    return session.connection().execute(select(CALLBACK.c.id).where(CALLBACK.c.token == token)).first() is not None


def last_genuine(session: Session) -> datetime | None:
    """When the newest signed callback came that was not our own, among the last few hundred of all."""
    recent = select(CALLBACK.c.token, CALLBACK.c.signed, CALLBACK.c.received_at).order_by(CALLBACK.c.id.desc())
    for token, signed, received_at in session.connection().execute(recent.limit(_RECENT)):
        if signed and not token.startswith(CHECK):
            found: datetime = received_at
            return found
    return None


def owners(session: Session) -> int:
    """How many owners were made by invitation."""
    rows = select(OPERATOR.c.telegram_id).where(OPERATOR.c.role == "owner", OPERATOR.c.removed_at.is_(None))
    return len(session.connection().execute(rows).all())


def other_environments(session: Session, environment: str) -> list[str]:
    """The environments of payments that are not of this one."""
    rows = select(_PAYMENT.c.environment).where(_PAYMENT.c.environment != environment).distinct()
    return sorted(session.connection().execute(rows).scalars())


def some_phone(session: Session) -> tuple[bytes, str] | None:
    """The sealed phone of some customer, and its digest; None while nobody has one."""
    rows = select(_CUSTOMER.c.phone_sealed, _CUSTOMER.c.phone_digest).where(_CUSTOMER.c.phone_sealed.is_not(None))
    found = session.connection().execute(rows.limit(1)).first()
    return None if found is None else (found[0], found[1])


def revision(session: Session) -> str | None:
    """The revision that the tables stand at; None where there are none."""
    return migrations.current(session.connection())
