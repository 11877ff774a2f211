"""Payments of the house by command: what an operator asks for is looked at, asked back, ordered, and carried out as rows.

What was asked for stands sealed in the question that the operator answers, so that what they see is what is ordered. The
order goes through the approvals; carrying it out opens the payment, with the key of the order, so it is opened once.
"""

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlmodel import Session

from bot.engine.balances import Wallets
from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.findings import Cause, Finding
from bot.engine.house import CollectionOrder, House, PayoutOrder
from bot.engine.looking import Payments
from bot.engine.operators.approvals import Approvals
from bot.engine.operators.bulk_rows import DOUBT
from bot.engine.operators.house_results import Draft, Kind, Left, Prospect, Repeat
from bot.engine.operators.order_results import Order, OrderRefused
from bot.engine.operators.promised import promised
from bot.engine.operators.results import Operator, Question
from bot.engine.operators.roles import MOST_WORDS, Operators
from bot.engine.operators.transferring import transfer_line
from bot.engine.packing import pack_request, unpack_request
from bot.engine.results import CollectionRequest, HouseRequest, PaymentView, PayoutRequest
from bot.engine.settling import Settler
from bot.engine.wakes import Wakes
from bot.kotani.errors import KotaniError, NotFound
from bot.payments.coverage import Coverage
from bot.payments.decide import Decision
from bot.payments.house_lines import (
    MOST_NOTE,
    HouseFault,
    HouseLine,
    debtor_of,
    payee_of,
    read_collection_line,
    read_payout_line,
)
from bot.payments.money import Money
from bot.payments.schedule import Patience
from bot.payments.states import OF_THE_HOUSE, Concern, LegState, PaymentKind
from bot.payments.wrong_words import WrongWord
from storage.crypto import Keyring
from storage.database import Database
from storage.mending import resolve_cases_of
from storage.orders import hold_name
from storage.oversight import payment_by_code
from storage.payments import LegKey, LostRace, hold_payments
from storage.repeats import paid_lately, waits_in_file

REPEATS_WITHIN: Final = timedelta(hours=24)  # how long the same payout once more is asked about
Lately = Callable[[Session, PayoutRequest, datetime], tuple[str, datetime] | None]
Leaves = Callable[[PayoutRequest], Awaitable[Left | None]]
_PACKED: Final = "packed"
_DRAFT: Final = "operator.house_draft"
_WAITED_FOR: Final = tuple(str(one) for one in (Concern.PAYOUT_BLOCKED, Concern.SUBMIT_BLOCKED, Concern.OVERDUE))


