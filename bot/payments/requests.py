"""Asking for money: the terms of a request, what of it is left, and whether a payment fits. Pure; money is exact.

A request is open until its maker closes it, its time is over, or all of its uses are paid. A use is reserved when
somebody begins to pay, so that no more people pay than were asked to; it is given back when they do not.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal, assert_never

from bot.payments.money import Money, decimals_of, to_plain
from bot.payments.parties import Destination

Method = Literal["mobile_money", "bank", "card", "crypto"]

ANY_METHOD: Final[tuple[Method, ...]] = ("mobile_money", "bank")  # whichever of these the payer's country has
LIFE: Final = timedelta(days=7)  # of a request whose maker says nothing about it
LONGEST_LIFE: Final = timedelta(days=365)
MOST_USES: Final = 10_000
MOST_PACKAGES: Final = 8
MOST_TITLE: Final = 60
MOST_NOTE: Final = 300


class RequestState(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    CLOSED = "closed"  # by its maker
    EXPIRED = "expired"
    USED_UP = "used_up"  # paid as often as was asked


class Pricing(StrEnum):
    """Who decides how much is paid."""

    FIXED = "fixed"
    RANGE = "range"
    OPEN = "open"
    PACKAGES = "packages"


class UseState(StrEnum):
    """What became of one payment on a request."""

    RESERVED = "reserved"
    PAID = "paid"
    RELEASED = "released"  # nothing was paid
    LATE = "late"  # paid when there was nothing left to pay: it goes back
    RETURNED = "returned"  # paid, could not be paid out to the maker, and goes back


class UseWay(StrEnum):
    """How somebody pays."""

    CHAT = "chat"
    PAGE = "page"  # on the provider's page
    PUSH = "push"  # the maker had a phone asked


class CardRole(StrEnum):
    """Whom a card of a request is for."""

    MAKER = "maker"
    PAYER = "payer"
    GROUP = "group"
    INLINE = "inline"


class LinkState(StrEnum):
    """How far the provider's page for a request is."""

    NONE = "none"  # not wanted, or the account has no pages
    WANTED = "wanted"
    MAKING = "making"  # asked for: after a silence the provider is asked before it is made again
    MADE = "made"
    CLOSING = "closing"
    CLOSED = "closed"


class RequestFault(StrEnum):
    """Why a request cannot be paid, or made, like this."""

    CLOSED = "closed"
    EXPIRED = "expired"
    USED_UP = "used_up"
    ALL_TAKEN = "all_taken"  # the last uses are being paid at this moment
    UNKNOWN = "unknown"
    OTHER_AMOUNT = "other_amount"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    DECIMALS = "decimals"
    NO_AMOUNT = "no_amount"
    RANGE_REVERSED = "range_reversed"
    TOO_MANY_USES = "too_many_uses"
    TOO_MANY_PACKAGES = "too_many_packages"
    TOO_LONG = "too_long"

    @property
    def text_key(self) -> str:
        """The key of the sentence that says so."""
        return f"request.{self}"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for. Amounts are exact, in `currency`; `most_uses` None is without limit.

    FIXED has `amount`, RANGE `minimum` and `maximum`, PACKAGES `packages` (name and amount each), OPEN none of them.
    `methods` are the ways in which payers may pay.
    """

    currency: str
    pricing: Pricing
    amount: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    packages: tuple[tuple[str, Decimal], ...] = ()
    most_uses: int | None = 1
    methods: tuple[Method, ...] = ANY_METHOD
    title: str = ""
    note: str = ""
    shows_payers: bool = True
    life: timedelta | None = LIFE

    @property
    def price(self) -> Money | None:
        """The one amount that can be paid; None where there is a choice."""
        return Money(self.amount, self.currency) if self.amount is not None else None


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as its cards show it. `payers` are the names of those who paid and agreed to be named."""

    id: str
    code: str
    customer_id: str
    chat_id: int
    state: RequestState
    terms: Terms
    maker: str
    destination: Destination = field(repr=False)
    uses_reserved: int
    uses_paid: int
    expires_at: datetime | None
    link_url: str | None
    link_state: LinkState
    language: str
    revision: int
    created_at: datetime
    payers: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class RequestNews:
    """How one payment on a request stands, for its maker. `payer` is the name where they agreed that it is shown."""

    request: RequestView
    way: UseWay
    state: UseState
    payer: str | None = field(default=None, repr=False)


def new_request_code() -> str:
    """What a link to a request carries: 96 random bits in 16 characters that a deep link may hold."""
    return secrets.token_urlsafe(12)


