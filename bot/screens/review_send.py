"""What the review card of a send says: what the receiver gets, what it costs, whose whole number it goes to."""

from bot.engine.results import SendOffer, SendRequest
from bot.screens.foreign import Html
from bot.screens.formats import money, phone_ending
from bot.screens.parties import destination_lines, payer_line
from bot.screens.review_parts import Amounts, changed, fee_line
from bot.screens.texts import Texts


def figures(texts: Texts, offer: Amounts) -> list[Html]:
    """What arrives, what is paid, the fee."""
    return [
        texts("send.receive", amount=money(offer.receive, texts.language)),
        texts("review.pay", amount=money(offer.pay, texts.language)),
        fee_line(texts, offer.pay, offer.fee, offer.receive),
    ]


def route(texts: Texts, request: SendRequest, known: str | None) -> list[list[Html]]:
    """Where the money goes, what for, and who pays."""
    asked = request.request_id is not None
    to = destination_lines(texts, request.destination, known=known, asked=asked)
    if request.note and request.note.strip():
        to.append(texts("send.note", note=request.note.strip()))
    return [to, [texts("review.from", payer=payer_line(texts, request.payer))]]


def next_step(texts: Texts, request: SendRequest) -> list[Html]:
    """What happens after the yes, and what cannot be undone."""
    lines = []
    if request.hold > 0:
        lines.append(texts.many("send.hold", request.hold))
    if request.payer.method == "bank":
        lines.append(texts("review.next_bank"))
    else:
        lines.append(texts("review.next_phone", phone=phone_ending(request.payer.phone)))
    lines.append(texts("send.final_asked" if request.request_id is not None else "send.final"))
    return lines


def changes(texts: Texts, before: SendOffer, now: SendOffer) -> list[Html]:
    """What changed from one offer to the next, a sentence each."""
    return [
        *changed(texts, "send.difference.receive_more", "send.difference.receive_less", before.receive, now.receive),
        *changed(texts, "review.difference.pay_more", "review.difference.pay_less", before.pay, now.pay),
        *changed(texts, "review.difference.fee_more", "review.difference.fee_less", before.fee, now.fee),
    ]
