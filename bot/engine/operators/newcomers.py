"""Newcomers: for a day, whoever came by an invitation counts as one person with whoever invited them.

An invitation is made by one owner alone, and nothing proves that somebody else opened it. A second operator who came a
minute ago could be the first one's other account: so neither approves what the other asked for, nor do two whom the same
owner let in, nor whom a newcomer invited in their turn. After a day the other owners, who were told, have had time to
object. Owners of the settings came by no invitation.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from storage import operators as queries

NEW_FOR: Final = timedelta(hours=24)


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


def _line(session: Session, person: int, owners: Collection[int], now: datetime) -> dict[int, datetime | None]:
    """Somebody, who let them in, who let in those, and so on; each with until when they count as the next one."""
    line: dict[int, datetime | None] = {}
    while person not in line:
        found = None if person in owners else queries.invited(session, person, since=now - NEW_FOR)
        if found is None:
            line[person] = None
            break
        line[person] = found[1] + NEW_FOR
        person = found[0]
    return line
