"""/payout and /collect: the house pays somebody, or collects from somebody's phone. The card asks first."""

from collections.abc import Iterable

from bot.engine.operators.house_results import Draft, Kind
from bot.engine.operators.order_results import OrderRefused, OrderState
from bot.engine.operators.results import Question, Role
from bot.payments.house_lines import HouseFault, word_of
from bot.payments.wrong_words import WrongWord
from bot.screens.operators.house import (
    ONCE_MORE,
    OTHER_NETWORK,
    house_fault,
    house_short,
    house_too_late,
    party,
    sure_of_house,
    why_stopped,
)
from bot.screens.operators.orders import refused_names
from bot.screens.operators.parts import wrong_word
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift, question_slot
from handlers.operators.services import DeskServices

_MOST_WORDS = 60
_CHOICES = ("yes", ONCE_MORE, OTHER_NETWORK)
_LEAST_WORDS = 1  # what else is missing is told by its name


class HouseRoom:
    """Payments of the house. Nothing is ordered by a single line or tap: the card asks, and its question is used once."""

    def __init__(self, desk: DeskServices) -> None:
        self._paying_out = desk.paying_out
        self._approvals = desk.approvals
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (
            Command("payout", Role.OPERATOR, self._payout, words=(_LEAST_WORDS, _MOST_WORDS)),
            Command("collect", Role.OPERATOR, self._collect, words=(_LEAST_WORDS, _MOST_WORDS)),
        )

    def presses(self) -> Iterable[Press]:
        return (Press("house", "stop", Role.OPERATOR, self._why),)

    def answers(self) -> Iterable[Answer]:
        return (
            Answer("payout", Role.OPERATOR, self._answer, by_words=False, choices=_CHOICES),
            Answer("collection", Role.OPERATOR, self._answer, by_words=False, choices=_CHOICES),
            Answer("house_stop", Role.OPERATOR, self._stop),
        )

    async def _payout(self, shift: Shift, said: str) -> None:
        await self._read(shift, "payout", said, "payout")

    async def _collect(self, shift: Shift, said: str) -> None:
        await self._read(shift, "collection", said, "collect")

    async def _read(self, shift: Shift, kind: Kind, said: str, command: str) -> None:
        texts = shift.turn.texts
        draft = self._paying_out.read(kind, said, shift.operator, texts.language)
        if isinstance(draft, WrongWord):
            shift.say(wrong_word(texts, command, draft))
        elif isinstance(draft, HouseFault):
            shift.say(house_fault(texts, draft, command, word_of(draft, said)))
        else:
            await self._ask(shift, draft)

    async def _ask(self, shift: Shift, draft: Draft) -> None:
        """What it means, and whether it is to be done; what the balance does not cover is not asked."""
        prospect = await self._paying_out.look(draft)
        if (left := prospect.left) is not None and left.missing is not None:
            shift.say(house_short(shift.turn.texts, left.missing, left))
            return
        asked = self._paying_out.stage_ask(shift.turn.effects, shift.operator, shift.chat, draft)
        shift.say(sure_of_house(shift.turn.texts, asked.id, prospect))

    async def _answer(self, shift: Shift, asked: Question, choice: str) -> None:
        draft = self._paying_out.draft_of(asked)
        if choice in ("yes", ONCE_MORE):
            self._operators.stage_answered(shift.turn.effects, asked)
            if choice == "yes" and await self._paying_out.repeat(draft) is not None:  # somebody paid it meanwhile
                await self._ask(shift, draft)
            else:
                await self._order(shift, asked, draft)
        elif choice.startswith(OTHER_NETWORK) and choice.removeprefix(OTHER_NETWORK).isdecimal():
            self._operators.stage_answered(shift.turn.effects, asked)
            place = int(choice.removeprefix(OTHER_NETWORK))
            await self._ask(shift, self._paying_out.with_network(draft, place))

    async def _why(self, shift: Shift, tap: OperatorTap) -> None:
        """Ask for the reason; nothing is taken back before it is given."""
        view = await self._paying_out.by_code(tap.record)
        if view is None or not view.can_stop:
            shift.turn.answer_tap("ops.house_too_late", alert=True)
            return
        asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "house_stop", view.code)
        shift.say(why_stopped(shift.turn.texts, asked.id, view))

    async def _stop(self, shift: Shift, asked: Question, words: str) -> None:
        if shift.turn.query_id is not None:  # its only choice is to do nothing
            return
        view = await self._paying_out.by_code(asked.target)
        self._operators.stage_answered(shift.turn.effects, asked)
        if view is None or not view.can_stop:
            shift.say(house_too_late(shift.turn.texts))
            return
        self._paying_out.stage_stop(shift.turn.effects, shift.operator, view, words)
        shift.turn.answered()

    async def _order(self, shift: Shift, asked: Question, draft: Draft) -> None:
        """The card of the payment comes by itself; that of an order which waits for somebody else in place of the question."""
        turn = shift.turn
        who = party(turn.texts, draft.request)
        try:
            order = await self._paying_out.stage_order(turn.effects, shift.operator, shift.chat, draft, who=who)
        except OrderRefused as refused:
            shift.tell(turn.texts(refused.text_key, **refused_names(turn.texts, refused)))
            return
        if order.state is OrderState.PROPOSED:
            self._approvals.stage_in_place(turn.effects, order, shift.chat, question_slot(asked.id))
        turn.answered()
        turn.answer_tap()
