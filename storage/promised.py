"""Queries on what is to leave a payout balance and has not been sent: payouts that wait, and rows of files before their turn."""

from decimal import Decimal

from sqlalchemy import select
from sqlmodel import Session

from storage.bulk import BATCH, LEG, ROW

Sealed = tuple[Decimal, bytes]  # how much, and where it goes


def payouts_to_send(session: Session, currency: str, *, environment: str) -> list[Sealed]:
    """Payouts in a currency that are ready and not sent, whoever ordered them."""
    statement = select(LEG.c.amount, LEG.c.details_sealed).where(
        LEG.c.due_at.is_not(None),
        LEG.c.state == "ready",
        LEG.c.kind == "payout",
        LEG.c.currency == currency,
        LEG.c.environment == environment,
    )
    return [(row[0], row[1]) for row in session.connection().execute(statement)]


def rows_to_come(session: Session, currency: str, *, environment: str) -> list[Sealed]:
    """Rows in a currency of files that are being paid and were not stopped, which are not begun."""
    statement = (
        select(ROW.c.amount, ROW.c.details_sealed)
        .select_from(BATCH)
        .join(ROW, ROW.c.batch_id == BATCH.c.id)
        .where(
            BATCH.c.due_at.is_not(None),
            BATCH.c.state == "running",
            BATCH.c.stopped_at.is_(None),
            BATCH.c.environment == environment,
            ROW.c.payment_id.is_(None),
            ROW.c.left_out.is_(False),
            ROW.c.currency == currency,
        )
    )
    return [(row[0], row[1]) for row in session.connection().execute(statement)]
