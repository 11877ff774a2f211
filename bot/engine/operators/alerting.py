"""Calling operators: what was found is a row, written with what it was found in, and told by kind.

Each kind has one message in the operators' chat, with everything of it that lasts. What is new makes a new message, that
rings, but not more often than each ten minutes; what comes in between, comes again or is over changes the message that
stands there. So a bad night is a handful of messages, and the last of each kind says how things are.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session

from bot.engine.operators.alert_results import Alert, AlertKind, AlertMode
from storage import alerts as queries
from storage.database import Database

__all__ = ["Alert", "AlertKind", "AlertMode", "Found", "end_alert", "keep", "keep_alerts", "raise_alert", "told_alerts"]

Found = Mapping[str, Mapping[str, str]]
"""What was found of a kind: facts by key."""


def raise_alert(
    session: Session, kind: AlertKind, key: str, facts: Mapping[str, str], now: datetime, *, times: int = 1
) -> bool:
    """Write, in the caller's transaction, that this was found; whether it is news, which will ring.

    `key` names which of its kind it is: the same one again while it lasts is counted, with its newest `facts`, and does
    not ring. `facts` are what the words of the kind name; never anything personal, since they are stored as they are.
    """
    news = queries.put_alert(session, kind=kind, key=key, facts=_written(facts), times=times, now=now)
    queries.tell_by(session, kind, now)
    return news


def end_alert(session: Session, kind: AlertKind, key: str, now: datetime) -> bool:
    """Write that it is over: its message says so, without a sound. False when it was over, or never was."""
    ended = queries.end_alert(session, kind=kind, key=key, now=now)
    if ended:
        queries.tell_by(session, kind, now)
    return ended


def keep_alerts(session: Session, kind: AlertKind, found: Found, now: datetime) -> None:
    """Make the alerts of a kind those that were `found` now, by key: raise what is new or has changed, end the rest."""
    lasts = {row.key: row.facts for row in queries.lasting(session, kind)}
    for key, facts in found.items():
        if lasts.get(key) != _written(facts):
            raise_alert(session, kind, key, facts, now)
    for key in lasts.keys() - found.keys():
        end_alert(session, kind, key, now)


async def keep(database: Database, kind: AlertKind, find: Callable[[Session], Found], now: datetime) -> None:
    """The same for what `find` finds, in a transaction of its own, and without one where nothing has changed."""

    def differ(session: Session) -> bool:
        lasts = {row.key: row.facts for row in queries.lasting(session, kind)}
        return lasts != {key: _written(facts) for key, facts in find(session).items()}

    if await database.read(differ):
        await database.write(lambda session: keep_alerts(session, kind, find(session), now))


def told_alerts(session: Session, kind: AlertKind, *, since: datetime, limit: int) -> tuple[tuple[Alert, ...], int]:
    """What a message of a kind shows: what lasts, then what is over since `since`; and how many that are in all."""
    rows, count = queries.told_alerts(session, kind, since=since, limit=limit)
    return tuple(
        Alert(AlertKind(row.kind), row.key, json.loads(row.facts), row.times, row.began_at, row.last_at, row.over_at)
        for row in rows
    ), count


def _written(facts: Mapping[str, str]) -> str:
    return json.dumps(dict(facts), ensure_ascii=False, sort_keys=True)
