"""Queries on the pace at which chats are written to. The times stand in the database, so all replicas keep one pace.

The row of chat 0 is the next free moment of the whole bot. Whoever claims notices locks it first: that hands out moments
one after the other and lets only one claimer at a time look at the queue. It is held for the milliseconds of a claim.
"""

from datetime import datetime

from sqlalchemy import Table as SqlTable
from sqlalchemy import select, update
from sqlmodel import Session

from storage.tables import ChatPace, table_of
from storage.writing import insert_ignoring

PACE: SqlTable = table_of(ChatPace)
ALL_CHATS = 0

_HOLD = select(PACE.c.message_at).where(PACE.c.chat_id == ALL_CHATS).with_for_update()


def hold_pace(session: Session, now: datetime) -> datetime:
    """The next free moment of the whole bot, held against other claimers until this transaction ends."""
    connection = session.connection()
    free_at = connection.execute(_HOLD).scalar()
    if free_at is None:
        insert_ignoring(session, PACE, [{"chat_id": ALL_CHATS, "message_at": now, "edit_at": now}], unique="chat_id")
        free_at = connection.execute(_HOLD).scalar_one()
    assert isinstance(free_at, datetime)
    return free_at


def set_pace(session: Session, free_at: datetime) -> None:
    """The next free moment of the whole bot, by its holder."""
    session.connection().execute(update(PACE).where(PACE.c.chat_id == ALL_CHATS).values(message_at=free_at))


def slow_chat(
    session: Session, chat_id: int, *, now: datetime, message_at: datetime | None, edit_at: datetime | None
) -> None:
    """No new message in this chat before `message_at`, no edit before `edit_at`; None leaves as it is, nothing is sooner."""
    row = {"chat_id": chat_id, "message_at": message_at or now, "edit_at": edit_at or now}
    if insert_ignoring(session, PACE, [row], unique="chat_id") == 1:
        return
    for name, moment in (("message_at", message_at), ("edit_at", edit_at)):
        if moment is not None:
            session.connection().execute(
                update(PACE).where(PACE.c.chat_id == chat_id, PACE.c[name] < moment).values({name: moment})
            )
