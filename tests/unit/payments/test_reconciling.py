"""Holding legs and balances against the provider: what is the same gives nothing, and each fault is in its own list."""

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.bookkeeping import Account
from bot.payments.decide import LegFacts, decide
from bot.payments.money import Money
from bot.payments.reconciling import ComparedLeg, DifferenceKind, compare_leg, stray
from bot.payments.reconciling_balances import balance_differences, compare_balances, under_way
from bot.payments.reports import Report
from bot.payments.states import LEG_OPEN, LEG_STATES, Concern, LegKind, LegState

AMOUNTS = st.integers(1, 10**9).map(Decimal)
PAYOUT, DEPOSIT = (Account.PAYOUT_BALANCE, "KES"), (Account.DEPOSIT_BALANCE, "KES")
NOTHING_TAKEN = {LegState.FAILED, LegState.EXPIRED, LegState.CANCELLED}
TRANSFERS = (LegKind.COLLECT, LegKind.PAYOUT, LegKind.REFUND)


@dataclass
class Leg:
    """What the books know of a leg, and what a wallet may hold for it."""

    kind: LegKind
    state: LegState
    amount: Decimal
    id: str = "leg"
    currency: str = "KES"
    to_pay: Decimal | None = None
    crypto_amount: Decimal | None = None
    crypto_seen: Decimal | None = None
    provider_fee: Decimal | None = None


# how the provider's own record of each kind says that it stands there
WORDS: dict[LegKind, dict[LegState, Report]] = {
    LegKind.ONRAMP: {
        LegState.PENDING: Report(deposit_status="PENDING", onchain_status="PENDING"),
        LegState.COLLECTED: Report(deposit_status="SUCCESSFUL", onchain_status="IN_PROGRESS"),
        LegState.SUCCEEDED: Report(deposit_status="SUCCESSFUL", onchain_status="SUCCESSFUL"),
        LegState.FAILED: Report(deposit_status="FAILED", onchain_status="PENDING"),
        LegState.EXPIRED: Report(deposit_status="EXPIRED"),
        LegState.UNDELIVERED: Report(deposit_status="SUCCESSFUL", onchain_status="FAILED"),
        LegState.REVERSED: Report(deposit_status="REVERSED", onchain_status="SUCCESSFUL"),
    },
    LegKind.OFFRAMP: {
        LegState.PENDING: Report(status="PENDING", onchain_status="PENDING"),
        LegState.COLLECTED: Report(status="CRYPTO_RECEIVED", onchain_status="SUCCESSFUL"),
        LegState.SUCCEEDED: Report(status="SUCCESSFUL", onchain_status="SUCCESSFUL"),
        LegState.FAILED: Report(status="FAILED", onchain_status="PENDING"),
        LegState.EXPIRED: Report(status="EXPIRED", onchain_status="PENDING"),
        LegState.RETURNING: Report(status="REFUND_PENDING", onchain_status="SUCCESSFUL"),
        LegState.RETURNED: Report(status="REFUNDED", onchain_status="SUCCESSFUL"),
        LegState.CANCELLED: Report(status="CANCELLED", onchain_status="PENDING"),
        LegState.REVERSED: Report(status="REVERSED", onchain_status="SUCCESSFUL"),
    },
    **{
        kind: {
            LegState.PENDING: Report(status="PENDING"),
            LegState.SUCCEEDED: Report(status="SUCCESSFUL"),
            LegState.FAILED: Report(status="FAILED"),
            LegState.EXPIRED: Report(status="EXPIRED"),
            LegState.REVERSED: Report(status="REVERSED"),
            LegState.CANCELLED: Report(status="CANCELLED"),
        }
        for kind in TRANSFERS
    },
}


