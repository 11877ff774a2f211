"""What the maker of a request is told of each payment on it: one message, which goes on as the payment does."""

from typing import assert_never

from bot.engine.results import PaymentView, SellRequest
from bot.payments.requests import RequestNews, UseState, UseWay
from bot.payments.states import PaymentState
from bot.screens.foreign import Html, escaped
from bot.screens.formats import masked, money, network_label, phone_ending
from bot.screens.parties import payer_of
from bot.screens.screen import Button, Screen
from bot.screens.taps import RequestTap
from bot.screens.texts import Texts


def news_message(texts: Texts, news: RequestNews, view: PaymentView) -> Screen | None:
    """How a payment stands, for the maker; None while there is nothing that concerns them."""
    lines = _lines(texts, news, view)
    if not lines:
        return None
    button = Button(texts.plain("request.show"), data=RequestTap(news.request.code, "show").pack())
    return Screen(text=Html("\n\n".join(lines)), rows=((button,),))


def _lines(texts: Texts, news: RequestNews, view: PaymentView) -> list[Html]:
    title = news.request.terms.title
    what = Html(f" {texts('request.news_for', title=title)}") if title else Html("")
    amount = money(view.receive, texts.language)
    who = escaped(news.payer) if news.payer is not None else texts("request.news_somebody")
    place = news.request.destination
    own = {"network": network_label(place.country, place.network or ""), "phone": phone_ending(place.phone or "")}
    match news.state:
        case UseState.RESERVED | UseState.RELEASED if news.way is not UseWay.PUSH:
            return []
        case UseState.RESERVED:
            return [texts("request.news_asked", phone=_phone(view), amount=amount, what=what)]
        case UseState.RELEASED:
            return [texts("request.news_not_paid", phone=_phone(view), amount=amount, what=what)]
        case UseState.PAID:
            head = texts("request.news_paid", who=who, amount=amount, what=what)
            return [head, *_payout(texts, view, own)]
        case UseState.LATE:
            done = [texts("request.news_late_done")] if view.state is PaymentState.REFUNDED else []
            return [texts("request.news_late", who=who, amount=amount, what=what), *done]
        case UseState.RETURNED:
            done = [texts("request.news_late_done")] if view.state is PaymentState.REFUNDED else []
            return [texts("request.news_returned", who=who, amount=amount, **own), *done]
        case _:
            assert_never(news.state)


def _payout(texts: Texts, view: PaymentView, own: dict[str, str]) -> list[Html]:
    if view.state is PaymentState.REVERSED:
        return [texts("request.news_reversed")]
    if view.state is not PaymentState.COMPLETED:
        return [texts("request.news_on_its_way", **own)]
    lines = [texts("request.news_arrived", **own)]
    if view.payout_receipt:
        lines.append(texts("request.news_receipt", receipt=view.payout_receipt))
    return [Html("\n".join(lines))]


def _phone(view: PaymentView) -> str:
    return "" if isinstance(view.order, SellRequest) else masked(payer_of(view.order).phone)
