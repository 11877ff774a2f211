"""The receipt picture: small, complete, and with a glyph for every character in every language."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image

from bot.payments.catalogue import COUNTRIES
from bot.payments.catalogue.chains import CHAINS
from bot.payments.money import Money
from bot.payments.states import PaymentState
from bot.screens import receipt
from bot.screens.formats import money
from bot.screens.paper import Font, Paper, font, wrapped
from bot.screens.receipt import LARGEST, WIDTH, receipt_png
from bot.screens.sample_orders import DESTINATIONS, SALE, SEND, sample_sale, sample_send
from bot.screens.samples import sample_view
from bot.screens.texts import Texts


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Font, int, str]]:
    """Every line of text that is drawn on a picture: the line, its font, where it stands, from which side."""
    lines: list[tuple[str, Font, int, str]] = []
    draw = Paper.text

    def text(paper: Paper, at: tuple[int, int], line: str, face: Font, *colour_and_anchor: Any) -> None:
        lines.append((line, face, at[0], "".join(colour_and_anchor[1:]) or "ls"))
        draw(paper, at, line, face, *colour_and_anchor)

    monkeypatch.setattr(Paper, "text", text)
    return lines


@pytest.mark.parametrize("bank", [False, True])
def test_a_receipt_is_a_small_png(texts: Texts, bank: bool) -> None:
    png = receipt_png(texts, sample_view(PaymentState.COMPLETED, bank=bank))
    assert len(png) < LARGEST
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.format == "PNG"
        assert picture.width == WIDTH
        assert 900 < picture.height < 2000


def test_it_shows_the_recorded_figures_and_no_whole_phone(
    texts: Texts, drawn: list[tuple[str, Font, int, str]]
) -> None:
    view = sample_view(PaymentState.COMPLETED)
    receipt_png(texts, view)
    everything = "\n".join(line for line, *_ in drawn)
    for part in (
        money(view.receive, texts.language),
        money(view.pay, texts.language),
        money(view.fee, texts.language),
        view.code,
        "TKO4X7Q2ZP",
        "14:05",
        "Nairobi",
        "0x5290…9EE7",
        "+254•••••678",
    ):
        assert part in everything, part
    assert view.request.phone not in everything
    assert view.request.account_name not in everything


def test_every_character_has_a_glyph(
    texts: Texts, drawn: list[tuple[str, Font, int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt, "png", lambda image: b"")  # only what is drawn matters here
    view = sample_view(PaymentState.COMPLETED)
    for month in range(1, 13):
        receipt_png(texts, replace(view, ended_at=datetime(2026, month, 28, 23, 59, tzinfo=UTC)))
    for iso2, country in COUNTRIES.items():
        for network in country.networks or (None,):
            request = replace(
                view.request, country=iso2, network=network, chain=sorted(CHAINS)[len(iso2 + str(network)) % 9]
            )
            receipt_png(texts, replace(view, request=request))
    receipt_png(texts, sample_view(PaymentState.COMPLETED, bank=True))
    for to in DESTINATIONS:
        receipt_png(texts, sample_sale(PaymentState.COMPLETED, request=replace(SALE, destination=to)))
        receipt_png(texts, sample_send(PaymentState.COMPLETED, request=replace(SEND, destination=to)))
    characters = {char for line, *_ in drawn for char in line}
    for weight in ("Regular", "SemiBold"):
        face = font(weight, 40)
        missing = bytes(face.getmask("\U0010fffd"))
        assert not {char for char in characters if bytes(face.getmask(char)) == missing}


def test_receipts_of_sales_and_sends_show_both_ends_and_no_names(
    texts: Texts, drawn: list[tuple[str, Font, int, str]]
) -> None:
    for to in DESTINATIONS:
        for view in (
            sample_sale(PaymentState.COMPLETED, request=replace(SALE, destination=to)),
            sample_send(PaymentState.COMPLETED, request=replace(SEND, destination=to)),
        ):
            drawn.clear()
            assert len(receipt_png(texts, view)) < LARGEST
            everything = "\n".join(line for line, *_ in drawn)
            for figure in (view.receive, view.pay, view.fee):
                assert money(figure, texts.language) in everything
            assert view.payout_receipt is not None
            assert view.payout_receipt in everything
            assert to.name not in everything
            assert (to.phone or "+254712345678") not in everything
            assert (to.account or "1104455667") not in everything


def test_long_values_stay_on_the_picture(texts: Texts, drawn: list[tuple[str, Font, int, str]]) -> None:
    view = sample_view(PaymentState.COMPLETED)
    view = replace(
        view,
        receive=Money(Decimal("123456.123456789012345678"), "USDC"),
        pay=Money(Decimal("9999999999.99"), "GHS"),
        fee=Money(Decimal("199999999.99"), "GHS"),
        receipt="<Ünknown> " + "MP240924.1523.C98765" * 9,
        request=replace(view.request, country="TZ", network="YAS"),
    )
    assert len(receipt_png(texts, view)) < LARGEST
    for line, face, x, anchor in drawn:
        length = face.getlength(line)
        left = {"ls": x, "rs": x - length, "ms": x - length / 2}[anchor]
        assert left >= 40, line
        assert left + length <= WIDTH - 40, line


def test_without_a_transaction_there_is_nothing_to_scan(
    english: Texts, drawn: list[tuple[str, Font, int, str]]
) -> None:
    receipt_png(english, sample_view(PaymentState.COMPLETED))
    assert any("Scan" in line for line, *_ in drawn)
    drawn.clear()
    for tx_hash in (None, "odd hash"):
        receipt_png(english, replace(sample_view(PaymentState.COMPLETED), tx_hash=tx_hash))
    assert not any("Scan" in line for line, *_ in drawn)


def test_the_same_payment_gives_the_same_picture(english: Texts) -> None:
    view = sample_view(PaymentState.COMPLETED)
    assert receipt_png(english, view) == receipt_png(english, view)


def test_only_completed_payments_have_one(english: Texts) -> None:
    for state in set(PaymentState) - {PaymentState.COMPLETED}:
        with pytest.raises(ValueError, match="completed"):
            receipt_png(english, sample_view(state))


def test_lines_break_at_spaces_and_long_words_inside() -> None:
    face = font("Regular", 38)
    assert wrapped("one two", face, 1000) == ["one two"]
    assert wrapped("one two", face, 80) == ["one", "two"]
    pieces = wrapped("x" * 100, face, 200)
    assert "".join(pieces) == "x" * 100
    assert all(face.getlength(piece) <= 200 for piece in pieces)
