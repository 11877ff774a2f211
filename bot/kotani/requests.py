"""What can be asked of the provider, typed. Each class knows its own spelling; nothing converts names in general,
because the provider's endpoints do not agree on any (Kotani docs: `customer_key` beside `walletId`, `providerNetwork`
here and `networkProvider` there).

Amounts are `Decimal`; countries are ISO-2; currencies, chains, tokens and networks are upper-case codes. References
are chosen by us, once per intention.
"""

from dataclasses import dataclass
from decimal import Decimal

from bot.kotani.parties import (
    BankAccount,
    BankCheckout,
    BankReceiver,
    Fields,
    MobileMoneyPayer,
    MobileMoneyReceiver,
    PaybillReceiver,
    Payer,
    Receiver,
    TillReceiver,
    given,
)
from bot.kotani.transfers import (
    BankPayout,
    CheckoutRequest,
    DepositRequest,
    PaybillPayout,
    Payout,
    SouthAfricanPayout,
    TillPayout,
    WithdrawalRequest,
)

__all__ = [
    "BankAccount",
    "BankCheckout",
    "BankPayout",
    "BankReceiver",
    "CheckoutRequest",
    "CustomerChange",
    "CustomerRequest",
    "DepositRequest",
    "MobileMoneyPayer",
    "MobileMoneyReceiver",
    "OfframpRequest",
    "OnrampRequest",
    "PaybillPayout",
    "PaybillReceiver",
    "Payout",
    "RefundInvoice",
    "SouthAfricanPayout",
    "TillPayout",
    "TillReceiver",
    "WithdrawalRequest",
]


@dataclass(frozen=True, slots=True, repr=False)
class OnrampRequest:
    """Kotani docs, create onramp. `fiat_amount` is before the fee; with `rate_id` it must be the quote's."""

    payer: Payer
    fiat_amount: Decimal
    currency: str
    chain: str
    token: str
    receiver_address: str
    reference: str
    callback_url: str | None
    rate_id: str | None = None
    wallet_id: str | None = None

    def fields(self) -> Fields:
        return given(
            {
                "mobileMoney" if isinstance(self.payer, MobileMoneyPayer) else "bankCheckout": self.payer.fields(),
                "fiatAmount": self.fiat_amount,
                "currency": self.currency,
                "chain": self.chain,
                "token": self.token,
                "receiverAddress": self.receiver_address,
                "referenceId": self.reference,
                "callbackUrl": self.callback_url,
                "rateId": self.rate_id,
                "fiatWalletId": self.wallet_id,
            }
        )


@dataclass(frozen=True, slots=True, repr=False)
class OfframpRequest:
    """Kotani docs, create offramp. `crypto_amount` is exactly what must arrive at the escrow address.

    `sender_address` is required here although the provider can do without: without it our own crypto wallet would pay.
    """

    receiver: Receiver
    crypto_amount: Decimal
    currency: str
    chain: str
    token: str
    reference: str
    sender_address: str
    callback_url: str | None
    rate_id: str | None = None
    refund_address: str | None = None

    def fields(self) -> Fields:
        if not self.sender_address:
            raise ValueError("an offramp without a sender would be paid from our own wallet")
        return given(
            {
                _receiver_field(self.receiver): self.receiver.fields(),
                "cryptoAmount": self.crypto_amount,
                "currency": self.currency,
                "chain": self.chain,
                "token": self.token,
                "referenceId": self.reference,
                "senderAddress": self.sender_address,
                "callbackUrl": self.callback_url,
                "rateId": self.rate_id,
                "refund_config": {"address": self.refund_address} if self.refund_address else None,
            }
        )


@dataclass(frozen=True, slots=True, repr=False)
class RefundInvoice:
    """A Lightning invoice for a refund (Kotani docs, offramp refunds). `amount_msat` must equal the refund."""

    bolt11: str
    amount_msat: Decimal
    payment_hash: str | None = None
    expires_at: str | None = None

    def fields(self) -> Fields:
        return given(
            {
                "bolt11": self.bolt11,
                "payment_hash": self.payment_hash,
                "amount_msat": self.amount_msat,
                "expires_at": self.expires_at,
            }
        )


@dataclass(frozen=True, slots=True, repr=False)
class CustomerRequest:
    """Kotani docs, create mobile-money customer."""

    phone: str
    country: str
    network: str | None = None
    account_name: str | None = None

    def fields(self) -> Fields:
        return given(
            {
                "phone_number": self.phone,
                "country_code": self.country,
                "network": self.network,
                "account_name": self.account_name,
            }
        )


@dataclass(frozen=True, slots=True, repr=False)
class CustomerChange:
    """Kotani docs, update mobile-money customer: only what is given is changed; the phone cannot be."""

    network: str | None = None
    account_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None

    def fields(self) -> Fields:
        return given(
            {
                "network": self.network,
                "account_name": self.account_name,
                "first_name": self.first_name,
                "last_name": self.last_name,
            }
        )


def _receiver_field(receiver: Receiver) -> str:
    match receiver:
        case MobileMoneyReceiver():
            return "mobileMoneyReceiver"
        case BankReceiver():
            return "bankReceiver"
        # the names of these two are in no page; they are formed like their neighbours
        case TillReceiver():
            return "lipaNaMpesaReceiver"
        case PaybillReceiver():
            return "paybillReceiver"
