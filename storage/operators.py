"""Queries on who operates the business: roles, invitations, questions that are open, and the record of what was done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, literal, select, update
from sqlalchemy import Table as SqlTable
from sqlmodel import Session

from storage.operator_tables import Operator, OperatorAction, OperatorInvitation, OperatorQuestion
from storage.tables import table_of
from storage.writing import insert_ignoring, insert_rows

OPERATOR: SqlTable = table_of(Operator)
INVITATION: SqlTable = table_of(OperatorInvitation)
QUESTION: SqlTable = table_of(OperatorQuestion)
ACTION: SqlTable = table_of(OperatorAction)


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """One row of the record; `before` and `after` are JSON text."""

    id: str
    at: datetime
    operator: int
    role: str
    action: str
    target: str | None
    reason: str | None
    before: str | None
    after: str | None


def operator_role(session: Session, telegram_id: int, *, hold: bool = False) -> str | None:
    """The role of somebody who was invited and not removed. `hold`: nobody changes it before this transaction ends."""
    statement = select(OPERATOR.c.role).where(OPERATOR.c.telegram_id == telegram_id, OPERATOR.c.removed_at.is_(None))
    return session.connection().execute(statement.with_for_update(read=True) if hold else statement).scalar()


def was_removed_since(session: Session, telegram_id: int, moment: datetime) -> bool:
    """Whether somebody's rights were taken away at that moment or later, and not given back."""
    statement = select(OPERATOR.c.telegram_id).where(
        OPERATOR.c.telegram_id == telegram_id, OPERATOR.c.removed_at >= literal(moment, OPERATOR.c.removed_at.type)
    )
    return session.connection().execute(statement).first() is not None


def was_removed(session: Session, telegram_id: int) -> bool:
    """Whether somebody had rights, and has none now."""
    statement = select(OPERATOR.c.telegram_id).where(
        OPERATOR.c.telegram_id == telegram_id, OPERATOR.c.removed_at.is_not(None)
    )
    return session.connection().execute(statement).first() is not None


def operators(session: Session, *, removed: bool = False) -> list[Operator]:
    """Everybody who was invited and not removed, in the order in which they came; `removed`: the others as well."""
    statement = select(Operator).order_by(OPERATOR.c.added_at, OPERATOR.c.telegram_id)
    return list(session.execute(statement if removed else statement.where(OPERATOR.c.removed_at.is_(None))).scalars())


def invited(session: Session, telegram_id: int, *, since: datetime) -> tuple[int, datetime] | None:
    """By whom somebody was invited and when they came, where that was after this moment; None for all others."""
    statement = select(OPERATOR.c.invited_by, OPERATOR.c.added_at).where(
        OPERATOR.c.telegram_id == telegram_id,
        OPERATOR.c.removed_at.is_(None),
        OPERATOR.c.added_at > literal(since, OPERATOR.c.added_at.type),
    )
    found = session.connection().execute(statement).first()
    return None if found is None else (found.invited_by, found.added_at)


def put_operator(session: Session, row: Mapping[str, Any]) -> None:
    """Let somebody in, or in again: `row` has every column but `removed_at`, which becomes empty."""
    if insert_ignoring(session, OPERATOR, [row], unique="telegram_id") == 0:
        session.connection().execute(
            update(OPERATOR).where(OPERATOR.c.telegram_id == row["telegram_id"]).values(**row, removed_at=None)
        )


def change_role(session: Session, telegram_id: int, *, was: str, role: str) -> bool:
    """Give an operator another role; False when it is not `was` any more."""
    changed = session.connection().execute(
        update(OPERATOR)
        .where(OPERATOR.c.telegram_id == telegram_id, OPERATOR.c.role == was, OPERATOR.c.removed_at.is_(None))
        .values(role=role)
    )
    return changed.rowcount == 1


def remove_operator(session: Session, telegram_id: int, *, now: datetime) -> bool:
    """Take all rights away; False when there were none."""
    changed = session.connection().execute(
        update(OPERATOR)
        .where(OPERATOR.c.telegram_id == telegram_id, OPERATOR.c.removed_at.is_(None))
        .values(removed_at=now)
    )
    return changed.rowcount == 1


def add_invitation(session: Session, row: Mapping[str, Any]) -> None:
    """Keep an invitation."""
    insert_rows(session, INVITATION, [row])


def invitation(session: Session, token_digest: str) -> OperatorInvitation | None:
    """An invitation by the digest of its token."""
    return session.get(OperatorInvitation, token_digest)


def open_invitations(session: Session, *, now: datetime) -> list[OperatorInvitation]:
    """Every invitation that nobody used and whose time is not over, the oldest first."""
    statement = (
        select(OperatorInvitation)
        .where(INVITATION.c.used_at.is_(None), INVITATION.c.expires_at > now)
        .order_by(INVITATION.c.created_at, INVITATION.c.token_digest)
    )
    return list(session.execute(statement).scalars())


