"""What the status card of a buy says."""

from typing import assert_never

from bot.engine.results import BuyRequest, PaymentView
from bot.payments.states import PaymentState
from bot.screens.card_parts import UNDER_WAY, Steps
from bot.screens.foreign import Html
from bot.screens.formats import chain_label, money, short_address
from bot.screens.links import LinkCheck
from bot.screens.parties import payer_of
from bot.screens.paying import arrived, awaited_from_payer, refund_lines, steps_of_payer, waits_for_a_person
from bot.screens.reasons import reason_lines
from bot.screens.review_buy import figures as offer_figures
from bot.screens.review_parts import fee_line
from bot.screens.texts import Texts


def steps(view: PaymentView, *, bank: bool) -> Steps:
    """The four stations of a buy."""
    return steps_of_payer(view, bank=bank, send="status.step.send")


def awaited(texts: Texts, view: PaymentView, request: BuyRequest, allowed: LinkCheck) -> list[Html]:
    """Where it stands, and what is awaited from the customer."""
    receive = money(view.receive, texts.language)
    wallet = {"chain": chain_label(request.chain), "address": short_address(request.address)}
    match view.state:
        case PaymentState.CONFIRMED:
            return [texts("status.confirmed")]
        case PaymentState.AWAITING_PAYMENT:
            return awaited_from_payer(texts, view, payer_of(request), allowed)
        case PaymentState.DELIVERING:
            return [texts("status.delivering", amount=receive, **wallet)]
        case PaymentState.COMPLETED:
            return arrived(texts, view, texts("outcome.delivered", amount=receive, **wallet))
        case PaymentState.FAILED | PaymentState.EXPIRED:
            return [*reason_lines(texts, view), texts("outcome.nothing_taken")]
        case PaymentState.CANCELLED:
            return [texts("outcome.nothing_taken")]
        case PaymentState.REFUNDING | PaymentState.REFUNDED:
            back = refund_lines(texts, view, payer_of(request))
            return [texts("outcome.not_delivered", amount=receive), *back] if waits_for_a_person(view) else back
        case PaymentState.REVERSED:
            return [texts("status.reversed")]
        case _:
            assert_never(view.state)


def figures(texts: Texts, view: PaymentView) -> list[Html]:
    """The amounts of the order."""
    pay, receive = money(view.pay, texts.language), money(view.receive, texts.language)
    if view.state is PaymentState.COMPLETED:
        return [texts("outcome.paid", amount=pay), fee_line(texts, view.pay, view.fee, view.receive)]
    if view.state in UNDER_WAY:
        return offer_figures(texts, view)
    return [texts("status.order", receive=receive, pay=pay)]
