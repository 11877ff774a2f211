"""Cards of sales and sends: what must be sent where, what cannot be undone, and every end with a way on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from telegram.constants import MessageLimit

from bot.engine.results import PaymentView, SellRequest, SendRequest
from bot.payments.money import Money
from bot.payments.states import PAYMENT_TERMINAL, PaymentState
from bot.screens.escrow import escrow_message, escrow_over_message
from bot.screens.formats import money
from bot.screens.help import payment_help
from bot.screens.history import history
from bot.screens.links import https_on
from bot.screens.outcome import LONGEST_CAPTION, delay_message, outcome_message, reminder_message
from bot.screens.payout_news import odd_amount_message
from bot.screens.review import differences, review_card, review_expired
from bot.screens.sample_orders import (
    ACROSS_OFFER,
    BANK,
    DESTINATIONS,
    ESCROW,
    GRACE,
    OWN_PHONE,
    PAYBILL,
    PAYING_A_REQUEST,
    SALE,
    SALE_ON_TRON,
    SALE_TO_GRACE,
    SELL_OFFER,
    SELL_OFFER_AGAIN,
    SEND,
    SEND_BY_BANK,
    SEND_OFFER,
    TILL,
    WALLET,
    sample_sale,
    sample_send,
)
from bot.screens.samples import BY_PHONE, NOW, OFFER
from bot.screens.screen import Button, Screen
from bot.screens.status import status_card
from bot.screens.taps import PaymentTap, read_tap
from bot.screens.texts import Texts, catalogue

Read = Callable[[str], Any]
NONE = https_on()
ROWS = ((Button("Confirm", data="1:d:x:3:confirm", style="success"),),)
AWAITING = PaymentState.AWAITING_PAYMENT
LONG = "Ŵ" * 5000


def buttons(screen: Screen) -> list[Button]:
    return [button for row in screen.rows for button in row]


def actions(screen: Screen) -> set[str]:
    taps = [read_tap(button.data) for button in buttons(screen) if button.data is not None]
    return {tap.action for tap in taps if isinstance(tap, PaymentTap)}


def copies(screen: Screen) -> list[str]:
    return [button.copy for button in buttons(screen) if button.copy is not None]


def in_order(text: str, parts: list[str]) -> None:
    at = 0
    for part in parts:
        assert part in text[at:], part
        at = text.index(part, at)


def test_a_sale_says_what_arrives_what_is_sent_the_fee_and_where_all_of_it_goes(texts: Texts, read: Read) -> None:
    seen = read(review_card(texts, SALE, SELL_OFFER, ROWS).text)
    figures = [money(part, texts.language) for part in (SELL_OFFER.receive, SELL_OFFER.pay, SELL_OFFER.fee)]
    charged_on = money(SELL_OFFER.fiat_amount, texts.language)
    in_order(
        seen.text, [*figures, charged_on, "14:06:22", "+254•••••678", "Jane Wanjiru", "0x5290…9EE7", "Base", WALLET]
    )
    assert seen.tags.count("tg-time") == 1
    assert "+254712345678" not in seen.text


def test_crypto_that_cannot_be_paid_out_has_a_place_to_go(english: Texts) -> None:
    assert "comes back to this wallet" in review_card(english, SALE, SELL_OFFER, ROWS).text
    other = review_card(english, SALE_TO_GRACE, SELL_OFFER, ROWS).text
    assert f"comes back to:\n<code>{SALE_TO_GRACE.refund_address}</code>" in other


@pytest.mark.parametrize(
    ("to", "shown"),
    [
        (OWN_PHONE, "To: your own number, M-Pesa (Safaricom) +254•••••678"),
        (GRACE, "To: M-Pesa (Safaricom) +254 722 000111"),
        (BANK, "To: KCB Bank, account 1104455667"),
        (TILL, "To: till 555123"),
        (PAYBILL, "To: paybill 888880, account 14-332-901"),
    ],
)
def test_what_must_be_checked_is_whole(english: Texts, read: Read, to: Any, shown: str) -> None:
    for card in (
        review_card(english, replace(SEND, destination=to), SEND_OFFER, ROWS),
        review_card(english, replace(SALE, destination=to), SELL_OFFER, ROWS),
    ):
        lines = read(card.text).text.replace("\u00a0", " ").splitlines()
        assert shown in lines
        assert f"Name: {to.name} (typed by you)" in lines


def test_a_send_says_what_it_costs_whom_it_pays_and_that_it_can_be_stopped(texts: Texts, read: Read) -> None:
    seen = read(review_card(texts, SEND, SEND_OFFER, ROWS, known="paid 3 times").text).text.replace("\u00a0", " ")
    figures = [money(part, texts.language) for part in (SEND_OFFER.receive, SEND_OFFER.pay, SEND_OFFER.fee)]
    figures = [figure.replace("\u00a0", " ") for figure in figures]
    payer = "+254•••••678"
    in_order(
        seen, [*figures, "14:06:22", "+254 722 000111", "Grace Okello", "paid 3 times", "rent", payer, "10", "…678"]
    )
    hold = texts.many("send.hold", 10).replace("\u00a0", " ")
    assert hold in seen
    assert hold[:20] not in review_card(texts, replace(SEND, hold=0), SEND_OFFER, ROWS).text


def test_names_in_a_request_are_whose_they_are_and_its_number_is_not_shown(english: Texts, read: Read) -> None:
    seen = read(review_card(english, PAYING_A_REQUEST, SEND_OFFER, ROWS).text).text
    assert "Grace Okello (as they call themselves)" in seen
    assert "typed by you" not in seen
    assert "000" not in seen.replace("2,000", "")
    assert "only somebody you know" in seen


def test_within_one_currency_there_is_no_price_that_could_run_out(texts: Texts, read: Read) -> None:
    confirm, price = texts("send.until", time=""), texts("review.until", time="")
    alone, across = (
        review_card(texts, replace(SEND, destination=to), offer, ROWS).text
        for to, offer in ((GRACE, SEND_OFFER), (DESTINATIONS[-1], ACROSS_OFFER))
    )
    assert confirm in alone
    assert price not in alone
    assert price in across
    again = review_card(texts, SEND, SEND_OFFER, ROWS, before=SEND_OFFER).text
    assert again.startswith(texts("send.title_again"))
    assert review_expired(texts, SEND, SEND_OFFER, ROWS).text.startswith(texts("send.title_expired"))
    assert review_expired(texts, SALE, SELL_OFFER, ROWS).text.startswith(texts("review.title_expired"))


def test_across_currencies_both_amounts_stand_there(english: Texts, read: Read) -> None:
    seen = read(review_card(english, replace(SEND, destination=DESTINATIONS[-1]), ACROSS_OFFER, ROWS).text).text
    assert "The receiver gets 231.55\u00a0GHS" in seen
    assert "Fee included: 40\u00a0KES (2% of 2,000\u00a0KES)" in seen


def test_what_changed_is_said_in_the_words_of_its_kind(english: Texts) -> None:
    said = differences(english, SELL_OFFER, SELL_OFFER_AGAIN, SALE)
    assert [line.replace("\u00a0", " ") for line in said] == ["You now get 8 KES less."]
    dearer = replace(SEND_OFFER, pay=Money(Decimal(2050), "KES"), receive=Money(Decimal(2001), "KES"))
    assert [line.replace("\u00a0", " ") for line in differences(english, SEND_OFFER, dearer)] == [
        "The receiver now gets 1 KES more.",
        "You now pay 10 KES more.",
    ]
    more = replace(SELL_OFFER, pay=Money(Decimal("10.000001"), "USDC"))
    assert "You now send 0.000001" in differences(english, SELL_OFFER, more, SALE_TO_GRACE)[0]


def test_request_and_offer_belong_together(english: Texts) -> None:
    with pytest.raises(ValueError, match="different kinds"):
        review_card(english, SALE, SEND_OFFER, ROWS)
    with pytest.raises(ValueError, match="different kinds"):
        differences(english, OFFER, SEND_OFFER)


def test_where_crypto_goes_can_be_copied_and_has_an_end(texts: Texts, read: Read) -> None:
    view = sample_sale(AWAITING)
    for screen in (escrow_message(texts, view), status_card(texts, view, allowed=NONE)):
        seen = read(screen.text)
        assert ESCROW in seen.text
        assert money(view.pay, texts.language) in seen.text
        assert "Base" in seen.text
        assert "14:34:32" in seen.text
        assert copies(screen) == [ESCROW, "10"]
        assert "cancel" in actions(screen)
    assert len(read(escrow_message(texts, view).text).text) <= LONGEST_CAPTION


@pytest.mark.parametrize(
    ("view", "why"),
    [
        (sample_sale(AWAITING), "The time to send is over"),
        (sample_sale(AWAITING, wrong=True), "The crypto has arrived"),
        (sample_sale(PaymentState.COMPLETED), "The crypto has arrived"),
        (sample_sale(PaymentState.REFUNDED), "The crypto has arrived"),
        (sample_sale(PaymentState.CANCELLED), "This sale is over"),
        (sample_sale(PaymentState.EXPIRED), "This sale is over"),
    ],
)
def test_where_crypto_went_says_that_nothing_more_may_be_sent(english: Texts, view: PaymentView, why: str) -> None:
    screen = escrow_over_message(english, view)
    assert why in screen.text
    assert "Please send nothing" in screen.text
    assert view.code in screen.text
    assert ESCROW not in screen.text
    assert (copies(screen), actions(screen)) == ([], {"show"})


def test_amounts_are_copied_as_wallets_take_them() -> None:
    view = replace(sample_sale(AWAITING), pay=Money(Decimal("12345.678900"), "USDC"))
    assert copies(escrow_message(catalogue("fr"), view))[1] == "12345.6789"


def test_only_a_sale_with_an_address_has_such_a_message(english: Texts) -> None:
    for view in (sample_sale(PaymentState.CONFIRMED), sample_send(AWAITING)):
        with pytest.raises(ValueError, match="address"):
            escrow_message(english, view)


@pytest.mark.parametrize(
    "changes",
    [
        {"pay_by": NOW - timedelta(seconds=1)},
        {"cancel_asked": True},
        {"seen_amount": Money(Decimal("9.5"), "USDC"), "can_cancel": False},
        {"state": PaymentState.EXPIRED},
        {"state": PaymentState.CANCELLED},
    ],
)
def test_once_nothing_may_be_sent_any_more_the_address_is_gone(
    english: Texts, read: Read, changes: dict[str, Any]
) -> None:
    card = status_card(english, replace(sample_sale(AWAITING), **changes), allowed=NONE)
    seen = read(card.text).text
    assert ESCROW not in seen
    assert "send nothing" in seen
    assert not copies(card)


def test_the_time_may_be_over_since_the_last_change(english: Texts) -> None:
    view = sample_sale(AWAITING)
    assert "send nothing any more" in status_card(english, view, allowed=NONE, now=NOW + timedelta(hours=1)).text
    assert "is over" in reminder_message(english, view, now=NOW + timedelta(hours=1)).text
    assert "is over" not in reminder_message(english, view).text


def test_a_wrong_amount_is_told_once_with_what_happens_next(english: Texts, read: Read) -> None:
    for state in (AWAITING, PaymentState.DELIVERING):
        view = sample_sale(state, wrong=True)
        for screen in (status_card(english, view, allowed=NONE), payment_help(english, view)):
            seen = read(screen.text).text
            assert "9.5\u00a0USDC arrived instead of exactly 10\u00a0USDC" in seen
            assert seen.count("A person from our team") == 1
            assert "comes back to your wallet by itself" in seen
    back = read(odd_amount_message(english, sample_sale(PaymentState.REFUNDING, wrong=True)).text).text
    assert "on its way back" in back
    assert "Most likely" not in back
    assert "the provider gives back" in english.plain("alert.todo.attention")  # operators read that it goes on


def test_what_can_be_undone_has_a_button_for_just_as_long(english: Texts) -> None:
    holding = sample_send(PaymentState.CONFIRMED, holding=True)
    card = status_card(english, holding, allowed=NONE)
    assert "stop" in actions(card)
    assert "Nothing has been charged yet" in card.text
    assert "stop" not in actions(status_card(english, replace(holding, can_stop=False), allowed=NONE))
    assert "cancel" not in actions(status_card(english, replace(sample_sale(AWAITING), can_cancel=False), allowed=NONE))


def test_progress_of_a_sale_and_a_send(english: Texts, read: Read) -> None:
    def line(view: PaymentView) -> str:
        return str(read(status_card(english, view, allowed=NONE).text).text.splitlines()[1].replace("\u00a0", " "))

    assert line(sample_sale(AWAITING)) == "✓ Confirmed › ● Send crypto › ○ Payout › ○ Done"
    assert line(sample_sale(PaymentState.REFUNDING)) == "✓ Crypto in › ✗ Payout › ● Crypto back"
    assert line(sample_sale(PaymentState.CANCELLED)) == "✓ Confirmed › ✗ Cancelled"
    assert line(sample_send(PaymentState.DELIVERING)) == "✓ Confirmed › ✓ Paid › ● Delivery › ○ Done"
    assert line(sample_send(PaymentState.CANCELLED)) == "✓ Confirmed › ✗ Stopped"


def test_final_messages_say_where_the_money_or_the_crypto_is(english: Texts, read: Read) -> None:
    def message(view: PaymentView) -> str:
        screen = outcome_message(english, view)
        assert screen is not None
        return str(read(screen.text).text.replace("\u00a0", " "))

    sold = message(sample_sale(PaymentState.COMPLETED, request=SALE_TO_GRACE))
    assert "1,279 KES was paid out to Grace Okello, M-Pesa (Safaricom) …111." in sold
    assert "Fee taken off: 26 KES (1.99% of 1,305 KES)" in sold
    assert "TKO5B1C8DE" in sold
    back = message(sample_sale(PaymentState.REFUNDED))
    assert "10 USDC is back in your wallet 0x5290…9EE7 on Base." in back
    other = message(sample_sale(PaymentState.REFUNDED, wrong=True))
    assert "9.5 USDC arrived instead of exactly 10 USDC, so nothing was paid out." in other
    assert "could not be paid out" not in other
    late = message(replace(sample_sale(PaymentState.REFUNDING), ended_at=NOW))
    assert "arrived after the sale was over" in late
    assert "Please send nothing" in message(sample_sale(PaymentState.EXPIRED))
    sent = message(sample_send(PaymentState.COMPLETED))
    assert "2,000 KES was paid out to Grace Okello" in sent
    assert "paid in: TKO4X7Q2ZP" in sent
    assert "paid out: TKO5B1C8DE" in sent
    assert "2,040 KES is on its way back to M-Pesa (Safaricom) …678." in message(sample_send(PaymentState.REFUNDING))
    assert "No money was taken." in message(sample_send(PaymentState.CANCELLED))
    undone = message(replace(sample_send(PaymentState.REFUNDING, with_a_person=True), ended_at=NOW))
    assert "did not work out" in undone


def test_crypto_that_came_back_can_be_looked_up(english: Texts) -> None:
    view = sample_sale(PaymentState.REFUNDED)
    for screen in (outcome_message(english, view), status_card(english, view, allowed=NONE)):
        assert screen is not None
        assert f"https://basescan.org/tx/{view.refund_tx}" in [button.url for button in buttons(screen)]


def test_somebodys_request_is_not_offered_again_from_our_side(english: Texts) -> None:
    for state in PAYMENT_TERMINAL:
        view = sample_send(state, request=PAYING_A_REQUEST)
        screens = [status_card(english, view, allowed=NONE), outcome_message(english, view)]
        assert all(screen is None or "again" not in actions(screen) for screen in screens)
        assert all(screen is None or screen.rows for screen in screens)


def orders() -> list[PaymentView]:
    sales: list[SellRequest] = [SALE, SALE_TO_GRACE, SALE_ON_TRON]
    sends: list[SendRequest] = [SEND, SEND_BY_BANK, PAYING_A_REQUEST]
    return [
        *(sample_sale(state, request=request, with_a_person=True) for request in sales for state in PaymentState),
        *(sample_send(state, request=request, with_a_person=True) for request in sends for state in PaymentState),
        *(sample_sale(state, wrong=True) for state in (AWAITING, PaymentState.DELIVERING)),
    ]


def drawn(texts: Texts, view: PaymentView) -> list[Screen]:
    screens = [
        status_card(texts, view, allowed=NONE),
        payment_help(texts, view, support="@support"),
        delay_message(texts, view),
        reminder_message(texts, view),
        history(texts, [view] * 10),
    ]
    outcome = outcome_message(texts, view)
    if view.escrow_address is not None:
        screens += [escrow_message(texts, view), escrow_over_message(texts, view)]
    return [*screens, outcome] if outcome is not None else screens


def test_every_card_of_every_order_names_it_and_leads_on(texts: Texts, read: Read) -> None:
    for view in orders():
        card = status_card(texts, view, allowed=NONE)
        seen = read(card.text).text
        assert view.code in seen
        assert money(view.receive, texts.language) in seen
        assert "help" in actions(card)
        assert "+254712345678" not in seen
        assert seen.count("👤") + seen.count(texts("status.refunding_bank_details")) == 1
        over = view.state in PAYMENT_TERMINAL
        assert (outcome_message(texts, view) is not None) == (over or view.state is PaymentState.REFUNDING)
        assert all(screen.rows for screen in drawn(texts, view))


def test_hostile_and_endless_words_break_no_card(texts: Texts, read: Read) -> None:
    digits = Decimal("123456789012345.123456789012345678")
    for word in (LONG, "<b>&@admin evil.example\u202e", ""):
        for view in orders():
            for screen in drawn(texts, spoilt(view, word, digits)):
                seen = read(screen.text).text
                caption = screen.receipt is not None or ESCROW in seen
                assert len(seen.encode("utf-16-le")) // 2 <= (
                    LONGEST_CAPTION if caption else MessageLimit.MAX_TEXT_LENGTH
                )
                assert len(screen.text) <= MessageLimit.MAX_TEXT_LENGTH
                assert "evil.example" not in seen
                assert "@admin" not in seen
        for card in (
            review_card(texts, spoilt(sample_sale(AWAITING), word, digits).request, SELL_OFFER, ROWS, known=word),
            review_card(texts, spoilt(sample_send(AWAITING), word, digits).request, SEND_OFFER, ROWS, known=word),
        ):
            assert "evil.example" not in read(card.text).text
            assert len(card.text) <= MessageLimit.MAX_TEXT_LENGTH


def spoilt(view: PaymentView, word: str, digits: Decimal) -> PaymentView:
    request = view.request
    assert not isinstance(request, type(BY_PHONE))
    to = replace(request.destination, name=word, bank_name=word or None, account=word or None, number=word or None)
    if isinstance(request, SellRequest):
        changed: Any = replace(request, destination=to, sender_address=word or "0x", refund_address=word or "0x")
    else:
        payer = replace(request.payer, account_name=word, network=word if request.payer.network else None)
        changed = replace(request, destination=to, payer=payer, note=word)
    return replace(
        view,
        request=changed,
        pay=Money(digits, view.pay.currency),
        fee=Money(digits / 3, view.fee.currency),
        receive=Money(digits, view.receive.currency),
        receipt=word,
        payout_receipt=word,
        refund_receipt=word,
        tx_hash=word,
        refund_tx=word,
        reason="reason.provider_said",
        reason_detail=word,
    )
