"""What is said when a send ends, or the payment of a request: arrived, or where the money is."""

from typing import assert_never

from bot.engine.results import PaymentView, SendRequest
from bot.payments.parties import Way
from bot.payments.states import PaymentState
from bot.screens.card_parts import icon, receipt_number
from bot.screens.foreign import Html
from bot.screens.formats import money, phone_ending
from bot.screens.parties import paid_back_to, receiver
from bot.screens.paying import arrived, is_paid_back_by_bank, not_sent_on, waits_for_a_person
from bot.screens.reasons import advice, reason_lines
from bot.screens.review_parts import fee_line
from bot.screens.texts import Texts


def title(texts: Texts, view: PaymentView) -> Html:
    """What became of it, with the amount that it was about."""
    return texts(f"send.title.{view.state}", icon=icon(view), amount=money(view.receive, texts.language))


def lines(texts: Texts, view: PaymentView, request: SendRequest) -> list[Html] | None:
    """What became of the money, and what can be done; None while the payment goes on."""
    receive = money(view.receive, texts.language)
    match view.state:
        case PaymentState.COMPLETED:
            return _completed(texts, view, request)
        case PaymentState.FAILED:
            return [*reason_lines(texts, view), texts("outcome.nothing_taken"), advice(texts, view)]
        case PaymentState.EXPIRED:
            said = [*reason_lines(texts, view), texts("outcome.nothing_taken"), advice(texts, view)]
            if request.payer.method == "mobile_money":
                said.append(texts("outcome.if_debited", phone=phone_ending(request.payer.phone)))
            return said
        case PaymentState.CANCELLED:
            return [texts("send.stopped"), texts("outcome.nothing_taken")]
        case PaymentState.REFUNDING:
            return [not_sent_on(texts, view, request), *_on_its_way_back(texts, view, request)]
        case PaymentState.REFUNDED:
            back = money(view.refund or view.pay, texts.language)
            payer = paid_back_to(texts, request.payer, view.refund_to)
            returned = texts("outcome.refunded", amount=back, receiver=payer)
            said = [not_sent_on(texts, view, request), returned]
            if view.refund_receipt:
                said.append(receipt_number(texts, "outcome.receipt_number", view.refund_receipt))
            return said
        case PaymentState.REVERSED:
            return [texts("outcome.reversed", amount=receive), texts("outcome.reversed_next")]
        case PaymentState.CONFIRMED | PaymentState.AWAITING_PAYMENT | PaymentState.DELIVERING:
            return None
        case _:
            assert_never(view.state)


def _completed(texts: Texts, view: PaymentView, request: SendRequest) -> list[Html]:
    to = receiver(texts, request.destination)
    said = [
        *arrived(texts, view, texts("send.delivered", amount=money(view.receive, texts.language), receiver=to)),
        texts("outcome.paid", amount=money(view.pay, texts.language)),
        fee_line(texts, view.pay, view.fee, view.receive),
    ]
    if view.receipt:
        said.append(receipt_number(texts, "send.receipt_paid", view.receipt))
    if view.payout_receipt:
        said.append(receipt_number(texts, "send.receipt_arrived", view.payout_receipt))
    return said


def _on_its_way_back(texts: Texts, view: PaymentView, request: SendRequest) -> list[Html]:
    back = money(view.refund or view.pay, texts.language)
    if is_paid_back_by_bank(view):
        return [texts("outcome.refund_time_bank", amount=back), texts("status.refunding_bank_details")]
    if waits_for_a_person(view):
        return [texts("outcome.late_refund", amount=back)]
    payer = paid_back_to(texts, request.payer, view.refund_to)
    on_its_way = texts("outcome.refunding", amount=back, receiver=payer)
    by_bank = view.refund_to is not None and view.refund_to.way is Way.BANK
    said = [on_its_way] if by_bank else [on_its_way, texts("outcome.refund_time_phone")]
    return said if view.with_a_person else [*said, texts("outcome.nothing_to_do")]
