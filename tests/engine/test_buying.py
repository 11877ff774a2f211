"""A purchase through every way that the provider can behave: one order, one outcome, and never a guess."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from bot.engine.clock import utc_now
from bot.payments.states import Concern, PaymentState
from bot.simulator.kotani import Match, Rule
from storage.payments import LEG
from storage.tables import Notice, table_of

from .conftest import ADDRESS, House

NOTICE = table_of(Notice)


async def test_a_purchase_is_delivered_and_told_once(house: House) -> None:
    request, offer = await house.offer()
    payment = await house.confirm(request, offer)

    view = await house.ended(payment)

    assert view.state is PaymentState.COMPLETED
    assert (view.pay, view.receive, view.fee) == (offer.pay, offer.receive, offer.fee)
    assert view.tx_hash
    assert await house.outcomes(payment) == ["completed"]
    ordered = house.world.transaction(await house.reference(payment))
    assert ordered is not None
    assert ordered.receiver == ADDRESS  # type: ignore[union-attr]
    assert house.world.creates(await house.reference(payment)).attempted == 1
    assert await house.cases(payment) == []


async def test_it_ends_well_when_no_callback_ever_comes(house: House) -> None:
    house.world.configure(callback_mode="none")

    payment = await house.buy()

    assert (await house.ended(payment)).state is PaymentState.COMPLETED
    assert await house.outcomes(payment) == ["completed"]


async def test_it_ends_well_when_every_callback_comes_three_times(house: House) -> None:
    house.world.configure(callback_duplicates=2)

    payment = await house.buy()

    assert (await house.ended(payment)).state is PaymentState.COMPLETED
    assert await house.outcomes(payment) == ["completed"]


async def test_it_ends_well_when_callbacks_come_in_reverse(house: House) -> None:
    house.world.configure(callback_mode="hold")
    payment = await house.buy()
    await house.ended(payment)

    assert house.world.release("reversed") > 1
    await house.world.callbacks.idle()

    assert (await house.ended(payment)).state is PaymentState.COMPLETED
    assert await house.outcomes(payment) == ["completed"]
    assert await house.cases(payment) == []


@pytest.mark.parametrize(
    "rule",
    [
        Rule(action="accept_then_drop", match=Match(operation="onramp.create")),
        Rule(action="accept_then_500", match=Match(operation="onramp.create")),
        Rule(action="malformed", match=Match(operation="onramp.create")),
        Rule(action="timeout", match=Match(operation="onramp.create"), processed=True),
        Rule(
            action="answer", match=Match(operation="onramp.create"), processed=True, status=200, body='{"success":true}'
        ),
    ],
    ids=lambda rule: rule.action,
)
async def test_an_answer_that_was_lost_never_makes_a_second_order(house: House, rule: Rule) -> None:
    house.world.inject(rule)

    payment = await house.buy()

    assert (await house.ended(payment)).state is PaymentState.COMPLETED
    creates = house.world.creates(await house.reference(payment))
    assert (creates.attempted, creates.accepted) == (1, 1)


@pytest.mark.parametrize(
    ("database_url", "action"),
    [("sqlite", "drop_before"), ("postgres", "timeout"), ("sqlite", "redirect")],
    indirect=["database_url"],
)
async def test_an_order_that_never_arrived_is_sent_again_under_the_same_reference(house: House, action: str) -> None:
    house.world.inject(Rule(action=action, match=Match(operation="onramp.create")))  # type: ignore[arg-type]

    payment = await house.buy()

    assert (await house.ended(payment)).state is PaymentState.COMPLETED
    assert house.world.creates(await house.reference(payment)).accepted == 1


async def test_a_refused_order_ends_with_a_reason_and_is_not_repeated(house: House) -> None:
    house.world.inject(
        Rule(action="refuse", match=Match(operation="onramp.create"), message="Daily limit reached for this customer")
    )

    payment = await house.buy()

    view = await house.ended(payment)
    assert (view.state, view.reason) == (PaymentState.FAILED, "reason.limit")
    assert [seen.operation for seen in house.world.requests].count("onramp.create") == 1


async def test_rate_limits_delay_an_order_and_do_not_lose_it(house: House) -> None:
    house.world.inject(Rule(action="rate_limit", match=Match(operation="onramp.create"), retry_after=1))

    payment = await house.buy()

    assert (await house.ended(payment)).state is PaymentState.COMPLETED


async def test_a_quote_that_ran_out_before_the_order_is_never_paid_on(house: House) -> None:
    request, offer = await house.offer()
    house.world.inject(Rule(action="refuse", match=Match(operation="onramp.create"), message="Rate Expired"))

    payment = await house.confirm(request, offer)

    view = await house.ended(payment)
    assert (view.state, view.reason) == (PaymentState.EXPIRED, "reason.quote_expired")


async def test_an_order_whose_quote_runs_out_while_it_waits_is_not_sent(house: House) -> None:
    request, offer = await house.offer()
    payment = await house.confirm(request, offer)
    past = utc_now() - timedelta(seconds=1)

    def expire(session: Session) -> None:
        session.connection().execute(LEG.update().values(quote_expires_at=past))

    house.world.inject(Rule(action="rate_limit", match=Match(operation="onramp.create"), retry_after=1))
    await house.database.write(expire)

    view = await house.ended(payment)
    assert view.state in (PaymentState.EXPIRED, PaymentState.COMPLETED)
    if view.state is PaymentState.EXPIRED:
        assert house.world.creates(await house.reference(payment)).accepted == 0


@pytest.mark.parametrize(
    ("phone", "reason"),
    [("+254700000010", "reason.insufficient_funds"), ("+254700000013", "reason.declined_by_you")],
)
async def test_a_prompt_that_is_not_approved_ends_with_nothing_taken(house: House, phone: str, reason: str) -> None:
    payment = await house.buy(phone=phone)

    view = await house.ended(payment)
    assert (view.state, view.reason) == (PaymentState.FAILED, reason)
    assert await house.outcomes(payment) == ["failed"]


async def test_a_prompt_that_nobody_answers_expires(house: House) -> None:
    house.world.configure(auto_approve=False, prompt_ttl=0.1)

    payment = await house.buy()

    view = await house.ended(payment)
    assert (view.state, view.reason) == (PaymentState.EXPIRED, "reason.prompt_expired")


async def test_a_payment_that_is_not_approved_for_long_is_reminded_of_once(house: House) -> None:
    house.world.configure(auto_approve=False, prompt_ttl=600)

    payment = await house.buy()

    await house.until_noticed(payment, "payment_reminder")
    house.world.approve(await house.reference(payment))
    assert (await house.ended(payment)).state is PaymentState.COMPLETED
    kinds = [row["kind"] for row in await house.rows(NOTICE, payment)]
    assert kinds.count("payment_reminder") == 1


async def test_crypto_that_cannot_be_delivered_is_paid_back_to_the_payer(house: House) -> None:
    house.world.fail_next(deliveries=1)

    payment = await house.buy()

    view = await house.ended(payment)
    assert view.state is PaymentState.REFUNDED
    assert view.refund == view.pay
    assert await house.outcomes(payment) == ["refunding", "refunded"]
    refund = house.world.transaction(await house.reference(payment, 1))
    assert refund is not None
    assert refund.amount == view.pay.amount  # type: ignore[union-attr]
    assert house.world.creates(await house.reference(payment, 1)).accepted == 1


@pytest.mark.parametrize(
    ("database_url", "action"),
    [("sqlite", "accept_then_drop"), ("postgres", "accept_then_500"), ("sqlite", "drop_before")],
    indirect=["database_url"],
)
async def test_a_refund_is_made_once_however_its_answer_is_lost(house: House, action: str) -> None:
    house.world.fail_next(deliveries=1)
    house.world.inject(Rule(action=action, match=Match(operation="withdraw.create")))  # type: ignore[arg-type]

    payment = await house.buy()

    assert (await house.ended(payment)).state is PaymentState.REFUNDED
    assert house.world.creates(await house.reference(payment, 1)).accepted == 1


async def test_a_refund_that_fails_waits_for_a_person_and_says_so(house: House) -> None:
    house.world.fail_next(deliveries=1, withdrawals=1)

    payment = await house.buy()

    view = await house.until(payment, lambda view: view.with_a_person, "with a person")
    assert view.state is PaymentState.REFUNDING
    assert await house.cases(payment) == [Concern.REFUND_FAILED]
    await house.check(payment)


async def test_other_money_than_was_confirmed_never_settles(house: House) -> None:
    house.world.configure(auto_approve=False)
    payment = await house.buy()
    await house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "awaiting the payment")
    order = house.world.transaction(await house.reference(payment))
    assert order is not None
    order.quote.fiat = Decimal(999)  # type: ignore[union-attr]

    house.world.approve(await house.reference(payment))

    view = await house.until(payment, lambda view: view.with_a_person, "with a person")
    assert view.state is PaymentState.AWAITING_PAYMENT
    assert await house.cases(payment) == [Concern.AMOUNT_DIFFERS]


async def test_a_forged_callback_changes_nothing(house: House) -> None:
    house.world.configure(auto_approve=False)
    payment = await house.buy()
    await house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "awaiting the payment")
    reference = await house.reference(payment)

    for how in ("wrong_secret", "unsigned", "altered", "empty"):
        forged = house.world.forge(reference, how, "SUCCESSFUL")  # type: ignore[arg-type]
        assert forged is not None
        await house.world.callbacks.idle()
        assert [attempt.status for attempt in forged.attempts] == [401]

    view = await house.payments.view(payment)
    assert view is not None
    assert view.state is PaymentState.AWAITING_PAYMENT


class TestWithoutAWebhookSecret:
    """Unsigned callbacks are hints: they make us look, and what we see is what counts."""

    @pytest.fixture
    def secret(self) -> str:
        return ""

    async def test_a_purchase_is_delivered_and_told_once(self, house: House) -> None:
        payment = await house.buy()

        assert (await house.ended(payment)).state is PaymentState.COMPLETED
        assert await house.outcomes(payment) == ["completed"]

    async def test_a_lie_makes_us_look_and_nothing_else(self, house: House) -> None:
        house.world.configure(auto_approve=False)
        payment = await house.buy()
        await house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "awaiting the payment")

        lie = house.world.forge(await house.reference(payment), "unsigned", "SUCCESSFUL")
        await house.world.callbacks.idle()

        assert lie is not None
        assert [attempt.status for attempt in lie.attempts] == [200]
        view = await house.payments.view(payment)
        assert view is not None
        assert view.state is PaymentState.AWAITING_PAYMENT
