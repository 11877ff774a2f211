"""Queries on payments and their legs: opening, holding for a change, changing, and working under leases."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import bindparam, case, func, null, or_, select, update
from sqlalchemy.engine import RowMapping
from sqlmodel import Session

from storage.tables import AttentionCase, Leg, LegEvent, Payment, table_of
from storage.writing import insert_ignoring, insert_rows

LEG: SqlTable = table_of(Leg)
PAYMENT: SqlTable = table_of(Payment)
EVENT: SqlTable = table_of(LegEvent)
CASE: SqlTable = table_of(AttentionCase)


class LostRace(Exception):
    """A guarded change found the row in another state than it was held in: read again and decide again."""


@dataclass(slots=True)
class HeldLeg:
    """A leg as read for a change, inside the transaction that will change it."""

    id: str
    position: int
    kind: str
    state: str
    environment: str
    reference: str
    amount: Decimal
    currency: str
    to_pay: Decimal | None
    crypto_amount: Decimal | None
    token: str | None
    chain: str | None
    destination_digest: str | None
    provider_id: str | None
    receipt: str | None
    tx_hash: str | None
    redirect_url: str | None
    escrow_address: str | None
    pay_by: datetime | None
    crypto_seen: Decimal | None
    refund_tx: str | None
    cancel_asked_at: datetime | None
    submissions: int
    polls: int
    failures: int
    submitted_at: datetime | None
    due_at: datetime | None
    provider_fee: Decimal | None


@dataclass(slots=True)
class HeldPayment:
    """A payment as read for a change, with its legs in plan order."""

    id: str
    code: str
    customer_id: str
    chat_id: int
    environment: str
    kind: str
    state: str
    revision: int
    pay_amount: Decimal
    pay_currency: str
    fee_amount: Decimal
    receive_amount: Decimal
    receive_currency: str
    request_id: str | None
    batch_id: str | None
    legs: list[HeldLeg] = field(default_factory=list)


_LEG_COLUMNS = [LEG.c[name] for name in HeldLeg.__slots__]
_PAYMENT_COLUMNS = [PAYMENT.c[name] for name in HeldPayment.__slots__ if name != "legs"]

_HOLD_PAYMENTS = (
    select(*_PAYMENT_COLUMNS)
    .where(PAYMENT.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(PAYMENT.c.id)
    .with_for_update()
)
_HOLD_LEGS = (
    select(LEG.c.payment_id, *_LEG_COLUMNS)
    .where(LEG.c.payment_id.in_(bindparam("ids", expanding=True)))
    .order_by(LEG.c.payment_id, LEG.c.position)
    .with_for_update()  # else a due time that is set meanwhile would be lost with the change
)


def hold_payments(session: Session, payment_ids: Iterable[str]) -> dict[str, HeldPayment]:
    """Lock these payments and all their legs in one order (no deadlocks) and read them; by payment id."""
    ids = sorted(set(payment_ids))
    if not ids:
        return {}
    rows = session.connection().execute(_HOLD_PAYMENTS, {"ids": ids})
    held = {row[0]: HeldPayment(*row) for row in rows}
    for row in session.connection().execute(_HOLD_LEGS, {"ids": ids}):
        held[row[0]].legs.append(HeldLeg(*row[1:]))
    return held


_FIND_BY_REFERENCE = select(LEG.c.reference, LEG.c.id, LEG.c.payment_id, LEG.c.callback_token).where(
    LEG.c.reference.in_(bindparam("keys", expanding=True))
)
_FIND_BY_TOKEN = select(LEG.c.callback_token, LEG.c.id, LEG.c.payment_id, LEG.c.reference).where(
    LEG.c.callback_token.in_(bindparam("keys", expanding=True))
)


@dataclass(frozen=True, slots=True)
class LegKey:
    """How a leg is found: by its reference or by its callback token."""

    leg_id: str
    payment_id: str


def find_by_reference(session: Session, references: Iterable[str]) -> dict[str, LegKey]:
    """The legs with these references, by reference."""
    rows = session.connection().execute(_FIND_BY_REFERENCE, {"keys": sorted(set(references))})
    return {row[0]: LegKey(row[1], row[2]) for row in rows}


def find_by_token(session: Session, tokens: Iterable[str]) -> dict[str, LegKey]:
    """The legs with these callback tokens, by token."""
    rows = session.connection().execute(_FIND_BY_TOKEN, {"keys": sorted(set(tokens))})
    return {row[0]: LegKey(row[1], row[2]) for row in rows}


_CHANGE_LEG = (
    update(LEG)
    .where(LEG.c.id == bindparam("b_id"), LEG.c.state == bindparam("b_was"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "state",
                "provider_id",
                "receipt",
                "tx_hash",
                "redirect_url",
                "escrow_address",
                "pay_by",
                "crypto_seen",
                "refund_tx",
                "provider_fee",
                "polls",
                "failures",
                "due_at",
                "updated_at",
            )
        }
    )
)


def change_legs(session: Session, changes: Sequence[Mapping[str, Any]]) -> None:
    """Write held legs back, each guarded by the state it was held in (`b_id`, `b_was`).

    Raises `LostRace` when one had moved.
    """
    _change(session, _CHANGE_LEG, changes)


_CHANGE_PAYMENT = (
    update(PAYMENT)
    .where(PAYMENT.c.id == bindparam("b_id"), PAYMENT.c.revision == bindparam("b_was"))
    .values(
        {
            "state": bindparam("state"),
            "revision": bindparam("revision"),
            "updated_at": bindparam("updated_at"),
            # what became known once stays known
            **{
                name: func.coalesce(bindparam(name, type_=PAYMENT.c[name].type), PAYMENT.c[name])
                for name in ("reason", "reason_detail", "receipt", "tx_hash", "redirect_url", "ended_at")
            },
        }
    )
)


def change_payments(session: Session, changes: Sequence[Mapping[str, Any]]) -> None:
    """Write payments back, each guarded by the revision it was held at (`b_id`, `b_was`). `LostRace` as above."""
    _change(session, _CHANGE_PAYMENT, changes)


def _change(session: Session, statement: Any, changes: Sequence[Mapping[str, Any]]) -> None:
    if not changes:
        return
    # both drivers report the sum over all rows (tests/storage/test_payments.py holds them to it)
    if session.connection().execute(statement, list(changes)).rowcount != len(changes):
        raise LostRace


def add_events(session: Session, events: Sequence[Mapping[str, Any]]) -> None:
    """Append to the history of legs."""
    insert_rows(session, EVENT, events)


def open_cases(session: Session, cases: Sequence[Mapping[str, Any]]) -> int:
    """Open attention cases; one that is known by its dedupe key stays as it is. How many are new."""
    return insert_ignoring(session, CASE, cases, unique="dedupe_key")


def reopen_case(session: Session, key: str, *, now: datetime, detail: str, before: datetime | None = None) -> bool:
    """Open a case again that was closed, and `before` then; False when it is open, or was not."""
    closed = CASE.c.resolved_at.is_not(None) if before is None else CASE.c.resolved_at < before
    again = {"resolved_at": None, "resolution": None, "opened_at": now, "detail": detail}
    changed = session.connection().execute(update(CASE).where(CASE.c.dedupe_key == key, closed).values(again))
    return changed.rowcount == 1


def close_case(session: Session, dedupe_key: str, *, now: datetime, resolution: str) -> bool:
    """Close a case whose cause is gone; False when it is not open."""
    changed = session.connection().execute(
        update(CASE)
        .where(CASE.c.dedupe_key == dedupe_key, CASE.c.resolved_at.is_(None))
        .values(resolved_at=now, resolution=resolution)
    )
    return changed.rowcount == 1


def due_legs(
    session: Session, *, environment: str, owner: str, now: datetime, until: datetime, limit: int
) -> list[str]:
    """Take up to `limit` legs that are due, oldest first, under a lease until `until`; their ids."""
    # a CTE that locks is evaluated once; as a plain subquery PostgreSQL may run it again and exceed the limit
    due = (
        select(LEG.c.id)
        .where(
            LEG.c.due_at <= now,
            or_(LEG.c.lease_until.is_(None), LEG.c.lease_until < now),
            LEG.c.environment == environment,
        )
        .order_by(LEG.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claimed = (
        update(LEG)
        .where(LEG.c.id.in_(select(due.c.id)))
        .values(lease_owner=owner, lease_until=until)
        .returning(LEG.c.id)
    )
    return [row[0] for row in session.connection().execute(claimed)]


def release_leg(session: Session, leg_id: str, *, owner: str) -> bool:
    """Give a lease back. False when it was no longer ours."""
    result = session.connection().execute(
        update(LEG).where(LEG.c.id == leg_id, LEG.c.lease_owner == owner).values(lease_owner=None, lease_until=None)
    )
    return result.rowcount == 1


def postpone_leg(session: Session, leg_id: str, *, owner: str, due_at: datetime, failed: bool = True) -> bool:
    """Give a lease back and look again at `due_at`; a leg that ended meanwhile stays ended. False when not ours."""
    result = session.connection().execute(
        update(LEG)
        .where(LEG.c.id == leg_id, LEG.c.lease_owner == owner)
        .values(
            lease_owner=None,
            lease_until=None,
            # typed by hand: what stands inside CASE does not take its type from the column
            due_at=case((LEG.c.due_at.is_(None), null()), else_=bindparam("later", due_at, type_=LEG.c.due_at.type)),
            failures=LEG.c.failures + int(failed),
        )
    )
    return result.rowcount == 1


def begin_submission(
    session: Session, leg_id: str, *, owner: str, was: str, now: datetime, until: datetime, state: str
) -> bool:
    """Mark that the create call is about to be made, and renew the lease for it.

    Only while the lease is ours and the state is `was`; else False.
    """
    result = session.connection().execute(
        update(LEG)
        .where(LEG.c.id == leg_id, LEG.c.lease_owner == owner, LEG.c.state == was)
        .values(state=state, submissions=LEG.c.submissions + 1, submitted_at=now, updated_at=now, lease_until=until)
    )
    return result.rowcount == 1


def ask_to_cancel(session: Session, payment_id: str, *, kind: str, states: Sequence[str], now: datetime) -> bool:
    """Note that the customer wants this leg cancelled, and have it looked at now; False when it is too late for that."""
    result = session.connection().execute(
        update(LEG)
        .where(
            LEG.c.payment_id == payment_id,
            LEG.c.kind == kind,
            LEG.c.state.in_(states),
            LEG.c.cancel_asked_at.is_(None),
        )
        .values(cancel_asked_at=now, due_at=now)
    )
    return result.rowcount == 1


def begin_cancel(session: Session, leg_id: str, *, owner: str, now: datetime | None) -> bool:
    """Mark that the call that cancels a leg is about to be made (None: that it was not), while the lease is ours."""
    result = session.connection().execute(
        update(LEG).where(LEG.c.id == leg_id, LEG.c.lease_owner == owner).values(cancel_sent_at=now)
    )
    return result.rowcount == 1


def make_payment_due(
    session: Session, payment_id: str, *, states: Sequence[str], now: datetime, quiet_since: datetime
) -> None:
    """Have the legs of a payment in these states read now, but none that was changed or read after `quiet_since`.

    A leg whose reads fail keeps its back-off.
    """
    session.connection().execute(
        update(LEG)
        .where(
            LEG.c.payment_id == payment_id,
            LEG.c.state.in_(states),
            LEG.c.failures == 0,
            LEG.c.due_at > now,
            LEG.c.updated_at <= quiet_since,
        )
        .values(due_at=now)
    )


def make_due(session: Session, leg_ids: Sequence[str], now: datetime) -> None:
    """Have a status read of these open legs done now (a hint arrived)."""
    if leg_ids:
        session.connection().execute(update(LEG).where(LEG.c.id.in_(leg_ids), LEG.c.due_at > now).values(due_at=now))


def leg(session: Session, leg_id: str) -> Leg | None:
    """One leg, whole."""
    return session.get(Leg, leg_id)


def add_payment(session: Session, payment: Mapping[str, Any], first_leg: Mapping[str, Any]) -> bool:
    """Insert a payment and its first leg; False when this confirmation had opened one before."""
    if insert_ignoring(session, PAYMENT, [payment], unique="confirm_key") == 0:
        return False
    insert_rows(session, LEG, [first_leg])
    return True


def add_payments(
    session: Session, payments: Sequence[Mapping[str, Any]], first_legs: Sequence[Mapping[str, Any]]
) -> frozenset[str]:
    """Insert many payments with the first leg of each, leaving out what a confirmation had opened before.

    The ids of those that are new; all in a handful of statements.
    """
    insert_ignoring(session, PAYMENT, payments, unique="confirm_key")
    ids = [row["id"] for row in payments]
    new = frozenset(session.connection().execute(select(PAYMENT.c.id).where(PAYMENT.c.id.in_(ids))).scalars())
    insert_rows(session, LEG, [row for row in first_legs if row["payment_id"] in new])
    return new


def payments_by_confirm_keys(session: Session, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Id and code of the payments that these confirmations opened, by confirmation."""
    query = select(PAYMENT.c.confirm_key, PAYMENT.c.id, PAYMENT.c.code).where(PAYMENT.c.confirm_key.in_(keys))
    return {row[0]: (row[1], row[2]) for row in session.connection().execute(query)}


def add_leg(session: Session, row: Mapping[str, Any]) -> bool:
    """Insert a further leg of a payment; False when the plan already has one at this position."""
    return insert_ignoring(session, LEG, [row], unique=("payment_id", "position")) == 1


def payment_by_confirm_key(session: Session, confirm_key: str) -> RowMapping | None:
    """Id and code of the payment that this confirmation opened."""
    return (
        session.connection()
        .execute(select(PAYMENT.c.id, PAYMENT.c.code).where(PAYMENT.c.confirm_key == confirm_key))
        .mappings()
        .first()
    )


def payment_request(session: Session, payment_id: str) -> bytes:
    """The sealed answers that a payment was opened with."""
    found = session.connection().execute(select(PAYMENT.c.request_sealed).where(PAYMENT.c.id == payment_id))
    return bytes(found.scalar_one())
