"""Lines with which operators pay and collect: read whole or not at all, and nothing of them is guessed."""

import re
from decimal import Decimal

import pytest

from bot.payments.catalogue.countries import offered_countries, paid_out_countries
from bot.payments.house_lines import (
    Debtor,
    HouseFault,
    HouseLine,
    Payee,
    debtor_of,
    payee_of,
    read_collection_line,
    read_payout_line,
)
from bot.payments.money import Money
from bot.payments.parties import Way
from bot.payments.wrong_words import Why, WrongWord
from bot.screens.texts import LANGUAGES, catalogue


def paid(text: str) -> Payee | HouseFault | WrongWord:
    line = read_payout_line(text)
    return payee_of(line, paid_out_countries()) if isinstance(line, HouseLine) else line


def collected(text: str) -> Debtor | HouseFault | WrongWord:
    line = read_collection_line(text)
    return debtor_of(line, offered_countries()) if isinstance(line, HouseLine) else line


@pytest.mark.parametrize(
    ("text", "phone", "name", "networks"),
    [
        ("500 KES to 0712345678 Jane Doe for rent", "+254712345678", "Jane Doe", ("MPESA", "AIRTEL")),
        ("500 kes to Jane Doe 0733 123 456 for rent", "+254733123456", "Jane Doe", ("AIRTEL", "MPESA")),
        ("20,000 UGX to +256 772 123456 Okello James for rent", "+256772123456", "Okello James", ("MTN", "AIRTEL")),
        (
            "9000 XOF to +221771234567 Awa Ba for rent",
            "+221771234567",
            "Awa Ba",
            ("ORANGE", "WAVE", "FREE", "EXPRESSO"),
        ),
    ],
)
def test_a_payout_to_a_phone(text: str, phone: str, name: str, networks: tuple[str, ...]) -> None:
    found = paid(text)
    assert isinstance(found, Payee)
    assert (found.to.way, found.to.phone, found.to.name) == (Way.PHONE, phone, name)
    assert (found.networks, found.to.network) == (networks, networks[0])
    line = read_payout_line(text)
    assert isinstance(line, HouseLine)
    assert (line.amount.currency, line.note) == (found.to.currency, "rent")


def test_a_payout_to_a_till_and_to_a_paybill() -> None:
    till = paid("1,200.00 KES to till 123456 Mama Mboga for lunch of the team")
    assert isinstance(till, Payee)
    assert (till.to.way, till.to.number, till.to.name, till.networks) == (Way.TILL, "123456", "Mama Mboga", ())
    paybill = paid("800 KES to paybill 888880 account 54-321 Kenya Power for power")
    assert isinstance(paybill, Payee)
    assert (paybill.to.way, paybill.to.number, paybill.to.account) == (Way.PAYBILL, "888880", "54-321")


def test_a_collection_is_from_a_phone() -> None:
    found = collected("750 KES from 0712345678 Jane Doe for stall 7")
    assert isinstance(found, Debtor)
    assert (found.payer.phone, found.payer.account_name) == ("+254712345678", "Jane Doe")
    assert (found.payer.method, found.payer.network) == ("mobile_money", "MPESA")
    assert read_collection_line("750 KES from 0712345678 Jane Doe for stall 7") == HouseLine(
        Money(Decimal(750), "KES"), found_party(), "stall 7"
    )
    assert collected("750 KES from till 123456 Mama Mboga for lunch") == WrongWord(Why.NO_PHONE, "till")


def found_party() -> object:
    line = read_collection_line("1 KES from 0712345678 Jane Doe for x")
    assert isinstance(line, HouseLine)
    return line.party


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("500 KES to 0712345678 for rent", WrongWord(Why.NAME)),  # no name
        ("500 KES to till 123456 for lunch", WrongWord(Why.NAME)),
        ("500 XYZ to 0712345678 Jane Doe for rent", WrongWord(Why.CURRENCY, "XYZ")),
        ("500 KES urgent to 0712345678 Jane Doe for rent", WrongWord(Why.EXTRA, "urgent")),
        ("500 KES to Jane Doe for rent", WrongWord(Why.NUMBER)),
        ("500 KES to 0712345678 Jane Doe", WrongWord(Why.NOTE)),  # no reason
        ("500 to 0712345678 Jane Doe for rent", WrongWord(Why.NO_CURRENCY, "500")),  # no currency
        ("500 shillings to 0712345678 Jane Doe for rent", HouseFault.AMOUNT),  # of which country?
        ("KES to 0712345678 Jane Doe for rent", WrongWord(Why.NO_AMOUNT)),
        ("5 USDC to 0712345678 Jane Doe for rent", WrongWord(Why.CRYPTO, "USDC")),
        ("500 KES from 0712345678 Jane Doe for rent", WrongWord(Why.TOWARDS, "to")),
        ("500 KES 600 KES to 0712345678 Jane Doe for rent", WrongWord(Why.AMOUNTS)),
        ("500 KES to my phone for rent", WrongWord(Why.OWN)),
        ("500 KES to bank account 12345 Jane Doe for rent", WrongWord(Why.BANK)),
        ("1.500 KES to 0712345678 Jane Doe for rent", HouseFault.AMOUNT_AMBIGUOUS),
        ("1500.50 KES to 0712345678 Jane Doe for rent", HouseFault.AMOUNT_WHOLE),
        ("1500.505 GHS to 0241234567 Abena M for rent", HouseFault.AMOUNT_DECIMALS),
        ("0 KES to 0712345678 Jane Doe for rent", HouseFault.AMOUNT_SIGN),
        ("-500 KES to 0712345678 Jane Doe for rent", HouseFault.AMOUNT_SIGN),
        ("500 KES to 0202345678 Jane Doe for rent", HouseFault.PHONE),  # a number of an office
        ("500 KES to +256772123456 Okello James for rent", HouseFault.NOT_SERVED),
        ("9000 XOF to 0712345678 Awa Ba for rent", HouseFault.COUNTRY),
        ("500 NGN to +2348031234567 Chidi Obi for rent", HouseFault.NOT_SERVED),
        ("500 UGX to till 123456 Mama Mboga for lunch", HouseFault.NOT_SERVED),
        ("500 KES to paybill 888880 Kenya Power for power", HouseFault.NUMBER),
        ("", WrongWord(Why.NO_AMOUNT)),
        ("500 KES to 0712345678 Jane\nDoe for rent", WrongWord(Why.LONG_LINE)),
    ],
)
def test_what_is_not_said_for_certain_is_asked_again(text: str, fault: HouseFault | WrongWord) -> None:
    assert paid(text) == fault


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_that_is_shown_can_be_sent(language: str) -> None:
    shown = re.findall(r"<code>/payout ([^<]*)</code>", catalogue(language)("ops.usage_payout"))
    assert [line.party.way for text in shown if isinstance(line := read_payout_line(text), HouseLine)] == [
        Way.PHONE,
        Way.TILL,
        Way.PAYBILL,
    ]


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ("John K Otieno", "rent"),
        ("Mary A Auma", "rent"),
        ("Otieno KES", "rent"),
        ("Ana De Souza", "rent"),
        ("To To Kim", "rent"),
        ("Peter For Real", "a b"),
    ],
)
def test_a_name_is_taken_as_it_is_written(written: str, note: str) -> None:
    line = read_payout_line(f"500 KES to 0712 345 678 {written} for {note}")
    assert isinstance(line, HouseLine)
    assert (line.party.name, line.party.phone, line.note) == (written, "0712 345 678", note)
    assert line.amount == Money(Decimal(500), "KES")
