"""Parts of the business that the operators closed, on top of what the provider serves; with their words for customers."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from bot.payments.catalogue import COUNTRIES
from bot.payments.coverage import Coverage, Service

EVERYTHING: Final = "everything"
MAINTENANCE: Final = "maintenance"  # everything, and whatever else customers do but look at their payments


def read_scope(text: str) -> str | None:
    """What a word closes: `everything`, a journey such as `buy`, a country such as `KE` or `kenya`; None for others."""
    word = text.strip().casefold()
    if word in (EVERYTHING, "all"):
        return EVERYTHING
    if word in tuple(Service):
        return word
    return next(
        (country.iso2 for country in COUNTRIES.values() if word in (country.iso2.casefold(), country.name.casefold())),
        None,
    )


def paused(coverage: Coverage, pauses: Mapping[str, str]) -> Coverage:
    """What is left when these parts are closed: `pauses` are the words for customers, by scope."""
    if not pauses:
        return coverage
    everything = EVERYTHING in pauses or MAINTENANCE in pauses
    services = {service for service in Service if everything or service in pauses}
    return replace(
        coverage,
        payers=tuple(country for country in coverage.payers if country.iso2 not in pauses),
        payees=tuple(country for country in coverage.payees if country.iso2 not in pauses),
        refused=coverage.refused | services,
        pauses=MappingProxyType(dict(pauses)),
    )


def words_for(coverage: Coverage, service: Service, countries: tuple[str | None, ...]) -> str | None:
    """What the operators say to somebody of these countries (ISO-2) who wants this; None where they closed nothing."""
    scopes = (MAINTENANCE, EVERYTHING, str(service), *(country for country in countries if country is not None))
    return next((coverage.pauses[scope] for scope in scopes if scope in coverage.pauses), None)
