"""The words and signs that people write for money, and what each can mean.

Words are matched whole and exactly, never by their beginning: "usdc" is not "usd", and "mtn" is not an "m".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_SHILLINGS: Final = ("KES", "UGX", "TZS")
_FRANCS: Final = ("XOF", "XAF", "RWF", "CDF", "GNF")
_CFA: Final = ("XOF", "XAF")
_KWACHA: Final = ("ZMW", "MWK")

# each word → what it can stand for; one code means that there is no doubt
CURRENCY_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        **{
            code.lower(): (code,)
            for code in (
                *(
                    "KES",
                    "GHS",
                    "UGX",
                    "TZS",
                    "ZMW",
                    "RWF",
                    "XAF",
                    "XOF",
                    "CDF",
                    "ZAR",
                    "NGN",
                    "MWK",
                    "MZN",
                    "SLE",
                    "ETB",
                ),
                *("EGP", "LSL", "GNF", "SSP", "USD", "USDC", "USDT", "USDT0", "CUSD", "BTC", "ETH"),
            )
        },
        **dict.fromkeys(("ksh", "kshs", "ksh.", "kshs.", "bob"), ("KES",)),
        **dict.fromkeys(("ush", "ushs"), ("UGX",)),
        **dict.fromkeys(("tsh", "tshs"), ("TZS",)),
        **dict.fromkeys(("shilling", "shillings", "shilingi", "sh", "shs", "/=", "/-"), _SHILLINGS),
        **dict.fromkeys(("cedi", "cedis", "ghc", "gh₵", "₵"), ("GHS",)),
        **dict.fromkeys(("kwacha", "k"), _KWACHA),
        **dict.fromkeys(("frw", "rwfr"), ("RWF",)),
        **dict.fromkeys(("franc", "francs", "fr"), _FRANCS),
        **dict.fromkeys(("cfa", "fcfa", "f"), _CFA),
        **dict.fromkeys(("fc",), ("CDF",)),
        **dict.fromkeys(("rand", "rands", "r"), ("ZAR",)),
        **dict.fromkeys(("naira", "₦"), ("NGN",)),
        **dict.fromkeys(("birr",), ("ETB",)),
        **dict.fromkeys(("$", "us$", "dollar", "dollars", "bucks", "dola"), ("USD",)),
        **dict.fromkeys(("tether",), ("USDT",)),
        **dict.fromkeys(("bitcoin",), ("BTC",)),
    }
)


@dataclass(frozen=True, slots=True)
class UnclearCurrency:
    """A word that names several currencies, none of them the customer's own."""

    word: str
    could_be: tuple[str, ...]


def currency_of(word: str, default_currency: str | None) -> str | UnclearCurrency | None:
    """The currency that `word` names, or why that is not certain; None when the word is no currency word at all.

    A word for several currencies ("shillings") is the customer's own `default_currency` when that is one of them.
    """
    could_be = CURRENCY_WORDS.get(word.casefold())
    if could_be is None:
        return None
    if len(could_be) == 1:
        return could_be[0]
    if default_currency in could_be:
        return default_currency
    return UnclearCurrency(word=word, could_be=could_be)
