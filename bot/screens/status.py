"""The status card: one message per payment, edited as it moves, that says where it stands and what is awaited.

The frame is the same for every kind of payment; what each says stands in a module of its own.
"""

from datetime import datetime
from typing import assert_never

from bot.engine.results import BuyRequest, PaymentView, SellRequest, SendRequest
from bot.payments.states import PAYMENT_TERMINAL, PaymentKind, PaymentState
from bot.screens import status_buy, status_sell, status_send
from bot.screens.card_parts import (
    Steps,
    again_button,
    buy_button,
    help_button,
    icon,
    progress,
    refresh_button,
    row,
    show_button,
    stop_rows,
)
from bot.screens.escrow import copy_row
from bot.screens.foreign import Html
from bot.screens.formats import live_time, money
from bot.screens.links import LinkCheck, bank_button, transfer_button
from bot.screens.parties import home, paid_by_bank
from bot.screens.paying import is_paid_back_by_bank
from bot.screens.review_parts import Rows, card
from bot.screens.screen import Screen
from bot.screens.texts import Texts

__all__ = ["buy_button", "progress_line", "status_card", "still_running"]


def status_card(texts: Texts, view: PaymentView, *, allowed: LinkCheck, now: datetime | None = None) -> Screen:
    """The card of a payment. `allowed` decides whether the bank's page may be linked.

    `now` is the time for which it is drawn, without it that of the last change: once the time for crypto to come is
    over, the card says so.
    """
    head = [
        texts("status.title", icon=icon(view), amount=money(view.receive, texts.language), code=view.code),
        progress_line(texts, view),
    ]
    blocks = [_awaited(texts, view, allowed, now or view.updated_at), _figures(texts, view)]
    if needs_person_said(view):
        blocks.insert(1, [texts("status.with_a_person")])
    blocks.append([texts("status.updated", time=live_time(view.updated_at, home(view.order), texts.language))])
    return Screen(text=card(Html("\n".join(head)), *blocks), rows=_rows(texts, view, allowed, now or view.updated_at))


def progress_line(texts: Texts, view: PaymentView) -> Html:
    """The stations of a payment on one line, with where it stands (or stopped) in bold."""
    return progress(texts, _steps(view))


def needs_person_said(view: PaymentView) -> bool:
    """Whether it must be said that a person looks at it, because nothing else on the card says so."""
    return view.with_a_person and not is_paid_back_by_bank(view) and not status_sell.is_wrong(view)


def _steps(view: PaymentView) -> Steps:
    match view.kind:
        case PaymentKind.BUY:
            return status_buy.steps(view, bank=paid_by_bank(view.order))
        case PaymentKind.SELL:
            return status_sell.steps(view)
        case PaymentKind.SEND | PaymentKind.REQUEST:
            return status_send.steps(view, bank=paid_by_bank(view.order))
        case PaymentKind.PAYOUT | PaymentKind.COLLECTION:
            raise TypeError("a payment of the house is no customer's")
        case _:
            assert_never(view.kind)


def _awaited(texts: Texts, view: PaymentView, allowed: LinkCheck, now: datetime) -> list[Html]:
    match view.order:
        case BuyRequest() as request:
            return status_buy.awaited(texts, view, request, allowed)
        case SellRequest() as request:
            return status_sell.awaited(texts, view, request, now)
        case SendRequest() as request:
            return status_send.awaited(texts, view, request, allowed)
        case _:
            assert_never(view.order)


def _figures(texts: Texts, view: PaymentView) -> list[Html]:
    match view.order:
        case BuyRequest():
            return status_buy.figures(texts, view)
        case SellRequest() as request:
            return status_sell.figures(texts, view, request)
        case SendRequest() as request:
            return status_send.figures(texts, view, request)
        case _:
            assert_never(view.order)


def _rows(texts: Texts, view: PaymentView, allowed: LinkCheck, now: datetime) -> Rows:
    ask = help_button(texts, view)
    if view.state in PAYMENT_TERMINAL:
        explorer = transfer_button(texts, view)
        last = row(again_button(texts, view), ask)
        return ((explorer,), last) if explorer is not None else (last,)
    rows: Rows = ((refresh_button(texts, view), ask), *stop_rows(texts, view))
    bank = bank_button(texts, view.redirect_url, allowed)
    if view.state is PaymentState.AWAITING_PAYMENT and bank is not None:
        return ((bank,), *rows)
    return (*copy_row(texts, view, now), *rows)


def still_running(texts: Texts, view: PaymentView) -> Screen:
    """Said when something else was cancelled: this payment was not, and a button shows it."""
    key = "dialogue.other_goes_on"
    if view.state is PaymentState.AWAITING_PAYMENT:
        match view.order:
            case SellRequest():
                key = "sell.other_waits"
            case request:
                key = "dialogue.other_waits_bank" if paid_by_bank(request) else "dialogue.other_waits_phone"
    show = show_button(texts, view)
    return Screen(text=texts(key, code=view.code, amount=money(view.receive, texts.language)), rows=((show,),))
