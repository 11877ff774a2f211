"""The words of the books: the accounts, what can happen to money, and the lines that are posted.

Debits are positive and credits negative. Amounts are exact; fiat is in its currency, crypto in its token. What follows
from a payment is in `bot.payments.ledger`; what the business does with its own balances is here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.payments.money import Money


class Account(StrEnum):
    """Where amounts are kept track of; `SIDE` says which way each of them grows."""

    DEPOSIT_BALANCE = "deposit_balance"  # what the provider holds of what was collected for us
    PAYOUT_BALANCE = "payout_balance"  # what the provider holds for payouts to be made from
    CLEARING = "clearing"  # on its way at the provider: collected for a purchase, or out of our balance and not arrived
    ESCROW = "escrow"  # crypto that came in for sales and that the provider holds
    CLAIMS = "claims"  # what was taken back from us after it was passed on: to be claimed from the payer or written off
    OWED_TO_CUSTOMERS = "owed_to_customers"  # taken from customers, and neither delivered nor given back
    FEES_EARNED = "fees_earned"  # what we charge customers; what the provider costs us is not taken off
    FEES_PASSED_ON = "fees_passed_on"  # what buyers and sellers pay at the provider's own price: its fee, not ours
    PROVIDER_FEES = "provider_fees"  # what the provider took, from us or from customers
    ROUNDING = "rounding"  # what was paid back beyond what was taken, since phones are paid whole units
    EXCHANGE = "exchange"  # one currency was given for another: the two sides of it, each in its own currency
    OWN_FUNDS = "own_funds"  # what the business put into the wallets or took out of them, by its own payments too


class Side(StrEnum):
    """Which way an account grows: assets and expenses by debits, liabilities and income by credits."""

    DEBIT = "debit"
    CREDIT = "credit"


SIDE: Final[Mapping[Account, Side]] = MappingProxyType(
    {
        Account.DEPOSIT_BALANCE: Side.DEBIT,
        Account.PAYOUT_BALANCE: Side.DEBIT,
        Account.CLEARING: Side.DEBIT,
        Account.ESCROW: Side.DEBIT,
        Account.CLAIMS: Side.DEBIT,
        Account.OWED_TO_CUSTOMERS: Side.CREDIT,
        Account.FEES_EARNED: Side.CREDIT,
        Account.FEES_PASSED_ON: Side.CREDIT,
        Account.PROVIDER_FEES: Side.DEBIT,
        Account.ROUNDING: Side.DEBIT,
        Account.EXCHANGE: Side.DEBIT,
        Account.OWN_FUNDS: Side.CREDIT,
    }
)


class Movement(StrEnum):
    """What happened to the money."""

    RECEIVED = "received"  # it came in from the customer
    TAKEN_BACK = "taken_back"  # the provider gave a payer their money back while we had passed it on, or were about to
    CREDITED = "credited"  # what was paid for crypto that could not be delivered was put into our wallet
    SENT = "sent"  # it left our payout balance
    DELIVERED = "delivered"  # it arrived where the customer wanted it
    PAID_BACK = "paid_back"  # the customer has it again
    TRANSFERRED = "transferred"  # from the deposit balance to the payout balance, by an operator
    FUNDED = "funded"  # put in or taken out by the business


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of the books: `amount` is a debit when it is above zero and a credit below. Never zero."""

    leg_id: str | None
    movement: Movement
    account: Account
    currency: str
    amount: Decimal


def transferred(money: Money) -> list[Posting]:
    """An operator moved `money` from the deposit balance to the payout balance."""
    return _of_ours(Movement.TRANSFERRED, Account.PAYOUT_BALANCE, Account.DEPOSIT_BALANCE, money)


def funded(account: Account, money: Money) -> list[Posting]:
    """The business put `money` into one of its balances, or took it out (below zero)."""
    return _of_ours(Movement.FUNDED, account, Account.OWN_FUNDS, money)


def out_of_balance(lines: Iterable[Posting]) -> dict[str, Decimal]:
    """What debits exceed credits by, for every currency in which they are not equal: nothing, in books that are right."""
    sums: dict[str, Decimal] = {}
    context = exact()
    for line in lines:
        sums[line.currency] = context.add(sums.get(line.currency, Decimal(0)), line.amount)
    return {currency: amount for currency, amount in sums.items() if amount}


def exact() -> Context:
    """A context in which a sum that would have to be rounded is an error instead."""
    return Context(prec=200, traps=[Inexact, InvalidOperation, Overflow])


def _of_ours(movement: Movement, debit: Account, credit: Account, money: Money) -> list[Posting]:
    if not money.amount:
        return []
    return [
        Posting(None, movement, debit, money.currency, money.amount),
        Posting(None, movement, credit, money.currency, money.amount.copy_negate()),
    ]