class PayingOut:
    """Looks at what operators ask for, orders it, and takes back what was not sent.

    `coverage` is what the provider serves, closed by us or not.
    """

    def __init__(
        self,
        database: Database,
        wallets: Wallets,
        keyring: Keyring,
        clock: Clock,
        wakes: Wakes,
        payments: Payments,
        operators: Operators,
        approvals: Approvals,
        house: House,
        *,
        coverage: Callable[[], Coverage],
    ) -> None:
        self._database = database
        self._wallets = wallets
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._payments = payments
        self._settler = Settler(keyring, Patience())
        self._operators = operators
        self._approvals = approvals
        self._house = house
        self._coverage = coverage
        approvals.register("payout", _Payout(database, house, self._lately, self._left))
        approvals.register("collection", _Collection(house))

    def read(self, kind: Kind, text: str, operator: Operator, language: str) -> Draft | HouseFault | WrongWord:
        """What stands behind a command, checked against what is served now."""
        line = read_payout_line(text) if kind == "payout" else read_collection_line(text)
        if isinstance(line, HouseFault | WrongWord):
            return line
        said = (line.amount, line.note, operator.telegram_id, language)
        return self._payout(line, *said) if kind == "payout" else self._collection(line, *said)

    async def look(self, draft: Draft) -> Prospect:
        """What it would mean now."""
        request = draft.request
        left = await self._left(request) if isinstance(request, PayoutRequest) else None
        second = await self._approvals.second(request.asked_by, [request.amount])
        return Prospect(draft, left, second, await self.repeat(draft))

    async def repeat(self, draft: Draft) -> Repeat | None:
        """The last payout of the same amount to the same place, by itself or in a file, unless it certainly paid nobody.

        One that waits for a second operator comes before those that were carried out: it can still be declined.
        """
        request, now = draft.request, self._clock()
        if not isinstance(request, PayoutRequest):
            return None
        digest, amount = self._keyring.digest(request.destination.identity), request.amount
        for order in await self._approvals.waiting_of(draft.kind):
            other = _request_of(order)
            same_place = isinstance(other, PayoutRequest) and other.destination.identity == request.destination.identity
            if same_place and other.amount == amount:
                return Repeat("", now - order.asked_at, order.id)
        waits = await self._database.read(
            lambda session: waits_in_file(
                session, digest, amount.amount, amount.currency, environment=self._house.environment, now=now
            )
        )
        if waits is not None:
            return Repeat(waits[0], now - waits[2], waits[1])
        found = await self._database.read(lambda session: self._lately(session, request, now - REPEATS_WITHIN))
        return None if found is None else Repeat(found[0], now - found[1])

    def stage_ask(self, effects: Effects, operator: Operator, chat_id: int, draft: Draft) -> Question:
        """Ask whether it is to be done; the answer is one of the card's choices."""
        packed = {"request": pack_request(draft.request), "networks": list(draft.networks)}
        target = base64.b64encode(self._keyring.seal_json(packed, context=_DRAFT)).decode()
        return self._operators.stage_ask(effects, operator, chat_id, draft.kind, target)

    def draft_of(self, asked: Question) -> Draft:
        """What a question is about."""
        packed = self._keyring.open_json(base64.b64decode(asked.target), context=_DRAFT)
        request = unpack_request(packed["request"])
        assert isinstance(request, PayoutRequest | CollectionRequest)
        return Draft(request, tuple(packed["networks"]))

    def with_network(self, draft: Draft, place: int) -> Draft:
        """The same by another of its networks; as it is where there is no such place in the list."""
        if not 0 < place < len(draft.networks):
            return draft
        network = draft.networks[place]
        networks = (network, *(one for one in draft.networks if one != network))
        match draft.request:
            case PayoutRequest() as request:
                to = replace(request.destination, network=network)
                return Draft(replace(request, destination=to), networks)
            case CollectionRequest() as request:
                payer = replace(request.payer, network=network)
                return Draft(replace(request, payer=payer), networks)

    async def stage_order(self, effects: Effects, operator: Operator, chat_id: int, draft: Draft, *, who: str) -> Order:
        """Order it. `who` is whom it is paid to or collected from, in words. Raises `OrderRefused`."""
        request = draft.request
        return await self._approvals.stage_order(
            effects,
            operator,
            chat_id,
            draft.kind,
            money=[request.amount],
            about={"who": who, _PACKED: json.dumps(pack_request(request))},
            reason=request.note,
        )

    def stage_stop(self, effects: Effects, operator: Operator, view: PaymentView, reason: str) -> None:
        """Take back what was not sent: it ends as cancelled. The transaction raises `LostRace` when it is too late."""
        now = self._clock()

        def stop(session: Session) -> None:
            payment = hold_payments(session, [view.id])[view.id]
            leg = payment.legs[0]
            if PaymentKind(payment.kind) not in OF_THE_HOUSE or leg.state != LegState.READY:
                raise LostRace
            finding = Finding(
                key=LegKey(leg.id, view.id),
                cause=Cause.OPERATOR,
                decision=Decision(LegState.CANCELLED, note=f"taken back: {reason}"[:MOST_NOTE]),
                actor=str(operator.telegram_id),
            )
            self._settler.apply(session, [finding], now)
            resolution = f"taken back: {reason}"[:MOST_WORDS]
            resolve_cases_of(session, view.id, concerns=_WAITED_FOR, now=now, resolution=resolution)

        self._operators.stage_act(effects, operator, "stop", target=f"payment:{view.code}", reason=reason)
        effects.add(stop)
        effects.after_commit(self._wake)

    async def by_code(self, code: str) -> PaymentView | None:
        """A payment of the house by its reference code; None for any other."""
        payment_id = await self._database.read(lambda session: payment_by_code(session, code))
        view = None if payment_id is None else await self._payments.view(payment_id)
        return None if view is None or view.house is None else view

    async def _wake(self) -> None:
        self._wakes.notices.set()

    def _lately(self, session: Session, request: PayoutRequest, since: datetime) -> tuple[str, datetime] | None:
        """The code and the time of the last payout since then that is just like this, in a transaction that keeps it so."""
        digest, amount = self._keyring.digest(request.destination.identity), request.amount
        where = (session, digest, amount.amount, amount.currency)
        return paid_lately(*where, environment=self._house.environment, since=since, doubt=DOUBT)

    async def _left(self, request: PayoutRequest) -> Left | None:
        where = (self._database, self._keyring, request.amount.currency, request.destination.country)
        return await _left(self._wallets, request, await promised(*where, environment=self._house.environment))

    def _payout(self, line: HouseLine, amount: Money, note: str, asked_by: int, language: str) -> Draft | HouseFault:
        found = payee_of(line, self._coverage().payees)
        if isinstance(found, HouseFault):
            return found
        return Draft(PayoutRequest(found.to, amount, note, asked_by, language), found.networks)

    def _collection(
        self, line: HouseLine, amount: Money, note: str, asked_by: int, language: str
    ) -> Draft | HouseFault:
        found = debtor_of(line, self._coverage().payers)
        if isinstance(found, HouseFault):
            return found
        return Draft(CollectionRequest(found.payer, amount, note, asked_by, language), found.networks)


