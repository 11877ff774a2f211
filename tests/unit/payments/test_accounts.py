"""Accounts, tills and paybills: read as people write them, and refused with what a right one looks like."""

import pytest

from bot.payments.accounts import (
    BANK_ACCOUNTS,
    PAYBILL_ACCOUNT,
    SHORT_CODE,
    AccountFault,
    AccountProblem,
    read_bank_account,
    read_business_name,
    read_paybill_account,
    read_short_code,
)
from bot.payments.catalogue import paid_out_countries
from bot.payments.parties import Way


@pytest.mark.parametrize(
    ("country", "text", "digits"),
    [
        ("KE", "0110 0123 45678", "0110012345678"),
        ("KE", "1234-5678-90", "1234567890"),
        ("KE", " ١٢٣٤٥٦٧٨٩٠ ", "1234567890"),
        ("ZA", "62 012 345 678", "62012345678"),
        ("ZA", "0012345", "0012345"),
    ],
)
def test_digits_are_taken_out_of_what_stands_between_them(country: str, text: str, digits: str) -> None:
    assert read_bank_account(text, country) == digits


@pytest.mark.parametrize(
    ("country", "text", "fault"),
    [
        ("KE", "1234567", AccountFault.TOO_SHORT),
        ("KE", "1" * 17, AccountFault.TOO_MANY_DIGITS),
        ("KE", "KE12 3456 7890", AccountFault.NOT_DIGITS),
        ("KE", "", AccountFault.NOT_DIGITS),
        ("KE", "\u202e1234567890", AccountFault.NOT_DIGITS),
        ("KE", "1" * 500, AccountFault.NOT_DIGITS),
        ("ZA", "12345", AccountFault.TOO_SHORT),
        ("ZA", "123456789012", AccountFault.TOO_MANY_DIGITS),
        ("ZA", "-62012345678", AccountFault.NOT_DIGITS),
    ],
)
def test_a_refusal_says_how_long_a_right_one_is(country: str, text: str, fault: AccountFault) -> None:
    rule = BANK_ACCOUNTS[country]
    assert read_bank_account(text, country) == AccountProblem(fault, rule.least, rule.most)


def test_every_country_with_banks_has_a_format_and_an_example_of_it() -> None:
    with_banks = {country.iso2 for country in paid_out_countries() if Way.BANK in country.payouts}
    assert with_banks == set(BANK_ACCOUNTS)
    for iso2, rule in BANK_ACCOUNTS.items():
        assert read_bank_account(rule.example, iso2) == rule.example
    assert read_short_code(SHORT_CODE.example) == SHORT_CODE.example
    assert read_paybill_account(PAYBILL_ACCOUNT.example) == PAYBILL_ACCOUNT.example


@pytest.mark.parametrize("text", ["17437", "174379", "4002 003"])
def test_tills_and_paybills_have_five_to_seven_digits(text: str) -> None:
    assert read_short_code(text) == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "fault"), [("1743", "too_short"), ("17437999", "too_many_digits"), ("till", "not_digits")]
)
def test_other_short_codes_are_refused(text: str, fault: str) -> None:
    found = read_short_code(text)
    assert isinstance(found, AccountProblem)
    assert (found.fault, found.text_key) == (fault, f"account.{fault}")


@pytest.mark.parametrize("text", ["1", "INV-1042", "ADM 2031/5", "A" * 20])
def test_a_paybill_account_may_hold_letters_and_signs(text: str) -> None:
    assert read_paybill_account(text) == text


@pytest.mark.parametrize("text", ["", " ", "A" * 21, "<b>", "a\u202eb", "meter@home", "12;34"])
def test_other_paybill_accounts_are_refused(text: str) -> None:
    assert isinstance(read_paybill_account(text), AccountProblem)


@pytest.mark.parametrize("text", ["Duka 24 & Sons", "KPLC Prepaid", "دكان", "L’Étoile"])
def test_a_business_may_be_called_anything_readable(text: str) -> None:
    assert isinstance(read_business_name(text), str)


@pytest.mark.parametrize("text", ["", "x", "12345", "A" * 41, "Duka\u202e42"])
def test_what_nobody_is_called_is_refused(text: str) -> None:
    assert isinstance(read_business_name(text), AccountProblem)
