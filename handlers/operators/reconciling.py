"""/reconcile: what differs between our books and the provider's, a comparison now, and what becomes of a difference."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from bot.engine.operators.reconcile_results import ItemView
from bot.engine.operators.reconciling import Booked
from bot.engine.operators.results import Question, Role
from bot.payments.money import Money
from bot.payments.reconciling import DifferenceKind
from bot.payments.wrong_words import WrongWord
from bot.screens.operators.attention import REASONS
from bot.screens.operators.parts import needs_role, wrong_word
from bot.screens.operators.reconciling import (
    ALL,
    BOOKING_REASONS,
    gap_done,
    gap_gone,
    gap_screen,
    gaps_done,
    gaps_screen,
    reconcile_screen,
    why_all_booked,
    why_all_resolved,
    why_booked,
    why_gap_resolved,
)
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift, choices_of, page_of
from handlers.operators.services import DeskServices

_SLOT = "o:reconcile"
_BREAK = "\n"  # between a difference and what it was when the question was asked


class ReconcileRoom:
    """Looks for all, comparing and closing for operators, the books for owners. Nothing here moves money."""

    def __init__(self, desk: DeskServices) -> None:
        self._reconciling = desk.reconciling
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (Command("reconcile", Role.VIEWER, self._command, words=(0, 1)),)

    def presses(self) -> Iterable[Press]:
        return (
            Press("reconcile", "show", Role.VIEWER, self._show),
            Press("reconcile", "begin", Role.OPERATOR, self._begin_it),
            Press("reconcile", "stop", Role.OPERATOR, self._stop),
            Press("gaps", "page-", Role.VIEWER, self._page),
            Press("gaps", "table", Role.OPERATOR, self._table),
            Press("gaps", "resolve", Role.OPERATOR, self._why_all),
            Press("gaps", "book", Role.OWNER, self._why_all_booked),
            Press("gap", "show", Role.VIEWER, self._item),
            Press("gap", "resolve", Role.OPERATOR, self._why),
            Press("gap", "book", Role.OWNER, self._why_booked),
        )

    def answers(self) -> Iterable[Answer]:
        return (
            Answer("gap_resolve", Role.OPERATOR, self._reason, choices=choices_of(REASONS)),
            Answer("gap_book", Role.OWNER, self._booking, choices=choices_of(BOOKING_REASONS)),
            Answer("gaps_resolve", Role.OPERATOR, self._reason_of_all, choices=choices_of(REASONS)),
            Answer("gaps_book", Role.OWNER, self._booking_of_all, choices=choices_of(BOOKING_REASONS)),
        )

    async def _command(self, shift: Shift, said: str) -> None:
        texts = shift.turn.texts
        if not said:
            shift.say(reconcile_screen(texts, await self._reconciling.look(), role=shift.role), slot=_SLOT)
            return
        day = self._reconciling.read_day(said)
        if isinstance(day, WrongWord):
            shift.say(wrong_word(texts, "reconcile", day))
        elif not shift.role.may(Role.OPERATOR):
            shift.tell(needs_role(texts, Role.OPERATOR, shift.role))
        else:
            await self._begin(shift, day)

    async def _show(self, shift: Shift, tap: OperatorTap) -> None:
        look = await self._reconciling.look()
        shift.say(reconcile_screen(shift.turn.texts, look, role=shift.role), slot=_SLOT)

    async def _begin_it(self, shift: Shift, tap: OperatorTap) -> None:
        day = self._reconciling.read_day(tap.record)
        if not isinstance(day, WrongWord):
            await self._begin(shift, day)

    async def _begin(self, shift: Shift, day: date) -> None:
        """Begin a comparison; its card follows it."""
        texts, look = shift.turn.texts, await self._reconciling.look()
        if await self._reconciling.under_way(day) is not None:
            shift.tell(texts("ops.reconcile_already", day=day.isoformat()))
            return
        run = self._reconciling.stage_begin(shift.turn.effects, shift.operator, shift.chat, texts.language, day)
        counted = replace(run, total=await self._reconciling.count(day))
        shift.say(reconcile_screen(texts, look, counted), slot=self._reconciling.slot_of(run), fresh=True)

    async def _stop(self, shift: Shift, tap: OperatorTap) -> None:
        """End a comparison where it is; it only reads, so nothing is asked."""
        found = await self._reconciling.run(tap.record)
        if found is None:
            return
        run, look = found
        if run.ended_at is None:
            run = self._reconciling.stage_stop(shift.turn.effects, shift.operator, run)
            look = replace(look, running=None)
            shift.turn.answer_tap("ops.reconcile_will_stop")
        else:
            shift.turn.answer_tap("ops.reconcile_over", alert=True)
        screen = reconcile_screen(shift.turn.texts, look, run, role=shift.role)
        shift.say(screen, slot=self._reconciling.slot_of(run))

    async def _page(self, shift: Shift, tap: OperatorTap) -> None:
        if tap.record != ALL and tap.record not in tuple(DifferenceKind):
            return
        kind = None if tap.record == ALL else DifferenceKind(tap.record)
        items, page, count = await self._reconciling.page(kind, page_of(tap))
        shift.say(gaps_screen(shift.turn.texts, kind, items, page, count, shift.role), slot="o:gaps")

    async def _table(self, shift: Shift, tap: OperatorTap) -> None:
        """A file with everything of a list, or of all."""
        if tap.record != ALL and tap.record not in tuple(DifferenceKind):
            return
        self._reconciling.stage_export(shift.turn.effects, shift.operator)
        shift.turn.show("operator_differences", {"language": shift.turn.texts.language, "list": tap.record})
        shift.turn.answer_tap("ops.table_comes")

    async def _item(self, shift: Shift, tap: OperatorTap) -> None:
        item = await self._reconciling.item(tap.record)
        texts = shift.turn.texts
        if item is None:
            shift.say(gap_gone(texts))
        else:
            shift.say(gap_screen(texts, item, shift.role), slot=f"o:gap:{item.id}")

    async def _why(self, shift: Shift, tap: OperatorTap) -> None:
        """Ask for the reason; nothing is done before it is given."""
        item = await self._open(shift, tap.record)
        if item is not None:
            asked = self._operators.stage_ask(
                shift.turn.effects, shift.operator, shift.chat, "gap_resolve", _as_seen(item)
            )
            shift.say(why_gap_resolved(shift.turn.texts, asked.id, item))

    async def _reason(self, shift: Shift, asked: Question, words: str) -> None:
        item, reason = await self._answered(shift, asked, words, REASONS)
        if item is not None and reason is not None:
            self._reconciling.stage_resolve(shift.turn.effects, shift.operator, item, reason)
            shift.say(gap_done(shift.turn.texts, item))

    async def _why_booked(self, shift: Shift, tap: OperatorTap) -> None:
        """Say what would be booked, and ask why: the reason is the yes."""
        item = await self._open(shift, tap.record)
        if item is None:
            return
        booked = await self._reconciling.booked(item)
        if booked is None:
            shift.turn.answer_tap("ops.gap_changed", alert=True)
            return
        asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "gap_book", _as_seen(item))
        shift.say(why_booked(shift.turn.texts, asked.id, item, booked.account, booked.money))

    async def _booking(self, shift: Shift, asked: Question, words: str) -> None:
        item, reason = await self._answered(shift, asked, words, BOOKING_REASONS)
        if item is None or reason is None:
            return
        booked = await self._reconciling.booked(item)
        if booked is None:
            shift.tell(shift.turn.texts("ops.gap_changed"))
            return
        self._reconciling.stage_book(shift.turn.effects, shift.operator, item, booked, reason)
        shift.say(gap_done(shift.turn.texts, item))

    async def _why_all(self, shift: Shift, tap: OperatorTap) -> None:
        """Ask for one reason for a whole list."""
        items = await self._whole(shift, tap)
        if items:
            asked = self._ask_for_all(shift, "gaps_resolve", items)
            shift.say(why_all_resolved(shift.turn.texts, asked.id, items[0].kind, len(items)))

    async def _reason_of_all(self, shift: Shift, asked: Question, words: str) -> None:
        items, reason = await self._all_answered(shift, asked, words, REASONS)
        if reason is None:
            return
        for item in items:
            self._reconciling.stage_resolve(shift.turn.effects, shift.operator, item, reason)
        shift.say(gaps_done(shift.turn.texts, items[0].kind, len(items)))

    async def _why_all_booked(self, shift: Shift, tap: OperatorTap) -> None:
        """Say what would be booked for a whole list, and ask why: the reason is the yes."""
        items = await self._whole(shift, tap)
        found = await self._bookable(items)
        if not found:
            shift.turn.answer_tap("ops.gap_changed", alert=True)
            return
        sums: dict[tuple[str, str], Money] = {}
        for _, booked in found:
            key = (booked.account, booked.money.currency)
            sums[key] = sums[key] + booked.money if key in sums else booked.money
        asked = self._ask_for_all(shift, "gaps_book", items)
        lines = [(account, money) for (account, _), money in sorted(sums.items(), key=lambda one: one[0])]
        shift.say(why_all_booked(shift.turn.texts, asked.id, items[0].kind, lines))

    async def _booking_of_all(self, shift: Shift, asked: Question, words: str) -> None:
        items, reason = await self._all_answered(shift, asked, words, BOOKING_REASONS)
        if reason is None:
            return
        found = await self._bookable(items)
        for item, booked in found:
            self._reconciling.stage_book(shift.turn.effects, shift.operator, item, booked, reason)
        shift.say(gaps_done(shift.turn.texts, items[0].kind, len(found)))

    async def _whole(self, shift: Shift, tap: OperatorTap) -> list[ItemView]:
        items: list[ItemView] = []
        if tap.record in tuple(DifferenceKind):
            items = await self._reconciling.whole_list(DifferenceKind(tap.record))
        if not items:
            shift.turn.answer_tap("ops.gap_changed", alert=True)
        return items

    async def _bookable(self, items: list[ItemView]) -> list[tuple[ItemView, Booked]]:
        found = [(item, await self._reconciling.booked(item)) for item in items]
        return [(item, booked) for item, booked in found if booked is not None]

    def _ask_for_all(self, shift: Shift, action: str, items: list[ItemView]) -> Question:
        target = _BREAK.join((items[0].kind, _all_as_seen(items)))
        return self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, action, target)

    async def _all_answered(
        self, shift: Shift, asked: Question, words: str, keys: tuple[str, ...]
    ) -> tuple[list[ItemView], str | None]:
        """The list that a reason is about, and the reason; a list that changed meanwhile is left as it is."""
        reason = _reason_in(shift, words, keys)
        if reason is None:
            return [], None
        kind, _, seen = asked.target.partition(_BREAK)
        items = await self._reconciling.whole_list(DifferenceKind(kind))
        self._operators.stage_answered(shift.turn.effects, asked)
        if not items or _all_as_seen(items) != seen:
            shift.tell(shift.turn.texts("ops.gap_changed"))
            return [], None
        return items, reason

    async def _answered(
        self, shift: Shift, asked: Question, words: str, keys: tuple[str, ...]
    ) -> tuple[ItemView | None, str | None]:
        """What a reason is about, and the reason, which may be one of `keys`; a card that is not so any more is said."""
        reason = _reason_in(shift, words, keys)
        if reason is None:
            return None, None
        item = await self._reconciling.item(asked.target.partition(_BREAK)[0])
        self._operators.stage_answered(shift.turn.effects, asked)
        if item is None or item.state != "open" or _as_seen(item) != asked.target:
            shift.tell(shift.turn.texts("ops.gap_changed"))
            return None, None
        return item, reason

    async def _open(self, shift: Shift, item_id: str) -> ItemView | None:
        item = await self._reconciling.item(item_id)
        if item is None or item.state != "open":
            shift.turn.answer_tap("ops.gap_changed", alert=True)
            return None
        return item


def _reason_in(shift: Shift, words: str, keys: tuple[str, ...]) -> str | None:
    """The reason that was written, or the one of `keys` that was tapped; None for a tap that is none of them."""
    if shift.turn.query_id is None:
        return words
    key = next((key for key in keys if key.endswith(f"_{words}")), None)
    return None if key is None else shift.turn.texts.plain(key)


def _all_as_seen(items: list[ItemView]) -> str:
    """A short name for a list as it is now: another one as soon as anything in it is another."""
    return hashlib.sha256("\0".join(_as_seen(item) for item in items).encode()).hexdigest()


def _as_seen(item: ItemView) -> str:
    return _BREAK.join((item.id, item.ours, item.theirs))
