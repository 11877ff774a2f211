"""The operators' notices that are more than a screen: the picture of the last days, and files, made when they are sent."""

import asyncio
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from bot.drawing import Renderers
from bot.engine.operators.exporting import Exporting, Period
from bot.engine.operators.inspecting import Inspecting
from bot.engine.operators.results import Day
from bot.screens.operators.chart import week_png
from bot.screens.screen import Screen
from bot.screens.texts import catalogue
from bot.telegram.drawing import File, NoticeFacts, Rendered


def operator_renderers(inspecting: Inspecting, exporting: Exporting) -> Renderers:
    """The renderers of the operators' kinds."""

    async def week(facts: NoticeFacts) -> Rendered | None:
        said = _said(facts)
        texts = catalogue(said["language"])
        days = [Day(date.fromisoformat(day), *counts) for day, *counts in said["week"]]
        return Rendered(Screen(text=texts("ops.week")), await asyncio.to_thread(week_png, texts, days))

    async def raw(facts: NoticeFacts) -> Rendered | None:
        said = _said(facts)
        body = await inspecting.raw(said["payment"])
        if body is None:
            return None
        caption = catalogue(said["language"])("ops.raw_caption", code=said["code"])
        return Rendered(Screen(text=caption), file=File(f"callbacks-{said['code']}.txt", body))

    async def export(facts: NoticeFacts) -> Rendered | None:
        said = _said(facts)
        period = Period(date.fromisoformat(said["first"]), date.fromisoformat(said["last"]))
        caption = catalogue(said["language"])("ops.export_caption", first=said["first"], last=said["last"])
        name = f"payments-{said['first']}-{said['last']}.csv"
        return Rendered(Screen(text=caption), file=File(name, await exporting.csv(period)))

    return MappingProxyType({"operator_week": week, "operator_raw": raw, "operator_export": export})


def _said(facts: NoticeFacts) -> Mapping[str, Any]:
    assert facts.payload is not None
    return facts.payload
