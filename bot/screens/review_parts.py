"""What review cards of every kind are made of: blocks of lines, the fee, and what changed from offer to offer."""

from typing import Protocol

from bot.engine.results import Request, SendRequest
from bot.payments.money import Money
from bot.screens.foreign import Html
from bot.screens.formats import fee_percent, money
from bot.screens.screen import Button
from bot.screens.texts import Texts

Rows = tuple[tuple[Button, ...], ...]


class Amounts(Protocol):
    """What an offer and a payment both have."""

    @property
    def pay(self) -> Money: ...

    @property
    def fee(self) -> Money: ...

    @property
    def receive(self) -> Money: ...


def has_price(request: Request) -> bool:
    """Whether a price stands behind an offer. Within one currency there is none, only a time to confirm."""
    return not (isinstance(request, SendRequest) and request.payer.currency == request.destination.currency)


def card(head: Html, *blocks: list[Html]) -> Html:
    """The head and blocks of lines, with a gap between them."""
    return Html("\n\n".join((head, *("\n".join(block) for block in blocks if block))))


def fee_line(texts: Texts, pay: Money, fee: Money, receive: Money) -> Html:
    """The fee as money and as a percentage of what it is charged on: on top of a price, or taken off a yield."""
    if fee.amount == 0:
        return texts("review.no_fee")
    taken_off = fee.currency == receive.currency and fee.currency != pay.currency
    charged_on = receive + fee if taken_off else pay - fee
    return texts(
        "sell.fee" if taken_off else "review.fee",
        fee=money(fee, texts.language),
        percent=fee_percent(fee, charged_on, texts.language),
        amount=money(charged_on, texts.language),
    )


def changed(texts: Texts, more: str, less: str, before: Money, now: Money) -> list[Html]:
    """The sentence for how much more, or less, it is now; none where both cannot be compared, or are equal."""
    if before.currency != now.currency or before.amount == now.amount:
        return []
    change = now - before
    size = Money(change.amount.copy_abs(), change.currency)
    return [texts(more if change.amount > 0 else less, amount=money(size, texts.language))]
