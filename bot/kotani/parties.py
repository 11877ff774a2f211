"""Who pays and who is paid, as the provider's requests spell it.

Phones are E.164 with the plus, networks the provider's upper-case codes. None of these shows itself in a log.
"""

from dataclasses import dataclass
from decimal import Decimal

Fields = dict[str, object]


def given(fields: Fields) -> Fields:
    """Without what is absent: unknown or empty fields may be refused."""
    return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True, repr=False)
class MobileMoneyPayer:
    """Who pays for an onramp by a prompt on the phone (Kotani docs, onramp: `mobileMoney`)."""

    phone: str
    account_name: str
    network: str

    def fields(self) -> Fields:
        return {"phoneNumber": self.phone, "accountName": self.account_name, "providerNetwork": self.network}


@dataclass(frozen=True, slots=True, repr=False)
class BankCheckout:
    """Who pays for an onramp on the bank's page (Kotani docs, onramp: `bankCheckout`). `method`: CARD or PAYBYBANK."""

    full_name: str
    phone: str
    method: str | None = None

    def fields(self) -> Fields:
        return given({"fullName": self.full_name, "phoneNumber": self.phone, "paymentMethod": self.method})


@dataclass(frozen=True, slots=True, repr=False)
class MobileMoneyReceiver:
    """A phone that gets the fiat of an offramp (Kotani docs, offramp: `mobileMoneyReceiver`)."""

    phone: str
    account_name: str
    network: str

    def fields(self) -> Fields:
        return {"phoneNumber": self.phone, "accountName": self.account_name, "networkProvider": self.network}


@dataclass(frozen=True, slots=True, repr=False)
class BankReceiver:
    """A bank account, for offramps and for payouts in South Africa (Kotani docs: `bankReceiver`, `bankDetails`).

    `bank_code` is what the list of banks says.
    """

    name: str
    address: str
    phone: str
    bank_code: str
    account_number: str
    country: str

    def fields(self) -> Fields:
        return {
            "name": self.name,
            "address": self.address,
            "phoneNumber": self.phone,
            "bankCode": bank_code(self.bank_code),
            "accountNumber": self.account_number,
            "country": self.country,
        }


@dataclass(frozen=True, slots=True, repr=False)
class TillReceiver:
    """A shop's till in Kenya (Kotani docs, Lipa na M-Pesa)."""

    shortcode: str
    account_reference: str | None = None
    description: str | None = None
    phone: str | None = None

    def fields(self) -> Fields:
        return given(
            {
                "businessShortcode": self.shortcode,
                "accountReference": self.account_reference,
                "transactionDesc": self.description,
                "phoneNumber": self.phone,
            }
        )


@dataclass(frozen=True, slots=True, repr=False)
class PaybillReceiver:
    """A paybill account in Kenya (Kotani docs, paybill)."""

    paybill: str
    account_number: str
    phone: str | None = None
    remarks: str | None = None

    def fields(self) -> Fields:
        return given(
            {
                "paybillNumber": self.paybill,
                "accountNumber": self.account_number,
                "phoneNumber": self.phone,
                "remarks": self.remarks,
            }
        )


@dataclass(frozen=True, slots=True, repr=False)
class BankAccount:
    """A bank account in Kenya or South Africa (Kotani docs, bank withdrawal: `bankDetails`, in snake_case here)."""

    bank: str
    account_name: str
    account_number: str
    branch_code: str | None = None
    swift_code: str | None = None
    phone: str | None = None

    def fields(self) -> Fields:
        return given(
            {
                "account_bank": self.bank,
                "account_name": self.account_name,
                "account_number": self.account_number,
                "branch_code": self.branch_code,
                "swift_code": self.swift_code,
                "phone_number": self.phone,
            }
        )


Payer = MobileMoneyPayer | BankCheckout
Receiver = MobileMoneyReceiver | BankReceiver | TillReceiver | PaybillReceiver


def bank_code(code: str) -> object:
    """The schema wants a number, an example shows a text: digits go as a number unless that would lose a leading
    zero.
    """
    return Decimal(code) if code.isascii() and code.isdigit() and code[0] != "0" else code
