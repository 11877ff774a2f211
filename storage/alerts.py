"""Queries on alerts: found or over, told by kind, and looked for by one replica at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import delete, func, insert, or_, select, update
from sqlmodel import Session, col

from storage.alert_tables import Alert, AlertRule, BalanceFloor, ForumTopic, Watch
from storage.notices import CUSTOMER, NOTICE, PARKED
from storage.pace import PACE
from storage.tables import table_of
from storage.writing import insert_ignoring

ALERT: SqlTable = table_of(Alert)
RULE: SqlTable = table_of(AlertRule)
TOPIC: SqlTable = table_of(ForumTopic)
FLOOR: SqlTable = table_of(BalanceFloor)
WATCH: SqlTable = table_of(Watch)


def put_alert(session: Session, *, kind: str, key: str, facts: str, times: int, now: datetime) -> bool:
    """Write that something was found, `times` times; whether it is news: found first, or again after it was over."""
    begun = {"facts": facts, "times": times, "began_at": now, "last_at": now, "told_at": None, "over_at": None}
    if insert_ignoring(session, ALERT, [{"kind": kind, "key": key, **begun}], unique=("kind", "key")) == 1:
        return True
    connection = session.connection()
    this = (ALERT.c.kind == kind, ALERT.c.key == key)
    if connection.execute(update(ALERT).where(*this, ALERT.c.over_at.is_not(None)).values(**begun)).rowcount == 1:
        return True
    connection.execute(update(ALERT).where(*this).values(facts=facts, times=ALERT.c.times + times, last_at=now))
    return False


def end_alert(session: Session, *, kind: str, key: str, now: datetime) -> bool:
    """Write that it is over; False when it was already, or never was."""
    changed = session.connection().execute(
        update(ALERT)
        .where(ALERT.c.kind == kind, ALERT.c.key == key, ALERT.c.over_at.is_(None))
        .values(over_at=now, last_at=now)
    )
    return changed.rowcount == 1


def lasting(session: Session, kind: str) -> list[Alert]:
    """The alerts of a kind that are not over, the first found first."""
    statement = (
        select(Alert)
        .where(col(Alert.kind) == kind, col(Alert.over_at).is_(None))
        .order_by(col(Alert.began_at), col(Alert.key))
    )
    return list(session.execute(statement).scalars())


def told_alerts(session: Session, kind: str, *, since: datetime, limit: int) -> tuple[list[Alert], int]:
    """What a message tells of a kind: what lasts, the newest first, then what is over since `since`; and how many."""
    shown = (col(Alert.kind) == kind, or_(col(Alert.over_at).is_(None), col(Alert.over_at) >= since))
    statement = (
        select(Alert)
        .where(*shown)
        .order_by(col(Alert.over_at).is_not(None), col(Alert.began_at).desc(), col(Alert.key))
        .limit(limit)
    )
    count = session.execute(select(func.count()).select_from(Alert).where(*shown)).scalar_one()
    return list(session.execute(statement).scalars()), count


def news(session: Session, kind: str) -> bool:
    """Whether something of a kind lasts that no message which rings has told of."""
    untold = (ALERT.c.kind == kind, ALERT.c.over_at.is_(None), ALERT.c.told_at.is_(None))
    return session.connection().execute(select(ALERT.c.key).where(*untold).limit(1)).first() is not None


def lasts(session: Session, kind: str) -> bool:
    """Whether anything of a kind lasts."""
    lasting = (ALERT.c.kind == kind, ALERT.c.over_at.is_(None))
    return session.connection().execute(select(ALERT.c.key).where(*lasting).limit(1)).first() is not None


def count_lasting(session: Session) -> dict[str, int]:
    """How many alerts of each kind are not over."""
    statement = select(ALERT.c.kind, func.count()).where(ALERT.c.over_at.is_(None)).group_by(ALERT.c.kind)
    return {str(row[0]): int(row[1]) for row in session.connection().execute(statement)}


def mark_told(session: Session, kind: str, now: datetime) -> None:
    """A message that rings tells of everything of this kind that lasts."""
    session.connection().execute(
        update(ALERT)
        .where(ALERT.c.kind == kind, ALERT.c.over_at.is_(None), ALERT.c.told_at.is_(None))
        .values(told_at=now)
    )


def drop_over(session: Session, before: datetime) -> None:
    """Forget what was over long ago."""
    session.connection().execute(delete(ALERT).where(ALERT.c.over_at < before))


def rules(session: Session) -> list[AlertRule]:
    """How each kind is told, of those that have a row."""
    return list(session.execute(select(AlertRule)).scalars())


def due_kinds(session: Session, now: datetime) -> list[str]:
    """The kinds of which something is to be told now."""
    return list(session.connection().execute(select(RULE.c.kind).where(RULE.c.due_at <= now)).scalars())


def tell_by(session: Session, kind: str, due_at: datetime) -> None:
    """Have something told of a kind at this time, or earlier where that was meant already."""
    if insert_ignoring(session, RULE, [_fresh_rule(kind) | {"due_at": due_at}], unique="kind") == 0:
        session.connection().execute(
            update(RULE)
            .where(RULE.c.kind == kind, or_(RULE.c.due_at.is_(None), RULE.c.due_at > due_at))
            .values(due_at=due_at)
        )


def take_due(session: Session, kind: str, now: datetime) -> AlertRule | None:
    """Take upon oneself to tell what is due of a kind: its rule, as it stands; None when another one took it."""
    taken = session.connection().execute(
        update(RULE).where(RULE.c.kind == kind, RULE.c.due_at <= now).values(due_at=None)
    )
    if taken.rowcount != 1:
        return None
    found: AlertRule = session.execute(select(AlertRule).where(col(AlertRule.kind) == kind)).scalar_one()
    return found


def note_told(session: Session, kind: str, *, rang_at: datetime | None, said_at: datetime) -> None:
    """Remember when a kind was told of, and when it last rang."""
    session.connection().execute(update(RULE).where(RULE.c.kind == kind).values(rang_at=rang_at, said_at=said_at))


def change_mode(session: Session, kind: str, *, was: str, mode: str) -> bool:
    """Have a kind told in another way; False when it was not told in the way it was thought to be."""
    insert_ignoring(session, RULE, [_fresh_rule(kind)], unique="kind")
    changed = session.connection().execute(
        update(RULE).where(RULE.c.kind == kind, RULE.c.mode == was).values(mode=mode)
    )
    return changed.rowcount == 1


def thread_of(session: Session, chat_id: int, name: str) -> int | None:
    """The topic that was made for this in a group."""
    statement = select(TOPIC.c.thread_id).where(TOPIC.c.chat_id == chat_id, TOPIC.c.name == name)
    found: int | None = session.connection().execute(statement).scalar()
    return found


def put_topic(session: Session, chat_id: int, name: str, thread_id: int) -> None:
    """Remember a topic, in place of another one."""
    session.connection().execute(delete(TOPIC).where(TOPIC.c.chat_id == chat_id, TOPIC.c.name == name))
    session.connection().execute(insert(TOPIC).values(chat_id=chat_id, name=name, thread_id=thread_id))


def forget_topic(session: Session, chat_id: int, thread_id: int) -> None:
    """A topic is no more."""
    session.connection().execute(delete(TOPIC).where(TOPIC.c.chat_id == chat_id, TOPIC.c.thread_id == thread_id))


def floors(session: Session) -> Sequence[BalanceFloor]:
    """The balances below which operators are called, of those that they chose themselves."""
    return list(session.execute(select(BalanceFloor).order_by(col(BalanceFloor.currency))).scalars())


def put_floor(session: Session, row: dict[str, Any]) -> None:
    """Choose another balance for a currency."""
    if insert_ignoring(session, FLOOR, [row], unique="currency") == 0:
        session.connection().execute(
            update(FLOOR).where(FLOOR.c.currency == row["currency"]).values(amount=row["amount"])
        )


def begin_watch(session: Session, name: str, due_at: datetime) -> None:
    """Have something looked at from this time on, where that is not known yet."""
    insert_ignoring(session, WATCH, [{"name": name, "due_at": due_at}], unique="name")


def take_watch(session: Session, name: str, *, now: datetime, next_at: datetime) -> bool:
    """Take upon oneself to look now; False where it is not due, or another one looks."""
    begin_watch(session, name, now)
    changed = session.connection().execute(
        update(WATCH).where(WATCH.c.name == name, WATCH.c.due_at <= now).values(due_at=next_at)
    )
    return changed.rowcount == 1


def is_parked(session: Session, chat_id: int) -> bool:
    """Whether a chat could not be written to when it was tried last."""
    statement = select(NOTICE.c.id).where(NOTICE.c.chat_id == chat_id, NOTICE.c.state == PARKED).limit(1)
    return session.connection().execute(statement).first() is not None


def is_quiet(session: Session, chat_id: int, now: datetime) -> bool:
    """Whether nothing waits to be said in a chat, and something may be said there at once."""
    waits = select(NOTICE.c.id).where(NOTICE.c.chat_id == chat_id, NOTICE.c.due_at.is_not(None)).limit(1)
    paced = select(PACE.c.chat_id).where(PACE.c.chat_id == chat_id, or_(PACE.c.message_at > now, PACE.c.edit_at > now))
    connection = session.connection()
    return connection.execute(waits).first() is None and connection.execute(paced).first() is None


def language_of(session: Session, people: Sequence[int]) -> str:
    """The language of the first of these people who is known; English where nobody is."""
    statement = select(CUSTOMER.c.telegram_id, CUSTOMER.c.language).where(CUSTOMER.c.telegram_id.in_(people))
    known: dict[int, str] = {row[0]: row[1] for row in session.connection().execute(statement)}
    return next((known[person] for person in people if person in known), "en")


def watch_due(session: Session, name: str) -> datetime | None:
    """When something is to be looked at next; None where that is not known yet."""
    found: datetime | None = session.connection().execute(select(WATCH.c.due_at).where(WATCH.c.name == name)).scalar()
    return found


def put_watch(session: Session, name: str, due_at: datetime) -> None:
    """Have something looked at by this time and no sooner."""
    session.connection().execute(update(WATCH).where(WATCH.c.name == name).values(due_at=due_at))


def _fresh_rule(kind: str) -> dict[str, Any]:
    return {"kind": kind, "mode": "on", "due_at": None, "rang_at": None, "said_at": None}
