"""What the status card of a send says, and of somebody's payment request that is paid: the same for the payer."""

from typing import Final, assert_never

from bot.engine.results import PaymentView, SendRequest
from bot.payments.states import PaymentState
from bot.screens.card_parts import UNDER_WAY, Steps
from bot.screens.foreign import Html
from bot.screens.formats import live_time, money
from bot.screens.links import LinkCheck
from bot.screens.parties import home, receiver
from bot.screens.paying import arrived, awaited_from_payer, not_sent_on, refund_lines, steps_of_payer
from bot.screens.reasons import reason_lines
from bot.screens.review_parts import fee_line
from bot.screens.review_send import figures as offer_figures
from bot.screens.texts import Texts

# where it is said above already to whom the money goes
_NAMES_RECEIVER: Final = frozenset({PaymentState.DELIVERING, PaymentState.REFUNDING, PaymentState.REFUNDED})


def steps(view: PaymentView, *, bank: bool) -> Steps:
    """The four stations of a send."""
    return steps_of_payer(view, bank=bank, send="send.step.send")


def awaited(texts: Texts, view: PaymentView, request: SendRequest, allowed: LinkCheck) -> list[Html]:
    """Where it stands, and what is awaited from the customer."""
    receive, to = money(view.receive, texts.language), receiver(texts, request.destination)
    match view.state:
        case PaymentState.CONFIRMED if view.can_stop:
            lines = [texts("send.can_stop")]
            if view.hold_until is not None:
                until = live_time(view.hold_until, home(request), texts.language)
                lines.append(texts("send.hold_until", time=until))
            return lines
        case PaymentState.CONFIRMED:
            return [texts("status.confirmed")]
        case PaymentState.AWAITING_PAYMENT:
            return awaited_from_payer(texts, view, request.payer, allowed)
        case PaymentState.DELIVERING:
            return [texts("send.delivering", amount=receive, receiver=to)]
        case PaymentState.COMPLETED:
            return arrived(texts, view, texts("send.delivered", amount=receive, receiver=to))
        case PaymentState.FAILED | PaymentState.EXPIRED:
            return [*reason_lines(texts, view), texts("outcome.nothing_taken")]
        case PaymentState.CANCELLED:
            return [texts("send.stopped"), texts("outcome.nothing_taken")]
        case PaymentState.REFUNDING | PaymentState.REFUNDED:
            return [not_sent_on(texts, view, request), *refund_lines(texts, view, request.payer)]
        case PaymentState.REVERSED:
            return [texts("status.reversed")]
        case _:
            assert_never(view.state)


def figures(texts: Texts, view: PaymentView, request: SendRequest) -> list[Html]:
    """The amounts of the order."""
    if view.state is PaymentState.COMPLETED:
        paid = texts("outcome.paid", amount=money(view.pay, texts.language))
        return [paid, fee_line(texts, view.pay, view.fee, view.receive)]
    order = offer_figures(texts, view) if view.state in UNDER_WAY else [_ordered(texts, view)]
    if view.state in _NAMES_RECEIVER:
        return order
    return [*order, texts("send.to", receiver=receiver(texts, request.destination))]


def _ordered(texts: Texts, view: PaymentView) -> Html:
    """What was ordered; nothing is said to cost itself."""
    pay, receive = money(view.pay, texts.language), money(view.receive, texts.language)
    same = pay == receive
    return texts("send.order_same", amount=pay) if same else texts("send.order", receive=receive, pay=pay)
