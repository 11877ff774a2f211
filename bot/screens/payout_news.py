"""News of a sale or a transfer that is still under way, each told once in a message of its own."""

from bot.engine.results import PaymentView, SellRequest
from bot.payments.states import PaymentState
from bot.screens.card_parts import help_button, row, show_button
from bot.screens.formats import money
from bot.screens.review_parts import card
from bot.screens.screen import Screen
from bot.screens.status_sell import crypto_back, wrong_amount
from bot.screens.texts import Texts


def odd_amount_message(texts: Texts, view: PaymentView) -> Screen:
    """Another amount of crypto arrived than was agreed on: what it was, who looks at it, what happens next.

    The provider may be giving it back by the time that this is drawn: then it says so, as the card does.
    """
    if view.state is PaymentState.REFUNDING and isinstance(view.order, SellRequest):
        head, *after = crypto_back(texts, view, view.order)
    else:
        head, *after = wrong_amount(texts, view)
    return Screen(text=card(head, after), rows=(row(show_button(texts, view), help_button(texts, view)),))


def not_cancelled_message(texts: Texts, view: PaymentView) -> Screen | None:
    """A sale that could not be cancelled: because its crypto came first, or because the provider did not do it."""
    rows = ((show_button(texts, view),),)
    match view.state:
        case PaymentState.AWAITING_PAYMENT:
            text = card(texts("news.not_cancelled", code=view.code), [texts("news.not_cancelled_next")])
            return Screen(text=text, rows=rows)
        case PaymentState.DELIVERING | PaymentState.COMPLETED:
            amount = money(view.receive, texts.language)
            return Screen(text=texts("news.too_late_to_cancel", code=view.code, amount=amount), rows=rows)
        case _:
            return None  # how it ended has a message of its own


def payout_waits_message(texts: Texts, view: PaymentView) -> Screen:
    """Money came in and cannot be paid out yet, because our own balance must be filled first."""
    head = texts("news.payout_waits", amount=money(view.receive, texts.language))
    text = card(head, [texts("news.payout_waits_next")])
    return Screen(text=text, rows=((show_button(texts, view),),))
