"""The provider refuses us, goes away, changes its mind, or lets a quote run out: nothing is lost, and everybody is told."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.payments.schedule import Patience
from bot.settings import SettingsRefused
from bot.simulator.kotani.records import Onramp, Withdrawal
from bot.telegram.pacing import Pace
from bot.tour.customer import Customer

from .conftest import Play, from_now_on

IMPATIENT = Patience(
    poll_steps=((1000, timedelta(milliseconds=200)),),
    call_deadline=timedelta(seconds=2),
    ask_again=timedelta(milliseconds=100),
    backoff_first=timedelta(milliseconds=20),
    backoff_most=timedelta(milliseconds=300),
    blocked=timedelta(milliseconds=300),
    poll_last=timedelta(milliseconds=300),
)


async def review(jane: Customer, line: str = "buy 10 usdc on base") -> None:
    await jane.says(line)
    await jane.taps("0x5aAe")
    await jane.sees("Check before you confirm")


async def buys(jane: Customer, line: str = "buy 10 usdc on base") -> None:
    await review(jane, line)
    await jane.taps("Confirm")


def approve(play: Play) -> None:
    (prompt,) = play.kotani.prompts()
    assert play.kotani.approve(prompt.id)


async def prompted(play: Play) -> None:
    await play.kotani.until(lambda: bool(play.kotani.prompts()), 30)


async def delivered(play: Play, jane: Customer) -> Onramp:
    await prompted(play)
    approve(play)
    await jane.sees("delivered", rings=True)
    (order,) = play.orders()
    assert isinstance(order, Onramp)
    return order


# what the provider undoes


async def test_what_was_delivered_and_is_taken_back_is_told_and_goes_to_a_person(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await buys(jane)
        order = await delivered(play, jane)
        await from_now_on(jane)
        play.kotani.force(order.reference, status="REVERSED", depositStatus="SUCCESSFUL", onchainStatus="REVERSED")
        await jane.sees("Reversed", "person", rings=True)
        await play.quiet()
        assert await play.ask("SELECT concern FROM attention_case") == [("reversed",)]
        assert jane.count("Reversed: ") == 1


async def test_a_refund_that_comes_back_is_told_again_as_often_as_it_happens(play: Play) -> None:
    play.kotani.fail_next(deliveries=1)
    async with play.running():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        approve(play)
        await jane.sees("Your money is back", rings=True)
        (refund,) = play.orders("withdraw")
        assert isinstance(refund, Withdrawal)
        await from_now_on(jane)
        play.kotani.force(refund.reference, status="REVERSED")
        seen = await jane.sees("did not work out", "A person from our team is looking", rings=True)
        assert "Not delivered" in seen.text
        await play.quiet()
        assert await play.one("SELECT state FROM payment") == "refunding"
        assert await play.ask("SELECT concern FROM attention_case") == [("refund_failed",)]
        play.kotani.repeat(refund.reference, 3)
        await play.kotani.callbacks.idle()
        await play.quiet()
        told = await play.ask("SELECT dedupe_key FROM notice WHERE kind = 'payment_outcome' ORDER BY id")
        assert [key.rsplit(":", 1)[1] for (key,) in told] == ["refunding", "refunded", "refunding"]
        assert len(play.orders("withdraw")) == 1


async def test_what_contradicts_an_end_makes_us_ask_once_and_changes_nothing(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await buys(jane)
        order = await delivered(play, jane)
        await play.quiet()
        polls = len([seen for seen in play.kotani.requests if seen.operation == "onramp.status"])
        play.kotani.configure(callback_mode="hold")
        play.kotani.force(order.reference, status="FAILED", depositStatus="FAILED", onchainStatus="NOT_INITIATED")
        play.kotani.force(order.reference, status="SUCCESSFUL", depositStatus="SUCCESSFUL", onchainStatus="SUCCESSFUL")
        play.kotani.configure(callback_mode="normal")
        play.kotani.release()
        await play.until("SELECT 1 FROM leg_event WHERE cause = 'poll' AND from_state = 'succeeded'")
        await play.quiet()
        assert await play.ask("SELECT concern FROM attention_case") == [("contradiction",)]
        assert await play.one("SELECT state FROM payment") == "completed"
        assert len([seen for seen in play.kotani.requests if seen.operation == "onramp.status"]) == polls + 1
        assert jane.count("delivered") >= 1
        assert jane.count("Not paid") == 0


async def test_an_address_that_is_echoed_in_small_letters_is_the_same_address(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        (order,) = play.orders()
        assert isinstance(order, Onramp)
        order.receiver = order.receiver.lower()
        await delivered(play, jane)
        await play.quiet()
        assert await play.ask("SELECT concern FROM attention_case") == []


# a key that is taken away


async def test_a_key_that_is_revoked_burns_nothing_and_opens_one_case(play: Play) -> None:
    play.patience = IMPATIENT
    async with play.running():
        people = [await play.person(f"P{n}", f"+25471234560{n}") for n in range(4)]
        jane, under_way, confirming, asking = people
        await buys(under_way)
        await prompted(play)
        await review(confirming)
        play.kotani.configure(api_keys=["another key"], callback_mode="none")
        approve(play)  # money is taken, and no status can be read
        await confirming.taps("Confirm")
        for person in (jane, asking):
            await person.says("buy 20 usdc on base")
            await person.taps("0x5aAe")
            await person.sees("closed at the moment", "Nothing was paid")
        await play.until("SELECT 1 FROM attention_case")
        refused = [seen for seen in play.kotani.requests if seen.status == 401]
        await play.kotani.until(lambda: sum(seen.status == 401 for seen in play.kotani.requests) > len(refused) + 4, 30)
        cases = await play.ask("SELECT concern, resolved_at, payment_id FROM attention_case")
        assert cases == [("submit_blocked", None, None)]
        assert await play.ask("SELECT state FROM leg WHERE state NOT IN ('ready','submitting','pending')") == []

        play.kotani.configure(api_keys=["a-key-of-the-tests"], callback_mode="normal")
        await under_way.sees("delivered", rings=True)
        await play.until("SELECT 1 FROM attention_case WHERE resolved_at IS NOT NULL")
        await prompted(play)
        approve(play)
        await confirming.sees("delivered", rings=True)
        await jane.taps("new price")
        await jane.sees("Check before you confirm")
        await play.quiet()
        assert len(play.orders()) == 2

        play.kotani.configure(api_keys=["another key"])  # and again: the same case is open again
        await asking.taps("new price")
        await play.until("SELECT 1 FROM attention_case WHERE resolved_at IS NULL")
        assert len(await play.ask("SELECT 1 FROM attention_case")) == 1


# a provider that is away


async def test_a_provider_that_is_away_for_hours(
    play: Play, phones: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.engine.stepping.TELL_AFTER", 3)
    play.patience = IMPATIENT
    play.kotani.configure(prompt_ttl=1e6)
    async with play.running():
        paying = [await play.person(f"P{n}", phones[n]) for n in range(5)]
        await asyncio.gather(*map(buys, paying))
        await play.kotani.until(lambda: len(play.kotani.prompts()) == len(paying), 30)
        late = await play.person("Late", phones[50])
        await review(late)
        await play.provider_goes()
        await late.taps("Confirm")
        for prompt in play.kotani.prompts():  # their phones still work
            play.kotani.approve(prompt.id)
        await play.until("SELECT 1 FROM leg WHERE submissions > 0 AND state = 'ready'")
        play.clock.jump(hours=6)
        for person in paying:
            await person.sees("takes longer than usual", "do not pay twice", rings=True)
            assert person.count("takes longer than usual") == 1
        await late.sees("No money was taken", rings=True)  # its price is long over
        stuck = await play.one("SELECT count(*) FROM leg WHERE due_at IS NOT NULL")
        assert stuck == len(paying)

        await play.provider_comes()
        for person in paying:
            await person.sees("delivered", rings=True)
        await play.quiet()
        assert {person.count("takes longer than usual") for person in paying} == {1}
        assert len(play.orders()) == len(paying)


async def test_after_an_outage_everything_is_asked_at_a_pace(play: Play, phones: list[str]) -> None:
    """Never more at once than the engine's own limit, and the provider's limit of requests is obeyed without a loss."""
    play.patience = IMPATIENT
    play.pace = Pace(*(timedelta(),) * 3)
    play.telegram.configure(limits="off")
    play.kotani.configure(prompt_ttl=1e6, auto_approve=True, callback_mode="none", auto_deliver=False)
    many = 24
    async with play.running():
        people = [await play.person(f"P{n}", phones[n]) for n in range(many)]
        await asyncio.gather(*map(buys, people))
        await play.until("SELECT 1 FROM (SELECT count(*) AS n FROM leg) WHERE n = :many", many=many)
        await play.provider_goes()
        await play.until("SELECT 1 FROM leg WHERE failures > 0")
        play.provider_fault("delay", seconds=0.02, times=0)
        await play.provider_comes()
        began = len(play.kotani.requests)
        most = 0
        collected = "SELECT 1 FROM (SELECT count(*) AS n FROM leg WHERE state = 'collected') WHERE n = :many"
        while not await play.ask(collected, many=many):
            most = max(most, sum(seen.status is None for seen in play.kotani.requests[began:]))
            await asyncio.sleep(0.005)
        assert 0 < most <= 16


@pytest.mark.parametrize("times", [1, 3])
async def test_a_provider_that_does_not_listen_gets_the_same_order_once_it_does(play: Play, times: int) -> None:
    play.patience = IMPATIENT
    async with play.running():
        jane = await play.person()
        await review(jane)
        await play.provider_goes()
        await jane.taps("Confirm")
        await play.until("SELECT 1 FROM leg WHERE submissions >= :times", times=times)
        await play.provider_comes()
        await delivered(play, jane)
        await play.quiet()
        (order,) = play.orders()
        assert order.reference == await play.one("SELECT reference FROM leg")


# quotes that run out


async def test_a_quote_that_ran_out_before_confirm_is_asked_again_with_the_difference(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await review(jane)
        before = _price(jane)
        play.kotani.configure(rates={"KES": Decimal(150)})
        play.telegram.updates.hold()
        await jane.taps("Confirm")  # on its way, when the price runs out
        play.clock.jump(seconds=51)
        play.telegram.updates.release()
        renewed = await jane.sees("The price ran out. Here is the new one.", "You now pay", "more")
        assert _price(jane) > before
        await play.quiet()
        assert play.orders() == []
        assert any("Confirm" in label for label in renewed.labels)
        await jane.taps("Confirm")
        order = await delivered(play, jane)
        assert order.quote.transaction == _price(jane)


def _price(jane: Customer) -> int:
    texts = [message.text for message in jane.messages.values() if "You pay" in message.text]
    return int(texts[-1].split("You pay ")[1].split(" KES")[0].replace(",", ""))


async def test_limits_that_changed_after_the_card_was_drawn_are_held_to(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await review(jane)
        await play.handled()
    play.settings = play.settings.model_copy(update={"limits": "KES=5000..250000"})
    async with play.running():
        await jane.taps("Confirm")
        await jane.sees("5,000 KES")
        await play.handled()
        assert await play.one("SELECT question FROM dialogue") == "amount"
        assert play.orders() == []


async def test_a_card_that_nobody_looks_at_is_renewed_and_then_left(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await review(jane)
        for renewal in range(1, 8):
            play.clock.jump(seconds=51)
            play.kotani.configure(rates={"KES": Decimal(130 + renewal)})
            if renewal < 7:
                await jane.sees("The price ran out. Here is the new one.", "You now pay")
                await from_now_on(jane)
        await jane.sees("This price has run out", "Nothing was paid")
        await play.handled()
        assert await play.ask("SELECT 1 FROM dialogue WHERE due_at IS NOT NULL") == []
        quotes = len([seen for seen in play.kotani.requests if seen.operation == "rate.onramp"])
        play.clock.jump(minutes=10)
        await asyncio.sleep(1.2)
        assert len([seen for seen in play.kotani.requests if seen.operation == "rate.onramp"]) == quotes
        await jane.taps("new price")
        await jane.taps("Confirm")
        await delivered(play, jane)


# money that is owed, and other environments


async def test_a_refund_waits_for_money_in_the_payout_balance_and_a_person_hears_of_it(play: Play) -> None:
    play.patience = IMPATIENT
    play.kotani.fail_next(deliveries=1)
    async with play.running():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        wallet = next(wallet for wallet in play.kotani.wallets.all.values() if wallet.currency == "KES")
        held, wallet.balance = wallet.balance, Decimal(0)
        approve(play)
        await jane.sees("is on its way back", rings=True)
        await play.until("SELECT 1 FROM attention_case WHERE concern = 'refund_blocked'")
        await jane.sees("A person from our team is looking")
        assert play.orders("withdraw") == []
        wallet.balance = held
        await jane.sees("Your money is back", rings=True)
        await play.quiet()
        assert len(play.orders("withdraw")) == 1
        assert len(await play.ask("SELECT 1 FROM attention_case")) == 1


async def test_what_belongs_to_another_environment_is_left_alone(play: Play) -> None:
    play.patience = IMPATIENT
    async with play.running():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        await play.handled()
    asked = len([seen for seen in play.kotani.requests if "onramp" in seen.operation])  # nobody runs
    sandbox = play.settings
    production = {"kotani_environment": "production", "owners": "1", "public_url": "https://pay.example.com"}
    play.settings = sandbox.model_copy(update=production)
    async with play.running():
        play.clock.jump(hours=1)
        await asyncio.sleep(1.2)
        assert len([seen for seen in play.kotani.requests if "onramp" in seen.operation]) == asked
        assert await play.ask("SELECT state FROM leg") == [("pending",)]
    play.settings = sandbox
    async with play.running():
        await delivered(play, jane)


async def test_a_key_that_is_refused_from_the_start_stops_the_start_without_showing_it(play: Play) -> None:
    play.kotani.configure(api_keys=["a key of the other environment"])
    with pytest.raises(SettingsRefused) as refused:
        async with play.running():
            raise AssertionError("it started")
    assert "KOTANI_API_KEY" in str(refused.value)
    assert "a-key-of-the-tests" not in str(refused.value)
    play.kotani.configure(api_keys=["a-key-of-the-tests"])
    await play.provider_goes()
    async with play.running():  # a provider that is away is no reason not to start
        jane = await play.person()
        await jane.says("buy 10 usdc on base")
        await jane.taps("0x5aAe")
        await jane.sees("cannot be reached right now", "Nothing was paid")
    await play.provider_comes()
