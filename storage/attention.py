"""The attention list: what waits for a person, oldest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from storage.tables import AttentionCase, Payment


@dataclass(frozen=True, slots=True)
class OpenCase:
    """One case. `concern` is a `bot.payments.states.Concern`; `code` and `state` are those of the payment, if it has one."""

    opened_at: datetime
    concern: str
    code: str | None
    state: str | None
    detail: str


def open_attention(session: Session, *, limit: int = 200) -> list[OpenCase]:
    """The cases that nobody has resolved."""
    statement = (
        select(
            col(AttentionCase.opened_at),
            col(AttentionCase.concern),
            col(Payment.code),
            col(Payment.state),
            col(AttentionCase.detail),
        )
        .outerjoin(Payment, col(Payment.id) == col(AttentionCase.payment_id))
        .where(col(AttentionCase.resolved_at).is_(None))
        .order_by(col(AttentionCase.opened_at), col(AttentionCase.id))
        .limit(limit)
    )
    return [OpenCase(*row) for row in session.execute(statement)]
