"""What operators are called with: one message for each kind of alert, what to do about it, and how each kind is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from bot.engine.operators.alert_results import Alert, AlertKind, AlertMode, Floor, GroupStanding, Rule
from bot.engine.operators.results import Health, Overview, Role
from bot.payments.money import Money, UnknownCurrencyError
from bot.payments.reconciling import DifferenceKind
from bot.screens.foreign import Html
from bot.screens.formats import money
from bot.screens.operators.overview import (
    environment_line,
    figure_lines,
    house_lines,
    provider_lines,
    states_in_words,
    used_balance_lines,
)
from bot.screens.operators.parts import FIRST, Choice, age, button, joined, label_of, moment, named, question, quote
from bot.screens.screen import Button, Screen
from bot.screens.taps import OperatorTap
from bot.screens.texts import Texts

Rows = tuple[tuple[Button, ...], ...]
_ICONS: Final = {AlertMode.ON: "🔔", AlertMode.SILENT: "🔕", AlertMode.OFF: "⏹"}
_MOST_BUTTONS: Final = 3
_OF_CASES: Final = (AlertKind.ATTENTION, AlertKind.KEY_REFUSED, AlertKind.SERVICE_NOT_ENABLED)
_OTHERS: Final = (AlertKind.CUSTOMERS, AlertKind.SUMMARY)  # whose messages are not about something that lasts


@dataclass(frozen=True, slots=True)
class CallbackState:
    """Whether the provider's callbacks can reach us: `reachable` by an address, `signed`, and the last that came."""

    reachable: bool
    signed: bool
    last: datetime | None


def title(texts: Texts, kind: AlertKind) -> str:
    """What a kind is called; the name of its topic as well."""
    return texts.plain(f"alert.title.{kind}")


def alert_screen(texts: Texts, kind: AlertKind, alerts: Sequence[Alert], count: int, now: datetime) -> Screen:
    """Everything of a kind that lasts or is just over, and what to do."""
    lasting = [one for one in alerts if one.over_at is None]
    key = "alert.head" if lasting else "alert.head_over"
    lines = [texts(key, title=title(texts, kind)), *_lines(texts, alerts, count, now)]
    blocks = [joined(lines, gap="\n\n")]
    if lasting and kind not in _OTHERS:
        blocks.append(texts("alert.todo.opening" if _opens_books(lasting) else f"alert.todo.{kind}"))
    return Screen(text=joined(blocks, gap="\n\n"), rows=(*_ways(texts, kind, lasting), _settings_row(texts, kind)))


def start_screen(
    texts: Texts,
    kinds: Sequence[AlertKind],
    group: GroupStanding,
    environment: str,
    health: Health,
    callbacks: CallbackState,
    now: datetime,
) -> Screen:
    """The line of a start: alerts of these kinds reach this place, and how we stand with the provider."""
    names = ", ".join(title(texts, kind) for kind in kinds)
    lines = [
        texts("alert.start", kinds=names),
        environment_line(texts, environment),
        *provider_lines(texts, health),
        _callbacks(texts, callbacks, now),
    ]
    if group is GroupStanding.NO_RIGHT:
        lines.append(texts("alert.no_right"))
    if group is GroupStanding.NONE:
        lines.append(texts("alert.no_group"))
    return Screen(text=joined(lines))


def summary_screen(texts: Texts, seen: Overview, day: str) -> Screen:
    """How a day went, below its picture."""
    figures = [texts("alert.day_none", day=day)]
    if seen.states:
        figures = [texts("alert.day", day=day, states=states_in_words(texts, seen)), *figure_lines(texts, seen)]
    waits = texts("ops.waiting", count=seen.open_cases) if seen.open_cases else texts("ops.waiting_none")
    blocks = [
        environment_line(texts, seen.environment),
        joined([*figures, *house_lines(texts, seen)]),
        waits,
        joined(used_balance_lines(texts, seen)),
    ]
    row = (
        button(texts, "ops.button_attention", "attention", FIRST, "page-1"),
        button(texts, "ops.button_balances", "balances", FIRST, "show"),
    )
    return Screen(text=joined(blocks, gap="\n\n"), rows=(row,))


