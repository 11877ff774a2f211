"""Where fiat goes besides phones: bank accounts, tills and paybills, read as people type them, country by country.

Nothing here proves that an account exists: only the bank or the network can tell, when the payout arrives or comes back.
What is fact and what is our decision stands beside each rule.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol

from bot.payments.typed_text import plain_characters, reorders_text

_LONGEST_TEXT: Final = 80
_SPACED_DIGITS = re.compile(r"[0-9][0-9 \-]*")
_PAYBILL_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./#_\-]*")


class Bank(Protocol):
    """A bank of the provider's list: the provider's code, and the name that people know."""

    @property
    def code(self) -> str: ...

    @property
    def name(self) -> str: ...


class AccountFault(StrEnum):
    """Why a text cannot be used for an account, a till or a paybill."""

    NOT_DIGITS = "not_digits"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_MANY_DIGITS = "too_many_digits"
    ODD_SIGNS = "odd_signs"


@dataclass(frozen=True, slots=True)
class AccountProblem:
    """Why it was refused. `least` and `most` are what a right one has, in digits or characters."""

    fault: AccountFault
    least: int
    most: int

    @property
    def text_key(self) -> str:
        """The key of the sentence that asks again."""
        return f"account.{self.fault}"


@dataclass(frozen=True, slots=True)
class AccountFormat:
    """How many digits an account number of a country has, and one that nobody owns, to show what it looks like."""

    least: int
    most: int
    example: str


# Fact: the provider pays to banks in Kenya and South Africa (Kotani docs, bank withdrawal). Fact: banks there number
# accounts with digits only, South African ones with at most eleven, Kenyan ones mostly with ten to fourteen. The bounds
# are our decision, on the wide side: refusing a right number would be a dead end, a wrong one comes back from the bank.
BANK_ACCOUNTS: Final[Mapping[str, AccountFormat]] = MappingProxyType(
    {
        "KE": AccountFormat(8, 16, "0110012345678"),
        "ZA": AccountFormat(6, 11, "62012345678"),
    }
)
# Fact: Safaricom hands out tills and paybills with five to seven digits (its public lists; the docs' samples are 174379
# and 400200). Fact: the handset takes at most twenty characters for a paybill's account. That a paybill's account may hold
# letters, spaces and these few signs is our decision, from what schools and power companies print on their bills.
SHORT_CODE: Final = AccountFormat(5, 7, "174379")
PAYBILL_ACCOUNT: Final = AccountFormat(1, 20, "INV-1042")
# Our decision: what a shop is called is only shown to the customer, so anything readable will do.
_BUSINESS_NAME: Final = AccountFormat(2, 40, "")


def read_bank_account(text: str, country: str) -> str | AccountProblem:
    """The digits of an account number in `country` (ISO-2), as the bank writes it without spaces. Never raises.

    No branch code is asked for: the provider's schema asks for none in South Africa, where the bank's code routes, and
    marks it optional in Kenya (Kotani docs, bank withdrawal and v2).
    `KeyError` for a country without bank payouts.
    """
    return _digits(text, BANK_ACCOUNTS[country])


def read_short_code(text: str) -> str | AccountProblem:
    """The number of a till or of a paybill in Kenya. Never raises."""
    return _digits(text, SHORT_CODE)


def read_paybill_account(text: str) -> str | AccountProblem:
    """The account at a paybill, such as a meter or an invoice, as it was typed but for odd spaces. Never raises."""
    plain = plain_characters(text)
    least, most = PAYBILL_ACCOUNT.least, PAYBILL_ACCOUNT.most
    if len(plain) > most:
        return AccountProblem(AccountFault.TOO_LONG, least, most)
    if reorders_text(text) or not _PAYBILL_ACCOUNT.fullmatch(plain):
        return AccountProblem(AccountFault.ODD_SIGNS, least, most)
    return plain


def read_business_name(text: str) -> str | AccountProblem:
    """What a till or a paybill is called, in any script, with digits: "Duka 24 & Sons". Never raises."""
    plain = plain_characters(text)
    least, most = _BUSINESS_NAME.least, _BUSINESS_NAME.most
    if len(plain) > most:
        return AccountProblem(AccountFault.TOO_LONG, least, most)
    if len(plain) < least:
        return AccountProblem(AccountFault.TOO_SHORT, least, most)
    if reorders_text(text) or not plain.isprintable() or not any(char.isalpha() for char in plain):
        return AccountProblem(AccountFault.ODD_SIGNS, least, most)
    return plain


def _digits(text: str, rule: AccountFormat) -> str | AccountProblem:
    plain = plain_characters(text)
    if len(text) > _LONGEST_TEXT or reorders_text(text) or not _SPACED_DIGITS.fullmatch(plain):
        return AccountProblem(AccountFault.NOT_DIGITS, rule.least, rule.most)
    digits = re.sub(r"[^0-9]", "", plain)
    if len(digits) < rule.least:
        return AccountProblem(AccountFault.TOO_SHORT, rule.least, rule.most)
    if len(digits) > rule.most:
        return AccountProblem(AccountFault.TOO_MANY_DIGITS, rule.least, rule.most)
    return digits
