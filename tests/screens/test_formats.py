"""Amounts, times, phones and addresses as people read them."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.payments.catalogue import COUNTRIES
from bot.payments.money import Money
from bot.screens.formats import (
    amount,
    clock,
    day_and_time,
    fee_percent,
    live_time,
    masked,
    money,
    network_label,
    percent,
    short_address,
    short_hash,
)
from bot.screens.places import country_name, flag, zone_of

AT = datetime(2026, 11, 24, 11, 5, 32, tzinfo=UTC)
NB = "\u00a0"


def of(text: str, currency: str) -> Money:
    return Money(Decimal(text), currency)


@pytest.mark.parametrize(
    ("value", "language", "shown"),
    [
        (of("1530", "KES"), "en", f"1,530{NB}KES"),
        (of("1530", "KES"), "sw", f"1,530{NB}KES"),
        (of("1530", "KES"), "fr", f"1{NB}530{NB}KES"),
        (of("1530.5", "KES"), "en", f"1,530.5{NB}KES"),
        (of("120.5", "GHS"), "en", f"120.50{NB}GHS"),
        (of("120.00", "GHS"), "en", f"120{NB}GHS"),
        (of("120.505", "GHS"), "en", f"120.505{NB}GHS"),
        (of("15.384615", "USDC"), "fr", f"15,384615{NB}USDC"),
        (of("20.000000", "USDC"), "en", f"20{NB}USDC"),
        (of("0.000001", "CUSD"), "en", f"0.000001{NB}cUSD"),
        (of("1E+6", "UGX"), "en", f"1,000,000{NB}UGX"),
        (of("-0.12", "USDT"), "en", f"−0.12{NB}USDT"),
        (of("0", "KES"), "en", f"0{NB}KES"),
        (of("999", "XYZ"), "en", f"999{NB}XYZ"),
    ],
)
def test_money_is_shown_with_the_digits_that_are_recorded(value: Money, language: str, shown: str) -> None:
    assert money(value, language) == shown


@given(
    value=st.decimals(allow_nan=False, allow_infinity=False, places=18, min_value=-(10**30), max_value=10**30),
    language=st.sampled_from(["en", "sw", "fr"]),
)
@settings(deadline=None)
def test_no_digit_is_lost_or_invented(value: Decimal, language: str) -> None:
    group, point = (NB, ",") if language == "fr" else (",", ".")
    shown = amount(value, language).replace(group, "").replace(point, ".").replace("−", "-")
    assert Decimal(shown) == value


def test_percentages() -> None:
    assert percent(Decimal("2.00"), "en") == "2%"
    assert percent(Decimal("1.96"), "sw") == "1.96%"
    assert percent(Decimal("1.96"), "fr") == f"1,96{NB}%"


@pytest.mark.parametrize(
    ("fee", "whole", "shown"),
    [("30", "1500", "2%"), ("1", "3", "33.33%"), ("0", "100", "0%"), ("1", "1000000", "<0.01%"), ("1", "0", "0%")],
)
def test_a_fee_never_looks_like_none(fee: str, whole: str, shown: str) -> None:
    assert fee_percent(of(fee, "KES"), of(whole, "KES"), "en") == shown


def test_clocks_show_the_customers_time() -> None:
    assert clock(AT, "KE", "en") == "14:05"
    assert clock(AT, "GH", "en", seconds=True) == "11:05:32"
    assert clock(AT.astimezone(timezone(timedelta(hours=9))), "KE", "en") == "14:05"
    assert clock(AT, "CD", "fr") == "12:05 (Kinshasa)"
    assert clock(AT, "XX", "en") == "11:05 (UTC)"
    with pytest.raises(ValueError, match="zone"):
        clock(datetime(2026, 11, 24), "KE", "en")  # noqa: DTZ001


def test_dates_are_for_the_record() -> None:
    assert day_and_time(AT, "KE", "en").replace(NB, " ") == "24 Nov 2026, 14:05 (Nairobi)"
    assert day_and_time(AT, "CI", "fr").replace(NB, " ") == "24 nov. 2026, 11:05 (Abidjan)"


def test_every_country_has_its_clock_its_name_and_its_flag() -> None:
    for iso2 in COUNTRIES:
        assert zone_of(iso2) is not UTC
        assert len(flag(iso2)) == 2
        for language in ("en", "sw", "fr"):
            assert country_name(iso2, language) != iso2


def test_a_live_time_counts_by_itself_and_shows_a_clock_to_older_phones() -> None:
    assert live_time(AT, "KE", "en") == f'<tg-time unix="{int(AT.timestamp())}" format="r">14:05:32</tg-time>'


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("+254712345678", "+254•••••678"), ("+27821234567", "+27•••••567"), ("nonsense", "•••••nse")],
)
def test_phones_are_masked(phone: str, shown: str) -> None:
    assert masked(phone) == shown


def test_addresses_and_hashes_keep_their_ends() -> None:
    assert short_address("0x52908400098527886E0F7030069857D2E4169EE7") == "0x5290…9EE7"
    assert short_address("0.0.12345") == "0.0.12345"
    assert short_hash("0x" + "ab" * 32) == "0xabababab…abababab"


def test_networks_go_by_the_name_that_people_know() -> None:
    assert network_label("KE", "MPESA") == "M-Pesa (Safaricom)"
    assert network_label("GH", "VODAFONE") == "Telecel Cash"
    assert network_label("KE", "NEWCASH") == "NEWCASH"


def test_the_congo_is_named_as_people_name_it() -> None:
    assert country_name("CD", "en") == "DR Congo"
    assert country_name("CD", "fr") == "RD Congo"
    assert country_name("KE", "sw") == "Kenya"
