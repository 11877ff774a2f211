"""Reading the provider's objects tolerantly: many spellings, numbers as text, and things that are there but say
nothing.

The table below is the whole of it (Kotani docs, all pages; they disagree with each other): for each fact the names
under which it comes, the first that says something wins. `null`, empty texts, empty objects and the documentation's
own placeholder "string" say nothing. What is kept is cleaned so that any database and any screen can take it.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bot.payments.reports import Report
from bot.payments.words import Meaning, meaning_of

Data = Mapping[str, object]

NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "reference": ("referenceId", "reference_id", "reference"),
        "provider_id": ("id", "_id"),
        "customer_key": ("customerKey", "customer_key"),
        "wallet_id": ("walletId", "wallet_id", "fiatWalletId"),
        "gross": ("amount", "fiatAmount"),
        "fee": ("transactionCost", "transaction_cost", "fiatFee", "fee"),
        "net": ("transactionAmount", "transaction_amount", "fiatTransactionAmount"),
        "to_pay": ("fiatAmountToSend",),
        "crypto_amount": ("cryptoAmount",),
        "crypto_received": ("cryptoAmountReceived",),
        "crypto_seen": ("transactionHashAmount",),
        "currency": ("currency", "fiatCurrency"),
        "token": ("token",),
        "chain": ("chain",),
        "receiver": ("receiverAddress",),
        "receipt": ("telcoId", "telco_id", "confirmationId", "confirmation_id"),
        "tx_hash": ("transactionHash", "transaction_hash"),
        "refund_tx": ("refundTransactionHash",),
        "redirect": ("redirectUrl", "redirect_url", "checkoutUrl"),
        "escrow": ("escrowAddress", "escrow_address", "depositAddress"),
        "error_text": (
            "error.message",
            "error",
            "errorMessage",
            "error_message",
            "transactionError.message",
            "transactionError",
            "onchainError.message",
            "onchainError",
            "error_description",
        ),
        "error_code": ("error.code", "error_code", "errorCode", "transactionError.code"),
        "status": ("status",),
        "deposit_status": ("depositStatus",),
        "onchain_status": ("onchainStatus",),
        "refund_status": ("refundStatus",),
        "payment_link": (
            "paymentLinkId",
            "payment_link_id",
            "paymentLinkTransaction.paymentLinkId",
            "paymentLinkTransaction.id",
            "paymentLink.id",
            "paymentLink",
            "shortCode",
        ),
    }
)

# the same names taken apart at their dots, once
_PATHS: Final = MappingProxyType(
    {
        fact: tuple((first, rest) for first, _, rest in (name.partition(".") for name in names))
        for fact, names in NAMES.items()
    }
)
_LONGEST: Final = 512  # characters of any text that is kept
_LONGEST_URL: Final = 2048
_UNKEEPABLE: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]+")  # no database takes all of these
_ADDRESS: Final = re.compile(r"https?://[^/\s<>\"\x00-\x1f\x7f][^\s<>\"\x00-\x1f\x7f\ud800-\udfff]*", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d{1,4})?|[+-]?\.\d+([eE][+-]?\d{1,4})?", re.ASCII)
_MOST_DIGITS: Final = 60
_LARGEST_EXPONENT: Final = 30


def text(data: Data, fact: str) -> str | None:
    """A fact as text, numbers included; `None` when it is absent or of a kind that is no text."""
    for value in _said(data, fact):
        kept = as_text(value)
        if kept is not None:
            return kept
    return None


def amount(data: Data, fact: str) -> Decimal | None:
    """A fact as an exact number; `None` when it is absent or no finite number of a sensible size."""
    for value in _said(data, fact):
        number = as_amount(value)
        if number is not None:
            return number
    return None


def as_text(value: object) -> str | None:
    """A text or number as a clean text; `None` for anything that says nothing, and for objects, lists and truth
    values.
    """
    if isinstance(value, Decimal):
        value = str(value)
    if not isinstance(value, str) or _says_nothing(value):
        return None
    return _UNKEEPABLE.sub("\ufffd", value.strip())[:_LONGEST] or None


def as_amount(value: object) -> Decimal | None:
    """A number, or a text that is one, exactly."""
    if isinstance(value, str):
        value = value.strip()
        if len(value) > _MOST_DIGITS + 10 or not _NUMBER.fullmatch(value):
            return None
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        return None
    _, digits, exponent = value.as_tuple()
    if len(digits) > _MOST_DIGITS or abs(int(exponent)) > _LARGEST_EXPONENT:
        return None
    return value


def as_flag(value: object) -> bool | None:
    """A truth value, also where it is spelled out."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    return None


def web_address(data: Data) -> str | None:
    """The page to send the payer to: an http(s) address, or nothing. Which hosts may be shown is not decided here."""
    for value in _said(data, "redirect"):
        if isinstance(value, str) and not _says_nothing(value):
            address = value.strip()
            return address if len(address) <= _LONGEST_URL and _ADDRESS.fullmatch(address) else None
    return None


def report(data: Data) -> Report:
    """Everything that an object says about one transaction."""
    status, deposit, onchain = (text(data, fact) for fact in ("status", "deposit_status", "onchain_status"))
    error = text(data, "error_text")
    if error is None and {meaning_of(word) for word in (status, deposit, onchain)} & {Meaning.FAILURE, Meaning.EXPIRED}:
        # beside any other status the same field holds pleasantries
        error = as_text(data.get("message"))
    return Report(
        reference=text(data, "reference"),
        status=status,
        deposit_status=deposit,
        onchain_status=onchain,
        provider_id=text(data, "provider_id"),
        gross=amount(data, "gross"),
        fee=amount(data, "fee"),
        net=amount(data, "net"),
        to_pay=amount(data, "to_pay"),
        crypto_amount=amount(data, "crypto_amount"),
        crypto_received=amount(data, "crypto_received"),
        currency=text(data, "currency"),
        token=text(data, "token"),
        chain=text(data, "chain"),
        receiver=text(data, "receiver"),
        receipt=text(data, "receipt"),
        tx_hash=text(data, "tx_hash"),
        redirect_url=web_address(data),
        error_text=error,
        error_code=text(data, "error_code"),
        escrow_address=text(data, "escrow"),
        crypto_seen=amount(data, "crypto_seen"),
        own_wallet=as_flag(data.get("usingIntegratedWallet")) is True,
        refund_status=text(data, "refund_status"),
        refund_tx=text(data, "refund_tx"),
    )


def _said(data: Data, fact: str) -> Iterator[object]:
    """What stands under each name of a fact, in their order; "a.b" is the member `b` of the object `a`."""
    for first, rest in _PATHS[fact]:
        value = data.get(first)
        if value is None:
            continue
        if not rest:
            yield value
        elif isinstance(value, Mapping):
            yield value.get(rest)


def _says_nothing(value: object) -> bool:
    if value is None:
        return True
    if isinstance(value, str):
        return value.strip() in ("", "string")
    return isinstance(value, Mapping | list) and not value
