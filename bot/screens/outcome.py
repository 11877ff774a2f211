"""The one new message when a payment ends, because edits do not ring: what became of the money, and what to do next.

The frame is the same for every kind of payment; what each says stands in a module of its own.
"""

from datetime import datetime
from typing import assert_never

from bot.engine.results import BuyRequest, PaymentView, SellRequest, SendRequest
from bot.payments.states import PAYMENT_TERMINAL, PaymentState
from bot.screens import outcome_buy, outcome_sell, outcome_send
from bot.screens.card_parts import again_button, help_button, row, show_button, stop_rows
from bot.screens.foreign import Html
from bot.screens.formats import chain_label, day_and_time, money, phone_ending
from bot.screens.links import transfer_button
from bot.screens.parties import home, payer_of
from bot.screens.paying import waits_for_a_person
from bot.screens.review_parts import Rows, card
from bot.screens.screen import Screen
from bot.screens.status import needs_person_said
from bot.screens.status_sell import is_too_late, send_by
from bot.screens.texts import Texts

LONGEST_CAPTION = 1024  # characters under a picture (telegram.constants.MessageLimit.CAPTION_LENGTH)


def outcome_message(texts: Texts, view: PaymentView) -> Screen | None:
    """The message for where the payment ended; None while it has not. A completed one asks for the receipt picture."""
    lines = _undone(texts, view) if is_refund_undone(view) else _lines(texts, view)
    if lines is None:
        return None
    if needs_person_said(view):
        lines.append(texts("status.with_a_person"))
    when = day_and_time(ended_at(view), home(view.order), texts.language)
    foot = texts("outcome.reference", code=view.code, time=when)
    receipt = view.id if view.state is PaymentState.COMPLETED else None
    return Screen(text=card(_title(texts, view), lines, [foot]), rows=_rows(texts, view), receipt=receipt)


def delay_message(texts: Texts, view: PaymentView) -> Screen:
    """The one message for a payment of which the provider has told nothing for a while."""
    amount = money(view.receive, texts.language)
    match view.order:
        case BuyRequest():
            lines = (texts("outcome.delayed", amount=amount), texts("outcome.delayed_next"))
        case SellRequest():
            lines = (texts("sell.delayed", amount=money(view.pay, texts.language)), texts("sell.delayed_next"))
        case SendRequest():
            lines = (texts("send.delayed", amount=amount), texts("outcome.delayed_next"))
        case _:
            assert_never(view.order)
    return Screen(text="\n\n".join(lines), rows=((show_button(texts, view),),))


def reminder_message(texts: Texts, view: PaymentView, *, now: datetime | None = None) -> Screen:
    """The one message for a payment that has not been approved, or paid at the bank, or sent to, for a while.

    `now` is the time for which it is drawn, without it that of the last change.
    """
    pay, request = money(view.pay, texts.language), view.order
    if isinstance(request, SellRequest):
        head = texts("sell.not_arrived", amount=pay, chain=chain_label(request.chain))
        late = is_too_late(view, now or view.updated_at)
        lines = [texts("sell.too_late")] if late else send_by(texts, view)
        text = card(head, [*lines, texts("sell.too_late_sent")])
        return Screen(text=text, rows=((show_button(texts, view),), *stop_rows(texts, view)))
    payer = payer_of(request)
    head = (
        texts("outcome.unapproved_phone", amount=pay, phone=phone_ending(payer.phone))
        if payer.method == "mobile_money"
        else texts("outcome.unapproved_bank", amount=pay)
    )
    after = texts("outcome.unapproved_next" if isinstance(request, BuyRequest) else "send.unapproved_next")
    return Screen(text=card(head, [after]), rows=(row(show_button(texts, view), again_button(texts, view)),))


def ended_at(view: PaymentView) -> datetime:
    """When the payment ended; when it last changed, for one that goes on (perhaps after an end that was undone)."""
    return (view.ended_at if view.state in PAYMENT_TERMINAL else None) or view.updated_at


def is_refund_undone(view: PaymentView) -> bool:
    """Whether money that was paid back came back to us: it is over, and under way once more.

    Not so for a sale, which goes on after its end when crypto comes too late, nor for money that came in too late.
    """
    over_before = view.state is PaymentState.REFUNDING and view.ended_at is not None
    return over_before and not isinstance(view.order, SellRequest) and not waits_for_a_person(view)


def _title(texts: Texts, view: PaymentView) -> Html:
    match view.order:
        case BuyRequest():
            return outcome_buy.title(texts, view)
        case SellRequest():
            return outcome_sell.title(texts, view)
        case SendRequest():
            return outcome_send.title(texts, view)
        case _:
            assert_never(view.order)


def _lines(texts: Texts, view: PaymentView) -> list[Html] | None:
    match view.order:
        case BuyRequest() as request:
            return outcome_buy.lines(texts, view, request)
        case SellRequest() as request:
            return outcome_sell.lines(texts, view, request)
        case SendRequest() as request:
            return outcome_send.lines(texts, view, request)
        case _:
            assert_never(view.order)


def _undone(texts: Texts, view: PaymentView) -> list[Html]:
    return [texts("outcome.refund_undone", amount=money(view.refund or view.pay, texts.language))]


def _rows(texts: Texts, view: PaymentView) -> Rows:
    ask, again, explorer = help_button(texts, view), again_button(texts, view), transfer_button(texts, view)
    match view.state:
        case PaymentState.COMPLETED:
            last = row(again) or (show_button(texts, view),)
            return ((explorer,), last) if explorer is not None else (last,)
        case PaymentState.REFUNDING | PaymentState.REVERSED:
            return ((ask,),)
        case PaymentState.REFUNDED if explorer is not None:
            return ((explorer,), row(again, ask))
        case _:
            return (row(again, ask),)
