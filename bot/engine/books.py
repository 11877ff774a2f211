"""The books for people: what stands on every account, what is owed to whom, and whether all of it agrees. Moves nothing.

`look_into` works on a session, so that the command line can use it while the assistant runs.
"""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Session

from bot.engine.book_results import Balances, Look, Owed, Standing, Turnover
from bot.engine.booking import entry
from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.packing import unpack_request
from bot.engine.planning import PAYMENT_REQUEST, payer_of
from bot.engine.results import PayoutRequest, SellRequest
from bot.payments.bookkeeping import SIDE, Account, Movement, Posting, Side, funded, transferred
from bot.payments.ledger import owed
from bot.payments.money import Money
from bot.payments.phones import phone_from_e164
from bot.payments.states import PaymentKind, PaymentState
from storage import ledger as queries
from storage.crypto import Keyring
from storage.database import Database

MOST_OWED: Final = 200
# a payment in any other state owes nothing
MAY_OWE: Final = (
    PaymentState.CONFIRMED,  # crypto of another amount came in before anything else was heard of the sale
    PaymentState.AWAITING_PAYMENT,
    PaymentState.DELIVERING,
    PaymentState.REFUNDING,
    PaymentState.REVERSED,
)


def look_into(session: Session, keyring: Keyring, *, environment: str) -> Look:
    """All of it, as one moment of a transaction that has read nothing yet."""
    queries.see_one_moment(session)
    owed, faults = _owed(session, keyring, environment), _faults(session, environment)
    return Look(_balances(session, environment), tuple(owed), tuple(faults))


def _balances(session: Session, environment: str) -> Balances:
    """The balances of the ledger."""
    accounts: dict[tuple[str, Account], Money] = {}
    customers: dict[tuple[str, Movement], Money] = {}
    for one in queries.sums(session, environment=environment):
        account, movement = Account(one.account), Movement(one.movement)
        money = Money(one.amount if SIDE[account] is Side.DEBIT else one.amount.copy_negate(), one.currency)
        nothing = Money(Decimal(0), one.currency)
        accounts[one.currency, account] = accounts.get((one.currency, account), nothing) + money
        if account is Account.OWED_TO_CUSTOMERS:
            customers[one.currency, movement] = money if money.amount > 0 else nothing - money
    return Balances(
        tuple(
            Standing(account, accounts[key])
            for account in Account
            for key in sorted(accounts)
            if key[1] is account and accounts[key].amount
        ),
        tuple(
            Turnover(movement, customers[key])
            for movement in Movement
            for key in sorted(customers)
            if key[1] is movement and customers[key].amount
        ),
    )


def _owed(session: Session, keyring: Keyring, environment: str) -> list[Owed]:
    """What the ledger says is owed, payment by payment, the oldest first."""
    account = Account.OWED_TO_CUSTOMERS
    rows = queries.open_accounts(session, account, environment=environment, states=MAY_OWE, limit=MOST_OWED)
    return [
        Owed(
            code=row.code,
            kind=PaymentKind(row.kind),
            state=PaymentState(row.state),
            telegram_id=row.telegram_id,
            to=_masked_payer(keyring, row.request_sealed),
            money=Money(row.amount.copy_negate(), row.currency),
            since=row.since,
        )
        for row in rows
    ]


def _faults(session: Session, environment: str) -> list[str]:
    """What is wrong with the books: events out of balance, and payments for which something else is owed than booked."""
    found = [
        f"event {event}: debits exceed credits by {amount} {currency}"
        for event, currency, amount in queries.unequal_events(session)
    ]
    says: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for payment in queries.payments_in(session, environment=environment, states=MAY_OWE):
        if amount := owed(payment):
            says[payment.id, payment.pay_currency] = amount
    booked = queries.standing_by_payment(session, Account.OWED_TO_CUSTOMERS, environment=environment)
    for key in sorted(says.keys() | booked.keys()):
        in_books = booked.get(key, Decimal(0)).copy_negate()
        if in_books != says[key]:
            found.append(f"payment {key[0]}: {in_books} {key[1]} owed by the books, {says[key]} by its state")
    return found


class Books:
    """The same, for handlers; and what operators do with our own balances, booked with the action that did it."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock, *, environment: str) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._environment = environment

    @property
    def environment(self) -> str:
        """`sandbox` or `production`: whose books these are."""
        return self._environment

    @property
    def now(self) -> datetime:
        """The time that a look is of."""
        return self._clock()

    async def look(self) -> Look:
        """The balances, what is owed to whom, and whether it all agrees."""
        return await self._database.read(
            lambda session: look_into(session, self._keyring, environment=self._environment)
        )

    async def balances(self) -> Balances:
        """What stands on every account."""
        return await self._database.read(lambda session: _balances(session, self._environment))

    async def owed(self) -> list[Owed]:
        """What is owed to whom, the oldest first; `MOST_OWED` of them."""
        return await self._database.read(lambda session: _owed(session, self._keyring, self._environment))

    def stage_transferred(self, effects: Effects, action_id: str, money: Money) -> None:
        """Book what an operator moved from the deposit to the payout balance, under the id of what they did."""
        self._stage(effects, action_id, transferred(money))

    def book_transferred(self, session: Session, transfer_id: str, money: Money) -> None:
        """The same in a transaction that is open, once it is certain that the money was moved."""
        queries.add_entries(session, self._rows(transfer_id, transferred(money)))

    def stage_funded(self, effects: Effects, action_id: str, account: Account, money: Money) -> None:
        """Book what the business put into one of its balances, or took out (below zero)."""
        self._stage(effects, action_id, funded(account, money))

    def _stage(self, effects: Effects, action_id: str, lines: list[Posting]) -> None:
        rows = self._rows(action_id, lines)
        effects.add(lambda session: queries.add_entries(session, rows))

    def _rows(self, event_id: str, lines: list[Posting]) -> list[dict[str, Any]]:
        now = self._clock()
        return [entry(line, event_id, number, None, self._environment, now) for number, line in enumerate(lines)]


def _masked_payer(keyring: Keyring, sealed: bytes) -> str:
    request = unpack_request(keyring.open_json(sealed, context=PAYMENT_REQUEST))
    if isinstance(request, PayoutRequest):
        return ""
    if isinstance(request, SellRequest):
        return f"{request.refund_address[:6]}…{request.refund_address[-4:]}"
    phone = payer_of(request).phone
    try:
        return phone_from_e164(phone).masked
    except ValueError:
        return phone and f"•••••{phone[-3:]}"
