"""What an operator can put right with a payment whose money is owed: try again what failed, or pay it back.

Here it is found out what can be done, asked, and ordered; `mender` carries it out. What waits to be sent can be sent at once,
and what the provider gives back by itself (the crypto of a sale) it is asked to try again, by the engine.
"""

import base64
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from sqlmodel import Session

from bot.engine.asking import ask
from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.following import plan_of
from bot.engine.operators.approvals import PAYMENT, Approvals
from bot.engine.operators.order_results import Order, OrderRefused
from bot.engine.operators.results import Operator, Question
from bot.engine.operators.roles import Operators
from bot.engine.packing import unpack_request
from bot.engine.planning import LEG_DETAILS, PAYMENT_REQUEST, payer_of
from bot.engine.results import AnyRequest, BuyRequest, PayoutRequest, SendRequest
from bot.engine.wakes import Wakes
from bot.kotani.client import Kotani
from bot.kotani.errors import KotaniError
from bot.payments.coverage import Coverage
from bot.payments.money import Money
from bot.payments.parties import Destination, Payer
from bot.payments.plans import may_add, may_have_arrived
from bot.payments.refund_parties import read_refund_party
from bot.payments.states import LEG_OPEN, OF_THE_HOUSE, Concern, LegKind, LegState, PaymentKind
from bot.payments.targets import return_failed
from storage import mending as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import HeldPayment, LostRace
from storage.payments import leg as load_leg
from storage.tables import Leg

Verb = Literal["retry", "refund", "arrived"]
RETRY: Final[Verb] = "retry"
REFUND: Final[Verb] = "refund"
ARRIVED: Final[Verb] = "arrived"  # it arrived after all: nothing is owed
_VERBS: Final[Mapping[str, Verb]] = {RETRY: RETRY, REFUND: REFUND, ARRIVED: ARRIVED}
MOST_RETURNS: Final = 3  # Kotani docs, offramp refunds
OUT: Final = (LegKind.PAYOUT, LegKind.REFUND)
_HELD_BACK: Final = frozenset({Concern.CONTRADICTION, Concern.REFUND_BLOCKED})
_DRAFT: Final = "operator.mending_draft"
_TO: Final = "to"


class Waiting(Protocol):
    """A leg, as far as waiting goes."""

    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def due_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Remedy:
    """What can be done. `step` says what: send a waiting leg now, have crypto given back once more, or order a new leg.

    `leg` is the newest leg as this was decided, or the one that waits; `kind` the kind of the new one (None: none is
    added, what is owed has arrived), `money` what it moves. `stop`: a payout that waits, which is taken out of the plan first.
    """

    step: Literal["send", "return", "order"]
    payment_id: str
    code: str
    leg: str
    kind: LegKind | None = None
    money: Money | None = None
    stop: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """What an operator is about to order: `to` is what they named for a refund, if they did."""

    verb: Verb
    payment_id: str
    code: str
    reason: str
    to: Destination | None = None


