"""Who pays and who is paid, in words: whole where the customer must check it, its ends where they know it already.

The provider confirms no name, so none of ours carries a tick: it is said who gave it.
"""

from typing import assert_never

from bot.engine.results import BuyRequest, Request, SellRequest, SendRequest
from bot.payments.parties import Destination, Payer, Way
from bot.screens.foreign import Html, escaped
from bot.screens.formats import masked, network_label, phone_ending, whole_phone
from bot.screens.texts import Texts


def home(request: Request) -> str:
    """The country whose clock the customer of a payment reads: where they pay, or for a sale where they are paid."""
    match request:
        case BuyRequest():
            return request.country
        case SellRequest():
            return request.destination.country
        case SendRequest():
            return request.payer.country
        case _:
            assert_never(request)


def payer_of(request: BuyRequest | SendRequest) -> Payer:
    """Who pays in."""
    if isinstance(request, SendRequest):
        return request.payer
    return Payer(
        request.country, request.currency, request.method, request.phone, request.account_name, request.network
    )


def paid_by_bank(request: Request) -> bool:
    """Whether fiat is paid in on a bank's page, to which money goes back by a person's hand only."""
    return not isinstance(request, SellRequest) and payer_of(request).method == "bank"


def payer_line(texts: Texts, payer: Payer) -> str:
    """The payer on a review card: name, means, masked phone."""
    means = texts.plain("review.bank") if payer.network is None else network_label(payer.country, payer.network)
    return ", ".join(part for part in (payer.account_name.strip(), means, masked(payer.phone)) if part)


def payer_means(texts: Texts, payer: Payer) -> Html:
    """Where money comes from and goes back to, in the customer's words: their phone, or their bank account."""
    if payer.network is None:
        return texts("status.receiver_bank")
    return escaped(f"{network_label(payer.country, payer.network)} {phone_ending(payer.phone)}")


def destination_lines(
    texts: Texts, to: Destination, *, known: str | None = None, asked: bool = False, masks: bool = False
) -> list[Html]:
    """Where fiat goes, on a review card. A place of somebody else's is whole: a wrong digit pays a stranger.

    `known` is what we remember of this receiver. `asked` is for a payment request, whose maker gave name and number: the
    number is theirs, and cannot be checked by whoever pays. `masks`: whoever reads it only looks, and sees its ends.
    """
    lines = [_place(texts, to, masks=to.own or asked or masks)]
    if to.name.strip():
        lines.append(texts("send.name_given" if asked else "send.name_typed", name=to.name.strip()))
    if known:
        lines.append(escaped(known))
    return lines


def paid_back_to(texts: Texts, payer: Payer, to: Destination | None) -> Html:
    """Where money goes back to: to who paid, unless somewhere else was named."""
    return payer_means(texts, payer) if to is None else receiver(texts, to)


def receiver(texts: Texts, to: Destination) -> Html:
    """Where fiat goes, inside a sentence: the name, and the ends of the number."""
    name = "" if to.own else to.name.strip()
    return escaped(", ".join(part for part in (name, _short(texts, to)) if part))


def place_for_anybody(texts: Texts, to: Destination) -> str:
    """Where fiat went, without a name and with masked numbers: for pictures that are passed on."""
    match to.way:
        case Way.PHONE:
            return f"{network_label(to.country, to.network or '')} {masked(to.phone or '')}"
        case Way.BANK:
            return f"{to.bank_name or texts.plain('review.bank')} •••••{(to.account or '')[-3:]}"
        case Way.TILL:
            return texts.plain("send.till", number=to.number or "")
        case Way.PAYBILL:
            return texts.plain("send.paybill", number=to.number or "")
        case _:
            assert_never(to.way)


def _place(texts: Texts, to: Destination, *, masks: bool) -> Html:
    match to.way:
        case Way.PHONE:
            network, phone = network_label(to.country, to.network or ""), to.phone or ""
            key = "send.to_own_phone" if to.own else "send.to_phone"
            return texts(key, network=network, phone=masked(phone) if masks else whole_phone(phone))
        case Way.BANK:
            account = _account(to, masks=masks and not to.own)  # an account of one's own is typed too
            return texts("send.to_bank", bank=to.bank_name or texts.plain("review.bank"), account=account)
        case Way.TILL:
            return texts("send.to_till", number=to.number or "")
        case Way.PAYBILL:
            account = _account(to, masks=masks and not to.own)
            return texts("send.to_paybill", number=to.number or "", account=account)
        case _:
            assert_never(to.way)


def _account(to: Destination, *, masks: bool) -> str:
    account = to.account or ""
    return f"•••••{account[-3:]}" if masks else account


def _short(texts: Texts, to: Destination) -> str:
    match to.way:
        case Way.PHONE:
            return f"{network_label(to.country, to.network or '')} {phone_ending(to.phone or '')}"
        case Way.BANK:
            return f"{to.bank_name or texts.plain('review.bank')} {phone_ending(to.account or '')}"
        case Way.TILL:
            return texts.plain("send.till", number=to.number or "")
        case Way.PAYBILL:
            return texts.plain("send.paybill", number=to.number or "")
        case _:
            assert_never(to.way)
