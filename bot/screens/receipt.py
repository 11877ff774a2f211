"""The receipt of a completed payment as a picture to keep and to forward: exact amounts, references, a link to scan.

It names no person and no whole phone number. The same payment always gives the same picture: no clock is asked.
"""

from dataclasses import dataclass
from typing import Final

from bot.engine.results import PaymentView
from bot.payments.states import PaymentState
from bot.screens.formats import money
from bot.screens.paper import Paper, fitted, font, wrapped
from bot.screens.printing import FAINT, GREEN, GREY, GROUND, INK, WHITE, code_picture, png
from bot.screens.receipt_facts import arrived_at, facts, public_record
from bot.screens.texts import Texts

WIDTH: Final = 1080
LARGEST: Final = 100 * 1024  # bytes: cheap on a metered connection

_EDGE: Final = 40  # around the sheet
_INSET: Final = 72  # inside it
_LEFT, _RIGHT = _EDGE + _INSET, WIDTH - _EDGE - _INSET
_HEAD: Final = 548
_ROW, _LINE = 82, 50
_QR: Final = 250  # at most, for links of up to 200 characters


@dataclass(frozen=True, slots=True)
class _Row:
    label: str
    lines: list[str]
    strong: bool


def receipt_png(texts: Texts, view: PaymentView) -> bytes:
    """The picture as PNG, 1,080 pixels wide and below 100 KB. `ValueError` unless the payment is completed."""
    if view.state is not PaymentState.COMPLETED:
        raise ValueError("there is a receipt for a completed payment only")
    rows = _rows(texts, view)
    link = public_record(view)
    body = sum(_ROW + _LINE * (len(row.lines) - 1) for row in rows)
    foot = _QR + 120 if link is not None else 40
    height = _EDGE + _HEAD + body + foot + _EDGE
    paper = Paper(WIDTH, height, GROUND)
    paper.sheet((_EDGE, _EDGE, WIDTH - _EDGE - 1, height - _EDGE - 1), 44, WHITE)
    _draw_head(paper, texts, view)
    bottom = _draw_rows(paper, rows, _EDGE + _HEAD)
    if link is not None:
        _draw_link(paper, texts, link, bottom + 44)
    return png(paper.image)


def _rows(texts: Texts, view: PaymentView) -> list[_Row]:
    return [_row(texts.plain(fact.key), fact.value, strong=fact.strong) for fact in facts(texts, view)]


def _row(label: str, value: str, *, strong: bool) -> _Row:
    room = _RIGHT - _LEFT - int(font("Regular", 36).getlength(label)) - 32
    return _Row(label, wrapped(value, font("SemiBold" if strong else "Regular", 38), room), strong)


def _draw_head(paper: Paper, texts: Texts, view: PaymentView) -> None:
    middle = WIDTH // 2
    paper.disc((middle, 150), 58, GREEN)
    paper.tick((middle, 150), 84, WHITE)
    paper.text((middle, 268), texts.plain("receipt.delivered"), font("SemiBold", 40), GREEN, "ms")
    amount = money(view.receive, texts.language)
    paper.text((middle, 384), amount, fitted(amount, "SemiBold", 98, _RIGHT - _LEFT), INK, "ms")
    to = arrived_at(texts, view)
    paper.text((middle, 456), to, fitted(to, "Regular", 40, _RIGHT - _LEFT), GREY, "ms")
    seam = 520
    paper.dashes(_EDGE + 48, WIDTH - _EDGE - 48, seam, FAINT)
    for x in (_EDGE, WIDTH - _EDGE):
        paper.disc((x, seam), 26, GROUND)


def _draw_rows(paper: Paper, rows: list[_Row], top: int) -> int:
    y = top + 54
    for row in rows:
        paper.text((_LEFT, y), row.label, font("Regular", 36), GREY)
        face = font("SemiBold" if row.strong else "Regular", 38)
        for line in row.lines:
            paper.text((_RIGHT, y), line, face, INK, "rs")
            y += _LINE
        y += _ROW - _LINE
    return y - 54


def _draw_link(paper: Paper, texts: Texts, link: str, top: int) -> None:
    code = code_picture(link, _QR)
    paper.picture(code, (_LEFT, top))
    x = _LEFT + code.width + 44
    lines = wrapped(texts.plain("receipt.scan"), font("Regular", 34), _RIGHT - x)
    y = top + (code.height - 46 * (len(lines) - 1)) // 2 + 12
    for line in lines:
        paper.text((x, y), line, font("Regular", 34), GREY)
        y += 46
