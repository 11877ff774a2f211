"""The operators' cards: within Telegram's limits at their fullest, phones masked in lists, and the picture of a week."""

import io
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from PIL import Image
from telegram.constants import MessageLimit

from bot.engine.findings import Cause
from bot.engine.operators.results import Action, Balance, Day, Page, Role
from bot.payments.coverage import Service
from bot.payments.states import Concern, LegKind, LegState
from bot.screens.operators.chart import week_png
from bot.screens.operators.overview import used_balance_lines
from bot.screens.operators.record import audit_screen
from bot.screens.preview_operators import WEEK, operator_samples, sample_overview
from bot.screens.samples import NOW
from bot.screens.texts import Texts
from bot.telegram.words import cut_html

_ID = "066115aaae7801234567" + "89abcdef0123"


def test_the_fullest_card_is_not_cut(texts: Texts, read: Callable[[str], Any]) -> None:
    for sample in operator_samples(texts):
        assert len(read(sample.screen.text).text) <= MessageLimit.MAX_TEXT_LENGTH, sample.name
        assert cut_html(sample.screen.text, int(MessageLimit.MAX_TEXT_LENGTH)) == sample.screen.text, sample.name


def test_a_list_masks_phones_and_a_card_shows_them(texts: Texts) -> None:
    shown = {sample.name: sample.screen.text.replace("\u00a0", " ") for sample in operator_samples(texts)}
    assert "+254•••••678" in shown["operators: found"]
    assert "712345678" not in shown["operators: found"].replace(" ", "")
    assert "+254 712 345678" in shown["operators: a customer"]
    assert "+254 712 345678" in shown["operators: a payment"]


def test_what_may_not_be_done_is_not_offered(texts: Texts) -> None:
    cards = {sample.name: sample.screen for sample in operator_samples(texts)}
    labels = [button.text for row in cards["operators: a payment, for a viewer"].rows for button in row]
    assert texts.plain("ops.button_poll") not in labels
    assert texts.plain("ops.button_raw") not in labels


def test_the_wallets_that_matter_come_first_and_the_others_are_counted(english: Texts) -> None:
    def wallet(currency: str, payout: int) -> Balance:
        return Balance(currency, None, Decimal(0), Decimal(payout), "ACTIVE")

    wallets = [wallet(one, 10 + place) for place, one in enumerate(("CDF", "EGP", "ETB", "GHS", "GNF", "MWK", "XAF"))]
    wallets += [wallet("KES", 5000), wallet("RWF", 7), wallet("UGX", 90), wallet("ZAR", 9)]
    seen = replace(
        sample_overview(),
        balances=tuple(wallets),
        currencies=frozenset({"KES", "USDC"}),
        lately=frozenset({"KES", "UGX", "USDC"}),
        floors={"ZAR": Decimal(9), "RWF": Decimal(8)},
    )
    lines = [line.replace("\u00a0", " ") for line in used_balance_lines(english, seen)]
    order = [next(one.currency for one in wallets if one.currency in line) for line in lines[1:-1]]
    assert order == ["RWF", "KES", "UGX", "ZAR", "XAF"]
    assert lines[-1] == "and 6 more: /balances"


def test_a_week_is_a_small_picture_also_without_payments(texts: Texts) -> None:
    for days in (WEEK, tuple(Day(day.date, 0, 0, 0) for day in WEEK)):
        drawn = week_png(texts, days)
        with Image.open(io.BytesIO(drawn)) as picture:
            assert (picture.width, picture.format) == (1080, "PNG")
        assert len(drawn) < 100 * 1024


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ("concern", Concern),
        ("legkind", LegKind),
        ("legstate", LegState),
        ("cause", Cause),
        ("role", Role),
        ("scope", Service),
    ],
)
def test_every_word_of_the_engine_has_a_name(english: Texts, space: str, words: type[StrEnum]) -> None:
    assert [word for word in words if f"ops.{space}.{word}" not in english] == []


@pytest.mark.parametrize(
    ("action", "target", "before", "after", "said"),
    [
        (
            "cancel_broadcast",
            f"broadcast:{_ID}",
            {"words": "We are closed"},
            {"people": "30", "delivered": "12", "unreachable": "1"},
            "before: words We are closed\nafter: people 30, got it 12, not reached 1",
        ),
        (
            "answer_inquiry",
            "customer:501",
            {},
            {"inquiry": _ID, "message": _ID},
            "answered a customer\non customer 501",
        ),
        (
            "resolve",
            f"case:{_ID}",
            {"case": _ID, "concern": "paid_out_twice"},
            {},
            "of the attention list\nbefore: item ",
        ),
        ("bulk_stop", "bulk:B-7K3F9Q", {}, {"rows": "9", "paid": "4"}, "on file B-7K3F9Q\nafter: rows 9, paid 4"),
        ("alerts", "alerts:low_balance", {}, {"mode": "silent"}, "on Low balance\nafter: told: silent"),
        (
            "block",
            "customer:501",
            {"blocked": "False"},
            {"blocked": "True"},
            "before: blocked: no\nafter: blocked: yes",
        ),
        ("limit", "limit:day:KES", {"limit": "-"}, {"limit": "5"}, "on day KES\nbefore: limit –\nafter: limit 5"),
        (
            "transfer",
            f"order:{_ID}",
            {},
            {"order": _ID, "state": "proposed"},
            "after: state: waits for a second operator",
        ),
        ("approve", f"order:{_ID}", {"asked by": "7", "what": "payout"}, {"order": _ID}, "asked for by Mary (7)"),
    ],
)
def test_the_record_says_what_it_is_about_in_words(
    english: Texts,
    read: Callable[[str], Any],
    action: str,
    target: str,
    before: dict[str, str],
    after: dict[str, str],
    said: str,
) -> None:
    act = Action(NOW, 7, "operator", action, target, None, tuple(before.items()), tuple(after.items()))
    shown = read(audit_screen(english, [act], Page(1, more=False), names={7: "Mary"}).text).text
    assert said in shown.replace("\u2060", "")
    assert _ID[:12] not in shown
    assert ": \n" not in f"{shown}\n"
