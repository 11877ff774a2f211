"""/ops, /balances, /audit and /export: the business at one look, and its records."""

from collections.abc import Iterable

from bot.engine.operators.exporting import MOST_ROWS, read_period
from bot.engine.operators.results import Role
from bot.payments.wrong_words import WrongWord
from bot.screens.operators.orders import what
from bot.screens.operators.overview import balances_screen, overview_screen
from bot.screens.operators.parts import wrong_word
from bot.screens.operators.record import LOOKS, audit_screen, order_of
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift, page_of
from handlers.operators.services import DeskServices


class OverviewRoom:
    """What is seen first."""

    def __init__(self, desk: DeskServices) -> None:
        self._overseeing = desk.overseeing
        self._operators = desk.operators
        self._exporting = desk.exporting
        self._approvals = desk.approvals

    def commands(self) -> Iterable[Command]:
        return (
            Command("ops", Role.VIEWER, self._ops),
            Command("balances", Role.VIEWER, self._balances),
            Command("audit", Role.VIEWER, self._audit),
            Command("export", Role.OPERATOR, self._export, words=(1, 2)),
        )

    def presses(self) -> Iterable[Press]:
        return (
            Press("ops", "show", Role.VIEWER, self._refresh),
            Press("balances", "show", Role.VIEWER, self._refresh_balances),
            Press("audit", "page-", Role.VIEWER, self._turn_audit),
        )

    def answers(self) -> Iterable[Answer]:
        return ()

    async def _ops(self, shift: Shift, said: str) -> None:
        seen = await self._overseeing.overview()
        texts = shift.turn.texts
        week = [[day.date.isoformat(), day.completed, day.under_way, day.without_success] for day in seen.week]
        shift.turn.show("operator_week", {"language": texts.language, "week": week})
        shift.say(overview_screen(texts, seen), slot="o:ops")

    async def _refresh(self, shift: Shift, tap: OperatorTap) -> None:
        shift.say(overview_screen(shift.turn.texts, await self._overseeing.overview()), slot="o:ops")

    async def _balances(self, shift: Shift, said: str) -> None:
        balances = await self._overseeing.balances()
        screen = balances_screen(shift.turn.texts, self._overseeing.environment, balances)
        shift.say(screen, slot="o:balances")

    async def _refresh_balances(self, shift: Shift, tap: OperatorTap) -> None:
        await self._balances(shift, "")

    async def _audit(self, shift: Shift, said: str) -> None:
        await self._show_audit(shift, 1, looks=False)

    async def _turn_audit(self, shift: Shift, tap: OperatorTap) -> None:
        await self._show_audit(shift, page_of(tap), looks=tap.record == LOOKS)

    async def _show_audit(self, shift: Shift, number: int, *, looks: bool) -> None:
        actions, page = await self._operators.audit(number, looks=looks)
        texts, ordered = shift.turn.texts, {}
        for order_id in filter(None, map(order_of, actions)):
            order = await self._approvals.order(order_id)
            if order is not None:
                ordered[order_id] = what(texts, order, shift.role)
        names = await self._operators.names()
        shift.say(audit_screen(texts, actions, page, looks=looks, names=names, ordered=ordered), slot="o:audit")

    async def _export(self, shift: Shift, said: str) -> None:
        """Payments of a time as a table: a line at once, the file as soon as it is made."""
        texts = shift.turn.texts
        period = read_period(said, self._exporting.today)
        if isinstance(period, WrongWord):
            shift.say(wrong_word(texts, "export", period))
            return
        span = {"first": period.first.isoformat(), "last": period.last.isoformat()}
        count = await self._exporting.count(period)
        if count == 0:
            shift.tell(texts("ops.export_none", **span))
        elif count > MOST_ROWS:
            shift.tell(texts("ops.export_many", count=count, most=MOST_ROWS, **span))
        else:
            self._exporting.stage_export(shift.turn.effects, shift.operator, period)
            shift.tell(texts("ops.exporting", count=count, **span))
            shift.turn.show("operator_export", {"language": texts.language, **span})
