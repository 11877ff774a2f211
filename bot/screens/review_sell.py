"""What the review card of a sale says: fiat that arrives, exact crypto to send, the way back if it cannot be paid out."""

from bot.engine.results import SellOffer, SellRequest
from bot.screens.foreign import Html
from bot.screens.formats import address_code, chain_label, money, short_address
from bot.screens.parties import destination_lines
from bot.screens.review_parts import Amounts, changed, fee_line
from bot.screens.texts import Texts


def figures(texts: Texts, offer: Amounts, request: SellRequest | None = None) -> list[Html]:
    """What arrives, what is sent, the fee. Without the request it is not known who receives it."""
    own = request is None or request.destination.own
    return [
        texts("review.receive" if own else "send.receive", amount=money(offer.receive, texts.language)),
        texts("sell.pay", amount=money(offer.pay, texts.language)),
        fee_line(texts, offer.pay, offer.fee, offer.receive),
    ]


def route(texts: Texts, request: SellRequest, known: str | None) -> list[list[Html]]:
    """Where the money goes; which wallet the crypto comes from, and where it would go back to."""
    sender = texts("sell.from_wallet", chain=chain_label(request.chain), address=short_address(request.sender_address))
    wallets = [sender, address_code(request.sender_address)]
    if request.refund_address == request.sender_address:
        wallets.append(texts("sell.back_same"))
    else:
        wallets += [texts("sell.back_other"), address_code(request.refund_address)]
    return [destination_lines(texts, request.destination, known=known), wallets]


def next_step(texts: Texts, request: SellRequest, offer: SellOffer) -> list[Html]:
    """What happens after the yes, and what cannot be undone."""
    amount, chain = money(offer.pay, texts.language), chain_label(request.chain)
    final = "sell.final_own" if request.destination.own else "send.final"
    return [texts("sell.next", amount=amount, chain=chain), texts(final)]


def changes(texts: Texts, before: SellOffer, now: SellOffer, request: SellRequest | None = None) -> list[Html]:
    """What changed from one offer to the next, a sentence each."""
    own = request is None or request.destination.own
    more, less = (
        ("review.difference.receive_more", "review.difference.receive_less")
        if own
        else ("send.difference.receive_more", "send.difference.receive_less")
    )
    return [
        *changed(texts, more, less, before.receive, now.receive),
        *changed(texts, "sell.difference.pay_more", "sell.difference.pay_less", before.pay, now.pay),
        *changed(texts, "review.difference.fee_more", "review.difference.fee_less", before.fee, now.fee),
    ]