def withdraw_invitation(session: Session, token_digest: str, *, now: datetime) -> bool:
    """End an invitation's time now; False when it was used before, or is over."""
    return _withdraw(session, INVITATION.c.token_digest == token_digest, now) == 1


def withdraw_invitations_of(session: Session, inviter: int, *, now: datetime) -> int:
    """End the time of all that somebody made and nobody used; how many there were."""
    return _withdraw(session, INVITATION.c.invited_by == inviter, now)


def _withdraw(session: Session, which: ColumnElement[bool], now: datetime) -> int:
    changed = session.connection().execute(
        update(INVITATION)
        .where(which, INVITATION.c.used_at.is_(None), INVITATION.c.expires_at > now)
        .values(expires_at=now)
    )
    return changed.rowcount


def use_invitation(session: Session, token_digest: str, *, person: int, now: datetime) -> bool:
    """Use an invitation up; False when it was used before or has expired."""
    changed = session.connection().execute(
        update(INVITATION)
        .where(INVITATION.c.token_digest == token_digest, INVITATION.c.used_at.is_(None), INVITATION.c.expires_at > now)
        .values(used_by=person, used_at=now)
    )
    return changed.rowcount == 1


def put_question(session: Session, row: Mapping[str, Any]) -> None:
    """Ask an operator something in a chat; what they were asked there before is forgotten."""
    forget_question(session, int(row["operator"]), int(row["chat_id"]))
    insert_rows(session, QUESTION, [row])


def question(session: Session, operator: int, chat_id: int) -> OperatorQuestion | None:
    """What an operator is asked for in a chat."""
    return session.get(OperatorQuestion, (operator, chat_id))


def question_by_id(session: Session, question_id: str) -> OperatorQuestion | None:
    """A question that nobody answered and nothing ended."""
    return session.execute(select(OperatorQuestion).where(QUESTION.c.id == question_id)).scalar_one_or_none()


def forget_question(session: Session, operator: int, chat_id: int) -> None:
    """Nothing is asked there any more."""
    session.connection().execute(delete(QUESTION).where(QUESTION.c.operator == operator, QUESTION.c.chat_id == chat_id))


def take_question(session: Session, question_id: str) -> bool:
    """A question is answered; False when it was answered or forgotten before."""
    return session.connection().execute(delete(QUESTION).where(QUESTION.c.id == question_id)).rowcount == 1


def add_action(session: Session, row: Mapping[str, Any]) -> None:
    """Append to the record of what operators did. There is no other way to write it, and none to change it."""
    insert_rows(session, ACTION, [row])


LOOK: Final = "look"  # the action of somebody who was shown whole numbers
_COLUMNS = [ACTION.c[name] for name in ActionRecord.__slots__]


def last_done_to(
    session: Session, target: str, action: str, before: str, *, since: datetime
) -> tuple[int, datetime] | None:
    """Who last did something to `target`, which was `before` (JSON text) until then, and when: after `since`, else None."""
    statement = select(ACTION.c.operator, ACTION.c.at).where(
        ACTION.c.target == target, ACTION.c.action == action, ACTION.c.before == before, ACTION.c.at > since
    )
    found = session.connection().execute(statement.order_by(ACTION.c.id.desc()).limit(1)).first()
    return None if found is None else (found.operator, found.at)


def has_looked(session: Session, operator: int, target: str, about: str | None, *, since: datetime) -> bool:
    """Whether it is on record that somebody was shown these whole numbers (`about` is JSON text), at `since` or later."""
    statement = select(ACTION.c.id).where(
        ACTION.c.target == target, ACTION.c.action == LOOK, ACTION.c.operator == operator, ACTION.c.at >= since
    )
    statement = statement.where(ACTION.c.after.is_(None) if about is None else ACTION.c.after == about)
    return session.connection().execute(statement.limit(1)).first() is not None


def action(session: Session, action_id: str) -> ActionRecord | None:
    """One row of the record."""
    found = session.connection().execute(select(*_COLUMNS).where(ACTION.c.id == action_id)).first()
    return None if found is None else ActionRecord(*found)


def actions(
    session: Session, *, limit: int, offset: int = 0, target: str | None = None, looks: bool = False
) -> list[ActionRecord]:
    """What was done, the newest first; with a `target`, what was done to that; `looks`: who looked at whom instead."""
    statement = select(*_COLUMNS).order_by(ACTION.c.id.desc()).limit(limit).offset(offset)
    statement = statement.where(ACTION.c.action == LOOK if looks else ACTION.c.action != LOOK)
    if target is not None:
        statement = statement.where(ACTION.c.target == target)
    return [ActionRecord(*row) for row in session.connection().execute(statement)]