def of(kind: LegKind, state: LegState, amount: Decimal = Decimal(1000), *, fee: Decimal | None = None) -> ComparedLeg:
    """A leg that has stood there for long."""
    ramp = kind in (LegKind.ONRAMP, LegKind.OFFRAMP)
    more = {"to_pay": amount + 25, "crypto_amount": Decimal("7.65"), "token": "USDC", "chain": "BASE"} if ramp else {}
    facts = LegFacts(kind=kind, state=state, reference="bot-1", amount=amount, currency="KES", **more)  # type: ignore[arg-type]
    return ComparedLeg(facts, Leg(kind, state, amount, provider_fee=fee), "prov-1", settled=True)


def told(leg: ComparedLeg, state: LegState) -> Report:
    """The provider's record of this leg in a state, the same in everything else."""
    facts = leg.facts
    said = replace(
        WORDS[facts.kind][state],
        reference="bot-1",
        provider_id="prov-1",
        gross=facts.amount,
        currency="KES",
        crypto_amount=facts.crypto_amount,
        token=facts.token,
        chain=facts.chain,
    )
    match facts.kind:
        case LegKind.ONRAMP:
            return replace(said, to_pay=facts.to_pay, crypto_received=facts.crypto_amount)
        case LegKind.OFFRAMP:
            return replace(said, net=facts.to_pay)
        case _:
            return said


@st.composite
def legs(draw: st.DrawFn) -> ComparedLeg:
    kind = draw(st.sampled_from(sorted(LegKind)))
    return of(kind, draw(st.sampled_from(sorted(WORDS[kind]))), draw(AMOUNTS))


def kinds(leg: ComparedLeg, answer: Report | None, *namesakes: str) -> set[DifferenceKind]:
    found = compare_leg(leg, answer, namesakes)
    assert len({(one.kind, one.key) for one in found}) == len(found)
    return {one.kind for one in found}


@given(legs())
def test_what_is_the_same_on_both_sides_gives_nothing(leg: ComparedLeg) -> None:
    assert compare_leg(leg, told(leg, leg.facts.state)) == []


@given(legs(), st.data())
def test_another_state_is_found_unless_both_mean_that_nothing_was_taken(leg: ComparedLeg, data: st.DataObject) -> None:
    theirs = data.draw(st.sampled_from(sorted(WORDS[leg.facts.kind])))
    ours = leg.facts.state
    found = kinds(leg, told(leg, theirs))
    undone = (
        {LegState.REVERSED, *NOTHING_TAKEN} if leg.facts.kind in (LegKind.PAYOUT, LegKind.REFUND) else NOTHING_TAKEN
    )
    same = ours == theirs or (ours in NOTHING_TAKEN and theirs in undone)
    back = {LegState.RETURNING, LegState.RETURNED}
    if leg.facts.kind is LegKind.OFFRAMP:  # what comes back afterwards is told of by several words
        same |= theirs == LegState.REVERSED and ours == LegState.RETURNED
        same |= ours in back and theirs in NOTHING_TAKEN
        same |= ours == LegState.REVERSED and theirs == LegState.RETURNED
    same |= ours in LEG_OPEN and theirs == LegState.PENDING  # it says no end, and neither do we
    assert (DifferenceKind.STATE in found) == (not same), (ours, theirs, found)


@given(legs(), st.data())
def test_other_money_is_found_in_its_own_list(leg: ComparedLeg, data: st.DataObject) -> None:
    answer = told(leg, LegState.SUCCEEDED)
    leg = replace(leg, facts=replace(leg.facts, state=LegState.SUCCEEDED))
    ways: list[dict[str, object]] = [{"gross": leg.facts.amount + data.draw(AMOUNTS)}, {"currency": "UGX"}]
    if leg.facts.kind is LegKind.ONRAMP:
        ways += [{"to_pay": leg.facts.amount}, {"crypto_received": Decimal(7)}, {"token": "USDT"}]
    if leg.facts.kind is LegKind.OFFRAMP:
        ways += [{"net": leg.facts.amount}, {"crypto_seen": Decimal(7)}]
    wrong = replace(answer, **data.draw(st.sampled_from(ways)))
    assert DifferenceKind.AMOUNT in kinds(leg, wrong)
    assert DifferenceKind.FEE not in kinds(leg, wrong)


