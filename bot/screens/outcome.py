"""The one new message when a payment ends, because edits do not ring: what became of the money, and what to do next."""

from datetime import datetime
from typing import assert_never

from bot.engine.results import PaymentView
from bot.payments.states import PAYMENT_TERMINAL, PaymentState
from bot.screens.foreign import Html, escaped
from bot.screens.formats import chain_label, day_and_time, money, phone_ending, short_address
from bot.screens.links import explorer_button
from bot.screens.reasons import advice, reason_lines
from bot.screens.review import fee_line
from bot.screens.screen import Button, Screen
from bot.screens.status import ICONS, is_paid_back_by_bank, refund_receiver
from bot.screens.taps import PaymentTap
from bot.screens.texts import Texts

LONGEST_CAPTION = 1024  # characters under a picture (telegram.constants.MessageLimit.CAPTION_LENGTH)


def outcome_message(texts: Texts, view: PaymentView) -> Screen | None:
    """The message for where the payment ended; None while it has not. A completed one asks for the receipt picture."""
    language = texts.language
    receive, back = money(view.receive, language), money(view.refund or view.pay, language)
    again = Button(texts.plain("button.again"), data=PaymentTap(view.code, "again").pack(), style="primary")
    ask = Button(texts.plain("button.help"), data=PaymentTap(view.code, "help").pack())
    rows: tuple[tuple[Button, ...], ...] = ((again, ask),)
    receipt = None
    match view.state:
        case PaymentState.COMPLETED:
            lines = _completed(texts, view)
            explorer = explorer_button(texts, view.request.chain, view.tx_hash)
            rows = ((explorer,), (again,)) if explorer is not None else ((again,),)
            receipt = view.id
        case PaymentState.FAILED | PaymentState.CANCELLED:
            lines = [*reason_lines(texts, view), texts("outcome.nothing_taken"), advice(texts, view)]
        case PaymentState.EXPIRED:
            lines = [*reason_lines(texts, view), texts("outcome.nothing_taken"), advice(texts, view)]
            if view.request.method == "mobile_money":
                lines.append(texts("outcome.if_debited", phone=phone_ending(view.request.phone)))
        case PaymentState.REFUNDING if view.ended_at is not None:
            lines = [texts("outcome.refund_undone", amount=back)]
            rows = ((ask,),)
        case PaymentState.REFUNDING if is_paid_back_by_bank(view):
            lines = [
                texts("outcome.not_delivered", amount=receive),
                texts("outcome.refund_time_bank", amount=back),
                texts("status.refunding_bank_details"),
            ]
            rows = ((ask,),)
        case PaymentState.REFUNDING:
            lines = [
                texts("outcome.not_delivered", amount=receive),
                texts("outcome.refunding", amount=back, receiver=refund_receiver(texts, view)),
                texts("outcome.refund_time_phone"),
            ]
            if not view.with_a_person:  # which says the same
                lines.append(texts("outcome.nothing_to_do"))
            rows = ((ask,),)
        case PaymentState.REFUNDED:
            lines = [texts("outcome.refunded", amount=back, receiver=refund_receiver(texts, view))]
            if view.refund_receipt:
                lines.append(texts("outcome.receipt_number", number=_number(view.refund_receipt)))
        case PaymentState.REVERSED:
            lines = [texts("outcome.reversed", amount=receive), texts("outcome.reversed_next")]
            rows = ((ask,),)
        case PaymentState.CONFIRMED | PaymentState.AWAITING_PAYMENT | PaymentState.DELIVERING:
            return None
        case _:
            assert_never(view.state)
    if view.with_a_person and not is_paid_back_by_bank(view):
        lines.append(texts("status.with_a_person"))
    head = texts(f"outcome.title.{view.state}", icon=ICONS[view.state], amount=receive)
    foot = texts("outcome.reference", code=view.code, time=_when(texts, view))
    return Screen(text="\n\n".join((head, "\n".join(lines), foot)), rows=rows, receipt=receipt)


def delay_message(texts: Texts, view: PaymentView) -> Screen:
    """The one message for a payment of which the provider has told nothing for a while."""
    show = Button(texts.plain("button.show"), data=PaymentTap(view.code, "show").pack())
    lines = (texts("outcome.delayed", amount=money(view.receive, texts.language)), texts("outcome.delayed_next"))
    return Screen(text="\n\n".join(lines), rows=((show,),))


def reminder_message(texts: Texts, view: PaymentView) -> Screen:
    """The one message for a payment that has not been approved, or paid at the bank, for a while."""
    show = Button(texts.plain("button.show"), data=PaymentTap(view.code, "show").pack())
    again = Button(texts.plain("button.again"), data=PaymentTap(view.code, "again").pack())
    pay = money(view.pay, texts.language)
    head = (
        texts("outcome.unapproved_phone", amount=pay, phone=phone_ending(view.request.phone))
        if view.request.method == "mobile_money"
        else texts("outcome.unapproved_bank", amount=pay)
    )
    return Screen(text="\n\n".join((head, texts("outcome.unapproved_next"))), rows=((show, again),))


def ended_at(view: PaymentView) -> datetime:
    """When the payment ended; when it last changed, for one that goes on (perhaps after an end that was undone)."""
    return (view.ended_at if view.state in PAYMENT_TERMINAL else None) or view.updated_at


def _completed(texts: Texts, view: PaymentView) -> list[Html]:
    lines = [
        texts(
            "outcome.delivered",
            amount=money(view.receive, texts.language),
            chain=chain_label(view.request.chain),
            address=short_address(view.request.address),
        ),
        texts("outcome.paid", amount=money(view.pay, texts.language)),
        fee_line(texts, view.pay, view.fee),
    ]
    if view.receipt:
        lines.append(texts("outcome.receipt_number", number=_number(view.receipt)))
    return lines


def _number(receipt: str) -> Html:
    return Html(f"<code>{escaped(receipt, longest=64)}</code>")


def _when(texts: Texts, view: PaymentView) -> str:
    return day_and_time(ended_at(view), view.request.country, texts.language)
