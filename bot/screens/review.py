"""The review card: what arrives, what is paid, the fee, until when; then where to, who pays and what happens next.

One card in the chat, in four forms: asking, asking again after a new quote (with the difference in words), run out, and
confirmed. Buttons come from the conversation, which owns the taps.
"""

from bot.engine.results import BuyOffer, BuyRequest
from bot.payments.money import Money
from bot.screens.foreign import Html
from bot.screens.formats import (
    address_code,
    chain_label,
    fee_percent,
    live_time,
    masked,
    money,
    network_label,
    phone_ending,
    short_address,
)
from bot.screens.screen import Button, Screen
from bot.screens.texts import Texts

Rows = tuple[tuple[Button, ...], ...]


def review_card(
    texts: Texts, request: BuyRequest, offer: BuyOffer, rows: Rows, *, before: BuyOffer | None = None
) -> Screen:
    """The card that asks for the customer's yes. `before` is the offer that this one replaces after it ran out."""
    until = texts("review.until", time=live_time(offer.expires_at, request.country, texts.language))
    if before is None:
        head = texts("review.title")
    else:
        head = Html("\n".join((texts("review.title_again"), *differences(texts, before, offer))))
    figures = [*_figures(texts, offer), until]
    return Screen(text=_card(head, figures, _route(texts, request), _next(texts, request)), rows=rows)


def review_expired(texts: Texts, request: BuyRequest, offer: BuyOffer, rows: Rows) -> Screen:
    """The card after its price ran out, while no new one could be had: it says so, and cannot be confirmed."""
    return Screen(text=_card(texts("review.title_expired"), _figures(texts, offer), _route(texts, request)), rows=rows)


def review_confirmed(texts: Texts, request: BuyRequest, offer: BuyOffer, *, code: str) -> Screen:
    """The card after the yes: a record of what was agreed, without buttons."""
    head = texts("review.title_confirmed", code=code)
    return Screen(text=_card(head, _figures(texts, offer), _route(texts, request)))


def review_cancelled(texts: Texts, offer: BuyOffer) -> Screen:
    """The card after a no: nothing was paid and nothing will be."""
    return Screen(text=_card(texts("review.title_cancelled"), _figures(texts, offer)))


def differences(texts: Texts, before: BuyOffer, now: BuyOffer) -> tuple[Html, ...]:
    """What changed from one offer to the next, a sentence each, what arrives first; one sentence when nothing did."""
    said = tuple(
        texts(f"review.difference.{what}_{_way(difference)}", amount=_size(texts, difference))
        for what, difference in (
            ("receive", _difference(before.receive, now.receive)),
            ("pay", _difference(before.pay, now.pay)),
            ("fee", _difference(before.fee, now.fee)),
        )
        if difference is not None and difference.amount != 0
    )
    return said or (texts("review.difference.none"),)


def fee_line(texts: Texts, pay: Money, fee: Money) -> Html:
    """The fee as money and as a percentage of what it is charged on."""
    if fee.amount == 0:
        return texts("review.no_fee")
    charged_on = pay - fee
    return texts(
        "review.fee",
        fee=money(fee, texts.language),
        percent=fee_percent(fee, charged_on, texts.language),
        amount=money(charged_on, texts.language),
    )


def _figures(texts: Texts, offer: BuyOffer) -> list[Html]:
    return [
        texts("review.receive", amount=money(offer.receive, texts.language)),
        texts("review.pay", amount=money(offer.pay, texts.language)),
        fee_line(texts, offer.pay, offer.fee),
    ]


def _route(texts: Texts, request: BuyRequest) -> list[Html]:
    to = texts("review.to", chain=chain_label(request.chain), address=short_address(request.address))
    means = texts.plain("review.bank") if request.network is None else network_label(request.country, request.network)
    payer = ", ".join(part for part in (request.account_name.strip(), means, masked(request.phone)) if part)
    return [to, address_code(request.address), texts("review.from", payer=payer)]


def _next(texts: Texts, request: BuyRequest) -> list[Html]:
    if request.method == "bank":
        return [texts("review.next_bank"), texts("review.final")]
    return [texts("review.next_phone", phone=phone_ending(request.phone)), texts("review.final")]


def _card(head: Html, *blocks: list[Html]) -> Html:
    return Html("\n\n".join((head, *("\n".join(block) for block in blocks))))


def _difference(before: Money, now: Money) -> Money | None:
    return now - before if before.currency == now.currency else None


def _way(difference: Money) -> str:
    return "more" if difference.amount > 0 else "less"


def _size(texts: Texts, difference: Money) -> str:
    return money(Money(difference.amount.copy_abs(), difference.currency), texts.language)