def rules_screen(texts: Texts, rules: Sequence[Rule]) -> Screen:
    """The answer to /alerts: how each kind is told."""
    lines = [_rule(texts, one) for one in rules]
    buttons = [
        Button(label_of(f"{_ICONS[one.mode]} {title(texts, one.kind)}"), OperatorTap("alerts", one.kind, "show").pack())
        for one in rules
    ]
    rows = tuple(tuple(buttons[place : place + 2]) for place in range(0, len(buttons), 2))
    return Screen(text=joined([texts("alert.rules"), joined(lines)], gap="\n\n"), rows=rows)


def rule_screen(
    texts: Texts, rule: Rule, alerts: Sequence[Alert], count: int, floors: Sequence[Floor], role: Role, now: datetime
) -> Screen:
    """One kind: how it is told, what of it lasts, and the ways to change that."""
    blocks = [texts("alert.rule", title=title(texts, rule.kind), mode=texts.plain(f"alert.mode.{rule.mode}"))]
    blocks.append(texts(f"alert.about.{rule.kind}"))
    if rule.kind is AlertKind.LOW_BALANCE:
        blocks.append(_floors(texts, floors))
    blocks += _lines(texts, alerts, count, now)
    rows: Rows = ()
    if role.may(Role.OPERATOR):
        modes = [mode for mode in AlertMode if mode is not rule.mode]
        rows = (tuple(button(texts, f"alert.button_{mode}", "alerts", rule.kind, mode) for mode in modes),)
    ways = _ways(texts, rule.kind, [one for one in alerts if one.over_at is None], role)
    back = (button(texts, "alert.button_all", "alerts", FIRST, "list"),)
    return Screen(text=joined(blocks, gap="\n\n"), rows=(*ways, *rows, back))


def sure_to_turn_off(texts: Texts, asked: str, kind: AlertKind) -> Screen:
    """Asked before a kind is not told any more."""
    yes: Choice = (texts.plain("alert.button_off"), "yes", "danger")
    return question(texts, asked, texts("alert.sure_off", title=title(texts, kind)), choices=[yes])


def _lines(texts: Texts, alerts: Sequence[Alert], count: int, now: datetime) -> list[Html]:
    lines = []
    for one in alerts:
        told = _told(texts, one, now)
        lines.append(told if one.over_at is None else texts("alert.over", what=told, time=moment(one.over_at)))
    if count > len(alerts):
        lines.append(texts("alert.more", count=count - len(alerts)))
    return lines


def _told(texts: Texts, one: Alert, now: datetime) -> Html:
    """What is wrong, in a line or two. A fact that is not there is shown as a dash."""
    facts = one.facts
    match one.kind:
        case AlertKind.ATTENTION:
            head = texts(
                "alert.case", concern=named(texts, "concern", _fact(facts, "concern")), code=_fact(facts, "code")
            )
            return joined([head, quote(_fact(facts, "detail"))])
        case AlertKind.KEY_REFUSED | AlertKind.SERVICE_NOT_ENABLED:
            return quote(_fact(facts, "detail"))
        case AlertKind.LOW_BALANCE:
            figures = {name: _figure(texts, facts, name) for name in ("payout", "floor", "deposit")}
            return texts("alert.low", wallet=one.key, **figures)
        case AlertKind.FORGED_CALLBACKS:
            what = "unknown" if facts.get("what") == "unknown_token" else "forged"
            return texts(f"alert.callbacks_{what}", count=one.times, time=moment(one.last_at))
        case AlertKind.PROVIDER_DOWN:
            call = {name: _fact(facts, name) for name in ("operation", "outcome")}
            return texts("alert.down", time=moment(_time(facts, "since", one.began_at)), **call)
        case AlertKind.PROVIDER_SLOW:
            return texts("alert.slow", seconds=_fact(facts, "seconds"), time=moment(one.began_at))
        case AlertKind.POLLS_OVERDUE:
            spell = age(texts, now - _time(facts, "since", one.began_at))
            return texts("alert.late_polls", count=_fact(facts, "count"), code=_fact(facts, "code"), age=spell)
        case AlertKind.UNDELIVERABLE:
            return _unheard(texts, facts)
        case AlertKind.RECONCILIATION:
            key = "alert.opening" if _opens_books([one]) else "alert.differences"
            return texts(key, count=_fact(facts, "count"), day=_fact(facts, "day"))
        case AlertKind.CUSTOMERS | AlertKind.SUMMARY:
            return texts("alert.other", what=one.key)


