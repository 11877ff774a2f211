"""One-line sales and sends: what is moved, who gets it, and what is no line at all."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.lines import BuyLine, LineProblem, Party, SellLine, SendLine, UnclearWord, read_line
from bot.payments.parties import Way

KES = {"currency": "KES", "fiat": "KES"}
TEN = {"amount": Decimal(10), "currency": "USDT", "token": "USDT"}
HALF = {"amount": Decimal(500), **KES}
JOHN = Party(Way.PHONE, phone="0712 345 678")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sell 10 usdt", SellLine(**TEN)),
        ("uza 10 usdt", SellLine(**TEN)),
        ("je veux vendre 10 usdt", SellLine(**TEN)),
        ("sel 10 usdt", SellLine(**TEN, corrected=True)),
        ("/sell@some_bot 10 usdt", SellLine(**TEN)),
        ("sell 10 usdt on tron to 0712 345 678", SellLine(**TEN, chain="TRON", party=JOHN)),
        ("sell 10 usdt to my phone", SellLine(**TEN, party=Party(Way.PHONE, own=True))),
        ("sell 10 usdt to me", SellLine(**TEN, party=Party(Way.PHONE, own=True))),
        ("sell 10 usdt to my bank account", SellLine(**TEN, party=Party(Way.BANK))),
        ("sell 500 kes of usdt", SellLine(**HALF, token="USDT")),
        ("send 10 usdt to 0712 345 678", SellLine(**TEN, party=JOHN)),
        ("send 500 kes to 0712 345 678", SendLine(**HALF, party=JOHN)),
        ("sned 500 kes to 0712 345 678", SendLine(**HALF, party=JOHN, corrected=True)),
        ("send 0712 345 678 500 kes", SendLine(**HALF, party=JOHN)),
        ("send 500 kes to 0712 345 678 for lunch", SendLine(**HALF, party=JOHN, note="lunch")),
        ("tuma ksh 500 kwa 0712 345 678", SendLine(**HALF, party=JOHN)),
        ("send 500 kes to +254 712 345 678", SendLine(**HALF, party=Party(Way.PHONE, phone="+254 712 345 678"))),
        ("send 254712345678 500 kes", SendLine(**HALF, party=Party(Way.PHONE, phone="254712345678"))),
        (
            "send 500 kes to Jane Wanjiku 0712 345 678",
            SendLine(**HALF, party=Party(Way.PHONE, phone="0712 345 678", name="Jane Wanjiku")),
        ),
        ("envoyer 500 kes à Marie", SendLine(**HALF, party=Party(name="Marie"))),
        ("pay 500 kes to till 174379", SendLine(**HALF, party=Party(Way.TILL, number="174379"))),
        (
            "pay 500 kes to paybill 400200 account INV-1",
            SendLine(**HALF, party=Party(Way.PAYBILL, number="400200", account="INV-1")),
        ),
        ("send 500 to my sister", SendLine(amount=Decimal(500), unclear=(UnclearWord("sister"),))),
        ("send", SendLine()),
    ],
)
def test_a_line_says_what_is_moved_and_who_gets_it(text: str, said: Any) -> None:
    assert read_line(text, default_currency="KES") == said


@pytest.mark.parametrize(
    "text", ["I sent 500 kes to 0712345678", "sent 500 kes to jane", "spend 500 kes to live", "well 20 usdc", "hello"]
)
def test_what_only_sounds_like_a_verb_asks_for_nothing(text: str) -> None:
    assert read_line(text, default_currency="KES") is None


def test_a_number_is_kept_out_of_sight() -> None:
    assert "712" not in repr(
        read_line("send 500 kes to 0712 345 678 for lunch at 0712 345 678", default_currency="KES")
    )


_WORDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "500",
            "1,500",
            "kes",
            "usdt",
            "to",
            "kwa",
            "0712",
            "345",
            "678",
            "+254",
            "till",
            "paybill",
            "174379",
            "account",
        ]
    ),
    st.sampled_from(["my", "me", "phone", "bank", "for", "à", "jane", "on", "base", "-", "+", "0"]),
)


@given(st.sampled_from(["buy", "sell", "send"]), st.lists(_WORDS, max_size=10), st.sampled_from([None, "KES", "GHS"]))
def test_no_line_raises(verb: str, words: list[str], currency: str | None) -> None:
    found = read_line(f"{verb} {' '.join(words)}", default_currency=currency)
    line = found.line if isinstance(found, LineProblem) else found
    if line is None:
        return
    assert line.amount is None or line.amount > 0
    if isinstance(line, SellLine | SendLine) and line.party is not None and line.party.phone is not None:
        assert any(char.isdigit() for char in line.party.phone)
    assert isinstance(line, BuyLine) == (verb == "buy")
