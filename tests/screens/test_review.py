"""The review card: figures first, everything exact, and what changed said in words."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.engine.results import BuyOffer
from bot.payments.money import Money
from bot.screens.formats import money
from bot.screens.review import differences, review_cancelled, review_card, review_confirmed, review_expired
from bot.screens.samples import BANK_OFFER, BY_BANK, BY_PHONE, OFFER, OFFER_AGAIN
from bot.screens.screen import Button
from bot.screens.texts import Texts

Read = Callable[[str], Any]
ROWS = ((Button("Confirm", data="1:d:x:3:confirm", style="success"),),)


def offer(*, receive: str = "11.5", pay: str = "1530", fee: str = "30") -> BuyOffer:
    return replace(
        OFFER,
        receive=Money(Decimal(receive), "USDC"),
        pay=Money(Decimal(pay), "KES"),
        fee=Money(Decimal(fee), "KES"),
    )


def test_the_card_says_what_arrives_then_what_is_paid_then_the_fee_then_until_when(texts: Texts, read: Read) -> None:
    screen = review_card(texts, BY_PHONE, OFFER, ROWS)
    seen = read(screen.text)
    parts = (
        money(OFFER.receive, texts.language),
        money(OFFER.pay, texts.language),
        money(OFFER.fee, texts.language),
        "2",
        "%",
        "14:06:22",
        "0x5290…9EE7",
        "Base",
        BY_PHONE.address,
        "Jane Wanjiru",
        "M-Pesa (Safaricom)",
        "+254•••••678",
        "…678",
    )
    at = 0
    for part in parts:
        assert part in seen.text[at:], part
        at = seen.text.index(part, at)
    assert seen.tags.count("tg-time") == 1
    assert screen.rows == ROWS
    assert BY_PHONE.phone not in seen.text


def test_the_fee_is_a_share_of_what_it_is_charged_on(english: Texts, read: Read) -> None:
    assert (
        "Fee included: 30\u00a0KES (2% of 1,500\u00a0KES)"
        in read(review_card(english, BY_PHONE, OFFER, ROWS).text).text
    )
    free = replace(OFFER, pay=OFFER.fiat_amount, fee=Money(Decimal(0), "KES"))
    assert "No fee" in review_card(english, BY_PHONE, free, ROWS).text


def test_paying_by_bank_names_the_bank_and_its_page(english: Texts, read: Read) -> None:
    seen = read(review_card(english, BY_BANK, BANK_OFFER, ROWS).text).text
    assert "Thandi Nkosi, bank, +27•••••567" in seen
    assert "256.76\u00a0ZAR" in seen
    assert "your bank’s page" in seen
    assert "PIN" not in seen


def test_after_a_new_quote_the_card_says_what_changed_and_asks_again(english: Texts, read: Read) -> None:
    seen = read(review_card(english, BY_PHONE, OFFER_AGAIN, ROWS, before=OFFER).text).text
    assert seen.startswith("The price ran out. Here is the new one.\nYou now get 0.12\u00a0USDC less.\n")
    assert "11.418461\u00a0USDC" in seen
    assert "11.538461" not in seen


@pytest.mark.parametrize(
    ("before", "now", "sentences"),
    [
        (offer(), offer(receive="11.5"), ["The figures are the same as before."]),
        (offer(), offer(receive="11.500001"), ["You now get 0.000001 USDC more."]),
        (offer(receive="11.50"), offer(receive="9"), ["You now get 2.5 USDC less."]),
        (
            offer(),
            offer(pay="1550", fee="50"),
            ["You now pay 20 KES more.", "The fee is 20 KES higher."],
        ),
        (
            offer(),
            offer(receive="12", pay="1500", fee="0"),
            ["You now get 0.5 USDC more.", "You now pay 30 KES less.", "The fee is 30 KES lower."],
        ),
        (BANK_OFFER, OFFER, ["The figures are the same as before."]),
    ],
)
def test_differences_are_exact_and_in_words(
    english: Texts, before: BuyOffer, now: BuyOffer, sentences: list[str]
) -> None:
    assert [line.replace("\u00a0", " ") for line in differences(english, before, now)] == sentences


def test_a_card_that_ran_out_shows_no_time_and_the_callers_buttons(texts: Texts, read: Read) -> None:
    screen = review_expired(texts, BY_PHONE, OFFER, ROWS)
    assert "tg-time" not in read(screen.text).tags
    assert screen.rows == ROWS


def test_confirmed_and_cancelled_cards_have_no_buttons(texts: Texts, read: Read) -> None:
    confirmed = review_confirmed(texts, BY_PHONE, OFFER, code="K7F3-9QX2")
    assert "K7F3-9QX2" in read(confirmed.text).text
    cancelled = review_cancelled(texts, OFFER)
    assert confirmed.rows == cancelled.rows == ()
    assert read(cancelled.text).text
