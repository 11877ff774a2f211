"""One payment with all that happened to it, and what an operator can do about it by looking: ask the provider now.

The timeline is put together from the rows that were written as things happened; nothing is kept for it alone.
"""

from collections.abc import Iterable
from typing import Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.intake import CALLBACK_BODY
from bot.engine.looking import Payments
from bot.engine.operators.attention import case_of
from bot.engine.operators.mending import verbs_for
from bot.engine.operators.results import Case, Happening, LegLine, Operator, Page, PaymentFile
from bot.engine.operators.roles import PAGE, Operators
from bot.engine.results import (
    BuyRequest,
    CollectionRequest,
    PaymentView,
    PayoutRequest,
    SellRequest,
    SendRequest,
)
from bot.engine.wakes import Wakes
from bot.payments.money import Money
from bot.payments.states import LegKind, LegState
from storage import oversight as queries
from storage.crypto import Keyring
from storage.customers import customer_by_id
from storage.database import Database
from storage.operating import poll_now
from storage.operators import ActionRecord, actions
from storage.payments import LostRace
from storage.tables import Leg

MOST_ROWS: Final = 300  # of each sort; a payment with more is shown by its newest
_ASKABLE: Final = (LegState.UNKNOWN, LegState.PENDING, LegState.COLLECTED, LegState.RETURNING)
_ENDED: Final = (
    LegState.SUCCEEDED,
    LegState.FAILED,
    LegState.EXPIRED,
    LegState.UNDELIVERED,
    LegState.RETURNED,
    LegState.LATE,
    LegState.UNDELIVERED_LATE,
)


class Inspecting:
    """Opens the file of a payment."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        clock: Clock,
        wakes: Wakes,
        payments: Payments,
        operators: Operators,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._payments = payments
        self._operators = operators

    async def id_of(self, code: str) -> str | None:
        """The id of the payment with this reference code."""
        return await self._database.read(lambda session: queries.payment_by_code(session, code))

    async def file(self, payment_id: str, page: int = 1) -> PaymentFile | None:
        """A payment with a page of its timeline, the newest first; None when there is no such payment."""
        view = await self._payments.view(payment_id)
        if view is None:
            return None
        legs, cases, happened, telegram_id = await self._database.read(lambda session: _read(session, view))
        shown = happened[(page - 1) * PAGE : page * PAGE]
        return PaymentFile(
            view=view,
            customer=telegram_id,
            phones=_phones(view),
            legs=tuple(_line(leg) for leg in legs),
            cases=cases,
            timeline=tuple(shown),
            page=Page(page, more=len(happened) > page * PAGE),
            can=(
                *(("poll",) if any(leg.state in _ASKABLE + _ENDED and leg.submissions for leg in legs) else ()),
                *verbs_for(view.kind, legs, self._clock(), [case.concern for case in cases]),
            ),
        )

    def stage_poll(self, effects: Effects, operator: Operator, view: PaymentView) -> None:
        """Have the provider asked now, for legs that are over as well: what it says then is held against what we know.

        The transaction raises `LostRace` when there is nothing to be asked for.
        """
        now = self._clock()

        def poll(session: Session) -> None:
            if not poll_now(session, view.id, states=_ASKABLE + _ENDED, now=now):
                raise LostRace

        self._operators.stage_act(effects, operator, "poll", target=f"payment:{view.code}")
        effects.add(poll)
        effects.after_commit(self._wake)

    async def raw(self, payment_id: str) -> bytes | None:
        """Every callback that came for a payment, byte for byte, as a text to be kept; None when none came."""

        def read(session: Session) -> list[tuple[str, bytes]]:
            tokens = [leg.callback_token for leg in queries.legs_of(session, payment_id)]
            return [
                (f"{at:%Y-%m-%d %H:%M:%S} UTC, {'signed' if signed else 'unsigned'}", body)
                for at, signed, body in queries.bodies_of(session, tokens, limit=MOST_ROWS)
            ]

        found = await self._database.read(read)
        if not found:
            return None
        parts = (f"{head}\n".encode() + self._keyring.open_bytes(body, context=CALLBACK_BODY) for head, body in found)
        return b"\n\n".join(parts) + b"\n"

    async def _wake(self) -> None:
        self._wakes.legs.set()


def _read(session: Session, view: PaymentView) -> tuple[list[Leg], tuple[Case, ...], list[Happening], int]:
    legs = queries.legs_of(session, view.id)
    kinds = {leg.id: LegKind(leg.kind) for leg in legs}
    tokens = {leg.callback_token: LegKind(leg.kind) for leg in legs}
    cases = [case_of(record) for record in queries.cases_of(session, view.id)]
    happened = [
        *(_event(one, kinds.get(one.leg_id)) for one in queries.events_of(session, view.id, limit=MOST_ROWS)),
        *(_callback(one, tokens[one.token]) for one in queries.callbacks_of(session, [*tokens], limit=MOST_ROWS)),
        *(_notice(one) for one in queries.notices_of(session, view.id, limit=MOST_ROWS)),
        *(one for case in cases for one in _of_case(case)),
        *(_action(one) for one in actions(session, limit=MOST_ROWS, target=f"payment:{view.code}")),
    ]
    customer = customer_by_id(session, view.customer_id)
    assert customer is not None
    happened.sort(key=lambda one: one.at, reverse=True)
    return legs, tuple(case for case in cases if case.resolved_at is None), happened, customer.telegram_id


def _line(leg: Leg) -> LegLine:
    return LegLine(
        kind=LegKind(leg.kind),
        state=LegState(leg.state),
        amount=Money(leg.amount, leg.currency),
        reference=leg.reference,
        provider_id=leg.provider_id,
        receipt=leg.receipt,
        tx_hash=leg.tx_hash,
        submissions=leg.submissions,
        polls=leg.polls,
        due_at=leg.due_at,
    )


def _event(one: queries.EventRecord, leg: LegKind | None) -> Happening:
    return Happening(
        one.at, "event", one.cause, leg, before=one.from_state, after=one.to_state, words=one.words, note=one.note
    )


def _callback(one: queries.CallbackRecord, leg: LegKind) -> Happening:
    signed = "signed" if one.signed else "unsigned"
    return Happening(one.received_at, "callback", one.outcome or "waiting", leg, after=signed)


def _notice(one: queries.NoticeRecord) -> Happening:
    return Happening(one.sent_at or one.created_at, "notice", one.kind, after=one.state, note=one.last_error)


def _of_case(case: Case) -> Iterable[Happening]:
    yield Happening(case.opened_at, "case", case.concern, note=case.detail)
    if case.resolved_at is not None:
        yield Happening(case.resolved_at, "resolved", case.concern, note=case.resolution)


def _action(one: ActionRecord) -> Happening:
    return Happening(one.at, "action", one.action, note=one.reason, who=str(one.operator))


def _phones(view: PaymentView) -> tuple[str, ...]:
    """The numbers that money comes from and goes to, whole."""
    match view.request:
        case BuyRequest(phone=phone):
            found = [phone]
        case SellRequest(destination=destination):
            found = [destination.phone or ""]
        case SendRequest(payer=payer, destination=destination):
            found = [payer.phone, destination.phone or ""]
        case PayoutRequest(destination=destination):
            found = [destination.phone or ""]
        case CollectionRequest(payer=payer):
            found = [payer.phone]
    return tuple(phone for phone in found if phone)
