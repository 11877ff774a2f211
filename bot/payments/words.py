"""The provider's status words, sorted by what they mean to us.

Words change and grow; a word that is not here is kept, reported once and treated as "still working", never as an end.
Source: Kotani docs, transaction statuses, with the aliases of the flow pages.
"""

from enum import StrEnum


class Meaning(StrEnum):
    """What a status word says, whatever it is called."""

    ABSENT = "absent"
    WAITING = "waiting"
    WORKING = "working"
    SUCCESS = "success"
    FAILURE = "failure"
    EXPIRED = "expired"
    REVERSED = "reversed"
    RETURNING = "returning"
    RETURNED = "returned"
    RETURN_FAILED = "return_failed"
    REVIEW = "review"
    UNFAMILIAR = "unfamiliar"


_MEANINGS: dict[Meaning, frozenset[str]] = {
    Meaning.SUCCESS: frozenset({"SUCCESSFUL", "SUCCESS", "COMPLETED", "TRANSACTION_RETRY_SUCCESSFUL"}),
    Meaning.FAILURE: frozenset(
        {
            "FAILED",
            "DECLINED",
            "CANCELLED",
            "CANCELED",
            "PERMANENTLY_FAILED",
            "TRANSACTION_RETRY_FAILED",
            "REJECTED",
        }
    ),
    Meaning.EXPIRED: frozenset({"EXPIRED"}),
    Meaning.REVERSED: frozenset({"REVERSED"}),
    Meaning.WAITING: frozenset({"NOT_INITIATED", "PENDING", "INITIATED", "TRANSACTION_INITIATED", "RETRY"}),
    Meaning.WORKING: frozenset({"IN_PROGRESS", "PROCESSING", "CRYPTO_PENDING", "CRYPTO_RECEIVED"}),
    # Kotani docs, offramp refunds: the crypto of a sale goes back to who sent it
    Meaning.RETURNING: frozenset({"REFUND_PENDING"}),
    Meaning.RETURNED: frozenset({"REFUNDED"}),
    Meaning.RETURN_FAILED: frozenset({"REFUND_FAILED"}),
    # DUPLICATE says that another transaction holds the truth: a person must look, nothing may be concluded
    Meaning.REVIEW: frozenset({"REQUIRE_REVIEW", "ERROR_OCCURRED", "PAUSED", "DUPLICATE"}),
}
_BY_WORD: dict[str, Meaning] = {word: meaning for meaning, words in _MEANINGS.items() for word in words}


def meaning_of(word: str | None) -> Meaning:
    """The meaning of one status word as the provider sent it; case and outer spaces do not matter."""
    if word is None or not word.strip():
        return Meaning.ABSENT
    return _BY_WORD.get(word.strip().upper(), Meaning.UNFAMILIAR)
