"""What stands on the receipt of each kind of payment: figures, means, references; no name, no whole phone number."""

from dataclasses import dataclass
from typing import assert_never

from bot.engine.results import BuyRequest, PaymentView, SellRequest, SendRequest
from bot.payments.catalogue import explorer_link
from bot.payments.parties import Payer
from bot.screens.formats import (
    chain_label,
    day_and_time,
    fee_percent,
    masked,
    money,
    network_label,
    short_address,
    short_hash,
)
from bot.screens.outcome import ended_at
from bot.screens.parties import home, payer_of, place_for_anybody
from bot.screens.printing import drawable
from bot.screens.texts import Texts


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the receipt: the key of its label, what it says, and whether that stands out."""

    key: str
    value: str
    strong: bool = False


def facts(texts: Texts, view: PaymentView) -> list[Fact]:
    """The lines in order."""
    language, request = texts.language, view.order
    said = [
        Fact(
            "sell.receipt_sent" if isinstance(request, SellRequest) else "receipt.paid", money(view.pay, language), True
        ),
        _fee(texts, view),
        Fact("receipt.from", _paid_from(texts, view)),
        Fact("receipt.time", day_and_time(ended_at(view), home(request), language)),
        Fact("receipt.reference", view.code, True),
    ]
    said += [Fact(key, drawable(number), True) for key, number in _numbers(view) if number]
    if view.tx_hash and not isinstance(request, SendRequest):
        said.append(Fact("receipt.transaction", short_hash(drawable(view.tx_hash))))
    return said


def arrived_at(texts: Texts, view: PaymentView) -> str:
    """Where it arrived, without a name and with its ends only."""
    match view.order:
        case BuyRequest() as request:
            return _on_chain(texts, request.address, request.chain)
        case SellRequest() as request:
            return place_for_anybody(texts, request.destination)
        case SendRequest() as request:
            return place_for_anybody(texts, request.destination)
        case _:
            assert_never(view.order)


def public_record(view: PaymentView) -> str | None:
    """The page on which everybody can see the transfer; None where there is none."""
    if view.tx_hash is None or isinstance(view.order, SendRequest):
        return None
    return explorer_link(view.order.chain, view.tx_hash)


def _fee(texts: Texts, view: PaymentView) -> Fact:
    taken_off = view.fee.currency == view.receive.currency and view.fee.currency != view.pay.currency
    charged_on = view.receive + view.fee if taken_off else view.pay - view.fee
    percent = fee_percent(view.fee, charged_on, texts.language)
    key = "sell.receipt_fee" if taken_off else "receipt.fee"
    return Fact(key, f"{money(view.fee, texts.language)} ({percent})")


def _paid_from(texts: Texts, view: PaymentView) -> str:
    match view.order:
        case SellRequest() as request:
            return _on_chain(texts, request.sender_address, request.chain)
        case request:
            return _means(texts, payer_of(request))


def _means(texts: Texts, payer: Payer) -> str:
    means = texts.plain("review.bank") if payer.network is None else network_label(payer.country, payer.network)
    return f"{means} {masked(payer.phone)}"


def _on_chain(texts: Texts, address: str, chain: str) -> str:
    return texts.plain("receipt.on_chain", address=short_address(address), chain=chain_label(chain))


def _numbers(view: PaymentView) -> list[tuple[str, str | None]]:
    match view.order:
        case BuyRequest():
            return [("receipt.number", view.receipt)]
        case SellRequest():
            return [("receipt.number", view.payout_receipt or view.receipt)]
        case SendRequest():
            return [("send.receipt_in", view.receipt), ("send.receipt_out", view.payout_receipt)]
        case _:
            assert_never(view.order)
