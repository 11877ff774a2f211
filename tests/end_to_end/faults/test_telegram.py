"""Telegram refuses, stalls, loses answers or is away: what must be said is said, in order, and money does not wait for it."""

import asyncio
import itertools
from datetime import datetime, timedelta

import httpx
import pytest

from bot.simulator.faults import Rule
from bot.telegram.pacing import Pace

from .conftest import Play, from_now_on
from .test_provider import approve, buys, delivered, prompted

SAYING = ("sendMessage", "sendPhoto", "editMessageText")


def outage(play: Play, action: str, **options: object) -> list[Rule]:
    """Nothing can be said until `over`."""
    return [play.fault(action, method, times=0, **options) for method in SAYING]


def over(rules: list[Rule]) -> None:
    for rule in rules:
        rule.times = 1


def sent(play: Play, chat: int | None = None) -> list[datetime]:
    """When new messages were accepted."""
    calls = [*play.telegram.called("sendMessage", chat), *play.telegram.called("sendPhoto", chat)]
    return sorted(call.at for call in calls if call.ok)


@pytest.mark.parametrize("seconds", [3, 60, 3600])
async def test_too_many_requests_delay_one_chat_for_as_long_as_was_asked_and_no_other(play: Play, seconds: int) -> None:
    async with play.running():
        jane, other = await play.person(), await play.person("Other", "+254712000111")
        await buys(jane)
        await prompted(play)
        await play.handled()
        rule = play.fault("rate_limit", "sendPhoto", reference=str(jane.id), retry_after=seconds)
        approve(play)
        await play.until("SELECT 1 FROM payment WHERE state = 'completed'")
        await play.telegram.until(lambda: rule.met == 1, 30)
        await other.says("/help")
        await other.sees("")
        play.clock.jump(seconds=seconds - 2)
        await play.until("SELECT 1 FROM notice WHERE kind = 'payment_outcome' AND state = 'due'")
        await asyncio.sleep(0.1)
        assert play.telegram.called("sendPhoto")[1:] == []
        play.clock.jump(seconds=2)
        await jane.sees("delivered", rings=True)
        await play.quiet()


@pytest.mark.parametrize("how", ["block", "deactivate"])
async def test_somebody_who_leaves_in_the_middle_is_paid_for_all_the_same(play: Play, how: str) -> None:
    async with play.running():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        await play.handled()
        await play.chat.post(f"/_control/telegram/people/{jane.id}/{how}")
        approve(play)
        await play.until("SELECT 1 FROM payment WHERE state = 'completed'")
        await play.until("SELECT 1 FROM notice WHERE kind = 'payment_outcome' AND state = 'parked'")
        await play.quiet()
        told = jane.count("delivered")
        assert told == 0
        if how == "deactivate":
            return
        await from_now_on(jane)
        await play.chat.post(f"/_control/telegram/people/{jane.id}/unblock")
        await jane.sees("10 USDC", "delivered", rings=True)
        await play.quiet()
        assert sum(message.picture is not None for message in jane.messages.values()) == 1


