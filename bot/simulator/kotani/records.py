"""The transactions the provider keeps, one class per kind, each with the history of its statuses."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from bot.simulator.kotani.catalogue import words
from bot.simulator.kotani.money import Quote

WAYS_ON = {"PENDING": 0, "NOT_INITIATED": 0, "INITIATED": 1, "CRYPTO_RECEIVED": 2, "IN_PROGRESS": 3}
FINAL = frozenset(
    words("SUCCESSFUL FAILED CANCELLED EXPIRED DECLINED REVERSED REFUNDED REFUND_FAILED DUPLICATE PERMANENTLY_FAILED")
)


def forward(old: str, new: str) -> bool:
    """Whether a status may follow another: never back, never out of a final one."""
    return old not in FINAL and WAYS_ON.get(new, 9) > WAYS_ON.get(old, -1)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something failed: the words and the code that the provider shows."""

    message: str
    code: str


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a transaction's history."""

    at: datetime
    cause: str
    statuses: dict[str, str]


@dataclass(slots=True, kw_only=True)
class Transaction:
    """What all kinds share. `reference` is the integrator's, `number` the provider's."""

    family: ClassVar[str]

    id: str
    reference: str
    number: int
    created: datetime
    updated: datetime
    callback_url: str | None
    customer_key: str = ""
    status: str = "PENDING"
    failure: Failure | None = None
    history: list[Change] = field(default_factory=list)

    def statuses(self) -> dict[str, str]:
        """Every status word of the transaction, by its field name."""
        return {"status": self.status}

    def final(self) -> bool:
        return self.status in FINAL


@dataclass(slots=True, kw_only=True)
class Deposit(Transaction):
    """Money in: `amount` is what the payer pays, `net` what reaches the deposit balance."""

    family: ClassVar[str] = "deposit"

    wallet_id: str
    currency: str
    amount: Decimal
    cost: Decimal
    net: Decimal
    phone: str
    checkout: bool = False
    redirect_url: str = ""
    method: str = ""
    name: str = ""
    link_id: str | None = None
    receipt: str | None = None
    before: Decimal | None = None
    after: Decimal | None = None


@dataclass(slots=True, kw_only=True)
class Withdrawal(Transaction):
    """Money out: the wallet is debited `total` (amount and cost) at once."""

    family: ClassVar[str] = "withdrawal"

    channel: str
    wallet_id: str
    currency: str
    amount: Decimal
    cost: Decimal
    total: Decimal
    target: str
    receiver: dict[str, object] = field(default_factory=dict)  # as the request named it
    receipt: str | None = None
    held: bool = False


@dataclass(slots=True, kw_only=True)
class Onramp(Transaction):
    """Fiat in by phone or checkout, crypto out to `receiver`."""

    family: ClassVar[str] = "onramp"

    quote: Quote
    chain: str
    token: str
    currency: str
    receiver: str
    phone: str
    wallet_id: str
    deposit_status: str = "PENDING"
    onchain_status: str = "PENDING"
    redirect_url: str = ""
    transaction_hash: str | None = None
    receipt: str | None = None
    doomed: bool = False

    def statuses(self) -> dict[str, str]:
        return {"status": self.status, "depositStatus": self.deposit_status, "onchainStatus": self.onchain_status}


@dataclass(slots=True, kw_only=True)
class Offramp(Transaction):
    """Crypto in to an escrow address, fiat out to a receiver."""

    family: ClassVar[str] = "offramp"

    quote: Quote
    chain: str
    token: str
    currency: str
    wallet_id: str
    sender: str | None
    target: str
    escrow: str
    own_wallet: bool
    receiver: dict[str, object] = field(default_factory=dict)  # as the request named it
    refund_config: dict[str, object] | None = None
    onchain_status: str = "PENDING"
    transaction_hash: str = ""
    received: Decimal = Decimal(0)
    receipt: str | None = None
    refund_status: str | None = None
    refund_hash: str | None = None
    refund_error: str | None = None
    refund_retries: int = 0
    invoice: str | None = None

    def statuses(self) -> dict[str, str]:
        known = {"status": self.status, "onchainStatus": self.onchain_status}
        return known | ({"refundStatus": self.refund_status} if self.refund_status else {})


@dataclass(slots=True, kw_only=True)
class CryptoSend(Transaction):
    """Crypto from the integrator's own wallet to an address."""

    family: ClassVar[str] = "crypto"

    chain: str
    token: str
    amount: Decimal
    receiver: str
    transaction_hash: str | None = None
