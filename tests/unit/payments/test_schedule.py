"""When to look again: soon at first, seldom later, never not at all, and never faster than the provider allows."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.payments.schedule import Patience

PATIENCE = Patience()
YOUNG = timedelta(0)


def test_polls_come_every_ten_seconds_then_every_thirty_then_every_five_minutes() -> None:
    waits = [PATIENCE.next_poll(polls, YOUNG).total_seconds() for polls in range(20)]
    assert waits == [10] * 6 + [30] * 10 + [300] * 4


def test_a_leg_that_is_overdue_is_still_looked_at_now_and_then() -> None:
    assert PATIENCE.next_poll(0, PATIENCE.overdue_after) == PATIENCE.poll_overdue
    assert PATIENCE.next_poll(10**6, PATIENCE.overdue_after * 100) == PATIENCE.poll_overdue


def test_failed_steps_wait_twice_as_long_each_time_up_to_the_most() -> None:
    waits = [PATIENCE.backoff(failures).total_seconds() for failures in range(1, 12)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert PATIENCE.backoff(0) == PATIENCE.backoff_first


@given(st.integers(0, 10**9), st.timedeltas(timedelta(0), timedelta(days=3650)))
def test_every_wait_has_an_end_and_grows_with_the_tries(tries: int, age: timedelta) -> None:
    assert timedelta(0) < PATIENCE.next_poll(tries, age) <= PATIENCE.poll_overdue
    assert PATIENCE.next_poll(tries, age) <= PATIENCE.next_poll(tries + 1, age)
    assert timedelta(0) < PATIENCE.backoff(tries) <= PATIENCE.backoff(tries + 1) <= PATIENCE.backoff_most


def test_the_waiting_times_fit_each_other() -> None:
    """A call is begun only while the lease holds, and its absence is believed only after it cannot be under way."""
    assert PATIENCE.send_within < PATIENCE.lease
    assert PATIENCE.send_within < PATIENCE.absent_after
    assert PATIENCE.ask_again < PATIENCE.absent_after
    assert PATIENCE.poll_last < PATIENCE.overdue_after
