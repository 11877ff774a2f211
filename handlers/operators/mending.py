"""/retry and /refund: trying again what failed with a payment, and paying back what is owed of it."""

from collections.abc import Iterable
from typing import Final

from bot.engine.operators.mending import ARRIVED, REFUND, RETRY, Draft, Remedy, Verb
from bot.engine.operators.order_results import OrderRefused, OrderState
from bot.engine.operators.results import Question, Role
from bot.payments.references import read_payment_code
from bot.payments.wrong_words import Why, WrongWord
from bot.screens.operators.mending import sure_to_mend, who_gets, why_mend
from bot.screens.operators.orders import refused_names
from bot.screens.operators.parts import wrong_word
from bot.screens.operators.payment import payment_unknown
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift, question_slot
from handlers.operators.services import DeskServices

_MOST_WORDS: Final = 100
_TO: Final = frozenset({"to", "kwa", "à"})


class MendRoom:
    """Putting payments right. A new leg is asked for, ordered, and above the limit approved by a second operator."""

    def __init__(self, desk: DeskServices) -> None:
        self._mending = desk.mending
        self._approvals = desk.approvals
        self._inspecting = desk.inspecting
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (
            Command(RETRY, Role.OPERATOR, self._retry, words=(2, _MOST_WORDS)),
            Command(REFUND, Role.OPERATOR, self._refund, words=(2, _MOST_WORDS)),
        )

    def presses(self) -> Iterable[Press]:
        return (
            Press("payment", RETRY, Role.OPERATOR, self._why),
            Press("payment", REFUND, Role.OPERATOR, self._why),
            Press("payment", ARRIVED, Role.OPERATOR, self._why),
        )

    def answers(self) -> Iterable[Answer]:
        return (
            Answer(f"{RETRY}_why", Role.OPERATOR, self._reason),
            Answer(f"{REFUND}_why", Role.OPERATOR, self._reason),
            Answer(f"{ARRIVED}_why", Role.OPERATOR, self._reason),
            Answer(RETRY, Role.OPERATOR, self._order, by_words=False),
            Answer(REFUND, Role.OPERATOR, self._order, by_words=False),
            Answer(ARRIVED, Role.OPERATOR, self._order, by_words=False),
        )

    async def _retry(self, shift: Shift, said: str) -> None:
        code, _, reason = said.partition(" ")
        await self._sure(shift, await self._draft(shift, RETRY, code, reason.strip()))

    async def _refund(self, shift: Shift, said: str) -> None:
        code, _, rest = said.partition(" ")
        word, _, named = rest.strip().partition(" ")
        if word.lower() not in _TO:
            await self._sure(shift, await self._draft(shift, REFUND, code, rest.strip()))
            return
        party, _, reason = named.partition(":")
        if not (party.strip() and reason.strip()):
            shift.say(wrong_word(shift.turn.texts, REFUND, WrongWord(Why.COLON if party.strip() else Why.PARTY)))
            return
        draft = await self._draft(shift, REFUND, code, reason.strip())
        if draft is None:
            return
        try:
            to = await self._mending.payee(draft.payment_id, party.split())
        except OrderRefused as refused:
            self._say_refused(shift, refused)
            return
        await self._sure(shift, Draft(draft.verb, draft.payment_id, draft.code, draft.reason, to))

    async def _why(self, shift: Shift, tap: OperatorTap) -> None:
        """Ask for the reason; what cannot be done is said before."""
        verb: Verb = RETRY if tap.action == RETRY else ARRIVED if tap.action == ARRIVED else REFUND
        draft = await self._draft(shift, verb, tap.record, "")
        if draft is None or await self._remedy(shift, draft) is None:
            return
        asked = self._mending.stage_ask(shift.turn.effects, shift.operator, shift.chat, draft, why=True)
        shift.say(why_mend(shift.turn.texts, asked.id, verb, draft.code))

    async def _reason(self, shift: Shift, asked: Question, words: str) -> None:
        if shift.turn.query_id is not None:
            return
        draft = self._mending.draft_of(asked)
        self._operators.stage_answered(shift.turn.effects, asked)
        await self._sure(shift, Draft(draft.verb, draft.payment_id, draft.code, words, draft.to))

    async def _sure(self, shift: Shift, draft: Draft | None) -> None:
        """What moves money anew is asked for; what was agreed and only waits is done."""
        remedy = None if draft is None else await self._remedy(shift, draft)
        if draft is None or remedy is None:
            return
        texts = shift.turn.texts
        if remedy.step != "order":
            await self._now(shift, draft, remedy)
            return
        assert remedy.money is not None
        asked = self._mending.stage_ask(shift.turn.effects, shift.operator, shift.chat, draft, why=False)
        who = who_gets(texts, await self._mending.who(draft, remedy))
        second = await self._approvals.second(shift.operator.telegram_id, [remedy.money])
        screen = sure_to_mend(texts, asked.id, draft.code, draft.verb, remedy.money, who, draft.reason, second=second)
        shift.say(screen)

    async def _now(self, shift: Shift, draft: Draft, remedy: Remedy) -> None:
        texts = shift.turn.texts
        try:
            if remedy.step == "return":
                await self._mending.must_be_returnable(remedy)
        except OrderRefused as refused:
            self._say_refused(shift, refused)
            return
        self._mending.stage_now(shift.turn.effects, shift.operator, draft, remedy)
        shift.tell(texts(f"ops.retry_{remedy.step}", code=draft.code))

    async def _order(self, shift: Shift, asked: Question, choice: str) -> None:
        if choice != "yes":
            return
        draft, texts, effects = self._mending.draft_of(asked), shift.turn.texts, shift.turn.effects
        self._operators.stage_answered(effects, asked)
        remedy = await self._remedy(shift, draft)
        if remedy is None:
            return
        if remedy.step != "order":
            await self._now(shift, draft, remedy)
            return
        who = who_gets(texts, await self._mending.who(draft, remedy))
        try:
            order = await self._mending.stage_order(effects, shift.operator, shift.chat, draft, remedy, who=who)
        except OrderRefused as refused:
            self._say_refused(shift, refused)
            return
        if order.state is OrderState.CARRIED_OUT:
            shift.tell(texts(f"ops.{draft.verb}_begins", code=draft.code))
        else:  # its card comes in place of the question
            self._approvals.stage_in_place(effects, order, shift.chat, question_slot(asked.id))
            shift.turn.answered()
            shift.turn.answer_tap()

    async def _draft(self, shift: Shift, verb: Verb, said: str, reason: str) -> Draft | None:
        """What was asked for; None, and said why, where there is no such payment."""
        code = read_payment_code(said)
        if code is None:
            shift.say(wrong_word(shift.turn.texts, verb, WrongWord(Why.REFERENCE, said)))
            return None
        payment_id = await self._inspecting.id_of(code)
        if payment_id is None:
            shift.say(payment_unknown(shift.turn.texts))
            return None
        return Draft(verb, payment_id, code, reason)

    async def _remedy(self, shift: Shift, draft: Draft) -> Remedy | None:
        try:
            return await self._mending.remedy(draft)
        except OrderRefused as refused:
            self._say_refused(shift, refused)
            return None

    def _say_refused(self, shift: Shift, refused: OrderRefused) -> None:
        texts = shift.turn.texts
        shift.tell(texts(refused.text_key, **refused_names(texts, refused)))
