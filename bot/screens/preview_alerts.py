"""What operators are called with, for the page that shows every screen."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from bot.engine.operators.alert_results import Alert, AlertKind, AlertMode, Floor, GroupStanding, Rule
from bot.engine.operators.results import Health, Overview, Role
from bot.screens.operators.alerts import (
    CallbackState,
    alert_screen,
    rule_screen,
    rules_screen,
    start_screen,
    summary_screen,
    sure_to_turn_off,
)
from bot.screens.preview_orders import Sample
from bot.screens.samples import NOW
from bot.screens.texts import Texts

_ID: Final = "01JDN7Q4T8Z6V9W2X3Y4A5B6C7"
_LONG: Final = "the provider says one thing and then another, at length, " * 4
_FACTS: Final = {
    "code": "K7F3-9QX2",
    "concern": "contradiction",
    "detail": _LONG,
    "currency": "KES",
    "payout": "8900.5",
    "deposit": "120500",
    "floor": "20000",
    "operation": "withdrawal.status",
    "outcome": "Unanswered",
    "seconds": "12",
    "count": "31",
    "day": "2026-11-24",
    "since": (NOW - timedelta(hours=3)).isoformat(),
}


def alert_samples(texts: Texts, seen: Overview) -> Iterator[Sample]:
    """Every kind at its fullest; `seen` is how the business stands."""
    for kind in AlertKind:
        alerts = [_alert(kind, number) for number in range(6)]
        yield Sample(f"alert: {kind}", alert_screen(texts, kind, alerts, 45, NOW))
    for what in ("parked", "refused", "late", "chat"):
        one = Alert(AlertKind.UNDELIVERABLE, _ID, _FACTS | {"what": what}, 1, NOW, NOW, None)
        yield Sample(f"alert: undeliverable, {what}", alert_screen(texts, AlertKind.UNDELIVERABLE, [one], 1, NOW))
    over = Alert(AlertKind.PROVIDER_DOWN, "provider", _FACTS, 3, NOW, NOW, NOW)
    yield Sample("alert: over", alert_screen(texts, AlertKind.PROVIDER_DOWN, [over], 1, NOW))
    health = Health(True, 200, 188, timedelta(milliseconds=410), ("withdrawal", "Unanswered", NOW))
    for group in GroupStanding:
        callbacks = CallbackState(
            reachable=group is not GroupStanding.NONE, signed=group is GroupStanding.TOPICS, last=NOW
        )
        start = start_screen(texts, list(AlertKind), group, "production", health, callbacks, NOW + timedelta(hours=3))
        yield Sample(f"alert: a start, group {group}", start)
    yield Sample("alert: the day before", summary_screen(texts, seen, "2026-11-24"))
    rules = [Rule(kind, mode, 12) for kind, mode in zip(AlertKind, list(AlertMode) * 4, strict=True)]
    yield Sample("alerts: all", rules_screen(texts, rules))
    floors = [Floor(one, ours=True) for one in seen.volumes]
    alerts = [_alert(AlertKind.LOW_BALANCE, number) for number in range(8)]
    yield Sample("alerts: one kind", rule_screen(texts, rules[1], alerts, 45, floors, Role.OPERATOR, NOW))
    yield Sample("alerts: turn one off", sure_to_turn_off(texts, _ID, AlertKind.PROVIDER_DOWN))


def _alert(kind: AlertKind, number: int) -> Alert:
    return Alert(kind, f"{_ID}{number}"[-26:], _FACTS, 500 + number, NOW, NOW, None if number < 4 else NOW)
