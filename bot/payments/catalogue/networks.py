"""Mobile-money networks: what customers call them, and which one a number range was given to.

The provider's codes are older than the brands: VODAFONE is Telecel in Ghana, VODACOM is M-Pesa in Tanzania and the
Congo, FREE is Yas in Senegal (Kotani docs, networks).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_MARKERS: Final = frozenset({"NOT_SUPPORTED", "CHECKOUT", "BKTRX", "CRDTRX"})

_GENERAL_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AIRTEL": "Airtel Money",
        "EXPRESSO": "Expresso (E-money)",
        "FREE": "Free Money",
        "HALOPESA": "HaloPesa (Halotel)",
        "MOOV": "Moov Money",
        "MPESA": "M-Pesa",
        "MTN": "MTN MoMo",
        "ORANGE": "Orange Money",
        "TIGO": "Tigo",
        "TMONEY": "T-Money",
        "TNM": "TNM Mpamba",
        "VODACOM": "Vodacom",
        "VODAFONE": "Vodafone Cash",
        "WAVE": "Wave",
        "YAS": "Yas",
        "ZAMTEL": "Zamtel Money",
    }
)

NETWORK_LABELS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("KE", "MPESA"): "M-Pesa (Safaricom)",
        ("GH", "VODAFONE"): "Telecel Cash",
        ("GH", "AIRTEL"): "AT Money (AirtelTigo)",
        ("GH", "TIGO"): "AT Money (AirtelTigo)",
        ("TZ", "VODACOM"): "M-Pesa (Vodacom)",
        ("TZ", "MPESA"): "M-Pesa (Vodacom)",
        ("TZ", "YAS"): "Mixx by Yas (ex Tigo)",
        ("TZ", "TIGO"): "Mixx by Yas (ex Tigo)",
        ("CD", "VODACOM"): "M-Pesa (Vodacom)",
        ("SN", "FREE"): "Mixx by Yas (ex Free)",
    }
)

# country → the name in the numbering data → provider code; ranges of other operators have no mobile money here
_CARRIERS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "KE": MappingProxyType({"safaricom": "MPESA", "airtel": "AIRTEL"}),
        "GH": MappingProxyType({"mtn": "MTN", "telecel": "VODAFONE", "vodafone": "VODAFONE", "at": "AIRTEL"}),
        "UG": MappingProxyType({"mtn": "MTN", "airtel": "AIRTEL"}),
        "TZ": MappingProxyType(
            {
                "vodacom": "VODACOM",
                "airtel": "AIRTEL",
                "yas": "YAS",
                "tigo": "YAS",
                "viettel": "HALOPESA",
                "halotel": "HALOPESA",
            }
        ),
        "ZM": MappingProxyType({"mtn": "MTN", "airtel": "AIRTEL", "zamtel": "ZAMTEL"}),
        "RW": MappingProxyType({"mtn": "MTN", "airtel": "AIRTEL"}),
        "CM": MappingProxyType({"mtn cameroon": "MTN", "mtn": "MTN", "orange": "ORANGE"}),
        "CI": MappingProxyType({"mtn": "MTN", "orange": "ORANGE", "moov": "MOOV"}),
        "SN": MappingProxyType(
            {"orange": "ORANGE", "yas": "FREE", "free": "FREE", "tigo": "FREE", "expresso": "EXPRESSO"}
        ),
        "CD": MappingProxyType({"vodacom": "VODACOM", "airtel": "AIRTEL", "orange": "ORANGE"}),
        "MW": MappingProxyType({"airtel": "AIRTEL", "tnm": "TNM"}),
    }
)

CARRIER_COUNTRIES: Final = frozenset(_CARRIERS)


def network_label(country: str, network: str) -> str:
    """The name that customers in `country` (ISO-2) know `network` by; an unfamiliar code is shown as it is."""
    return NETWORK_LABELS.get((country, network)) or _GENERAL_LABELS.get(network, network)


def is_network_marker(network: str) -> bool:
    """True for words that stand in the provider's network list but are no network, so they are never shown."""
    return network in _MARKERS


def network_for_carrier(country: str, carrier: str) -> str | None:
    """The provider's code for the operator that a number range belongs to, None when it has no mobile money there."""
    return _CARRIERS.get(country, MappingProxyType({})).get(carrier.casefold())
