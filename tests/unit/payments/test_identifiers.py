"""Row ids: unique, of one length, and in the order in which they were made, also from several threads."""

from concurrent.futures import ThreadPoolExecutor

import time_machine

from bot.payments.identifiers import new_id


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = []
    for second in range(0, 4_000_000_000, 400_000_007):
        with time_machine.travel(second, tick=False):
            made.append(new_id())
    assert made == sorted(made)
    assert {len(one) for one in made} == {32}
    assert all(int(one, 16) >= 0 for one in made)


def test_ids_of_one_moment_differ() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: new_id(), range(20_000)))
    assert len(set(made)) == len(made)
