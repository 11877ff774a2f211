"""What a look into the books gives back, for screens to draw: typed, and nothing in it can be changed."""

from dataclasses import dataclass
from datetime import datetime

from bot.payments.bookkeeping import Account, Movement
from bot.payments.money import Money
from bot.payments.states import PaymentKind, PaymentState


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands on an account: above zero on the side to which the account grows (`bookkeeping.SIDE`)."""

    account: Account
    money: Money


@dataclass(frozen=True, slots=True)
class Turnover:
    """What customers paid (RECEIVED), got (DELIVERED) or have again (PAID_BACK), all payments together."""

    movement: Movement
    money: Money


@dataclass(frozen=True, slots=True)
class Balances:
    """The whole books: `accounts` in the order of `Account`, and what went through the customers' account."""

    accounts: tuple[Standing, ...]
    customers: tuple[Turnover, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed for one payment. `to` is the payer's phone or the seller's address, masked; empty if not known."""

    code: str
    kind: PaymentKind
    state: PaymentState
    telegram_id: int
    to: str
    money: Money
    since: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """The books at one moment. `faults` is what is wrong with them: nothing, ever."""

    balances: Balances
    owed: tuple[Owed, ...]
    faults: tuple[str, ...]
