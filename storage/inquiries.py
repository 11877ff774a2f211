"""Queries on what customers ask a person of the team: one open at a time, changed only while it is as it was read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import func, literal, select, update
from sqlmodel import Session, col

from storage.customers import CUSTOMER
from storage.dialogues import dialogue_of
from storage.notices import SLOT
from storage.tables import Payment, table_of
from storage.word_tables import Inquiry, InquiryMessage
from storage.writing import insert_rows

INQUIRY: SqlTable = table_of(Inquiry)
MESSAGE: SqlTable = table_of(InquiryMessage)


def inquiry_by_id(session: Session, inquiry_id: str) -> Inquiry | None:
    """One, open or not."""
    return session.get(Inquiry, inquiry_id)


def open_inquiry(session: Session, customer_id: str) -> Inquiry | None:
    """The one that a customer has open."""
    statement = select(Inquiry).where(col(Inquiry.customer_id) == customer_id, col(Inquiry.closed_at).is_(None))
    return session.execute(statement).scalars().first()


def add_inquiry(session: Session, row: Mapping[str, Any]) -> bool:
    """Open one; False when the customer has one open already."""
    if open_inquiry(session, row["customer_id"]) is not None:
        return False
    insert_rows(session, INQUIRY, [row])
    return True


def change_inquiry(session: Session, inquiry_id: str, values: Mapping[str, Any]) -> bool:
    """Write some columns of an open one; False when it is closed."""
    statement = update(INQUIRY).where(INQUIRY.c.id == inquiry_id, INQUIRY.c.closed_at.is_(None)).values(**values)
    return session.connection().execute(statement).rowcount == 1


def reopen_inquiry(session: Session, inquiry_id: str) -> bool:
    """Open one again; False when it is open, or another of the same customer is."""
    found = inquiry_by_id(session, inquiry_id)
    if found is None or open_inquiry(session, found.customer_id) is not None:
        return False
    reopened = (
        update(INQUIRY)
        .where(INQUIRY.c.id == inquiry_id, INQUIRY.c.closed_at.is_not(None))
        .values(closed_at=None, closed_by=None)
    )
    return session.connection().execute(reopened).rowcount == 1


def add_message(session: Session, row: Mapping[str, Any]) -> None:
    """Keep what one side wrote."""
    insert_rows(session, MESSAGE, [row])


def customer_wrote(session: Session, inquiry_id: str, now: datetime) -> bool:
    """Words of the customer are there, which nobody has answered; False when the inquiry is closed."""
    moment = literal(now, INQUIRY.c.posted_at.type)
    values = {name: func.coalesce(INQUIRY.c[name], moment) for name in ("posted_at", "waits_since")}
    return change_inquiry(session, inquiry_id, values)


def messages(session: Session, inquiry_id: str, *, limit: int) -> list[InquiryMessage]:
    """The last words of both sides, the oldest first."""
    statement = (
        select(InquiryMessage)
        .where(col(InquiryMessage.inquiry_id) == inquiry_id)
        .order_by(col(InquiryMessage.id).desc())
        .limit(limit)
    )
    return list(reversed(session.execute(statement).scalars().all()))


def written_since(session: Session, customer_id: str, since: datetime) -> int:
    """How many messages a customer wrote to the team since then."""
    statement = (
        select(func.count())
        .select_from(MESSAGE.join(INQUIRY, INQUIRY.c.id == MESSAGE.c.inquiry_id))
        .where(INQUIRY.c.customer_id == customer_id, MESSAGE.c.operator.is_(None), MESSAGE.c.at >= since)
    )
    return int(session.connection().execute(statement).scalar_one())


def opened_since(session: Session, customer_id: str, since: datetime) -> int:
    """How many inquiries a customer opened since then."""
    statement = select(func.count()).where(INQUIRY.c.customer_id == customer_id, INQUIRY.c.opened_at >= since)
    return int(session.connection().execute(statement).scalar_one())


def open_inquiries(session: Session, *, limit: int, offset: int) -> list[Inquiry]:
    """Those that the team sees and that are open: the ones that wait for an answer first, the longest waiting first."""
    statement = (
        select(Inquiry)
        .where(col(Inquiry.closed_at).is_(None), col(Inquiry.posted_at).is_not(None))
        .order_by(col(Inquiry.waits_since).is_(None), col(Inquiry.waits_since), col(Inquiry.opened_at))
        .limit(limit)
        .offset(offset)
    )
    return list(session.execute(statement).scalars())


def count_open(session: Session) -> int:
    """How many of them there are."""
    statement = select(func.count()).where(INQUIRY.c.closed_at.is_(None), INQUIRY.c.posted_at.is_not(None))
    return int(session.connection().execute(statement).scalar_one())


def code_of_payment(session: Session, payment_id: str) -> str | None:
    """The reference that people read out."""
    payment = session.get(Payment, payment_id)
    return None if payment is None else payment.code


def slot_behind(session: Session, chat_id: int, message_id: int) -> str | None:
    """Which part a message of ours plays in a chat; None for one that plays none, or did long ago."""
    statement = select(SLOT.c.slot).where(SLOT.c.chat_id == chat_id, SLOT.c.message_id == message_id)
    return session.connection().execute(statement).scalar()


def talk_until(session: Session, customer_id: str, until: datetime | None) -> None:
    """Until when what a customer writes is for the team; None: it is not."""
    session.connection().execute(update(CUSTOMER).where(CUSTOMER.c.id == customer_id).values(talking_until=until))


def talk_if_free(session: Session, customer_id: str, *, now: datetime, until: datetime) -> None:
    """The same, unless they are in the middle of a conversation that asks them things."""
    held = dialogue_of(session, customer_id)
    if held is None or held.expires_at <= now:
        talk_until(session, customer_id, until)
