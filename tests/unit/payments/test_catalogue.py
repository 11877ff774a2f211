"""The tables of countries, networks, chains and tokens agree with each other and cannot be changed."""

import re
from typing import Any, cast

import pytest

from bot.payments.catalogue import (
    COUNTRIES,
    OFFRAMP_CURRENCIES,
    SAFE_PAIRS,
    chain_of,
    chains_for,
    country_of,
    country_of_currency,
    explorer_link,
    is_network_marker,
    is_offered,
    network_for_carrier,
    network_label,
    offered_countries,
    paid_out_countries,
    read_chain_word,
    read_token_word,
    token_of,
    tokens,
)
from bot.payments.catalogue.chains import CHAINS
from bot.payments.money import decimals_of, is_fiat
from bot.payments.parties import Way


def test_only_countries_with_an_established_onramp_are_offered() -> None:
    assert {country.iso2 for country in offered_countries()} == {
        "KE",
        "GH",
        "UG",
        "TZ",
        "ZM",
        "RW",
        "CM",
        "CI",
        "SN",
        "CD",
        "ZA",
    }
    assert not COUNTRIES["NG"].offered


def test_every_country_has_a_fiat_currency_and_well_formed_codes() -> None:
    for iso2, country in COUNTRIES.items():
        assert country.iso2 == iso2
        assert re.fullmatch("[A-Z]{3}", country.iso3)
        assert is_fiat(country.currency)
        assert country.dial.isdigit()
        assert not any(is_network_marker(network) for network in country.networks)
        assert (country.onramp == "mobile") <= bool(country.networks)


def test_south_africa_pays_by_bank() -> None:
    country = country_of("ZA")
    assert country is not None
    assert (country.onramp, country.networks, country.payouts) == ("bank", (), (Way.BANK,))


def test_tills_and_paybills_are_kenyan_and_banks_where_the_provider_pays_them() -> None:
    assert COUNTRIES["KE"].payouts == tuple(Way)
    reached = {way: {country.iso2 for country in paid_out_countries() if way in country.payouts} for way in Way}
    assert reached[Way.TILL] == reached[Way.PAYBILL] == {"KE"}
    assert reached[Way.BANK] == {"KE", "ZA"}
    assert reached[Way.PHONE] == {country.iso2 for country in offered_countries()} - {"ZA"}


def test_crypto_is_sold_into_every_currency_that_is_paid_out() -> None:
    assert {country.currency for country in paid_out_countries()} <= OFFRAMP_CURRENCIES


def test_flags_are_made_of_the_country_code() -> None:
    assert COUNTRIES["KE"].flag == "🇰🇪"


def test_a_currency_of_several_countries_belongs_to_none() -> None:
    kenya = country_of_currency("KES")
    assert kenya is not None
    assert kenya.iso2 == "KE"
    assert country_of_currency("XOF") is None
    assert country_of_currency("NGN") is None
    assert country_of("XX") is None


def test_networks_carry_the_names_that_customers_know() -> None:
    assert network_label("GH", "VODAFONE") == "Telecel Cash"
    assert network_label("TZ", "VODACOM") == "M-Pesa (Vodacom)"
    assert network_label("CD", "VODACOM") == "M-Pesa (Vodacom)"
    assert "Tigo" in network_label("TZ", "YAS")
    assert network_label("KE", "SOMETHING_NEW") == "SOMETHING_NEW"
    for country in COUNTRIES.values():
        for network in country.networks:
            assert network_label(country.iso2, network) != network


def test_internal_markers_are_no_networks() -> None:
    for marker in ("NOT_SUPPORTED", "CHECKOUT", "BKTRX", "CRDTRX"):
        assert is_network_marker(marker)
    assert not is_network_marker("MPESA")


def test_carriers_without_mobile_money_have_no_network() -> None:
    assert network_for_carrier("KE", "Telkom") is None
    assert network_for_carrier("ZA", "MTN") is None
    assert network_for_carrier("KE", "") is None


def test_the_safe_pairs_are_what_is_offered() -> None:
    offered = {(chain.code, token.code) for token in tokens() for chain in chains_for(token.code)}
    assert offered == SAFE_PAIRS
    assert [chain.code for chain in chains_for("USDT")] == ["POLYGON", "ETHEREUM", "SOLANA", "TRON"]
    assert is_offered("TRON", "USDT")
    assert not is_offered("TRON", "USDC")
    assert chains_for("DOGE") == ()


def test_a_business_can_offer_other_pairs() -> None:
    pairs = frozenset({("ARBITRUM", "USDC")})
    assert [token.code for token in tokens(pairs)] == ["USDC"]
    assert [chain.code for chain in chains_for("USDC", pairs)] == ["ARBITRUM"]


def test_every_offered_token_can_be_counted() -> None:
    for token in tokens():
        assert decimals_of(token.code) == 6
        assert token_of(token.code) == token


@pytest.mark.parametrize(
    ("word", "chain"),
    [("matic", "POLYGON"), ("TRC20", "TRON"), ("erc20", "ETHEREUM"), ("Base", "BASE"), ("bas", None), ("bep20", None)],
)
def test_chains_are_known_by_their_everyday_names(word: str, chain: str | None) -> None:
    assert read_chain_word(word) == chain


@pytest.mark.parametrize(("word", "token"), [("usdc", "USDC"), ("Tether", "USDT"), ("cUSD", "CUSD"), ("usd", None)])
def test_tokens_are_known_by_their_everyday_names(word: str, token: str | None) -> None:
    assert read_token_word(word) == token


def test_transactions_link_to_a_public_explorer() -> None:
    assert explorer_link("BASE", "0xabc12345") == "https://basescan.org/tx/0xabc12345"
    assert explorer_link("NOWHERE", "0xabc12345") is None
    for chain in CHAINS.values():
        assert chain.explorer.startswith("https://")
        assert chain.explorer.count("{tx}") == 1
        assert chain_of(chain.code) == chain


@pytest.mark.parametrize("tx_hash", ["", "0xabc", "0xabc12345/../x", '0xabc12345"><b>', "x" * 200, "0xabc 12345"])
def test_what_is_no_transaction_hash_makes_no_link(tx_hash: str) -> None:
    assert explorer_link("BASE", tx_hash) is None


def test_the_tables_are_read_only() -> None:
    with pytest.raises(TypeError):
        cast(Any, COUNTRIES)["XX"] = None
    with pytest.raises(TypeError):
        cast(Any, CHAINS)["XX"] = None
