"""What use cases take and give back: typed requests and results that screens can draw and handlers can pass on."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.payments.money import Money
from bot.payments.parties import Destination, Payer, PayMethod
from bot.payments.states import PaymentKind, PaymentState


@dataclass(frozen=True, slots=True)
class BuyRequest:
    """A customer's answers for buying crypto, all of them validated.

    Exactly one of `fiat_amount` (before the provider's fee, in `currency`) and `crypto_amount` (to receive, in `token`)
    is given. `phone` is E.164. `network` is the provider's code (absent for the bank method).
    """

    country: str
    currency: str
    token: str
    chain: str
    address: str
    method: PayMethod
    phone: str
    account_name: str
    network: str | None = None
    fiat_amount: Decimal | None = None
    crypto_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BuyOffer:
    """A live quote as the customer is shown it: `pay` includes `fee`; `receive` arrives at the address.

    `fiat_amount` is what the provider is told (before its fee). The offer may be confirmed until `expires_at`.
    """

    quote_id: str
    pay: Money
    fee: Money
    receive: Money
    fiat_amount: Money
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SellRequest:
    """A customer's answers for selling crypto, all of them validated.

    Exactly one of `crypto_amount` (to give, in `token`) and `fiat_amount` (to receive, in the destination's currency)
    is given. `sender_address` is where the crypto will come from: without it our own wallet would pay (Kotani docs,
    offramp). Crypto that cannot be paid out goes back to `refund_address`.
    """

    token: str
    chain: str
    sender_address: str
    refund_address: str
    destination: Destination
    crypto_amount: Decimal | None = None
    fiat_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SellOffer:
    """A live quote for a sale: exactly `pay` (crypto) must arrive, `receive` (fiat) is paid out.

    The provider takes `fee` (fiat) out of `fiat_amount`: `receive` = `fiat_amount` - `fee`.
    """

    quote_id: str
    pay: Money
    fee: Money
    receive: Money
    fiat_amount: Money
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SendRequest:
    """A customer's answers for sending money, or for paying somebody's payment request (`request_id`).

    `amount` is in the payer's currency (what is sent, before our fee) or in the destination's (what arrives). `hold` is
    for how many seconds after the yes nothing is sent, so that it can still be stopped.
    """

    payer: Payer
    destination: Destination
    amount: Money
    hold: int = 0
    note: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class SendOffer:
    """What a transfer costs: `pay` is collected and includes `fee`; `receive` is paid out.

    In one currency `pay` = `receive` + `fee` and `quote_id` is None; across two the provider's fiat quote stands
    behind it. `charged` is our fee as it was set then ("1%+10"): under another one nothing is confirmed.
    """

    pay: Money
    fee: Money
    receive: Money
    expires_at: datetime
    quote_id: str | None = None
    charged: str | None = None


@dataclass(frozen=True, slots=True)
class PayoutRequest:
    """What an operator has paid out of the house's own money, and what for.

    `asked_by` is the operator's numeric Telegram id, `language` the one in which they are told of it.
    """

    destination: Destination
    amount: Money
    note: str
    asked_by: int
    language: str


@dataclass(frozen=True, slots=True)
class CollectionRequest:
    """What an operator collects from somebody's phone for the house, and what for; otherwise as `PayoutRequest`."""

    payer: Payer
    amount: Money
    note: str
    asked_by: int
    language: str


Request = BuyRequest | SellRequest | SendRequest
HouseRequest = PayoutRequest | CollectionRequest
AnyRequest = Request | HouseRequest
Offer = BuyOffer | SellOffer | SendOffer


def countries_of(request: object) -> tuple[str, ...]:
    """Where the money of a request comes from and goes to (ISO-2); nowhere for what moves none."""
    match request:
        case BuyRequest(country=country):
            return (country,)
        case SellRequest(destination=destination):
            return (destination.country,)
        case SendRequest(payer=payer, destination=destination):
            return (payer.country, destination.country)
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class OpenedPayment:
    """A confirmed payment. `fresh` is false when the same confirmation had opened it before."""

    payment_id: str
    code: str
    fresh: bool


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment as a card shows it. Amounts are exactly the recorded ones.

    `fee` is in `fee_currency` of the record: what is paid for a buy and a send, what is received for a sale. `receipt`
    is of the money that came in, `payout_receipt` of what was paid out. A sale has `escrow_address`, where exactly
    `pay` must arrive by `pay_by`; `seen_amount` is what arrived instead. `refund_tx` is the transaction that brought
    crypto back. Until `hold_until` nothing is sent and the payment `can_stop`; a sale `can_cancel` before crypto came.
    A payment of a batch has its `batch_id`.
    """

    id: str
    code: str
    kind: PaymentKind
    state: PaymentState
    customer_id: str
    chat_id: int
    language: str
    pay: Money
    fee: Money
    receive: Money
    request: AnyRequest
    receipt: str | None
    tx_hash: str | None
    redirect_url: str | None
    reason: str | None
    reason_detail: str | None
    refund: Money | None  # what is or was paid back
    refund_receipt: str | None
    with_a_person: bool  # an attention case is open: somebody is looking at it
    revision: int
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    payout_receipt: str | None = None
    escrow_address: str | None = None
    pay_by: datetime | None = None
    seen_amount: Money | None = None
    refund_tx: str | None = None
    hold_until: datetime | None = None
    request_id: str | None = None
    can_stop: bool = False
    can_cancel: bool = False
    cancel_asked: bool = False
    batch_id: str | None = None
    refund_to: Destination | None = None  # where it is paid back to, where an operator named that

    @property
    def order(self) -> Request:
        """What a customer asked for. `TypeError` for a payment of the house: that has screens of its own."""
        if isinstance(self.request, PayoutRequest | CollectionRequest):
            raise TypeError("a payment of the house is no customer's")
        return self.request

    @property
    def house(self) -> HouseRequest | None:
        """What an operator asked for; None for a customer's payment."""
        return self.request if isinstance(self.request, PayoutRequest | CollectionRequest) else None
