"""Queries for operators: sums over a time, one payment with all that happened to it, and finding by whatever is at hand.

Every one goes through an index (tests/storage/test_oversight_plans.py explains them), and none reads more than it shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy import Table as SqlTable
from sqlmodel import Session, col

from storage.customers import HOUSE
from storage.payments import CASE, EVENT, LEG, PAYMENT
from storage.recipient_tables import Recipient
from storage.request_tables import RequestUse
from storage.tables import CallbackReceived, Customer, Leg, Notice, Payment, table_of
from storage.types import exact_sum

CALLBACK: SqlTable = table_of(CallbackReceived)
NOTICE: SqlTable = table_of(Notice)
CUSTOMER: SqlTable = table_of(Customer)
USE: SqlTable = table_of(RequestUse)
_OF_CUSTOMERS = PAYMENT.c.customer_id != HOUSE


@dataclass(frozen=True, slots=True)
class Sum:
    """How many payments of one kind, state and pair of currencies there were, and what they come to."""

    kind: str
    state: str
    pay_currency: str
    receive_currency: str
    count: int
    paid: Decimal
    received: Decimal


def sums(session: Session, *, environment: str, since: datetime, until: datetime) -> list[Sum]:
    """Customers' payments that were confirmed from `since` to just before `until`."""
    pairs = (PAYMENT.c.kind, PAYMENT.c.state, PAYMENT.c.pay_currency, PAYMENT.c.receive_currency)
    rows = session.connection().execute(
        select(*pairs, func.count(), exact_sum(PAYMENT.c.pay_amount), exact_sum(PAYMENT.c.receive_amount))
        .where(_between(environment, since, until), _OF_CUSTOMERS)
        .group_by(*pairs)
    )
    return [Sum(*row) for row in rows]


def counts(
    session: Session, *, environment: str, since: datetime, until: datetime, house: bool = True
) -> dict[str, int]:
    """How many of the payments of this time are in each state; those of the house only if `house`."""
    which = (_between(environment, since, until),) if house else (_between(environment, since, until), _OF_CUSTOMERS)
    rows = session.connection().execute(select(PAYMENT.c.state, func.count()).where(*which).group_by(PAYMENT.c.state))
    return {row[0]: row[1] for row in rows}


