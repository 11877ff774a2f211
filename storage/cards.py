"""Queries that read payments for people: one for a card, and a customer's own."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.payments import LEG
from storage.tables import AttentionCase, Customer, Payment


@dataclass(frozen=True, slots=True)
class LegRecord:
    """What a card may show of one leg."""

    kind: str
    state: str
    amount: Decimal
    currency: str
    receipt: str | None
    escrow_address: str | None
    pay_by: datetime | None
    crypto_seen: Decimal | None
    refund_tx: str | None
    cancel_asked_at: datetime | None
    submissions: int
    details_sealed: bytes


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """A payment with what a card needs beside it; its legs in plan order."""

    payment: Payment
    language: str
    legs: tuple[LegRecord, ...]
    open_cases: int

    def leg(self, kind: str) -> LegRecord | None:
        """The leg of this kind; the newest, where it was tried again."""
        return next((leg for leg in reversed(self.legs) if leg.kind == kind), None)


def payment_record(session: Session, payment_id: str) -> PaymentRecord | None:
    """One payment for a card."""
    payment = session.get(Payment, payment_id)
    return None if payment is None else _record(session, payment)


def customer_payments(session: Session, customer_id: str, *, limit: int) -> list[PaymentRecord]:
    """A customer's newest payments."""
    statement = (
        select(Payment)
        .where(col(Payment.customer_id) == customer_id)
        .order_by(col(Payment.created_at).desc(), col(Payment.id).desc())
        .limit(limit)
    )
    return [_record(session, payment) for payment in session.execute(statement).scalars()]


def customer_payment_by_code(session: Session, customer_id: str, code: str) -> PaymentRecord | None:
    """A customer's own payment by its reference code."""
    statement = select(Payment).where(col(Payment.customer_id) == customer_id, col(Payment.code) == code)
    payment = session.execute(statement).scalars().first()
    return None if payment is None else _record(session, payment)


def _record(session: Session, payment: Payment) -> PaymentRecord:
    language = session.execute(
        select(col(Customer.language)).where(col(Customer.id) == payment.customer_id)
    ).scalar_one()
    legs = session.execute(
        select(*(LEG.c[name] for name in LegRecord.__slots__))
        .where(LEG.c.payment_id == payment.id)
        .order_by(LEG.c.position)
    )
    cases = session.execute(
        select(func.count())
        .select_from(AttentionCase)
        .where(col(AttentionCase.payment_id) == payment.id, col(AttentionCase.resolved_at).is_(None))
    ).scalar_one()
    return PaymentRecord(payment, language, legs=tuple(LegRecord(*row) for row in legs), open_cases=cases)
