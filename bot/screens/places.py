"""Where a customer is: the country's name and flag, and the clock on its walls."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale

from bot.payments.catalogue import country_of

# one zone per country; the two of the Congo are an hour apart, so there the city is always said
_ZONES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "BF": "Africa/Ouagadougou",
        "BJ": "Africa/Porto-Novo",
        "CD": "Africa/Kinshasa",
        "CG": "Africa/Brazzaville",
        "CI": "Africa/Abidjan",
        "CM": "Africa/Douala",
        "EG": "Africa/Cairo",
        "ET": "Africa/Addis_Ababa",
        "GA": "Africa/Libreville",
        "GH": "Africa/Accra",
        "GN": "Africa/Conakry",
        "KE": "Africa/Nairobi",
        "LS": "Africa/Maseru",
        "MW": "Africa/Blantyre",
        "MZ": "Africa/Maputo",
        "NG": "Africa/Lagos",
        "RW": "Africa/Kigali",
        "SL": "Africa/Freetown",
        "SN": "Africa/Dakar",
        "SS": "Africa/Juba",
        "TZ": "Africa/Dar_es_Salaam",
        "UG": "Africa/Kampala",
        "ZA": "Africa/Johannesburg",
        "ZM": "Africa/Lusaka",
    }
)
# where CLDR's name is not what people say
_NAMES: Final[Mapping[tuple[str, str], str]] = MappingProxyType({("CD", "en"): "DR Congo", ("CD", "fr"): "RD Congo"})
_SEVERAL_ZONES: Final = frozenset({"CD"})


def country_name(iso2: str, language: str) -> str:
    """The country's name in `language`, mostly from CLDR; its English name, then its code, where CLDR has none."""
    if (iso2, language) in _NAMES:
        return _NAMES[iso2, language]
    known = country_of(iso2)
    return Locale.parse(language).territories.get(iso2) or (known.name if known is not None else iso2)


def flag(iso2: str) -> str:
    """The flag emoji; empty for a country that is not in the catalogue."""
    known = country_of(iso2)
    return known.flag if known is not None else ""


def zone_of(iso2: str) -> tzinfo:
    """The country's time zone; UTC for an unknown country, and on a machine without time zone data."""
    name = _ZONES.get(iso2)
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return UTC


def city_of(iso2: str, language: str) -> str:
    """The city whose clock is shown, in `language`: "Nairobi"; "UTC" where `zone_of` says so."""
    if zone_of(iso2) is UTC:
        return "UTC"
    name = _ZONES[iso2]
    known = Locale.parse(language).time_zones.get(name, {})
    return str(known.get("city") or name.rsplit("/", maxsplit=1)[-1].replace("_", " "))


def needs_city(iso2: str) -> bool:
    """True where a bare clock time would leave open which clock is meant."""
    return iso2 in _SEVERAL_ZONES or zone_of(iso2) is UTC


def local(at: datetime, iso2: str) -> datetime:
    """`at` on the country's clock. `ValueError` for a naive datetime."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone is no time")
    return at.astimezone(zone_of(iso2))
