"""/approvals: what waits for a second operator, and saying yes or no to it."""

from collections.abc import Iterable

from bot.engine.operators.order_results import Order, OrderRefused, OrderState
from bot.engine.operators.results import Question, Role
from bot.screens.operators.orders import (
    DECLINES,
    NO_REASON,
    order_card,
    order_gone,
    orders_screen,
    refused_names,
    sure_to_approve,
    why_declined,
)
from bot.screens.operators.parts import note
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift, page_of, question_slot
from handlers.operators.services import DeskServices

_SLOT = "o:orders"


class OrderRoom:
    """Orders. Saying yes asks once more; what an order does stands above the button."""

    def __init__(self, desk: DeskServices) -> None:
        self._approvals = desk.approvals
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (Command("approvals", Role.VIEWER, self._list),)

    def presses(self) -> Iterable[Press]:
        return (
            Press("order", "page-", Role.VIEWER, self._turn),
            Press("order", "show", Role.VIEWER, self._show),
            Press("order", "approve", Role.OPERATOR, self._sure),
            Press("order", "decline", Role.OPERATOR, self._decline),
        )

    def answers(self) -> Iterable[Answer]:
        return (
            Answer("approve", Role.OPERATOR, self._approve, by_words=False),
            Answer("decline", Role.OPERATOR, self._declined, choices=tuple(key.rsplit("_", 1)[1] for key in DECLINES)),
        )

    async def _list(self, shift: Shift, said: str) -> None:
        await self._page(shift, 1)

    async def _turn(self, shift: Shift, tap: OperatorTap) -> None:
        await self._page(shift, page_of(tap))

    async def _page(self, shift: Shift, number: int) -> None:
        orders, page = await self._approvals.waiting(number)
        shift.say(orders_screen(shift.turn.texts, orders, page, await self._operators.names(), shift.role), slot=_SLOT)

    async def _show(self, shift: Shift, tap: OperatorTap) -> None:
        order = await self._approvals.order(tap.record)
        texts = shift.turn.texts
        if order is None:
            shift.say(order_gone(texts))
        else:
            slot = self._approvals.stage_shown(shift.turn.effects, order, shift.chat)
            card = order_card(texts, order, await self._operators.names(), chat_id=shift.chat, role=shift.role)
            shift.say(card, slot=slot, fresh=True)

    async def _sure(self, shift: Shift, tap: OperatorTap) -> None:
        """Ask once more; what can be refused already is refused before."""
        order = await self._approvals.order(tap.record)
        try:
            if order is None:
                raise OrderRefused("ops.order_not_here")
            await self._approvals.refuse_theirs(order, shift.operator)
        except OrderRefused as refused:
            names = refused_names(shift.turn.texts, refused, await self._operators.names())
            shift.turn.answer_tap(refused.text_key, alert=True, **names)
            return
        asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "approve", order.id)
        shift.say(sure_to_approve(shift.turn.texts, asked.id, order, await self._operators.names()))

    async def _approve(self, shift: Shift, asked: Question, choice: str) -> None:
        if choice != "yes":
            return
        self._operators.stage_answered(shift.turn.effects, asked)
        order = await self._approvals.order(asked.target)
        await self._end(shift, order, yes=True, asked=asked)

    async def _decline(self, shift: Shift, tap: OperatorTap) -> None:
        """Ask for a reason, which whoever asked for it is told. What is their own is withdrawn at once."""
        order = await self._approvals.order(tap.record)
        if order is None or order.state is not OrderState.PROPOSED or order.asked_by == shift.operator.telegram_id:
            await self._end(shift, order, yes=False)
            return
        asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "decline", order.id)
        shift.say(why_declined(shift.turn.texts, asked.id, order))

    async def _declined(self, shift: Shift, asked: Question, words: str) -> None:
        texts = shift.turn.texts
        if shift.turn.query_id is not None:  # one of the reasons that are given most, or none
            key = next((key for key in DECLINES if key.endswith(f"_{words}")), None)
            if key is None:
                return
            words = "" if words == NO_REASON else texts.plain(key)
        self._operators.stage_answered(shift.turn.effects, asked)
        await self._end(shift, await self._approvals.order(asked.target), yes=False, reason=words, asked=asked)

    async def _end(
        self, shift: Shift, order: Order | None, *, yes: bool, reason: str = "", asked: Question | None = None
    ) -> None:
        """What became of it takes the place of the question that was tapped: the order's own card shows the rest."""
        slot = None if asked is None or shift.turn.query_id is None else question_slot(asked.id)
        texts, effects = shift.turn.texts, shift.turn.effects
        if order is None:
            shift.say(order_gone(texts), slot=slot)
            return
        try:
            if yes:
                ended = await self._approvals.stage_approve(effects, shift.operator, order)
            else:
                ended = await self._approvals.stage_decline(effects, shift.operator, order, reason)
        except OrderRefused as refused:
            names = refused_names(texts, refused, await self._operators.names())
            shift.say(note(texts(refused.text_key, **names)), slot=slot)
            return
        shift.say(note(texts(f"ops.order_did_{ended.state}")), slot=slot)
