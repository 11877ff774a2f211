"""Phone numbers: one canonical form, the right country, a network to pre-select, and nothing printed in full."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.catalogue import COUNTRIES, network_label, offered_countries
from bot.payments.phones import Phone, PhoneFault, PhoneProblem, network_of, phone_from_e164, read_phone


@pytest.mark.parametrize(
    "text",
    [
        "0712345678",
        "0712 345 678",
        "0712-345-678",
        "(0712) 345.678",
        "712345678",
        "254712345678",
        "+254712345678",
        "+254 712 345 678",
        "00254712345678",
        "+254 0712 345678",
        "\u0660\u0667\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
        "\u200e+254\u00a0712\u2011345\u2011678\u200e",
    ],
)
def test_every_way_of_writing_gives_one_canonical_number(text: str) -> None:
    assert read_phone(text, country="KE") == Phone("+254712345678", "KE")


def test_without_a_country_the_number_must_name_its_own() -> None:
    assert read_phone("+254712345678", country=None) == Phone("+254712345678", "KE")
    assert read_phone("254712345678", country=None) == Phone("+254712345678", "KE")
    assert read_phone("0712345678", country=None) == PhoneProblem(PhoneFault.COUNTRY_NEEDED)


@pytest.mark.parametrize("text", ["+255712345678", "255712345678", "00255712345678"])
def test_a_number_of_another_country_is_refused_with_that_country(text: str) -> None:
    assert read_phone(text, country="KE") == PhoneProblem(PhoneFault.WRONG_COUNTRY, country="TZ")


def test_countries_outside_the_catalogue_are_named_too() -> None:
    assert read_phone("+1 202 555 0123", country="KE") == PhoneProblem(PhoneFault.WRONG_COUNTRY, country="US")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", PhoneFault.NOT_A_NUMBER),
        ("hello", PhoneFault.NOT_A_NUMBER),
        ("+", PhoneFault.NOT_A_NUMBER),
        ("0712345678 ext 5", PhoneFault.NOT_A_NUMBER),
        ("07+12345678", PhoneFault.NOT_A_NUMBER),
        ("\u202e0712345678", PhoneFault.NOT_A_NUMBER),
        ("0" * 400, PhoneFault.NOT_A_NUMBER),
        ("0712", PhoneFault.TOO_SHORT),
        ("071234567", PhoneFault.TOO_SHORT),
        ("+254", PhoneFault.TOO_SHORT),
        ("07123456789999", PhoneFault.TOO_LONG),
        ("0201234567", PhoneFault.NOT_MOBILE),
        ("0999999999", PhoneFault.NOT_IN_USE),
        ("+800 1234 5678", PhoneFault.NOT_IN_USE),
    ],
)
def test_what_is_no_mobile_number_is_refused_with_the_reason(text: str, fault: PhoneFault) -> None:
    problem = read_phone(text, country="KE")
    assert isinstance(problem, PhoneProblem)
    assert problem.fault is fault
    assert problem.text_key == f"phone.{fault}"


def test_the_leading_zero_of_ivorian_numbers_is_kept() -> None:
    assert read_phone("07 01 23 45 67", country="CI") == Phone("+2250701234567", "CI")


def test_a_phone_prints_itself_masked() -> None:
    phone = Phone("+254712345678", "KE")
    assert str(phone) == "+254•••••678"
    for printed in (repr(phone), f"{phone}", str([phone]), f"{phone!r}"):
        assert "712345" not in printed
    assert phone.e164 == "+254712345678"


def test_a_stored_number_becomes_a_phone_again() -> None:
    assert phone_from_e164("+254712345678") == Phone("+254712345678", "KE")
    for text in ("0712345678", "254712345678", "+", "+999123456789", ""):
        with pytest.raises(ValueError, match=r"E\.164"):
            phone_from_e164(text)


NETWORK_SAMPLES = [
    ("KE", "0712345678", "MPESA"),
    ("KE", "0110123456", "MPESA"),
    ("KE", "0733123456", "AIRTEL"),
    ("KE", "0771123456", None),
    ("GH", "0241234567", "MTN"),
    ("GH", "0201234567", "VODAFONE"),
    ("GH", "0271234567", "AIRTEL"),
    ("UG", "0772123456", "MTN"),
    ("UG", "0701234567", "AIRTEL"),
    ("TZ", "0754123456", "VODACOM"),
    ("TZ", "0784123456", "AIRTEL"),
    ("TZ", "0713123456", "YAS"),
    ("TZ", "0621234567", "HALOPESA"),
    ("ZM", "0966123456", "MTN"),
    ("ZM", "0977123456", "AIRTEL"),
    ("ZM", "0955123456", "ZAMTEL"),
    ("RW", "0788123456", "MTN"),
    ("RW", "0738123456", "AIRTEL"),
    ("CM", "677123456", "MTN"),
    ("CM", "699123456", "ORANGE"),
    ("CI", "0501234567", "MTN"),
    ("CI", "0701234567", "ORANGE"),
    ("CI", "0101234567", "MOOV"),
    ("SN", "771234567", "ORANGE"),
    ("SN", "761234567", "FREE"),
    ("SN", "701234567", "EXPRESSO"),
    ("CD", "0812345678", "VODACOM"),
    ("CD", "0972345678", "AIRTEL"),
    ("CD", "0842345678", "ORANGE"),
    ("MW", "0991234567", "AIRTEL"),
    ("MW", "0881234567", "TNM"),
    ("ZA", "0821234567", None),
    ("NG", "08031234567", None),
]


@pytest.mark.parametrize(("country", "text", "network"), NETWORK_SAMPLES)
def test_the_network_is_known_from_the_number(country: str, text: str, network: str | None) -> None:
    phone = read_phone(text, country=country)
    assert isinstance(phone, Phone)
    assert phone.country == country
    assert network_of(phone) == network
    if network is not None:
        assert network in COUNTRIES[country].networks
        assert network_label(country, network) != network


def test_every_mobile_country_on_offer_has_a_sample() -> None:
    sampled = {country for country, _, network in NETWORK_SAMPLES if network is not None}
    assert {country.iso2 for country in offered_countries() if country.onramp == "mobile"} <= sampled


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_the_numbering_data_agrees_with_the_catalogue(country: str) -> None:
    assert str(phonenumbers.country_code_for_region(country)) == COUNTRIES[country].dial
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    national = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
    phone = read_phone(national, country=country)
    assert isinstance(phone, Phone)
    assert phone.country == country
    assert phone.e164.startswith("+" + COUNTRIES[country].dial)


TYPED = st.one_of(st.text(max_size=50), st.text(alphabet="+0123456789 -()./\u0660\u0667", max_size=25))


@given(TYPED, st.sampled_from([None, "XX", *sorted(COUNTRIES)]))
def test_any_text_gives_a_canonical_number_of_that_country_or_a_problem(text: str, country: str | None) -> None:
    answer = read_phone(text, country=country)
    if isinstance(answer, Phone):
        assert answer.e164[0] == "+"
        assert answer.e164[1:].isascii()
        assert answer.e164[1:].isdigit()
        assert country in (None, answer.country)
        assert phone_from_e164(answer.e164) == answer
