"""/attention and /resolve: what waits for a person, and closing an item with a reason."""

from collections.abc import Iterable

from bot.engine.operators.results import Case, Question, Role
from bot.payments.references import read_payment_code
from bot.payments.wrong_words import Why, WrongWord
from bot.screens.operators.attention import (
    REASONS,
    attention_screen,
    case_gone,
    case_resolved,
    case_screen,
    cases_rows,
    why_resolved,
)
from bot.screens.operators.parts import wrong_word
from bot.screens.operators.payment import payment_unknown
from bot.screens.screen import Screen
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift, choices_of, page_of
from handlers.operators.services import DeskServices
from handlers.services import Services

_MOST_WORDS = 100
_SLOT = "o:attention"


class AttentionRoom:
    """The attention list."""

    def __init__(self, services: Services, desk: DeskServices) -> None:
        self._clock = services.clock
        self._attention = desk.attention
        self._inspecting = desk.inspecting
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (
            Command("attention", Role.VIEWER, self._list),
            Command("resolve", Role.OPERATOR, self._resolve, words=(2, _MOST_WORDS)),
        )

    def presses(self) -> Iterable[Press]:
        return (
            Press("attention", "page-", Role.VIEWER, self._turn),
            Press("case", "show", Role.VIEWER, self._show),
            Press("case", "resolve", Role.OPERATOR, self._why),
        )

    def answers(self) -> Iterable[Answer]:
        return (Answer("resolve", Role.OPERATOR, self._reason, choices=choices_of(REASONS)),)

    async def _list(self, shift: Shift, said: str) -> None:
        await self._page(shift, 1)

    async def _turn(self, shift: Shift, tap: OperatorTap) -> None:
        await self._page(shift, page_of(tap))

    async def _page(self, shift: Shift, number: int) -> None:
        cases, page, count = await self._attention.page(number)
        shift.say(attention_screen(shift.turn.texts, cases, page, count, self._clock()), slot=_SLOT)

    async def _show(self, shift: Shift, tap: OperatorTap) -> None:
        case = await self._attention.case(tap.record)
        texts = shift.turn.texts
        if case is None:
            shift.say(case_gone(texts))
        else:
            shift.say(case_screen(texts, case, shift.role, self._clock()), slot=f"o:case:{case.id}")

    async def _why(self, shift: Shift, tap: OperatorTap) -> None:
        """Ask for the reason; nothing is done before it is given."""
        case = await self._attention.case(tap.record)
        if case is None or case.resolved_at is not None:
            shift.turn.answer_tap("ops.case_closed_already", alert=True)
            return
        asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "resolve", case.id)
        shift.say(why_resolved(shift.turn.texts, asked.id, case))

    async def _reason(self, shift: Shift, asked: Question, words: str) -> None:
        texts = shift.turn.texts
        if shift.turn.query_id is not None:  # one of the reasons that are given most
            key = next((key for key in REASONS if key.endswith(f"_{words}")), None)
            if key is None:
                return
            words = texts.plain(key)
        case = await self._attention.case(asked.target)
        self._operators.stage_answered(shift.turn.effects, asked)
        if case is None or case.resolved_at is not None:
            shift.tell(texts("ops.case_closed_already"))
        else:
            await self._do(shift, case, words)

    async def _resolve(self, shift: Shift, said: str) -> None:
        """The item of a payment, by the payment's reference; where it has several, they are shown."""
        reference, _, why = said.partition(" ")
        texts, code = shift.turn.texts, read_payment_code(reference)
        if code is None:
            shift.say(wrong_word(texts, "resolve", WrongWord(Why.REFERENCE, reference)))
            return
        payment_id = await self._inspecting.id_of(code)
        file = None if payment_id is None else await self._inspecting.file(payment_id)
        if file is None:
            shift.say(payment_unknown(texts))
        elif not file.cases:
            shift.tell(texts("ops.case_none_of_payment"))
        elif len(file.cases) > 1:
            shift.say(Screen(text=texts("ops.case_several"), rows=cases_rows(texts, file.cases)))
        else:
            await self._do(shift, file.cases[0], why)

    async def _do(self, shift: Shift, case: Case, reason: str) -> None:
        await self._attention.stage_resolve(shift.turn.effects, shift.operator, case, reason)
        shift.say(case_resolved(shift.turn.texts, case))
