"""Pictures to scan: they carry exactly what they show, read at the first go, and stay small."""

import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from bot.payments.money import Money
from bot.payments.payment_uris import PaymentUri, read_payment_uri
from bot.payments.states import PaymentState
from bot.screens.formats import money
from bot.screens.paper import Paper
from bot.screens.qr import WIDTH, escrow_qr_png, link_qr_png
from bot.screens.receipt import LARGEST
from bot.screens.sample_orders import ESCROW, ESCROW_ON_TRON, SALE_ON_TRON, sample_sale, sample_send
from bot.screens.texts import Texts

AWAITING = PaymentState.AWAITING_PAYMENT


def read_codes(png: bytes, *, scale: Decimal = Decimal(1)) -> list[str]:
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.width == WIDTH
        small = picture.convert("RGB").resize((int(picture.width * scale), int(picture.height * scale)))
    return sorted(code.text for code in zxingcpp.read_barcodes(small))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    draw = Paper.text

    def text(paper: Paper, at: tuple[int, int], line: str, *others: Any) -> None:
        lines.append(line)
        draw(paper, at, line, *others)

    monkeypatch.setattr(Paper, "text", text)
    return lines


def test_the_picture_of_an_address_carries_it_plainly_and_as_a_payment(texts: Texts, drawn: list[str]) -> None:
    view = replace(sample_sale(AWAITING), language=texts.language, pay=Money(Decimal("10.25"), "USDC"))
    png = escrow_qr_png(view)
    assert len(png) < LARGEST
    for scale in (Decimal(1), Decimal("0.35")):  # as the small preview in a chat shows it
        plain, uri = read_codes(png, scale=scale)
        assert plain == ESCROW
        asked = read_payment_uri(uri, "BASE")
        assert isinstance(asked, PaymentUri)
        assert (asked.address.value, asked.token, asked.amount) == (ESCROW, "USDC", Decimal("10.25"))
    assert money(view.pay, texts.language) in drawn
    assert any("Base" in line for line in drawn)
    assert any("14:34" in line for line in drawn)
    assert ESCROW in "".join(drawn)
    assert png == escrow_qr_png(view)


def test_without_a_standard_the_plain_address_stands_alone() -> None:
    assert read_codes(escrow_qr_png(sample_sale(AWAITING, request=SALE_ON_TRON))) == [ESCROW_ON_TRON]


def test_no_picture_without_an_address() -> None:
    for view in (sample_sale(PaymentState.CONFIRMED), sample_send(AWAITING)):
        with pytest.raises(ValueError, match="address"):
            escrow_qr_png(view)


@pytest.mark.parametrize("title", ["Lunch", "Lunch 🍲 مرحبا", "x" * 500, "<b>ŵ</b> \u202e" * 60, ""])
def test_a_link_reads_back_whatever_is_written_above_it(title: str) -> None:
    url = "https://t.me/example_bot?start=r_AbCdEf0123456789"
    png = link_qr_png(url, title, "1,500 KES", hint="Scan to pay")
    assert len(png) < LARGEST
    assert read_codes(png) == [url]
    assert read_codes(link_qr_png("https://pay.example/" + "a" * 200, title, "9" * 60))[0].startswith("https://pay")
