"""The graph of states is whole: all can be reached, ends stay ends, and payments follow their legs along their table."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.plans import first_leg, leg_after, payment_state
from bot.payments.states import (
    LEG_MOVES,
    LEG_OPEN,
    LEG_TERMINAL,
    PAYMENT_MOVES,
    PAYMENT_TERMINAL,
    LegKind,
    LegState,
    PaymentKind,
    PaymentState,
)

State = TypeVar("State", LegState, PaymentState)
Legs = tuple[tuple[LegKind, LegState], ...]
BEGIN: Legs = ((LegKind.ONRAMP, LegState.READY),)


def after(legs: Legs, place: int, state: LegState) -> Legs:
    """The legs after one of them moved, with the leg that follows from it."""
    kind = legs[place][0]
    moved = (*legs[:place], (kind, state), *legs[place + 1 :])
    following = leg_after(PaymentKind.BUY, kind, state)
    return moved if following is None else (*moved, (following, LegState.READY))


def steps(legs: Legs) -> Iterator[Legs]:
    """Every way on from here, one leg moving one step."""
    for place, (_, state) in enumerate(legs):
        for target in LEG_MOVES[state]:
            yield after(legs, place, target)


def reachable() -> set[Legs]:
    found, edge = {BEGIN}, [BEGIN]
    while edge:
        for legs in steps(edge.pop()):
            if legs not in found:
                found.add(legs)
                edge.append(legs)
    return found


def may_follow(before: PaymentState, now: PaymentState) -> bool:
    return now is before or now in PAYMENT_MOVES[before]


def everything_from(moves: Mapping[State, frozenset[State]], first: State) -> set[State]:
    found, edge = {first}, [first]
    while edge:
        for state in moves[edge.pop()] - found:
            found.add(state)
            edge.append(state)
    return found


def test_the_tables_name_every_state_and_every_state_can_be_reached() -> None:
    assert set(LEG_MOVES) == set(LegState)
    assert set(PAYMENT_MOVES) == set(PaymentState)
    assert everything_from(LEG_MOVES, LegState.READY) == set(LegState)
    assert everything_from(PAYMENT_MOVES, PaymentState.CONFIRMED) == set(PaymentState)
    assert all(state not in targets for state, targets in LEG_MOVES.items())
    assert all(state not in targets for state, targets in PAYMENT_MOVES.items())


def test_an_ended_leg_never_opens_again_and_an_open_one_can_always_end() -> None:
    assert set(LegState) == LEG_OPEN | LEG_TERMINAL
    assert not LEG_OPEN & LEG_TERMINAL
    for state in LEG_TERMINAL:
        assert everything_from(LEG_MOVES, state) <= LEG_TERMINAL
    for state in LEG_OPEN:
        assert everything_from(LEG_MOVES, state) & LEG_TERMINAL


def test_what_the_provider_undid_is_the_only_way_out_of_an_end() -> None:
    left = {(state, target) for state in PAYMENT_TERMINAL for target in PAYMENT_MOVES[state]}
    assert left == {
        (PaymentState.COMPLETED, PaymentState.REVERSED),
        (PaymentState.REFUNDED, PaymentState.REFUNDING),
    }
    assert {(state, target) for state in LEG_TERMINAL for target in LEG_MOVES[state]} == {
        (LegState.SUCCEEDED, LegState.REVERSED)
    }


def test_every_step_of_a_leg_is_a_step_that_the_payment_may_take() -> None:
    all_legs = reachable()
    assert {payment_state(PaymentKind.BUY, legs) for legs in all_legs} == set(PaymentState)
    for legs in all_legs:
        before = payment_state(PaymentKind.BUY, legs)
        for following in steps(legs):
            now = payment_state(PaymentKind.BUY, following)
            assert may_follow(before, now), f"{legs} → {following}: {before} → {now}"


def test_a_payment_is_over_exactly_when_nothing_more_can_come_of_its_legs_by_themselves() -> None:
    for legs in reachable():
        state = payment_state(PaymentKind.BUY, legs)
        working = any(leg in LEG_OPEN for _, leg in legs)
        if state in PAYMENT_TERMINAL:
            assert not working
        elif not working:  # a refund that did not go through: a person sees to it
            assert state is PaymentState.REFUNDING


@given(st.data())
def test_several_findings_in_one_transaction_are_allowed_like_one_after_the_other(data: st.DataObject) -> None:
    """A batch writes only where a payment ends up, so that must be allowed from where it began."""
    legs = BEGIN
    begun = payment_state(PaymentKind.BUY, legs)
    existing = 1
    for _ in range(data.draw(st.integers(1, 8))):
        targets = sorted(
            (place, target) for place, (_, state) in enumerate(legs[:existing]) for target in LEG_MOVES[state]
        )
        if not targets:
            break
        legs = after(legs, *data.draw(st.sampled_from(targets)))
        assert may_follow(begun, payment_state(PaymentKind.BUY, legs))
        if data.draw(st.booleans()):  # committed: the next batch begins here, and may speak of legs that are there now
            begun, existing = payment_state(PaymentKind.BUY, legs), len(legs)


@pytest.mark.parametrize("state", sorted(LegState))
def test_only_undelivered_money_is_owed_back(state: LegState) -> None:
    owed = leg_after(PaymentKind.BUY, LegKind.ONRAMP, state)
    assert owed is (LegKind.REFUND if state is LegState.UNDELIVERED else None)
    assert leg_after(PaymentKind.BUY, LegKind.REFUND, state) is None


def test_a_payment_begins_with_the_customers_own_money() -> None:
    assert {kind: first_leg(kind) for kind in PaymentKind} == {PaymentKind.BUY: LegKind.ONRAMP}
