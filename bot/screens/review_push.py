"""The review card of having a phone asked for money: its maker receives and pays nothing, so it speaks of the other's yes."""

from bot.engine.results import SendOffer, SendRequest
from bot.screens.foreign import Html
from bot.screens.formats import live_time, money, phone_ending, whole_phone
from bot.screens.parties import home
from bot.screens.review_parts import Rows, card, fee_line, has_price
from bot.screens.screen import Screen
from bot.screens.texts import Texts


def push_card(texts: Texts, request: SendRequest, offer: SendOffer, rows: Rows, *, again: bool = False) -> Screen:
    """The card that asks the maker for the yes; `again` after an offer that ran out."""
    priced = has_price(request)
    title = ("review.title_again" if priced else "send.title_again") if again else "review.title"
    time = live_time(offer.expires_at, home(request), texts.language)
    until = texts("review.until" if priced else "send.until", time=time)
    warning = texts("request.push_warning", phone=whole_phone(request.payer.phone))
    blocks = [[*_asked(texts, request, offer), until], [texts("request.push_next"), warning]]
    return Screen(text=card(texts(title), *blocks), rows=rows)


def push_expired(texts: Texts, request: SendRequest, offer: SendOffer, rows: Rows) -> Screen:
    """The card after its offer ran out."""
    head = texts("review.title_expired" if has_price(request) else "send.title_expired")
    return Screen(text=card(head, _asked(texts, request, offer)), rows=rows)


def push_confirmed(texts: Texts, request: SendRequest, offer: SendOffer, *, code: str) -> Screen:
    """The card after the yes: a record of what was asked."""
    return Screen(text=card(texts("review.title_confirmed", code=code), _asked(texts, request, offer)))


def _asked(texts: Texts, request: SendRequest, offer: SendOffer) -> list[Html]:
    payer = request.payer
    pays, receives = money(offer.pay, texts.language), money(offer.receive, texts.language)
    lines = [
        texts("request.push_asked", name=payer.account_name.strip(), phone=phone_ending(payer.phone), amount=pays),
        texts("request.push_receive", amount=receives),
    ]
    if offer.fee.amount != 0:
        lines.append(fee_line(texts, offer.pay, offer.fee, offer.receive))
    if request.note and request.note.strip():
        lines.append(texts("send.note", note=request.note.strip()))
    return lines
