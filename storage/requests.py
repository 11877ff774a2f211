"""Queries on payment requests. Uses are counted by guarded updates only, so that no two payers take the same one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy import Table as SqlTable
from sqlmodel import Session, col

from storage.request_tables import PaymentRequest, RequestCard, RequestUse
from storage.tables import Customer, Payment, table_of
from storage.writing import insert_ignoring

REQUEST: SqlTable = table_of(PaymentRequest)
USE: SqlTable = table_of(RequestUse)
CARD: SqlTable = table_of(RequestCard)
PAYMENT: SqlTable = table_of(Payment)

_HAS_ROOM = or_(REQUEST.c.most_uses.is_(None), REQUEST.c.uses_reserved + REQUEST.c.uses_paid < REQUEST.c.most_uses)


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A request with what its cards need beside it: the maker's language, and the sealed names of its payers."""

    request: PaymentRequest
    language: str
    payers_sealed: tuple[bytes, ...]


def add_request(session: Session, row: Mapping[str, Any]) -> bool:
    """Insert a request; False when there is one with this code."""
    return insert_ignoring(session, REQUEST, [row], unique="code") == 1


def request_by_id(session: Session, request_id: str) -> PaymentRequest | None:
    """One request."""
    return session.get(PaymentRequest, request_id)


def request_by_code(session: Session, code: str) -> PaymentRequest | None:
    """The request that a link carries the code of."""
    return session.execute(select(PaymentRequest).where(col(PaymentRequest.code) == code)).scalars().first()


def request_record(session: Session, request: PaymentRequest | None, *, most_payers: int = 20) -> RequestRecord | None:
    """What the cards of a request show; None for none."""
    if request is None:
        return None
    language = session.execute(select(col(Customer.language)).where(col(Customer.id) == request.customer_id))
    payers = session.connection().execute(
        select(USE.c.payer_sealed)
        .where(USE.c.request_id == request.id, USE.c.state == "paid", USE.c.payer_sealed.is_not(None))
        .order_by(USE.c.updated_at, USE.c.payment_id)
        .limit(most_payers)
    )
    return RequestRecord(request, language.scalar_one(), tuple(bytes(row[0]) for row in payers))


def requests_of(session: Session, customer_id: str, *, limit: int) -> list[PaymentRequest]:
    """A maker's newest requests."""
    statement = (
        select(PaymentRequest)
        .where(col(PaymentRequest.customer_id) == customer_id)
        .order_by(col(PaymentRequest.created_at).desc(), col(PaymentRequest.id).desc())
        .limit(limit)
    )
    return list(session.execute(statement).scalars())


def made_since(session: Session, customer_id: str, since: datetime) -> int:
    """How many requests this maker has made since then."""
    count: int = session.execute(
        select(func.count())
        .select_from(REQUEST)
        .where(REQUEST.c.customer_id == customer_id, REQUEST.c.created_at >= since)
    ).scalar_one()
    return count


def change_request(session: Session, request_id: str, values: Mapping[str, Any], *, states: Sequence[str]) -> bool:
    """Write some columns of a request that stands in one of these states; False when it does not. A card changes."""
    changed = session.connection().execute(
        update(REQUEST)
        .where(REQUEST.c.id == request_id, REQUEST.c.state.in_(states))
        .values(**values, revision=REQUEST.c.revision + 1)
    )
    return changed.rowcount == 1


def page_ends() -> ColumnElement[str]:
    """For `change_request`: what becomes of the page when its terms end, by how far it is then, not when it was read."""
    made, wanted = REQUEST.c.link_state == "made", REQUEST.c.link_state == "wanted"
    return case((made, "closing"), (wanted, "none"), else_=REQUEST.c.link_state)


def may_remind(session: Session, request_id: str, *, now: datetime, quiet_since: datetime) -> bool:
    """Take the right to remind; False when that was done after `quiet_since`, or nobody can pay any more."""
    changed = session.connection().execute(
        update(REQUEST)
        .where(
            REQUEST.c.id == request_id,
            REQUEST.c.state == "open",
            or_(REQUEST.c.reminded_at.is_(None), REQUEST.c.reminded_at <= quiet_since),
        )
        .values(reminded_at=now, revision=REQUEST.c.revision + 1)
    )
    return changed.rowcount == 1


