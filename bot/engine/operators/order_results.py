"""What operators order, as screens draw it and as whoever carries it out reads it: typed, and nothing in it can be changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bot.payments.money import Money

WHY_NOT: Final = "why_not"  # in what an order is about: why somebody declined it


class OrderState(StrEnum):
    """Where an order stands. It leaves `PROPOSED` once, and for good."""

    PROPOSED = "proposed"  # waits for a second operator
    CARRIED_OUT = "carried_out"  # what it asks for was written down with it
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # by whoever asked for it, or with their role
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, repr=False)
class Order:
    """Something that an operator wants done. `about` says to whom and what for, by names that its kind chose.

    `environment` is where it was asked for, and the only one where it can be carried out.

    `money` is what it moves, of each currency once. `decided_by` is whoever ended it: None while it waits, and where the
    clock did; whoever asked, where no second one was needed.
    """

    id: str
    environment: str
    kind: str
    money: tuple[Money, ...]
    about: Mapping[str, str]
    asked_by: int
    asked_at: datetime
    chat_id: int
    reason: str
    state: OrderState
    expires_at: datetime
    decided_by: int | None = None
    decided_at: datetime | None = None

    @property
    def went_with_role(self) -> bool:
        """Whether it was withdrawn because an owner took the role from whoever asked for it."""
        return self.state is OrderState.WITHDRAWN and self.decided_by != self.asked_by

    @property
    def why_not(self) -> str:
        """Why it was declined; empty where it was not, or no reason was given."""
        return self.about.get(WHY_NOT, "")


class OrderRefused(Exception):
    """It cannot be done as things stand, and nothing was written. `text_key` and `names` say why, to operators.

    A tuple among the names is of commands to be typed; `by` is the numeric id of an operator.
    """

    def __init__(self, text_key: str, **names: object) -> None:
        super().__init__(text_key)
        self.text_key = text_key
        self.names = names


class TransferState(StrEnum):
    """Where a transfer from the deposit to the payout balance stands."""

    READY = "ready"  # ordered, not sent
    MOVING = "moving"  # about to be sent, or sent perhaps: committed before the one call, and never sent again
    DONE = "done"
    NOT_DONE = "not_done"  # the balances say that nothing moved, or it was never sent
    UNKNOWN = "unknown"  # the balances say neither: a person must look


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer between our two balances of a currency, with what they held before and after it."""

    id: str
    order_id: str
    money: Money
    country: str | None
    state: TransferState
    detail: str | None
    deposit_before: Decimal | None
    payout_before: Decimal | None
    deposit_after: Decimal | None
    payout_after: Decimal | None
