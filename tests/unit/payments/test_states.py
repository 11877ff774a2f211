"""The graph of states is whole: all can be reached, ends stay ends, and payments follow their legs along their table."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.plans import first_leg, leg_wanted, may_add, may_have_arrived, payment_state, without_ground
from bot.payments.states import (
    HOUSE_MOVES,
    LEG_MOVES,
    LEG_OPEN,
    LEG_STATES,
    LEG_TERMINAL,
    OF_THE_HOUSE,
    PAYMENT_MOVES,
    PAYMENT_TERMINAL,
    LegKind,
    LegState,
    PaymentKind,
    PaymentState,
    leg_moves,
    moves_of,
)

State = TypeVar("State", LegState, PaymentState)
Legs = tuple[tuple[LegKind, LegState], ...]
KINDS = sorted(PaymentKind)
MOST_LEGS = 5
_BACK = {PaymentState.REFUNDING, PaymentState.REFUNDED}
NEVER_SHOWN = {
    PaymentKind.BUY: {PaymentState.CANCELLED},
    PaymentKind.PAYOUT: _BACK | {PaymentState.AWAITING_PAYMENT},
    PaymentKind.COLLECTION: _BACK | {PaymentState.DELIVERING},
}


def beginning(kind: PaymentKind) -> Legs:
    return ((first_leg(kind), LegState.READY),)


def after(kind: PaymentKind, legs: Legs, place: int, state: LegState) -> Legs:
    """The legs after one of them moved, as settling leaves them: some taken out of the plan, one perhaps added."""
    moved = (*legs[:place], (legs[place][0], state), *legs[place + 1 :])
    dropped = without_ground(moved)
    gone = {(leg, LegState.READY) for leg in dropped}
    kept = tuple((leg, LegState.CANCELLED if (leg, one) in gone else one) for leg, one in moved)
    following = leg_wanted(kind, kept)
    return kept if following is None else (*kept, (following, LegState.READY))


def targets(leg: LegKind, state: LegState) -> frozenset[LegState]:
    return LEG_MOVES[state] & LEG_STATES[leg]


def steps(kind: PaymentKind, legs: Legs) -> Iterator[Legs]:
    """Every way on from here, one leg moving one step."""
    for place, (leg, state) in enumerate(legs):
        for target in targets(leg, state):
            yield after(kind, legs, place, target)


def reachable(kind: PaymentKind) -> set[Legs]:
    found, edge = {beginning(kind)}, [beginning(kind)]
    while edge:
        for legs in steps(kind, edge.pop()):
            if legs not in found:
                found.add(legs)
                edge.append(legs)
    return found


def may_follow(kind: PaymentKind, before: PaymentState, now: PaymentState) -> bool:
    return now is before or now in moves_of(kind)[before]


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


def test_an_ended_leg_never_opens_again_but_for_crypto_on_its_way_back_and_an_open_one_can_always_end() -> None:
    assert set(LegState) == LEG_OPEN | LEG_TERMINAL
    assert not LEG_OPEN & LEG_TERMINAL
    for state in LEG_TERMINAL:
        assert everything_from(LEG_MOVES, state) <= LEG_TERMINAL | {LegState.RETURNING}
    for state in LEG_OPEN:
        assert everything_from(LEG_MOVES, state) & LEG_TERMINAL
    for leg, states in LEG_STATES.items():
        if leg is not LegKind.OFFRAMP:
            assert LegState.RETURNING not in states


def test_what_is_given_back_is_the_only_way_out_of_an_end() -> None:
    """By the provider, or by an operator after what had arrived was undone, or came in, or arrived, after the end."""
    left = {(state, target) for state in PAYMENT_TERMINAL for target in PAYMENT_MOVES[state]}
    nothing_taken = (PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.CANCELLED)
    back = (PaymentState.REFUNDING, PaymentState.REFUNDED, PaymentState.REVERSED, PaymentState.COMPLETED)
    assert left == {
        (PaymentState.COMPLETED, PaymentState.REVERSED),
        (PaymentState.REFUNDED, PaymentState.REFUNDING),
        (PaymentState.REFUNDED, PaymentState.REVERSED),
        (PaymentState.REVERSED, PaymentState.REFUNDING),
        (PaymentState.REVERSED, PaymentState.REFUNDED),
        *((state, target) for state in nothing_taken for target in back),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_of_a_leg_is_a_step_that_the_payment_may_take(kind: PaymentKind) -> None:
    all_legs = reachable(kind)
    shown = {payment_state(kind, legs) for legs in all_legs}
    assert shown == set(PaymentState) - NEVER_SHOWN.get(kind, set())
    for legs in all_legs:
        before = payment_state(kind, legs)
        for following in steps(kind, legs):
            now = payment_state(kind, following)
            assert may_follow(kind, before, now), f"{legs} → {following}: {before} → {now}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_payment_is_over_exactly_when_nothing_more_can_come_of_its_legs_by_themselves(kind: PaymentKind) -> None:
    for legs in reachable(kind):
        state = payment_state(kind, legs)
        working = any(leg in LEG_OPEN for _, leg in legs)
        if state in PAYMENT_TERMINAL:
            # a payout that succeeded, or a refund, beside a leg that the provider's own word has outrun
            assert not working or (LegKind.COLLECT, LegState.REVERSED) in legs
        elif not working:  # a refund that did not go through: a person sees to it
            assert state is PaymentState.REFUNDING


@pytest.mark.parametrize("kind", sorted(set(KINDS) - OF_THE_HOUSE))
def test_nothing_is_paid_out_before_money_came_in_nor_twice(kind: PaymentKind) -> None:
    for legs in reachable(kind):
        states = dict(legs)
        assert len(states) == len(legs)
        if LegKind.PAYOUT in states:
            assert states[LegKind.COLLECT] in (LegState.SUCCEEDED, LegState.REVERSED)
        if LegKind.REFUND in states and kind is not PaymentKind.BUY:
            assert states[LegKind.PAYOUT] in (LegState.FAILED, LegState.EXPIRED, LegState.CANCELLED)
        if states.get(LegKind.COLLECT) is LegState.REVERSED:
            assert LegState.READY not in states.values()


@pytest.mark.parametrize("kind", KINDS)
def test_a_leg_that_an_operator_adds_is_a_step_that_the_payment_may_take_and_nobody_is_paid_twice(
    kind: PaymentKind,
) -> None:
    """From wherever it may be added, up to two more legs, and every way on from there."""
    ordered = [(legs, leg) for legs in reachable(kind) for leg in sorted(may_add(kind, legs))]
    owing = {PaymentKind.BUY, PaymentKind.SEND, PaymentKind.REQUEST}
    assert bool(ordered) is (kind in owing)
    seen: set[Legs] = set()
    edge = [((*legs, (leg, LegState.READY)), legs) for legs, leg in ordered]
    while edge:
        legs, before = edge.pop()
        assert may_follow(kind, payment_state(kind, before), payment_state(kind, legs)), f"{before} → {legs}"
        out = [state for leg, state in legs if leg in (LegKind.PAYOUT, LegKind.REFUND)]
        assert out.count(LegState.SUCCEEDED) + sum(state in LEG_OPEN for state in out) <= 1
        if legs in seen:
            continue
        seen.add(legs)
        edge += [(following, legs) for following in steps(kind, legs)]
        more = may_add(kind, legs) if len(legs) < MOST_LEGS else ()
        edge += [((*legs, (leg, LegState.READY)), legs) for leg in sorted(more)]


def test_only_an_operator_has_a_payout_arrive_after_all_and_only_where_nothing_else_was_sent() -> None:
    assert LegState.LATE not in leg_moves(LegKind.PAYOUT, LegState.FAILED)
    for kind in KINDS:
        for legs in reachable(kind):
            if not may_have_arrived(kind, legs):
                continue
            collect, (payout, state), *refund = legs
            assert (kind, len(refund) <= 1) == (PaymentKind.SEND, True)
            assert LegState.LATE in leg_moves(payout, state, ordered=True)
            arrived = (collect, (payout, LegState.LATE), *((leg, LegState.CANCELLED) for leg, _ in refund))
            assert payment_state(kind, legs) is PaymentState.REFUNDING
            assert payment_state(kind, arrived) is PaymentState.COMPLETED
            assert (leg_wanted(kind, arrived), may_add(kind, arrived)) == (None, frozenset())
            undone = (collect, (payout, LegState.REVERSED), *arrived[2:])
            assert payment_state(kind, undone) is PaymentState.REVERSED
            assert may_add(kind, undone) == {LegKind.REFUND}
    assert any(may_have_arrived(PaymentKind.SEND, legs) for legs in reachable(PaymentKind.SEND))


@given(st.data())
def test_several_findings_in_one_transaction_are_allowed_like_one_after_the_other(data: st.DataObject) -> None:
    """A batch writes only where a payment ends up, so that must be allowed from where it began."""
    kind = data.draw(st.sampled_from(KINDS))
    legs = beginning(kind)
    begun = payment_state(kind, legs)
    existing = 1
    for _ in range(data.draw(st.integers(1, 8))):
        ways = sorted(
            (place, target) for place, (leg, state) in enumerate(legs[:existing]) for target in targets(leg, state)
        )
        if not ways:
            break
        legs = after(kind, legs, *data.draw(st.sampled_from(ways)))
        assert may_follow(kind, begun, payment_state(kind, legs))
        if data.draw(st.booleans()):  # committed: the next batch begins here, and may speak of legs that are there now
            begun, existing = payment_state(kind, legs), len(legs)


@pytest.mark.parametrize("state", sorted(LEG_STATES[LegKind.ONRAMP]))
def test_only_undelivered_money_of_a_buy_is_owed_back(state: LegState) -> None:
    owed = leg_wanted(PaymentKind.BUY, [(LegKind.ONRAMP, state)])
    assert owed is (LegKind.REFUND if state is LegState.UNDELIVERED else None)


@pytest.mark.parametrize("kind", sorted(OF_THE_HOUSE))
def test_a_payment_of_the_house_is_one_leg_and_nothing_follows_from_it(kind: PaymentKind) -> None:
    assert {len(legs) for legs in reachable(kind)} == {1}
    assert not {PaymentState.REFUNDING, PaymentState.REFUNDED} & {payment_state(kind, one) for one in reachable(kind)}


def test_only_a_payout_of_the_house_may_fail_once_it_is_on_its_way() -> None:
    more = {(one, to) for one in PaymentState for to in HOUSE_MOVES[one] - PAYMENT_MOVES[one]}
    over = (PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.CANCELLED)
    assert more == {(PaymentState.DELIVERING, state) for state in over}
    assert {kind for kind in PaymentKind if moves_of(kind) is HOUSE_MOVES} == OF_THE_HOUSE


def test_a_payment_begins_with_the_customers_own_money() -> None:
    assert {kind: first_leg(kind) for kind in PaymentKind} == {
        PaymentKind.BUY: LegKind.ONRAMP,
        PaymentKind.SELL: LegKind.OFFRAMP,
        PaymentKind.SEND: LegKind.COLLECT,
        PaymentKind.REQUEST: LegKind.COLLECT,
        PaymentKind.PAYOUT: LegKind.PAYOUT,
        PaymentKind.COLLECTION: LegKind.COLLECT,
    }