@given(legs())
def test_a_leg_of_which_the_provider_knows_nothing_is_ours_only(leg: ComparedLeg) -> None:
    assert kinds(leg, None) == {DifferenceKind.OURS_ONLY}


@pytest.mark.parametrize("state", sorted({LegState.READY, LegState.SUBMITTING, LegState.UNKNOWN} | NOTHING_TAKEN))
def test_what_never_reached_the_provider_need_not_be_there(state: LegState) -> None:
    assert kinds(replace(of(LegKind.COLLECT, state), provider_id=None), None) == set()


def test_one_that_is_there_twice_or_stands_for_two_is_found() -> None:
    leg = of(LegKind.PAYOUT, LegState.SUCCEEDED)
    answer = told(leg, LegState.SUCCEEDED)
    assert kinds(leg, replace(answer, provider_id="prov-2")) == {DifferenceKind.DUPLICATE}
    assert kinds(leg, answer, "bot-9") == {DifferenceKind.DUPLICATE}
    assert DifferenceKind.DUPLICATE in kinds(leg, replace(answer, status="DUPLICATE"))
    assert kinds(leg, replace(answer, reference="bot-2")) == {DifferenceKind.STATE}


@given(st.sampled_from(TRANSFERS), st.integers(0, 1000).map(Decimal), st.none() | st.integers(0, 1000).map(Decimal))
def test_a_fee_that_was_told_late_is_found(kind: LegKind, cost: Decimal, booked: Decimal | None) -> None:
    leg = of(kind, LegState.SUCCEEDED, fee=booked)
    net = leg.facts.amount - cost if kind is LegKind.COLLECT else leg.facts.amount + cost
    found = compare_leg(leg, replace(told(leg, LegState.SUCCEEDED), net=net, fee=cost))
    if cost == (booked or 0):
        assert found == []
    else:
        (fee,) = found
        assert (fee.kind, fee.ours_amount, fee.theirs_amount) == (DifferenceKind.FEE, booked or 0, cost)


def test_what_is_under_way_is_no_difference_while_it_is_fresh() -> None:
    leg = of(LegKind.PAYOUT, LegState.PENDING)
    assert kinds(leg, told(leg, LegState.SUCCEEDED)) == {DifferenceKind.STATE}
    assert kinds(replace(leg, settled=False), told(leg, LegState.SUCCEEDED)) == set()
    assert kinds(of(LegKind.PAYOUT, LegState.SUCCEEDED), Report(status="A_NEW_WORD")) == {DifferenceKind.STATE}
    assert kinds(leg, Report(status="A_NEW_WORD")) == set()


@given(legs(), st.sampled_from(["PENDING", "SUCCESSFUL", "FAILED", "REVERSED", "PAUSED", "?", ""]))
def test_what_would_move_a_leg_or_contradict_it_never_passes_unseen(leg: ComparedLeg, word: str) -> None:
    """Whatever the engine would do with the provider's record, the reconciliation lists."""
    answer = Report(reference="bot-1", status=word or None)
    decision = decide(leg.facts, answer)
    moves = decision.state is not None and decision.state != leg.facts.state
    if moves or decision.concern is Concern.CONTRADICTION:
        assert kinds(leg, answer) & {DifferenceKind.STATE, DifferenceKind.AMOUNT, DifferenceKind.DUPLICATE}


def test_what_the_provider_tells_of_and_is_not_ours_has_a_name_and_money() -> None:
    told_of = stray(Report(reference="x-1", status="SUCCESSFUL", gross=Decimal(500), currency="KES"), "settlement.done")
    assert told_of is not None
    assert (told_of.key, told_of.theirs) == ("x-1", "settlement.done, SUCCESSFUL, 500 KES")
    assert stray(Report(status="SUCCESSFUL")) is None
    assert stray(Report(reference="x-1"), "kyc.status.changed") is None


# balances


