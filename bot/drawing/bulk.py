"""The notices of files of payments: cards as things stand when they are sent, and files, made then."""

import asyncio
import base64
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.drawing import Renderers
from bot.drawing.team import Reads
from bot.engine.operators.bulk_looking import BulkLooking
from bot.engine.operators.bulk_results import BatchState
from bot.engine.operators.results import Role
from bot.screens.operators.bulk import batch_screen, preview_screen, result_caption
from bot.screens.operators.bulk_files import result_csv, template_csv
from bot.screens.screen import Screen
from bot.screens.texts import catalogue
from bot.telegram.drawing import File, NoticeFacts, Rendered

_PREVIEWED = frozenset({BatchState.DRAFT, BatchState.WAITING})


def bulk_renderers(looking: BulkLooking, reads: Reads) -> Renderers:
    """The renderers of files of payments. `reads` says as what a chat reads them."""

    async def card(facts: NoticeFacts) -> Rendered | None:
        said = _said(facts)
        batch = await looking.batch(said["batch"])
        if batch is None:
            return None
        texts, fresh = catalogue(said["language"]), bool(said.get("fresh"))
        role = await reads(facts.chat_id)
        if not Role(said.get("role", role)).may(role):  # whoever asked for it in the group may do less than the group
            role = Role(said["role"])
        if batch.state not in _PREVIEWED:
            return Rendered(batch_screen(texts, batch, role, lives=facts.chat_id == batch.chat_id), fresh=fresh)
        preview = await looking.preview(batch)
        return Rendered(preview_screen(texts, preview, role, unread=str(said.get("unread", ""))), fresh=fresh)

    async def result(facts: NoticeFacts) -> Rendered | None:
        """Nothing for who only looks by now: all numbers stand in it."""
        said = _said(facts)
        batch = await looking.batch(said["batch"])
        if batch is None or not (await reads(facts.chat_id)).may(Role.OPERATOR):
            return None
        texts, rows = catalogue(said["language"]), await looking.rows(batch.id)
        body = await asyncio.to_thread(result_csv, texts, rows)
        return Rendered(result_caption(texts, batch), file=File(f"{batch.code}.csv", body))

    async def correction(facts: NoticeFacts) -> Rendered | None:
        said = _said(facts)
        caption = catalogue(said["language"])("ops.bulk_correction")
        return Rendered(Screen(text=caption), file=File(said["name"], base64.b64decode(said["body"])))

    async def template(facts: NoticeFacts) -> Rendered | None:
        caption = catalogue(_said(facts)["language"])("ops.bulk_template")
        return Rendered(Screen(text=caption), file=File("payments.csv", template_csv()))

    return MappingProxyType(
        {"bulk_card": card, "bulk_result": result, "bulk_correction": correction, "bulk_template": template}
    )


def _said(facts: NoticeFacts) -> Mapping[str, Any]:
    assert facts.payload is not None
    return facts.payload
