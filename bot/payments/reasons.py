"""Why a payment ended without success, in words for the customer: the provider's sentence → a text key of ours.

The provider's wording is not a contract. A sentence that is not recognised is shown as it came, as a quotation.
"""

import re
from typing import Final

PROVIDER_SAID: Final = "reason.provider_said"
NO_REASON: Final = "reason.not_given"
QUOTE_EXPIRED: Final = "reason.quote_expired"
PROMPT_EXPIRED: Final = "reason.prompt_expired"
UNAVAILABLE: Final = "reason.unavailable"
DELIVERY_FAILED: Final = "reason.delivery_failed"
PAYOUT_FAILED: Final = "reason.payout_failed"
NO_CRYPTO: Final = "reason.no_crypto"
CRYPTO_LATE: Final = "reason.crypto_late"
AMOUNT_DIFFERED: Final = "reason.amount_differed"
CAME_LATE: Final = "reason.came_late"
ARRIVED_LATE: Final = "reason.arrived_late"
REQUEST_OVER: Final = "reason.request_over"

_PHRASES: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("insufficient", "not enough"), "reason.insufficient_funds"),
    (("cancelled by", "canceled by", "customer cancelled", "user cancelled", "declined by"), "reason.declined_by_you"),
    (("wrong pin", "invalid pin"), "reason.wrong_pin"),
    (("suspended",), "reason.suspended"),
    (("limit", "limits"), "reason.limit"),  # not "limited", which ends the names of companies
    (("timeout", "timed out", "expired"), PROMPT_EXPIRED),
)


def reason_for(sentence: str | None) -> tuple[str, str | None]:
    """The text key for a provider's error sentence, and the sentence itself where it must be quoted."""
    if sentence is None or not sentence.strip():
        return NO_REASON, None
    lowered = sentence.lower()
    for phrases, key in _PHRASES:
        if any(re.search(rf"\b{phrase}\b", lowered) for phrase in phrases):
            return key, None
    return PROVIDER_SAID, sentence.strip()[:200]
