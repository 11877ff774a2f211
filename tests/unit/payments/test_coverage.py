"""What is served: the provider's lists read against our table, and refusals taken out of it."""

from dataclasses import dataclass

import pytest

from bot.payments.coverage import Coverage, Listed, Service, payees_of, payers_of
from bot.payments.parties import Way
from bot.payments.refusals import Refusal, refusals_of, without


@dataclass(frozen=True)
class Bank:
    code: str
    name: str


BANKS = {"KE": (Bank("01", "Kenya Commercial Bank"),), "ZA": (Bank("2500", "ABSA"),)}


def test_until_the_provider_answers_what_is_established_is_offered() -> None:
    coverage = Coverage()
    assert coverage.services == tuple(Service)
    assert {country.iso2 for country in coverage.payers} >= {"KE", "ZA"}
    assert "NG" not in {country.iso2 for country in coverage.payers + coverage.payees}


def test_only_enabled_countries_are_offered_with_the_networks_that_work() -> None:
    rows = [
        Listed("KE", True, ("MPESA",)),
        Listed("TZ", True, ("TIGO", "VODACOM")),
        Listed("UG", False, ("MTN",)),
        Listed("GH", True, ()),
        Listed("RW", True, None),
        Listed("XX", True, ("MTN",)),
    ]
    assert [(country.iso2, country.networks) for country in payers_of(rows)] == [
        ("KE", ("MPESA",)),
        ("TZ", ("VODACOM", "TIGO")),  # ours first; a name that only the provider knows is taken as it is
        ("RW", ("MTN", "AIRTEL")),  # no networks named: the table's
    ]


def test_a_country_that_is_not_established_is_offered_once_the_list_says_so() -> None:
    (malawi,) = payers_of([Listed("MW", True, ("TNM",)), Listed("NG", True, ())])
    assert (malawi.iso2, malawi.onramp, malawi.networks) == ("MW", "mobile", ("TNM",))
    (benin,) = payees_of([Listed("BJ", True, ("MTN",))], {})
    assert benin.payouts == (Way.PHONE,)


def test_money_goes_to_banks_only_where_their_codes_are_known() -> None:
    rows = [Listed("KE", True, ("MPESA",)), Listed("ZA", True, ())]
    assert [(country.iso2, country.payouts) for country in payees_of(rows, BANKS)] == [
        ("KE", tuple(Way)),
        ("ZA", (Way.BANK,)),
    ]
    assert [(country.iso2, country.payouts) for country in payees_of(rows, {})] == [
        ("KE", (Way.PHONE, Way.TILL, Way.PAYBILL))
    ]


def test_crypto_is_not_sold_into_a_currency_that_the_provider_does_not_take() -> None:
    coverage = Coverage(payees=payees_of([Listed("KE", True, None), Listed("MW", True, ("TNM",))], {}))
    assert {country.iso2 for country in coverage.destinations(Service.SELL)} == {"KE"}
    assert {country.iso2 for country in coverage.destinations(Service.SEND)} == {"KE", "MW"}


def test_a_service_needs_both_of_its_ends() -> None:
    assert Coverage(payees=()).services == (Service.BUY,)
    assert Coverage(payers=()).services == (Service.SELL,)


@pytest.mark.parametrize(
    ("operation", "left"),
    [
        ("onramp.create", {"sell", "send", "request"}),
        ("rate.offramp", {"buy", "send", "request"}),
        ("deposit.create", {"buy", "sell"}),
        ("withdrawal.create", {"buy", "sell"}),
        ("customer.create", {"buy", "sell"}),
        ("link.create", {"buy", "sell", "send", "request"}),
        ("support.banks", {"buy", "sell", "send", "request"}),
        ("withdrawal.till", {"buy", "sell", "send", "request"}),
    ],
)
def test_a_refused_operation_closes_what_needs_it(operation: str, left: set[str]) -> None:
    refusals = refusals_of(operation, "Service x is not enabled for your account")
    assert set(without(Coverage(), refusals).services) == left


def test_a_refused_way_leaves_the_others() -> None:
    coverage = without(Coverage(), [Refusal("withdrawal.till"), Refusal("withdrawal.bank")])
    kenya = next(country for country in coverage.destinations(Service.SEND) if country.iso2 == "KE")
    assert kenya.payouts == (Way.PHONE, Way.PAYBILL)
    assert "ZA" not in {country.iso2 for country in coverage.destinations(Service.SEND)}
    assert Way.TILL in next(one for one in coverage.destinations(Service.SELL) if one.iso2 == "KE").payouts


@pytest.mark.parametrize("sentence", ["Country UG is not enabled", "onramp not available in Uganda", "UGX not enabled"])
def test_one_refused_country_closes_nothing_for_the_others(sentence: str) -> None:
    refusals = refusals_of("onramp.create", sentence)
    assert refusals == (Refusal("onramp.create", "UG"),)
    coverage = without(Coverage(), refusals)
    assert coverage.offers(Service.BUY)
    assert "UG" not in {country.iso2 for country in coverage.payers}
    assert "UG" in {country.iso2 for country in coverage.payees}


def test_a_refusal_is_read_back_as_it_was_written() -> None:
    for refusal in (Refusal("onramp.create"), Refusal("withdrawal.create", "KE")):
        assert Refusal.from_text(str(refusal)) == refusal
