"""Exact money: an amount with its currency, and the arithmetic that may never lose or invent a unit."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_UP, Context, Decimal, Inexact, InvalidOperation, Overflow
from types import MappingProxyType
from typing import Final

_MOST_DIGITS: Final = 60  # far above any real amount; keeps sums exact and plain strings short
_LARGEST_EXPONENT: Final = 30

_FIAT_DECIMALS: Final = MappingProxyType(
    {
        # whole units, as mobile money takes them
        **dict.fromkeys(("KES", "UGX", "TZS", "RWF", "XOF", "XAF", "CDF", "MWK", "GNF"), 0),
        **dict.fromkeys(("GHS", "ZMW", "ZAR", "NGN", "USD", "EGP", "ETB", "MZN", "LSL", "SLE", "SSP"), 2),
    }
)
_TOKEN_DECIMALS: Final = MappingProxyType(
    {
        # dollar-like tokens carry up to 18 places on some chains; six are asked for and shown everywhere
        **dict.fromkeys(("USDC", "USDT", "USDT0", "CUSD", "USDGLO", "CKES", "CGHS", "ADA", "FUSE"), 6),
        **dict.fromkeys(("BTC", "ETH", "HBAR"), 8),
        "XLM": 7,
        "HASH": 9,
        "SAT": 0,
        "MSAT": 0,
    }
)


class UnknownCurrencyError(ValueError):
    """A currency or token that stands in no table of ours, so nothing may be rounded or read in it."""

    def __init__(self, currency: str) -> None:
        super().__init__(f"unknown currency {currency[:12]!r}")
        self.currency = currency


class CurrencyMismatchError(ValueError):
    """Two amounts of different currencies met in one sum."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second} cannot be combined")


def decimals_of(currency: str) -> int:
    """How many decimal places an amount of `currency` may have.

    For fiat this is what mobile money is sent (whole units for shillings and francs, two places for GHS, ZMW, ZAR,
    NGN); for tokens it is what customers may type and are shown. Raises `UnknownCurrencyError` for anything else.
    """
    places = _FIAT_DECIMALS.get(currency)
    if places is None:
        places = _TOKEN_DECIMALS.get(currency)
    if places is None:
        raise UnknownCurrencyError(currency)
    return places


def is_fiat(currency: str) -> bool:
    """True for a state's currency, False for a token. Raises `UnknownCurrencyError` when it is neither."""
    if currency in _FIAT_DECIMALS:
        return True
    if currency in _TOKEN_DECIMALS:
        return False
    raise UnknownCurrencyError(currency)


def to_plain(amount: Decimal) -> str:
    """The one canonical text of a finite number: no exponent, no grouping, no needless zeros, never "-0"."""
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An exact amount of one currency; equal amounts are equal however many zeros they were written with.

    `amount` is a finite `Decimal` (anything else, a float or a bool above all, raises `TypeError`; NaN, infinities and
    absurd sizes raise `ValueError`). `currency` is an upper-case code such as "KES" or "USDC". May be negative: it can
    be a difference.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"an amount is a Decimal, not {type(self.amount).__name__}")
        if not self.amount.is_finite():
            raise ValueError("an amount is a finite number")
        _, digits, exponent = self.amount.as_tuple()
        if len(digits) > _MOST_DIGITS or abs(int(exponent)) > _LARGEST_EXPONENT:
            raise ValueError("an amount of absurd size")
        code = self.currency
        if not (
            isinstance(code, str) and 3 <= len(code) <= 12 and code.isascii() and code.isalnum() and code.isupper()
        ):
            raise ValueError("a currency is an upper-case code of three to twelve letters and digits")

    def __add__(self, other: "Money") -> "Money":
        """The exact sum; `CurrencyMismatchError` when the currencies differ."""
        self._same_currency(other)
        return Money(_exact().add(self.amount, other.amount), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """The exact difference; `CurrencyMismatchError` when the currencies differ."""
        self._same_currency(other)
        return Money(_exact().subtract(self.amount, other.amount), self.currency)

    def quantize_down(self) -> "Money":
        """Cut to the currency's decimals, towards zero: what may be promised without promising too much."""
        return self._quantize(ROUND_DOWN)

    def quantize_up(self) -> "Money":
        """Round to the currency's decimals, away from zero: what is owed back without owing too little."""
        return self._quantize(ROUND_UP)

    def quantize_half_even(self) -> "Money":
        """Round to the currency's decimals, halves to the even neighbour: for fees and display."""
        return self._quantize(ROUND_HALF_EVEN)

    def to_plain(self) -> str:
        """The amount alone in its canonical text, see `to_plain`."""
        return to_plain(self.amount)

    def __str__(self) -> str:
        return f"{self.to_plain()} {self.currency}"

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(self.currency, other.currency)

    def _quantize(self, rounding: str) -> "Money":
        step = Decimal(1).scaleb(-decimals_of(self.currency))
        wide = Context(prec=2 * (_MOST_DIGITS + _LARGEST_EXPONENT), traps=[InvalidOperation, Overflow])
        return Money(self.amount.quantize(step, rounding=rounding, context=wide), self.currency)


def percent_of(part: Money, whole: Money) -> Decimal:
    """`part` as a percentage of `whole`, to two decimals, halves to even: 2 of 100 is Decimal("2.00").

    Raises `CurrencyMismatchError` for different currencies and `ValueError` when `whole` is not above zero.
    """
    if part.currency != whole.currency:
        raise CurrencyMismatchError(part.currency, whole.currency)
    if whole.amount <= 0:
        raise ValueError("a percentage needs a whole above zero")
    wide = Context(prec=2 * (_MOST_DIGITS + _LARGEST_EXPONENT), traps=[InvalidOperation, Overflow])
    ratio = wide.divide(wide.multiply(part.amount, Decimal(100)), whole.amount)
    return ratio.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN, context=wide)


def _exact() -> Context:
    """A context in which a result that would have to be rounded is an error instead."""
    return Context(prec=2 * (_MOST_DIGITS + _LARGEST_EXPONENT), traps=[Inexact, InvalidOperation, Overflow])
