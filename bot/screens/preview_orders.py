"""Every screen of sales and sends, with its pictures, for the preview page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.engine.results import PaymentView
from bot.payments.states import PAYMENT_TERMINAL, PaymentState
from bot.screens.cancelling import sure_to_cancel
from bot.screens.escrow import escrow_message, escrow_over_message
from bot.screens.help import payment_help
from bot.screens.history import history
from bot.screens.links import https_on
from bot.screens.outcome import delay_message, outcome_message, reminder_message
from bot.screens.payout_news import not_cancelled_message, odd_amount_message, payout_waits_message
from bot.screens.qr import escrow_qr_png, link_qr_png
from bot.screens.receipt import receipt_png
from bot.screens.review import review_cancelled, review_card, review_confirmed, review_expired
from bot.screens.sample_orders import (
    ACROSS_OFFER,
    DESTINATIONS,
    KWAME,
    PAYING_A_REQUEST,
    SALE,
    SALE_ON_TRON,
    SALE_TO_GRACE,
    SELL_OFFER,
    SELL_OFFER_AGAIN,
    SEND,
    SEND_BY_BANK,
    SEND_OFFER,
    sample_sale,
    sample_send,
)
from bot.screens.samples import NOW
from bot.screens.screen import Button, Screen
from bot.screens.status import status_card, still_running
from bot.screens.texts import Texts

_ALLOWED = https_on("bank.example")
_REVIEW = ((Button("…", data="1:d:x:3:confirm", style="success"),),)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a screen: the name of its file, and what draws it."""

    file: str
    draw: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Sample:
    """One screen under a name, perhaps with a picture above."""

    name: str
    screen: Screen
    picture: Picture | None = None


def outcome_sample(texts: Texts, view: PaymentView, name: str, file: str) -> Sample:
    """The message when a payment ends, with its receipt where it has one."""
    screen = outcome_message(texts, view)
    assert screen is not None
    picture = Picture(f"receipt-{texts.language}-{file}.png", lambda: receipt_png(texts, view))
    return Sample(f"outcome: {name}", screen, picture if screen.receipt is not None else None)


def sale_samples(texts: Texts) -> Iterator[Sample]:
    """A sale from its review to every end."""
    for name, request in (("own phone", SALE), ("somebody’s phone", SALE_TO_GRACE), ("bank", SALE_ON_TRON)):
        yield Sample(f"sale, review: {name}", review_card(texts, request, SELL_OFFER, _REVIEW))
    again = review_card(texts, SALE_TO_GRACE, SELL_OFFER_AGAIN, _REVIEW, before=SELL_OFFER)
    yield Sample("sale, review: new quote", again)
    yield Sample("sale, review: run out", review_expired(texts, SALE, SELL_OFFER, _REVIEW))
    yield Sample("sale, review: confirmed", review_confirmed(texts, SALE, SELL_OFFER, code="K7F3-9QX2"))
    yield Sample("sale, review: cancelled", review_cancelled(texts, SELL_OFFER))
    awaiting = sample_sale(PaymentState.AWAITING_PAYMENT)
    for file, view in (
        ("base", awaiting),
        ("tron", sample_sale(PaymentState.AWAITING_PAYMENT, request=SALE_ON_TRON)),
    ):
        spoken = replace(view, language=texts.language)
        picture = Picture(f"escrow-{texts.language}-{file}.png", _drawer(escrow_qr_png, spoken))
        yield Sample(f"sale, where to send: {file}", escrow_message(texts, spoken), picture)
    for state in (PaymentState.AWAITING_PAYMENT, PaymentState.DELIVERING, PaymentState.CANCELLED):
        over = escrow_over_message(texts, sample_sale(state))
        yield Sample(f"sale, where to send, over: {state}", over)
    for state in PaymentState:
        yield from _course(texts, sample_sale(state), f"sale, {state}", f"sale-{state}")
    for name, odd in (
        ("wrong amount", sample_sale(PaymentState.AWAITING_PAYMENT, wrong=True)),
        ("cancel asked", replace(awaiting, cancel_asked=True)),
        ("too late", replace(awaiting, pay_by=NOW - timedelta(minutes=1))),
        ("came too late", replace(sample_sale(PaymentState.REFUNDING), ended_at=NOW)),
    ):
        yield Sample(f"sale, status: {name}", status_card(texts, odd, allowed=_ALLOWED))
    yield Sample("sale, help: wrong amount", payment_help(texts, sample_sale(PaymentState.DELIVERING, wrong=True)))
    yield Sample("sale that takes longer", delay_message(texts, sample_sale(PaymentState.DELIVERING)))
    yield Sample("sale, reminder", reminder_message(texts, awaiting))
    late = reminder_message(texts, awaiting, now=NOW + timedelta(hours=1))
    yield Sample("sale, reminder, too late", late)
    yield Sample("sale that goes on", still_running(texts, awaiting))
    yield Sample(
        "sale, news: wrong amount", odd_amount_message(texts, sample_sale(PaymentState.DELIVERING, wrong=True))
    )
    yield Sample("sale, sure to cancel", sure_to_cancel(texts, awaiting))
    for state in (PaymentState.AWAITING_PAYMENT, PaymentState.DELIVERING):
        told = not_cancelled_message(texts, sample_sale(state))
        assert told is not None
        yield Sample(f"sale, news: not cancelled, {state}", told)


