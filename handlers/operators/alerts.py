"""/alerts: what operators are called for, each kind on, silent or off, and below which balances."""

from collections.abc import Iterable

from bot.engine.operators.alert_results import AlertKind, AlertMode, Rule
from bot.engine.operators.alert_rules import read_floor
from bot.engine.operators.results import Question, Role
from bot.payments.wrong_words import Why, WrongWord
from bot.screens.foreign import Html
from bot.screens.formats import money
from bot.screens.operators.alerts import rule_screen, rules_screen, sure_to_turn_off, title
from bot.screens.operators.parts import joined, needs_role, wrong_word
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift
from handlers.operators.services import DeskServices
from handlers.services import Services

_SLOT = "o:alerts"
_LOW = "low"


class AlertRoom:
    """How operators are called. What is turned off asks first; the rest is as easily undone as done."""

    def __init__(self, services: Services, desk: DeskServices) -> None:
        self._clock = services.clock
        self._rules = desk.alerts
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (Command("alerts", Role.VIEWER, self._alerts, words=(0, 3)),)

    def presses(self) -> Iterable[Press]:
        return (
            Press("alerts", "list", Role.VIEWER, self._list),
            Press("alerts", "show", Role.VIEWER, self._show),
            Press("alerts", "on", Role.OPERATOR, self._change),
            Press("alerts", "silent", Role.OPERATOR, self._change),
            Press("alerts", "off", Role.OPERATOR, self._sure),
        )

    def answers(self) -> Iterable[Answer]:
        return (Answer("alerts_off", Role.OPERATOR, self._turn_off, by_words=False),)

    async def _alerts(self, shift: Shift, said: str) -> None:
        match said.split():
            case []:
                shift.say(rules_screen(shift.turn.texts, await self._rules.all()), slot=_SLOT)
            case [word, first, second] if word.lower() == _LOW and shift.role.may(Role.OPERATOR):
                await self._low(shift, first, second)
            case [word, _, _] if word.lower() == _LOW:
                shift.tell(needs_role(shift.turn.texts, Role.OPERATOR, shift.role))
            case [word, *rest]:
                wrong = (
                    WrongWord(Why.MISSING, (word, *rest)[-1]) if word.lower() == _LOW else WrongWord(Why.ALERTS, word)
                )
                shift.say(wrong_word(shift.turn.texts, "alerts", wrong))

    async def _low(self, shift: Shift, first: str, second: str) -> None:
        texts, floor = shift.turn.texts, read_floor(first, second)
        if isinstance(floor, WrongWord):
            shift.say(wrong_word(texts, "alerts", floor))
            return
        floors = {one.money.currency: one.money for one in await self._rules.floors()}
        was = floors.get(floor.currency)
        same = floor == was or (was is None and not floor.amount)
        if not same:
            self._rules.stage_floor(shift.turn.effects, shift.operator, floor, was)
        key = "alert.floor_chosen" if floor.amount else "alert.floor_none"
        told = texts(key, floor=money(floor, texts.language))
        shift.tell(joined([told, texts("ops.unchanged") if same else Html("")]))

    async def _list(self, shift: Shift, tap: OperatorTap) -> None:
        shift.say(rules_screen(shift.turn.texts, await self._rules.all()), slot=_SLOT)

    async def _show(self, shift: Shift, tap: OperatorTap) -> None:
        rule = await self._rule(tap.record)
        if rule is not None:
            await self._card(shift, rule)

    async def _change(self, shift: Shift, tap: OperatorTap) -> None:
        rule = await self._rule(tap.record)
        if rule is not None:
            await self._set(shift, rule, AlertMode(tap.action))

    async def _sure(self, shift: Shift, tap: OperatorTap) -> None:
        rule = await self._rule(tap.record)
        if rule is not None:
            asked = self._operators.stage_ask(
                shift.turn.effects, shift.operator, shift.chat, "alerts_off", str(rule.kind)
            )
            shift.say(sure_to_turn_off(shift.turn.texts, asked.id, rule.kind))

    async def _turn_off(self, shift: Shift, asked: Question, choice: str) -> None:
        rule = await self._rule(asked.target)
        if choice == "yes" and rule is not None:
            self._operators.stage_answered(shift.turn.effects, asked)
            await self._set(shift, rule, AlertMode.OFF)

    async def _set(self, shift: Shift, rule: Rule, mode: AlertMode) -> None:
        texts = shift.turn.texts
        same = rule.mode is mode
        if not same:
            self._rules.stage_mode(shift.turn.effects, shift.operator, rule, mode)
        told = texts("alert.mode_set", title=title(texts, rule.kind), mode=texts.plain(f"alert.mode.{mode}"))
        shift.tell(joined([told, texts("ops.unchanged") if same else Html("")]))

    async def _card(self, shift: Shift, rule: Rule) -> None:
        alerts, count = await self._rules.lasting(rule.kind)
        floors = await self._rules.floors() if rule.kind is AlertKind.LOW_BALANCE else ()
        screen = rule_screen(shift.turn.texts, rule, alerts, count, floors, shift.role, self._clock())
        shift.say(screen, slot=_SLOT)

    async def _rule(self, kind: str) -> Rule | None:
        """A kind by the name that a button carries."""
        return next((one for one in await self._rules.all() if one.kind == kind), None)
