"""Carrying out what operators order for a payment whose money is owed: one leg more, so that nobody is paid twice.

The leg is added through the settler, under a reference of its own, once everything that was sent out before is over and the
provider's own record, read now, says so too: a success that is told late must not meet a second try. The same is looked at
again in the transaction, and once more before the leg is sent (`bot.engine.stepping`).
"""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.findings import Cause, Finding
from bot.engine.following import plan_of
from bot.engine.history import added_event
from bot.engine.operators.approvals import PAYMENT
from bot.engine.operators.mending import ARRIVED, REFUND, RETRY, Draft, Mending, Remedy, Verb, arrival_of, payee_from
from bot.engine.operators.order_results import Order, OrderRefused
from bot.engine.operators.results import Operator
from bot.engine.operators.roles import MOST_WORDS
from bot.engine.planning import payout_leg, refund_leg
from bot.engine.proving import OVER, has_arrived, stands_there
from bot.engine.settling import Settler
from bot.engine.wakes import Wakes
from bot.kotani.client import Kotani
from bot.kotani.errors import KotaniError
from bot.payments.decide import Decision
from bot.payments.money import Money
from bot.payments.parties import Destination
from bot.payments.plans import may_add
from bot.payments.reasons import ARRIVED_LATE, PAYOUT_FAILED
from bot.payments.schedule import Patience
from bot.payments.states import Concern, LegKind, LegState, PaymentKind
from storage import mending as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.operating import poll_now
from storage.oversight import legs_of
from storage.payments import HeldPayment, LegKey, LostRace, hold_payments
from storage.tables import Leg

# what is answered by the order, on the attention list
_ANSWERED: Final = (
    Concern.REFUND_FAILED,
    Concern.REFUND_BLOCKED,
    Concern.PAYOUT_BLOCKED,
    Concern.REVERSED,
    Concern.CAME_LATE,
)
_CAME_LATE: Final = (LegState.LATE, LegState.UNDELIVERED_LATE)
_MOST_NOTE: Final = 200


