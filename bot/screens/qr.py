"""Codes to scan, as pictures that people like to look at: where a sale's crypto goes, and a link to be paid.

What wallets really read decides the picture of a sale. Every wallet and every exchange reads a plain address. Payment URIs
(`bot.payments.payment_uris`) fill in token and amount, but not everywhere: a scanner that only takes the first address
out of an EIP-681 code finds the token's contract there, and what is sent to that is lost. So the plain address comes
first and large; the URI follows below, smaller, under a sentence that says for whom it is; and the last characters of the
address are printed to be compared, whichever was scanned. A payment URI cannot be a button: Telegram takes no links but
its own and those of the web.
"""

from typing import Final

from PIL import Image

from bot.engine.results import PaymentView, SellRequest
from bot.payments.payment_uris import payment_uri
from bot.screens.foreign import LONGEST, cleaned
from bot.screens.formats import chain_label, clock, money
from bot.screens.paper import Colour, Paper, can_draw, fitted, font, wrapped
from bot.screens.parties import home
from bot.screens.printing import FAINT, GREEN, GREY, GROUND, INK, WHITE, code_picture, drawable, png
from bot.screens.texts import Texts, catalogue

WIDTH: Final = 1080
_EDGE: Final = 40  # around the sheet
_INSET: Final = 72  # inside it
_LEFT, _RIGHT = _EDGE + _INSET, WIDTH - _EDGE - _INSET
_ROOM: Final = _RIGHT - _LEFT
_MIDDLE: Final = WIDTH // 2
_LARGE, _SMALL = 580, 380  # codes
_AIR: Final = 84  # above and below a code: about four modules of the coarsest


def escrow_qr_png(view: PaymentView) -> bytes:
    """The address of a sale to scan, with exact amount, chain and time above it, in the customer's language.

    `ValueError` for a payment without such an address.
    """
    request = view.order
    if not isinstance(request, SellRequest) or view.escrow_address is None:
        raise ValueError("only a sale has an address to send crypto to")
    texts = catalogue(view.language)
    address = view.escrow_address
    uri = payment_uri(request.chain, address, view.pay)
    page = _Page()
    _draw_order(page, texts, view, request)
    page.seam()
    page.lines(texts.plain("sell.qr_address"), 40, INK, bold=True)
    page.code(code_picture(address, _LARGE))
    page.halves(drawable(address), 36, GREY)
    page.gap(20)
    page.lines(texts.plain("sell.qr_check", ending=drawable(address)[-4:]), 40, GREEN, bold=True)
    if uri is not None:
        page.seam()
        page.code_beside(code_picture(uri, _SMALL), texts.plain("sell.qr_with_amount"))
    return page.png()


def link_qr_png(url: str, title: str, amount_text: str, *, hint: str = "") -> bytes:
    """A link to scan, with what it is for and how much; `hint` stands below ("Scan to pay").

    All texts may be anybody's: they are drawn on as many lines as they need, three at most, without emoji.
    """
    page = _Page()
    page.gap(20)
    page.lines(title, 46, GREY, most=3)
    page.gap(48)
    page.large(amount_text)
    page.seam()
    page.code(code_picture(url, _LARGE))
    if hint:
        page.lines(hint, 44, GREEN, bold=True)
    page.lines(drawable(url), 32, GREY, most=3)
    return page.png()


def _draw_order(page: "_Page", texts: Texts, view: PaymentView, request: SellRequest) -> None:
    page.lines(texts.plain("sell.qr_send"), 42, GREY)
    page.gap(36)
    page.large(money(view.pay, texts.language))
    page.lines(texts.plain("sell.qr_chain", chain=chain_label(request.chain)), 52, GREEN, bold=True)
    if view.pay_by is not None:
        until = clock(view.pay_by, home(request), texts.language)
        page.lines(texts.plain("sell.qr_until", time=until), 42, GREY)


class _Page:
    """A sheet that is drawn from the top down and is cut off where the drawing ends."""

    def __init__(self) -> None:
        self._paper = Paper(WIDTH, 4 * WIDTH, WHITE)
        self._y = _EDGE + 50
        self._seams: list[int] = []

    def gap(self, height: int) -> None:
        self._y += height

    def large(self, text: str) -> None:
        """One line as large as fits."""
        shown = _written(text, longest=60)
        self._y += 72
        self._paper.text((_MIDDLE, self._y), shown, fitted(shown, "SemiBold", 100, _ROOM), INK, "ms")
        self._y += 12

    def lines(self, text: str, size: int, colour: Colour, *, bold: bool = False, most: int = 4) -> None:
        """A sentence in the middle, on several lines where it needs them."""
        face = font("SemiBold" if bold else "Regular", size)
        lines = wrapped(_written(text), face, _ROOM)
        if len(lines) > most:
            lines = [*lines[: most - 1], lines[most - 1][:-1] + "…"]
        for line in lines:
            self._y += size * 4 // 3
            self._paper.text((_MIDDLE, self._y), line, face, colour, "ms")
        self._y += 10

    def halves(self, text: str, size: int, colour: Colour) -> None:
        """A long word on two lines of the same length, where it does not fit on one."""
        fits = font("Regular", size).getlength(text) <= _ROOM
        half = len(text) if fits else (len(text) + 1) // 2
        for line in filter(None, (text[:half], text[half:])):
            self.lines(line, size, colour)

    def code(self, picture: Image.Image) -> None:
        """A code in the middle, with air around it."""
        self._paper.picture(picture, (_MIDDLE - picture.width // 2, self._y + _AIR - 14))
        self._y += picture.height + 2 * _AIR - 34

    def code_beside(self, picture: Image.Image, text: str) -> None:
        """A code on the left and what it is for on the right."""
        self._y += 40
        self._paper.picture(picture, (_LEFT, self._y))
        left, face = _LEFT + picture.width + 64, font("Regular", 36)
        lines = wrapped(text, face, _RIGHT - left)
        y = self._y + (picture.height - 50 * (len(lines) - 1)) // 2 + 12
        for line in lines:
            self._paper.text((left, y), line, face, GREY)
            y += 50
        self._y += picture.height + 10

    def seam(self) -> None:
        """A dashed line across, as on a ticket."""
        self._y += 56
        self._seams.append(self._y)
        self._y += 30

    def png(self) -> bytes:
        """The sheet on its ground."""
        height = self._y + 60 + _EDGE
        whole = Paper(WIDTH, height, GROUND)
        whole.sheet((_EDGE, _EDGE, WIDTH - _EDGE - 1, height - _EDGE - 1), 44, WHITE)
        inside = (_LEFT - _INSET // 2, _EDGE + 46, _RIGHT + _INSET // 2, self._y + 12)
        whole.picture(self._paper.image.crop(inside), inside[:2])
        for seam in self._seams:
            whole.dashes(_EDGE + 48, WIDTH - _EDGE - 48, seam, FAINT)
            for x in (_EDGE, WIDTH - _EDGE):
                whole.disc((x, seam), 26, GROUND)
        return png(whole.image)


def _written(text: str, *, longest: int = LONGEST) -> str:
    """Anybody's words on one line, without what the font cannot draw."""
    return cleaned("".join(char for char in text if can_draw(char)), longest=longest)