def send_samples(texts: Texts) -> Iterator[Sample]:
    """A send from its review to every end, and the payment of somebody's request."""
    for place, to in enumerate(DESTINATIONS):
        request = replace(SEND, destination=to, hold=10 if place else 0)
        offer = ACROSS_OFFER if to is KWAME else SEND_OFFER
        card = review_card(texts, request, offer, _REVIEW, known="+3, 12.10." if place == 1 else None)
        yield Sample(f"send, review: {place + 1}", card)
    yield Sample("send, review: by bank", review_card(texts, SEND_BY_BANK, SEND_OFFER, _REVIEW))
    yield Sample("request, review", review_card(texts, PAYING_A_REQUEST, SEND_OFFER, _REVIEW))
    yield Sample("send, review: run out", review_expired(texts, SEND, SEND_OFFER, _REVIEW))
    yield Sample("send, review: confirmed", review_confirmed(texts, SEND, SEND_OFFER, code="K7F3-9QX2"))
    yield Sample("send, review: cancelled", review_cancelled(texts, SEND_OFFER))
    holding = sample_send(PaymentState.CONFIRMED, holding=True)
    yield Sample("send, status: hold", status_card(texts, holding, allowed=_ALLOWED))
    for state in PaymentState:
        yield from _course(texts, sample_send(state), f"send, {state}", f"send-{state}")
    for state in (PaymentState.AWAITING_PAYMENT, PaymentState.REFUNDING):
        by_bank = sample_send(state, request=SEND_BY_BANK, with_a_person=state is PaymentState.REFUNDING)
        yield from _course(texts, by_bank, f"send by bank, {state}", f"send-bank-{state}")
    yield from _course(texts, sample_send(PaymentState.FAILED, request=PAYING_A_REQUEST), "request, failed", "request")
    yield Sample("send that takes longer", delay_message(texts, sample_send(PaymentState.DELIVERING)))
    yield Sample("send, news: payout waits", payout_waits_message(texts, sample_send(PaymentState.DELIVERING)))
    yield Sample("send, reminder", reminder_message(texts, sample_send(PaymentState.AWAITING_PAYMENT)))
    mixed = [sample_sale(PaymentState.COMPLETED), sample_send(PaymentState.DELIVERING)]
    link = Picture(
        f"link-{texts.language}.png",
        lambda: link_qr_png(
            "https://t.me/example_bot?start=r_x", "Lunch", "1,500 KES", hint=texts.plain("send.qr_scan")
        ),
    )
    yield Sample("history, mixed, with the picture of a link", history(texts, mixed), link)


def _course(texts: Texts, view: PaymentView, name: str, file: str) -> Iterator[Sample]:
    yield Sample(f"status: {name}", status_card(texts, view, allowed=_ALLOWED))
    if view.state in PAYMENT_TERMINAL | {PaymentState.REFUNDING}:
        yield outcome_sample(texts, view, name, file)
    yield Sample(f"help: {name}", payment_help(texts, view, support="@support"))


def _drawer(draw: Callable[[PaymentView], bytes], view: PaymentView) -> Callable[[], bytes]:
    return lambda: draw(view)
