"""Newcomers: for a day, whoever came by an invitation counts as one person with whoever invited them.

An invitation is made by one owner alone, and nothing proves that somebody else opened it. A second operator who came a
minute ago could be the first one's other account: so neither approves what the other asked for, nor do two whom the same
owner let in, nor whom a newcomer invited in their turn. A viewer who is made an operator is a newcomer too, of the owner
who made them one. After a day the other owners, who were told, have had time to object. Owners of the settings came by no
invitation.
"""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from bot.engine.operators.results import Role
from storage import operators as queries

NEW_FOR: Final = timedelta(hours=24)
_WAS_VIEWER: Final = json.dumps({"role": Role.VIEWER})  # as the record says it


def one_person_until(
    session: Session, first: int, second: int, *, owners: Collection[int], now: datetime
) -> datetime | None:
    """Until when two people (Telegram ids) count as one; None when they are two. `owners`: of the settings."""
    lines = [_line(session, one, owners, now) for one in (first, second)]
    shared = next((one for one in lines[0] if one in lines[1]), None)
    if shared is None:
        return None
    ends = [line[one] for line in lines for one in list(line)[: list(line).index(shared)]]
    return min((end for end in ends if end is not None), default=None)


def _let_in(session: Session, person: int, since: datetime) -> tuple[int, datetime] | None:
    """By whom, and when, somebody came to decide about money, where that was after this moment."""
    raised = queries.last_done_to(session, f"operator:{person}", "role", _WAS_VIEWER, since=since)
    return raised or queries.invited(session, person, since=since)


def _line(session: Session, person: int, owners: Collection[int], now: datetime) -> dict[int, datetime | None]:
    """Somebody, who let them in, who let in those, and so on; each with until when they count as the next one."""
    line: dict[int, datetime | None] = {}
    while person not in line:
        found = None if person in owners else _let_in(session, person, now - NEW_FOR)
        if found is None:
            line[person] = None
            break
        line[person] = found[1] + NEW_FOR
        person = found[0]
    return line
