"""What the provider's answers say, typed. Amounts are exact; fiat amounts are in the object's currency."""

from dataclasses import dataclass
from decimal import Decimal

from bot.payments.reports import Report


@dataclass(frozen=True, slots=True)
class Health:
    """Kotani docs, health. A good answer does not prove that the key is valid."""

    ok: bool


@dataclass(frozen=True, slots=True)
class Created:
    """The provider accepted a create call and gave the transaction an id (in the report)."""

    report: Report
    customer_key: str | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """Kotani docs, onramp and offramp rates. Valid for 60 seconds, for one order of exactly these amounts.

    Onramp: the customer pays `transaction_amount`, which is `fiat_amount` and the fee on top. Offramp: the receiver
    gets `transaction_amount`, which is `fiat_amount` without the fee. `value` is kept as it came: its direction is
    not documented and nothing is computed from it.
    """

    id: str
    source: str
    target: str
    fiat_amount: Decimal
    crypto_amount: Decimal
    transaction_amount: Decimal
    fee: Decimal
    value: str | None = None


@dataclass(frozen=True, slots=True)
class FiatQuote:
    """Kotani docs, fiat rates: paying in one currency and paying out in another, with both fees."""

    source: str
    target: str
    value: Decimal | None
    deposit_amount: Decimal
    deposit_fee: Decimal
    deposit_transaction_amount: Decimal
    withdrawal_amount: Decimal
    withdrawal_fee: Decimal
    withdrawal_transaction_amount: Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """Kotani docs, rates: an indication, nothing to pay by."""

    source: str
    target: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Wallet:
    """Kotani docs, fiat wallets: `balance` is what payouts spend, `deposit_balance` is where collections land."""

    id: str
    name: str
    currency: str
    country: str | None
    balance: Decimal
    deposit_balance: Decimal
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """Kotani docs, mobile-money customers. `key` is what payouts name; `country` is ISO-2 where we know the code."""

    key: str
    phone: str | None
    country: str | None
    network: str | None
    account_name: str | None
    id: str | None = None
    status: str | None = None

    def __repr__(self) -> str:
        return f"Customer(key={self.key!r})"


@dataclass(frozen=True, slots=True)
class SupportedCountry:
    """Kotani docs, supported countries. `enabled` is for our account, `networks` are those that work now."""

    country: str
    currency: str
    active: bool
    enabled: bool
    networks: tuple[str, ...]
    supported_networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank and its code, as payouts must name it."""

    code: str
    name: str
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Offramp:
    """Kotani docs, offramp: what is known about a sale.

    The customer sends exactly the report's `crypto_amount` to `escrow_address`; `crypto_seen` is what was seen on the
    chain. `own_wallet` means that our own crypto wallet pays instead of the customer: somebody must look at once.
    """

    report: Report
    escrow_address: str | None
    sender_address: str | None
    crypto_seen: Decimal | None
    own_wallet: bool
    customer_key: str | None = None
    wallet_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Kotani docs, offramp refunds: how the return of a sale's crypto stands. `amount` is in the token."""

    reference: str | None
    status: str | None
    refund_status: str | None
    tx_hash: str | None
    amount: Decimal | None
    retries: int | None
    error_text: str | None


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Kotani docs, webhook configuration; the secret is never returned. No events means all."""

    url: str | None
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PaymentLink:
    """A payment link: a page at `url` where anybody can pay. Amounts are in `currency`."""

    id: str
    short_code: str | None
    url: str
    status: str | None
    title: str | None = None
    pricing: str | None = None
    currency: str | None = None
    amount: Decimal | None = None
