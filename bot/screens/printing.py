"""What all our pictures share: their few colours, codes to scan, and a small PNG at the end."""

import io
from functools import cache
from typing import Final

from PIL import Image

from bot.screens.paper import Colour

GROUND: Final[Colour] = (226, 236, 231)
WHITE: Final[Colour] = (255, 255, 255)
INK: Final[Colour] = (16, 36, 28)
GREY: Final[Colour] = (98, 115, 107)
FAINT: Final[Colour] = (206, 217, 211)
GREEN: Final[Colour] = (10, 124, 82)
# on white stands ink, and at its edge both are mixed; so many steps of each mixture are kept
_STEPS: Final = ((INK, 7), (GREY, 9), (GREEN, 9), (GROUND, 3), (FAINT, 3))


def code_picture(text: str, room: int, *, least: int = 4) -> Image.Image:
    """A QR code of `text` that fits into `room` pixels, without its margin: four modules of white must stay around it.

    Whole pixels a module, and at least `least` of them even where that takes more room, so that phones read it at once.
    """
    import segno  # with the first code: purchases draw none

    modules = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    picture = Image.new("RGB", (len(modules), len(modules)), WHITE)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                picture.putpixel((x, y), INK)
    size = len(modules) * max(least, room // len(modules))
    return picture.resize((size, size), Image.Resampling.NEAREST)


def drawable(text: str) -> str:
    """What a network or a chain called something, reduced to what such names are made of."""
    return "".join(char for char in text if char.isascii() and char.isprintable())[:80]


def png(image: Image.Image) -> bytes:
    """Few colours, known beforehand: finding the best ones, and the best compression, takes six times as long."""
    file = io.BytesIO()
    image.quantize(palette=_palette(), dither=Image.Dither.NONE).save(file, "PNG")
    return file.getvalue()


@cache
def _palette() -> Image.Image:
    colours = [WHITE]
    for ink, steps in _STEPS:
        colours += [_mixed(ink, step, steps) for step in range(1, steps + 1)]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in colours for part in colour])
    return palette


def _mixed(ink: Colour, step: int, steps: int) -> Colour:
    red, green, blue = (white + (part - white) * step // steps for white, part in zip(WHITE, ink, strict=True))
    return red, green, blue
