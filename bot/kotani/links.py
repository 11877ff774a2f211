"""Payment links: every name that the provider uses for them stands in this file.

The provider's reference pages for links were not to be had, only the pages that describe the flow; the names are a
decision of ours until a sandbox says otherwise. A refusal lists the right ones in its `reasons`, which operators see
word for word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal

from bot.kotani.parties import Fields, given
from bot.kotani.reading import Data, as_amount, as_text
from bot.kotani.results import PaymentLink

PATH: Final = "/api/v3/payment-links"
CLOSED: Final = "INACTIVE"
# ours → theirs, for what is sent and what is read
FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "id": "id",
        "short_code": "shortCode",
        "url": "url",
        "status": "status",
        "title": "title",
        "description": "description",
        "pricing": "pricingType",
        "currency": "currency",
        "amount": "amount",
        "least": "minAmount",
        "most": "maxAmount",
        "packages": "packages",
        "package_name": "name",
        "package_amount": "amount",
        "methods": "paymentMethods",
        "usage": "usageType",
        "most_uses": "maxUses",
        "payer_fields": "customerInfo",
        "expires_at": "expiresAt",
        "callback_url": "callbackUrl",
    }
)

Pricing = Literal["FIXED", "VARIABLE", "CUSTOMER_CHOICE", "PACKAGE"]
Method = Literal["MOBILE_MONEY", "BANK", "CARD", "CRYPTO"]
Usage = Literal["SINGLE_USE", "MULTIPLE_USE", "UNLIMITED"]
Asked = Literal["REQUIRED", "OPTIONAL", "HIDDEN"]


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A link to make. FIXED takes `amount`, VARIABLE `least` and `most`, PACKAGE `packages` (name and amount each).

    `expires_at` is an aware time; `payer_fields` says of name, email and phone how the page asks for them.
    """

    title: str
    currency: str
    callback_url: str
    pricing: Pricing = "FIXED"
    amount: Decimal | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    packages: tuple[tuple[str, Decimal], ...] = ()
    methods: tuple[Method, ...] = ("MOBILE_MONEY",)
    usage: Usage = "SINGLE_USE"
    most_uses: int | None = None
    payer_fields: Mapping[Literal["name", "email", "phone"], Asked] | None = None
    expires_at: datetime | None = None
    description: str | None = None

    def fields(self) -> Fields:
        """The body of the create call."""
        package, price = FIELDS["package_name"], FIELDS["package_amount"]
        values: Fields = {
            "title": self.title,
            "description": self.description,
            "pricing": self.pricing,
            "currency": self.currency,
            "amount": self.amount,
            "least": self.least,
            "most": self.most,
            "packages": [{package: name, price: amount} for name, amount in self.packages] or None,
            "methods": list(self.methods),
            "usage": self.usage,
            "most_uses": self.most_uses,
            "payer_fields": dict(self.payer_fields) if self.payer_fields else None,
            "expires_at": _moment(self.expires_at) if self.expires_at else None,
            "callback_url": self.callback_url,
        }
        return given({FIELDS[name]: value for name, value in values.items()})


def read_link(data: Data, pages: str) -> PaymentLink | None:
    """A link from the provider's object; `None` when it names no id, or neither a page nor a code for one.

    `pages` is where the provider's hosted pages stand, for answers that give the short code alone.
    """

    def said(name: str) -> str | None:
        return as_text(data.get(FIELDS[name]))

    link_id, code, url = said("id"), said("short_code"), said("url")
    if url is None and code is not None and code.isalnum():
        url = f"{pages}/{code}"
    if link_id is None or url is None:
        return None
    return PaymentLink(
        id=link_id,
        short_code=code,
        url=url,
        status=said("status"),
        title=said("title"),
        pricing=said("pricing"),
        currency=said("currency"),
        amount=as_amount(data.get(FIELDS["amount"])),
    )


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a time without a zone")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
