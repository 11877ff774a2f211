"""What passed between the house and one number: its payouts and collections, and the rows of files that are not begun.

A number is known by its digest alone (`Leg.destination_digest`, `BulkRow.destination_digest`).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select, union_all
from sqlmodel import Session

from storage.bulk import BATCH, ROW
from storage.customers import HOUSE
from storage.payments import LEG, PAYMENT


@dataclass(frozen=True, slots=True)
class Dealing:
    """A payment of the house (`payment_id`), or a row of a file without one; `id` is the leg's, or the row's.

    `at` is when it was confirmed, or its file was sent. What belongs to a row is None where there was no file.
    """

    id: str
    payment_id: str | None
    file_code: str | None
    line: int | None
    amount: Decimal | None
    currency: str | None
    details_sealed: bytes | None
    left_out: bool | None
    at: datetime


_ROW = (
    BATCH.c.code,
    *(ROW.c[name] for name in ("line", "amount", "currency", "details_sealed", "left_out")),
)


def dealings(session: Session, digest: str, *, limit: int, offset: int) -> list[Dealing]:
    """A part of what passed between the house and the number of this digest, the newest first."""
    paid = (
        select(LEG.c.id, LEG.c.payment_id, *_ROW, PAYMENT.c.created_at)
        .select_from(LEG)
        .join(PAYMENT, PAYMENT.c.id == LEG.c.payment_id)
        .join(ROW, ROW.c.payment_id == PAYMENT.c.id, isouter=True)
        .join(BATCH, BATCH.c.id == ROW.c.batch_id, isouter=True)
        .where(LEG.c.destination_digest == digest, PAYMENT.c.customer_id == HOUSE)
    )
    listed = (
        select(ROW.c.id, ROW.c.payment_id, *_ROW, BATCH.c.created_at)
        .select_from(ROW)
        .join(BATCH, BATCH.c.id == ROW.c.batch_id)
        .where(ROW.c.destination_digest == digest, ROW.c.payment_id.is_(None))
    )
    both = union_all(paid, listed).subquery()
    ordered = select(both).order_by(both.c.created_at.desc(), both.c.id.desc()).limit(limit).offset(offset)
    return [Dealing(*row) for row in session.connection().execute(ordered)]


def digest_of(session: Session, dealing_id: str) -> str | None:
    """The digest of the number that a leg, or a row of a file, pays or collects from; None where it is neither."""
    for table in (LEG, ROW):
        found = (
            session.connection().execute(select(table.c.destination_digest).where(table.c.id == dealing_id)).scalar()
        )
        if found is not None:
            return str(found)
    return None
