"""Looking at payments: what cards, lists and buttons show, always read fresh from the record."""

from datetime import timedelta
from typing import Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.planning import PAYMENT_REQUEST, unpack_request
from bot.engine.results import PaymentView
from bot.engine.wakes import Wakes
from bot.payments.money import Money
from bot.payments.states import LegState, PaymentKind, PaymentState
from storage.cards import PaymentRecord, customer_payment_by_code, customer_payments, payment_record
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import make_payment_due, payment_by_confirm_key

WITH_THE_PROVIDER: Final = (LegState.PENDING, LegState.COLLECTED)
JUST_NOW: Final = timedelta(seconds=5)  # who taps more often is not asked for again


class Payments:
    """Reads payments for people. Every method that takes a customer shows that customer's own payments only."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock, wakes: Wakes) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes

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

    async def _wake(self) -> None:
        self._wakes.legs.set()

    def _view(self, record: PaymentRecord | None) -> PaymentView | None:
        if record is None:
            return None
        payment = record.payment
        return PaymentView(
            id=payment.id,
            code=payment.code,
            kind=PaymentKind(payment.kind),
            state=PaymentState(payment.state),
            customer_id=payment.customer_id,
            chat_id=payment.chat_id,
            language=record.language,
            pay=Money(payment.pay_amount, payment.pay_currency),
            fee=Money(payment.fee_amount, payment.pay_currency),
            receive=Money(payment.receive_amount, payment.receive_currency),
            request=unpack_request(self._keyring.open_json(payment.request_sealed, context=PAYMENT_REQUEST)),
            receipt=payment.receipt,
            tx_hash=payment.tx_hash,
            redirect_url=payment.redirect_url,
            reason=payment.reason,
            reason_detail=payment.reason_detail,
            refund=None if record.refund_amount is None else Money(record.refund_amount, payment.pay_currency),
            refund_receipt=record.refund_receipt,
            with_a_person=record.open_cases > 0,
            revision=payment.revision,
            created_at=payment.created_at,
            updated_at=payment.updated_at,
            ended_at=payment.ended_at,
        )
