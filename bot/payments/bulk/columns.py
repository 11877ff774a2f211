"""The columns of a file of payments, and the words that people write above them.

The order of the columns does not matter, nor do case, accents, spaces and dashes. What we do not know is left alone, and
told, so that nobody believes that it was heeded.
"""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Column(StrEnum):
    """What a column holds. `LINE` and `PROBLEM` are those that we add to a file that must be corrected."""

    NAME = "name"
    AMOUNT = "amount"
    CURRENCY = "currency"
    PHONE = "phone"
    NETWORK = "network"
    COUNTRY = "country"
    BANK = "bank"
    ACCOUNT = "account"
    TILL = "till"
    PAYBILL = "paybill"
    NOTE = "note"
    LINE = "line"
    PROBLEM = "problem"


OURS: Final = frozenset({Column.LINE, Column.PROBLEM})
DESTINATIONS: Final = (Column.PHONE, Column.TILL, Column.PAYBILL, Column.BANK)

_WORDS: Final[Mapping[Column, str]] = MappingProxyType(
    {
        Column.NAME: "name, full name, recipient, recipient name, beneficiary, payee, jina, nom, beneficiaire",
        Column.AMOUNT: "amount, sum, kiasi, montant, somme",
        Column.CURRENCY: "currency, sarafu, devise, monnaie",
        Column.PHONE: "phone, phone number, recipient phone, mobile, mobile number, msisdn, simu, telephone",
        Column.NETWORK: "network, provider, mtandao, reseau",
        Column.COUNTRY: "country, nchi, pays",
        Column.BANK: "bank, bank name, benki, banque",
        Column.ACCOUNT: "account, account number, akaunti, compte",
        Column.TILL: "till, till number, buy goods",
        Column.PAYBILL: "paybill, pay bill, business number",
        Column.NOTE: "note, reason, remarks, comment, description, reference, maelezo, motif",
        Column.LINE: "line",
        Column.PROBLEM: "problem",
    }
)


def squeezed(text: str) -> str:
    """A word as it is compared: without case, accents, spaces and signs."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in bare if char.isalnum())


_COLUMNS: Final[Mapping[str, Column]] = MappingProxyType(
    {squeezed(word): column for column, words in _WORDS.items() for word in words.split(",")}
)


def column_of(title: str) -> Column | None:
    """What a title says that its column holds; None for a title that we do not know."""
    return _COLUMNS.get(squeezed(title))
