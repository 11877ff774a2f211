"""Drawing on a picture: smooth shapes and text in the font that is shipped, for receipts.

Pillow draws shapes with hard edges; discs are drawn four times as large and made smaller, and everything round is built
from them.
"""

from functools import cache
from pathlib import Path
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageFont

Weight = Literal["Regular", "SemiBold"]
Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont

_FONTS: Final = Path(__file__).resolve().parent / "fonts"
_FINER: Final = 4
_NOWHERE: Final = "\U0010fffd"  # a character that no font has


@cache
def font(weight: Weight, size: int) -> Font:
    """The shipped font (Inter, SIL Open Font License) in a weight and size in pixels. Never changed after loading.

    Laid out plainly, character by character: with its contextual forms on, Inter writes the "0x" of an address as "0×".
    """
    return ImageFont.truetype(_FONTS / f"Inter-{weight}.otf", size, layout_engine=ImageFont.Layout.BASIC)


class Paper:
    """A picture that is being drawn."""

    def __init__(self, width: int, height: int, colour: Colour) -> None:
        self.image = Image.new("RGB", (width, height), colour)
        self._draw = ImageDraw.Draw(self.image)

    def disc(self, centre: tuple[int, int], radius: int, colour: Colour) -> None:
        """A filled circle with a smooth edge."""
        size = 2 * radius
        mask = Image.new("L", (size * _FINER, size * _FINER))
        ImageDraw.Draw(mask).ellipse((0, 0, size * _FINER - 1, size * _FINER - 1), fill=255)
        self._paste(mask, size, (centre[0] - radius, centre[1] - radius), colour)

    def sheet(self, box: tuple[int, int, int, int], radius: int, colour: Colour) -> None:
        """A filled rectangle with round corners."""
        left, top, right, bottom = box
        self._draw.rectangle((left + radius, top, right - radius, bottom), fill=colour)
        self._draw.rectangle((left, top + radius, right, bottom - radius), fill=colour)
        for x in (left + radius, right - radius + 1):
            for y in (top + radius, bottom - radius + 1):
                self.disc((x, y), radius, colour)

    def block(self, box: tuple[int, int, int, int], colour: Colour) -> None:
        """A filled rectangle with square corners."""
        self._draw.rectangle(box, fill=colour)

    def tick(self, centre: tuple[int, int], size: int, colour: Colour) -> None:
        """A tick mark."""
        fine = size * _FINER
        mask = Image.new("L", (fine, fine))
        draw = ImageDraw.Draw(mask)
        points = [(fine * 0.20, fine * 0.53), (fine * 0.42, fine * 0.73), (fine * 0.80, fine * 0.30)]
        draw.line(points, fill=255, width=fine // 9, joint="curve")
        half = fine // 18
        for x, y in (points[0], points[2]):
            draw.ellipse((x - half, y - half, x + half, y + half), fill=255)
        self._paste(mask, size, (centre[0] - size // 2, centre[1] - size // 2), colour)

    def dashes(self, left: int, right: int, y: int, colour: Colour) -> None:
        """A dashed line across."""
        for x in range(left, right, 24):
            self._draw.rectangle((x, y, min(x + 11, right), y + 2), fill=colour)

    def text(self, at: tuple[int, int], text: str, face: Font, colour: Colour, anchor: str = "ls") -> None:
        """One line of text; `anchor` as Pillow names it ("ls": from the left, on the base line)."""
        self._draw.text(at, text, font=face, fill=colour, anchor=anchor)

    def picture(self, picture: Image.Image, at: tuple[int, int]) -> None:
        """Another picture, its upper left corner at `at`."""
        self.image.paste(picture, at)

    def _paste(self, mask: Image.Image, size: int, at: tuple[int, int], colour: Colour) -> None:
        small = mask.resize((size, size), Image.Resampling.LANCZOS)
        self.image.paste(Image.new("RGB", (size, size), colour), at, small)


@cache
def can_draw(char: str) -> bool:
    """Whether the shipped font has this character; for others it would draw an empty box."""
    face = font("Regular", 24)
    return char.isspace() or bytes(face.getmask(char)) != bytes(face.getmask(_NOWHERE))


def fitted(text: str, weight: Weight, size: int, width: int, *, least: int = 24) -> Font:
    """The font at `size`, or as much smaller as `text` needs to fit into `width`; not below `least`."""
    while size > least and font(weight, size).getlength(text) > width:
        size -= 2
    return font(weight, size)


def wrapped(text: str, face: Font, width: int) -> list[str]:
    """`text` in lines that fit into `width`, broken at spaces, and inside a word only when the word is too long."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if face.getlength(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while face.getlength(line) > width:
            end = next(end for end in range(len(line) - 1, 0, -1) if end == 1 or face.getlength(line[:end]) <= width)
            lines.append(line[:end])
            line = line[end:]
    return [*lines, line]
