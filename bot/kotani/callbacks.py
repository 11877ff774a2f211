"""What the provider sends to us by itself: reading callbacks (Kotani docs, webhooks).

Two modes: with a webhook secret the body is an envelope `{event, data, signature}`; without one the transaction's
fields stand bare. Which of them a body is shows by its shape; whether it may be believed is decided by `verify`, not
here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from bot.kotani.javascript import parse
from bot.kotani.reading import Data, as_text, report, text
from bot.kotani.signatures import Verdict, Verifier, verify
from bot.payments.reports import Report

__all__ = ["CallbackFacts", "UnreadableCallback", "Verdict", "Verifier", "read_callback", "verify"]

# refund events tell by their name how the refund stands; the sale's own status in them differs between versions
_REFUNDS: Final = MappingProxyType(
    {
        "refund.completed": "REFUNDED",
        "refund.failed": "REFUND_FAILED",
        "refund.lightning.invoice_needed": "REFUND_PENDING",
    }
)


class UnreadableCallback(ValueError):
    """The body is no JSON object, or its `data` is none."""


@dataclass(frozen=True, slots=True)
class CallbackFacts:
    """What one callback says. `event` is absent in the direct mode; unknown events pass through with what they name.

    `payment_link` is the link that a deposit was paid on, by id or short code.
    """

    reference: str | None
    report: Report
    event: str | None = None
    payment_link: str | None = None


def read_callback(body: bytes) -> CallbackFacts:
    """The facts of a callback in either mode. Raises `UnreadableCallback`."""
    try:
        value = parse(body)
    except ValueError as error:
        raise UnreadableCallback("no JSON") from error
    if not isinstance(value, Mapping):
        raise UnreadableCallback("no object")
    event = as_text(value.get("event"))
    if event is None:
        return _facts(None, value)
    data = value.get("data")
    if not isinstance(data, Mapping):
        raise UnreadableCallback("the envelope holds no object")
    return _facts(event, data)


def _facts(event: str | None, data: Data) -> CallbackFacts:
    said = report(data)
    refund = _REFUNDS.get(event or "")
    if refund is not None:
        said = replace(
            said,
            status=refund,
            tx_hash=text(data, "refund_tx") or said.tx_hash,
        )
    return CallbackFacts(reference=said.reference, report=said, event=event, payment_link=text(data, "payment_link"))