@st.composite
def moving(draw: st.DrawFn) -> list[tuple[Leg, tuple[Decimal, Decimal]]]:
    """Legs under way, each with what it has really done to the deposit and the payout balance beyond the books."""
    found = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(sorted(LegKind)))
        state = draw(st.sampled_from(sorted((LEG_OPEN & LEG_STATES[kind]) - {LegState.READY})))
        leg = Leg(kind, state, draw(AMOUNTS), to_pay=draw(AMOUNTS))
        assert leg.to_pay is not None
        fee = draw(st.integers(0, int(leg.amount)).map(Decimal))
        zero = Decimal(0)
        ways: list[tuple[Decimal, Decimal]] = [(zero, zero)]
        match kind:
            case LegKind.COLLECT:
                ways.append((leg.amount - fee, zero))
            case LegKind.PAYOUT | LegKind.REFUND:
                # the books hold the debit of one that the provider has, without the fee
                ways.append((zero, -fee if state is LegState.PENDING else -leg.amount - fee))
                ways.append((zero, leg.amount if state is LegState.PENDING else zero))
            case LegKind.ONRAMP:
                ways += [(leg.to_pay, zero), (zero, leg.to_pay)]
            case LegKind.OFFRAMP:
                ways.append((zero, -leg.amount))
        found.append((leg, draw(st.sampled_from(ways))))
    return found


@given(moving(), st.integers(-(10**6), 10**6).map(Decimal))
def test_whatever_is_under_way_explains_itself_and_nothing_more(
    legs: list[tuple[Leg, tuple[Decimal, Decimal]]], stands: Decimal
) -> None:
    ranges = under_way(leg for leg, _ in legs)
    books = {DEPOSIT: stands, PAYOUT: stands}
    wallets = {
        DEPOSIT: stands + sum((done[0] for _, done in legs), Decimal(0)),
        PAYOUT: stands + sum((done[1] for _, done in legs), Decimal(0)),
    }
    assert balance_differences(compare_balances([books], [ranges], wallets)) == []
    for key in (DEPOSIT, PAYOUT):
        low, high = ranges.get(key, (Decimal(0), Decimal(0)))
        for wrong in (stands + low - 1, stands + high + 1):
            (found,) = balance_differences(compare_balances([books], [ranges], {**wallets, key: wrong}))
            assert (found.kind, found.key) == (DifferenceKind.BALANCE, f"{key[0]}:KES")
            assert (found.ours_amount, found.theirs_amount) == (stands, wrong)


def test_money_that_was_booked_while_the_wallets_were_read_is_no_difference() -> None:
    before, after = {PAYOUT: Decimal(500)}, {PAYOUT: Decimal(200)}
    for wallet in (500, 350, 200):
        assert balance_differences(compare_balances([before, after], [{}, {}], {PAYOUT: Decimal(wallet)})) == []
    assert balance_differences(compare_balances([before, after], [{}, {}], {PAYOUT: Decimal(501)})) != []


def test_a_transfer_that_may_be_done_explains_both_balances() -> None:
    ranges = under_way([], [Money(Decimal(300), "KES")])
    books = {DEPOSIT: Decimal(500), PAYOUT: Decimal(0)}
    for deposit, payout in ((500, 0), (200, 300)):
        wallets = {DEPOSIT: Decimal(deposit), PAYOUT: Decimal(payout)}
        assert balance_differences(compare_balances([books], [ranges], wallets)) == []
    assert balance_differences(compare_balances([books], [ranges], {DEPOSIT: Decimal(199), PAYOUT: Decimal(300)})) != []


def test_a_currency_that_only_one_side_knows_is_compared() -> None:
    ours = compare_balances([{PAYOUT: Decimal(5)}], [{}], {})
    theirs = compare_balances([{}], [{}], {PAYOUT: Decimal(5)})
    assert [one.theirs for one in balance_differences(ours)] == ["no wallet"]
    assert [one.ours for one in balance_differences(theirs)] == ["0 KES"]
    assert compare_balances([{}], [{}], {PAYOUT: Decimal(0)}) == []