class Mender:
    """Carries out orders of kinds `retry`, `refund` and `arrived`."""

    def __init__(
        self, database: Database, keyring: Keyring, provider: Kotani, mending: Mending, clock: Clock, wakes: Wakes
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._provider = provider
        self._mending = mending
        self._settler = Settler(keyring, Patience())
        self._clock = clock
        self._wakes = wakes

    async def stage(self, effects: Effects, order: Order, by: Operator) -> None:
        """Stage the leg of an order. Raises `OrderRefused` where it means something else by now, or may be paid already."""
        about = order.about
        if order.kind == ARRIVED:
            await self._stage_arrived(effects, order)
            return
        verb: Verb = REFUND if order.kind == REFUND else RETRY
        to = payee_from(about)
        remedy = await self._mending.remedy(Draft(verb, about["payment_id"], about[PAYMENT], order.reason, to))
        # the money that was approved, by the way that was approved, on top of what was known then
        if remedy.step != "order" or remedy.leg != about["leg"] or order.money != (remedy.money,):
            raise OrderRefused("ops.retry_changed")
        await self._prove_over(remedy.payment_id)
        if verb == RETRY and remedy.kind is LegKind.REFUND:
            to = await self._mending.last_payee(remedy.leg)
        effects.add(lambda session: self._write(session, remedy, to, order))
        effects.after_commit(self._wake)

    def _write(self, session: Session, remedy: Remedy, to: Destination | None, order: Order) -> None:
        now, actor = self._clock(), str(order.asked_by)
        payment = hold_payments(session, [remedy.payment_id])[remedy.payment_id]
        if payment.legs[-1].id != remedy.leg or queries.is_contradicted(session, payment.id):
            raise LostRace
        if remedy.stop is not None:
            payment = self._without_payout(session, remedy, actor, order.reason)
        if payment.legs[-1].id == remedy.leg:  # else the plan itself asked for the refund
            self._add(session, payment, remedy, to, actor, order.reason)
        resolution = f"{order.kind}: {order.reason}"[:MOST_WORDS]
        concerns = [str(one) for one in _ANSWERED]
        queries.resolve_cases_of(session, payment.id, concerns=concerns, now=now, resolution=resolution)

    async def _stage_arrived(self, effects: Effects, order: Order) -> None:
        """Stage that a payout which had failed arrived after all. Raises `OrderRefused` unless the provider says so now."""
        about = order.about
        draft = Draft(ARRIVED, about["payment_id"], about[PAYMENT], order.reason)
        remedy = await self._mending.remedy(draft)
        if remedy.leg != about["leg"] or order.money != (remedy.money,):
            raise OrderRefused("ops.retry_changed")
        legs = await self._database.read(lambda session: legs_of(session, remedy.payment_id))
        sent = {leg.id: leg.submissions for leg in legs}
        for leg in legs:
            try:
                if leg.kind == LegKind.PAYOUT and not await has_arrived(self._provider, self._keyring, leg):
                    raise OrderRefused("ops.arrived_not_there")
                never = leg.kind != LegKind.REFUND or await self._never_there(leg)
            except KotaniError:
                raise OrderRefused("ops.provider_mute") from None
            if not never:
                raise OrderRefused("ops.arrived_nothing")
        effects.add(lambda session: self._arrive(session, remedy, order, sent))
        effects.after_commit(self._wake)

    async def _never_there(self, refund: Leg) -> bool:
        return await stands_there(self._provider, self._keyring, refund) is LegState.CANCELLED

    def _arrive(self, session: Session, remedy: Remedy, order: Order, sent: Mapping[str, int]) -> None:
        """The payout arrived late, the refund that waits is not sent, and with both the payment completes.

        `sent` is how often each leg had been sent when the provider was asked: a refund that was sent since is not proved.
        """
        now, actor = self._clock(), str(order.asked_by)
        payment = hold_payments(session, [remedy.payment_id])[remedy.payment_id]
        try:
            if arrival_of(payment) != remedy or {leg.id: leg.submissions for leg in payment.legs} != sent:
                raise LostRace
        except OrderRefused:
            raise LostRace from None
        note = f"it arrived after all: {order.reason}"[:_MOST_NOTE]
        findings = [
            Finding(
                key=LegKey(leg.id, payment.id),
                cause=Cause.OPERATOR,
                decision=Decision(LegState.LATE if leg.kind == LegKind.PAYOUT else LegState.CANCELLED, None, note),
                reason=(ARRIVED_LATE, None),
                actor=actor,
            )
            for leg in payment.legs
            if leg.kind in (LegKind.PAYOUT, LegKind.REFUND)
        ]
        self._settler.apply(session, findings, now)
        concerns = [str(one) for one in (*_ANSWERED, Concern.CONTRADICTION)]
        resolution = f"{order.kind}: {order.reason}"[:MOST_WORDS]
        queries.resolve_cases_of(session, payment.id, concerns=concerns, now=now, resolution=resolution)

    def _add(
        self, session: Session, payment: HeldPayment, remedy: Remedy, to: Destination | None, actor: str, reason: str
    ) -> None:
        now = self._clock()
        if remedy.kind not in may_add(PaymentKind(payment.kind), plan_of(payment)):
            raise LostRace
        if remedy.kind is LegKind.REFUND:
            row = refund_leg(session, self._keyring, payment, now, to=to)
        else:
            row = payout_leg(session, self._keyring, payment, now)
        if row is None or Money(row["amount"], row["currency"]) != remedy.money:
            raise LostRace
        event = added_event(row, Cause.OPERATOR, actor, f"ordered: {reason}"[:_MOST_NOTE], now)
        self._settler.extend(session, payment, row, event)

    def _without_payout(self, session: Session, remedy: Remedy, actor: str, reason: str) -> HeldPayment:
        """Take a payout that was not sent out of the plan; where the payer has a phone, the plan then pays it back."""
        assert remedy.stop is not None
        finding = Finding(
            key=LegKey(remedy.stop, remedy.payment_id),
            cause=Cause.OPERATOR,
            decision=Decision(LegState.CANCELLED, None, f"ordered back: {reason}"[:_MOST_NOTE]),
            reason=(PAYOUT_FAILED, None),
            actor=actor,
        )
        self._settler.apply(session, [finding], self._clock())
        return hold_payments(session, [remedy.payment_id])[remedy.payment_id]

    async def _prove_over(self, payment_id: str) -> None:
        """Raises `OrderRefused` unless the provider's own record, read now, says of all that was sent out that it is over.

        Of money that came in after the end, it must say that it is in. What it says otherwise is brought on record by
        the engine, which is told to look again.
        """
        await self._mending.refuse_contradicted(payment_id)
        legs = await self._database.read(lambda session: legs_of(session, payment_id))
        for leg in legs:
            came_late = leg.state in _CAME_LATE
            if not came_late and (leg.kind not in queries.OUT or not leg.submissions):
                continue
            try:
                state = await stands_there(self._provider, self._keyring, leg)
            except KotaniError:
                raise OrderRefused("ops.provider_mute") from None
            if came_late and state == leg.state:
                continue
            if came_late:
                await self._look(payment_id)
                raise OrderRefused("ops.refund_not_in")
            if state is LegState.CANCELLED or (state in OVER and leg.state != LegState.READY):
                continue
            await self._look(payment_id)
            raise OrderRefused("ops.retry_paid_after_all" if state is LegState.SUCCEEDED else "ops.retry_not_over")

    async def _look(self, payment_id: str) -> None:
        now, states = self._clock(), [str(one) for one in LegState]
        await self._database.write(lambda session: poll_now(session, payment_id, states=states, now=now))
        self._wakes.legs.set()

    async def _wake(self) -> None:
        self._wakes.legs.set()
        self._wakes.notices.set()
