"""What the review card of a buy says."""

from bot.engine.results import BuyOffer, BuyRequest
from bot.screens.foreign import Html
from bot.screens.formats import address_code, chain_label, money, phone_ending, short_address
from bot.screens.parties import payer_line, payer_of
from bot.screens.review_parts import Amounts, changed, fee_line
from bot.screens.texts import Texts


def figures(texts: Texts, offer: Amounts) -> list[Html]:
    """What arrives, what is paid, the fee."""
    return [
        texts("review.receive", amount=money(offer.receive, texts.language)),
        texts("review.pay", amount=money(offer.pay, texts.language)),
        fee_line(texts, offer.pay, offer.fee, offer.receive),
    ]


def route(texts: Texts, request: BuyRequest) -> list[list[Html]]:
    """Where to, and who pays."""
    to = texts("review.to", chain=chain_label(request.chain), address=short_address(request.address))
    return [[to, address_code(request.address), texts("review.from", payer=payer_line(texts, payer_of(request)))]]


def next_step(texts: Texts, request: BuyRequest) -> list[Html]:
    """What happens after the yes, and what cannot be undone."""
    if request.method == "bank":
        return [texts("review.next_bank"), texts("review.final")]
    return [texts("review.next_phone", phone=phone_ending(request.phone)), texts("review.final")]


def changes(texts: Texts, before: BuyOffer, now: BuyOffer) -> list[Html]:
    """What changed from one offer to the next, a sentence each."""
    return [
        *changed(
            texts, "review.difference.receive_more", "review.difference.receive_less", before.receive, now.receive
        ),
        *changed(texts, "review.difference.pay_more", "review.difference.pay_less", before.pay, now.pay),
        *changed(texts, "review.difference.fee_more", "review.difference.fee_less", before.fee, now.fee),
    ]
