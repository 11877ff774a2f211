"""Collections and payouts in fiat, as the provider's requests spell them.

No two of them agree: deposits are snake_case, withdrawals camelCase but for the customer's key (Kotani docs, deposits
and withdrawals).
"""

from dataclasses import dataclass
from decimal import Decimal

from bot.kotani.parties import BankAccount, BankReceiver, Fields, PaybillReceiver, TillReceiver, given


@dataclass(frozen=True, slots=True, repr=False)
class DepositRequest:
    """Kotani docs, mobile-money deposit: a prompt on the customer's phone. snake_case throughout."""

    customer_key: str
    amount: Decimal
    wallet_id: str
    reference: str
    callback_url: str | None
    currency: str | None = None

    def fields(self) -> Fields:
        return given(
            {
                "customer_key": self.customer_key,
                "amount": self.amount,
                "wallet_id": self.wallet_id,
                "callback_url": self.callback_url,
                "reference_id": self.reference,
                "currency": self.currency,
            }
        )


@dataclass(frozen=True, slots=True, repr=False)
class CheckoutRequest:
    """Kotani docs, bank checkout deposit: the payer pays on the bank's page. `method` is PAYBYBANK or CARD."""

    full_name: str
    phone: str
    method: str
    currency: str
    amount: Decimal
    reference: str
    callback_url: str | None
    redirect_url: str | None = None

    def fields(self) -> Fields:
        return given(
            {
                "fullName": self.full_name,
                "phoneNumber": self.phone,
                "paymentMethod": self.method,
                "currency": self.currency,
                "amount": self.amount,
                "referenceId": self.reference,
                "callbackUrl": self.callback_url,
                "customerRedirectUrl": self.redirect_url,
            }
        )


@dataclass(frozen=True, slots=True, repr=False)
class WithdrawalRequest:
    """Kotani docs, mobile-money withdrawal: pays a customer's phone. `customer_key` is snake_case, the rest
    camelCase.
    """

    customer_key: str
    amount: Decimal
    wallet_id: str
    reference: str
    callback_url: str | None
    currency: str | None = None

    def fields(self) -> Fields:
        return given(
            {
                "customer_key": self.customer_key,
                "amount": self.amount,
                "walletId": self.wallet_id,
                "callbackUrl": self.callback_url,
                "referenceId": self.reference,
                "currency": self.currency,
            }
        )


@dataclass(frozen=True, slots=True, repr=False)
class BankPayout:
    """Kotani docs, bank withdrawal (Kenya and South Africa)."""

    customer_key: str
    amount: Decimal
    wallet_id: str
    account: BankAccount
    reference: str
    callback_url: str | None

    def fields(self) -> Fields:
        return {
            "customer_key": self.customer_key,
            "amount": self.amount,
            "walletId": self.wallet_id,
            "bankDetails": self.account.fields(),
            "callbackUrl": self.callback_url,
            "referenceId": self.reference,
        }


@dataclass(frozen=True, slots=True, repr=False)
class SouthAfricanPayout:
    """Kotani docs, bank withdrawal v2 (South Africa only): names no wallet and no customer."""

    account: BankReceiver
    currency: str
    amount: Decimal
    reference: str
    callback_url: str | None = None

    def fields(self) -> Fields:
        return given(
            {
                "bankDetails": self.account.fields(),
                "currency": self.currency,
                "amount": self.amount,
                "referenceId": self.reference,
                "callbackUrl": self.callback_url,
            }
        )


@dataclass(frozen=True, slots=True, repr=False)
class TillPayout:
    """Kotani docs, Lipa na M-Pesa withdrawal (Kenya only)."""

    till: TillReceiver
    amount: Decimal
    wallet_id: str
    reference: str
    callback_url: str | None

    def fields(self) -> Fields:
        return {
            "amount": self.amount,
            "walletId": self.wallet_id,
            "lipaNaMpesaDetails": self.till.fields(),
            "callbackUrl": self.callback_url,
            "referenceId": self.reference,
        }


@dataclass(frozen=True, slots=True, repr=False)
class PaybillPayout:
    """Kotani docs, paybill withdrawal (Kenya only)."""

    paybill: PaybillReceiver
    amount: Decimal
    wallet_id: str
    reference: str
    callback_url: str | None

    def fields(self) -> Fields:
        return {
            "amount": self.amount,
            "walletId": self.wallet_id,
            "paybillDetails": self.paybill.fields(),
            "callbackUrl": self.callback_url,
            "referenceId": self.reference,
        }


Payout = WithdrawalRequest | BankPayout | SouthAfricanPayout | TillPayout | PaybillPayout