# uses


def reserve_use(session: Session, request_id: str, *, now: datetime) -> bool:
    """Take one use; False when the request is not open any more, or all of them are taken."""
    taken = session.connection().execute(
        update(REQUEST)
        .where(
            REQUEST.c.id == request_id,
            REQUEST.c.state == "open",
            or_(REQUEST.c.expires_at.is_(None), REQUEST.c.expires_at > now),
            _HAS_ROOM,
        )
        .values(uses_reserved=REQUEST.c.uses_reserved + 1, revision=REQUEST.c.revision + 1, updated_at=now)
    )
    return taken.rowcount == 1


def add_use(session: Session, row: Mapping[str, Any]) -> bool:
    """Insert the use behind a payment; False when it is there."""
    return insert_ignoring(session, USE, [row], unique="payment_id") == 1


def use_of(session: Session, payment_id: str) -> RequestUse | None:
    """The use behind a payment."""
    return session.get(RequestUse, payment_id)


def move_use(session: Session, payment_id: str, *, was: str, state: str, now: datetime) -> bool:
    """Change the state of a use that stands at `was`; False when it does not."""
    moved = session.connection().execute(
        update(USE).where(USE.c.payment_id == payment_id, USE.c.state == was).values(state=state, updated_at=now)
    )
    return moved.rowcount == 1


def pay_use(session: Session, request_id: str, *, states: Sequence[str], now: datetime) -> bool:
    """Turn a reserved use into a paid one while the request stands in one of these states; False when it does not."""
    paid = session.connection().execute(
        update(REQUEST)
        .where(REQUEST.c.id == request_id, REQUEST.c.state.in_(states), REQUEST.c.uses_reserved > 0)
        .values(
            uses_reserved=REQUEST.c.uses_reserved - 1,
            uses_paid=REQUEST.c.uses_paid + 1,
            revision=REQUEST.c.revision + 1,
            updated_at=now,
        )
    )
    return paid.rowcount == 1


def release_use(session: Session, request_id: str, *, now: datetime) -> bool:
    """Give a reserved use back."""
    released = session.connection().execute(
        update(REQUEST)
        .where(REQUEST.c.id == request_id, REQUEST.c.uses_reserved > 0)
        .values(uses_reserved=REQUEST.c.uses_reserved - 1, revision=REQUEST.c.revision + 1, updated_at=now)
    )
    return released.rowcount == 1


def unpay_use(session: Session, request_id: str, *, now: datetime) -> bool:
    """Take a paid use back: its money could not be paid out. A request that was used up by it is open again."""
    connection = session.connection()
    unpaid = connection.execute(
        update(REQUEST)
        .where(REQUEST.c.id == request_id, REQUEST.c.uses_paid > 0)
        .values(uses_paid=REQUEST.c.uses_paid - 1, revision=REQUEST.c.revision + 1, updated_at=now)
    )
    connection.execute(
        update(REQUEST).where(REQUEST.c.id == request_id, REQUEST.c.state == "used_up").values(state="open", due_at=now)
    )
    return unpaid.rowcount == 1


def end_if_used_up(session: Session, request_id: str, *, now: datetime) -> bool:
    """Mark an open request whose uses are all paid; whether it was this call."""
    ended = session.connection().execute(
        update(REQUEST)
        .where(REQUEST.c.id == request_id, REQUEST.c.state == "open", REQUEST.c.uses_paid == REQUEST.c.most_uses)
        .values(state="used_up", updated_at=now, due_at=now)
    )
    return ended.rowcount == 1


def asked_since(session: Session, *, customer_id: str, since: datetime) -> int:
    """How many phones this maker has had asked since then."""
    count: int = session.execute(
        select(func.count())
        .select_from(USE.join(REQUEST, REQUEST.c.id == USE.c.request_id))
        .where(REQUEST.c.customer_id == customer_id, USE.c.way == "push", USE.c.created_at >= since)
    ).scalar_one()
    return count


