"""The customer's recent payments, each with its state, amounts and a button that opens its card."""

from collections.abc import Sequence
from typing import assert_never

from bot.engine.results import PaymentView, SendRequest
from bot.payments.states import PaymentKind
from bot.screens.card_parts import ICONS, start_row
from bot.screens.foreign import Html
from bot.screens.formats import day_and_time, money
from bot.screens.parties import home, receiver
from bot.screens.screen import Button, Screen
from bot.screens.taps import PaymentTap
from bot.screens.texts import Texts


def history(texts: Texts, views: Sequence[PaymentView]) -> Screen:
    """The list, newest first as given; an invitation to buy when there is nothing yet."""
    if not views:
        return Screen(text=texts("history.empty"), rows=(start_row(texts),))
    entries = [texts.many("history.title", len(views)), *(_entry(texts, view) for view in views)]
    rows = tuple((_open(texts, view),) for view in views)
    return Screen(text="\n\n".join(entries), rows=(*rows, start_row(texts)))


def payment_not_found(texts: Texts) -> Screen:
    """The answer to a code or a button that opens no payment of this customer's."""
    return Screen(text=texts("history.not_found"), rows=(start_row(texts),))


def state_in_words(texts: Texts, view: PaymentView) -> Html:
    """Where a payment stands, in two or three words."""
    match view.kind:
        case PaymentKind.BUY:
            return texts(f"history.state.{view.state}")
        case PaymentKind.SELL:
            return texts(f"sell.state.{view.state}")
        case PaymentKind.SEND | PaymentKind.REQUEST:
            return texts(f"send.state.{view.state}")
        case PaymentKind.PAYOUT | PaymentKind.COLLECTION:
            raise TypeError("a payment of the house is no customer's")
        case _:
            assert_never(view.kind)


def _entry(texts: Texts, view: PaymentView) -> Html:
    values = {
        "icon": ICONS[view.state],
        "receive": money(view.receive, texts.language),
        "state": state_in_words(texts, view),
        "code": view.code,
        "time": day_and_time(view.created_at, home(view.order), texts.language),
    }
    if isinstance(view.order, SendRequest):
        return texts("send.entry", receiver=receiver(texts, view.order.destination), **values)
    return texts("history.entry", pay=money(view.pay, texts.language), **values)


def _open(texts: Texts, view: PaymentView) -> Button:
    label = f"{ICONS[view.state]} {money(view.receive, texts.language)} · {view.code}"
    return Button(label, data=PaymentTap(view.code, "show").pack())