def uses_left(most: int | None, reserved: int, paid: int) -> int | None:
    """How many more may begin to pay; None where there is no limit."""
    return None if most is None else max(0, most - reserved - paid)


def as_of(view: RequestView, now: datetime) -> RequestView:
    """The request as it is to be shown: its time may be over before that is on record."""
    over = view.state is RequestState.OPEN and view.expires_at is not None and now >= view.expires_at
    return replace(view, state=RequestState.EXPIRED) if over else view


def why_not(view: RequestView, now: datetime) -> RequestFault | None:
    """Why nobody can begin to pay this now; None when somebody can."""
    match view.state:
        case RequestState.CLOSED:
            return RequestFault.CLOSED
        case RequestState.EXPIRED:
            return RequestFault.EXPIRED
        case RequestState.USED_UP:
            return RequestFault.USED_UP
        case RequestState.OPEN:
            pass
        case _:
            assert_never(view.state)
    if view.expires_at is not None and now >= view.expires_at:
        return RequestFault.EXPIRED
    if uses_left(view.terms.most_uses, view.uses_reserved, view.uses_paid) == 0:
        return RequestFault.USED_UP if view.uses_paid == view.terms.most_uses else RequestFault.ALL_TAKEN
    return None


def amount_fault(terms: Terms, amount: Decimal) -> RequestFault | None:
    """Why this amount is not one that is asked for; None when it is."""
    if not amount.is_finite() or amount <= 0:
        return RequestFault.TOO_SMALL
    if not payable(amount, terms.currency):
        return RequestFault.DECIMALS
    match terms.pricing:
        case Pricing.FIXED:
            return None if amount == terms.amount else RequestFault.OTHER_AMOUNT
        case Pricing.PACKAGES:
            return None if any(amount == price for _, price in terms.packages) else RequestFault.OTHER_AMOUNT
        case Pricing.RANGE:
            if terms.minimum is not None and amount < terms.minimum:
                return RequestFault.TOO_SMALL
            return RequestFault.TOO_LARGE if terms.maximum is not None and amount > terms.maximum else None
        case Pricing.OPEN:
            return None
        case _:
            assert_never(terms.pricing)


def terms_fault(terms: Terms) -> RequestFault | None:
    """Why a request cannot be made like this; None when it can."""
    amounts = [terms.amount, terms.minimum, terms.maximum, *(price for _, price in terms.packages)]
    given = [amount for amount in amounts if amount is not None]
    if any(not amount.is_finite() or amount <= 0 for amount in given):
        return RequestFault.TOO_SMALL
    if any(not payable(amount, terms.currency) for amount in given):
        return RequestFault.DECIMALS
    if len(terms.packages) > MOST_PACKAGES:
        return RequestFault.TOO_MANY_PACKAGES
    if terms.most_uses is not None and not 1 <= terms.most_uses <= MOST_USES:
        return RequestFault.TOO_MANY_USES
    if len(terms.title) > MOST_TITLE or len(terms.note) > MOST_NOTE:
        return RequestFault.TOO_LONG
    if terms.life is not None and not timedelta() < terms.life <= LONGEST_LIFE:
        return RequestFault.TOO_LONG
    return _pricing_fault(terms)


def _pricing_fault(terms: Terms) -> RequestFault | None:
    match terms.pricing:
        case Pricing.FIXED if terms.amount is None:
            return RequestFault.NO_AMOUNT
        case Pricing.PACKAGES if not terms.packages:
            return RequestFault.NO_AMOUNT
        case Pricing.RANGE if terms.minimum is None or terms.maximum is None:
            return RequestFault.NO_AMOUNT
        case Pricing.RANGE if terms.minimum is not None and terms.maximum is not None:
            return RequestFault.RANGE_REVERSED if terms.minimum >= terms.maximum else None
        case _:
            return None


def share_of(total: Decimal, people: int, currency: str) -> Decimal:
    """What each of `people` pays so that together they pay `total`, rounded up to what can be paid.

    `ValueError` for no people.
    """
    if people < 1:
        raise ValueError("a sum is split between one person or more")
    step = Decimal(1).scaleb(-decimals_of(currency))
    units = int(Money(total, currency).quantize_up().amount / step)
    return Decimal(-(-units // people)) * step


def payable(amount: Decimal, currency: str) -> bool:
    """Whether this amount has no more decimals than the currency."""
    return max(0, -int(Decimal(to_plain(amount)).as_tuple().exponent)) <= decimals_of(currency)