def phone_asked_since(session: Session, *, payer_digest: str, since: datetime) -> int:
    """How often this phone was asked by anybody since then."""
    count: int = session.execute(
        select(func.count())
        .select_from(USE)
        .where(USE.c.payer_digest == payer_digest, USE.c.way == "push", USE.c.created_at >= since)
    ).scalar_one()
    return count


# cards


def add_card(session: Session, row: Mapping[str, Any]) -> bool:
    """Insert a card; False when the request has one in this chat."""
    return insert_ignoring(session, CARD, [row], unique=("request_id", "chat_id")) == 1


def cards_of(session: Session, request_id: str) -> list[RequestCard]:
    """All places where a request's card stands, in the order in which they came."""
    statement = select(RequestCard).where(col(RequestCard.request_id) == request_id).order_by(col(RequestCard.id))
    return list(session.execute(statement).scalars())


def card_in(session: Session, request_id: str, chat_id: int) -> RequestCard | None:
    """The card of a request in a chat."""
    statement = select(RequestCard).where(
        col(RequestCard.request_id) == request_id, col(RequestCard.chat_id) == chat_id
    )
    return session.execute(statement).scalars().first()


def chats_that_paid(session: Session, request_id: str) -> set[int]:
    """The chats of those who have paid a request, or are paying it."""
    rows = session.connection().execute(
        select(PAYMENT.c.chat_id)
        .select_from(USE.join(PAYMENT, PAYMENT.c.id == USE.c.payment_id))
        .where(USE.c.request_id == request_id, USE.c.state.in_(("reserved", "paid")))
    )
    return {row[0] for row in rows}


# the provider's page, and the clock


def due_requests(
    session: Session, *, environment: str, owner: str, now: datetime, until: datetime, limit: int
) -> list[str]:
    """Take up to `limit` requests for which something is due, oldest first, under a lease; their ids."""
    due = (
        select(REQUEST.c.id)
        .where(
            REQUEST.c.due_at <= now,
            or_(REQUEST.c.lease_until.is_(None), REQUEST.c.lease_until < now),
            REQUEST.c.environment == environment,
        )
        .order_by(REQUEST.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")  # evaluated once: PostgreSQL may run a plain subquery again and exceed the limit
    )
    claimed = (
        update(REQUEST)
        .where(REQUEST.c.id.in_(select(due.c.id)))
        .values(lease_owner=owner, lease_until=until)
        .returning(REQUEST.c.id)
    )
    return [row[0] for row in session.connection().execute(claimed)]


def finish_step(
    session: Session, request_id: str, *, owner: str, due_at: datetime | None, seen: datetime, **values: Any
) -> bool:
    """Write what a step led to and give the lease back; False when it was no longer ours.

    `seen` is when the step began: what has become due since then stays due at once.
    """
    # a wish that came in between (a callback, a closing) made it due again: it must not be put off
    mine = and_(REQUEST.c.id == request_id, REQUEST.c.lease_owner == owner)
    changed = session.connection().execute(
        update(REQUEST).where(mine, or_(REQUEST.c.due_at.is_(None), REQUEST.c.due_at <= seen)).values(due_at=due_at)
    )
    again = session.connection().execute(
        update(REQUEST).where(mine).values(lease_owner=None, lease_until=None, **values)
    )
    return changed.rowcount == 1 or again.rowcount == 1


def is_page(session: Session, token: str) -> bool:
    """Whether the page of a request has this callback token."""
    found = session.connection().execute(select(REQUEST.c.id).where(REQUEST.c.link_token == token))
    return found.first() is not None


def make_requests_due(session: Session, names: Iterable[str], now: datetime) -> int:
    """Have the pages with these ids, short codes or callback tokens looked at now; how many there are."""
    wanted = sorted(set(names))
    if not wanted:
        return 0
    found = session.connection().execute(
        update(REQUEST)
        .where(or_(REQUEST.c.link_id.in_(wanted), REQUEST.c.link_code.in_(wanted), REQUEST.c.link_token.in_(wanted)))
        .values(due_at=now)
    )
    return found.rowcount
