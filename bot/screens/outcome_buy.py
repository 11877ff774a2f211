"""What is said when a buy ends: delivered, or where the money is."""

from typing import assert_never

from bot.engine.results import BuyRequest, PaymentView
from bot.payments.parties import Way
from bot.payments.states import PaymentState
from bot.screens.card_parts import icon, receipt_number
from bot.screens.foreign import Html
from bot.screens.formats import chain_label, money, phone_ending, short_address
from bot.screens.parties import paid_back_to, payer_of
from bot.screens.paying import arrived, is_paid_back_by_bank, waits_for_a_person
from bot.screens.reasons import advice, reason_lines
from bot.screens.review_parts import fee_line
from bot.screens.texts import Texts


def title(texts: Texts, view: PaymentView) -> Html:
    """What became of it, with the amount that it was about."""
    return texts(f"outcome.title.{view.state}", icon=icon(view), amount=money(view.receive, texts.language))


def lines(texts: Texts, view: PaymentView, request: BuyRequest) -> list[Html] | None:
    """What became of the money, and what can be done; None while the payment goes on."""
    receive = money(view.receive, texts.language)
    match view.state:
        case PaymentState.COMPLETED:
            return _completed(texts, view, request)
        case PaymentState.FAILED:
            return [*reason_lines(texts, view), texts("outcome.nothing_taken"), advice(texts, view)]
        case PaymentState.EXPIRED:
            said = [*reason_lines(texts, view), texts("outcome.nothing_taken"), advice(texts, view)]
            if request.method == "mobile_money":
                said.append(texts("outcome.if_debited", phone=phone_ending(request.phone)))
            return said
        case PaymentState.CANCELLED:
            return [texts("outcome.nothing_taken")]
        case PaymentState.REFUNDING:
            return [texts("outcome.not_delivered", amount=receive), *_on_its_way_back(texts, view, request)]
        case PaymentState.REFUNDED:
            back = money(view.refund or view.pay, texts.language)
            receiver = paid_back_to(texts, payer_of(request), view.refund_to)
            said = [texts("outcome.refunded", amount=back, receiver=receiver)]
            if view.refund_receipt:
                said.append(receipt_number(texts, "outcome.receipt_number", view.refund_receipt))
            return said
        case PaymentState.REVERSED:
            return [texts("outcome.reversed", amount=receive), texts("outcome.reversed_next")]
        case PaymentState.CONFIRMED | PaymentState.AWAITING_PAYMENT | PaymentState.DELIVERING:
            return None
        case _:
            assert_never(view.state)


def _completed(texts: Texts, view: PaymentView, request: BuyRequest) -> list[Html]:
    delivered = texts(
        "outcome.delivered",
        amount=money(view.receive, texts.language),
        chain=chain_label(request.chain),
        address=short_address(request.address),
    )
    said = [
        *arrived(texts, view, delivered),
        texts("outcome.paid", amount=money(view.pay, texts.language)),
        fee_line(texts, view.pay, view.fee, view.receive),
    ]
    if view.receipt:
        said.append(receipt_number(texts, "outcome.receipt_number", view.receipt))
    return said


def _on_its_way_back(texts: Texts, view: PaymentView, request: BuyRequest) -> list[Html]:
    back = money(view.refund or view.pay, texts.language)
    if is_paid_back_by_bank(view):
        return [texts("outcome.refund_time_bank", amount=back), texts("status.refunding_bank_details")]
    if waits_for_a_person(view):
        return [texts("outcome.late_refund", amount=back)]
    receiver = paid_back_to(texts, payer_of(request), view.refund_to)
    on_its_way = texts("outcome.refunding", amount=back, receiver=receiver)
    by_bank = view.refund_to is not None and view.refund_to.way is Way.BANK
    said = [on_its_way] if by_bank else [on_its_way, texts("outcome.refund_time_phone")]
    # a person who looks at it is said to do all that is to be done
    return said if view.with_a_person else [*said, texts("outcome.nothing_to_do")]
