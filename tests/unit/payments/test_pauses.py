"""What operators close is left out of what is served, and whoever is concerned reads their words."""

import pytest

from bot.payments.coverage import Coverage, Service
from bot.payments.pauses import EVERYTHING, paused, read_scope, words_for


@pytest.mark.parametrize(
    ("typed", "scope"),
    [("buy", "buy"), ("BUY", "buy"), ("ke", "KE"), ("Kenya", "KE"), ("all", EVERYTHING), ("xx", None), ("", None)],
)
def test_a_part_is_known_by_its_word(typed: str, scope: str | None) -> None:
    assert read_scope(typed) == scope


def test_a_journey_that_is_closed_is_not_offered_and_the_others_are() -> None:
    left = paused(Coverage(), {"sell": "back soon"})
    assert left.services == (Service.BUY, Service.SEND, Service.REQUEST)
    assert words_for(left, Service.SELL, ("KE",)) == "back soon"
    assert words_for(left, Service.BUY, ("KE",)) is None


def test_a_country_that_is_closed_pays_nothing_in_and_gets_nothing_out() -> None:
    left = paused(Coverage(), {"KE": "the network is at work"})
    assert "KE" not in {country.iso2 for country in (*left.payers, *left.payees)}
    assert left.offers(Service.SEND)
    assert words_for(left, Service.SEND, ("UG", "KE")) == "the network is at work"
    assert words_for(left, Service.SEND, ("UG", None)) is None


def test_everything_is_everything() -> None:
    left = paused(Coverage(), {EVERYTHING: "we move house", "buy": "other words"})
    assert left.services == ()
    assert {words_for(left, service, ()) for service in Service} == {"we move house"}


def test_nothing_closed_changes_nothing() -> None:
    coverage = Coverage()
    assert paused(coverage, {}) is coverage