def times_to_settle(
    session: Session, *, environment: str, state: str, since: datetime, until: datetime, limit: int
) -> list[tuple[datetime, datetime]]:
    """When the newest payments of customers of this time that are in `state` were confirmed, and when they ended."""
    rows = session.connection().execute(
        select(PAYMENT.c.created_at, PAYMENT.c.ended_at)
        .where(
            _between(environment, since, until),
            PAYMENT.c.state == state,
            PAYMENT.c.ended_at.is_not(None),
            _OF_CUSTOMERS,
        )
        .order_by(PAYMENT.c.created_at.desc(), PAYMENT.c.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def currencies_of(session: Session, *, environment: str, since: datetime, until: datetime) -> frozenset[str]:
    """What was paid and received in this time, in whatever payments, the house's as well."""
    rows = session.connection().execute(
        select(PAYMENT.c.pay_currency, PAYMENT.c.receive_currency)
        .where(_between(environment, since, until))
        .group_by(PAYMENT.c.pay_currency, PAYMENT.c.receive_currency)
    )
    return frozenset(currency for row in rows for currency in row)


def oldest_of(session: Session, *, environment: str, states: Sequence[str]) -> tuple[str, str, datetime, bool] | None:
    """Code, state and time of the oldest payment in these states, and whether it is the house's.

    Asked state by state, so that each is one look.
    """
    found: list[tuple[datetime, str, str, bool]] = []
    for state in states:
        row = (
            session.connection()
            .execute(
                select(PAYMENT.c.created_at, PAYMENT.c.code, PAYMENT.c.customer_id)
                .where(PAYMENT.c.state == state, PAYMENT.c.environment == environment)
                .order_by(PAYMENT.c.created_at)
                .limit(1)
            )
            .first()
        )
        if row is not None:
            found.append((row[0], row[1], state, row[2] == HOUSE))
    if not found:
        return None
    at, code, state, house = min(found)
    return code, state, at, house


def payments_after(
    session: Session,
    *,
    environment: str,
    since: datetime,
    until: datetime,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Payment]:
    """A piece of the payments of this time, the oldest first: those behind `after` (time and id of the last one)."""
    statement = select(Payment).where(_between(environment, since, until))
    if after is not None:
        at, last = after
        statement = statement.where(PAYMENT.c.created_at >= at, or_(PAYMENT.c.created_at > at, PAYMENT.c.id > last))
    ordered = statement.order_by(PAYMENT.c.created_at, PAYMENT.c.id).limit(limit)
    return list(session.execute(ordered).scalars())


def references_of(session: Session, payment_ids: Sequence[str]) -> dict[str, list[str]]:
    """The references of the legs of these payments, in the order of their plans."""
    found: dict[str, list[str]] = {}
    rows = session.connection().execute(
        select(LEG.c.payment_id, LEG.c.reference)
        .where(LEG.c.payment_id.in_(payment_ids))
        .order_by(LEG.c.payment_id, LEG.c.position)
    )
    for payment_id, reference in rows:
        found.setdefault(payment_id, []).append(reference)
    return found


def payment_by_code(session: Session, code: str) -> str | None:
    """The id of the payment with this reference code."""
    return session.connection().execute(select(PAYMENT.c.id).where(PAYMENT.c.code == code)).scalar()


def legs_of(session: Session, payment_id: str) -> list[Leg]:
    """The legs of a payment, whole, in the order of its plan."""
    rows = session.execute(select(Leg).where(LEG.c.payment_id == payment_id).order_by(LEG.c.position))
    return list(rows.scalars())


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One row of the history of a leg."""

    at: datetime
    leg_id: str
    cause: str
    actor: str
    from_state: str | None
    to_state: str
    words: str | None
    note: str | None


def events_of(session: Session, payment_id: str, *, limit: int) -> list[EventRecord]:
    """What happened to a payment, the newest first."""
    rows = session.connection().execute(
        select(*(EVENT.c[name] for name in EventRecord.__slots__))
        .where(EVENT.c.payment_id == payment_id)
        .order_by(EVENT.c.id.desc())
        .limit(limit)
    )
    return [EventRecord(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class CallbackRecord:
    """A callback of one leg, without its body."""

    received_at: datetime
    token: str
    signed: bool
    outcome: str | None


def callbacks_of(session: Session, tokens: Sequence[str], *, limit: int) -> list[CallbackRecord]:
    """The callbacks that came for these legs, the newest first."""
    rows = session.connection().execute(
        select(*(CALLBACK.c[name] for name in CallbackRecord.__slots__))
        .where(CALLBACK.c.token.in_(tokens))
        .order_by(CALLBACK.c.received_at.desc())
        .limit(limit)
    )
    return [CallbackRecord(*row) for row in rows]


def bodies_of(session: Session, tokens: Sequence[str], *, limit: int) -> list[tuple[datetime, bool, bytes]]:
    """When the callbacks of these legs came, whether they were signed, and their sealed bodies, the oldest first."""
    rows = session.connection().execute(
        select(CALLBACK.c.received_at, CALLBACK.c.signed, CALLBACK.c.body_sealed)
        .where(CALLBACK.c.token.in_(tokens))
        .order_by(CALLBACK.c.received_at)
        .limit(limit)
    )
    return [(row[0], row[1], bytes(row[2])) for row in rows]


@dataclass(frozen=True, slots=True)
class NoticeRecord:
    """Something that was said, or is to be said, about a payment."""

    created_at: datetime
    sent_at: datetime | None
    kind: str
    state: str
    attempts: int
    last_error: str | None


def notices_of(session: Session, payment_id: str, *, limit: int) -> list[NoticeRecord]:
    """What was said about a payment, the newest first."""
    rows = session.connection().execute(
        select(*(NOTICE.c[name] for name in NoticeRecord.__slots__))
        .where(NOTICE.c.payment_id == payment_id)
        .order_by(NOTICE.c.created_at.desc())
        .limit(limit)
    )
    return [NoticeRecord(*row) for row in rows]


def payments_by_leg(session: Session, values: Sequence[str], *, limit: int) -> list[tuple[str, str]]:
    """Payments with a leg that is known by one of these, as (how it is known, payment id).

    It may be a reference of ours, an id of the provider's, a network's receipt number or a transaction's hash.
    """
    found: dict[str, str] = {}
    for name in ("reference", "provider_id", "receipt", "tx_hash", "refund_tx"):
        rows = session.connection().execute(select(LEG.c.payment_id).where(LEG.c[name].in_(values)).limit(limit))
        for row in rows:
            found.setdefault(row[0], name)
    return [(how, payment_id) for payment_id, how in found.items()][:limit]


def payments_by_payer(session: Session, digest: str, *, limit: int) -> list[str]:
    """Payments of requests that somebody with this phone was asked to pay."""
    rows = session.connection().execute(select(USE.c.payment_id).where(USE.c.payer_digest == digest).limit(limit))
    return [row[0] for row in rows]


def customers_by_phone(session: Session, digest: str, *, limit: int) -> list[Customer]:
    """The customers whose own number this is."""
    return list(session.execute(select(Customer).where(col(Customer.phone_digest) == digest).limit(limit)).scalars())


def customers_paying(session: Session, digest: str, *, limit: int) -> list[Customer]:
    """The customers who have the place of this digest among their recipients."""
    rows = session.execute(
        select(Customer)
        .join(Recipient, col(Recipient.customer_id) == col(Customer.id))
        .where(col(Recipient.digest) == digest)
        .limit(limit)
    )
    return list(rows.scalars())


def payments_of(session: Session, customer_id: str, *, limit: int, offset: int) -> list[Payment]:
    """A part of a customer's payments, the newest first."""
    rows = session.execute(
        select(Payment)
        .where(col(Payment.customer_id) == customer_id)
        .order_by(col(Payment.created_at).desc(), col(Payment.id).desc())
        .limit(limit)
        .offset(offset)
    )
    return list(rows.scalars())


def states_of(session: Session, customer_id: str) -> dict[str, int]:
    """How many payments of a customer's are in each state."""
    rows = session.connection().execute(
        select(PAYMENT.c.state, func.count()).where(PAYMENT.c.customer_id == customer_id).group_by(PAYMENT.c.state)
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case of the attention list with the payment it belongs to, if it belongs to one."""

    id: str
    concern: str
    payment_id: str | None
    code: str | None
    payment_state: str | None
    detail: str
    opened_at: datetime
    resolved_at: datetime | None
    resolution: str | None


_CASES = select(
    CASE.c.id,
    CASE.c.concern,
    CASE.c.payment_id,
    PAYMENT.c.code,
    PAYMENT.c.state,
    CASE.c.detail,
    CASE.c.opened_at,
    CASE.c.resolved_at,
    CASE.c.resolution,
).select_from(CASE.outerjoin(PAYMENT, PAYMENT.c.id == CASE.c.payment_id))


def open_cases_page(session: Session, *, limit: int, offset: int) -> list[CaseRecord]:
    """A part of what waits for a person, the oldest first."""
    rows = session.connection().execute(
        _CASES.where(CASE.c.resolved_at.is_(None)).order_by(CASE.c.opened_at, CASE.c.id).limit(limit).offset(offset)
    )
    return [CaseRecord(*row) for row in rows]


def count_open_cases(session: Session) -> int:
    """How many cases wait for a person."""
    statement = select(func.count()).select_from(CASE).where(CASE.c.resolved_at.is_(None))
    return int(session.connection().execute(statement).scalar_one())


def case_by_id(session: Session, case_id: str) -> CaseRecord | None:
    """One case."""
    row = session.connection().execute(_CASES.where(CASE.c.id == case_id)).first()
    return None if row is None else CaseRecord(*row)


def cases_of(session: Session, payment_id: str) -> list[CaseRecord]:
    """The cases of a payment, the newest first."""
    rows = session.connection().execute(_CASES.where(CASE.c.payment_id == payment_id).order_by(CASE.c.opened_at.desc()))
    return [CaseRecord(*row) for row in rows]


def _between(environment: str, since: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(PAYMENT.c.created_at >= since, PAYMENT.c.created_at < until, PAYMENT.c.environment == environment)
