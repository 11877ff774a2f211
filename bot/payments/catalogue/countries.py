"""Countries: currency, dialling code, networks, and how money gets in and out (Kotani docs, coverage).

What is enabled for our account is told by the provider at run time (`bot.payments.coverage`); this is the table that it
is read against, and what counts until it has answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from bot.payments.parties import Way

Onramp = Literal["mobile", "bank"]
# the currencies that crypto can be sold into (Kotani docs, offramp)
OFFRAMP_CURRENCIES: Final = frozenset(
    ("KES", "GHS", "TZS", "UGX", "ZMW", "XAF", "XOF", "CDF", "RWF", "ETB", "ZAR"),
)


@dataclass(frozen=True, slots=True)
class Country:
    """One country. `onramp` is how customers pay in, None while it is not certain that the provider collects there.

    `name` is English (screens take translated names from CLDR by `iso2`). `dial` has no plus sign. `networks` are
    provider codes, the most used first. `payouts` are the ways in which money gets out, none while that is not certain.
    """

    iso2: str
    iso3: str
    name: str
    currency: str
    dial: str
    networks: tuple[str, ...]
    onramp: Onramp | None
    payouts: tuple[Way, ...]

    @property
    def flag(self) -> str:
        """The flag emoji."""
        return "".join(chr(ord(letter) - ord("A") + 0x1F1E6) for letter in self.iso2)

    @property
    def offered(self) -> bool:
        """True where buying is established, so that the country is offered without a look at the provider's list."""
        return self.onramp is not None


_PHONE: Final = (Way.PHONE,)
_KENYA: Final = (Way.PHONE, Way.BANK, Way.TILL, Way.PAYBILL)

_ROWS: Final = (
    Country("KE", "KEN", "Kenya", "KES", "254", ("MPESA", "AIRTEL"), "mobile", _KENYA),
    Country("GH", "GHA", "Ghana", "GHS", "233", ("MTN", "VODAFONE", "AIRTEL"), "mobile", _PHONE),
    Country("UG", "UGA", "Uganda", "UGX", "256", ("MTN", "AIRTEL"), "mobile", _PHONE),
    Country("TZ", "TZA", "Tanzania", "TZS", "255", ("VODACOM", "AIRTEL", "YAS", "HALOPESA"), "mobile", _PHONE),
    Country("ZM", "ZMB", "Zambia", "ZMW", "260", ("MTN", "AIRTEL", "ZAMTEL"), "mobile", _PHONE),
    Country("RW", "RWA", "Rwanda", "RWF", "250", ("MTN", "AIRTEL"), "mobile", _PHONE),
    Country("CM", "CMR", "Cameroon", "XAF", "237", ("MTN", "ORANGE"), "mobile", _PHONE),
    Country("CI", "CIV", "Côte d'Ivoire", "XOF", "225", ("ORANGE", "MTN", "MOOV", "WAVE"), "mobile", _PHONE),
    Country("SN", "SEN", "Senegal", "XOF", "221", ("ORANGE", "WAVE", "FREE", "EXPRESSO"), "mobile", _PHONE),
    Country("CD", "COD", "DR Congo", "CDF", "243", ("VODACOM", "AIRTEL", "ORANGE"), "mobile", _PHONE),
    Country("ZA", "ZAF", "South Africa", "ZAR", "27", (), "bank", (Way.BANK,)),
    # named by the provider in places, not established: shown only when its own list says so, their networks too
    Country("NG", "NGA", "Nigeria", "NGN", "234", (), None, ()),
    Country("MW", "MWI", "Malawi", "MWK", "265", ("AIRTEL", "TNM"), None, ()),
    Country("MZ", "MOZ", "Mozambique", "MZN", "258", ("VODACOM",), None, ()),
    Country("SL", "SLE", "Sierra Leone", "SLE", "232", ("ORANGE",), None, ()),
    Country("BJ", "BEN", "Benin", "XOF", "229", ("MTN", "MOOV"), None, ()),
    Country("BF", "BFA", "Burkina Faso", "XOF", "226", ("ORANGE", "MOOV"), None, ()),
    Country("CG", "COG", "Congo", "XAF", "242", ("MTN", "AIRTEL"), None, ()),
    Country("GA", "GAB", "Gabon", "XAF", "241", ("AIRTEL",), None, ()),
    Country("ET", "ETH", "Ethiopia", "ETB", "251", (), None, ()),
    Country("EG", "EGY", "Egypt", "EGP", "20", (), None, ()),
    Country("LS", "LSO", "Lesotho", "LSL", "266", (), None, ()),
    Country("GN", "GIN", "Guinea", "GNF", "224", (), None, ()),
    Country("SS", "SSD", "South Sudan", "SSP", "211", (), None, ()),
)

COUNTRIES: Final[Mapping[str, Country]] = MappingProxyType({country.iso2: country for country in _ROWS})


def country_of(iso2: str) -> Country | None:
    """The country with this two-letter code (upper case), None when it is not in the table."""
    return COUNTRIES.get(iso2)


def offered_countries() -> tuple[Country, ...]:
    """The countries where customers can buy, in the order in which they are shown."""
    return tuple(country for country in _ROWS if country.offered)


def paid_out_countries() -> tuple[Country, ...]:
    """The countries to which paying out is established, in the order in which they are shown."""
    return tuple(country for country in _ROWS if country.payouts)


def country_of_currency(currency: str) -> Country | None:
    """The one offered country that uses `currency`; None when there is none, or several as for XOF."""
    using = [country for country in _ROWS if country.offered and country.currency == currency]
    return using[0] if len(using) == 1 else None
