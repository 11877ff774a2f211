"""What an answer means: the one place where statuses, envelopes and sentences of the provider become results or errors.

The envelope is `{success, message, data}`, with `error_code` and perhaps `data.errors` when it says no; a 200 with
`success: false` is a refusal like a 400 (Kotani docs, error handling). Sentences are not a contract: one that is not
recognised makes a plainer error, never a wrong one. A 404 or a 400 counts as the provider's word only inside its
envelope; the same status from a proxy in between proves nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final, TypeVar

from bot.kotani.calls import Call, Unreadable
from bot.kotani.errors import (
    CustomerSuspended,
    DuplicateReference,
    Forbidden,
    InsufficientFunds,
    KotaniError,
    NotFound,
    RateExpired,
    RateLimited,
    Refused,
    ServiceNotEnabled,
    Unanswered,
    Unauthorised,
    Unknown,
)
from bot.kotani.javascript import parse
from bot.kotani.reading import Data, as_amount, as_flag, as_text

T = TypeVar("T")

LONGEST_WAIT: Final = 300.0  # seconds: an absurd Retry-After is not obeyed to the letter
_USUAL_WAIT: Final = 15.0  # when none is given
_MOST_REASONS: Final = 20
_CODES: Final = MappingProxyType(
    {
        # words that an older version of the documentation lists in place of numbers
        "INVALID_API_KEY": 401,
        "RATE_LIMITED": 429,
    }
)

_EXPIRED: Final = re.compile(
    r"\b(rate|quote)\b.{0,40}\b(expired|not found|no longer valid)\b|\bexpired\b.{0,20}\b(rate|quote)\b"
)
_USED: Final = re.compile(r"\b(rate|quote)\b.{0,40}\balready\b.{0,20}\bused\b")
_DUPLICATE: Final = re.compile(r"\bduplicate|\balready (exists?|been used|used|processed)\b")
_OF_A_TRANSACTION: Final = re.compile(r"\breference|\btransaction\b|\bduplicate (request|withdrawal|deposit|payment)\b")
_NOT_ENABLED: Final = re.compile(
    r"\bnot enabled\b|\bnot available for (your|this) account\b"
    r"|\b(service|onramp|offramp|deposits?|withdrawals?|payment links?)\b.{0,40}\bnot available\b"
)
_NO_ROUTE: Final = re.compile(r"^cannot (get|post|put|patch|delete) /")


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What came back: the status, the one header that matters, and the whole body."""

    status: int
    body: bytes
    retry_after: str | None = None


def read_answer(call: Call[T], answer: Answer, now: datetime) -> T:
    """The result of a call, or the `KotaniError` that its answer stands for. `now` is for Retry-After dates."""
    document = _document(answer.body)
    status = _status(answer.status, document)
    if 200 <= status < 300:
        return _success(call, document, status)
    if status == 429:
        raise RateLimited(call.operation, retry_after=_wait(answer, document, now))
    if status == 401:
        raise Unauthorised(call.operation)
    message = "" if document is None else as_text(document.get("message")) or ""
    if status == 403:
        raise _forbidden(call, document, message)
    if document is None or not 400 <= status < 500 or status in (408, 425):
        raise unknown(call, f"HTTP {status}")
    raise _refusal(call, status, document, message)


def unknown(call: Call[T], detail: str, *, passing: bool = True) -> Unknown:
    """The error for "no usable answer", which is harmless only after a harmless call."""
    kind = Unanswered if call.harmless else Unknown
    return kind(call.operation, detail, passing=passing)


def _document(body: bytes) -> Data | None:
    try:
        value = parse(body)
    except ValueError:
        return None
    return value if isinstance(value, Mapping) else None


