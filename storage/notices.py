"""Queries on notices: written once by dedupe key, claimed chat by chat, and marked with what became of them.

A chat is written to by one sender at a time: only its oldest open notice is a candidate, and none while another of the
chat is under a lease. Whoever claims holds the pace row of all chats (`storage.pace`) until the claim is committed, so
two claimers never decide on the same picture of a chat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, literal_column, not_, or_, select, update
from sqlalchemy import Table as SqlTable
from sqlmodel import Session

from storage.pace import PACE
from storage.request_tables import RequestCard
from storage.tables import Customer, MessageSlot, Notice, table_of
from storage.writing import insert_ignoring

NOTICE: SqlTable = table_of(Notice)
SLOT: SqlTable = table_of(MessageSlot)
CUSTOMER: SqlTable = table_of(Customer)
CARD: SqlTable = table_of(RequestCard)
# what they showed can be shown again, and is not a record
_PASSING = (
    *("screen", "request_card", "request_share", "inquiry_card", "broadcast_card"),
    *("bulk_card", "bulk_result", "bulk_correction", "bulk_template"),
    *("operator_alert", "operator_start", "operator_summary"),
)

PARKED: ColumnElement[str] = literal_column("'parked'")  # spelled out, so that the partial index is seen to fit


SAYING = "being said"  # stands where an error would, from before the call until what came of it


def add_notices(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert notices; one whose `dedupe_key` is known is left as it stands."""
    insert_ignoring(session, NOTICE, rows, unique="dedupe_key")


