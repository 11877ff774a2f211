"""Looking at payments: what cards, lists and buttons show, always read fresh from the record."""

from datetime import timedelta
from typing import Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.findings import Cause, Finding
from bot.engine.packing import unpack_request
from bot.engine.planning import LEG_DETAILS, PAYMENT_REQUEST
from bot.engine.results import CollectionRequest, PaymentView, PayoutRequest
from bot.engine.settling import Settler
from bot.engine.wakes import Wakes
from bot.payments.decide import Decision
from bot.payments.money import Money
from bot.payments.parties import Destination
from bot.payments.schedule import Patience
from bot.payments.states import LegKind, LegState, PaymentKind, PaymentState
from storage.cards import LegRecord, PaymentRecord, customer_payment_by_code, customer_payments, payment_record
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import (
    LegKey,
    LostRace,
    ask_to_cancel,
    hold_payments,
    make_payment_due,
    payment_by_confirm_key,
)

WITH_THE_PROVIDER: Final = (LegState.PENDING, LegState.COLLECTED, LegState.RETURNING)
NOT_PAID_YET: Final = (LegState.READY, LegState.SUBMITTING, LegState.UNKNOWN, LegState.PENDING)
_GOING_BACK: Final = (LegState.RETURNING, LegState.RETURNED)
JUST_NOW: Final = timedelta(seconds=5)  # who taps more often is not asked for again


class Payments:
    """Reads payments for people. Every method that takes a customer shows that customer's own payments only."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock, wakes: Wakes) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._settler = Settler(keyring, Patience())

    async def view(self, payment_id: str) -> PaymentView | None:
        """One payment by its id, for the card that belongs to it."""

        def read(session: Session) -> PaymentView | None:
            return self._view(payment_record(session, payment_id))

        return await self._database.read(read)

    async def recent(self, customer_id: str, limit: int = 5) -> list[PaymentView]:
        """The customer's newest payments, newest first."""

        def read(session: Session) -> list[PaymentView]:
            records = customer_payments(session, customer_id, limit=limit)
            return [view for record in records if (view := self._view(record)) is not None]

        return await self._database.read(read)

    async def by_code(self, customer_id: str, code: str) -> PaymentView | None:
        """The customer's own payment with this reference code, as they type it: case and dashes do not matter."""
        letters = "".join(letter for letter in code.upper() if letter.isalnum())
        canonical = f"{letters[:4]}-{letters[4:]}"

        def read(session: Session) -> PaymentView | None:
            return self._view(customer_payment_by_code(session, customer_id, canonical))

        return await self._database.read(read)

    async def by_confirmation(self, confirm_key: str) -> PaymentView | None:
        """The payment that this confirmation opened, if it opened one."""

        def read(session: Session) -> PaymentView | None:
            row = payment_by_confirm_key(session, confirm_key)
            return None if row is None else self._view(payment_record(session, row["id"]))

        return await self._database.read(read)

    def stage_look(self, effects: Effects, payment_id: str) -> None:
        """The customer wants to know now: ask the provider as soon as this is committed, if that was not done just now."""
        now = self._clock()
        effects.add(
            lambda session: make_payment_due(
                session, payment_id, states=WITH_THE_PROVIDER, now=now, quiet_since=now - JUST_NOW
            )
        )
        effects.after_commit(self._wake)

    def stage_stop(self, effects: Effects, view: PaymentView) -> None:
        """Stop a transfer while it `can_stop`: it ends as cancelled, and nothing was sent.

        The transaction raises `LostRace` when it is too late: whoever handles the update then reads that anew.
        """
        now = self._clock()

        def stop(session: Session) -> None:
            payment = hold_payments(session, [view.id])[view.id]
            leg = payment.legs[0]
            if leg.kind != LegKind.COLLECT or leg.state != LegState.READY or leg.submissions > 0:
                raise LostRace
            decision = Decision(LegState.CANCELLED, note="stopped before it was sent")
            finding = Finding(key=LegKey(leg.id, view.id), cause=Cause.CUSTOMER, decision=decision)
            self._settler.apply(session, [finding], now)

        effects.add(stop)
        effects.after_commit(self._wake)

    def stage_cancel(self, effects: Effects, view: PaymentView) -> None:
        """Ask for a sale to be cancelled while it `can_cancel`; what came of it, the customer is told when it is known.

        The transaction raises `LostRace` when crypto came meanwhile, or when it was asked before.
        """
        now = self._clock()

        def cancel(session: Session) -> None:
            if not ask_to_cancel(session, view.id, kind=LegKind.OFFRAMP, states=NOT_PAID_YET, now=now):
                raise LostRace

        effects.add(cancel)
        effects.after_commit(self._wake)

    async def _wake(self) -> None:
        self._wakes.legs.set()
        self._wakes.notices.set()

    def _refund_to(self, refund: LegRecord) -> Destination | None:
        """What an operator named for the refund; None where it goes back to who paid."""
        details = unpack_request(self._keyring.open_json(refund.details_sealed, context=LEG_DETAILS))
        return details.destination if isinstance(details, PayoutRequest) else None

    def _view(self, record: PaymentRecord | None) -> PaymentView | None:
        if record is None:
            return None
        payment, first = record.payment, record.legs[0]
        sale, payout, refund = (record.leg(kind) for kind in (LegKind.OFFRAMP, LegKind.PAYOUT, LegKind.REFUND))
        pay = Money(payment.pay_amount, payment.pay_currency)
        seen = None if sale is None or sale.crypto_seen is None else Money(sale.crypto_seen, pay.currency)
        back = None if refund is None else Money(refund.amount, refund.currency)
        request = unpack_request(self._keyring.open_json(payment.request_sealed, context=PAYMENT_REQUEST))
        house = request if isinstance(request, PayoutRequest | CollectionRequest) else None
        if sale is not None and sale.state in _GOING_BACK:
            back = seen or pay
        return PaymentView(
            id=payment.id,
            code=payment.code,
            kind=PaymentKind(payment.kind),
            state=PaymentState(payment.state),
            customer_id=payment.customer_id,
            chat_id=payment.chat_id,
            language=record.language if house is None else house.language,
            pay=pay,
            fee=Money(payment.fee_amount, payment.fee_currency),
            receive=Money(payment.receive_amount, payment.receive_currency),
            request=request,
            receipt=None if sale is not None else payment.receipt,
            tx_hash=payment.tx_hash,
            redirect_url=payment.redirect_url,
            reason=payment.reason,
            reason_detail=payment.reason_detail,
            refund=back,
            refund_receipt=None if refund is None else refund.receipt,
            with_a_person=record.open_cases > 0,
            revision=payment.revision,
            created_at=payment.created_at,
            updated_at=payment.updated_at,
            ended_at=payment.ended_at,
            payout_receipt=out.receipt if (out := sale or payout) is not None else None,
            escrow_address=first.escrow_address,
            pay_by=first.pay_by,
            seen_amount=seen,
            refund_tx=first.refund_tx,
            hold_until=payment.hold_until,
            request_id=payment.request_id,
            can_stop=first.state == LegState.READY
            and (
                house is not None
                or (
                    first.kind == LegKind.COLLECT
                    and first.submissions == 0
                    and payment.hold_until is not None
                    and self._clock() < payment.hold_until
                )
            ),
            can_cancel=(
                sale is not None and sale.state in NOT_PAID_YET and seen is None and sale.cancel_asked_at is None
            ),
            cancel_asked=sale is not None and sale.cancel_asked_at is not None,
            batch_id=payment.batch_id,
            refund_to=None if refund is None else self._refund_to(refund),
        )