async def test_an_answer_that_is_lost_repeats_the_news_at_most_once_under_the_same_reference(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        play.fault("accept_then_drop", "sendPhoto")
        approve(play)
        await jane.sees("delivered", rings=True)
        await play.quiet()
        await jane.refresh()
        news = [message for message in jane.messages.values() if message.picture is not None]
        assert len(news) == 2
        assert len({message.text.split("Reference ")[1].split()[0] for message in news}) == 1


@pytest.mark.parametrize("action", ["drop_before", "accept_then_500", "malformed"])
async def test_every_call_fails_once_and_everything_is_said(play: Play, action: str) -> None:
    for method in ("sendMessage", "editMessageText", "sendPhoto", "answerCallbackQuery", "getUpdates"):
        play.fault(action, method)
    async with play.running():
        jane = await play.person()
        await buys(jane)
        await delivered(play, jane)
        await play.quiet(15)
        assert await play.ask("SELECT 1 FROM notice WHERE state NOT IN ('sent', 'superseded')") == []


async def test_a_card_that_was_deleted_comes_as_a_new_message_and_one_that_is_the_same_is_done(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        await play.handled()
        card = await play.one("SELECT message_id FROM message_slot WHERE slot LIKE 'p:%'")
        play.telegram.chats.all[jane.id].messages[card].deleted = True
        play.fault("refuse", "editMessageText", message="Bad Request: message is not modified: the same", skip=1)
        approve(play)
        await jane.sees("delivered", rings=True)
        await play.quiet()
        assert await play.one("SELECT message_id FROM message_slot WHERE slot LIKE 'p:%'") != card
        assert await play.ask("SELECT 1 FROM notice WHERE state NOT IN ('sent', 'superseded')") == []


async def test_after_an_outage_the_backlog_drains_in_order_and_at_a_pace(play: Play, phones: list[str]) -> None:
    """Telegram is away for half an hour while payments end. Then it is strict about its limits, and refuses nothing."""
    second = 0.25
    play.pace = Pace(in_chat=timedelta(seconds=second))
    async with play.running():
        people = [await play.person(f"P{n}", phones[n]) for n in range(6)]
        await asyncio.gather(*map(buys, people))
        await play.kotani.until(lambda: len(play.kotani.prompts()) == len(people), 30)
        await play.handled()
        away = outage(play, "refuse", status=502, message="Bad Gateway")
        play.kotani.fail_next(deliveries=len(people))  # two pieces of news for everybody
        for prompt in play.kotani.prompts():
            play.kotani.approve(prompt.id)
        await play.until(
            "SELECT 1 FROM (SELECT count(*) AS n FROM payment WHERE state = 'refunded') WHERE n = :many",
            20,
            many=len(people),
        )
        for person in people:
            await person.says("/help")
        for _ in range(3):
            play.clock.jump(minutes=10)
            await asyncio.sleep(0.1)
        assert await play.ask("SELECT 1 FROM notice WHERE state = 'refused'") == []
        before = {person.id: len(sent(play, person.id)) for person in people}
        over(away)
        play.clock.jump(minutes=2)
        await play.quiet(20)
        for person in people:
            await person.refresh()
            assert person.count("Your money is back") == 1
            news = sent(play, person.id)[before[person.id] :]
            assert len(news) >= 2
            assert all((b - a).total_seconds() >= second * 0.8 for a, b in itertools.pairwise(news))
        moments = sent(play)
        assert max(sum(a <= b < a + timedelta(seconds=1) for b in moments) for a in moments) <= 31
        for person in people:
            said = """SELECT id FROM notice WHERE chat_id = :chat AND state = 'sent' AND slot IS NULL
                ORDER BY message_id"""
            order = [row[0] for row in await play.ask(said, chat=person.id)]
            assert order == sorted(order)


async def test_a_token_that_is_refused_stops_the_talking_keeps_the_queue_and_shows(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        await play.handled()
        refusals = outage(play, "refuse", status=401, message="Unauthorized")
        async with httpx.AsyncClient(base_url=play.address, trust_env=False) as http:
            assert (await http.get("/health/ready")).status_code == 200
            approve(play)
            await play.until("SELECT 1 FROM payment WHERE state = 'completed'")
            async with asyncio.timeout(10):
                while (await http.get("/health/ready")).status_code != 503:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            assert (await http.get("/health/live")).status_code == 200
        calls = len([call for call in play.telegram.calls if call.code == 401])
        assert calls < 10
        assert await play.ask("SELECT 1 FROM notice WHERE kind = 'payment_outcome' AND state = 'due'") != []
        over(refusals)
        await jane.sees("delivered", rings=True)
        await play.quiet()


async def test_telegram_cannot_be_reached_and_nothing_is_lost(play: Play) -> None:
    """A port where nobody listens: the money flow goes on, and all is said once somebody does."""
    async with play.running():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        await play.handled()
        away = outage(play, "drop_before")
        approve(play)
        await play.until("SELECT 1 FROM payment WHERE state = 'completed'")
        await play.until("SELECT 1 FROM notice WHERE attempts >= 2")
        over(away)
        await jane.sees("delivered", rings=True)
        await play.quiet()
        assert sum(message.picture is not None for message in jane.messages.values()) == 1
