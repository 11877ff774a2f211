"""What can be asked for and what fits it, and lines that ask."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.money import decimals_of
from bot.payments.parties import Destination, Way
from bot.payments.request_lines import RequestLineProblem, begins_request, read_request_line
from bot.payments.requests import (
    LIFE,
    LinkState,
    Pricing,
    RequestFault,
    RequestState,
    RequestView,
    Terms,
    amount_fault,
    new_request_code,
    share_of,
    terms_fault,
    uses_left,
    why_not,
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FIXED = Terms("KES", Pricing.FIXED, amount=Decimal(500))
RANGE = Terms("KES", Pricing.RANGE, minimum=Decimal(500), maximum=Decimal(2000))
amounts = st.decimals(min_value="0.01", max_value=10**12, places=2)


def view(**changes: Any) -> RequestView:
    place = Destination(Way.PHONE, "KE", "KES", "Jane", phone="+254712345678", network="MPESA", own=True)
    base = RequestView(
        id="r",
        code="c",
        customer_id="m",
        chat_id=1,
        state=RequestState.OPEN,
        terms=FIXED,
        maker="Jane D.",
        destination=place,
        uses_reserved=0,
        uses_paid=0,
        expires_at=NOW + timedelta(days=1),
        link_url=None,
        link_state=LinkState.NONE,
        language="en",
        revision=1,
        created_at=NOW,
    )
    return replace(base, **changes)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        ({"state": RequestState.CLOSED}, RequestFault.CLOSED),
        ({"state": RequestState.EXPIRED}, RequestFault.EXPIRED),
        ({"state": RequestState.USED_UP}, RequestFault.USED_UP),
        ({"expires_at": NOW}, RequestFault.EXPIRED),
        ({"expires_at": None}, None),
        ({"uses_reserved": 1}, RequestFault.ALL_TAKEN),
        ({"uses_paid": 1}, RequestFault.USED_UP),
        ({"terms": replace(FIXED, most_uses=None), "uses_paid": 10**6}, None),
        ({"terms": replace(FIXED, most_uses=3), "uses_paid": 1, "uses_reserved": 1}, None),
        ({"terms": replace(FIXED, most_uses=3), "uses_paid": 1, "uses_reserved": 2}, RequestFault.ALL_TAKEN),
    ],
)
def test_why_a_request_cannot_be_paid(changes: dict[str, Any], fault: RequestFault | None) -> None:
    assert why_not(view(**changes), NOW) is fault


@pytest.mark.parametrize(
    ("terms", "amount", "fault"),
    [
        (FIXED, "500", None),
        (FIXED, "501", RequestFault.OTHER_AMOUNT),
        (RANGE, "500", None),
        (RANGE, "2000", None),
        (RANGE, "499", RequestFault.TOO_SMALL),
        (RANGE, "2001", RequestFault.TOO_LARGE),
        (RANGE, "500.5", RequestFault.DECIMALS),
        (Terms("KES", Pricing.OPEN), "1", None),
        (Terms("KES", Pricing.OPEN), "0", RequestFault.TOO_SMALL),
        (Terms("KES", Pricing.OPEN), "NaN", RequestFault.TOO_SMALL),
        (Terms("GHS", Pricing.PACKAGES, packages=(("A", Decimal("5.50")),)), "5.5", None),
        (Terms("GHS", Pricing.PACKAGES, packages=(("A", Decimal("5.50")),)), "5", RequestFault.OTHER_AMOUNT),
    ],
)
def test_which_amounts_are_asked_for(terms: Terms, amount: str, fault: RequestFault | None) -> None:
    assert amount_fault(terms, Decimal(amount)) is fault


@given(amounts, amounts, amounts, st.sampled_from(["KES", "GHS", "ZMW", "UGX"]))
def test_an_amount_that_fits_a_range_lies_in_it_and_can_be_paid(
    low: Decimal, high: Decimal, amount: Decimal, currency: str
) -> None:
    terms = Terms(currency, Pricing.RANGE, minimum=low, maximum=high)
    if terms_fault(terms) is None and amount_fault(terms, amount) is None:
        assert low <= amount <= high
        assert amount == amount.quantize(Decimal(1).scaleb(-decimals_of(currency)))


@given(st.integers(1, 10_000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_uses_that_are_left_never_exceed_what_was_allowed(most: int, reserved: int, paid: int) -> None:
    left = uses_left(most, reserved, paid)
    assert left is not None
    assert 0 <= left <= most
    assert left == 0 or left + reserved + paid == most


@given(st.integers(1, 10**9), st.integers(1, 500), st.sampled_from(["KES", "GHS"]))
def test_shares_cover_the_sum_and_not_a_unit_more_each(total: int, people: int, currency: str) -> None:
    share = share_of(Decimal(total), people, currency)
    step = Decimal(1).scaleb(-decimals_of(currency))
    assert share * people >= total
    assert (share - step) * people < total


def test_codes_are_unguessable_and_fit_into_a_deep_link() -> None:
    codes = {new_request_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(f"r_{code}") <= 64 and code.replace("-", "").replace("_", "").isalnum() for code in codes)


@pytest.mark.parametrize(
    ("line", "amount", "uses", "title"),
    [
        ("request 1500 kes for lunch", "1500", 1, "lunch"),
        ("500 kes lunch", "500", 1, "lunch"),
        ("KES 1,500 rent unlimited", "1500", None, "rent"),
        ("request 2 tickets 500 bob", "500", 1, "2 tickets"),
        ("500 for 10 people in 3 days dinner at Java's", "500", 10, "dinner at Java's"),
        ("omba 500 kwa chakula x3", "500", 3, "chakula"),
        ("demander 500 pour repas", "500", 1, "repas"),
        ("/request@assistant_bot ksh500 lunch", "500", 1, "lunch"),
        ("/split 3000 4 taxi", "750", 4, "taxi"),
        ("split 1000 by 3", "334", 3, ""),
    ],
)
def test_lines_that_ask_for_money(line: str, amount: str, uses: int | None, title: str) -> None:
    terms = read_request_line(line, currency="KES")
    assert isinstance(terms, Terms)
    assert (terms.pricing, terms.amount, terms.most_uses, terms.title) == (Pricing.FIXED, Decimal(amount), uses, title)
    assert terms.life == (timedelta(days=3) if "3 days" in line else LIFE)


def test_a_range_and_any_amount() -> None:
    between = read_request_line("500-2000 for church x10", currency="KES")
    assert isinstance(between, Terms)
    assert (between.minimum, between.maximum, between.most_uses) == (Decimal(500), Decimal(2000), 10)
    free = read_request_line("request any amount for church", currency="KES")
    assert isinstance(free, Terms)
    assert (free.pricing, free.title) == (Pricing.OPEN, "church")


@pytest.mark.parametrize(
    ("line", "packages", "uses", "title"),
    [
        ("adult 1000, child 400", [("adult", 1000), ("child", 400)], 1, ""),
        ("request adult kes 1000; child kes 400 for concert x20", [("adult", 1000), ("child", 400)], 20, "concert"),
        ("adult 1000 kes\nchild 400 kes in 3 days", [("adult", 1000), ("child", 400)], 1, ""),
    ],
)
def test_several_prices(line: str, packages: list[tuple[str, int]], uses: int, title: str) -> None:
    terms = read_request_line(line, currency="KES")
    assert isinstance(terms, Terms)
    assert terms.pricing is Pricing.PACKAGES
    assert [(name, int(amount)) for name, amount in terms.packages] == packages
    assert (terms.most_uses, terms.title) == (uses, title)


@pytest.mark.parametrize("line", ["500 kes, lunch", "request 1500 for lunch, dinner", "rent 500, food for 2"])
def test_a_comma_alone_makes_no_prices(line: str) -> None:
    found = read_request_line(line, currency="KES")
    assert not isinstance(found, Terms) or found.pricing is Pricing.FIXED


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("lunch", "request.line.no_amount"),
        ("", "request.line.no_amount"),
        ("request 2 tickets 500", "request.line.two_amounts"),
        ("10 usdc", "request.line.not_fiat"),
        ("500 ugx lunch", "request.line.not_fiat"),
        ("-5 lunch", "amount.negative"),
        ("1,5 rent", "amount.whole_only"),
        ("split 3000", "request.line.no_people"),
        ("2000-500 church", "request.range_reversed"),
        ("500 lunch x99999", "request.too_many_uses"),
        ("5\u202e00 lunch", "request.line.no_amount"),
    ],
)
def test_lines_that_cannot_be_read_say_why(line: str, key: str) -> None:
    found = read_request_line(line, currency="KES")
    assert isinstance(found, RequestLineProblem)
    assert found.text_key == key


@given(st.text(max_size=60))
def test_reading_a_line_never_fails_and_never_invents(text: str) -> None:
    begins_request(text)
    found = read_request_line(text, currency="KES")
    if isinstance(found, Terms):
        assert terms_fault(found) is None
