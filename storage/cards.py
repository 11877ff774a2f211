"""Queries that read payments for people: one for a card, and a customer's own."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.tables import AttentionCase, Customer, Leg, Payment


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """A payment with what a card needs beside it."""

    payment: Payment
    language: str
    refund_amount: Decimal | None
    refund_receipt: str | None
    open_cases: int


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
    refund = session.execute(
        select(col(Leg.amount), col(Leg.receipt))
        .where(col(Leg.payment_id) == payment.id, col(Leg.position) > 0)
        .order_by(col(Leg.position).desc())
    ).first()
    cases = session.execute(
        select(func.count())
        .select_from(AttentionCase)
        .where(col(AttentionCase.payment_id) == payment.id, col(AttentionCase.resolved_at).is_(None))
    ).scalar_one()
    return PaymentRecord(
        payment,
        language,
        refund_amount=None if refund is None else refund.amount,
        refund_receipt=None if refund is None else refund.receipt,
        open_cases=cases,
    )
