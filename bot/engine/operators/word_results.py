"""What customers and the team tell each other, and what many are told, for screens to draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

MOST_WORDS: Final = 2_000  # characters of a message between a customer and the team
MOST_TO_MANY: Final = 1_500  # and of what many are told
EVERYBODY: Final = "everybody"


class Topic(StrEnum):
    """What a customer says that it is about."""

    MISSING = "missing"  # money left, and nothing came
    WRONG = "wrong"  # a wrong amount, or the wrong person
    QUESTION = "question"
    OTHER = "other"


@dataclass(frozen=True, slots=True, repr=False)
class Words:
    """What one side wrote. `operator`: who of the team; None for the customer."""

    at: datetime
    operator: int | None
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Inquiry:
    """A customer who talks to a person. `code` is the reference of the payment that it is about; `said` the last words.

    `posted`: the team sees it. `unreachable`: its customer has blocked the assistant.
    """

    id: str
    customer_id: str
    telegram_id: int
    chat_id: int
    language: str
    name: str | None
    unreachable: bool
    code: str | None
    topic: Topic | None
    posted: bool
    waits_since: datetime | None
    closed_at: datetime | None
    closed_by: int | None
    said: Sequence[Words] = ()
    names: Mapping[int, str] = field(default_factory=dict)  # of operators, by their ids


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One, with how far it has come. `state`: sending, sent, cancelled. `audience`: everybody, a country, a language."""

    id: str
    audience: str
    words: str
    state: str
    total: int
    delivered: int
    unreachable: int
    language: str