def _status(status: int, document: Data | None) -> int:
    """The status that counts: a "success" that denies itself is what its error code says, or a 400."""
    if document is None or status >= 500 or status == 429:
        return status
    code = document.get("error_code")
    if isinstance(code, str) and code in _CODES and (status >= 400 or as_flag(document.get("success")) is False):
        return _CODES[code]
    if 200 <= status < 300 and as_flag(document.get("success")) is False:
        number = as_amount(code)
        return int(number) if number is not None and 400 <= number < 600 else 400
    return status


def _success(call: Call[T], document: Data | None, status: int) -> T:
    if document is None:
        raise unknown(call, f"HTTP {status} without an object")
    if not call.bare and as_flag(document.get("success")) is not True:
        raise unknown(call, "neither success nor failure", passing=False)
    try:
        return call.read(document if call.bare else document.get("data"))
    except Unreadable as error:
        raise unknown(call, str(error), passing=False) from None


def _forbidden(call: Call[T], document: Data | None, message: str) -> KotaniError:
    words = message.lower()
    if "suspended" in words:
        return CustomerSuspended(call.operation, message=message)
    if _not_enabled(document, words):
        return ServiceNotEnabled(call.operation, message=message, service=_service(document))
    return Forbidden(call.operation, message=message)


def _refusal(call: Call[T], status: int, document: Data, message: str) -> KotaniError:
    words = message.lower()
    code = as_text(document.get("error_code"))
    reasons = _reasons(document)
    if _not_enabled(document, words) or _NO_ROUTE.match(words):
        return ServiceNotEnabled(call.operation, message=message, service=_service(document))
    if call.quoted and call.reference is not None and _USED.search(words):
        # an earlier attempt under this reference may have used it
        return DuplicateReference(call.operation)
    if call.quoted and _EXPIRED.search(words):
        return RateExpired(call.operation, message=message, reasons=reasons, code=code)
    told = _DUPLICATE.search(words) is not None and _OF_A_TRANSACTION.search(words) is not None
    if call.reference is not None and (told or status == 409):  # whatever it conflicts with: the reference is asked for
        return DuplicateReference(call.operation)
    if status == 404:
        return NotFound(call.operation) if as_flag(document.get("success")) is False else unknown(call, "a strange 404")
    if "suspended" in words and "customer" in words:
        return CustomerSuspended(call.operation, message=message)
    if "insufficient" in words or code == "INSUFFICIENT_BALANCE":
        return InsufficientFunds(call.operation, message=message, reasons=reasons, code=code)
    return Refused(call.operation, message=message, reasons=reasons, code=code)


def _not_enabled(document: Data | None, words: str) -> bool:
    data = document.get("data") if document is not None else None
    refused = isinstance(data, Mapping) and as_flag(data.get("integratorEnabled")) is False
    return refused or _NOT_ENABLED.search(words) is not None


def _service(document: Data | None) -> str | None:
    data = document.get("data") if document is not None else None
    return as_text(data.get("service")) if isinstance(data, Mapping) else None


def _reasons(document: Data) -> tuple[str, ...]:
    data = document.get("data")
    listed = data.get("errors") if isinstance(data, Mapping) else None
    if not isinstance(listed, list):
        listed = document.get("message")  # the framework's own form, without the provider's envelope
    if not isinstance(listed, list):
        return ()
    return tuple(reason for reason in map(as_text, listed[:_MOST_REASONS]) if reason is not None)


def _wait(answer: Answer, document: Data | None, now: datetime) -> float:
    """The longest of the waits that header and body ask for, in seconds, within sensible limits."""
    data = document.get("data") if document is not None else None
    said = as_amount(data.get("retryAfter")) if isinstance(data, Mapping) else None
    waits = [wait for wait in (said, _header_wait(answer.retry_after, now)) if wait is not None and wait > 0]
    return min(max(float(max(waits)), 1.0), LONGEST_WAIT) if waits else _USUAL_WAIT


def _header_wait(header: str | None, now: datetime) -> Decimal | None:
    """Retry-After is a number of seconds or a date (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    number = as_amount(header)
    if number is not None:
        return number
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return Decimal(int((aware - now).total_seconds()))
