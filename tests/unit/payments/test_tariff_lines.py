"""What owners write about limits and fees: one meaning each, or none."""

from decimal import Decimal

import pytest

from bot.payments.allowances import MOST_UNITS, Bounds, LimitScope, Spot, amount_of, units_of
from bot.payments.fees import Fee, read_fee
from bot.payments.limits import DEFAULT_LIMITS
from bot.payments.states import PaymentKind
from bot.payments.tariff_lines import FeeLine, LimitLine, NotCharged, read_customer_line, read_fee_line, read_limit_line


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
    "text", ["", "set", "set day", "reset day KES 5", "set day XYZ 5", "set country buy 900", "set day KES 0"]
)
def test_what_is_no_limit_is_not_one(text: str) -> None:
    assert read_limit_line(text, DEFAULT_LIMITS) is None


def test_the_limit_of_one_customer() -> None:
    spot = Spot(LimitScope.CUSTOMER, "c1", "KES")
    assert read_customer_line("kes 1,000", "c1", DEFAULT_LIMITS) == LimitLine(spot, Bounds(None, Decimal(1000)))
    assert read_customer_line("KES Reset", "c1", DEFAULT_LIMITS) == LimitLine(spot, None)
    assert read_customer_line("KES 499", "c1", DEFAULT_LIMITS) is None
    assert read_customer_line("KES", "c1", DEFAULT_LIMITS) is None


def test_fees() -> None:
    assert read_fee_line("set send KES 1% + 10") == FeeLine(PaymentKind.SEND, "KES", Fee(Decimal(1), Decimal(10)))
    assert read_fee_line("set request ghs 0.50") == FeeLine(PaymentKind.REQUEST, "GHS", Fee(fixed=Decimal("0.5")))
    assert read_fee_line("reset send KES") == FeeLine(PaymentKind.SEND, "KES", None)
    assert read_fee_line("set sell KES 1%") == NotCharged()
    for nonsense in ("set send KES", "set send KES 1.5", "set send KES -1%", "set send KES 51%", "reset send KES 1%"):
        assert read_fee_line(nonsense) is None, nonsense


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
