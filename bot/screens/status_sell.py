"""What the status card of a sale says: where exactly how much crypto must go, by when, and what became of it."""

from datetime import datetime
from typing import assert_never

from bot.engine.results import PaymentView, SellRequest
from bot.payments.states import PaymentState
from bot.screens.card_parts import DONE, NOW, OPEN, STOPPED, UNDER_WAY, Steps
from bot.screens.foreign import Html
from bot.screens.formats import address_code, chain_label, live_time, money, short_address
from bot.screens.parties import home, receiver
from bot.screens.reasons import reason_lines
from bot.screens.review_parts import fee_line
from bot.screens.review_sell import figures as offer_figures
from bot.screens.texts import Texts


def steps(view: PaymentView) -> Steps:
    """The four stations of a sale."""
    confirmed, send, pay_out, done = "status.step.confirmed", "sell.step.send", "sell.step.payout", "status.step.done"
    match view.state:
        case PaymentState.CONFIRMED:
            return [(NOW, confirmed), (OPEN, send), (OPEN, pay_out), (OPEN, done)]
        case PaymentState.AWAITING_PAYMENT:
            return [(DONE, confirmed), (NOW, send), (OPEN, pay_out), (OPEN, done)]
        case PaymentState.DELIVERING:
            return [(DONE, confirmed), (DONE, "sell.step.arrived"), (NOW, pay_out), (OPEN, done)]
        case PaymentState.COMPLETED:
            return [(DONE, confirmed), (DONE, "sell.step.arrived"), (DONE, "sell.step.paid_out"), (DONE, done)]
        case PaymentState.FAILED:
            return [(DONE, confirmed), (STOPPED, "sell.step.not_sold")]
        case PaymentState.EXPIRED:
            return [(DONE, confirmed), (STOPPED, "status.step.too_late")]
        case PaymentState.CANCELLED:
            return [(DONE, confirmed), (STOPPED, "sell.step.cancelled")]
        case PaymentState.REFUNDING:
            return [(DONE, "sell.step.arrived"), (STOPPED, pay_out), (NOW, "sell.step.back")]
        case PaymentState.REFUNDED:
            return [(DONE, "sell.step.arrived"), (STOPPED, pay_out), (DONE, "sell.step.returned")]
        case PaymentState.REVERSED:
            return [(DONE, "sell.step.arrived"), (DONE, "sell.step.paid_out"), (STOPPED, "status.step.reversed")]
        case _:
            assert_never(view.state)


def awaited(texts: Texts, view: PaymentView, request: SellRequest, now: datetime) -> list[Html]:
    """Where it stands, and what is awaited from the customer."""
    receive, to = money(view.receive, texts.language), receiver(texts, request.destination)
    match view.state:
        case PaymentState.CONFIRMED | PaymentState.AWAITING_PAYMENT if view.seen_amount is None and view.cancel_asked:
            return [texts("sell.cancelling")]
        case PaymentState.CONFIRMED:
            return [texts("sell.confirmed")]
        case PaymentState.AWAITING_PAYMENT if view.seen_amount is not None:
            return wrong_amount(texts, view)
        case PaymentState.AWAITING_PAYMENT:
            return _to_send(texts, view, request, now)
        case PaymentState.DELIVERING if view.seen_amount is not None:
            return wrong_amount(texts, view)
        case PaymentState.DELIVERING:
            return [texts("sell.delivering", amount=receive, receiver=to)]
        case PaymentState.COMPLETED:
            return [texts("sell.delivered", amount=receive, receiver=to)]
        case PaymentState.FAILED:
            return [*reason_lines(texts, view), texts("sell.nothing_arrived")]
        case PaymentState.EXPIRED:
            return [texts("sell.expired"), texts("sell.send_nothing")]
        case PaymentState.CANCELLED:
            return [texts("sell.cancelled"), texts("sell.send_nothing")]
        case PaymentState.REFUNDING | PaymentState.REFUNDED:
            return crypto_back(texts, view, request)
        case PaymentState.REVERSED:
            return [texts("status.reversed")]
        case _:
            assert_never(view.state)


def is_too_late(view: PaymentView, now: datetime) -> bool:
    """Whether crypto that is sent now may come too late."""
    return view.pay_by is not None and now >= view.pay_by


def is_wrong(view: PaymentView) -> bool:
    """Whether another amount arrived than was asked for, and it is still open what becomes of it."""
    return view.seen_amount is not None and view.state in UNDER_WAY


def wrong_amount(texts: Texts, view: PaymentView) -> list[Html]:
    """What was seen on the chain in place of the exact amount, who looks at it, what happens next."""
    assert view.seen_amount is not None
    seen, owed = money(view.seen_amount, texts.language), money(view.pay, texts.language)
    return [texts("sell.wrong_amount", seen=seen, amount=owed), texts("sell.wrong_amount_next")]


def crypto_back(texts: Texts, view: PaymentView, request: SellRequest) -> list[Html]:
    """Why crypto is not paid out, and how much goes, or went, back to which wallet."""
    late = view.state is PaymentState.REFUNDING and view.ended_at is not None  # it had ended, and then crypto came
    to = receiver(texts, request.destination)
    receive = money(view.receive, texts.language)
    if view.seen_amount is not None:
        seen = money(view.seen_amount, texts.language)
        why = texts("sell.other_amount_came", seen=seen, amount=money(view.pay, texts.language))
    else:
        why = texts("sell.came_late") if late else texts("sell.undelivered", amount=receive, receiver=to)
    amount = money(view.refund or view.seen_amount or view.pay, texts.language)
    where = {"chain": chain_label(request.chain), "address": short_address(request.refund_address)}
    key = "sell.refunded" if view.state is PaymentState.REFUNDED else "sell.refunding"
    return [why, texts(key, amount=amount, **where)]


def send_by(texts: Texts, view: PaymentView) -> list[Html]:
    """Until when crypto may be sent; nothing where that is not known."""
    if view.pay_by is None:
        return []
    return [texts("sell.send_by", time=live_time(view.pay_by, home(view.order), texts.language))]


def figures(texts: Texts, view: PaymentView, request: SellRequest) -> list[Html]:
    """The amounts of the order."""
    pay, receive = money(view.pay, texts.language), money(view.receive, texts.language)
    if view.state is PaymentState.COMPLETED:
        return [texts("sell.sent", amount=pay), fee_line(texts, view.pay, view.fee, view.receive)]
    if view.state in UNDER_WAY:
        return offer_figures(texts, view, request)
    return [texts("status.order", receive=receive, pay=pay)]


def _to_send(texts: Texts, view: PaymentView, request: SellRequest, now: datetime) -> list[Html]:
    if view.escrow_address is None:
        return [texts("sell.confirmed")]
    if is_too_late(view, now):
        return [texts("sell.too_late"), texts("sell.too_late_sent")]
    amount, chain = money(view.pay, texts.language), chain_label(request.chain)
    sender = texts("sell.from_your_wallet", address=short_address(request.sender_address))
    return [
        texts("sell.send_exactly", amount=amount, chain=chain),
        address_code(view.escrow_address),
        sender,
        *send_by(texts, view),
    ]