def _unheard(texts: Texts, facts: Mapping[str, str]) -> Html:
    match facts.get("what"):
        case "late":
            return texts("alert.unheard_late", count=_fact(facts, "count"))
        case "chat":
            return texts("alert.unheard_chat")
        case "refused":
            return texts("alert.unheard_refused", code=_fact(facts, "code"))
        case _:
            return texts("alert.unheard_parked", code=_fact(facts, "code"))


def _ways(texts: Texts, kind: AlertKind, lasting: Sequence[Alert], role: Role = Role.OWNER) -> Rows:
    """Where to look next: the things themselves, then where they stand together."""
    rows: list[tuple[Button, ...]] = []
    for one in lasting[:_MOST_BUTTONS]:
        code = one.facts.get("code")
        if kind in _OF_CASES:
            label = f"{code or '–'} · {named(texts, 'concern', _fact(one.facts, 'concern'))}"
            rows.append((Button(label_of(label), OperatorTap("case", one.key, "show").pack()),))
        elif code:
            rows.append((Button(code, OperatorTap("payment", code, "show").pack()),))
    match kind:
        case AlertKind.ATTENTION:
            rows.append((button(texts, "ops.button_attention", "attention", FIRST, "page-1"),))
        case AlertKind.LOW_BALANCE:
            rows.append((button(texts, "ops.button_balances", "balances", FIRST, "show"),))
        case AlertKind.RECONCILIATION:
            if _opens_books(lasting) and role.may(Role.OWNER):
                rows.append((button(texts, "ops.button_book_all", "gaps", DifferenceKind.BALANCE, "book"),))
            rows.append((button(texts, "ops.button_reconcile", "reconcile", FIRST, "show"),))
        case AlertKind.PROVIDER_DOWN | AlertKind.PROVIDER_SLOW | AlertKind.POLLS_OVERDUE:
            rows.append((button(texts, "alert.button_ops", "ops", FIRST, "show"),))
        case _:
            pass
    return tuple(rows)


def _opens_books(lasting: Sequence[Alert]) -> bool:
    """Whether all that differs is what the wallets held before there were books."""
    return any(one.kind is AlertKind.RECONCILIATION and one.facts.get("what") == "opening" for one in lasting)


def _settings_row(texts: Texts, kind: AlertKind) -> tuple[Button, ...]:
    return (button(texts, "alert.button_rule", "alerts", kind, "show"),)


def _rule(texts: Texts, one: Rule) -> Html:
    values = {"icon": _ICONS[one.mode], "title": title(texts, one.kind), "mode": texts.plain(f"alert.mode.{one.mode}")}
    if one.lasting:
        return texts("alert.rule_line_now", count=one.lasting, **values)
    return texts("alert.rule_line", **values)


def _floors(texts: Texts, floors: Sequence[Floor]) -> Html:
    told = " · ".join(money(one.money, texts.language) for one in floors)
    head = texts("alert.floors", floors=told) if floors else texts("alert.floors_none")
    return joined([head, texts("ops.usage_alerts")])


def _callbacks(texts: Texts, state: CallbackState, now: datetime) -> Html:
    if not state.reachable:
        return texts("alert.callbacks_nowhere")
    last = texts.plain("alert.callbacks_never")
    if state.last is not None:
        last = texts.plain("alert.callbacks_last", age=age(texts, now - state.last))
    return texts("alert.callbacks_signed" if state.signed else "alert.callbacks_unsigned", last=last)


def _fact(facts: Mapping[str, str], name: str) -> str:
    return facts.get(name) or "–"


def _figure(texts: Texts, facts: Mapping[str, str], name: str) -> str:
    try:
        return money(Money(Decimal(facts[name]), facts["currency"]), texts.language)
    except (KeyError, InvalidOperation, UnknownCurrencyError, ValueError):
        return _fact(facts, name)


def _time(facts: Mapping[str, str], name: str, otherwise: datetime) -> datetime:
    try:
        return datetime.fromisoformat(facts[name])
    except (KeyError, ValueError):
        return otherwise
