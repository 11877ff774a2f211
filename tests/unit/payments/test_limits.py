"""Limits: both ends are allowed, what lies outside names the nearest amount that is."""

from decimal import Decimal

import pytest

from bot.payments.catalogue import offered_countries, tokens
from bot.payments.limits import DEFAULT_LIMITS, Limit, LimitFault, LimitProblem, check, with_overrides
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
