"""Lines that send money, as people write them in three languages."""

from decimal import Decimal

import pytest

from bot.payments.amounts import AmountFault
from bot.payments.lines import LineProblem, SellLine, SendLine, read_line
from bot.payments.parties import Way


@pytest.mark.parametrize(
    ("text", "amount", "currency", "to"),
    [
        ("send 500 kes to 0712 345 678", 500, "KES", "0712 345 678"),
        ("send 500 to 0712345678", 500, None, "0712345678"),
        ("Send KES 500 to 0712-345-678 please", 500, "KES", "0712-345-678"),
        ("tuma 500 kwa 0712345678", 500, None, "0712345678"),
        ("send 0712345678 500", 500, None, "0712345678"),
        ("send 500 0712 345 678", 500, None, "0712 345 678"),
        ("send 5000 ugx to +256 772 123 456", 5000, "UGX", "+256 772 123 456"),
        ("envoyer 5000 à +225 07 08 09 10 11", 5000, None, "+225 07 08 09 10 11"),
        ("lipa 500 bob kwa 254712345678", 500, "KES", "254712345678"),
    ],
)
def test_an_amount_and_a_number(text: str, amount: int, currency: str | None, to: str) -> None:
    line = read_line(text, default_currency="KES")
    assert isinstance(line, SendLine)
    assert (line.amount, line.currency) == (Decimal(amount), currency)
    assert line.party is not None
    assert (line.party.way, line.party.phone) == (Way.PHONE, to)


@pytest.mark.parametrize(
    ("text", "name", "note"),
    [
        ("send 500 to Mary", "Mary", None),
        ("send to Mary Atieno 500 kes", "Mary Atieno", None),
        ("tuma 500 kwa Mama", "Mama", None),
        ("send 5000 kes to arrive to Mary", "Mary", None),
        ("send money to Mary", "Mary", None),
        ("send 500 to Mary for lunch", "Mary", "lunch"),
        ("envoyer 5000 à Awa pour le loyer", "Awa", "le loyer"),
    ],
)
def test_a_name_and_what_it_is_for(text: str, name: str, note: str | None) -> None:
    line = read_line(text, default_currency="KES")
    assert isinstance(line, SendLine)
    assert line.party is not None
    assert (line.party.name, line.note) == (name, note)


def test_a_till_and_a_paybill() -> None:
    till, paybill = read_line("pay 500 to till 174379"), read_line("pay 500 to paybill 400200 account 123")
    assert isinstance(till, SendLine)
    assert isinstance(paybill, SendLine)
    assert till.party is not None
    assert paybill.party is not None
    assert (till.party.way, till.party.number) == (Way.TILL, "174379")
    assert (paybill.party.way, paybill.party.number, paybill.party.account) == (Way.PAYBILL, "400200", "123")


def test_an_ambiguous_amount_is_not_guessed_and_the_rest_is_kept() -> None:
    line = read_line("send 1,500 ghs to Mary")
    assert isinstance(line, LineProblem)
    assert line.amount is not None
    assert line.amount.fault is AmountFault.AMBIGUOUS
    assert isinstance(line.line, SendLine)
    assert line.line.party is not None
    assert line.line.party.name == "Mary"


def test_crypto_that_is_sent_to_a_phone_is_sold() -> None:
    assert isinstance(read_line("send 20 usdc to 0712345678"), SellLine)


@pytest.mark.parametrize("text", ["I sent 500 kes to 0712345678", "sand 500", "hello", "500 kes"])
def test_what_asks_for_nothing_is_no_line(text: str) -> None:
    assert read_line(text) is None


def test_a_slip_in_the_verb_is_forgiven_where_the_rest_speaks_for_itself() -> None:
    line = read_line("sned 500 kes to 0712345678")
    assert isinstance(line, SendLine)
    assert line.corrected


@pytest.mark.parametrize(
    ("text", "country", "amount", "to", "name"),
    [
        ("send 500 kes to 712999888", "KE", 500, "712999888", None),
        ("send 500 kes to 712 999 888", "KE", 500, "712 999 888", None),
        ("send to 712999888 500 kes", "KE", 500, "712999888", None),
        ("send 500 kes to Mary 712999888", "KE", 500, "712999888", "Mary"),
        ("envoyer 5000 xof à 77 765 43 21", "SN", 5000, "77 765 43 21", None),
        ("envoyer 5000 xof à 771112233", "SN", 5000, "771112233", None),
        ("envoyer 5000 xof à 77 765 43 21", None, 5000, "77 765 43 21", None),  # the country is asked first
        ("send 500 kes to 112233445566", "KE", 500, "112233445566", None),  # of nowhere: said so, the amount kept
    ],
)
def test_a_number_as_it_is_dialled_at_home(
    text: str, country: str | None, amount: int, to: str, name: str | None
) -> None:
    line = read_line(text, country=country)
    assert isinstance(line, SendLine)
    assert line.amount == Decimal(amount)
    assert line.party is not None
    assert (line.party.way, line.party.phone, line.party.name) == (Way.PHONE, to, name)


@pytest.mark.parametrize("text", ["send to Mary 5000000 ugx", "send 500 kes to Mary", "send 1 000 000 ugx to Mary"])
def test_an_amount_is_no_number(text: str) -> None:
    line = read_line(text, default_currency="UGX", country="UG")
    assert isinstance(line, SendLine)
    assert line.party is not None
    assert line.party.phone is None
    assert line.amount is not None
