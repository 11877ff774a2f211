"""/limits, /limit and /fees: what may be moved and what is charged, seen by all operators and changed by owners.

Nothing is changed by a line alone: the card shows before and after, and asks. What was shown as before is part of the
question, so that a yes to something that was changed meanwhile does nothing.
"""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from bot.engine.operators.results import CustomerFile, Question, Role
from bot.payments.allowances import Bounds, LimitScope, Spot
from bot.payments.fees import Fee, read_fee
from bot.payments.money import to_plain
from bot.payments.states import PaymentKind
from bot.payments.tariff_lines import FeeLine, LimitLine, NotCharged, read_customer_line, read_fee_line, read_limit_line
from bot.payments.wrong_words import WrongWord
from bot.screens.foreign import Html
from bot.screens.operators.parts import needs_role, wrong_word
from bot.screens.operators.tariffs import (
    charged_kinds,
    customer_limits_screen,
    default_fee,
    example_of,
    fee_name,
    fee_told,
    fees_screen,
    limit_told,
    limits_screen,
    spot_name,
    sure_fee,
    sure_limit,
)
from handlers.operators.room import Answer, Command, Press, Shift
from handlers.operators.services import DeskServices


class TariffRoom:
    """What is allowed and what is charged."""

    def __init__(self, desk: DeskServices) -> None:
        self._tariffs = desk.tariffs
        self._clientele = desk.clientele
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (
            Command("limits", Role.VIEWER, self._limits, words=(0, 8)),
            Command("limit", Role.VIEWER, self._limit, words=(1, 6)),
            Command("fees", Role.VIEWER, self._fees, words=(0, 6)),
        )

    def presses(self) -> Iterable[Press]:
        return ()

    def answers(self) -> Iterable[Answer]:
        return (
            Answer("limit", Role.OWNER, self._set_limit, by_words=False),
            Answer("fee", Role.OWNER, self._set_fee, by_words=False),
        )

    async def _limits(self, shift: Shift, said: str) -> None:
        texts = shift.turn.texts
        await self._tariffs.refresh()
        if not said:
            rules = self._tariffs.rules()
            used = await self._tariffs.used_today(spot for spot in rules if spot.scope is LimitScope.COUNTRY)
            shift.say(limits_screen(texts, self._tariffs.limits, rules, used, shift.role))
            return
        line = read_limit_line(said, self._tariffs.limits)
        if isinstance(line, WrongWord):
            shift.say(wrong_word(texts, "limits", line))
        elif self._is_owner(shift):
            await self._ask_limit(shift, line, None)

    async def _limit(self, shift: Shift, said: str) -> None:
        texts = shift.turn.texts
        who, _, rest = said.partition(" ")
        found = (await self._clientele.find(who)).customers
        if len(found) != 1:
            shift.tell(texts("ops.limit_no_customer", customer=who))
        elif not rest.strip():
            await self._show_customer(shift, found[0])
        elif isinstance(line := read_customer_line(rest, found[0].id, self._tariffs.limits), WrongWord):
            shift.say(wrong_word(texts, "limit", line))
        elif self._is_owner(shift):
            await self._ask_limit(shift, line, str(found[0].telegram_id))

    async def _show_customer(self, shift: Shift, file: CustomerFile) -> None:
        await self._tariffs.refresh()
        own, general = await self._tariffs.rules_of(file.id), self._tariffs.rules()
        currencies = {*own, *(spot.currency for spot in general if spot.scope is LimitScope.DAY)}
        spots = [Spot(LimitScope.CUSTOMER, file.id, currency) for currency in sorted(currencies)]
        used = await self._tariffs.used_today(spots)
        shift.say(customer_limits_screen(shift.turn.texts, file, own, general, used, shift.role))

    async def _ask_limit(self, shift: Shift, line: LimitLine, named: str | None) -> None:
        texts, spot = shift.turn.texts, line.spot
        was = await self._tariffs.rule(spot)
        holds = self._default_bounds(spot) if was is None else was
        if line.bounds in (was, holds):
            shift.tell(texts("ops.tariff_same", what=spot_name(texts, spot, named)))
            return
        target = {
            "spot": [str(spot.scope), spot.subject, spot.currency],
            "named": named,
            "was": _packed(was),
            "now": _packed(line.bounds),
        }
        asked = self._operators.stage_ask(
            shift.turn.effects, shift.operator, shift.chat, "limit", json.dumps(target, separators=(",", ":"))
        )
        before, after = self._told(shift, spot, was), self._told(shift, spot, line.bounds)
        shift.say(sure_limit(texts, asked.id, spot, named, before, after))

    async def _set_limit(self, shift: Shift, asked: Question, choice: str) -> None:
        if choice != "yes":
            return
        texts, target = shift.turn.texts, json.loads(asked.target)
        scope, subject, currency = target["spot"]
        spot, named = Spot(LimitScope(scope), subject, currency), target["named"]
        was, now = _unpacked(target["was"]), _unpacked(target["now"])
        self._operators.stage_answered(shift.turn.effects, asked)
        if await self._tariffs.rule(spot) != was:
            shift.tell(texts("ops.tariff_changed_meanwhile"))
            return
        self._tariffs.stage_limit(shift.turn.effects, shift.operator, spot, was=was, now=now, named=named)
        shift.tell(texts("ops.tariff_done", what=spot_name(texts, spot, named), value=self._told(shift, spot, now)))

    def _told(self, shift: Shift, spot: Spot, bounds: Bounds | None) -> Html:
        return limit_told(shift.turn.texts, spot, bounds, self._default_bounds(spot))

    def _default_bounds(self, spot: Spot) -> Bounds | None:
        """What holds where nothing was set here: the settings say it of one payment only."""
        default = self._tariffs.default_limits.get(spot.currency) if spot.scope is LimitScope.PAYMENT else None
        return None if default is None else Bounds(default.minimum, default.maximum)

    async def _fees(self, shift: Shift, said: str) -> None:
        texts = shift.turn.texts
        await self._tariffs.refresh()
        if not said:
            shift.say(fees_screen(texts, self._tariffs.fees, self._tariffs.set_fees(), shift.role))
            return
        line = read_fee_line(said)
        if isinstance(line, WrongWord):
            shift.say(wrong_word(texts, "fees", line))
        elif isinstance(line, NotCharged):
            shift.tell(texts("ops.fee_not_charged", journeys=charged_kinds()))
        elif self._is_owner(shift):
            self._ask_fee(shift, line)

    def _ask_fee(self, shift: Shift, line: FeeLine) -> None:
        texts, kind, currency = shift.turn.texts, line.kind, line.currency
        was, default = self._tariffs.set_fees().get((kind, currency)), self._default(kind, currency)
        if line.fee in (was, default if was is None else was):
            shift.tell(texts("ops.tariff_same", what=fee_name(texts, kind, currency)))
            return
        target = {
            "kind": str(kind),
            "currency": currency,
            "was": None if was is None else was.written,
            "now": None if line.fee is None else line.fee.written,
        }
        asked = self._operators.stage_ask(
            shift.turn.effects, shift.operator, shift.chat, "fee", json.dumps(target, separators=(",", ":"))
        )
        before, after = fee_told(texts, currency, was, default), fee_told(texts, currency, line.fee, default)
        example = example_of(currency, self._tariffs.limits)
        shift.say(sure_fee(texts, asked.id, kind, currency, before, after, line.fee or default, example))

    async def _set_fee(self, shift: Shift, asked: Question, choice: str) -> None:
        if choice != "yes":
            return
        texts, target = shift.turn.texts, json.loads(asked.target)
        kind, currency = PaymentKind(target["kind"]), target["currency"]
        was, now = (None if target[name] is None else read_fee(target[name]) for name in ("was", "now"))
        self._operators.stage_answered(shift.turn.effects, asked)
        await self._tariffs.refresh()
        if self._tariffs.set_fees().get((kind, currency)) != was:
            shift.tell(texts("ops.tariff_changed_meanwhile"))
            return
        self._tariffs.stage_fee(shift.turn.effects, shift.operator, kind, currency, was=was, now=now)
        value = fee_told(texts, currency, now, self._default(kind, currency))
        shift.tell(texts("ops.tariff_done", what=fee_name(texts, kind, currency), value=value))

    def _default(self, kind: PaymentKind, currency: str) -> Fee:
        return default_fee(self._tariffs.default_fees, kind, currency)

    def _is_owner(self, shift: Shift) -> bool:
        """Whether they may change it; where not, they are told."""
        if shift.role.may(Role.OWNER):
            return True
        shift.tell(needs_role(shift.turn.texts, Role.OWNER, shift.role))
        return False


def _packed(bounds: Bounds | None) -> list[str | None] | None:
    if bounds is None:
        return None
    return [None if bounds.least is None else to_plain(bounds.least), to_plain(bounds.most)]


def _unpacked(packed: Any) -> Bounds | None:
    if packed is None:
        return None
    least, most = packed
    return Bounds(None if least is None else Decimal(least), Decimal(most))
