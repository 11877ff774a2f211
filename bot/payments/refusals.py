"""What it means for customers that the provider does not enable something for our account.

A refusal names an operation and, in its sentence, perhaps a country. One country that is refused must not close a
service for everybody else; and a way of paying out that is refused leaves the other ways.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from bot.payments.catalogue.countries import COUNTRIES, Country
from bot.payments.coverage import Coverage, Service
from bot.payments.parties import Way

_TRANSFERS: Final = frozenset({Service.SEND, Service.REQUEST})
# what cannot be done without an operation of the provider's; what is not here is missed by nobody
_SERVICES: Final[Mapping[str, frozenset[Service]]] = MappingProxyType(
    {
        **dict.fromkeys(("rate.onramp", "onramp.create"), frozenset({Service.BUY})),
        **dict.fromkeys(("rate.offramp", "offramp.create"), frozenset({Service.SELL})),
        **dict.fromkeys(("deposit.create", "withdrawal.create"), _TRANSFERS),
        **dict.fromkeys(("customer.create", "customer.of_phone", "customer.update"), _TRANSFERS),
        **dict.fromkeys(("wallet.list", "wallet.get", "wallet.of_currency"), _TRANSFERS),
    }
)
_WAYS: Final[Mapping[str, Way]] = MappingProxyType(
    {
        "withdrawal.bank": Way.BANK,
        "withdrawal.bank_v2": Way.BANK,
        "withdrawal.till": Way.TILL,
        "withdrawal.paybill": Way.PAYBILL,
    }
)
_CHECKOUT: Final = "checkout.create"  # the bank's page: who pays in by it cannot pay in at all
_PAYING_IN: Final = frozenset({"rate.onramp", "onramp.create", "deposit.create", _CHECKOUT})
_PAYING_OUT: Final = frozenset({"rate.offramp", "offramp.create", "withdrawal.create", *_WAYS})


@dataclass(frozen=True, slots=True)
class Refusal:
    """An operation that is not enabled; in one country (ISO-2) where that is given, else everywhere."""

    operation: str
    country: str | None = None

    @property
    def matters(self) -> bool:
        """Whether customers miss anything by it."""
        return self.operation in _SERVICES or self.operation in _WAYS or self.operation == _CHECKOUT

    @property
    def closes(self) -> str:
        """What is not offered because of it, in words for operators."""
        services = ", ".join(sorted(_SERVICES.get(self.operation, ())))
        way = _WAYS.get(self.operation)
        what = services or (f"payouts to a {way}" if way is not None else "paying in on the bank's page")
        return what if self.country is None else f"{what} in {COUNTRIES[self.country].name}"

    def __str__(self) -> str:
        return self.operation if self.country is None else f"{self.operation}:{self.country}"

    @classmethod
    def from_text(cls, text: str) -> "Refusal":
        """The other way round."""
        operation, _, country = text.partition(":")
        return cls(operation, country if country in COUNTRIES else None)


def refusals_of(operation: str, message: str) -> tuple[Refusal, ...]:
    """What a refusal of `operation` refuses, by the provider's sentence: one for each country that it names."""
    named = [country.iso2 for country in COUNTRIES.values() if _names(country, message)]
    found = [Refusal(operation, iso2) for iso2 in named] or [Refusal(operation)]
    return tuple(refusal for refusal in found if refusal.matters)


def without(coverage: Coverage, refusals: Iterable[Refusal]) -> Coverage:
    """What is left of a coverage."""
    for refusal in refusals:
        operation, country = refusal.operation, refusal.country
        way = _WAYS.get(operation)
        if country is not None:
            if operation not in _PAYING_OUT:
                coverage = replace(coverage, payers=_but(coverage.payers, country))
            if operation not in _PAYING_IN:
                coverage = replace(coverage, payees=_but(coverage.payees, country))
        elif operation == _CHECKOUT:
            coverage = replace(coverage, payers=tuple(one for one in coverage.payers if one.onramp != "bank"))
        elif way is not None:
            coverage = replace(coverage, refused_ways=coverage.refused_ways | {way})
        else:
            coverage = replace(coverage, refused=coverage.refused | _SERVICES.get(operation, frozenset()))
    return coverage


def _but(countries: tuple[Country, ...], iso2: str) -> tuple[Country, ...]:
    return tuple(country for country in countries if country.iso2 != iso2)


def _names(country: Country, message: str) -> bool:
    """Whether a sentence names a country: by its name in any case, or by a code as codes are written."""
    if re.search(rf"\b{re.escape(country.name)}\b", message, re.IGNORECASE):
        return True
    return re.search(rf"\b(?:{country.iso2}|{country.iso3}|{country.currency})\b", message) is not None
