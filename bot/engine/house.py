"""Payments of the house: what operators have decided becomes rows, and nothing else happens here.

A payout takes from the payout balance, a collection adds to the deposit balance; both are the business's own money, so no
customer stands behind them. Their rows belong to one reserved customer, whom nobody is. They are opened in the transaction
in which an operator's order is carried out, with the reference of each leg chosen there, and go on like all others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.findings import Cause
from bot.engine.history import added_event
from bot.engine.outbox import notice_row, write_notice_rows
from bot.engine.packing import pack_request
from bot.engine.planning import PAYMENT_REQUEST, house_collect_leg, house_payout_leg
from bot.engine.results import CollectionRequest, HouseRequest, OpenedPayment, PayoutRequest
from bot.engine.wakes import Wakes
from bot.payments.identifiers import new_id
from bot.payments.money import Money
from bot.payments.parties import Destination, Payer
from bot.payments.references import new_payment_code
from bot.payments.states import PaymentKind, PaymentState
from storage.crypto import Keyring
from storage.customers import HOUSE, ensure_house
from storage.payments import add_events, add_payments, payments_by_confirm_keys

# rows of a batch are begun one after the other at this pace, so that customers' payments find their place between them
BATCH_PACE: Final = timedelta(milliseconds=250)
_AT_ONCE: Final = 500  # rows in one statement's list


@dataclass(frozen=True, slots=True)
class PayoutOrder:
    """A payout that was decided on. `amount` above zero is in the destination's currency.

    The same `confirm_key` is the same payment, however often it comes.
    """

    destination: Destination
    amount: Money
    note: str
    confirm_key: str


@dataclass(frozen=True, slots=True)
class CollectionOrder:
    """A collection that was decided on, by a prompt on the payer's phone; otherwise as `PayoutOrder`."""

    payer: Payer
    amount: Money
    note: str
    confirm_key: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Who has it done (numeric Telegram id), in which language and in which chat they are told, and when."""

    operator: int
    language: str
    chat_id: int
    now: datetime


class House:
    """Opens payments of the house, in transactions of the caller's."""

    def __init__(
        self,
        keyring: Keyring,
        clock: Clock,
        wakes: Wakes,
        *,
        environment: str,
        batch_pace: timedelta | None = None,
    ) -> None:
        """`batch_pace` is the time between two rows of a batch, where not as usual."""
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._environment = environment
        self._batch_pace = batch_pace

    @property
    def environment(self) -> str:
        """The one whose payments these are."""
        return self._environment

    def open_payouts(
        self,
        session: Session,
        asked: Asked,
        orders: Sequence[PayoutOrder],
        *,
        batch_id: str | None = None,
        behind: int = 0,
    ) -> dict[str, OpenedPayment]:
        """Write payouts: payment, leg and first event of each, and a card unless it is of a batch; by `confirm_key`, in order.

        Those of a batch are begun one after the other (`BATCH_PACE`), `behind` so many others of it, and say nothing by
        themselves. Whoever calls this
        wakes the legs after the commit (`stage_payouts` does).
        """

        def leg(payment_id: str, order: PayoutOrder, place: int) -> dict[str, Any]:
            pace = BATCH_PACE if self._batch_pace is None else self._batch_pace
            return house_payout_leg(
                self._keyring,
                payment_id=payment_id,
                request=_payout(asked, order),
                environment=self._environment,
                now=asked.now,
                due_at=asked.now if batch_id is None else asked.now + (behind + place) * pace,
            )

        rows = [
            (self._payment(asked, order, PaymentKind.PAYOUT, _payout(asked, order), batch_id), order)
            for order in orders
        ]
        legs = [leg(payment["id"], order, place) for place, (payment, order) in enumerate(rows)]
        return self._open(session, asked, [payment for payment, _ in rows], legs, batch_id)

    def open_collection(self, session: Session, asked: Asked, order: CollectionOrder) -> OpenedPayment:
        """Write a collection: payment, leg, first event and card; otherwise as `open_payouts`."""
        request = CollectionRequest(order.payer, order.amount, order.note, asked.operator, asked.language)
        payment = self._payment(asked, order, PaymentKind.COLLECTION, request, None)
        leg = house_collect_leg(
            self._keyring,
            payment_id=payment["id"],
            request=request,
            environment=self._environment,
            now=asked.now,
        )
        return self._open(session, asked, [payment], [leg], None)[order.confirm_key]

    def stage_payouts(
        self,
        effects: Effects,
        operator: int,
        chat_id: int,
        orders: Sequence[PayoutOrder],
        *,
        language: str = "en",
        batch_id: str | None = None,
        opened: Callable[[Session, Mapping[str, OpenedPayment]], None] = lambda _session, _opened: None,
    ) -> None:
        """Stage `open_payouts`. `opened` is called in the transaction with what was opened, by `confirm_key`."""
        asked = Asked(operator, language, chat_id, self._clock())

        def work(session: Session) -> None:
            opened(session, self.open_payouts(session, asked, orders, batch_id=batch_id))

        effects.add(work)
        effects.after_commit(self._wake)

    def stage_collection(
        self, effects: Effects, operator: int, chat_id: int, order: CollectionOrder, *, language: str = "en"
    ) -> None:
        """Stage `open_collection`."""
        asked = Asked(operator, language, chat_id, self._clock())

        def work(session: Session) -> None:
            self.open_collection(session, asked, order)

        effects.add(work)
        effects.after_commit(self._wake)

    def _open(
        self,
        session: Session,
        asked: Asked,
        payments: Sequence[dict[str, Any]],
        legs: Sequence[dict[str, Any]],
        batch_id: str | None,
    ) -> dict[str, OpenedPayment]:
        ensure_house(session, asked.now)
        found: dict[str, OpenedPayment] = {}
        for start in range(0, len(payments), _AT_ONCE):
            part = payments[start : start + _AT_ONCE]
            new = add_payments(session, part, legs[start : start + _AT_ONCE])
            fresh = [leg for leg in legs[start : start + _AT_ONCE] if leg["payment_id"] in new]
            add_events(
                session, [added_event(leg, Cause.CONFIRMED, str(asked.operator), None, asked.now) for leg in fresh]
            )
            if batch_id is None:
                write_notice_rows(session, [_card(payment, asked) for payment in part if payment["id"] in new])
            known = payments_by_confirm_keys(session, [payment["confirm_key"] for payment in part])
            for payment in part:
                id_, code = known[payment["confirm_key"]]
                found[payment["confirm_key"]] = OpenedPayment(id_, code, fresh=id_ in new)
        return found

    def _payment(
        self,
        asked: Asked,
        order: PayoutOrder | CollectionOrder,
        kind: PaymentKind,
        request: HouseRequest,
        batch_id: str | None,
    ) -> dict[str, Any]:
        return {
            "id": new_id(),
            "code": new_payment_code(),
            "customer_id": HOUSE,
            "chat_id": asked.chat_id,
            "environment": self._environment,
            "kind": kind,
            "state": PaymentState.CONFIRMED,
            "confirm_key": order.confirm_key,
            "pay_amount": order.amount.amount,
            "pay_currency": order.amount.currency,
            "fee_amount": Decimal(0),
            "fee_currency": order.amount.currency,
            "receive_amount": order.amount.amount,
            "receive_currency": order.amount.currency,
            "request_sealed": self._keyring.seal_json(pack_request(request), context=PAYMENT_REQUEST),
            "batch_id": batch_id,
            "revision": 1,
            "created_at": asked.now,
            "updated_at": asked.now,
        }

    async def _wake(self) -> None:
        self._wakes.legs.set()
        self._wakes.notices.set()


def _payout(asked: Asked, order: PayoutOrder) -> PayoutRequest:
    return PayoutRequest(order.destination, order.amount, order.note, asked.operator, asked.language)


def _card(payment: dict[str, Any], asked: Asked) -> dict[str, Any]:
    return notice_row(
        chat_id=asked.chat_id,
        kind="payment_card",
        dedupe_key=f"card:{payment['id']}:1",
        slot=f"p:{payment['id']}",
        payment_id=payment["id"],
        now=asked.now,
    )
