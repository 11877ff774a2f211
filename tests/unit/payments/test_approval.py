"""Whether a second operator is needed, and what balances prove of a transfer."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.approval import Approval
from bot.payments.money import Money
from bot.payments.transfers import WATCHED_FOR, Answer, Held, Verdict, judge
from bot.setting_rules import read_approval

ABSENT = timedelta(seconds=40)
AMOUNTS = st.decimals(min_value=1, max_value=10**6, places=2)


def money(text: str) -> Money:
    amount, currency = text.split()
    return Money(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("setting", "amounts", "second"),
    [
        ("KES=50000", ["50000 KES"], False),
        ("KES=50000", ["50000.01 KES"], True),
        ("KES=50000", ["30000 KES", "30000 KES"], True),  # of one currency they count together
        ("KES=50000,UGX=10", ["50000 KES", "11 UGX"], True),
        ("KES=50000", ["1 UGX"], True),  # a currency without a limit
        ("", ["1 KES"], True),
        ("never", ["999999999 KES"], False),
        ("KES=50000", [], False),  # nothing moves
    ],
)
def test_what_needs_a_second_operator(setting: str, amounts: list[str], second: bool) -> None:
    assert read_approval(setting).needs_second([money(one) for one in amounts]) is second


@pytest.mark.parametrize("setting", ["KES", "KES=", "KES=-1", "KES=1,KES=2", "kes=1", "XYZ=1", "KES=1e9", "NEVER"])
def test_a_limit_that_cannot_be_read_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="entry"):
        read_approval(setting)


def test_without_a_limit_everything_needs_a_second_one() -> None:
    assert Approval().needs_second([money("0.01 KES")])


@given(AMOUNTS, AMOUNTS, st.sampled_from(Answer), st.integers(0, 10_000))
def test_what_moved_as_ordered_is_done_whatever_was_answered(
    amount: Decimal, held: Decimal, answer: Answer, age: int
) -> None:
    before, after = Held(held + amount, held), Held(held, held + amount)
    assert judge(amount, before, after, answer, age=timedelta(seconds=age), absent_after=ABSENT) is Verdict.DONE


@given(AMOUNTS, AMOUNTS, AMOUNTS, st.sampled_from(Answer), st.integers(0, 10_000))
def test_it_is_never_said_to_be_undone_while_it_may_be_under_way(
    amount: Decimal, deposit: Decimal, payout: Decimal, answer: Answer, age: int
) -> None:
    before = Held(deposit + amount, payout)
    verdict = judge(amount, before, before, answer, age=timedelta(seconds=age), absent_after=ABSENT)
    match answer:
        case Answer.NOT_SENT | Answer.REFUSED:
            assert verdict is Verdict.NOT_DONE
        case Answer.LOST:
            assert verdict is (Verdict.NOT_DONE if timedelta(seconds=age) >= ABSENT else Verdict.LOOK_AGAIN)
        case Answer.ACCEPTED:  # it was said to be done, and does not show
            assert verdict is (Verdict.UNKNOWN if timedelta(seconds=age) >= WATCHED_FOR else Verdict.LOOK_AGAIN)


def test_other_money_beside_it_proves_nothing_unless_the_provider_said_yes() -> None:
    before, after = Held(Decimal(900), Decimal(0)), Held(Decimal(480), Decimal(500))  # 80 were collected meanwhile
    long, amount = timedelta(hours=1), Decimal(500)
    assert judge(amount, before, after, Answer.ACCEPTED, age=long, absent_after=ABSENT) is Verdict.DONE
    assert judge(amount, before, after, Answer.LOST, age=long, absent_after=ABSENT) is Verdict.UNKNOWN
    assert judge(amount, before, after, Answer.REFUSED, age=long, absent_after=ABSENT) is Verdict.UNKNOWN
