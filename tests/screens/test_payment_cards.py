"""Status card, final message, list and help: every state, both ways to pay, all languages, and hostile content."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from telegram.constants import InlineKeyboardButtonLimit, MessageLimit

from bot.engine.results import PaymentView
from bot.payments.money import Money
from bot.payments.states import PAYMENT_TERMINAL, PaymentState
from bot.screens.formats import money
from bot.screens.help import payment_help
from bot.screens.history import history
from bot.screens.links import https_on
from bot.screens.outcome import LONGEST_CAPTION, outcome_message
from bot.screens.review import review_card
from bot.screens.samples import BANK_PAGE, OFFER, sample_view
from bot.screens.screen import Button, Screen
from bot.screens.status import status_card
from bot.screens.taps import MenuTap, PaymentTap, read_tap
from bot.screens.texts import Texts

Read = Callable[[str], Any]
ALLOWED = https_on("bank.example")
NONE = https_on()
HOSTILE = (
    "<b>Jane</b>",
    "_*[]()~>#+-=|{}.!",
    "You receive 999 USDC\u202e\u2066",
    "zero\u200b\u200dwidth\ufeff",
    "👩‍👩‍👧‍👦🇰🇪",
    "x" * 5000,
    "&" * 5000,
    "NUL\x00 and \x1b[0m",
    "evil.example/pay @admin /start #win",
    "line\nbreak\r\n● Done",
    "</code></blockquote><a href='https://evil.example'>here</a>",
    "{amount} {code}",
    "",
)
states = pytest.mark.parametrize("state", list(PaymentState))


def buttons(screen: Screen) -> list[Button]:
    return [button for row in screen.rows for button in row]


def actions(screen: Screen) -> set[str]:
    taps = [read_tap(button.data) for button in buttons(screen) if button.data is not None]
    return {tap.action for tap in taps if isinstance(tap, PaymentTap)}


@states
@pytest.mark.parametrize("bank", [False, True])
def test_a_status_card_names_its_payment_and_always_has_a_way_on(
    texts: Texts, read: Read, state: PaymentState, bank: bool
) -> None:
    view = sample_view(state, bank=bank)
    screen = status_card(texts, view, allowed=ALLOWED)
    seen = read(screen.text)
    assert view.code in seen.text
    assert money(view.pay, texts.language) in seen.text
    assert money(view.receive, texts.language) in seen.text
    assert seen.tags.count("tg-time") == 1
    progress = seen.text.splitlines()[1]
    assert progress.count("●") + progress.count("✗") <= 2
    assert ("✗" in progress) == (state in {"failed", "expired", "refunding", "refunded", "reversed", "cancelled"})
    assert "help" in actions(screen)
    assert ("again" in actions(screen)) == (state in PAYMENT_TERMINAL)
    assert view.request.phone not in seen.text
    assert "👤" not in seen.text


def test_progress_moves_along_the_line(english: Texts, read: Read) -> None:
    def line(state: PaymentState) -> str:
        seen = read(status_card(english, sample_view(state), allowed=NONE).text)
        return str(seen.text.splitlines()[1].replace("\u00a0", " "))

    assert line(PaymentState.CONFIRMED) == "● Confirmed › ○ Approve › ○ Crypto › ○ Done"
    assert line(PaymentState.AWAITING_PAYMENT) == "✓ Confirmed › ● Approve › ○ Crypto › ○ Done"
    assert line(PaymentState.DELIVERING) == "✓ Confirmed › ✓ Paid › ● Crypto › ○ Done"
    assert line(PaymentState.COMPLETED) == "✓ Confirmed › ✓ Paid › ✓ Sent › ✓ Done"
    assert line(PaymentState.FAILED) == "✓ Confirmed › ✗ Not paid"
    assert line(PaymentState.REFUNDING) == "✓ Paid › ✗ Crypto › ● Refund"
    assert line(PaymentState.REFUNDED) == "✓ Paid › ✗ Crypto › ✓ Paid back"


def test_the_customer_is_told_what_is_awaited(english: Texts, read: Read) -> None:
    by_phone = read(status_card(english, sample_view(PaymentState.AWAITING_PAYMENT), allowed=ALLOWED).text).text
    assert "Approve on your phone …678 now." in by_phone
    assert "about two minutes" in by_phone
    card = status_card(english, sample_view(PaymentState.AWAITING_PAYMENT, bank=True), allowed=ALLOWED)
    assert "Pay on the bank’s page now." in read(card.text).text
    assert buttons(card)[0].url == BANK_PAGE


@pytest.mark.parametrize(
    "link", [None, "http://bank.example/pay", "https://bank.example.evil.example/pay", "javascript:1"]
)
def test_no_button_leads_to_a_page_that_was_not_allowed(english: Texts, read: Read, link: str | None) -> None:
    view = replace(sample_view(PaymentState.AWAITING_PAYMENT, bank=True), redirect_url=link)
    card = status_card(english, view, allowed=ALLOWED)
    assert not any(button.url for button in buttons(card))
    assert "is being prepared" in read(card.text).text


def test_the_bank_page_is_offered_only_while_it_is_awaited(english: Texts) -> None:
    for state in set(PaymentState) - {PaymentState.AWAITING_PAYMENT, PaymentState.COMPLETED, PaymentState.REVERSED}:
        view = replace(sample_view(state, bank=True), redirect_url=BANK_PAGE)
        assert not any(button.url for button in buttons(status_card(english, view, allowed=ALLOWED)))


@states
def test_when_a_person_looks_at_it_every_card_says_so(english: Texts, state: PaymentState) -> None:
    view = sample_view(state, with_a_person=True)
    screens = [status_card(english, view, allowed=NONE), payment_help(english, view), outcome_message(english, view)]
    assert all("👤" in screen.text for screen in screens if screen is not None)


@states
def test_there_is_one_final_message_for_every_end(texts: Texts, read: Read, state: PaymentState) -> None:
    view = sample_view(state)
    screen = outcome_message(texts, view)
    if state in {PaymentState.CONFIRMED, PaymentState.AWAITING_PAYMENT, PaymentState.DELIVERING}:
        assert screen is None
        return
    assert screen is not None
    seen = read(screen.text)
    assert view.code in seen.text
    assert "14:05" in seen.text
    assert (screen.receipt == view.id) == (state is PaymentState.COMPLETED)
    assert screen.rows


def test_final_messages_say_what_became_of_the_money(english: Texts, read: Read) -> None:
    def message(state: PaymentState, **changes: Any) -> str:
        screen = outcome_message(english, replace(sample_view(state), **changes))
        assert screen is not None
        return str(read(screen.text).text.replace("\u00a0", " "))

    done = message(PaymentState.COMPLETED)
    assert "11.538461 USDC is in your wallet 0x5290…9EE7 on Base." in done
    assert "You paid 1,530 KES" in done
    assert "TKO4X7Q2ZP" in done
    failed = message(PaymentState.FAILED)
    assert "The payment provider says:" in failed
    assert "DS timeout user cannot be reached" in failed
    assert "No money was taken." in failed
    poor = message(PaymentState.FAILED, reason="reason.insufficient_funds", reason_detail=None)
    assert "not enough money" in poor
    assert "Top up" in poor
    assert "Buy again with your phone at hand" in message(PaymentState.EXPIRED)
    back = message(PaymentState.REFUNDING)
    assert "1,530 KES is on its way back to M-Pesa (Safaricom) …678." in back
    assert "You need not do anything." in back
    returned = message(PaymentState.REFUNDED)
    assert "1,530 KES was paid back to M-Pesa (Safaricom) …678." in returned
    assert "TKO4X9R5AB" in returned
    less = message(PaymentState.REFUNDED, refund=Money(Decimal(1500), "KES"))
    assert "1,500 KES was paid back" in less
    assert "took back" in message(PaymentState.REVERSED)


def test_a_refund_by_bank_is_done_by_a_person(english: Texts) -> None:
    view = sample_view(PaymentState.REFUNDING, bank=True, with_a_person=True)
    message = outcome_message(english, view)
    assert message is not None
    for screen in (message, status_card(english, view, allowed=NONE), payment_help(english, view)):
        assert screen.text.count("A person from our team pays") == 1
        assert "by bank" in screen.text
        assert "may ask you for the details of your bank account" in screen.text
        assert "need not do anything" not in screen.text
        assert "on its way back" not in screen.text


def test_what_need_not_be_done_is_said_once(english: Texts) -> None:
    message = outcome_message(english, sample_view(PaymentState.REFUNDING, with_a_person=True))
    assert message is not None
    assert message.text.count("need not do anything") == 1


@pytest.mark.parametrize("state", [PaymentState.FAILED, PaymentState.EXPIRED])
def test_help_invites_nothing_that_nobody_handles(english: Texts, state: PaymentState) -> None:
    alone = payment_help(english, sample_view(state)).text
    assert "send us" not in alone
    assert "Write to" not in alone
    assert "we keep asking the payment provider" in alone
    assert "as proof" in alone
    assert "Write to @support" in payment_help(english, sample_view(state), support="@support").text


def test_a_reason_of_another_version_is_no_error(english: Texts) -> None:
    screen = outcome_message(
        english, replace(sample_view(PaymentState.FAILED), reason="reason.long_gone", reason_detail=None)
    )
    assert screen is not None
    assert "No reason was given." in screen.text


def test_completed_payments_link_to_the_public_record(english: Texts) -> None:
    view = sample_view(PaymentState.COMPLETED)
    for screen in (status_card(english, view, allowed=NONE), outcome_message(english, view)):
        assert screen is not None
        assert [button.url for button in buttons(screen) if button.url] == [f"https://basescan.org/tx/{view.tx_hash}"]
    odd = replace(view, tx_hash="https://evil.example")
    assert not any(button.url for button in buttons(status_card(english, odd, allowed=NONE)))


def test_the_list_shows_every_payment_with_a_button_of_its_own(texts: Texts, read: Read) -> None:
    views = [replace(sample_view(state), code=f"K7F3-9QX{place}") for place, state in enumerate(PaymentState)]
    screen = history(texts, views)
    seen = read(screen.text).text
    for view, button in zip(views, buttons(screen), strict=False):
        assert view.code in seen
        assert view.code in button.text
        assert button.data is not None
        assert read_tap(button.data) == PaymentTap(view.code, "show")


def test_an_empty_list_invites_to_begin(texts: Texts) -> None:
    ways = [button.data for button in buttons(history(texts, ()))]
    assert ways == [MenuTap(name).pack() for name in ("buy", "sell", "send")]


def hostile_screens(texts: Texts, text: str, state: PaymentState, *, bank: bool) -> list[Screen]:
    view = sample_view(state, bank=bank, with_a_person=True)
    view = replace(
        view,
        request=replace(view.request, account_name=text, address=text or "0x", phone=text or "+254712345678"),
        reason="reason.provider_said",
        reason_detail=text,
        receipt=text,
        refund_receipt=text,
        tx_hash=text,
        redirect_url=text,
    )
    rows = ((Button("Confirm", data="1:d:x:3:confirm"),),)
    outcome = outcome_message(texts, view)
    return [
        review_card(texts, view.request, OFFER, rows, before=OFFER),
        status_card(texts, view, allowed=lambda link: True),
        payment_help(texts, view, support="@support"),
        history(texts, [view]),
        *([outcome] if outcome is not None else []),
    ]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("bank", [False, True])
def test_foreign_text_breaks_no_card_and_adds_nothing_to_it(texts: Texts, read: Read, text: str, bank: bool) -> None:
    for state in PaymentState:
        tame = hostile_screens(texts, "Jane", state, bank=bank)
        for screen, usual in zip(hostile_screens(texts, text, state, bank=bank), tame, strict=True):
            seen = read(screen.text)
            assert set(seen.tags) <= set(read(usual.text).tags) | {"blockquote", "code"}
            assert len(screen.text.splitlines()) <= len(usual.text.splitlines())
            assert not set(seen.text) & set("\u202e\u2066\u200b\u200d\ufeff\x00\x1b\r")
            assert "evil.example" not in seen.text
            assert "@admin" not in seen.text
            assert fits(screen, seen.text)


def fits(screen: Screen, seen: str) -> bool:
    longest = LONGEST_CAPTION if screen.receipt is not None else MessageLimit.MAX_TEXT_LENGTH
    return len(seen.encode("utf-16-le")) // 2 <= longest and len(screen.text) <= MessageLimit.MAX_TEXT_LENGTH


@states
def test_the_longest_values_fit_into_a_message(texts: Texts, read: Read, state: PaymentState) -> None:
    long = "Ŵ" * 5000
    view = worst(sample_view(state, with_a_person=True), long)
    for screen in (
        status_card(texts, view, allowed=ALLOWED),
        outcome_message(texts, view),
        payment_help(texts, view, support="@support"),
        history(texts, [view] * 10),
    ):
        if screen is not None:
            assert fits(screen, read(screen.text).text)
            for button in buttons(screen):
                if button.data is not None:
                    size = len(button.data.encode())
                    assert (
                        InlineKeyboardButtonLimit.MIN_CALLBACK_DATA
                        <= size
                        <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
                    )


def worst(view: PaymentView, long: str) -> PaymentView:
    digits = Decimal("123456789012345.123456789012345678")
    return replace(
        view,
        pay=Money(digits, "KES"),
        fee=Money(digits / 3, "KES"),
        receive=Money(digits, "USDC"),
        request=replace(view.request, country="CD", network=long, chain=long, address=long, account_name=long),
        receipt=long,
        refund_receipt=long,
        reason="reason.provider_said",
        reason_detail=long,
    )


def test_the_limit_of_a_caption_is_telegrams() -> None:
    assert LONGEST_CAPTION == MessageLimit.CAPTION_LENGTH
