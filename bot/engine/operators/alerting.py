"""Calling operators: what was found is a row, written with what it was found in, and told by kind.

Each kind has one message in the operators' chat, with everything of it that lasts. What is new makes a new message, that
rings, but not more often than each ten minutes; what comes in between, comes again or is over changes the message that
stands there. So a bad night is a handful of messages, and the last of each kind says how things are.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from storage import alerts as queries


class AlertKind(StrEnum):
    """What operators are called for. In a group with topics, each has a topic of its own."""

    ATTENTION = "attention"  # something waits for a person
    LOW_BALANCE = "low_balance"  # too little can be paid out in a currency
    FORGED_CALLBACKS = "forged_callbacks"  # somebody sends callbacks that the provider did not sign
    KEY_REFUSED = "key_refused"  # the provider does not accept the key
    SERVICE_NOT_ENABLED = "service_not_enabled"  # the provider refuses what we are not enabled for
    PROVIDER_DOWN = "provider_down"  # the provider does not answer
    PROVIDER_SLOW = "provider_slow"  # it answers late
    POLLS_OVERDUE = "polls_overdue"  # what should have been asked long ago was not
    UNDELIVERABLE = "undeliverable"  # customers do not hear what became of their money
    RECONCILIATION = "reconciliation"  # the books and the provider differ
    CUSTOMERS = "customers"  # a customer asks for a person
    SUMMARY = "summary"  # yesterday's figures


class AlertMode(StrEnum):
    """How alerts of a kind are told."""

    ON = "on"
    SILENT = "silent"  # without a sound
    OFF = "off"  # not at all


def raise_alert(
    session: Session, kind: AlertKind, key: str, facts: Mapping[str, str], now: datetime, *, times: int = 1
) -> bool:
    """Write, in the caller's transaction, that this was found; whether it is news, which will ring.

    `key` names which of its kind it is: the same one again while it lasts is counted, with its newest `facts`, and does
    not ring. `facts` are what the words of the kind name; never anything personal, since they are stored as they are.
    """
    written = json.dumps(dict(facts), ensure_ascii=False)
    news = queries.put_alert(session, kind=kind, key=key, facts=written, times=times, now=now)
    queries.tell_by(session, kind, now)
    return news


def end_alert(session: Session, kind: AlertKind, key: str, now: datetime) -> bool:
    """Write that it is over: its message says so, without a sound. False when it was over, or never was."""
    ended = queries.end_alert(session, kind=kind, key=key, now=now)
    if ended:
        queries.tell_by(session, kind, now)
    return ended
