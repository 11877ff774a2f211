"""The last seven days as a picture: one bar for each, parted into what was completed, is under way, had no success."""

from collections.abc import Sequence
from typing import Final

from bot.engine.operators.results import Day
from bot.screens.paper import Colour, Paper, fitted, font
from bot.screens.printing import FAINT, GREEN, GREY, GROUND, INK, WHITE, png
from bot.screens.texts import Texts

WIDTH: Final = 1080
HEIGHT: Final = 720
_EDGE: Final = 32
_LEFT, _RIGHT = _EDGE + 48, WIDTH - _EDGE - 48
_TOP, _BOTTOM = 220, 590
_BAR: Final = 84
_PARTS: Final[tuple[tuple[str, Colour], ...]] = (
    ("ops.week_completed", GREEN),
    ("ops.week_under_way", FAINT),
    ("ops.week_without", GREY),
)


def week_png(texts: Texts, days: Sequence[Day]) -> bytes:
    """The picture as PNG, the oldest day on the left."""
    paper = Paper(WIDTH, HEIGHT, GROUND)
    paper.sheet((_EDGE, _EDGE, WIDTH - _EDGE - 1, HEIGHT - _EDGE - 1), 36, WHITE)
    paper.text((_LEFT, 112), texts.plain("ops.week_title"), font("SemiBold", 44), INK)
    _legend(paper, texts)
    most = max((_total(day) for day in days), default=0)
    step = (_RIGHT - _LEFT) // max(len(days), 1)
    for place, day in enumerate(days):
        _bar(paper, day, _LEFT + place * step + step // 2, most)
    return png(paper.image)


def _legend(paper: Paper, texts: Texts) -> None:
    x, room = _LEFT, (_RIGHT - _LEFT) // len(_PARTS)
    for key, colour in _PARTS:
        paper.disc((x + 12, 158), 12, colour)
        label = texts.plain(key)
        paper.text((x + 36, 168), label, fitted(label, "Regular", 30, room - 48, least=20), GREY)
        x += room


def _bar(paper: Paper, day: Day, middle: int, most: int) -> None:
    left, y = middle - _BAR // 2, _BOTTOM
    counts = (day.completed, day.under_way, day.without_success)
    for (_, colour), count in zip(_PARTS, counts, strict=True):
        height = (_BOTTOM - _TOP - 40) * count // most if most else 0
        if count:
            height = max(height, 4)
            paper.block((left, y - height, left + _BAR - 1, y - 1), colour)
            y -= height
    paper.text((middle, y - 14), str(_total(day)), font("SemiBold", 32), INK, "ms")
    paper.text((middle, _BOTTOM + 48), f"{day.date:%d.%m.}", font("Regular", 30), GREY, "ms")


def _total(day: Day) -> int:
    return day.completed + day.under_way + day.without_success
