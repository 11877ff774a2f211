"""Queries on attention cases that belong to no payment: found again by what their dedupe keys begin with."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from storage.payments import CASE


def open_cases_of(session: Session, prefix: str) -> list[tuple[str, datetime]]:
    """The dedupe keys of the open cases that begin with `prefix`, without it, and since when they are open."""
    found = session.connection().execute(
        select(CASE.c.dedupe_key, CASE.c.opened_at).where(
            CASE.c.dedupe_key.startswith(prefix, autoescape=True), CASE.c.resolved_at.is_(None)
        )
    )
    return [(row[0].removeprefix(prefix), row[1]) for row in found]