class Mending:
    """Finds out what can be done with a payment, and orders it."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        provider: Kotani,
        operators: Operators,
        approvals: Approvals,
        clock: Clock,
        wakes: Wakes,
        *,
        coverage: Callable[[], Coverage],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._provider = provider
        self._operators = operators
        self._approvals = approvals
        self._clock = clock
        self._wakes = wakes
        self._coverage = coverage

    async def remedy(self, draft: Draft) -> Remedy:
        """What a draft means for its payment now. Raises `OrderRefused` where there is nothing to do, or not yet."""
        payment, request = await self._held(draft.payment_id)
        if draft.verb == REFUND:
            return self._refund(payment, request, draft.to)
        if draft.verb == ARRIVED:
            return arrival_of(payment)
        return await self._retry(payment)

    async def payee(self, payment_id: str, words: Sequence[str]) -> Destination:
        """The phone or account that an operator names to pay back to, of the country that paid. Raises `OrderRefused`."""
        _, request = await self._held(payment_id)
        if not isinstance(request, BuyRequest | SendRequest):
            raise OrderRefused("ops.refund_nothing")
        payer = payer_of(request)
        found = read_refund_party(words, payer, self._coverage().banks.get(payer.country, ()))
        if found is None:
            raise OrderRefused("ops.refund_party", country=payer.country)
        return found

    async def who(self, draft: Draft, remedy: Remedy) -> Payer | Destination:
        """Who gets the money of a new leg."""
        if draft.to is not None:
            return draft.to
        _, request = await self._held(remedy.payment_id)
        if remedy.kind is LegKind.PAYOUT or draft.verb == ARRIVED:
            assert isinstance(request, SendRequest)
            return request.destination
        return (await self.last_payee(remedy.leg) if draft.verb == RETRY else None) or payer_of(request)

    async def last_payee(self, leg_id: str) -> Destination | None:
        """What an operator had named for a refund that failed: it is tried again with the same. None: who paid."""
        leg = await self._leg(leg_id)
        details = unpack_request(self._keyring.open_json(leg.details_sealed, context=LEG_DETAILS))
        return details.destination if isinstance(details, PayoutRequest) else None

    async def must_be_returnable(self, remedy: Remedy) -> None:
        """Raises `OrderRefused` unless the provider says that giving the crypto back failed, and may be asked once more."""
        leg = await self._leg(remedy.leg)
        if (leg.return_tries or 0) >= MOST_RETURNS:
            raise OrderRefused("ops.return_too_often", count=MOST_RETURNS)
        if leg.return_asked_at is not None:
            raise OrderRefused("ops.retry_under_way")
        try:
            report = await ask(self._provider, self._keyring, leg)
        except KotaniError:
            raise OrderRefused("ops.provider_mute") from None
        if not return_failed(report):
            raise OrderRefused("ops.return_not_failed")

    def stage_ask(self, effects: Effects, operator: Operator, chat_id: int, draft: Draft, *, why: bool) -> Question:
        """Ask for the reason (`why`), or whether it is to be done. What it is about is sealed in the question."""
        packed = {"verb": draft.verb, "payment_id": draft.payment_id, "code": draft.code, "reason": draft.reason}
        to = None if draft.to is None else draft.to.to_json()
        sealed = self._keyring.seal_json(packed | {"to": to}, context=_DRAFT)
        action = f"{draft.verb}_why" if why else draft.verb
        return self._operators.stage_ask(effects, operator, chat_id, action, base64.b64encode(sealed).decode())

    def draft_of(self, asked: Question) -> Draft:
        """What a question is about."""
        packed = self._keyring.open_json(base64.b64decode(asked.target), context=_DRAFT)
        verb = _VERBS[packed["verb"]]
        to = None if packed["to"] is None else Destination.from_json(packed["to"])
        return Draft(verb, packed["payment_id"], packed["code"], packed["reason"], to)

    async def stage_order(
        self, effects: Effects, operator: Operator, chat_id: int, draft: Draft, remedy: Remedy, *, who: str
    ) -> Order:
        """Order a new leg. `who` is who gets the money, in words. Raises `OrderRefused`."""
        assert remedy.money is not None
        about = {PAYMENT: draft.code, "payment_id": draft.payment_id, "leg": remedy.leg, "who": who}
        return await self._approvals.stage_order(
            effects,
            operator,
            chat_id,
            draft.verb,
            money=[remedy.money],
            about=about | ({} if draft.to is None else {_TO: json.dumps(draft.to.to_json())}),
            reason=draft.reason,
        )

    def stage_now(self, effects: Effects, operator: Operator, draft: Draft, remedy: Remedy) -> None:
        """What moves no money beyond what was agreed: send what waits, or have the provider give back. `LostRace`."""
        now = self._clock()

        def stage(session: Session) -> None:
            if remedy.step == "send":
                done = queries.send_now(session, remedy.leg, state=LegState.READY, now=now)
            else:
                done = queries.ask_return(session, remedy.leg, state=LegState.RETURNING, most=MOST_RETURNS, now=now)
            if not done:
                raise LostRace

        before = {"step": remedy.step, "leg": remedy.leg}
        target = f"payment:{draft.code}"
        self._operators.stage_act(effects, operator, draft.verb, target=target, reason=draft.reason, before=before)
        effects.add(stage)
        effects.after_commit(self._wake)

    async def refuse_contradicted(self, payment_id: str, *, beside: str | None = None) -> None:
        """Raises `OrderRefused` while the provider contradicts itself about money that was sent out."""
        if await self._database.read(lambda session: queries.is_contradicted(session, payment_id, beside=beside)):
            raise OrderRefused("ops.retry_contradicted")

    async def _retry(self, payment: HeldPayment) -> Remedy:
        last, now = payment.legs[-1], self._clock()
        waiting = next((leg for leg in payment.legs if waits(leg, now)), None)
        if waiting is not None:
            await self.refuse_contradicted(payment.id, beside=waiting.id)
            return Remedy("send", payment.id, payment.code, waiting.id)
        if last.kind == LegKind.OFFRAMP and last.state == LegState.RETURNING:
            return Remedy("return", payment.id, payment.code, last.id)
        if any(leg.state in LEG_OPEN for leg in payment.legs):
            raise OrderRefused("ops.retry_under_way")
        kind = LegKind(last.kind)
        if kind not in may_add(PaymentKind(payment.kind), plan_of(payment)):
            raise OrderRefused("ops.retry_nothing")
        if kind is LegKind.REFUND:
            return _new(payment, kind, Money(last.amount, last.currency))
        return _new(payment, kind, Money(payment.receive_amount, payment.receive_currency))

    def _refund(self, payment: HeldPayment, request: AnyRequest, to: Destination | None) -> Remedy:
        if not isinstance(request, BuyRequest | SendRequest):
            raise OrderRefused("ops.refund_nothing")
        last, by_phone = payment.legs[-1], payer_of(request).method == "mobile_money"
        unsent = last.kind == LegKind.PAYOUT and last.state == LegState.READY
        if not unsent and any(leg.state in LEG_OPEN for leg in payment.legs):
            raise OrderRefused("ops.refund_under_way")
        if not unsent and LegKind.REFUND not in may_add(PaymentKind(payment.kind), plan_of(payment)):
            raise OrderRefused("ops.refund_nothing")
        if to is None and not by_phone:
            raise OrderRefused("ops.refund_name_account", code=payment.code)
        if unsent and to is not None and by_phone:  # the plan itself pays back whoever paid by phone
            raise OrderRefused("ops.refund_own_phone", code=payment.code)
        money = Money(payment.pay_amount, payment.pay_currency).quantize_up()
        return _new(payment, LegKind.REFUND, money, stop=last.id if unsent else None)

    async def _held(self, payment_id: str) -> tuple[HeldPayment, AnyRequest]:
        payment, sealed = await self._database.read(lambda session: queries.payment_to_mend(session, payment_id))
        if payment.environment != self._approvals.environment:  # nothing of it can be asked, or sent, from here
            raise OrderRefused("ops.payment_not_here")
        return payment, unpack_request(self._keyring.open_json(sealed, context=PAYMENT_REQUEST))

    async def _leg(self, leg_id: str) -> Leg:
        leg = await self._database.read(lambda session: load_leg(session, leg_id))
        assert leg is not None
        return leg

    async def _wake(self) -> None:
        self._wakes.legs.set()


def waits(leg: Waiting, now: datetime) -> bool:
    """Whether a payout or refund was not sent and waits for something, such as our balance."""
    return leg.kind in OUT and leg.state == LegState.READY and leg.due_at is not None and leg.due_at > now


def arrival_of(payment: HeldPayment) -> Remedy:
    """What it means that the payout arrived after all. Raises `OrderRefused` where that cannot end the payment."""
    if not may_have_arrived(PaymentKind(payment.kind), plan_of(payment)):
        raise OrderRefused("ops.arrived_nothing")
    return Remedy(
        *("order", payment.id, payment.code, payment.legs[-1].id),
        money=Money(payment.receive_amount, payment.receive_currency),
    )


def verbs_for(
    kind: PaymentKind, legs: Sequence[Leg], now: datetime, concerns: Collection[str] = ()
) -> tuple[Verb, ...]:
    """What can be tried with a payment as it stands, for the buttons of its card; `concerns` are of its open items."""
    last = legs[-1]
    plan = [(LegKind(leg.kind), LegState(leg.state)) for leg in legs]
    addable = may_add(kind, plan)
    returning = last.kind == LegKind.OFFRAMP and last.state == LegState.RETURNING
    found: list[Verb] = []
    if any(waits(leg, now) for leg in legs) or returning or LegKind(last.kind) in addable:
        found.append(RETRY)
    stoppable = kind not in OF_THE_HOUSE and last.kind == LegKind.PAYOUT and waits(last, now)
    if LegKind.REFUND in addable or stoppable:
        found.append(REFUND)
    if not _HELD_BACK.isdisjoint(concerns) and may_have_arrived(kind, plan):
        found.append(ARRIVED)
    return tuple(found)


def payee_from(about: Mapping[str, str]) -> Destination | None:
    """What was named to pay back to, out of what an order is about."""
    return Destination.from_json(json.loads(about[_TO])) if _TO in about else None


def _new(payment: HeldPayment, kind: LegKind, money: Money, *, stop: str | None = None) -> Remedy:
    return Remedy("order", payment.id, payment.code, payment.legs[-1].id, kind, money, stop)
