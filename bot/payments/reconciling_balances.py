"""Holding the books against the provider's wallets. Changes nothing.

Between the moment in which the books are read and that in which a wallet is, money moves. What may move meanwhile is
worked out from the legs that are not over (`under_way`), and only what lies outside of that is a difference.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

from bot.payments.bookkeeping import Account, exact
from bot.payments.money import Money, to_plain
from bot.payments.reconciling import Difference, DifferenceKind
from bot.payments.states import LegKind, LegState

Balance = tuple[Account, str]
Range = tuple[Decimal, Decimal]

BALANCES: Final = (Account.DEPOSIT_BALANCE, Account.PAYOUT_BALANCE)
_ZERO: Final = Decimal(0)
_NOTHING: Final[Range] = (_ZERO, _ZERO)


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One balance of ours, all wallets of a currency together: what the books say, and what the provider holds.

    `low` and `high` are what it may hold while the legs under way are where they are. `wallet` is None where the
    provider lists no wallet of this currency.
    """

    account: Account
    currency: str
    books: Decimal
    wallet: Decimal | None
    low: Decimal
    high: Decimal

    @property
    def difference(self) -> Decimal:
        """What the provider holds beyond the books; below zero where it holds less."""
        return exact().subtract(self.wallet or _ZERO, self.books)

    @property
    def differs(self) -> bool:
        """Whether that cannot be explained by what is under way."""
        return not self.low <= (self.wallet or _ZERO) <= self.high


class OpenLeg(Protocol):
    """A leg that is not over, as far as it may move our balances."""

    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...
    @property
    def to_pay(self) -> Decimal | None: ...
    @property
    def provider_fee(self) -> Decimal | None: ...


def compare_balances(
    books: Sequence[Mapping[Balance, Decimal]],
    under_way_then: Sequence[Mapping[Balance, Range]],
    wallets: Mapping[Balance, Decimal],
) -> list[BalanceLine]:
    """Every balance that stands in the books or at the provider, in the order of account and currency.

    The books, with what was under way, are those before and after the wallets were read, the last ones last: the
    provider's balance may be that of any moment between.
    """
    context = exact()
    lines = []
    for account, currency in sorted({key for one in (*books, wallets) for key in one}):
        key = (account, currency)
        ranges = [
            (context.add(one.get(key, _ZERO), low), context.add(one.get(key, _ZERO), high))
            for one, moving in zip(books, under_way_then, strict=True)
            for low, high in (moving.get(key, _NOTHING),)
        ]
        line = BalanceLine(
            Account(account),
            currency,
            books[-1].get(key, _ZERO),
            wallets.get(key),
            min(low for low, _ in ranges),
            max(high for _, high in ranges),
        )
        if line.books or line.wallet or line.low or line.high:
            lines.append(line)
    return lines


def balance_differences(lines: Iterable[BalanceLine]) -> list[Difference]:
    """The balances that differ by more than what is under way."""
    return [
        Difference(
            DifferenceKind.BALANCE,
            f"{line.account}:{line.currency}",
            f"{line.account} {line.currency}",
            f"{to_plain(line.books)} {line.currency}",
            "no wallet" if line.wallet is None else f"{to_plain(line.wallet)} {line.currency}",
            currency=line.currency,
            ours_amount=line.books,
            theirs_amount=line.wallet or _ZERO,
        )
        for line in lines
        if line.differs
    ]


def under_way(legs: Iterable[OpenLeg], moving: Iterable[Money] = ()) -> dict[Balance, Range]:
    """How much more, or less, than in the books each balance may hold.

    `legs` were sent to the provider and are not over; `moving` is being moved from the deposit to the payout balance. A
    fee that was not told may be anything up to the amount itself, as in the books (`cost_told`).
    """
    context = exact()
    found: dict[Balance, Range] = {}
    ways = [way for leg in legs for way in _may_move(leg)]
    for money in moving:
        deposit, payout = ((account, money.currency) for account in BALANCES)
        ways += [(deposit, (money.amount.copy_negate(), _ZERO)), (payout, (_ZERO, money.amount))]
    for key, (low, high) in ways:
        before = found.get(key, _NOTHING)
        found[key] = (context.add(before[0], low), context.add(before[1], high))
    return found


def _may_move(leg: OpenLeg) -> list[tuple[Balance, Range]]:
    deposit, payout = ((account, leg.currency) for account in BALANCES)
    amount, double = leg.amount, exact().add(leg.amount, leg.amount)
    match LegKind(leg.kind):
        case LegKind.COLLECT:
            return [(deposit, (_ZERO, amount))]  # it may have come in, and we have not heard
        case LegKind.PAYOUT | LegKind.REFUND if leg.state == LegState.PENDING:
            # booked already: it may have failed and be credited again, or a fee of it may not have been told
            fee = leg.provider_fee
            untold = amount if fee is None else _ZERO
            return [(payout, (untold.copy_negate(), exact().add(amount, fee or _ZERO)))]
        case LegKind.PAYOUT | LegKind.REFUND:
            return [(payout, (double.copy_negate(), _ZERO))]
        case LegKind.ONRAMP:
            # where it lands when the crypto cannot be delivered is not documented
            paid = amount if leg.to_pay is None else leg.to_pay
            return [(deposit, (_ZERO, paid)), (payout, (_ZERO, paid))]
        case LegKind.OFFRAMP:
            return [(payout, (amount.copy_negate(), _ZERO))]
