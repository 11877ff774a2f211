"""The review card: what arrives, what is paid, the fee, until when; then where to, who pays and what happens next.

One card in the chat, in four forms: asking, asking again after a new quote (with the difference in words), run out, and
confirmed. What each kind of payment says stands in a module of its own; the frame is the same. Buttons come from the
conversation, which owns the taps.
"""

from typing import assert_never

from bot.engine.results import BuyOffer, BuyRequest, Offer, Request, SellOffer, SellRequest, SendOffer, SendRequest
from bot.screens import review_buy, review_sell, review_send
from bot.screens.foreign import Html
from bot.screens.formats import live_time
from bot.screens.parties import home
from bot.screens.review_parts import Rows, card, fee_line, has_price
from bot.screens.screen import Screen
from bot.screens.texts import Texts

__all__ = ["differences", "fee_line", "review_cancelled", "review_card", "review_confirmed", "review_expired"]


def review_card(
    texts: Texts, request: Request, offer: Offer, rows: Rows, *, before: Offer | None = None, known: str | None = None
) -> Screen:
    """The card that asks for the customer's yes. `before` is the offer that this one replaces after it ran out.

    `known` is a line on what we remember of the receiver ("paid 3 times, last on 12 October", "new number").
    `ValueError` when request and offer are of different kinds.
    """
    priced = has_price(request)
    if before is None:
        head = texts("review.title")
    else:
        title = texts("review.title_again" if priced else "send.title_again")
        head = Html("\n".join((title, *differences(texts, before, offer, request))))
    time = live_time(offer.expires_at, home(request), texts.language)
    until = texts("review.until" if priced else "send.until", time=time)
    figures = [*_figures(texts, offer, request), until]
    blocks = [*_route(texts, request, known), _next(texts, request, offer)]
    return Screen(text=card(head, figures, *blocks), rows=rows)


def review_expired(texts: Texts, request: Request, offer: Offer, rows: Rows, *, known: str | None = None) -> Screen:
    """The card after its price ran out, while no new one could be had: it says so, and cannot be confirmed."""
    head = texts("review.title_expired" if has_price(request) else "send.title_expired")
    return Screen(text=card(head, _figures(texts, offer, request), *_route(texts, request, known)), rows=rows)


def review_confirmed(texts: Texts, request: Request, offer: Offer, *, code: str) -> Screen:
    """The card after the yes: a record of what was agreed, without buttons."""
    head = texts("review.title_confirmed", code=code)
    return Screen(text=card(head, _figures(texts, offer, request), *_route(texts, request, None)))


def review_cancelled(texts: Texts, offer: Offer) -> Screen:
    """The card after a no: nothing was paid and nothing will be."""
    return Screen(text=card(texts("review.title_cancelled"), _figures(texts, offer, None)))


def differences(texts: Texts, before: Offer, now: Offer, request: Request | None = None) -> tuple[Html, ...]:
    """What changed from one offer to the next, a sentence each, what arrives first; one sentence when nothing did."""
    match before, now:
        case BuyOffer(), BuyOffer():
            said = review_buy.changes(texts, before, now)
        case SellOffer(), SellOffer():
            said = review_sell.changes(texts, before, now, request if isinstance(request, SellRequest) else None)
        case SendOffer(), SendOffer():
            said = review_send.changes(texts, before, now)
        case _:
            raise ValueError("offers of different kinds cannot be compared")
    return tuple(said) or (texts("review.difference.none"),)


def _figures(texts: Texts, offer: Offer, request: Request | None) -> list[Html]:
    match offer:
        case BuyOffer():
            return review_buy.figures(texts, offer)
        case SellOffer():
            return review_sell.figures(texts, offer, request if isinstance(request, SellRequest) else None)
        case SendOffer():
            return review_send.figures(texts, offer)
        case _:
            assert_never(offer)


def _route(texts: Texts, request: Request, known: str | None) -> list[list[Html]]:
    match request:
        case BuyRequest():
            return review_buy.route(texts, request)
        case SellRequest():
            return review_sell.route(texts, request, known)
        case SendRequest():
            return review_send.route(texts, request, known)
        case _:
            assert_never(request)


def _next(texts: Texts, request: Request, offer: Offer) -> list[Html]:
    match request, offer:
        case BuyRequest(), BuyOffer():
            return review_buy.next_step(texts, request)
        case SellRequest(), SellOffer():
            return review_sell.next_step(texts, request, offer)
        case SendRequest(), SendOffer():
            return review_send.next_step(texts, request)
        case _:
            raise ValueError("a request and an offer of different kinds")
