"""Which carrier a range of mobile numbers was given to, in the countries whose networks we know.

phonenumbers ships this for the whole world: 29,000 ranges and eleven megabytes, of which we keep one in a hundred.
"""

import importlib
import sys
from collections.abc import Iterable, Mapping
from typing import Final

import phonenumbers

from bot.payments.catalogue.networks import CARRIER_COUNTRIES

_DATA: Final = "phonenumbers.carrierdata"


def carrier_of(e164: str) -> str | None:
    """The English name of the carrier that a mobile number's range was given to; None when that is not known."""
    digits = e164.removeprefix("+")
    return next((_CARRIERS[digits[:end]] for end in range(_LONGEST, 0, -1) if digits[:end] in _CARRIERS), None)


def _read(countries: Iterable[str]) -> Mapping[str, str]:
    """Carriers by prefix, without the plus sign. The library's modules are let go again."""
    codes = tuple(str(phonenumbers.country_code_for_region(country)) for country in countries)
    world = importlib.import_module(_DATA)
    ours = {
        prefix: names["en"]
        for prefix, names in world.CARRIER_DATA.items()
        if prefix.startswith(codes) and "en" in names
    }
    for name in [name for name in sys.modules if name.startswith(_DATA)]:
        del sys.modules[name]
    vars(phonenumbers).pop("carrierdata")
    return ours


_CARRIERS: Final = _read(CARRIER_COUNTRIES)
_LONGEST: Final = max(len(prefix) for prefix in _CARRIERS)
