"""One-line purchases: what a line says fills the form, what it leaves open stays open."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.amounts import AmountFault
from bot.payments.lines import BuyLine, LineFault, LineProblem, UnclearWord, read_line

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("buy", {}),
        ("/buy", {}),
        ("/buy@some_bot 20 usdc", {"amount": Decimal(20), "currency": "USDC", "token": "USDC"}),
        ("buy cusd", {"token": "CUSD"}),
        ("Buy 20 USDC on Base", {"amount": Decimal(20), "currency": "USDC", "token": "USDC", "chain": "BASE"}),
        (
            "buy 20usdc on the base network",
            {"amount": Decimal(20), "currency": "USDC", "token": "USDC", "chain": "BASE"},
        ),
        ("buy usdt 20", {"amount": Decimal(20), "currency": "USDT", "token": "USDT"}),
        ("buy 20.5 usdc.", {"amount": Decimal("20.5"), "currency": "USDC", "token": "USDC"}),
        ("i want to buy 20 usdc please", {"amount": Decimal(20), "currency": "USDC", "token": "USDC"}),
        ("buy usdc for 1500 kes", {"amount": Decimal(1500), "currency": "KES", "fiat": "KES", "token": "USDC"}),
        ("buy 1500 kes of usdc", {"amount": Decimal(1500), "currency": "KES", "fiat": "KES", "token": "USDC"}),
        ("buy kes 1500 usdc", {"amount": Decimal(1500), "currency": "KES", "fiat": "KES", "token": "USDC"}),
        ("buy usdc 1500 kes", {"amount": Decimal(1500), "currency": "KES", "fiat": "KES", "token": "USDC"}),
        ("buy 1 500 kes of usdc", {"amount": Decimal(1500), "currency": "KES", "fiat": "KES", "token": "USDC"}),
        ("buy 1.5 k kes usdc", {"amount": Decimal(1500), "currency": "KES", "fiat": "KES", "token": "USDC"}),
        ("buy ksh1500 usdc", {"amount": Decimal(1500), "currency": "KES", "fiat": "KES", "token": "USDC"}),
        ("buy 1500 shillings of usdc", {"amount": Decimal(1500), "currency": "KES", "fiat": "KES", "token": "USDC"}),
        (
            "buy 1,500 bob usdt on tron",
            {"amount": Decimal(1500), "currency": "KES", "fiat": "KES", "token": "USDT", "chain": "TRON"},
        ),
        (
            "buy 500/= usdt trc20",
            {"amount": Decimal(500), "currency": "KES", "fiat": "KES", "token": "USDT", "chain": "TRON"},
        ),
        ("buy $20 of usdc", {"amount": Decimal(20), "currency": "USD", "fiat": "USD", "token": "USDC"}),
        (
            "buy $20 of usdt on tron",
            {"amount": Decimal(20), "currency": "USD", "fiat": "USD", "token": "USDT", "chain": "TRON"},
        ),
        ("buy 2000/- usdt", {"amount": Decimal(2000), "currency": "KES", "fiat": "KES", "token": "USDT"}),
        ("buy 20 usdc 😊 - thanks", {"amount": Decimal(20), "currency": "USDC", "token": "USDC"}),
        ("buy 20 usdc @ base", {"amount": Decimal(20), "currency": "USDC", "token": "USDC", "chain": "BASE"}),
        ("buy usdc with m-pesa 2000", {"amount": Decimal(2000), "token": "USDC"}),
        ("i need to buy 20 usdc", {"amount": Decimal(20), "currency": "USDC", "token": "USDC"}),
        ("nunua 500 usdt", {"amount": Decimal(500), "currency": "USDT", "token": "USDT"}),
        (
            "nataka kununua usdt kwa ksh 1500",
            {"amount": Decimal(1500), "currency": "KES", "fiat": "KES", "token": "USDT"},
        ),
        ("nunua usdt ya dola 20", {"amount": Decimal(20), "currency": "USD", "fiat": "USD", "token": "USDT"}),
        (
            "je voudrais acheter 20 usdt sur tron svp",
            {"amount": Decimal(20), "currency": "USDT", "token": "USDT", "chain": "TRON"},
        ),
        ("buy 1500", {"amount": Decimal(1500)}),
        ("buy usdc with kes", {"token": "USDC", "fiat": "KES"}),
        ("buy usdc on eth", {"token": "USDC", "chain": "ETHEREUM"}),
        ("buy usdc on matic", {"token": "USDC", "chain": "POLYGON"}),
        (
            f"buy 20 usdc on polygon to {ADDRESS}",
            {"amount": Decimal(20), "currency": "USDC", "token": "USDC", "chain": "POLYGON", "address": ADDRESS},
        ),
    ],
)
def test_a_line_fills_the_slots_that_it_names(text: str, said: dict[str, Any]) -> None:
    assert read_line(text, default_currency="KES") == BuyLine(**said)


@pytest.mark.parametrize(
    "written",
    [
        *("usdt trc20", "usdt-trc20", "usdt/trc20", "usdt_TRC20", "usdt(trc20)", "USDT - TRC20", "USDT, TRC-20"),
        *("usdt trc 20", "usdt tron", "usdt on tron", "tron usdt", "USDT|tron"),
    ],
)
def test_a_token_and_its_chain_are_seen_however_they_are_joined(written: str) -> None:
    assert read_line(f"buy {written}") == BuyLine(token="USDT", chain="TRON")
    expected = BuyLine(token="USDT", chain="TRON", amount=Decimal(50), currency="USDT")
    if written != "tron usdt":
        assert read_line(f"buy 50 {written}") == read_line(f"buy 50{written}") == expected


@pytest.mark.parametrize("word", ["bep20", "x20", "0712345678", "+254712345678"])
def test_a_word_with_digits_is_no_second_amount(word: str) -> None:
    expected = BuyLine(token="USDT", amount=Decimal(20), currency="USDT", unclear=(UnclearWord(word),))
    assert read_line(f"buy 20 usdt {word}") == expected


@pytest.mark.parametrize("coin", ["bitcoin", "ethereum", "solana", "Tron", "stellar", "polygon"])
def test_a_coin_is_not_taken_for_the_chain_of_the_same_name(coin: str) -> None:
    assert read_line(f"buy {coin}") == BuyLine(unclear=(UnclearWord(coin),))
    assert read_line(f"buy 0.1 {coin}", default_currency="KES") == BuyLine(unclear=(UnclearWord(coin),))
    with_money = read_line(f"buy 2000 kes of {coin}")
    assert isinstance(with_money, BuyLine)
    assert (with_money.chain, with_money.token) == (None, None)
    on_chain = read_line(f"buy on {coin}")
    assert isinstance(on_chain, BuyLine)
    assert on_chain.chain == coin.upper()


@pytest.mark.parametrize("text", ["", "hello", "20 usdc", "kes 500", "don't buy 20 usdc", "buy\nbuy", "x" * 400])
def test_other_lines_are_not_about_buying(text: str) -> None:
    assert read_line(text, default_currency="KES") is None


@pytest.mark.parametrize("verb", ["bui", "by", "bu", "byu", "buyy", "Buu"])
def test_a_slip_in_the_verb_is_forgiven_when_the_rest_speaks_for_it(verb: str) -> None:
    assert read_line(f"{verb} 20 usdc") == BuyLine(token="USDC", amount=Decimal(20), currency="USDC", corrected=True)


@pytest.mark.parametrize("text", ["bye", "by", "but why", "guy 20", "by usdc", "boy 20 apples", "by 20 usdc from john"])
def test_a_slip_in_the_verb_is_not_forgiven_without_evidence(text: str) -> None:
    assert read_line(text) is None


def test_words_close_to_a_token_or_chain_are_offered_and_not_chosen() -> None:
    line = read_line("buy 20 usdx on polygn")
    assert isinstance(line, BuyLine)
    assert (line.token, line.chain, line.currency) == (None, None, None)
    assert [word.word for word in line.unclear] == ["usdx", "polygn"]
    assert set(line.unclear[0].suggestions) == {"USDC", "USDT"}
    assert line.unclear[1].suggestions == ("POLYGON",)


@pytest.mark.parametrize(("text", "coin"), [("buy 0.1 eth", "eth"), ("buy 20 matic", "matic"), ("buy 1 btc", "btc")])
def test_an_amount_of_a_coin_that_is_not_sold_does_not_become_an_amount_of_something_else(text: str, coin: str) -> None:
    assert read_line(text, default_currency="KES") == BuyLine(unclear=(UnclearWord(coin),))


def test_unknown_words_are_named() -> None:
    assert read_line("buy me a drink") == BuyLine(unclear=(UnclearWord("drink"),))


def test_an_ambiguous_amount_is_asked_and_the_rest_is_kept() -> None:
    problem = read_line("buy 1,500 usdc on base", default_currency="KES")
    assert isinstance(problem, LineProblem)
    assert problem.fault is LineFault.AMOUNT
    assert problem.amount is not None
    assert problem.amount.readings == (Decimal(1500), Decimal("1.5"))
    assert problem.text_key == "amount.ambiguous"
    assert problem.line == BuyLine(token="USDC", chain="BASE", currency="USDC")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("buy -5 usdc", AmountFault.NEGATIVE),
        ("buy 0 usdc", AmountFault.ZERO),
        ("buy 1e9 usdc", AmountFault.NOT_A_NUMBER),
        ("buy 1.5 kes usdc", AmountFault.TOO_MANY_DECIMALS),
        ("buy 5 francs of usdc", AmountFault.UNCLEAR_CURRENCY),
        ("buy " + "9" * 250, AmountFault.TOO_LONG),
        ("buy 1,500", AmountFault.AMBIGUOUS),
    ],
)
def test_a_bad_amount_in_a_line_is_a_problem_of_the_amount(text: str, fault: AmountFault) -> None:
    problem = read_line(text, default_currency="KES")
    assert isinstance(problem, LineProblem)
    assert problem.amount is not None
    assert problem.amount.fault is fault
    assert problem.line.amount is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("buy 20 usdc for 2600 kes", LineFault.TWO_AMOUNTS),
        ("buy 20 30 usdc", LineFault.TWO_AMOUNTS),
        ("buy 20 usdc or usdt", LineFault.TWO_TOKENS),
        ("buy 20 usdc on base and polygon", LineFault.TWO_CHAINS),
    ],
)
def test_a_line_that_contradicts_itself_is_asked_again(text: str, fault: LineFault) -> None:
    problem = read_line(text, default_currency="KES")
    assert isinstance(problem, LineProblem)
    assert problem.fault is fault
    assert problem.text_key == f"line.{fault}"
    if fault is not LineFault.TWO_CHAINS:
        assert problem.line.amount is None


def test_k_beside_a_bare_number_is_asked_about_in_zambia() -> None:
    problem = read_line("buy 500k", default_currency="ZMW")
    assert isinstance(problem, LineProblem)
    assert problem.amount is not None
    assert problem.amount.readings == (Decimal(500000), Decimal(500))


def test_an_address_is_not_printed_with_the_line() -> None:
    assert ADDRESS not in repr(read_line(f"buy 20 usdc to {ADDRESS}"))


WORDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["20", "1,500", "usdc", "usdt", "kes", "$", "on", "base", "eth", "k", "/=", "for", "-", ADDRESS]),
)


@given(st.lists(WORDS, max_size=10), st.sampled_from([None, "KES", "ZMW", "GHS"]))
def test_no_line_raises_or_gives_an_amount_that_is_not_above_zero(words: list[str], currency: str | None) -> None:
    answer = read_line("buy " + " ".join(words), default_currency=currency)
    line = answer.line if isinstance(answer, LineProblem) else answer
    if line is not None and line.amount is not None:
        assert isinstance(line.amount, Decimal)
        assert line.amount > 0