class _Payout:
    """Carries out orders of payouts.

    Whether the balance covers it is looked at once more, since a day may have passed, and whether the same was paid
    meanwhile: two who ask for it on the same day and approve each other's would pay it twice.
    """

    def __init__(self, database: Database, house: House, lately: Lately, left: Leaves) -> None:
        self._database = database
        self._house = house
        self._lately = lately
        self._left = left

    async def stage(self, effects: Effects, order: Order, by: Operator) -> None:
        request = _request_of(order)
        assert isinstance(request, PayoutRequest)
        left = await self._left(request)
        if left is not None and left.missing is not None and left.transfer:
            raise OrderRefused("ops.house_short", missing=left.missing, transfer=left.transfer)
        if left is not None and left.missing is not None:
            raise OrderRefused("ops.house_short_fund", missing=left.missing, deposit=left.deposit)
        since = order.asked_at + timedelta(microseconds=1)  # what was paid before was asked about with its card
        paid = await self._database.read(lambda session: self._lately(session, request, since))
        if paid is not None:
            raise OrderRefused("ops.house_paid_meanwhile", code=paid[0])

        def check(session: Session) -> None:
            hold_name(session, f"payout:{request.destination.identity}")
            if self._lately(session, request, since) is not None:
                raise LostRace

        effects.add(check)
        payout = PayoutOrder(request.destination, request.amount, request.note, _key(order))
        self._house.stage_payouts(effects, order.asked_by, order.chat_id, [payout], language=request.language)


class _Collection:
    """Carries out orders of collections."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def stage(self, effects: Effects, order: Order, by: Operator) -> None:
        request = _request_of(order)
        assert isinstance(request, CollectionRequest)
        wanted = CollectionOrder(request.payer, request.amount, request.note, _key(order))
        self._house.stage_collection(effects, order.asked_by, order.chat_id, wanted, language=request.language)


async def _left(wallets: Wallets, request: PayoutRequest, taken: Money) -> Left | None:
    """What the balances would hold after it and what is `taken`, nothing where there is no wallet.

    None where the provider cannot be asked.
    """
    currency, country = request.amount.currency, request.destination.country
    try:
        wallet = await wallets.wallet_for(currency, country)
    except NotFound:
        return Left(Money(-request.amount.amount, currency), Money(Decimal(0), currency), Money(Decimal(0), currency))
    except KotaniError:
        return None
    balance = Money(wallet.balance, currency)
    left = Left(balance - taken - request.amount, Money(wallet.deposit_balance, currency), taken)
    if left.missing is None or left.missing.amount > left.deposit.amount:
        return left
    return replace(left, transfer=transfer_line(left.missing, wallet.country))


def _request_of(order: Order) -> HouseRequest:
    request = unpack_request(json.loads(order.about[_PACKED]))
    assert isinstance(request, PayoutRequest | CollectionRequest)
    return request


def _key(order: Order) -> str:
    return f"order:{order.id}"
