"""What goes wrong on request: refusals, lost answers, delays, and that each is recorded."""

import httpx
import pytest
from telegram import Bot
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError, TimedOut

from bot.simulator.telegram import Match, Person, Rule, TelegramWorld

from .conftest import Ask

SENDS = Match(operation="sendMessage")


async def test_a_refusal_is_given_word_for_word_and_nothing_is_sent(
    bot: Bot, world: TelegramWorld, amina: Person
) -> None:
    rule = Rule(action="refuse", match=SENDS, status=403, message="Forbidden: bot was blocked by the user")
    world.inject(rule)

    with pytest.raises(Forbidden):
        await bot.send_message(amina.id, "hi")
    assert world.messages(amina.id, by_bot=True) == []
    await bot.send_message(amina.id, "hi")
    assert [call.code for call in world.called("sendMessage")] == [403, 200]


@pytest.mark.parametrize("retry_after", [3, 3600])
async def test_a_flood_wait_names_its_seconds(ask: Ask, world: TelegramWorld, amina: Person, retry_after: int) -> None:
    world.inject(Rule(action="rate_limit", match=SENDS, retry_after=retry_after))

    answer = await ask("sendMessage", chat_id=amina.id, text="hi")
    assert answer["parameters"] == {"retry_after": retry_after}
    assert answer["description"] == f"Too Many Requests: retry after {retry_after}"


@pytest.mark.parametrize(("action", "sent"), [("accept_then_drop", 1), ("drop_before", 0)])
async def test_an_answer_is_lost(bot: Bot, world: TelegramWorld, amina: Person, action: str, sent: int) -> None:
    world.inject(Rule(action=action, match=SENDS))  # type: ignore[arg-type]

    with pytest.raises(NetworkError):
        await bot.send_message(amina.id, "hi")
    assert len(world.messages(amina.id, by_bot=True)) == sent
    assert world.called("sendMessage")[0].code is None


async def test_an_answer_that_never_comes_is_a_timeout(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    world.inject(Rule(action="timeout", match=SENDS, processed=True))

    with pytest.raises(TimedOut):
        await bot.send_message(amina.id, "hi", read_timeout=0.2)
    assert len(world.messages(amina.id, by_bot=True)) == 1


@pytest.mark.parametrize("rule", [Rule(action="accept_then_500"), Rule(action="answer", status=502, body="<html>")])
async def test_the_server_breaks(bot: Bot, world: TelegramWorld, amina: Person, rule: Rule) -> None:
    world.inject(rule)

    with pytest.raises(TelegramError) as raised:
        await bot.send_message(amina.id, "hi")
    assert not isinstance(raised.value, BadRequest)


async def test_a_rule_meets_one_chat(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    brian = world.people.add("Brian")
    world.people.start(brian.id)
    world.inject(Rule(action="refuse", match=Match(reference=str(brian.id)), message="Bad Request: no"))

    await bot.send_message(amina.id, "hi")
    with pytest.raises(BadRequest):
        await bot.send_message(brian.id, "hi")


async def test_a_poll_can_be_refused(bot: Bot, world: TelegramWorld) -> None:
    world.inject(
        Rule(action="refuse", match=Match(operation="getUpdates"), status=500, message="Internal Server Error")
    )

    with pytest.raises(NetworkError):
        await bot.get_updates()
    assert await bot.get_updates() == ()


async def test_a_caller_who_hangs_up_ends_the_poll(http: httpx.AsyncClient, world: TelegramWorld) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await http.get("/bot4242:simulated/getUpdates", params={"timeout": 30}, timeout=0.1)

    await world.until(lambda: len(world.called("getUpdates")) == 1)
