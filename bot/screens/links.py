"""Which addresses on the web we send a customer to: https only, and for bank pages only hosts that were named."""

from collections.abc import Callable
from typing import assert_never
from urllib.parse import urlsplit

from bot.engine.results import BuyRequest, PaymentView, SellRequest, SendRequest
from bot.payments.catalogue import explorer_link
from bot.screens.screen import Button
from bot.screens.texts import Texts

LinkCheck = Callable[[str], bool]

_LONGEST = 2048


def https_on(*hosts: str, loopback: bool = False) -> LinkCheck:
    """A check that passes https links to `hosts` and what lies below them.

    `loopback` also passes plain http to 127.0.0.1, for the demo on one machine.
    """
    names = tuple(host.lower().rstrip(".") for host in hosts)

    def allowed(link: str) -> bool:
        parts = _parts(link)
        if parts is None:
            return False
        scheme, host = parts
        if loopback and scheme == "http":
            return host in {"127.0.0.1", "localhost"}
        return scheme == "https" and any(host == name or host.endswith("." + name) for name in names)

    return allowed


def bank_button(texts: Texts, link: str | None, allowed: LinkCheck) -> Button | None:
    """The button to the bank's page; None when there is no link yet, or none that may be shown."""
    if link is None or _parts(link) is None or not allowed(link):
        return None
    return Button(texts.plain("button.bank"), url=link)


def explorer_button(texts: Texts, chain: str, tx_hash: str | None) -> Button | None:
    """The button to the public record of a transaction; None when there is nothing to show."""
    link = explorer_link(chain, tx_hash) if tx_hash is not None else None
    return Button(texts.plain("button.explorer"), url=link) if link is not None else None


def transfer_button(texts: Texts, view: PaymentView) -> Button | None:
    """The button to the transfer of crypto that a payment came to: what was delivered, or what came back."""
    match view.order:
        case BuyRequest() as request:
            return explorer_button(texts, request.chain, view.tx_hash)
        case SellRequest() as request:
            return explorer_button(texts, request.chain, view.refund_tx or view.tx_hash)
        case SendRequest():
            return None
        case _:
            assert_never(view.order)


def _parts(link: str) -> tuple[str, str] | None:
    """Scheme and host; None for what browsers and we could read differently."""
    if len(link) > _LONGEST or not link.isascii() or not link.isprintable() or any(char in ' \\<>"' for char in link):
        return None
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return None
    if host is None or "@" in parts.netloc:
        return None
    return parts.scheme, host.rstrip(".")
