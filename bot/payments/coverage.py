"""What is served now: in which countries money comes in and goes out, by which networks, ways and banks; which services.

A `Coverage` is one look at it and never changes; the provider's answers make a new one (`bot.engine.places`). Until it
has answered, what is established counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from bot.payments.accounts import Bank
from bot.payments.catalogue.countries import (
    COUNTRIES,
    OFFRAMP_CURRENCIES,
    Country,
    offered_countries,
    paid_out_countries,
)
from bot.payments.parties import Way


class Service(StrEnum):
    """What customers can do here. The words are those of the commands and of the kinds of payment."""

    BUY = "buy"
    SELL = "sell"
    SEND = "send"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Countries as they are served now: their `networks`, `onramp` and `payouts` are those that work.

    `payers` are where customers can pay in, `payees` where money can be paid out. `refused` are services that the
    provider does not enable for our account, `refused_ways` ways in which it does not let us send money. `banks` are by
    country. `pauses` are what operators closed (already left out of all that), with their words (`bot.payments.pauses`).
    """

    payers: tuple[Country, ...] = field(default_factory=offered_countries)
    payees: tuple[Country, ...] = field(default_factory=paid_out_countries)
    refused: frozenset[Service] = frozenset()
    refused_ways: frozenset[Way] = frozenset()
    banks: Mapping[str, tuple[Bank, ...]] = field(default_factory=lambda: MappingProxyType({}))
    pauses: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def services(self) -> tuple[Service, ...]:
        """What can be offered now, in the order of the menu."""
        return tuple(service for service in Service if self.offers(service))

    def offers(self, service: Service) -> bool:
        """Whether a service can be offered to anybody."""
        return service not in self.refused and bool(self.countries(service))

    def countries(self, service: Service) -> tuple[Country, ...]:
        """Where a customer of this service can be: who sells is paid out, everybody else pays in."""
        if service is Service.BUY:
            return self.payers
        if service is Service.SELL:
            return self.destinations(service)
        return self.payers if self.destinations(service) else ()

    def destinations(self, service: Service) -> tuple[Country, ...]:
        """Where money can go by this service; nowhere when buying, since crypto is what goes out."""
        match service:
            case Service.BUY:
                return ()
            case Service.SELL:
                return tuple(country for country in self.payees if country.currency in OFFRAMP_CURRENCIES)
            case Service.SEND | Service.REQUEST:
                return tuple(
                    replace(country, payouts=ways)
                    for country in self.payees
                    if (ways := tuple(way for way in country.payouts if way not in self.refused_ways))
                )


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the provider's list: a country in one direction. `enabled`: for our account, and at work.

    `networks` are those that work now, None where the list names none at all.
    """

    country: str
    enabled: bool
    networks: tuple[str, ...] | None


def payers_of(rows: Iterable[Listed]) -> tuple[Country, ...]:
    """The countries where customers can pay in, by the provider's list. A bank's page needs no networks."""
    found: list[Country] = []
    for country, row in _enabled(rows):
        networks = _networks(country, row)
        if country.onramp == "bank":
            found.append(country)
        elif networks:
            found.append(replace(country, networks=networks, onramp="mobile"))
    return tuple(found)


def payees_of(rows: Iterable[Listed], banks: Mapping[str, tuple[Bank, ...]]) -> tuple[Country, ...]:
    """The countries to which money can be paid out, by the provider's list: to banks only where their codes are known."""
    found: list[Country] = []
    for country, row in _enabled(rows):
        networks = _networks(country, row)
        ways = [way for way in country.payouts or (Way.PHONE,) if _is_open(way, networks, banks.get(country.iso2, ()))]
        if ways:
            found.append(replace(country, networks=networks, payouts=tuple(ways)))
    return tuple(found)


def _enabled(rows: Iterable[Listed]) -> list[tuple[Country, Listed]]:
    """The rows that are open, with what we know of their countries, in our order. A country we do not know is left out."""
    by_country = {row.country: row for row in rows if row.enabled}
    return [(country, by_country[country.iso2]) for country in COUNTRIES.values() if country.iso2 in by_country]


def _networks(country: Country, row: Listed) -> tuple[str, ...]:
    """The networks that work, ours first and in our order; all of ours where the provider names none."""
    if row.networks is None:
        return country.networks
    known = [network for network in country.networks if network in row.networks]
    return tuple(dict.fromkeys([*known, *row.networks]))


def _is_open(way: Way, networks: tuple[str, ...], banks: tuple[Bank, ...]) -> bool:
    match way:
        case Way.PHONE:
            return bool(networks)
        case Way.BANK:
            return bool(banks)
        case Way.TILL | Way.PAYBILL:
            return True
