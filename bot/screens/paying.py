"""Fiat that is paid in: what the payer must do for it, and how it goes back. The same for a buy and a send."""

from typing import assert_never

from bot.engine.results import PaymentView, SendRequest
from bot.payments.parties import Payer
from bot.payments.reasons import ARRIVED_LATE, CAME_LATE
from bot.payments.states import PaymentKind, PaymentState
from bot.screens.card_parts import DONE, NOW, OPEN, STOPPED, Steps
from bot.screens.foreign import Html
from bot.screens.formats import money, phone_ending
from bot.screens.links import LinkCheck, bank_button
from bot.screens.parties import paid_back_to, paid_by_bank, receiver
from bot.screens.texts import Texts


def steps_of_payer(view: PaymentView, *, bank: bool, send: str) -> Steps:
    """The four stations of what a payer pays in for; `send` is the key of the third, in which it goes on."""
    pay = "status.step.pay_bank" if bank else "status.step.pay_phone"
    done, confirmed = "status.step.done", "status.step.confirmed"
    match view.state:
        case PaymentState.CONFIRMED:
            return [(NOW, confirmed), (OPEN, pay), (OPEN, send), (OPEN, done)]
        case PaymentState.AWAITING_PAYMENT:
            return [(DONE, confirmed), (NOW, pay), (OPEN, send), (OPEN, done)]
        case PaymentState.DELIVERING:
            return [(DONE, confirmed), (DONE, "status.step.paid"), (NOW, send), (OPEN, done)]
        case PaymentState.COMPLETED:
            return [(DONE, confirmed), (DONE, "status.step.paid"), (DONE, "status.step.sent"), (DONE, done)]
        case PaymentState.FAILED:
            return [(DONE, confirmed), (STOPPED, "status.step.not_paid")]
        case PaymentState.EXPIRED:
            return [(DONE, confirmed), (STOPPED, "status.step.too_late")]
        case PaymentState.CANCELLED:
            return [(DONE, confirmed), (STOPPED, "send.step.stopped")]
        case PaymentState.REFUNDING:
            return [(DONE, "status.step.paid"), (STOPPED, send), (NOW, "status.step.refund")]
        case PaymentState.REFUNDED:
            return [(DONE, "status.step.paid"), (STOPPED, send), (DONE, "status.step.refunded")]
        case PaymentState.REVERSED:
            return [(DONE, "status.step.paid"), (DONE, "status.step.sent"), (STOPPED, "status.step.reversed")]
        case _:
            assert_never(view.state)


def awaited_from_payer(texts: Texts, view: PaymentView, payer: Payer, allowed: LinkCheck) -> list[Html]:
    """Approve on the phone, or pay on the bank's page."""
    if payer.method == "bank":
        ready = bank_button(texts, view.redirect_url, allowed) is not None
        return [texts("status.awaiting_bank" if ready else "status.awaiting_bank_page")]
    return [
        texts("status.awaiting_phone", phone=phone_ending(payer.phone), amount=money(view.pay, texts.language)),
        texts("status.awaiting_phone_help"),
    ]


def refund_lines(texts: Texts, view: PaymentView, payer: Payer) -> list[Html]:
    """What could not be delivered, and where the money is on its way back."""
    crypto = view.kind is PaymentKind.BUY
    back, whom = money(view.refund or view.pay, texts.language), paid_back_to(texts, payer, view.refund_to)
    if view.state is PaymentState.REFUNDED:
        return [texts("status.refunded" if crypto else "send.refunded", amount=back, receiver=whom)]
    if is_paid_back_by_bank(view):
        by_person = texts("status.refunding_bank" if crypto else "send.refunding_bank", amount=back)
        return [by_person, texts("status.refunding_bank_details")]
    if waits_for_a_person(view):
        return [texts("outcome.late_refund", amount=back)]
    return [texts("status.refunding" if crypto else "send.refunding", amount=back, receiver=whom)]


def not_sent_on(texts: Texts, view: PaymentView, request: SendRequest) -> Html:
    """Why money that came in did not reach whom it was for."""
    if view.reason == CAME_LATE:
        return texts(CAME_LATE)
    to = receiver(texts, request.destination)
    return texts("send.undelivered", amount=money(view.receive, texts.language), receiver=to)


def arrived(texts: Texts, view: PaymentView, line: Html) -> list[Html]:
    """The line that says that it arrived, and that this was not to be expected any more where it was told otherwise before."""
    return [line, texts(ARRIVED_LATE)] if view.reason == ARRIVED_LATE else [line]


def waits_for_a_person(view: PaymentView) -> bool:
    """Whether money that came in after the end is owed, and nobody has ordered yet that it is paid back."""
    return view.reason == CAME_LATE and view.state is PaymentState.REFUNDING and view.refund is None


def is_paid_back_by_bank(view: PaymentView) -> bool:
    """Whether a person pays the money back by bank, which then is said in place of "a person is looking at it"."""
    return view.state is PaymentState.REFUNDING and paid_by_bank(view.order) and view.refund is None
