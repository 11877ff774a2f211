"""Rows to fill tables with: complete, valid, and each different from the one before."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from storage.payments import LegKey, add_payment
from storage.tables import Customer, table_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rows:
    """Makes rows as dictionaries, and payments in the database."""

    now: datetime = NOW
    numbers: Callable[[], int] = field(default_factory=lambda: itertools.count(1).__next__)

    def customer(self, **values: Any) -> dict[str, Any]:
        number = self.numbers()
        return {
            "id": f"c{number:06}",
            "telegram_id": number,
            "chat_id": number,
            "language": "en",
            "created_at": self.now,
            "updated_at": self.now,
        } | values

    def payment(self, customer_id: str, **values: Any) -> dict[str, Any]:
        number = self.numbers()
        return {
            "id": f"p{number:06}",
            "code": f"CODE-{number}",
            "customer_id": customer_id,
            "chat_id": 1,
            "environment": "sandbox",
            "kind": "buy",
            "state": "confirmed",
            "confirm_key": f"confirm-{number}",
            "pay_amount": Decimal("2600"),
            "pay_currency": "KES",
            "fee_amount": Decimal("52.25"),
            "fee_currency": "KES",
            "receive_amount": Decimal("20.000001"),
            "receive_currency": "USDC",
            "request_sealed": b"sealed",
            "revision": 1,
            "created_at": self.now,
            "updated_at": self.now,
        } | values

    def leg(self, payment_id: str, **values: Any) -> dict[str, Any]:
        number = self.numbers()
        return {
            "id": f"l{number:06}",
            "payment_id": payment_id,
            "position": 0,
            "kind": "onramp",
            "state": "ready",
            "environment": "sandbox",
            "reference": f"bot-{number}",
            "callback_token": f"token-{number}",
            "amount": Decimal("2547.75"),
            "currency": "KES",
            "to_pay": Decimal("2600"),
            "crypto_amount": Decimal("20.000001"),
            "token": "USDC",
            "chain": "BASE",
            "details_sealed": b"sealed",
            "submissions": 0,
            "polls": 0,
            "failures": 0,
            "due_at": self.now,
            "created_at": self.now,
            "updated_at": self.now,
        } | values

    def callback(self, **values: Any) -> dict[str, Any]:
        number = self.numbers()
        return {
            "id": f"k{number:06}",
            "digest": f"digest-{number}".encode(),
            "token": f"token-{number}",
            "signed": True,
            "body_sealed": b"sealed",
            "received_at": self.now,
            "due_at": self.now,
            "attempts": 0,
        } | values

    def case(self, **values: Any) -> dict[str, Any]:
        number = self.numbers()
        return {
            "id": f"a{number:06}",
            "dedupe_key": f"case-{number}",
            "concern": "overdue",
            "payment_id": None,
            "leg_id": None,
            "detail": "no final answer",
            "opened_at": self.now,
        } | values

    def open(self, session: Session, **leg: Any) -> LegKey:
        """A customer with a payment and its first leg, written."""
        customer = self.customer()
        session.connection().execute(insert(table_of(Customer)), [customer])
        payment = self.payment(customer["id"])
        first = self.leg(payment["id"], **leg)
        assert add_payment(session, payment, first)
        return LegKey(first["id"], payment["id"])


@pytest.fixture
def rows() -> Rows:
    return Rows()
