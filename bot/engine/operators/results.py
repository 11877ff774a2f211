"""What the operators' use cases give back, for screens to draw: typed, and nothing in it can be changed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an operator may do; each role may do what those before it may."""

    VIEWER = "viewer"  # look
    OPERATOR = "operator"  # act
    OWNER = "owner"  # decide who operates, and read raw bodies

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
class Question:
    """What an operator is asked for in a chat: the reason for `action` on `target`, or the words for it."""

    id: str
    action: str
    target: str


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
