"""Limits: both ends are allowed, what lies outside names the nearest amount that is."""

from decimal import Decimal

import pytest

from bot.payments.catalogue import offered_countries, tokens
from bot.payments.limits import (
    DEFAULT_ASK_AGAIN,
    DEFAULT_LIMITS,
    Limit,
    LimitFault,
    LimitProblem,
    asks_again,
    check,
    with_overrides,
)
from bot.payments.money import Money


@pytest.mark.parametrize("amount", ["500", "1500", "250000"])
def test_amounts_within_the_limits_pass(amount: str) -> None:
    assert check(Money(Decimal(amount), "KES")) is None


@pytest.mark.parametrize(
    ("amount", "fault", "bound"),
    [("499", LimitFault.TOO_SMALL, 500), ("0", LimitFault.TOO_SMALL, 500), ("250001", LimitFault.TOO_LARGE, 250_000)],
)
def test_amounts_outside_name_the_nearest_allowed(amount: str, fault: LimitFault, bound: int) -> None:
    problem = check(Money(Decimal(amount), "KES"))
    assert problem == LimitProblem(fault, Money(Decimal(bound), "KES"))
    assert problem is not None
    assert problem.text_key == f"limit.{fault}"


def test_a_business_sets_its_own_limits() -> None:
    limits = with_overrides({"KES": Limit(Decimal(10), Decimal(20))})
    assert check(Money(Decimal(15), "KES"), limits) is None
    assert check(Money(Decimal(500), "KES"), limits) is not None
    assert check(Money(Decimal(99), "GHS"), limits) is not None
    assert DEFAULT_LIMITS["KES"].maximum == 250_000


def test_a_currency_without_limits_is_left_to_the_provider() -> None:
    assert check(Money(Decimal(1), "EUR")) is None


@pytest.mark.parametrize(("minimum", "maximum"), [("0", "5"), ("-1", "5"), ("6", "5"), ("NaN", "5"), ("1", "Infinity")])
def test_a_limit_that_makes_no_sense_is_refused(minimum: str, maximum: str) -> None:
    with pytest.raises(ValueError, match="limit"):
        Limit(Decimal(minimum), Decimal(maximum))


def test_everything_on_offer_has_a_limit() -> None:
    offered = {country.currency for country in offered_countries()} | {token.code for token in tokens()}
    assert offered <= set(DEFAULT_LIMITS)


@pytest.mark.parametrize(
    ("amount", "currency", "chosen", "asked"),
    [
        ("5000", "KES", None, False),
        ("5001", "KES", None, True),
        ("1", "KES", "0", True),
        ("250000", "KES", "never", False),
        ("3001", "KES", "3000 KES", True),
        ("3000", "KES", "3000 KES", False),
        ("6000", "KES", "3000 UGX", True),  # counted in other money: the default decides
        ("1", "XYZ", None, True),
    ],
)
def test_a_first_payment_asks_again_above_what_the_customer_set(
    amount: str, currency: str, chosen: str | None, asked: bool
) -> None:
    assert asks_again(Money(Decimal(amount), currency), chosen) is asked


def test_every_offered_currency_has_a_default_for_asking_again() -> None:
    assert {country.currency for country in offered_countries()} <= set(DEFAULT_ASK_AGAIN)