def any_due(session: Session, now: datetime) -> bool:
    """Whether it is worth a claim."""
    return session.connection().execute(select(NOTICE.c.id).where(NOTICE.c.due_at <= now).limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A notice that is not sent yet."""

    id: str
    chat_id: int
    kind: str
    slot: str | None
    payment_id: str | None
    payload_sealed: bytes | None
    attempts: int
    created_at: datetime
    broadcast_id: str | None = None
    last_error: str | None = None

    @property
    def is_unclear(self) -> bool:
        """Whether somebody began to say it, of whom nothing was heard since: it may have been said."""
        return self.last_error == SAYING


@dataclass(frozen=True, slots=True)
class ClaimedNotice:
    """What to say next in a chat, under our lease.

    `head` is the oldest open notice of the chat; `newest` the newest of the same slot (or the head itself), which is
    what will be said; `between` are the others of the slot. `message_id` and `picture` tell what stands in the slot.
    """

    lease: str
    head: OpenNotice
    newest: OpenNotice
    between: tuple[OpenNotice, ...]
    message_id: int | None
    picture: bool
    message_at: datetime | None  # not before this time as a new message
    edit_at: datetime | None  # not before this time as an edit

    @property
    def ids(self) -> list[str]:
        """All rows that this one message settles."""
        return list({self.head.id, self.newest.id, *(notice.id for notice in self.between)})


_COLUMNS = [NOTICE.c[field.name] for field in fields(OpenNotice)]
_WIDTH = len(_COLUMNS)


def claim_notices(
    session: Session, *, lease: str, now: datetime, until: datetime, limit: int, broadcasts: bool = True
) -> list[ClaimedNotice]:
    """Take the next thing to say of up to `limit` chats, oldest first. The caller holds the pace of all chats.

    What is told to many comes after all that is told to somebody, and with `broadcasts` false not at all.
    """
    rows = _heads(session, now=now, limit=limit)
    if broadcasts and len(rows) < limit:
        rows += _heads(session, now=now, limit=limit - len(rows), broadcasts=True)
    if not rows:
        return []
    followers = _same_slots(session, [OpenNotice(*row[:_WIDTH]) for row in rows])
    claimed = []
    for row in rows:
        head = OpenNotice(*row[:_WIDTH])
        others = followers.get((head.chat_id, head.slot), [])
        claimed.append(
            ClaimedNotice(
                lease=lease,
                head=head,
                newest=others[-1] if others else head,
                between=tuple(others[:-1]),
                message_id=row[_WIDTH],
                picture=bool(row[_WIDTH + 1]),
                message_at=row[_WIDTH + 2],
                edit_at=row[_WIDTH + 3],
            )
        )
    ids = [notice_id for notice in claimed for notice_id in notice.ids]
    session.connection().execute(
        update(NOTICE).where(NOTICE.c.id.in_(ids)).values(lease_owner=lease, lease_until=until)
    )
    return claimed


def _heads(session: Session, *, now: datetime, limit: int, broadcasts: bool = False) -> list[Any]:
    """The next notice in each chat that may be written to now, with what stands in its slot, and the chat's pace.

    It is the oldest one that is open there. What is told to many is not among these; with `broadcasts` it is what is
    looked for, in chats where nothing else is open.
    """
    other = NOTICE.alias("other")
    lane = case((SLOT.c.message_id.is_(None), PACE.c.message_at), else_=PACE.c.edit_at)
    older, news = other.c.id < NOTICE.c.id, other.c.broadcast_id.is_(None)
    heads = (
        select(*_COLUMNS, SLOT.c.message_id, SLOT.c.picture, PACE.c.message_at, PACE.c.edit_at)
        .outerjoin(SLOT, and_(SLOT.c.chat_id == NOTICE.c.chat_id, SLOT.c.slot == NOTICE.c.slot))
        .outerjoin(PACE, PACE.c.chat_id == NOTICE.c.chat_id)
        .where(
            NOTICE.c.broadcast_id.is_not(None) if broadcasts else NOTICE.c.broadcast_id.is_(None),
            NOTICE.c.due_at <= now,
            or_(NOTICE.c.lease_until.is_(None), NOTICE.c.lease_until < now),
            or_(lane.is_(None), lane <= now),
            not_(
                select(other.c.id)
                .where(
                    other.c.chat_id == NOTICE.c.chat_id,
                    other.c.due_at.is_not(None),
                    other.c.id != NOTICE.c.id,
                    or_(or_(news, older) if broadcasts else and_(news, older), other.c.lease_until >= now),
                )
                .exists()
            ),
        )
        .order_by(NOTICE.c.due_at, NOTICE.c.id)
        .limit(limit)
    )
    return list(session.connection().execute(heads).all())


def _same_slots(session: Session, heads: Sequence[OpenNotice]) -> dict[tuple[int, str | None], list[OpenNotice]]:
    """The open notices behind each head that are for the same slot, in order, by chat and slot."""
    slotted: dict[tuple[int, str | None], OpenNotice] = {
        (head.chat_id, head.slot): head for head in heads if head.slot is not None
    }
    if not slotted:
        return {}
    found: dict[tuple[int, str | None], list[OpenNotice]] = {}
    rows = session.connection().execute(
        select(*_COLUMNS)
        .where(NOTICE.c.chat_id.in_(sorted({chat_id for chat_id, _ in slotted})), NOTICE.c.due_at.is_not(None))
        .where(NOTICE.c.slot.is_not(None))
        .order_by(NOTICE.c.id)
    )
    for row in rows:
        notice = OpenNotice(*row)
        head = slotted.get((notice.chat_id, notice.slot))
        if head is not None and notice.id > head.id:
            found.setdefault((notice.chat_id, notice.slot), []).append(notice)
    return found


def begin_saying(session: Session, claimed: ClaimedNotice) -> bool:
    """Write down that it is said from now on; False when the lease is no longer ours.

    For what must rather be lost than said twice: whoever finds it so later knows that it may have been said.
    """
    begun = (
        update(NOTICE)
        .where(NOTICE.c.id == claimed.newest.id, NOTICE.c.lease_owner == claimed.lease)
        .values(last_error=SAYING)
    )
    return session.connection().execute(begun).rowcount == 1


def finish_notice(
    session: Session, claimed: ClaimedNotice, *, state: str, now: datetime, message_id: int | None, error: str | None
) -> bool:
    """Mark what was said (`sent`) or cannot be said (`refused`), and the older ones of its slot as superseded.

    What was sent keeps no payload. False when the lease was no longer ours: somebody else says it too.
    """
    common = {"due_at": None, "lease_owner": None, "lease_until": None}
    connection = session.connection()
    older = [notice_id for notice_id in claimed.ids if notice_id != claimed.newest.id]
    if older:
        connection.execute(
            update(NOTICE)
            .where(NOTICE.c.id.in_(older), NOTICE.c.lease_owner == claimed.lease)
            .values(state="superseded", payload_sealed=None, **common)
        )
    values: dict[str, Any] = {"state": state, "last_error": error, "attempts": NOTICE.c.attempts + 1, **common}
    if state != "refused":
        values |= {"payload_sealed": None, "sent_at": now, "message_id": message_id}
    result = connection.execute(
        update(NOTICE).where(NOTICE.c.id == claimed.newest.id, NOTICE.c.lease_owner == claimed.lease).values(**values)
    )
    return result.rowcount == 1


def postpone_notice(
    session: Session, claimed: ClaimedNotice, *, due_at: datetime, error: str | None, failed: bool = True
) -> None:
    """Give the lease back and say it later: until then nothing is said in this chat, so that order is kept."""
    connection = session.connection()
    connection.execute(
        update(NOTICE)
        .where(NOTICE.c.id == claimed.head.id, NOTICE.c.lease_owner == claimed.lease)
        .values(due_at=due_at, last_error=error, attempts=NOTICE.c.attempts + int(failed))
    )
    connection.execute(
        update(NOTICE)
        .where(NOTICE.c.id.in_(claimed.ids), NOTICE.c.lease_owner == claimed.lease)
        .values(lease_owner=None, lease_until=None)
    )


def park_chat(session: Session, chat_id: int, now: datetime, error: str) -> None:
    """Nobody reads this chat now: keep what is open for when they return, and remember that they left."""
    connection = session.connection()
    connection.execute(
        update(NOTICE)
        .where(NOTICE.c.chat_id == chat_id, NOTICE.c.due_at.is_not(None))
        .values(state="parked", due_at=None, lease_owner=None, lease_until=None, last_error=error)
    )
    # in a private chat the chat's id is the person's
    connection.execute(
        update(CUSTOMER)
        .where(CUSTOMER.c.telegram_id == chat_id, CUSTOMER.c.blocked_us_at.is_(None))
        .values(blocked_us_at=now)
    )


def unpark_chat(session: Session, chat_id: int, now: datetime) -> None:
    """They are back: what was parked is due, in the order in which it was written."""
    connection = session.connection()
    connection.execute(
        update(NOTICE)
        .where(NOTICE.c.chat_id == chat_id, NOTICE.c.state == PARKED)
        .values(state="due", due_at=now, attempts=0)
    )
    connection.execute(
        update(CUSTOMER)
        .where(CUSTOMER.c.telegram_id == chat_id, CUSTOMER.c.blocked_us_at.is_not(None))
        .values(blocked_us_at=None)
    )


def move_chat(session: Session, was: int, chat_id: int) -> None:
    """A group became a supergroup: what is open goes to its new id, and nothing is edited in the old one."""
    connection = session.connection()
    connection.execute(
        update(NOTICE)
        .where(NOTICE.c.chat_id == was, NOTICE.c.due_at.is_not(None))
        .values(chat_id=chat_id, lease_owner=None, lease_until=None)
    )
    connection.execute(update(CUSTOMER).where(CUSTOMER.c.chat_id == was).values(chat_id=chat_id))
    connection.execute(update(CARD).where(CARD.c.chat_id == was).values(chat_id=chat_id))
    connection.execute(delete(SLOT).where(SLOT.c.chat_id == was))


def empty_slot(session: Session, chat_id: int, slot: str) -> None:
    """Nothing stands there any more: the next notice of the slot is a new message."""
    session.connection().execute(delete(SLOT).where(SLOT.c.chat_id == chat_id, SLOT.c.slot == slot))


def move_slot(session: Session, chat_id: int, slot: str, to: str) -> None:
    """What stands in a slot, and what is to be said there, belongs to another one from now on, which was never used."""
    connection = session.connection()
    connection.execute(update(SLOT).where(SLOT.c.chat_id == chat_id, SLOT.c.slot == slot).values(slot=to))
    waits = (NOTICE.c.chat_id == chat_id, NOTICE.c.slot == slot, NOTICE.c.due_at.is_not(None))
    connection.execute(update(NOTICE).where(*waits).values(slot=to))


def fill_slot(session: Session, *, chat_id: int, slot: str, message_id: int, picture: bool, now: datetime) -> None:
    """This message stands in the slot from now on."""
    connection = session.connection()
    key = {"chat_id": chat_id, "slot": slot}
    values = {"message_id": message_id, "picture": picture, "updated_at": now}
    if insert_ignoring(session, SLOT, [key | values], unique=("chat_id", "slot")) == 0:
        connection.execute(update(SLOT).where(SLOT.c.chat_id == chat_id, SLOT.c.slot == slot).values(**values))


def drop_old_notices(session: Session, *, screens_before: datetime, payloads_before: datetime) -> None:
    """Forget what is not needed: said screens, payloads that were refused or never fetched, slots nobody edits again.

    Notices about payments stay, without content: their dedupe keys say what was told, for good.
    """
    connection = session.connection()
    connection.execute(
        delete(NOTICE).where(
            NOTICE.c.kind.in_(_PASSING),
            NOTICE.c.due_at.is_(None),
            NOTICE.c.state != PARKED,
            NOTICE.c.created_at < screens_before,
        )
    )
    connection.execute(  # nobody who returns much later is told what everybody was told
        delete(NOTICE).where(
            NOTICE.c.broadcast_id.is_not(None), NOTICE.c.due_at.is_(None), NOTICE.c.created_at < screens_before
        )
    )
    connection.execute(
        update(NOTICE)
        .where(NOTICE.c.payload_sealed.is_not(None), NOTICE.c.due_at.is_(None), NOTICE.c.created_at < payloads_before)
        .values(payload_sealed=None, state="refused", last_error="too old")
    )
    connection.execute(delete(SLOT).where(SLOT.c.updated_at < payloads_before))
