"""What is said when a sale ends: paid out, or where the crypto is."""

from typing import assert_never

from bot.engine.results import PaymentView, SellRequest
from bot.payments.states import PaymentState
from bot.screens.card_parts import icon, receipt_number
from bot.screens.foreign import Html
from bot.screens.formats import money
from bot.screens.parties import receiver
from bot.screens.reasons import advice, reason_lines
from bot.screens.review_parts import fee_line
from bot.screens.status_sell import crypto_back
from bot.screens.texts import Texts


def title(texts: Texts, view: PaymentView) -> Html:
    """What became of it, with the amount that it was about."""
    paid_out = {PaymentState.COMPLETED, PaymentState.REFUNDING, PaymentState.REVERSED}
    amount = view.receive if view.state in paid_out else view.pay
    return texts(f"sell.title.{view.state}", icon=icon(view), amount=money(amount, texts.language))


def lines(texts: Texts, view: PaymentView, request: SellRequest) -> list[Html] | None:
    """What became of the money, and what can be done; None while the sale goes on."""
    receive, to = money(view.receive, texts.language), receiver(texts, request.destination)
    match view.state:
        case PaymentState.COMPLETED:
            said = [
                texts("sell.delivered", amount=receive, receiver=to),
                texts("sell.sent", amount=money(view.pay, texts.language)),
                fee_line(texts, view.pay, view.fee, view.receive),
            ]
            number = view.payout_receipt or view.receipt
            return [*said, receipt_number(texts, "outcome.receipt_number", number)] if number else said
        case PaymentState.FAILED:
            return [*reason_lines(texts, view), texts("sell.nothing_arrived"), advice(texts, view)]
        case PaymentState.EXPIRED:
            return [texts("sell.expired"), texts("sell.send_nothing"), texts("sell.if_sent"), advice(texts, view)]
        case PaymentState.CANCELLED:
            return [texts("sell.cancelled"), texts("sell.send_nothing"), texts("sell.if_sent")]
        case PaymentState.REFUNDING:
            said = [*crypto_back(texts, view, request), texts("sell.back_time")]
            return said if view.with_a_person else [*said, texts("outcome.nothing_to_do")]
        case PaymentState.REFUNDED:
            return crypto_back(texts, view, request)
        case PaymentState.REVERSED:
            return [texts("outcome.reversed", amount=receive), texts("outcome.reversed_next")]
        case PaymentState.CONFIRMED | PaymentState.AWAITING_PAYMENT | PaymentState.DELIVERING:
            return None
        case _:
            assert_never(view.state)
