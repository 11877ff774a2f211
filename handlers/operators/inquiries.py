"""/cases: customers who ask for a person. Whoever of the team replies to a message of one answers that customer."""

from collections.abc import Iterable

from bot.engine.inquiries import Inquiries, inquiry_slot
from bot.engine.operators.results import Role
from bot.engine.operators.word_results import Inquiry
from bot.screens.inquiries import answered, closed, note_slot
from bot.screens.operators.inquiries import (
    answer_sent,
    colleague_answered,
    inquiries_screen,
    inquiry_card,
    not_sent,
)
from bot.screens.taps import OperatorTap
from bot.screens.texts import catalogue
from handlers.operators.room import Answer, Command, Press, Shift, page_of
from handlers.operators.services import DeskServices
from handlers.services import Services

NEEDS = Role.OPERATOR  # to answer


class InquiryRoom:
    """What customers ask the team."""

    def __init__(self, services: Services, desk: DeskServices) -> None:
        self._outbox = services.outbox
        self._clock = services.clock
        self._inquiries: Inquiries = desk.inquiries

    def commands(self) -> Iterable[Command]:
        return (Command("cases", Role.VIEWER, self._list),)

    def presses(self) -> Iterable[Press]:
        return (
            Press("inquiries", "page-", Role.VIEWER, self._turn),
            Press("inquiry", "show", Role.VIEWER, self._show),
            Press("inquiry", "close", NEEDS, self._close),
            Press("inquiry", "reopen", NEEDS, self._reopen),
        )

    def answers(self) -> Iterable[Answer]:
        return ()

    async def behind(self, shift: Shift, message_id: int) -> str | None:
        """The inquiry to which a message of ours in this chat belongs, if it belongs to one."""
        return await self._inquiries.behind(shift.chat, message_id)

    async def reply(self, shift: Shift, inquiry_id: str, words: str) -> None:
        """Somebody of the team replies: the customer gets the words, and the other chats of the team see them."""
        texts, effects = shift.turn.texts, shift.turn.effects
        inquiry = await self._inquiries.by_id(inquiry_id)
        if inquiry is None:
            shift.tell(texts("ops.inquiry_gone"))
            return
        if inquiry.closed_at is not None:
            shift.say(not_sent(texts, inquiry))
            return
        message = self._inquiries.stage_answer(effects, shift.operator, inquiry, words)
        theirs = catalogue(inquiry.language)
        self._outbox.say(
            effects,
            chat_id=inquiry.chat_id,
            screen=answered(theirs, inquiry.id, words),
            dedupe_key=f"inquiry:{inquiry.id}:{message}",
            slot=inquiry_slot(inquiry.id, message),
        )
        await self._inquiries.stage_post(
            effects,
            inquiry.id,
            message,
            lambda language: colleague_answered(catalogue(language), inquiry, shift.operator.telegram_id, words),
            but=shift.chat,
        )
        await self._inquiries.stage_card(effects, inquiry.id, message)
        shift.say(answer_sent(texts, inquiry))

    async def _list(self, shift: Shift, said: str) -> None:
        await self._page(shift, 1)

    async def _turn(self, shift: Shift, tap: OperatorTap) -> None:
        await self._page(shift, page_of(tap))

    async def _page(self, shift: Shift, number: int) -> None:
        found, page, count = await self._inquiries.page(number)
        shift.say(inquiries_screen(shift.turn.texts, found, page, count, self._clock()), slot="o:inquiries")

    async def _show(self, shift: Shift, tap: OperatorTap) -> None:
        """The card anew, below everything: it can be replied to as the first one can."""
        inquiry = await self._inquiry(shift, tap)
        if inquiry is not None:
            slot = inquiry_slot(inquiry.id, f"u{shift.turn.update_id}")
            shift.say(inquiry_card(shift.turn.texts, inquiry, shift.role), slot=slot, fresh=True)

    async def _close(self, shift: Shift, tap: OperatorTap) -> None:
        inquiry = await self._inquiry(shift, tap)
        if inquiry is None:
            return
        if inquiry.closed_at is not None:
            shift.turn.answer_tap("ops.inquiry_closed_already", alert=True)
            return
        effects = shift.turn.effects
        self._inquiries.stage_close(effects, inquiry, shift.operator)
        self._outbox.say(
            effects,
            chat_id=inquiry.chat_id,
            screen=closed(catalogue(inquiry.language), inquiry.id, by_team=True),
            dedupe_key=f"inquiry:{inquiry.id}:u{shift.turn.update_id}",
            slot=note_slot(inquiry.id),
            fresh=True,
        )
        await self._inquiries.stage_card(effects, inquiry.id, f"u{shift.turn.update_id}")
        shift.turn.answer_tap("ops.inquiry_closed_now")

    async def _reopen(self, shift: Shift, tap: OperatorTap) -> None:
        inquiry = await self._inquiry(shift, tap)
        if inquiry is None:
            return
        if inquiry.closed_at is None or await self._inquiries.of(inquiry.customer_id) is not None:
            shift.turn.answer_tap("ops.inquiry_not_reopened", alert=True)
            return
        self._inquiries.stage_reopen(shift.turn.effects, inquiry, shift.operator)
        await self._inquiries.stage_card(shift.turn.effects, inquiry.id, f"u{shift.turn.update_id}")
        shift.turn.answer_tap("ops.inquiry_reopened", alert=True)

    async def _inquiry(self, shift: Shift, tap: OperatorTap) -> Inquiry | None:
        inquiry = await self._inquiries.by_id(tap.record)
        if inquiry is None:
            shift.turn.answer_tap("ops.inquiry_gone", alert=True)
        return inquiry
