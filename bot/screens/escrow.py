"""Where a sale's crypto must go: the address as a picture to scan and as text to copy, the exact amount, the time left."""

from datetime import datetime

from bot.engine.results import PaymentView, SellRequest
from bot.payments.states import PaymentState
from bot.screens.card_parts import show_button, stop_rows
from bot.screens.formats import address_code, chain_label, money, short_address, token_label
from bot.screens.review_parts import Rows, card
from bot.screens.screen import Button, Screen
from bot.screens.status_sell import is_too_late, send_by
from bot.screens.texts import Texts


def escrow_message(texts: Texts, view: PaymentView) -> Screen:
    """The caption of the picture that `bot.screens.qr.escrow_qr_png` draws, with what can be copied as buttons.

    `ValueError` for a payment without such an address.
    """
    request = view.order
    if not isinstance(request, SellRequest) or view.escrow_address is None:
        raise ValueError("only a sale has an address to send crypto to")
    names = {"token": token_label(request.token), "chain": chain_label(request.chain)}
    amount = money(view.pay, texts.language)
    address = view.escrow_address
    where = [texts("sell.send_exactly", amount=amount, chain=names["chain"]), address_code(address)]
    when = [*send_by(texts, view), texts("sell.ends_in", ending=address[-4:])]
    warning = [
        texts("sell.only_this", **names),
        texts("sell.from_your_wallet", address=short_address(request.sender_address)),
        texts("sell.network_fee", amount=amount),
    ]
    head = texts("sell.escrow_title", code=view.code)
    rows = (*_copies(texts, view, address), (show_button(texts, view),), *stop_rows(texts, view))
    return Screen(text=card(head, where, when, warning), rows=rows)


def escrow_over_message(texts: Texts, view: PaymentView) -> Screen:
    """What the same message says from the moment on when nothing may be sent to the address any more, and why."""
    rows = ((show_button(texts, view),),)
    return Screen(text=card(texts("escrow.over_title", code=view.code), [texts(_why_over(view))]), rows=rows)


def _why_over(view: PaymentView) -> str:
    if view.seen_amount is not None:
        return "escrow.over_arrived"
    match view.state:
        case PaymentState.CONFIRMED | PaymentState.AWAITING_PAYMENT:
            return "escrow.over_late"
        case PaymentState.FAILED | PaymentState.EXPIRED | PaymentState.CANCELLED:
            return "escrow.over_ended"
        case _:
            return "escrow.over_arrived"


def copy_row(texts: Texts, view: PaymentView, now: datetime) -> Rows:
    """Buttons that copy address and amount, while crypto is awaited and may still come in time."""
    awaited = view.state is PaymentState.AWAITING_PAYMENT and view.seen_amount is None and not view.cancel_asked
    if view.escrow_address is None or not awaited or is_too_late(view, now):
        return ()
    return _copies(texts, view, view.escrow_address)


def _copies(texts: Texts, view: PaymentView, address: str) -> Rows:
    """The amount is copied as wallets take it: digits and a point, no sign of any language."""
    return (
        (
            Button(texts.plain("sell.copy_address"), copy=address[:256]),
            Button(texts.plain("sell.copy_amount"), copy=view.pay.to_plain()),
        ),
    )
