"""Money stays exact: what it refuses, what it adds, how it is rounded and written."""

from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.currency_words import CURRENCY_WORDS
from bot.payments.money import (
    CurrencyMismatchError,
    Money,
    UnknownCurrencyError,
    decimals_of,
    is_fiat,
    percent_of,
    to_plain,
)

AMOUNTS = st.decimals(min_value=-(10**15), max_value=10**15, places=8)


@pytest.mark.parametrize("amount", [1.5, 1, True, "1", None])
def test_only_a_decimal_is_an_amount(amount: Any) -> None:
    with pytest.raises(TypeError):
        Money(amount, "KES")


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+31", "1E-31", "9" * 61])
def test_numbers_that_are_no_amounts_are_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        Money(Decimal(amount), "KES")


@pytest.mark.parametrize("currency", ["kes", "", "K", "KES ", "KÉS", "123", "TOOLONGACURRENCY"])
def test_a_currency_is_an_upper_case_code(currency: str) -> None:
    with pytest.raises(ValueError, match="currency"):
        Money(Decimal(1), currency)


@given(AMOUNTS, AMOUNTS)
def test_sums_and_differences_are_exact_whatever_the_ambient_precision(first: Decimal, second: Decimal) -> None:
    with localcontext(prec=60):
        expected = first + second
    with localcontext(prec=3):
        total = Money(first, "BTC") + Money(second, "BTC")
        back = total - Money(second, "BTC")
    assert total.amount == expected
    assert back == Money(first, "BTC")


def test_different_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatchError):
        Money(Decimal(1), "KES") + Money(Decimal(1), "UGX")
    with pytest.raises(CurrencyMismatchError):
        Money(Decimal(1), "KES") - Money(Decimal(1), "UGX")


def test_money_has_no_order_so_currencies_are_never_compared_by_accident() -> None:
    with pytest.raises(TypeError):
        assert Money(Decimal(1), "KES") < Money(Decimal(2), "UGX")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("amount", "currency", "down", "half_even"),
    [
        ("1500.99", "KES", "1500", "1501"),
        ("0.5", "UGX", "0", "0"),
        ("1.5", "RWF", "1", "2"),
        ("10.005", "GHS", "10", "10"),
        ("10.015", "GHS", "10.01", "10.02"),
        ("-1.9", "XOF", "-1", "-2"),
        ("1.23456789", "USDC", "1.234567", "1.234568"),
        ("0.123456785", "BTC", "0.12345678", "0.12345678"),
    ],
)
def test_rounding_follows_the_currency(amount: str, currency: str, down: str, half_even: str) -> None:
    money = Money(Decimal(amount), currency)
    assert money.quantize_down().to_plain() == down
    assert money.quantize_half_even().to_plain() == half_even


@given(AMOUNTS)
def test_cutting_never_promises_more(amount: Decimal) -> None:
    for currency in ("KES", "GHS", "USDC"):
        assert abs(Money(amount, currency).quantize_down().amount) <= abs(amount)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1E+3", "1000"),
        ("1500.00", "1500"),
        ("0.500", "0.5"),
        ("1E-8", "0.00000001"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("100", "100"),
    ],
)
def test_plain_text_has_no_exponent_and_no_needless_zeros(amount: str, text: str) -> None:
    assert to_plain(Decimal(amount)) == text
    assert str(Money(Decimal(amount), "USDC")) == f"{text} USDC"


@given(AMOUNTS)
def test_plain_text_is_the_same_number(amount: Decimal) -> None:
    assert Decimal(to_plain(amount)) == amount


@pytest.mark.parametrize("currency", ["KES", "UGX", "TZS", "RWF", "XOF", "XAF", "CDF", "MWK"])
def test_mobile_money_in_these_currencies_is_whole_units(currency: str) -> None:
    assert decimals_of(currency) == 0
    assert is_fiat(currency)


@pytest.mark.parametrize("currency", ["GHS", "ZMW", "ZAR", "NGN"])
def test_these_currencies_have_two_decimals(currency: str) -> None:
    assert decimals_of(currency) == 2


def test_tokens_are_no_fiat() -> None:
    assert not is_fiat("USDC")
    assert (decimals_of("USDT"), decimals_of("CUSD"), decimals_of("BTC")) == (6, 6, 8)


def test_an_unknown_currency_is_not_rounded_by_guess() -> None:
    with pytest.raises(UnknownCurrencyError):
        decimals_of("EUR")
    with pytest.raises(UnknownCurrencyError):
        is_fiat("eur")
    with pytest.raises(UnknownCurrencyError):
        Money(Decimal(1), "EUR").quantize_down()


def test_every_currency_that_can_be_typed_has_its_decimals() -> None:
    for currencies in CURRENCY_WORDS.values():
        for currency in currencies:
            assert decimals_of(currency) >= 0


def test_percent_of_a_whole() -> None:
    assert str(percent_of(Money(Decimal(30), "KES"), Money(Decimal(1500), "KES"))) == "2.00"
    assert str(percent_of(Money(Decimal(1), "KES"), Money(Decimal(3), "KES"))) == "33.33"


def test_percent_needs_a_whole_above_zero_in_the_same_currency() -> None:
    with pytest.raises(ValueError, match="above zero"):
        percent_of(Money(Decimal(1), "KES"), Money(Decimal(0), "KES"))
    with pytest.raises(CurrencyMismatchError):
        percent_of(Money(Decimal(1), "KES"), Money(Decimal(10), "UGX"))
