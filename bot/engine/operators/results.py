"""What the operators' use cases give back, for screens to draw: typed, and nothing in it can be changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from bot.engine.results import PaymentView
from bot.payments.money import Money
from bot.payments.parties import Destination
from bot.payments.states import LegKind, LegState, PaymentState


class Role(StrEnum):
    """What an operator may do; each role may do what those before it may."""

    VIEWER = "viewer"  # look
    OPERATOR = "operator"  # act
    OWNER = "owner"  # decide who operates, set limits and fees, and read raw bodies

    @property
    def rank(self) -> int:
        """The higher, the more."""
        return list(Role).index(self)

    def may(self, needed: "Role") -> bool:
        """Whether this role is enough for what needs `needed`."""
        return self.rank >= needed.rank


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who operates the business, by their numeric Telegram id, with the role they have now."""

    telegram_id: int
    role: Role


@dataclass(frozen=True, slots=True, repr=False)
class Member:
    """An operator as the owners' list shows them. `fixed`: an owner of the settings, who is removed there only."""

    telegram_id: int
    role: Role
    name: str | None
    added_at: datetime | None
    fixed: bool


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that was found by its token. `usable`: nobody used it yet, and its time is not over."""

    token_digest: str
    role: Role
    invited_by: int
    usable: bool


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation that can still be taken. `id` names it among the open ones, and opens nothing."""

    id: str
    token_digest: str
    role: Role
    invited_by: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """What an operator is asked for in a chat: the reason for `action` on `target`, or the words for it.

    `over`: its time has passed, and nobody may answer it any more.
    """

    id: str
    action: str
    target: str
    over: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """One line of the record. `before` and `after` say what changed, by name."""

    at: datetime
    operator: int
    role: str
    action: str
    target: str | None
    reason: str | None
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a long list is shown: `number` from 1; `more` when there is a further one."""

    number: int
    more: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """A fiat wallet at the provider: where collections land, and what payouts spend."""

    currency: str
    country: str | None
    deposit: Decimal
    payout: Decimal
    status: str | None


@dataclass(frozen=True, slots=True)
class Health:
    """How the provider answers this process. `calls` are the last ones; `typical` is the median time of those answered.

    `accepted`: it takes our key, as far as is known.
    """

    accepted: bool
    calls: int
    answered: int
    typical: timedelta | None
    last_trouble: tuple[str, str, datetime] | None  # operation, outcome, when


@dataclass(frozen=True, slots=True)
class Day:
    """The payments that were confirmed on one day (UTC), by how they stand now."""

    date: date
    completed: int
    under_way: int
    without_success: int


@dataclass(frozen=True, slots=True)
class Pending:
    """A payment that is not over; `house`: one of the business's own."""

    code: str
    state: PaymentState
    since: datetime
    house: bool = False


@dataclass(frozen=True, slots=True)
class Overview:
    """How the business stands. Days are those of UTC; `volumes` are what was completed today, per currency of money.

    `median` is of the `settled` payments that were completed today. `balances` is None where the provider does not say;
    `currencies` are those that money moved in today, `lately` in the last seven days; `floors` are the balances below
    which operators are called. `house` are the business's own payments of today, which count in nothing else here.
    """

    environment: str
    version: str
    at: datetime
    states: tuple[tuple[PaymentState, int], ...]
    volumes: tuple[Money, ...]
    currencies: frozenset[str]
    ended: int
    completed: int
    median: timedelta | None
    settled: int
    oldest: Pending | None
    open_cases: int
    balances: tuple[Balance, ...] | None
    health: Health
    week: tuple[Day, ...]
    pauses: tuple["Pause", ...]
    house: tuple[tuple[PaymentState, int], ...] = ()
    lately: frozenset[str] = frozenset()
    floors: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pause:
    """A part of the business that is closed. `scope` is `everything`, a journey or a country."""

    scope: str
    words: str
    paused_by: int
    paused_at: datetime


@dataclass(frozen=True, slots=True)
class LegLine:
    """One transaction at the provider, as its card shows it."""

    kind: LegKind
    state: LegState
    amount: Money
    reference: str
    provider_id: str | None
    receipt: str | None
    tx_hash: str | None
    submissions: int
    polls: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a payment's timeline. `source` says what it is, and so which of the words are there.

    - `event`: `name` is the cause; a leg moved from `before` to `after` for the `note` of the rule that decided.
    - `callback`: `name` is what became of it; `after` tells whether it was `signed`.
    - `notice`: `name` is its kind, `after` how it stands.
    - `case`: `name` is the concern, `note` its detail; `resolved` with the reason in `note`.
    - `action`: `name` is what the operator `who` did, `note` the reason.
    """

    at: datetime
    source: Literal["event", "callback", "notice", "case", "resolved", "action"]
    name: str
    leg: LegKind | None = None
    before: str | None = None
    after: str | None = None
    words: str | None = None
    note: str | None = None
    who: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """A payment with everything that operators may know. `can` names what they can do with it now."""

    view: PaymentView
    customer: int
    phones: tuple[str, ...]
    legs: tuple[LegLine, ...]
    cases: tuple["Case", ...]
    timeline: tuple[Happening, ...]
    page: Page
    can: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """Something that waits for a person, or waited."""

    id: str
    concern: str
    code: str | None
    payment_state: PaymentState | None
    detail: str
    opened_at: datetime
    resolved_at: datetime | None
    resolution: str | None


@dataclass(frozen=True, slots=True)
class FoundPayment:
    """A payment that was found; `how` is by what."""

    view: PaymentView
    how: str


@dataclass(frozen=True, slots=True)
class InFile:
    """Where a payment of a file stands: the code of the file, and the line."""

    code: str
    line: int


@dataclass(frozen=True, slots=True, repr=False)
class FoundRow:
    """A row of a file of payments that has no payment, or not yet; nothing is paid for one that is `left_out`."""

    place: InFile
    to: Destination
    amount: Money
    left_out: bool
    made_at: datetime


@dataclass(frozen=True, slots=True)
class FoundOfHouse:
    """A payment of the house that was found, with its place where it came from a file."""

    view: PaymentView
    place: InFile | None


@dataclass(frozen=True, slots=True, repr=False)
class Dealings:
    """A page of what passed, or is to pass, between the house and a phone, the newest first. `key` names the phone."""

    key: str
    phone: str
    items: tuple[FoundOfHouse | FoundRow, ...]
    page: Page


@dataclass(frozen=True, slots=True, repr=False)
class CustomerFile:
    """A customer with everything that operators may know; `payments` are the newest."""

    id: str
    telegram_id: int
    name: str | None
    phone: str | None
    country: str | None
    language: str
    since: datetime
    barred_at: datetime | None
    unreachable: bool
    states: tuple[tuple[PaymentState, int], ...]
    payments: tuple[PaymentView, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search led to."""

    payments: tuple[FoundPayment, ...] = ()
    customers: tuple[CustomerFile, ...] = ()
    house: tuple[Dealings, ...] = ()
