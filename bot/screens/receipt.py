"""The receipt of a completed payment as a picture to keep and to forward: exact amounts, references, a link to scan.

It names no person and no whole phone number. The same payment always gives the same picture: no clock is asked.
"""

import io
from dataclasses import dataclass
from functools import cache
from typing import Final

import segno
from PIL import Image

from bot.engine.results import PaymentView
from bot.payments.catalogue import explorer_link
from bot.payments.states import PaymentState
from bot.screens.formats import (
    chain_label,
    day_and_time,
    fee_percent,
    masked,
    money,
    network_label,
    short_address,
    short_hash,
)
from bot.screens.outcome import ended_at
from bot.screens.paper import Colour, Paper, fitted, font, wrapped
from bot.screens.texts import Texts

WIDTH: Final = 1080
LARGEST: Final = 100 * 1024  # bytes: cheap on a metered connection

_EDGE: Final = 40  # around the sheet
_INSET: Final = 72  # inside it
_LEFT, _RIGHT = _EDGE + _INSET, WIDTH - _EDGE - _INSET
_HEAD: Final = 548
_ROW, _LINE = 82, 50
_QR: Final = 250  # at most, for links of up to 200 characters

_GROUND: Final[Colour] = (226, 236, 231)
_WHITE: Final[Colour] = (255, 255, 255)
_INK: Final[Colour] = (16, 36, 28)
_GREY: Final[Colour] = (98, 115, 107)
_FAINT: Final[Colour] = (206, 217, 211)
_GREEN: Final[Colour] = (10, 124, 82)
# on white stands ink, and at its edge both are mixed; so many steps of each mixture are kept
_STEPS: Final = ((_INK, 7), (_GREY, 9), (_GREEN, 9), (_GROUND, 3), (_FAINT, 3))


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
    link = explorer_link(view.request.chain, view.tx_hash) if view.tx_hash is not None else None
    body = sum(_ROW + _LINE * (len(row.lines) - 1) for row in rows)
    foot = _QR + 120 if link is not None else 40
    height = _EDGE + _HEAD + body + foot + _EDGE
    paper = Paper(WIDTH, height, _GROUND)
    paper.sheet((_EDGE, _EDGE, WIDTH - _EDGE - 1, height - _EDGE - 1), 44, _WHITE)
    _draw_head(paper, texts, view)
    bottom = _draw_rows(paper, rows, _EDGE + _HEAD)
    if link is not None:
        _draw_link(paper, texts, link, bottom + 44)
    return _png(paper.image)


def _rows(texts: Texts, view: PaymentView) -> list[_Row]:
    language, request = texts.language, view.request
    charged_on = view.pay - view.fee
    bank = request.network is None
    means = texts.plain("review.bank") if bank else network_label(request.country, request.network or "")
    percent = fee_percent(view.fee, charged_on, language)
    facts = [
        ("receipt.paid", money(view.pay, language), True),
        ("receipt.fee", f"{money(view.fee, language)} ({percent})", False),
        ("receipt.from", f"{means} {masked(request.phone)}", False),
        ("receipt.time", day_and_time(ended_at(view), request.country, language), False),
        ("receipt.reference", view.code, True),
    ]
    if view.receipt:
        facts.append(("receipt.number", _drawable(view.receipt), True))
    if view.tx_hash:
        facts.append(("receipt.transaction", short_hash(_drawable(view.tx_hash)), False))
    return [_row(texts.plain(key), value, strong=strong) for key, value, strong in facts]


def _row(label: str, value: str, *, strong: bool) -> _Row:
    room = _RIGHT - _LEFT - int(font("Regular", 36).getlength(label)) - 32
    return _Row(label, wrapped(value, font("SemiBold" if strong else "Regular", 38), room), strong)


def _draw_head(paper: Paper, texts: Texts, view: PaymentView) -> None:
    middle = WIDTH // 2
    paper.disc((middle, 150), 58, _GREEN)
    paper.tick((middle, 150), 84, _WHITE)
    paper.text((middle, 268), texts.plain("receipt.delivered"), font("SemiBold", 40), _GREEN, "ms")
    amount = money(view.receive, texts.language)
    paper.text((middle, 384), amount, fitted(amount, "SemiBold", 98, _RIGHT - _LEFT), _INK, "ms")
    to = texts.plain(
        "receipt.on_chain", address=short_address(view.request.address), chain=chain_label(view.request.chain)
    )
    paper.text((middle, 456), to, fitted(to, "Regular", 40, _RIGHT - _LEFT), _GREY, "ms")
    seam = 520
    paper.dashes(_EDGE + 48, WIDTH - _EDGE - 48, seam, _FAINT)
    for x in (_EDGE, WIDTH - _EDGE):
        paper.disc((x, seam), 26, _GROUND)


def _draw_rows(paper: Paper, rows: list[_Row], top: int) -> int:
    y = top + 54
    for row in rows:
        paper.text((_LEFT, y), row.label, font("Regular", 36), _GREY)
        face = font("SemiBold" if row.strong else "Regular", 38)
        for line in row.lines:
            paper.text((_RIGHT, y), line, face, _INK, "rs")
            y += _LINE
        y += _ROW - _LINE
    return y - 54


def _draw_link(paper: Paper, texts: Texts, link: str, top: int) -> None:
    code = _qr(link)
    paper.picture(code, (_LEFT, top))
    x = _LEFT + code.width + 44
    lines = wrapped(texts.plain("receipt.scan"), font("Regular", 34), _RIGHT - x)
    y = top + (code.height - 46 * (len(lines) - 1)) // 2 + 12
    for line in lines:
        paper.text((x, y), line, font("Regular", 34), _GREY)
        y += 46


def _qr(link: str) -> Image.Image:
    modules = [list(row) for row in segno.make(link, error="m", micro=False).matrix]
    picture = Image.new("RGB", (len(modules), len(modules)), _WHITE)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                picture.putpixel((x, y), _INK)
    size = len(modules) * max(4, _QR // len(modules))  # whole pixels a module, so that phones read it at once
    return picture.resize((size, size), Image.Resampling.NEAREST)


def _drawable(text: str) -> str:
    """What the network or the chain called something, reduced to what such names are made of."""
    return "".join(char for char in text if char.isascii() and char.isprintable())[:80]


def _png(image: Image.Image) -> bytes:
    """Few colours, known beforehand: finding the best ones, and the best compression, takes six times as long."""
    file = io.BytesIO()
    image.quantize(palette=_palette(), dither=Image.Dither.NONE).save(file, "PNG")
    return file.getvalue()


@cache
def _palette() -> Image.Image:
    colours = [_WHITE]
    for ink, steps in _STEPS:
        colours += [_mixed(ink, step, steps) for step in range(1, steps + 1)]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in colours for part in colour])
    return palette


def _mixed(ink: Colour, step: int, steps: int) -> Colour:
    red, green, blue = (white + (part - white) * step // steps for white, part in zip(_WHITE, ink, strict=True))
    return red, green, blue
