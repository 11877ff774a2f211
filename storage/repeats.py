"""Queries that find what the house pays a second time: single payouts and rows of files to the same place."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, or_, select
from sqlmodel import Session

from storage.bulk import BATCH, ROW, Doubt, doubtful, paid_before
from storage.customers import HOUSE
from storage.orders import ORDER
from storage.payments import LEG, PAYMENT

_IN_A_LIST: Final = 500  # values in one statement


def paid_alone(
    session: Session, digests: Collection[str], *, environment: str, since: datetime, doubt: Doubt
) -> list[tuple[str, Decimal, str, str, datetime]]:
    """Payouts of no file, ordered since then, to these places: digest, amount, currency, code and when, the newest first.

    What certainly paid nobody does not count.
    """
    whole = list(dict.fromkeys(digests))
    found: list[tuple[str, Decimal, str, str, datetime]] = []
    for at in range(0, len(whole), _IN_A_LIST):
        part = LEG.c.destination_digest.in_(whole[at : at + _IN_A_LIST])
        statement = _payouts(environment, since, doubt).where(part, PAYMENT.c.batch_id.is_(None))
        found += [(row[0], row[1], row[2], row[3], row[4]) for row in session.connection().execute(statement)]
    return found


def paid_lately(
    session: Session, digest: str, amount: Decimal, currency: str, *, environment: str, since: datetime, doubt: Doubt
) -> tuple[str, datetime] | None:
    """The last payout of so much to this place since then: its code and when; of a row not begun yet, of its file."""
    same = (LEG.c.destination_digest == digest, LEG.c.amount == amount, LEG.c.currency == currency)
    row = session.connection().execute(_payouts(environment, since, doubt).where(*same).limit(1)).first()
    if row is not None:
        return row[3], row[4]
    rows = paid_before(session, [digest], environment=environment, but="", since=since, doubt=doubt)
    return next(((code, at) for _, paid, of, code, _, at in rows if (paid, of) == (amount, currency)), None)


def waits_in_file(
    session: Session, digest: str, amount: Decimal, currency: str, *, environment: str, now: datetime
) -> tuple[str, str, datetime] | None:
    """A file that would pay so much to this place and waits for a second operator: code, order, and when it was asked."""
    statement = (
        select(BATCH.c.code, ORDER.c.id, ORDER.c.asked_at)
        .select_from(ORDER)
        .join(BATCH, BATCH.c.order_id == ORDER.c.id)
        .join(ROW, ROW.c.batch_id == BATCH.c.id)
        .where(
            ORDER.c.due_at.is_not(None),
            ORDER.c.expires_at > now,
            ORDER.c.environment == environment,
            ROW.c.destination_digest == digest,
            ROW.c.left_out.is_(False),
            ROW.c.amount == amount,
            ROW.c.currency == currency,
        )
        .order_by(ORDER.c.asked_at.desc())
        .limit(1)
    )
    row = session.connection().execute(statement).first()
    return None if row is None else (row[0], row[1], row[2])


def drafts_with(
    session: Session, digests: Collection[str], *, environment: str, but: str
) -> list[tuple[str, str, Decimal, str]]:
    """Rows of other files that are not started, to these places: id of the file, digest, amount, currency; by file."""
    whole = list(dict.fromkeys(digests))
    found: list[tuple[str, str, Decimal, str]] = []
    for at in range(0, len(whole), _IN_A_LIST):
        statement = (
            select(BATCH.c.id, ROW.c.destination_digest, ROW.c.amount, ROW.c.currency)
            .select_from(ROW)
            .join(BATCH, BATCH.c.id == ROW.c.batch_id)
            .where(
                ROW.c.destination_digest.in_(whole[at : at + _IN_A_LIST]),
                ROW.c.left_out.is_(False),
                BATCH.c.state == "draft",
                BATCH.c.environment == environment,
                BATCH.c.id != but,
            )
        )
        found += [(row[0], row[1], row[2], row[3]) for row in session.connection().execute(statement)]
    return sorted(found)


def _payouts(environment: str, since: datetime, doubt: Doubt) -> Select[*tuple[Any, ...]]:
    return (
        select(LEG.c.destination_digest, LEG.c.amount, LEG.c.currency, PAYMENT.c.code, PAYMENT.c.created_at)
        .select_from(PAYMENT)
        .join(LEG, LEG.c.payment_id == PAYMENT.c.id)
        .where(
            PAYMENT.c.customer_id == HOUSE,
            PAYMENT.c.created_at >= since,
            PAYMENT.c.environment == environment,
            LEG.c.kind == "payout",
            or_(PAYMENT.c.state.not_in(doubt.over), PAYMENT.c.id.in_(doubtful(doubt))),
        )
        .order_by(PAYMENT.c.created_at.desc())
    )
