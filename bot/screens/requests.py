"""Payment requests as cards: in groups and inline, for whoever opens the link, and for the maker with the counts.

A card lives: it is drawn again whenever the request changes. What payers typed and what makers called themselves is
foreign text. The link in the buttons opens the request in the private chat; nothing is paid in a group.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import assert_never
from urllib.parse import quote

from bot.payments.money import Money
from bot.payments.requests import Pricing, RequestFault, RequestState, RequestView, Terms
from bot.screens.foreign import Html, escaped
from bot.screens.formats import day_and_time, money, network_label, phone_ending
from bot.screens.screen import Button, Screen
from bot.screens.taps import MenuTap, RequestTap
from bot.screens.texts import Texts

_MOST_NAMES = 8


def request_link(bot_username: str, code: str) -> str:
    """The address that opens a request in the private chat (Telegram's deep links)."""
    return f"https://t.me/{bot_username}?start=r_{code}"


def asked_amount(texts: Texts, terms: Terms) -> str:
    """How much is asked for, in words that fit into a sentence."""
    match terms.pricing:
        case Pricing.FIXED:
            return _money(texts, terms.amount, terms.currency)
        case Pricing.RANGE:
            low, high = (_money(texts, bound, terms.currency) for bound in (terms.minimum, terms.maximum))
            return texts.plain("request.between", low=low, high=high)
        case Pricing.OPEN:
            return texts.plain("request.any_amount")
        case Pricing.PACKAGES:
            return texts.plain("request.one_of")
        case _:
            assert_never(terms.pricing)


def posted_card(texts: Texts, view: RequestView, *, link: str, reminds: bool = False) -> Screen:
    """The card in a group, or in any chat where it was posted inline: one button, which leads to the private chat."""
    rows = ((Button(_pay_label(texts, view), url=link, style="success"),),) if view.state is RequestState.OPEN else ()
    lead = [texts("request.reminder", maker=view.maker)] if reminds else []
    return Screen(text=_joined(lead, _head(texts, view), _standing(texts, view)), rows=rows)


def payer_card(
    texts: Texts, view: RequestView, *, fault: RequestFault | None, paid: bool = False, reminds: bool = False
) -> Screen:
    """The request as whoever opened its link sees it, with the ways to pay.

    `fault`: why nobody can pay it now. `paid`: they pay it already, or have paid; where it can be paid again, they may.
    """
    lead = [texts("request.reminder", maker=view.maker)] if reminds else []
    head = _head(texts, view)
    if fault is not None and paid:
        return Screen(text=_joined(lead, head, _standing(texts, view), [texts("request.paid_by_you")]))
    if fault is not None:
        why = texts(fault.text_key)
        again = (Button(texts.plain("request.pay_open"), data=RequestTap(view.code, "show").pack()),)
        if fault is RequestFault.ALL_TAKEN:
            return Screen(text=_joined(lead, head, _standing(texts, view), [why]), rows=(again,))
        rows = ((_menu(texts, "request.new", "request"),),)
        return Screen(text=_joined(lead, head, _counts(texts, view), [why]), rows=rows)
    said = [texts("request.paid_by_you")] if paid else [texts("request.how_to_pay"), texts("request.beware")]
    pays = [(Button(_here_label(texts, view), data=RequestTap(view.code, "pay").pack(), style="success"),)]
    if view.link_url is not None:
        pays.append((Button(texts.plain("request.pay_page"), url=view.link_url),))
    return Screen(text=_joined(lead, head, _standing(texts, view), said), rows=tuple(pays))


def maker_card(texts: Texts, view: RequestView, *, link: str) -> Screen:
    """The maker's own card: the counts, where the money goes, and everything that can be done with it."""
    where = texts("request.to_phone", **_own_phone(view))
    text = _joined(_head(texts, view, own=True), _standing(texts, view, own=True), [where])
    return Screen(text=text, rows=_maker_rows(texts, view, link))


def share_card(texts: Texts, view: RequestView, *, link: str) -> Screen:
    """What can be passed on to anybody: the request, its link, and (as the picture beside it) the code to scan."""
    rows = ((Button(_pay_label(texts, view), url=link, style="success"),),)
    return Screen(text=_joined(_head(texts, view), [texts("request.share_this", link=Html(link))]), rows=rows)


def requests_list(texts: Texts, views: Sequence[RequestView]) -> Screen:
    """The maker's newest requests, each with a button, and how to make another."""
    how = texts("request.how_to_ask")
    new = (_menu(texts, "request.new", "request-new"),)
    if not views:
        return Screen(text=_joined([texts("request.list_none")], [how]), rows=(new,))
    lines = [
        texts(
            "request.list_line",
            icon=_icon(view),
            amount=asked_amount(texts, view.terms),
            title=view.terms.title,
            paid=_count(texts, view),
        )
        for view in views
    ]
    rows = [(Button(_list_label(texts, view), data=RequestTap(view.code, "show").pack()),) for view in views]
    return Screen(text=_joined([texts("request.list_title")], lines, [how]), rows=(*rows, new))


def request_fault(texts: Texts, fault: RequestFault) -> Screen:
    """A link that leads nowhere, or to a request that is over: why, and the way on."""
    return Screen(text=texts(fault.text_key), rows=((_menu(texts, "request.new", "request"),),))


def request_draft(texts: Texts, terms: Terms, *, maker: str) -> Screen:
    """The card that asks for the yes before a request is made."""
    return Screen(
        text=_joined([texts("request.review")], *draft_blocks(texts, terms, maker), [texts("request.review_next")])
    )


def draft_blocks(texts: Texts, terms: Terms, maker: str) -> list[list[Html]]:
    """The terms of a request that is not made yet."""
    head = [texts("request.asks", maker=maker, amount=asked_amount(texts, terms))]
    head += _details(texts, terms)
    if terms.most_uses is None:
        often = texts("request.choice_unlimited")
    elif terms.most_uses == 1:
        often = texts("request.choice_once")
    else:
        often = texts("request.choice_times", times=terms.most_uses)
    lasts = [] if terms.life is None else [texts.many("request.choice_days", max(1, terms.life.days))]
    return [head, [Html(" · ".join((often, *lasts)))]]


def _head(texts: Texts, view: RequestView, *, own: bool = False) -> list[Html]:
    amount = asked_amount(texts, view.terms)
    first = texts("request.yours", amount=amount) if own else texts("request.asks", maker=view.maker, amount=amount)
    return [first, *_details(texts, view.terms)]


def _details(texts: Texts, terms: Terms) -> list[Html]:
    lines = [escaped(part) for part in (terms.title, terms.note) if part]
    lines += [
        texts("request.package", name=name, amount=_money(texts, amount, terms.currency))
        for name, amount in terms.packages
    ]
    return lines + _only_ways(texts, terms)


def _only_ways(texts: Texts, terms: Terms) -> list[Html]:
    """In which ways it can be paid, where not in all."""
    match terms.methods:
        case ("mobile_money",):
            return [texts("request.only_mobile_money")]
        case ("bank",):
            return [texts("request.only_bank")]
        case _:
            return []


def _counts(texts: Texts, view: RequestView) -> list[Html]:
    lines = [escaped(_count(texts, view))]
    if view.state is RequestState.OPEN and view.uses_reserved and view.terms.most_uses != 1:
        lines.append(texts.many("request.paying_now", view.uses_reserved))
    if view.payers:
        lines.append(texts("request.paid_by", names=_names(texts, view)))
    return lines


def _standing(texts: Texts, view: RequestView, *, own: bool = False) -> list[Html]:
    lines = _counts(texts, view)
    match view.state:
        case RequestState.CLOSED:
            closed = texts("request.you_closed") if own else texts("request.over_closed", maker=view.maker)
            lines.append(closed)
        case RequestState.EXPIRED:
            lines.append(texts("request.over_expired"))
        case RequestState.USED_UP:
            lines.append(texts("request.over_used_up"))
        case RequestState.OPEN if view.expires_at is not None:
            time = day_and_time(view.expires_at, view.destination.country, texts.language)
            lines.append(texts("request.until", time=time))
        case RequestState.OPEN:
            pass
        case _:
            assert_never(view.state)
    return lines


def _count(texts: Texts, view: RequestView) -> str:
    most = view.terms.most_uses
    if most is None:
        return texts.many_plain("request.count", view.uses_paid)
    if most > 1:
        return texts.plain("request.count_of", paid=view.uses_paid, most=most)
    if view.uses_paid:
        return texts.plain("request.once_paid")
    return texts.plain("request.once_paying" if view.uses_reserved else "request.once_open")


def _names(texts: Texts, view: RequestView) -> Html:
    shown = [escaped(name) for name in view.payers[:_MOST_NAMES]]
    more = len(view.payers) - len(shown)
    return Html(", ".join((*shown, texts.many("request.and_more", more)) if more > 0 else shown))


def _maker_rows(texts: Texts, view: RequestView, link: str) -> tuple[tuple[Button, ...], ...]:
    def button(key: str, action: str) -> Button:
        return Button(texts.plain(key), data=RequestTap(view.code, action).pack())

    clone = button("request.clone", "clone")
    match view.state:
        case RequestState.OPEN:
            share = Button(texts.plain("request.share"), url=share_link(texts, view, link), style="primary")
            copy = Button(texts.plain("request.copy_link"), copy=link)
            return (
                (share, copy),
                (button("request.qr", "qr"), button("request.ask_phone", "push")),
                (button("request.remind", "remind"), button("request.extend", "extend")),
                (clone, button("request.close", "close")),
            )
        case RequestState.EXPIRED:
            return ((button("request.extend", "extend"), clone),)
        case RequestState.USED_UP:
            return ((button("request.one_more", "more"), clone),)
        case RequestState.CLOSED:
            return ((clone,),)
        case _:
            assert_never(view.state)


def share_link(texts: Texts, view: RequestView, link: str) -> str:
    """The address with which Telegram lets somebody choose the chat to pass a request on to."""
    key = "request.share_words_for" if view.terms.title else "request.share_words"
    amount = asked_amount(texts, view.terms)
    words = texts.plain(key, maker=view.maker, amount=amount, title=view.terms.title)
    return f"https://t.me/share/url?url={quote(link, safe='')}&text={quote(words, safe='')}"


def _pay_label(texts: Texts, view: RequestView) -> str:
    price = view.terms.price
    if price is None:
        return texts.plain("request.pay_open")
    return texts.plain("request.pay", amount=money(price, texts.language))


def _here_label(texts: Texts, view: RequestView) -> str:
    price = view.terms.price
    if "mobile_money" not in view.terms.methods:
        return _pay_label(texts, view)
    if price is None:
        return texts.plain("request.pay_here_open")
    return texts.plain("request.pay_here", amount=money(price, texts.language))


def _list_label(texts: Texts, view: RequestView) -> str:
    return " ".join(part for part in (_icon(view), asked_amount(texts, view.terms), view.terms.title[:24]) if part)


def _icon(view: RequestView) -> str:
    match view.state:
        case RequestState.OPEN:
            return "💳"
        case RequestState.CLOSED:
            return "🔒"
        case RequestState.EXPIRED:
            return "⌛"
        case RequestState.USED_UP:
            return "✅"
        case _:
            assert_never(view.state)


def _own_phone(view: RequestView) -> dict[str, str]:
    place = view.destination
    return {"network": network_label(place.country, place.network or ""), "phone": phone_ending(place.phone or "")}


def _menu(texts: Texts, key: str, command: str) -> Button:
    return Button(texts.plain(key), data=MenuTap(command).pack())


def _money(texts: Texts, amount: Decimal | None, currency: str) -> str:
    assert amount is not None
    return money(Money(amount, currency), texts.language)


def _joined(*blocks: Sequence[Html]) -> Html:
    return Html("\n\n".join("\n".join(block) for block in blocks if block))
