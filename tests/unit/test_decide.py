"""What a provider report means for a leg: the onramp's two statuses, refunds, and everything that must not settle."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.decide import LegFacts, decide
from bot.payments.reports import Report
from bot.payments.states import LEG_MOVES, LEG_STATES, LEG_TERMINAL, Concern, LegKind, LegState

ONRAMP = LegFacts(
    kind=LegKind.ONRAMP,
    state=LegState.PENDING,
    reference="bot-1",
    amount=Decimal(1000),
    currency="KES",
    to_pay=Decimal(1025),
    crypto_amount=Decimal("7.65"),
    token="USDC",
    chain="BASE",
)
REFUND = LegFacts(kind=LegKind.REFUND, state=LegState.PENDING, reference="bot-2", amount=Decimal(1025), currency="KES")


def onramp_report(deposit: str | None, onchain: str | None = None, **facts: object) -> Report:
    return Report(reference="bot-1", deposit_status=deposit, onchain_status=onchain, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("deposit", "onchain", "state"),
    [
        ("PENDING", "PENDING", LegState.PENDING),
        ("INITIATED", None, LegState.PENDING),
        ("RETRY", "PENDING", LegState.PENDING),
        ("SUCCESSFUL", "PENDING", LegState.COLLECTED),
        ("SUCCESS", "IN_PROGRESS", LegState.COLLECTED),
        ("SUCCESSFUL", "SUCCESSFUL", LegState.SUCCEEDED),
        ("PENDING", "SUCCESSFUL", LegState.SUCCEEDED),
        ("SUCCESSFUL", "FAILED", LegState.UNDELIVERED),
        ("FAILED", "CANCELLED", LegState.FAILED),
        ("DECLINED", "PENDING", LegState.FAILED),
        ("EXPIRED", "PENDING", LegState.EXPIRED),
        ("REVERSED", "SUCCESSFUL", LegState.REVERSED),
    ],
)
def test_the_pair_of_onramp_statuses_decides(deposit: str, onchain: str | None, state: LegState) -> None:
    decision = decide(replace(ONRAMP, state=LegState.UNKNOWN), onramp_report(deposit, onchain))

    assert decision.state == state


@pytest.mark.parametrize("word", ["REQUIRE_REVIEW", "ERROR_OCCURRED", "DUPLICATE"])
def test_a_review_waits_and_calls_a_person(word: str) -> None:
    decision = decide(ONRAMP, onramp_report(word, "PENDING"))

    assert decision.state in (None, LegState.PENDING)
    assert decision.concern is Concern.UNDER_REVIEW


def test_an_unknown_word_changes_nothing_and_calls_a_person() -> None:
    decision = decide(ONRAMP, onramp_report("SOMETHING_NEW", "PENDING"))

    assert decision.state in (None, LegState.PENDING)
    assert decision.concern is Concern.UNKNOWN_STATUS


@pytest.mark.parametrize("word", ["SUCCESSFUL", "FAILED", "EXPIRED"])
def test_one_overall_word_for_two_movements_is_not_believed(word: str) -> None:
    decision = decide(ONRAMP, Report(reference="bot-1", status=word))

    assert decision.state is None
    assert decision.look_again


@pytest.mark.parametrize(
    ("facts", "concern"),
    [
        ({"gross": Decimal(999)}, Concern.AMOUNT_DIFFERS),
        ({"to_pay": Decimal("1025.01")}, Concern.AMOUNT_DIFFERS),
        ({"crypto_amount": Decimal("7.64")}, Concern.AMOUNT_DIFFERS),
        ({"crypto_received": Decimal("7.649999")}, Concern.AMOUNT_DIFFERS),
        ({"currency": "UGX"}, Concern.CURRENCY_DIFFERS),
        ({"token": "USDT"}, Concern.CURRENCY_DIFFERS),
        ({"chain": "POLYGON"}, Concern.RECEIVER_DIFFERS),
    ],
)
def test_a_report_about_other_money_never_settles(facts: dict[str, object], concern: Concern) -> None:
    decision = decide(ONRAMP, onramp_report("SUCCESSFUL", "SUCCESSFUL", **facts))

    assert decision.state is None
    assert decision.concern is concern


def test_another_receiver_never_settles() -> None:
    decision = decide(replace(ONRAMP, receiver_differs=True), onramp_report("SUCCESSFUL", "SUCCESSFUL"))

    assert (decision.state, decision.concern) == (None, Concern.RECEIVER_DIFFERS)


def test_another_reference_never_settles() -> None:
    decision = decide(ONRAMP, Report(reference="bot-9", deposit_status="SUCCESSFUL", onchain_status="SUCCESSFUL"))

    assert (decision.state, decision.concern) == (None, Concern.CONTRADICTION)


def test_an_unknown_create_is_adopted_only_when_it_is_about_the_same_money() -> None:
    unknown = replace(ONRAMP, state=LegState.UNKNOWN)

    assert decide(unknown, onramp_report("PENDING", gross=Decimal(1000))).state is LegState.PENDING
    assert decide(unknown, onramp_report("PENDING", gross=Decimal(5000))).concern is Concern.AMOUNT_DIFFERS


def test_an_exact_report_with_every_fact_settles() -> None:
    report = onramp_report(
        "SUCCESSFUL",
        "SUCCESSFUL",
        gross=Decimal("1000.00"),
        to_pay=Decimal(1025),
        crypto_amount=Decimal("7.650"),
        crypto_received=Decimal("7.65"),
        currency="KES",
        token="usdc",
        chain="base",
    )

    assert decide(ONRAMP, report).state is LegState.SUCCEEDED


@pytest.mark.parametrize("final", sorted(LEG_TERMINAL))
def test_late_news_of_an_earlier_stage_changes_nothing(final: LegState) -> None:
    decision = decide(replace(ONRAMP, state=final), onramp_report("PENDING", "PENDING"))

    assert (decision.state, decision.concern) == (None, None)


@pytest.mark.parametrize(
    ("state", "deposit", "onchain"),
    [
        (LegState.FAILED, "FAILED", "SUCCESSFUL"),
        (LegState.EXPIRED, "PENDING", "SUCCESSFUL"),
        (LegState.LATE, "SUCCESSFUL", "FAILED"),
        (LegState.LATE, "FAILED", "PENDING"),
        (LegState.UNDELIVERED_LATE, "SUCCESSFUL", "SUCCESSFUL"),
        (LegState.SUCCEEDED, "FAILED", "CANCELLED"),
        (LegState.COLLECTED, "FAILED", "CANCELLED"),
        (LegState.UNDELIVERED, "SUCCESSFUL", "SUCCESSFUL"),
    ],
)
def test_two_final_answers_that_cannot_both_be_true_go_to_a_person(state: LegState, deposit: str, onchain: str) -> None:
    decision = decide(replace(ONRAMP, state=state), onramp_report(deposit, onchain))

    assert decision.state is None
    assert decision.concern is Concern.CONTRADICTION
    assert decision.look_again


@pytest.mark.parametrize("over", [LegState.FAILED, LegState.EXPIRED])
def test_a_purchase_that_was_over_and_is_paid_all_the_same_arrives_late_or_is_owed(over: LegState) -> None:
    def heard(onchain: str, state: LegState = over) -> tuple[LegState | None, Concern | None]:
        decision = decide(replace(ONRAMP, state=state), onramp_report("SUCCESSFUL", onchain))
        return decision.state, decision.concern

    assert heard("SUCCESSFUL") == (LegState.LATE, None)
    assert heard("FAILED") == (LegState.UNDELIVERED_LATE, Concern.CAME_LATE)
    assert heard("PENDING") == (None, Concern.CAME_LATE)
    assert heard("SUCCESSFUL", LegState.LATE) == (LegState.LATE, None)
    assert heard("FAILED", LegState.UNDELIVERED_LATE) == (LegState.UNDELIVERED_LATE, None)
    other = decide(replace(ONRAMP, state=over), replace(onramp_report("SUCCESSFUL", "SUCCESSFUL"), gross=Decimal(7)))
    assert (other.state, other.concern) == (None, Concern.AMOUNT_DIFFERS)


@pytest.mark.parametrize(
    ("word", "state", "concern"),
    [
        ("PENDING", LegState.PENDING, None),
        ("IN_PROGRESS", LegState.PENDING, None),
        ("SUCCESSFUL", LegState.SUCCEEDED, None),
        ("FAILED", LegState.FAILED, Concern.REFUND_FAILED),
        ("REVERSED", LegState.FAILED, Concern.REFUND_FAILED),
        ("EXPIRED", LegState.EXPIRED, Concern.REFUND_FAILED),
    ],
)
def test_a_refund_follows_the_withdrawal(word: str, state: LegState, concern: Concern | None) -> None:
    decision = decide(replace(REFUND, state=LegState.UNKNOWN), Report(reference="bot-2", status=word))

    assert (decision.state, decision.concern) == (state, concern)


OFFRAMP = LegFacts(
    kind=LegKind.OFFRAMP,
    state=LegState.PENDING,
    reference="bot-1",
    amount=Decimal(1305),
    currency="KES",
    to_pay=Decimal(1279),
    crypto_amount=Decimal(10),
    token="USDC",
    chain="BASE",
)
COLLECT = LegFacts(kind=LegKind.COLLECT, state=LegState.PENDING, reference="bot-1", amount=Decimal(515), currency="KES")
PAYOUT = LegFacts(kind=LegKind.PAYOUT, state=LegState.PENDING, reference="bot-2", amount=Decimal(500), currency="KES")


def sale_report(status: str | None, onchain: str | None = None, **facts: object) -> Report:
    return Report(reference="bot-1", status=status, onchain_status=onchain, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "onchain", "state"),
    [
        ("PENDING", "PENDING", LegState.PENDING),
        ("INITIATED", "PENDING", LegState.PENDING),
        ("CRYPTO_PENDING", None, LegState.PENDING),
        ("CRYPTO_RECEIVED", "SUCCESSFUL", LegState.COLLECTED),
        ("PENDING", "SUCCESSFUL", LegState.COLLECTED),
        ("IN_PROGRESS", "SUCCESSFUL", LegState.COLLECTED),
        ("PROCESSING", None, LegState.COLLECTED),
        ("IN_PROGRESS", "IN_PROGRESS", LegState.PENDING),
        ("SUCCESSFUL", "SUCCESSFUL", LegState.SUCCEEDED),
        ("FAILED", "SUCCESSFUL", LegState.RETURNING),
        ("REFUND_PENDING", "SUCCESSFUL", LegState.RETURNING),
        ("REFUNDED", "SUCCESSFUL", LegState.RETURNED),
        ("REVERSED", "SUCCESSFUL", LegState.RETURNED),
        ("EXPIRED", "SUCCESSFUL", LegState.RETURNING),
        ("FAILED", "FAILED", LegState.FAILED),
        ("DECLINED", None, LegState.FAILED),
        ("CANCELLED", "CANCELLED", LegState.FAILED),
        ("EXPIRED", "EXPIRED", LegState.EXPIRED),
    ],
)
def test_the_status_of_a_sale_and_whether_its_crypto_came_decide(
    status: str, onchain: str | None, state: LegState
) -> None:
    decision = decide(OFFRAMP, sale_report(status, onchain))

    assert (decision.state, decision.concern) == (state, None)


def test_a_sale_is_cancelled_only_where_the_customer_asked_for_it() -> None:
    asked = replace(OFFRAMP, cancel_asked=True)

    assert decide(asked, sale_report("CANCELLED", "CANCELLED")).state is LegState.CANCELLED
    assert decide(asked, sale_report("CANCELLED", "SUCCESSFUL")).state is LegState.RETURNING


def test_a_refund_that_failed_is_for_a_person() -> None:
    decision = decide(OFFRAMP, sale_report("REFUND_FAILED", "SUCCESSFUL"))

    assert (decision.state, decision.concern) == (LegState.RETURNING, Concern.REFUND_FAILED)


def test_crypto_given_back_after_the_payout_is_for_a_person() -> None:
    decision = decide(replace(OFFRAMP, state=LegState.SUCCEEDED), sale_report("REVERSED", refund_status="SUCCESSFUL"))

    assert (decision.state, decision.concern) == (LegState.REVERSED, Concern.REVERSED)


def test_a_sale_from_our_own_wallet_goes_nowhere_by_itself() -> None:
    decision = decide(OFFRAMP, sale_report("SUCCESSFUL", "SUCCESSFUL", own_wallet=True))

    assert (decision.state, decision.concern) == (None, Concern.OWN_WALLET)


@pytest.mark.parametrize("field", ["crypto_seen", "crypto_received"])
@pytest.mark.parametrize("status", ["PENDING", "CRYPTO_RECEIVED", "SUCCESSFUL"])
def test_another_amount_of_crypto_is_never_settled_by_itself(field: str, status: str) -> None:
    decision = decide(OFFRAMP, sale_report(status, "SUCCESSFUL", **{field: Decimal("9.99")}))

    assert (decision.state, decision.concern) == (None, Concern.AMOUNT_DIFFERS)
    back = decide(OFFRAMP, sale_report("REFUNDED", "SUCCESSFUL", **{field: Decimal("9.99")}))
    assert (back.state, back.concern) == (LegState.RETURNED, Concern.AMOUNT_DIFFERS)


@pytest.mark.parametrize(
    ("facts", "concern"),
    [
        ({"gross": Decimal(1304)}, Concern.AMOUNT_DIFFERS),
        ({"net": Decimal(1278)}, Concern.AMOUNT_DIFFERS),
        ({"crypto_amount": Decimal(11)}, Concern.AMOUNT_DIFFERS),
        ({"currency": "UGX"}, Concern.CURRENCY_DIFFERS),
        ({"token": "USDT"}, Concern.CURRENCY_DIFFERS),
        ({"chain": "POLYGON"}, Concern.RECEIVER_DIFFERS),
    ],
)
def test_a_sale_of_other_money_is_not_even_begun(facts: dict[str, object], concern: Concern) -> None:
    decision = decide(replace(OFFRAMP, state=LegState.SUBMITTING), sale_report("PENDING", "PENDING", **facts))

    assert (decision.state, decision.concern) == (None, concern)


@pytest.mark.parametrize(
    ("word", "collected", "paid_out"),
    [
        ("PENDING", LegState.PENDING, LegState.PENDING),
        ("SUCCESSFUL", LegState.SUCCEEDED, LegState.SUCCEEDED),
        ("FAILED", LegState.FAILED, LegState.FAILED),
        ("CANCELLED", LegState.FAILED, LegState.FAILED),
        ("EXPIRED", LegState.EXPIRED, LegState.EXPIRED),
        ("REVERSED", LegState.REVERSED, LegState.FAILED),
    ],
)
def test_collections_and_payouts_follow_their_status(word: str, collected: LegState, paid_out: LegState) -> None:
    assert decide(COLLECT, Report(reference="bot-1", status=word)).state is collected
    assert decide(PAYOUT, Report(reference="bot-2", status=word)).state is paid_out


def test_a_payout_that_was_undone_is_for_a_person() -> None:
    decision = decide(replace(PAYOUT, state=LegState.SUCCEEDED), Report(reference="bot-2", status="REVERSED"))

    assert (decision.state, decision.concern) == (LegState.REVERSED, Concern.REVERSED)


@pytest.mark.parametrize("leg", [COLLECT, PAYOUT], ids=lambda leg: leg.kind)
def test_another_amount_is_neither_collected_nor_paid_out(leg: LegFacts) -> None:
    decision = decide(leg, Report(reference=leg.reference, status="SUCCESSFUL", gross=Decimal(501)))

    assert (decision.state, decision.concern) == (None, Concern.AMOUNT_DIFFERS)


_words = st.none() | st.sampled_from(
    [
        *("PENDING", "INITIATED", "SUCCESSFUL", "FAILED", "EXPIRED", "CANCELLED", "REVERSED"),
        *("IN_PROGRESS", "DUPLICATE", "REQUIRE_REVIEW", "WHO_KNOWS"),
        *("CRYPTO_RECEIVED", "REFUND_PENDING", "REFUNDED", "REFUND_FAILED"),
    ]
)
_reports = st.builds(
    Report,
    reference=st.none() | st.sampled_from(["bot-1", "bot-2", "other"]),
    status=_words,
    deposit_status=_words,
    onchain_status=_words,
    gross=st.none() | st.sampled_from([Decimal(1000), Decimal(1025), Decimal(1)]),
    to_pay=st.none() | st.sampled_from([Decimal(1025), Decimal(2)]),
    crypto_received=st.none() | st.sampled_from([Decimal("7.65"), Decimal(7), Decimal(10)]),
    crypto_seen=st.none() | st.sampled_from([Decimal(0), Decimal(10), Decimal(11)]),
    own_wallet=st.booleans(),
    refund_status=_words,
    currency=st.none() | st.sampled_from(["KES", "UGX"]),
)


LEGS = [ONRAMP, OFFRAMP, COLLECT, PAYOUT, REFUND]


@given(leg=st.sampled_from(LEGS), asked=st.booleans(), reports=st.lists(_reports, max_size=12))
def test_any_sequence_of_reports_moves_only_along_the_graph(leg: LegFacts, asked: bool, reports: list[Report]) -> None:
    state = LegState.SUBMITTING
    for report in reports:
        decision = decide(replace(leg, state=state, cancel_asked=asked), report)
        if decision.state is not None and decision.state != state:
            assert decision.state in LEG_MOVES[state] & LEG_STATES[leg.kind]
            state = decision.state


@given(leg=st.sampled_from(LEGS), report=_reports, data=st.data())
def test_the_same_report_twice_moves_at_most_once(leg: LegFacts, report: Report, data: st.DataObject) -> None:
    state = data.draw(st.sampled_from(sorted(LEG_STATES[leg.kind])))
    first = decide(replace(leg, state=state), report)
    if first.state is not None and first.state != state:
        second = decide(replace(leg, state=first.state), report)
        assert second.state in (None, first.state)


@given(report=_reports, state=st.sampled_from([LegState.SUBMITTING, LegState.PENDING, LegState.COLLECTED]))
def test_a_sale_is_paid_out_only_for_the_exact_amount_from_the_customers_own_wallet(
    report: Report, state: LegState
) -> None:
    decision = decide(replace(OFFRAMP, state=state), report)
    if decision.state in (LegState.COLLECTED, LegState.SUCCEEDED) and decision.state != state:
        assert not report.own_wallet
        assert {report.crypto_seen, report.crypto_received} <= {None, Decimal(0), OFFRAMP.crypto_amount}
