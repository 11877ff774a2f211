"""/reconcile: what differs between our books and the provider's, a comparison now, and what becomes of a difference."""

from collections.abc import Iterable
from datetime import date

from bot.engine.operators.reconcile_results import ItemView
from bot.engine.operators.results import Question, Role
from bot.payments.reconciling import DifferenceKind
from bot.screens.operators.attention import REASONS
from bot.screens.operators.parts import usage
from bot.screens.operators.reconciling import (
    ALL,
    BOOKING_REASONS,
    gap_gone,
    gap_screen,
    gaps_screen,
    reconcile_screen,
    why_booked,
    why_gap_resolved,
)
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift, page_of
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
            Press("gaps", "page-", Role.VIEWER, self._page),
            Press("gaps", "table", Role.OPERATOR, self._table),
            Press("gap", "show", Role.VIEWER, self._item),
            Press("gap", "resolve", Role.OPERATOR, self._why),
            Press("gap", "book", Role.OWNER, self._why_booked),
        )

    def answers(self) -> Iterable[Answer]:
        return (
            Answer("gap_resolve", Role.OPERATOR, self._reason),
            Answer("gap_book", Role.OWNER, self._booking),
        )

    async def _command(self, shift: Shift, said: str) -> None:
        texts = shift.turn.texts
        if not said:
            shift.say(reconcile_screen(texts, await self._reconciling.look()), slot=_SLOT)
            return
        day = self._reconciling.read_day(said)
        if day is None:
            shift.say(usage(texts, "reconcile"))
        elif not shift.role.may(Role.OPERATOR):
            role, own = (texts.plain(f"ops.role.{one}") for one in (Role.OPERATOR, shift.role))
            shift.tell(texts("ops.needs_role", role=role, own=own))
        else:
            await self._begin(shift, day)

    async def _show(self, shift: Shift, tap: OperatorTap) -> None:
        shift.say(reconcile_screen(shift.turn.texts, await self._reconciling.look()), slot=_SLOT)

    async def _begin_it(self, shift: Shift, tap: OperatorTap) -> None:
        day = self._reconciling.read_day(tap.record)
        if day is not None:
            await self._begin(shift, day)

    async def _begin(self, shift: Shift, day: date) -> None:
        """Begin a comparison; its card follows it."""
        texts, look = shift.turn.texts, await self._reconciling.look()
        if await self._reconciling.under_way(day) is not None:
            shift.tell(texts("ops.reconcile_already", day=day.isoformat()))
            return
        run = self._reconciling.stage_begin(shift.turn.effects, shift.operator, shift.chat, texts.language, day)
        shift.say(reconcile_screen(texts, look, run), slot=self._reconciling.slot_of(run), fresh=True)

    async def _page(self, shift: Shift, tap: OperatorTap) -> None:
        if tap.record != ALL and tap.record not in tuple(DifferenceKind):
            return
        kind = None if tap.record == ALL else DifferenceKind(tap.record)
        items, page, count = await self._reconciling.page(kind, page_of(tap))
        shift.say(gaps_screen(shift.turn.texts, kind, items, page, count), slot="o:gaps")

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
            shift.tell(shift.turn.texts("ops.done"))

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
        shift.tell(shift.turn.texts("ops.done"))

    async def _answered(
        self, shift: Shift, asked: Question, words: str, keys: tuple[str, ...]
    ) -> tuple[ItemView | None, str | None]:
        """What a reason is about, and the reason, which may be one of `keys`; a card that is not so any more is said."""
        texts = shift.turn.texts
        if shift.turn.query_id is not None:
            key = next((key for key in keys if key.endswith(f"_{words}")), None)
            if key is None:
                return None, None
            words = texts.plain(key)
        item = await self._reconciling.item(asked.target.partition(_BREAK)[0])
        self._operators.stage_answered(shift.turn.effects, asked)
        if item is None or item.state != "open" or _as_seen(item) != asked.target:
            shift.tell(texts("ops.gap_changed"))
            return None, None
        return item, words

    async def _open(self, shift: Shift, item_id: str) -> ItemView | None:
        item = await self._reconciling.item(item_id)
        if item is None or item.state != "open":
            shift.turn.answer_tap("ops.gap_changed", alert=True)
            return None
        return item


def _as_seen(item: ItemView) -> str:
    return _BREAK.join((item.id, item.ours, item.theirs))
