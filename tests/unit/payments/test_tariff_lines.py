"""What owners write about limits and fees: one meaning each, or none."""

from decimal import Decimal

import pytest

from bot.payments.allowances import MOST_UNITS, Bounds, LimitScope, Spot, amount_of, units_of
from bot.payments.fees import Fee, read_fee
from bot.payments.limits import DEFAULT_LIMITS
from bot.payments.states import PaymentKind
from bot.payments.tariff_lines import FeeLine, LimitLine, NotCharged, read_customer_line, read_fee_line, read_limit_line
from bot.payments.wrong_words import Why, WrongWord


@pytest.mark.parametrize(
    ("text", "spot", "bounds"),
    [
        ("set payment KES 500..250000", Spot(LimitScope.PAYMENT, "*", "KES"), Bounds(Decimal(500), Decimal(250_000))),
        ("set payment usdc 1.5 2000", Spot(LimitScope.PAYMENT, "*", "USDC"), Bounds(Decimal("1.5"), Decimal(2000))),
        ("SET day kes 100k", Spot(LimitScope.DAY, "*", "KES"), Bounds(None, Decimal(100_000))),
        ("set country kenya 5,000,000", Spot(LimitScope.COUNTRY, "KE", "KES"), Bounds(None, Decimal(5_000_000))),
        ("reset country KE", Spot(LimitScope.COUNTRY, "KE", "KES"), None),
        ("reset payment GHS", Spot(LimitScope.PAYMENT, "*", "GHS"), None),
    ],
)
def test_a_limit_is_read(text: str, spot: Spot, bounds: Bounds | None) -> None:
    assert read_limit_line(text, DEFAULT_LIMITS) == LimitLine(spot, bounds)


@pytest.mark.parametrize(
    ("text", "why", "word"),
    [
        ("", Why.MISSING, ""),
        ("set", Why.MISSING, "set"),
        ("set day", Why.MISSING, "day"),
        ("day KES 5", Why.VERB, "day"),
        ("set week KES 5", Why.LIMIT, "week"),
        ("set day KES", Why.MISSING, "KES"),
        ("reset day KES 5", Why.EXTRA, "5"),
        ("set day XYZ 5", Why.CURRENCY, "XYZ"),
        ("set day usdc 5", Why.CRYPTO, "usdc"),
        ("set country buy 900", Why.COUNTRY, "buy"),
        ("set day KES 0", Why.AMOUNT_SIGN, "0"),
        ("set day KES -5", Why.AMOUNT_SIGN, "-5"),
        ("set day KES many", Why.AMOUNT, "many"),
        ("set day KES 1500.5", Why.AMOUNT_DECIMALS, "1500.5"),
        ("set day KES 5000 now", Why.EXTRA, "now"),
        ("set day KES 499", Why.BELOW_LEAST, "499"),
        ("set payment KES 500", Why.BOUNDS, "500"),
        ("set payment KES 900..500", Why.ORDER, "900"),
    ],
)
def test_what_is_no_limit_names_the_word_that_is_wrong(text: str, why: Why, word: str) -> None:
    assert read_limit_line(text, DEFAULT_LIMITS) == WrongWord(why, word)


def test_the_limit_of_one_customer() -> None:
    spot = Spot(LimitScope.CUSTOMER, "c1", "KES")
    assert read_customer_line("kes 1,000", "c1", DEFAULT_LIMITS) == LimitLine(spot, Bounds(None, Decimal(1000)))
    assert read_customer_line("KES Reset", "c1", DEFAULT_LIMITS) == LimitLine(spot, None)
    assert read_customer_line("KES 1", "c1", DEFAULT_LIMITS) == WrongWord(Why.BELOW_LEAST, "1")
    assert read_customer_line("KES", "c1", DEFAULT_LIMITS) == WrongWord(Why.MISSING, "KES")
    assert read_customer_line("5000 KES", "c1", DEFAULT_LIMITS) == WrongWord(Why.CURRENCY, "5000")


def test_fees() -> None:
    assert read_fee_line("set send KES 1% + 10") == FeeLine(PaymentKind.SEND, "KES", Fee(Decimal(1), Decimal(10)))
    assert read_fee_line("set request ghs 0.50") == FeeLine(PaymentKind.REQUEST, "GHS", Fee(fixed=Decimal("0.5")))
    assert read_fee_line("reset send KES") == FeeLine(PaymentKind.SEND, "KES", None)
    assert read_fee_line("set sell KES 1%") == NotCharged()
    for nonsense, why, word in (
        ("set send KES", Why.MISSING, "KES"),
        ("send KES 1%", Why.VERB, "send"),
        ("set lend KES 1%", Why.JOURNEY, "lend"),
        ("set send XYZ 1%", Why.CURRENCY, "XYZ"),
        ("set send KES 1.5", Why.AMOUNT_DECIMALS, "1.5"),
        ("set send KES -1%", Why.FEE, "-1%"),
        ("set send KES 51%", Why.PERCENT, "51%"),
        ("set send KES 150%", Why.PERCENT, "150%"),
        ("set send KES 1% + 10 now", Why.EXTRA, "now"),
        ("reset send KES 1%", Why.EXTRA, "1%"),
    ):
        assert read_fee_line(nonsense) == WrongWord(why, word), nonsense


@pytest.mark.parametrize("text", ["1%+10", "0.25%", "10", "0", "12.5%+0.05"])
def test_a_fee_is_written_as_it_is_read(text: str) -> None:
    fee = read_fee(text)
    assert fee is not None
    assert fee.written == text
    assert Fee(fee.percent * Decimal("1.00"), fee.fixed * Decimal("1.00")).written == text


def test_units_are_exact_and_never_count_too_little() -> None:
    assert [units_of(Decimal(text)) for text in ("1", "0.0001", "0.00001", "2500.123456")] == [10_000, 1, 1, 25_001_235]
    assert amount_of(25_001_200) == Decimal("2500.12")
    assert units_of(Decimal(10) ** 40) == MOST_UNITS
