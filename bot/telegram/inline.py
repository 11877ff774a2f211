"""Answering inline queries: at once, for the one who asked, and hardly kept. A late answer is of no use to anybody.

Only for show, so it happens after the commit, once, and whatever goes wrong (too late, no network) is left at that.
"""

import asyncio
from collections.abc import Callable

import structlog
from telegram import (
    Bot,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.engine.effects import Effects
from bot.screens.inline import InlineAnswer, Offered
from bot.telegram.drawing import Rendered, drafts
from bot.telegram.errors import read_failure

CACHE_SECONDS = 2
_SECONDS = 8.0
_log = structlog.get_logger(__name__)


class InlineAnswers:
    """Answers the inline queries of one bot. `bot` is asked late, since handlers are made before there is one."""

    def __init__(self, bot: Callable[[], Bot]) -> None:
        self._bot = bot

    def answer(self, effects: Effects, query_id: str, answer: InlineAnswer) -> None:
        """Stage the answer to an inline query. It may be lost and is never repeated."""

        async def call() -> None:
            try:
                async with asyncio.timeout(_SECONDS):
                    await self._bot().answer_inline_query(
                        query_id,
                        [_article(offered) for offered in answer.results],
                        cache_time=CACHE_SECONDS,
                        is_personal=True,
                        button=InlineQueryResultsButton(answer.button, start_parameter=answer.start),
                    )
            except TelegramError as error:
                _log.info("an inline query could not be answered", why=read_failure(error).words)
            except TimeoutError:
                _log.info("an inline query could not be answered", why="too slow")

        effects.after_commit(call)


def _article(offered: Offered) -> InlineQueryResultArticle:
    draft = drafts(Rendered(offered.screen))[0]
    return InlineQueryResultArticle(
        offered.name,
        offered.title,
        InputTextMessageContent(
            draft.text, parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
        ),
        reply_markup=draft.markup if isinstance(draft.markup, InlineKeyboardMarkup) else None,
        description=offered.description,
    )
