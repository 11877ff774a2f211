"""Who pays and who is paid, in our own words: phones, bank accounts, tills and paybills, validated before they get here."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, assert_never

PayMethod = Literal["mobile_money", "bank"]


class Way(StrEnum):
    """How fiat reaches somebody."""

    PHONE = "phone"
    BANK = "bank"
    TILL = "till"
    PAYBILL = "paybill"


@dataclass(frozen=True, slots=True, repr=False)
class Payer:
    """Who pays in, and how. `phone` is E.164; `network` is the provider's code, absent for the bank's page."""

    country: str
    currency: str
    method: PayMethod
    phone: str
    account_name: str
    network: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Destination:
    """Where fiat goes. `name` is what the customer typed: the provider confirms no name.

    PHONE: `phone` (E.164) and `network`. BANK: `bank_code`, `bank_name`, `account` and the holder's `phone`.
    TILL: `number`. PAYBILL: `number` and `account`. `own` is true for the customer's own.
    """

    way: Way
    country: str
    currency: str
    name: str
    phone: str | None = None
    network: str | None = None
    bank_code: str | None = None
    bank_name: str | None = None
    account: str | None = None
    number: str | None = None
    own: bool = False

    @property
    def identity(self) -> str:
        """The same text for the same place, whatever it is called: to be digested, never to be shown."""
        match self.way:
            case Way.PHONE:
                assert self.phone is not None
                return self.phone  # as the digests of phones elsewhere
            case Way.BANK:
                return f"bank:{self.country}:{self.bank_code}:{self.account}"
            case Way.TILL:
                return f"till:{self.country}:{self.number}"
            case Way.PAYBILL:
                return f"paybill:{self.country}:{self.number}:{self.account}"
            case _:
                assert_never(self.way)

    def to_json(self) -> dict[str, Any]:
        """As JSON, for sealing."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, packed: dict[str, Any]) -> "Destination":
        """The other way round."""
        return cls(**(packed | {"way": Way(packed["way"])}))
