"""The notices that call operators, drawn when they are sent: alerts as they stand then, a start, a day with its picture."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from bot.drawing import Renderers
from bot.engine.clock import Clock
from bot.engine.operators.alert_results import GroupStanding
from bot.engine.operators.alerting import AlertKind, told_alerts
from bot.engine.operators.greeting import START, SUMMARY
from bot.engine.operators.overview import Overseeing
from bot.engine.operators.results import Health
from bot.engine.operators.telling import NOTICE
from bot.screens.operators.alerts import CallbackState, alert_screen, start_screen, summary_screen
from bot.screens.operators.chart import week_png
from bot.screens.texts import catalogue
from bot.telegram.drawing import NoticeFacts, Rendered
from storage.database import Database
from storage.watching import last_callback

_SHOWN: Final = 6
_STALE: Final = timedelta(minutes=10)  # after which the line of a start tells nothing any more


def alert_renderers(
    database: Database,
    overseeing: Overseeing,
    clock: Clock,
    *,
    health: Callable[[], Health],
    reachable: bool,
    signed: bool,
) -> Renderers:
    """The renderers of what operators are called with.

    `reachable` and `signed` tell how the provider's callbacks can come.
    """

    async def alert(facts: NoticeFacts) -> Rendered | None:
        """Nothing where nothing lasts and nothing is just over."""
        said = _said(facts)
        kind, since = AlertKind(said["alert"]), datetime.fromisoformat(said["since"])
        alerts, count = await database.read(lambda session: told_alerts(session, kind, since=since, limit=_SHOWN))
        if not alerts:
            return None
        screen = alert_screen(catalogue(said["language"]), kind, alerts, count, clock())
        return Rendered(screen, fresh=bool(said["fresh"]))

    async def start(facts: NoticeFacts) -> Rendered | None:
        """Nothing of a start that is long ago."""
        said = _said(facts)
        if clock() - facts.created_at > _STALE:
            return None
        last = await database.read(last_callback)
        screen = start_screen(
            catalogue(said["language"]),
            [AlertKind(kind) for kind in said["kinds"]],
            GroupStanding(said["group"]),
            overseeing.environment,
            health(),
            CallbackState(reachable=reachable, signed=signed, last=last),
            clock(),
        )
        return Rendered(screen)

    async def summary(facts: NoticeFacts) -> Rendered | None:
        said = _said(facts)
        texts = catalogue(said["language"])
        seen = await overseeing.overview(date.fromisoformat(said["day"]))
        picture = await asyncio.to_thread(week_png, texts, seen.week)
        return Rendered(summary_screen(texts, seen, said["day"]), picture)

    return MappingProxyType({NOTICE: alert, START: start, SUMMARY: summary})


def _said(facts: NoticeFacts) -> Mapping[str, Any]:
    assert facts.payload is not None
    return facts.payload
