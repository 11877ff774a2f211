"""Why a PostgreSQL server cannot be reached, in words for the operator: where it was looked for, and one reason.

What the driver says is read only to recognise it: it repeats the user's name, and is in the server's language. A reason
that is not recognised is told as no reason.
"""

import re
from typing import Final

import psycopg
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

PORT: Final = 5432
_REASONS: Final = (
    ("connection refused", "refused"),
    ("no route to host", "no way there"),
    ("network is unreachable", "no way there"),
    ("resolve host", "no such host"),
    ("translate host name", "no such host"),
    ("password authentication failed", "password not accepted"),
    ("no password supplied", "it wants a password"),
    (r"no pg_hba\.conf entry", "it does not accept connections from here"),
    ('database ".*" does not exist', "no such database"),
    ('role ".*" does not exist', "no such user"),
    ("no such file", "no such socket"),
    ("timeout expired", "timed out"),
    ("timed out", "timed out"),
    ("ssl", "no agreement on encryption"),
    ("starting up", "still starting"),
    ("shutting down", "shutting down"),
    ("too many", "too many connections"),
    ("remaining connection slots", "too many connections"),
)


def unreachable(url: URL, error: BaseException) -> str | None:
    """The sentence, without user and password; None when a connection was made and something else went wrong."""
    if isinstance(error, DBAPIError):
        if error.statement is not None:
            return None
        error = error.orig or error
    if not isinstance(error, psycopg.OperationalError):
        return None
    reason = _reason(error)
    return f"DATABASE_URL: PostgreSQL at {_place(url)} cannot be reached" + (f": {reason}" if reason else "")


def _reason(error: psycopg.OperationalError) -> str | None:
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return "timed out"
    return next((reason for words, reason in _REASONS if re.search(words, str(error), re.IGNORECASE)), None)


def _place(url: URL) -> str:
    """Host and port, also where they stand behind the question mark; an address without a host is a socket's."""
    named, port = url.query.get("host"), url.query.get("port")
    hosts = (url.host,) if url.host else (named,) if isinstance(named, str) else named or ()
    shown = ", ".join(host for host in hosts if host)
    if not shown or shown.startswith("/"):
        return "its socket on this machine"
    if ":" in shown:
        shown = f"[{shown}]"
    return f"{shown}:{url.port or port or PORT}"
