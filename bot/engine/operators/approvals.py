"""Orders of operators: what one of them wants done, and what a second one approves before it is.

Whatever moves more than the configured amount, or does so with what the same operator moved alone within a day, waits as a
row, and is carried out in the very transaction in which
somebody else says yes. That somebody is another person (by numeric id) with the role for it, which is looked at once more
in that transaction, as are the role of whoever asked, the order's time, and that nobody ended it before. So an order has one
effect however many press at once, and none after somebody lost their rights. It is of the environment where it was asked
for: to a process of another one on the same database it is not there.

Kinds of orders are registered by those who can carry them out. Their `stage` adds to the transaction what must be written;
it never calls anything that moves money.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.operators.order_results import WHY_NOT, Order, OrderRefused, OrderState
from bot.engine.operators.order_rows import (
    about_sealed,
    card_rows,
    money_from,
    news_row,
    order_from,
    order_row,
    order_slot,
)
from bot.engine.operators.results import Operator, Page, Role
from bot.engine.operators.roles import MOST_WORDS, PAGE, Operators
from bot.engine.outbox import write_notice_rows
from bot.payments.approval import ALONE_FOR, Approval, Second
from bot.payments.identifiers import new_id
from bot.payments.money import Money
from bot.payments.states import PaymentKind
from storage import orders as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.notices import move_slot
from storage.order_tables import OperatorOrder
from storage.payments import LostRace

__all__ = ["ORDER_LIFE", "Approvals", "Doing", "Order", "OrderRefused", "OrderState"]

ORDER_LIFE: Final = timedelta(hours=24)
NEEDS: Final = Role.OPERATOR  # to ask, and to approve
# what is followed by the card of its payment, as a new message where it was asked for
_FOLLOWED: Final = (str(PaymentKind.PAYOUT), str(PaymentKind.COLLECTION))
PAYMENT: Final = "payment"  # in what an order is about: the reference code of the payment that it concerns


class Doing(Protocol):
    """How orders of one kind are carried out."""

    async def stage(self, effects: Effects, order: Order, by: Operator) -> None:
        """Stage what is written in the transaction in which `order` becomes carried out; its row is there before.

        Raises `OrderRefused` when it cannot be done as things stand: nothing is written then, and the order stays as it
        is. What is staged may raise `LostRace`: then it is all done again from the start.
        """
        ...


class Approvals:
    """Takes orders, and has them carried out. `chat` is the operators' group, if there is one.

    `environment` is where the money is that orders move: the sandbox of the provider, or production.
    """

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        clock: Clock,
        operators: Operators,
        approval: Approval,
        *,
        chat: int | None,
        environment: str,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._operators = operators
        self._approval = approval
        self._chat = chat
        self.environment = environment
        self._kinds: dict[str, Doing] = {}

    def register(self, kind: str, doing: Doing) -> None:
        """Say how orders of `kind` are carried out. Once for each, when the program is put together."""
        if kind in self._kinds:
            raise ValueError(f"two ways to carry out orders of kind {kind}")
        self._kinds[kind] = doing

    async def second(self, operator: int, money: Sequence[Money]) -> Second:
        """Whether moving this needs somebody else than `operator` (numeric id): for cards that ask before they order it."""
        return await self._database.read(lambda session: self._second(session, operator, money, self._clock()))

    async def stage_order(
        self,
        effects: Effects,
        operator: Operator,
        chat_id: int,
        kind: str,
        *,
        money: Sequence[Money],
        about: Mapping[str, str],
        reason: str,
        force_second: bool = False,
    ) -> Order:
        """Order something: carried out at once within the amount that one may move alone, else proposed to a second.

        Look at the state of what comes back. `PROPOSED`: its card goes to whoever can approve it, and to `chat_id`, by
        itself, so nothing more needs to be said. `CARRIED_OUT`: say what began. Raises `OrderRefused` where the kind
        refuses it, or where nobody else could approve it. The transaction raises `LostRace` when what they moved alone
        has become too much for it meanwhile: done again from the start, it waits for a second one.
        """
        now = self._clock()
        second = force_second or (await self.second(operator.telegram_id, money)).needed
        order = Order(
            id=new_id(),
            environment=self.environment,
            kind=kind,
            money=tuple(money),
            about=dict(about),
            asked_by=operator.telegram_id,
            asked_at=now,
            chat_id=chat_id,
            reason=reason[:MOST_WORDS],
            state=OrderState.PROPOSED if second else OrderState.CARRIED_OUT,
            expires_at=now + ORDER_LIFE,
            decided_by=None if second else operator.telegram_id,
            decided_at=None if second else now,
        )
        told = await self._chats(operator, chat_id) if second else []
        carried = None if second else await self._carried(order, operator)
        self._act(effects, operator, kind, order)
        row = order_row(self._keyring, order, told)
        if carried is not None:
            self._stage_alone(effects, order)
        effects.add(lambda session: queries.add_order(session, row))
        if carried is not None:
            _join(effects, carried)
        else:
            cards = card_rows(self._keyring, order.id, order.state, told, now)
            effects.add(lambda session: write_notice_rows(session, cards))
        return order

    async def stage_approve(self, effects: Effects, by: Operator, order: Order) -> Order:
        """A second operator says yes: it is carried out. Raises `OrderRefused` when it is not theirs to say, or is over.

        The transaction raises `LostRace` when any of that changed meanwhile.
        """
        now = self._clock()
        await self.refuse_theirs(order, by)
        asker = await self._operators.of(order.asked_by)
        if asker is None or not asker.role.may(NEEDS):
            raise OrderRefused("ops.order_asker_gone")
        carried = await self._carried(order, by)

        def approve(session: Session) -> None:
            if self._operators.one_person_until(session, order.asked_by, by.telegram_id) is not None:
                raise LostRace
            of = {"environment": self.environment, "state": str(OrderState.CARRIED_OUT)}
            if not queries.approve_order(session, order.id, **of, by=by.telegram_id, now=now):
                raise LostRace

        self._operators.stage_require(effects, Operator(order.asked_by, NEEDS))
        self._act(effects, by, "approve", order)
        effects.add(approve)
        _join(effects, carried)
        return await self._stage_end(effects, order, OrderState.CARRIED_OUT, by, now)

    async def stage_decline(self, effects: Effects, by: Operator, order: Order, reason: str = "") -> Order:
        """It is not to be done: declined by somebody else, withdrawn by whoever asked for it. Otherwise as approving.

        Whoever asked is told the `reason`.
        """
        now = self._clock()
        self._refuse_over(order, now)
        own = order.asked_by == by.telegram_id
        state = OrderState.WITHDRAWN if own else OrderState.DECLINED
        order = replace(order, about={**order.about, WHY_NOT: reason[:MOST_WORDS]}) if reason else order
        about = about_sealed(self._keyring, order.about) if reason else None

        def end(session: Session) -> None:
            end_order = partial(queries.end_order, session, order.id, environment=self.environment)
            if not end_order(state=str(state), by=by.telegram_id, now=now, about=about):
                raise LostRace

        self._act(effects, by, "withdraw" if own else "decline", order, reason=reason)
        effects.add(end)
        return await self._stage_end(effects, order, state, by, now)

    def stage_shown(self, effects: Effects, order: Order, chat_id: int) -> str:
        """An order's card is shown in this chat, where its end is shown too while it waits; the slot of the card."""
        if order.state is OrderState.PROPOSED:
            effects.add(lambda session: queries.tell_also(session, order.id, chat_id))
        return order_slot(order.id)

    def stage_in_place(self, effects: Effects, order: Order, chat_id: int, slot: str) -> None:
        """The card of an order that was just staged is written over the message that stands in `slot`: what asked for it."""
        effects.add(lambda session: move_slot(session, chat_id, slot, order_slot(order.id)))

    async def refuse_theirs(self, order: Order, by: Operator) -> None:
        """Raises `OrderRefused` when an order waits no more, or is their own: nobody approves what they asked for.

        Nor does whoever counts as one person with whoever asked (`bot.engine.operators.newcomers`).
        """
        self._refuse_over(order, self._clock())
        if order.asked_by == by.telegram_id:
            raise OrderRefused("ops.order_own")
        until = await self._database.read(
            lambda session: self._operators.one_person_until(session, order.asked_by, by.telegram_id)
        )
        if until is not None:
            raise OrderRefused("ops.order_newcomer", until=until)

    async def order(self, order_id: str) -> Order | None:
        """One order, as it stands; None where it is of another environment."""
        row = await self._database.read(lambda session: self._row(session, order_id))
        return None if row is None else order_from(self._keyring, row)

    async def waiting(self, page: int) -> tuple[list[Order], Page]:
        """A page of what waits for a second operator, the oldest first."""
        now = self._clock()
        place = {"limit": PAGE + 1, "offset": (page - 1) * PAGE}
        rows = await self._database.read(
            lambda session: queries.waiting_orders(session, environment=self.environment, **place, now=now)
        )
        return [order_from(self._keyring, row) for row in rows[:PAGE]], Page(page, more=len(rows) > PAGE)

    async def waiting_of(self, kind: str) -> list[Order]:
        """All of a kind that waits for a second operator, the newest first."""
        of, now = self.environment, self._clock()
        rows = await self._database.read(
            lambda session: queries.waiting_of_kind(session, kind, environment=of, now=now)
        )
        return [order_from(self._keyring, row) for row in rows]

    def _second(self, session: Session, operator: int, money: Sequence[Money], now: datetime) -> Second:
        """What was carried out on somebody's word alone counts, whatever became of it: also what did not arrive."""
        if self._approval.never:
            return Second(False)
        of = {"environment": self.environment, "state": str(OrderState.CARRIED_OUT)}
        before = queries.moved_alone(session, operator, **of, since=now - ALONE_FOR)
        return self._approval.second(money, [one for row in before for one in money_from(row)])

    def _stage_alone(self, effects: Effects, order: Order) -> None:
        """One operator is enough for this in the transaction too, whatever else they order at the same moment."""

        def check(session: Session) -> None:
            queries.hold_alone(session, order.asked_by)
            if self._second(session, order.asked_by, order.money, order.asked_at).needed:
                raise LostRace

        effects.add(check)

    async def _carried(self, order: Order, by: Operator) -> Effects:
        """What carrying it out will write, apart: a kind that refuses half way must leave nothing behind."""
        carried = Effects()
        await self._kinds[order.kind].stage(carried, order, by)
        return carried

    async def _chats(self, operator: Operator, chat_id: int) -> list[int]:
        """Where the card of a new order goes. Raises `OrderRefused` where nobody else could say yes."""
        team = await self._operators.team()
        others = [one.telegram_id for one in team if one.role.may(NEEDS) and one.telegram_id != operator.telegram_id]
        if not others:
            raise OrderRefused("ops.order_nobody")
        chats = others if self._chat is None else [self._chat]
        return [*dict.fromkeys((chat_id, *chats))]

    async def _stage_end(self, effects: Effects, order: Order, state: OrderState, by: Operator, now: datetime) -> Order:
        row = await self._database.read(lambda session: self._row(session, order.id))
        assert row is not None
        rows = card_rows(self._keyring, order.id, state, json.loads(row.told), now)
        followed = state is OrderState.CARRIED_OUT and order.kind in _FOLLOWED
        if order.asked_by != by.telegram_id and not followed:  # who ended it themselves knows
            rows.append(news_row(self._keyring, order.id, order.chat_id, now))
        effects.add(lambda session: write_notice_rows(session, rows))
        return replace(order, state=state, decided_by=by.telegram_id, decided_at=now)

    def _row(self, session: Session, order_id: str) -> OperatorOrder | None:
        return queries.order_by_id(session, order_id, environment=self.environment)

    def _refuse_over(self, order: Order, now: datetime) -> None:
        if order.environment != self.environment and order.state is OrderState.PROPOSED:
            raise OrderRefused("ops.order_not_here")
        state = OrderState.EXPIRED if order.state is OrderState.PROPOSED and order.expires_at <= now else order.state
        if state is not OrderState.PROPOSED:
            ended = "with_role" if order.went_with_role else state
            raise OrderRefused(f"ops.order_over_{ended}", by=order.decided_by, at=order.decided_at or order.expires_at)

    def _act(self, effects: Effects, operator: Operator, action: str, order: Order, reason: str = "") -> None:
        """The record holds no names or numbers of people: those are sealed in the order's row."""
        code = order.about.get(PAYMENT)
        after = {"order": order.id, "amount": ", ".join(str(one) for one in order.money) or "–", "state": order.state}
        own = action == order.kind
        self._operators.stage_act(
            effects,
            operator,
            action,
            target=f"order:{order.id}" if code is None else f"payment:{code}",
            reason=reason or order.reason,
            before=None if own else {"asked by": order.asked_by, "what": order.kind},
            after=after if own else {"order": order.id},
        )


def _join(effects: Effects, others: Effects) -> None:
    effects.add(others.write)
    effects.after_commit(others.finish)
