"""What a code that was photographed is about: a wallet address or payment, a phone number, a link to ourselves.

The text of a code is anybody's. It is only sorted here, by the rules of what it claims to be; what it says is checked
and shown whole like anything that was typed, and a link is never opened.
"""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from bot.payments.addresses import AddressFault, AddressProblem
from bot.payments.names import usable_name
from bot.payments.payment_uris import PaymentUri, UriFault, UriProblem, read_payment_uri
from bot.payments.phones import Phone, PhoneProblem, read_phone

_START: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")  # core.telegram.org/bots/features, "Deep linking"
_HOSTS: Final = frozenset({"t.me", "telegram.me", "www.t.me"})
_FIELD: Final = re.compile(r"(?:^|;)(?P<name>[A-Z]{1,8}):(?P<value>(?:\\.|[^;\\])*)", re.IGNORECASE)
_VCARD: Final = re.compile(r"^(?P<name>FN|N|TEL)(?:;[^:\r\n]*)?:(?P<value>[^\r\n]*)$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ScannedPhone:
    """A phone number, with the name that stands beside it where that can be used as one."""

    phone: Phone
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ScannedLink:
    """A deep link to this very assistant, by what it carries."""

    payload: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """A code that is of no use here: a web page, a Wi-Fi password, a serial number."""


Scanned = PaymentUri | ScannedPhone | ScannedLink
Unusable = AddressProblem | UriProblem | PhoneProblem | Nothing


def read_scanned(text: str, *, bot_username: str, country: str | None, chain: str | None = None) -> Scanned | Unusable:
    """What a code says. Never raises.

    `country` (ISO-2) is the customer's: whose numbers may be written without a country's code. `chain` is the one that a
    payment must be on, where that is settled already.
    """
    text = text.strip()
    payload = _own_link(text, bot_username)
    if payload is not None:
        return ScannedLink(payload)
    found = _contact(text)
    if found is not None:
        number, name = found
        phone = read_phone(number, country=country)
        if isinstance(phone, PhoneProblem) and phone.country is not None and country is not None:
            phone = read_phone(number, country=None)  # somebody abroad may be written in full
        return phone if isinstance(phone, PhoneProblem) else ScannedPhone(phone, name)
    read = read_payment_uri(text, chain)
    if isinstance(read, UriProblem) and read.fault is UriFault.NOT_A_PAYMENT and read.chain is None:
        return _number(text)
    if isinstance(read, AddressProblem) and read.fault is AddressFault.NOT_AN_ADDRESS:
        return _number(text)
    return read


def _number(text: str) -> ScannedPhone | Nothing:
    """A bare number that is somebody's phone: with its country's code, so that a serial number is not taken for one."""
    if not text.startswith("+"):
        return Nothing()
    phone = read_phone(text, country=None)
    return ScannedPhone(phone) if isinstance(phone, Phone) else Nothing()


def _own_link(text: str, username: str) -> str | None:
    """What `https://t.me/<us>?start=…` or `tg://resolve?domain=<us>&start=…` carries."""
    try:
        parts = urlsplit(text)
        asked = parse_qs(parts.query, max_num_fields=10)
    except ValueError:
        return None
    if parts.scheme == "tg" and parts.netloc == "resolve":
        named = asked.get("domain", [""])[0]
    elif parts.scheme in ("https", "http") and parts.netloc.lower() in _HOSTS:
        named = parts.path.strip("/")
    else:
        return None
    payload = asked.get("start", [""])[0]
    return payload if named.lower() == username.lower() and _START.fullmatch(payload) else None


def _contact(text: str) -> tuple[str, str | None] | None:
    """Number and name in a `tel:` link (RFC 3966), a MECARD or a vCard; None for anything else."""
    head = text[:12].upper()
    if head.startswith("TEL:"):
        return unquote(text[4:].partition(";")[0]), None
    if head.startswith("MECARD:"):
        return _of_card({found["name"].upper(): found["value"] for found in _FIELD.finditer(text[7:])}, ",")
    if head.startswith("BEGIN:VCARD"):
        fields: dict[str, str] = {}
        for found in _VCARD.finditer(text):
            fields.setdefault(found["name"].upper(), found["value"])
        return _of_card(fields, ";")
    return None


def _of_card(fields: dict[str, str], between: str) -> tuple[str, str | None] | None:
    """A card with a number. The parts of a structured name stand last name first."""
    number = fields.get("TEL")
    if number is None:
        return None
    name = fields.get("FN")
    if name is None and "N" in fields:
        last, _, rest = _plain(fields["N"]).partition(between)
        name = f"{rest.partition(between)[0]} {last}"
    return _plain(number).removeprefix("tel:"), None if name is None else usable_name(_plain(name))


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value).strip()
