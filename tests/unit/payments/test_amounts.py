"""Amounts are read with one meaning or asked again; no text makes a float, a guess or an error."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.payments.amounts import AmountFault, AmountProblem, ParsedAmount, read_amount, read_money
from bot.payments.money import to_plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1500", "1500"),
        ("1,500", "1500"),
        ("1 500", "1500"),
        ("1\u00a0500", "1500"),
        ("1\u2009500", "1500"),
        ("1\u202f500", "1500"),
        ("1'500", "1500"),
        ("1\u2019500", "1500"),
        ("1,000,000", "1000000"),
        ("1.000.000", "1000000"),
        ("1,000.00", "1000"),
        ("1.000,00", "1000"),
        ("1500.00", "1500"),
        ("1.5k", "1500"),
        ("1,5k", "1500"),
        ("2 K", "2000"),
        ("2m", "2000000"),
        ("\u0661\u0665\u0660\u0660", "1500"),
        ("\u0661\u066c\u0665\u0660\u0660", "1500"),
        ("\uff15\uff10\uff10", "500"),
        ("\u200f500 \u200e", "500"),
        ("  500\t", "500"),
    ],
)
def test_whole_units_are_read(text: str, value: str) -> None:
    assert read_amount(text, decimals=0) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20", "20"),
        ("20.5", "20.5"),
        ("20,5", "20.5"),
        ("0.500", "0.5"),
        ("0,500", "0.5"),
        (".5", "0.5"),
        ("1,000.50", "1000.5"),
        ("1.000,50", "1000.5"),
        ("1 000,50", "1000.5"),
        ("1500.500", "1500.5"),
        ("12345678.123456", "12345678.123456"),
        ("\u0662\u0660\u066b\u0665", "20.5"),
    ],
)
def test_decimals_are_read_where_the_mark_is_certain(text: str, value: str) -> None:
    assert read_amount(text, decimals=6) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "decimals", "readings"),
    [
        ("1,500", 6, ("1500", "1.5")),
        ("1.500", 6, ("1500", "1.5")),
        ("1.500", 0, ("1500",)),
        ("5.000", 0, ("5000", "5")),
        ("1,555", 2, ("1555",)),
        ("1,500k", 0, ("1500000", "1500")),
        ("1 000,500", 6, ("1000500", "1000.5")),
    ],
)
def test_a_number_with_two_meanings_is_asked_again_with_its_readings(
    text: str, decimals: int, readings: tuple[str, ...]
) -> None:
    problem = read_amount(text, decimals=decimals)
    assert isinstance(problem, AmountProblem)
    assert problem.fault is AmountFault.AMBIGUOUS
    assert problem.text_key == "amount.ambiguous"
    assert problem.readings == tuple(Decimal(reading) for reading in readings)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", AmountFault.NOT_A_NUMBER),
        ("abc", AmountFault.NOT_A_NUMBER),
        ("k", AmountFault.NOT_A_NUMBER),
        ("NaN", AmountFault.NOT_A_NUMBER),
        ("Infinity", AmountFault.NOT_A_NUMBER),
        ("∞", AmountFault.NOT_A_NUMBER),
        ("1e9", AmountFault.NOT_A_NUMBER),
        ("0x10", AmountFault.NOT_A_NUMBER),
        ("5²", AmountFault.NOT_A_NUMBER),
        ("½", AmountFault.NOT_A_NUMBER),
        ("①", AmountFault.NOT_A_NUMBER),
        ("5.", AmountFault.NOT_A_NUMBER),
        ("1,2,3", AmountFault.NOT_A_NUMBER),
        ("1,00,000", AmountFault.NOT_A_NUMBER),
        ("12 34", AmountFault.NOT_A_NUMBER),
        ("1_000", AmountFault.NOT_A_NUMBER),
        ("0712345678", AmountFault.NOT_A_NUMBER),
        ("\u202e0051", AmountFault.NOT_A_NUMBER),
        ("5\x00", AmountFault.NOT_A_NUMBER),
        ("x" * 400, AmountFault.NOT_A_NUMBER),
        ("-5", AmountFault.NEGATIVE),
        ("\u22125", AmountFault.NEGATIVE),
        ("0", AmountFault.ZERO),
        ("0.00", AmountFault.ZERO),
        ("1.5", AmountFault.TOO_MANY_DECIMALS),
        ("1.0001k", AmountFault.TOO_MANY_DECIMALS),
        ("9" * 400, AmountFault.TOO_LONG),
        ("9" * 16, AmountFault.TOO_LONG),
        ("999999999999m", AmountFault.TOO_LONG),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(text: str, fault: AmountFault) -> None:
    problem = read_amount(text, decimals=0)
    assert isinstance(problem, AmountProblem)
    assert problem.fault is fault


def test_too_many_decimals_says_how_many_are_allowed() -> None:
    assert read_amount("1.234", decimals=0) == AmountProblem(
        AmountFault.AMBIGUOUS, readings=(Decimal(1234),), meanings=(Decimal(1234), Decimal("1.234"))
    )
    assert read_amount("1.2345", decimals=2) == AmountProblem(AmountFault.TOO_MANY_DECIMALS, decimals=2)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("500", "500", None),
        ("KES 500", "500", "KES"),
        ("kes500", "500", "KES"),
        ("500 bob", "500", "KES"),
        ("500/=", "500", "KES"),
        ("500 /=", "500", "KES"),
        ("ksh 1500", "1500", "KES"),
        ("Ksh.500", "500", "KES"),
        ("Ksh. 1,500/=", "1500", "KES"),
        ("500 shillings", "500", "KES"),
        ("1.5k ksh", "1500", "KES"),
        ("500 kes bob", "500", "KES"),
        ("500 KES.", "500", "KES"),
        ("500 bob!", "500", "KES"),
        ("500?", "500", None),
        ("500 bob only please", "500", "KES"),
        ("dola 20", "20", "USD"),
        ("Kes500/-", "500", "KES"),
        ("$20", "20", "USD"),
        ("$ 20.50", "20.5", "USD"),
        ("20 USDC", "20", "USDC"),
        ("20usdt", "20", "USDT"),
        ("20 tether", "20", "USDT"),
        ("2.5 usdt", "2.5", "USDT"),
        ("GH₵10.50", "10.5", "GHS"),
        ("R500", "500", "ZAR"),
        ("\uff12\uff10 USDC", "20", "USDC"),
    ],
)
def test_currencies_beside_the_number_are_seen(text: str, amount: str, currency: str | None) -> None:
    assert read_money(text, default_currency="KES") == ParsedAmount(Decimal(amount), currency)


@pytest.mark.parametrize("text", ["500 kess", "500 mtn", "500 usdcx", "500 us", "500 ke", "usd1 20 x"])
def test_a_currency_is_never_found_by_the_beginning_of_a_word(text: str) -> None:
    problem = read_money(text, default_currency="KES")
    assert isinstance(problem, AmountProblem)
    assert problem.fault in {AmountFault.UNKNOWN_CURRENCY, AmountFault.NOT_A_NUMBER}


def test_a_word_of_several_countries_is_the_customers_own_or_asked_again() -> None:
    assert read_money("500 shillings", default_currency="UGX") == ParsedAmount(Decimal(500), "UGX")
    assert read_money("500 francs", default_currency="RWF") == ParsedAmount(Decimal(500), "RWF")
    assert read_money("500 cfa", default_currency="KES") == AmountProblem(
        AmountFault.UNCLEAR_CURRENCY, word="cfa", currencies=("XOF", "XAF")
    )


def test_two_currencies_contradict_each_other() -> None:
    assert read_money("kes 500 usd", default_currency="KES") == AmountProblem(
        AmountFault.UNCLEAR_CURRENCY, currencies=("KES", "USD")
    )


def test_the_written_currency_decides_how_many_decimals_are_allowed() -> None:
    assert read_money("10.50 ghs", default_currency="KES") == ParsedAmount(Decimal("10.50"), "GHS")
    assert read_money("10.50", default_currency="KES") == AmountProblem(AmountFault.TOO_MANY_DECIMALS, decimals=0)
    assert read_money("1,500 usdc", default_currency="KES") == AmountProblem(
        AmountFault.AMBIGUOUS,
        readings=(Decimal(1500), Decimal("1.5")),
        currency="USDC",
        meanings=(Decimal(1500), Decimal("1.5")),
    )


def test_k_is_asked_about_where_it_is_also_the_sign_of_the_currency() -> None:
    assert read_money("500k", default_currency="ZMW") == AmountProblem(
        AmountFault.AMBIGUOUS, readings=(Decimal(500000), Decimal(500)), meanings=(Decimal(500000), Decimal(500))
    )
    assert read_money("K500", default_currency="ZMW") == ParsedAmount(Decimal(500), "ZMW")
    assert read_money("500k usdc", default_currency="ZMW") == ParsedAmount(Decimal(500000), "USDC")


def test_a_currency_without_known_decimals_is_refused() -> None:
    problem = read_money("500", default_currency="EUR")
    assert problem == AmountProblem(AmountFault.UNKNOWN_CURRENCY, word="EUR")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-500 kes", AmountFault.NEGATIVE),
        ("kes -500", AmountFault.NEGATIVE),
        ("1e9 kes", AmountFault.NOT_A_NUMBER),
        ("0 kes", AmountFault.ZERO),
        ("kes", AmountFault.NOT_A_NUMBER),
        ("500 <b>", AmountFault.NOT_A_NUMBER),
        ("9" * 400 + " kes", AmountFault.TOO_LONG),
        ("\u202e005 kes", AmountFault.NOT_A_NUMBER),
    ],
)
def test_bad_money_is_refused_with_the_reason(text: str, fault: AmountFault) -> None:
    problem = read_money(text, default_currency="KES")
    assert isinstance(problem, AmountProblem)
    assert problem.fault is fault


def _usable(value: object, decimals: int) -> None:
    assert isinstance(value, Decimal)
    assert value.is_finite()
    assert value > 0
    assert -int(Decimal(to_plain(value)).as_tuple().exponent) <= decimals


TYPED = st.one_of(st.text(max_size=80), st.text(alphabet="0123456789.,'kKmM -$\u00a0\u200f\u0660\u0665", max_size=30))


@given(TYPED, st.sampled_from([0, 2, 6, 8]))
@example("1,500", 6)
@example("." * 60, 2)
def test_any_text_gives_a_usable_amount_or_a_problem(text: str, decimals: int) -> None:
    answer = read_amount(text, decimals=decimals)
    if isinstance(answer, AmountProblem):
        for reading in answer.readings:
            _usable(reading, decimals)
    else:
        _usable(answer, decimals)


@given(
    st.one_of(TYPED, st.builds("{} {} {}".format, st.sampled_from(["", "kes", "$", "usd"]), TYPED, st.text(max_size=5)))
)
def test_any_text_gives_usable_money_or_a_problem(text: str) -> None:
    answer = read_money(text, default_currency="GHS")
    if isinstance(answer, ParsedAmount):
        _usable(answer.amount, 8)
    else:
        for reading in answer.readings:
            _usable(reading, 8)


@given(st.integers(1, 10**12), st.sampled_from([",", " ", "'", "\u00a0", "\u202f", ""]))
def test_grouped_whole_numbers_come_back(number: int, separator: str) -> None:
    assert read_amount(f"{number:,}".replace(",", separator), decimals=0) == number


@given(st.decimals(min_value=Decimal("0.01"), max_value=10**9, places=2), st.booleans())
def test_formatted_money_comes_back_in_both_styles(value: Decimal, continental: bool) -> None:
    written = f"{value:,.2f}"
    if continental:
        written = written.translate(str.maketrans(",.", ".,"))
    assert read_amount(written, decimals=2) == value


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(",."))
def test_one_mark_and_three_digits_are_never_guessed_where_decimals_exist(whole: int, rest: int, mark: str) -> None:
    answer = read_amount(f"{whole}{mark}{rest:03}", decimals=6)
    assert isinstance(answer, AmountProblem)
    assert set(answer.readings) == {Decimal(whole * 1000 + rest), Decimal(whole) + Decimal(rest).scaleb(-3)}
