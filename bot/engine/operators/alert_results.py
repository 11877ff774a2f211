"""What the use cases of alerts give back, for screens to draw: kinds of alerts, how they are told, what lasts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.payments.money import Money


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


class GroupStanding(StrEnum):
    """What we may do in the operators' group."""

    NONE = "none"  # there is no group
    PLAIN = "plain"  # it has no topics
    TOPICS = "topics"  # it has, and we may make some
    NO_RIGHT = "no_right"  # it has, and we may not
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Rule:
    """How a kind is told, and how many of its alerts last."""

    kind: AlertKind
    mode: AlertMode
    lasting: int


@dataclass(frozen=True, slots=True)
class Floor:
    """The payout balance below which operators are called. `ours`: chosen by command, else by the settings."""

    money: Money
    ours: bool


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as it is shown. `facts` are what its words name; `over_at` is set once it is over."""

    kind: AlertKind
    key: str
    facts: Mapping[str, str]
    times: int
    began_at: datetime
    last_at: datetime
    over_at: datetime | None
