"""What can still be undone of a payment, and what cannot: asked once before a sale is cancelled, and said as it is."""

from bot.engine.results import PaymentView, SellRequest, SendRequest
from bot.payments.states import PAYMENT_TERMINAL, PaymentState
from bot.screens.foreign import Html
from bot.screens.parties import paid_by_bank
from bot.screens.screen import Button, Screen
from bot.screens.taps import PaymentTap
from bot.screens.texts import Texts

_NOT_PAID_YET = frozenset({PaymentState.CONFIRMED, PaymentState.AWAITING_PAYMENT})


def sure_to_cancel(texts: Texts, view: PaymentView) -> Screen:
    """Before a sale is cancelled: crypto that was sent already would only come back after a while."""
    rows = (
        (Button(texts.plain("cancelling.yes"), data=PaymentTap(view.code, "cancelnow").pack(), style="danger"),),
        (Button(texts.plain("cancelling.no"), data=PaymentTap(view.code, "show").pack()),),
    )
    return Screen(text=texts("cancelling.sure", code=view.code), rows=rows)


def undoing(texts: Texts, view: PaymentView) -> Html:
    """Whether a payment that runs can be undone, and how. Its card, with the buttons for it, stands below."""
    return texts(_undoing(view), code=view.code)


def _undoing(view: PaymentView) -> str:
    if view.state in PAYMENT_TERMINAL:
        return "cancelling.over"
    if view.can_stop:
        return "cancelling.stop"
    if view.can_cancel:
        return "cancelling.cancel"
    if view.cancel_asked:
        return "cancelling.asked"
    if view.state not in _NOT_PAID_YET or isinstance(view.order, SellRequest):
        return "cancelling.on_its_way"
    if paid_by_bank(view.order):
        return "dialogue.cannot_cancel_bank"
    return "cancelling.decline" if isinstance(view.order, SendRequest) else "dialogue.cannot_cancel"
