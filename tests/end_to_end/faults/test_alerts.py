"""Operators are called when something goes wrong: every kind by its own fault, into its topic, once, with what to do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.engine.operators.alerting import AlertKind
from bot.engine.operators.vigilance import Vigilance
from bot.payments.schedule import Patience
from bot.screens.operators.alerts import title
from bot.screens.texts import catalogue
from bot.simulator.telegram import Chat, Message
from bot.simulator.telegram.topics import delete_topic, open_forum
from bot.telegram.pacing import Pace
from bot.tour.customer import Customer

from .conftest import Play
from .test_provider import approve, buys, delivered, prompted

SOON = timedelta(milliseconds=100)
WATCHFUL = Vigilance(
    tick=timedelta(milliseconds=50),
    cases=SOON,
    records=SOON,
    provider=SOON,
    forgeries=SOON,
    balances=SOON,
    balances_again=SOON,
    overdue=timedelta(seconds=1),
    silent=timedelta(milliseconds=500),
    slow=timedelta(milliseconds=300),
    slow_calls=3,
    recent=timedelta(seconds=2),
    change=SOON,
)
TEXTS = catalogue("en")


@dataclass
class Team:
    """An owner, and a group with topics in which alerts are told."""

    play: Play
    owner: Customer
    group: Chat

    def there(self, kind: AlertKind) -> list[Message]:
        """What stands in the topic of a kind, the line of the start left out."""
        name = title(TEXTS, kind)
        threads = [number for number, topic in (self.group.topics or {}).items() if topic.name == name]
        return [
            message
            for message in self.play.telegram.messages(self.group.id, by_bot=True)
            if message.thread in threads and message.content.text and "Alerts reach here" not in message.content.text
        ]

    async def hears(self, kind: AlertKind, *texts: str) -> Message:
        """Wait for words in the topic of a kind."""

        def said() -> Message | None:
            for message in self.there(kind):
                if all(text in message.content.text.replace("\u00a0", " ") for text in texts):
                    return message
            return None

        try:
            await self.play.telegram.until(lambda: said() is not None, 15)
        except TimeoutError:
            raise AssertionError(f"{kind}: {[one.content.text for one in self.there(kind)]}") from None
        found = said()
        assert found is not None
        return found

    async def thread(self, kind: AlertKind) -> int:
        """The number of the topic of a kind, once it was made."""
        name = title(TEXTS, kind)

        def made() -> list[int]:
            return [number for number, topic in (self.group.topics or {}).items() if topic.name == name]

        await self.play.telegram.until(lambda: bool(made()), 15)
        return made()[0]

    async def was_called_once(self, kind: AlertKind) -> None:
        """What lasts is one message, that made a sound once; also after a while."""
        await asyncio.sleep(0.4)
        (message,) = self.there(kind)
        assert not message.silent
        assert "What to do:" in message.content.text or "over" in message.content.text

    async def writes(self, text: str, kind: AlertKind) -> None:
        """The owner writes in the topic of a kind."""
        thread = await self.thread(kind)
        self.play.telegram.people.say(self.owner.id, text, chat=self.group.id, topic=thread)

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator["Team"]:
        """The assistant runs."""
        async with self.play.running():
            yield self


@pytest.fixture
async def team(play: Play) -> Team:
    owner = await play.stranger("Olu", "+254700000001")
    people = play.telegram.people
    group = people.migrate(people.add_group("Team", [owner.id]).id)
    open_forum(play.telegram, group)
    play.settings = play.settings.model_copy(
        update={"owners": str(owner.id), "operators_chat": group.id, "low_balance": "KES=1"}
    )
    play.pace = Pace(in_chat=timedelta(milliseconds=20), in_group=timedelta(milliseconds=20))
    play.telegram.configure(limits="off")
    play.vigilance = WATCHFUL
    return Team(play, owner, group)


async def test_each_start_says_in_every_topic_that_alerts_reach_it_and_each_day_how_it_went(team: Team) -> None:
    play = team.play
    hour = (play.clock() + timedelta(hours=2)).hour
    play.settings = play.settings.model_copy(update={"summary_hour": hour})
    async with team.at_work():
        for kind in AlertKind:
            name = title(TEXTS, kind)
            line = await play.telegram.next_message(team.group.id, containing=f"Alerts reach here: {name}\n", within=15)
            assert line.silent
            assert line.thread is not None
            assert team.group.topics is not None
            assert team.group.topics[line.thread].name == name
            for words in ("S A N D B O X", "Provider: answered", "Callbacks: signed; none has come yet"):
                assert words in line.content.text
        yesterday = play.clock() + timedelta(hours=2) - timedelta(days=1)
        play.clock.jump(hours=2)
        summary = await team.hears(AlertKind.SUMMARY, f"{yesterday:%Y-%m-%d}", "no payments", "Balances")
        assert summary.content.photo is not None
        await asyncio.sleep(0.3)
        assert len(team.there(AlertKind.SUMMARY)) == 1


async def test_a_provider_that_is_gone_or_slow_is_told_until_it_is_well(team: Team) -> None:
    play = team.play
    async with team.at_work():
        await play.provider_goes()
        message = await team.hears(AlertKind.PROVIDER_DOWN, "No answer since", "What to do:", "/pause everything")
        assert next(button["text"] for row in message.inline.rows() for button in row) == "The business now"  # type: ignore[union-attr]
        await team.was_called_once(AlertKind.PROVIDER_DOWN)
        await play.provider_comes()
        assert (await team.hears(AlertKind.PROVIDER_DOWN, "Over since")).id == message.id
        rule = play.provider_fault("delay", times=0, seconds=0.5)
        await team.hears(AlertKind.PROVIDER_SLOW, "Answers take", "What to do:")
        await team.was_called_once(AlertKind.PROVIDER_SLOW)
        rule.times = rule.met
        await team.hears(AlertKind.PROVIDER_SLOW, "Over since")
        assert len(team.there(AlertKind.PROVIDER_DOWN)) == len(team.there(AlertKind.PROVIDER_SLOW)) == 1


async def test_a_key_that_is_refused_and_a_service_that_is_not_enabled_are_told(team: Team) -> None:
    play = team.play
    keys = list(play.kotani.settings.api_keys)
    async with team.at_work():
        play.kotani.configure(api_keys=["another"])
        await team.hears(AlertKind.KEY_REFUSED, "Unauthorised", "What to do:", "KOTANI_API_KEY")
        await team.was_called_once(AlertKind.KEY_REFUSED)
        play.kotani.configure(api_keys=keys)
        await team.hears(AlertKind.KEY_REFUSED, "Over since")
        play.kotani.configure(disabled_services=["onramp"])
        await buys(await play.person())
        await team.hears(AlertKind.SERVICE_NOT_ENABLED, "the provider has not enabled", "What to do:", "enable this")
        await team.was_called_once(AlertKind.SERVICE_NOT_ENABLED)


async def test_forged_callbacks_are_told_when_they_repeat_and_change_nothing(team: Team) -> None:
    play = team.play
    async with team.at_work():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        (order,) = play.orders()
        for _ in range(2):
            play.kotani.forge(order.reference)
        await play.kotani.callbacks.idle()
        await asyncio.sleep(0.3)
        assert team.there(AlertKind.FORGED_CALLBACKS) == []
        for _ in range(20):
            play.kotani.forge(order.reference)
        await team.hears(AlertKind.FORGED_CALLBACKS, "22 callbacks with a wrong signature", "KOTANI_WEBHOOK_SECRET")
        await team.was_called_once(AlertKind.FORGED_CALLBACKS)
        assert await play.one("SELECT state FROM payment") == "awaiting_payment"


async def test_what_waits_for_a_person_is_told_and_the_message_says_when_it_is_done(team: Team) -> None:
    play = team.play
    async with team.at_work():
        jane = await play.person()
        await buys(jane)
        order = await delivered(play, jane)
        play.kotani.force(order.reference, status="REVERSED", depositStatus="SUCCESSFUL", onchainStatus="REVERSED")
        message = await team.hears(AlertKind.ATTENTION, "What to do:", str(await play.one("SELECT code FROM payment")))
        await team.was_called_once(AlertKind.ATTENTION)
        here = team.owner.in_group(team.group.id)
        code = await play.one("SELECT code FROM payment")
        await here.taps(f"{code} ·")
        await here.taps("Resolve")
        await here.taps(TEXTS.plain("ops.reason_1"))
        assert (await team.hears(AlertKind.ATTENTION, "over", "Over since")).id == message.id
        answers = [one for one in team.there(AlertKind.ATTENTION) if "Done" in one.content.text]
        assert len(answers) == 1  # what was asked for in a topic is answered there


async def test_a_balance_below_what_operators_want_is_told_until_there_is_enough(team: Team) -> None:
    async with team.at_work():
        await team.writes("/alerts low KES 90000000000", AlertKind.LOW_BALANCE)
        await team.hears(AlertKind.LOW_BALANCE, "You are called when less than 90,000,000,000 KES")
        message = await team.hears(AlertKind.LOW_BALANCE, "and you want 90,000,000,000 KES", "What to do:", "/transfer")
        await team.writes("/alerts low 1 kes", AlertKind.LOW_BALANCE)
        assert (await team.hears(AlertKind.LOW_BALANCE, "Over since")).id == message.id
        told = [one for one in team.there(AlertKind.LOW_BALANCE) if "and you want" in one.content.text]
        assert len(told) == 1


async def test_an_outcome_that_a_customer_does_not_hear_is_told_until_they_are_back(team: Team) -> None:
    play = team.play
    async with team.at_work():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        play.telegram.people.block(jane.id)
        approve(play)
        code = str(await play.one("SELECT code FROM payment"))
        await team.hears(AlertKind.UNDELIVERABLE, code, "cannot be reached", "call the customer")
        await team.was_called_once(AlertKind.UNDELIVERABLE)
        play.telegram.people.unblock(jane.id)
        await jane.sees("delivered")
        await team.hears(AlertKind.UNDELIVERABLE, "Over since")


async def test_checks_that_are_late_are_told(team: Team) -> None:
    play = team.play
    play.patience = Patience(poll_steps=((1000, SOON),), call_deadline=timedelta(seconds=5))
    play.settings = play.settings.model_copy(update={"kotani_timeout_seconds": 5})
    play.kotani.configure(callback_mode="none")
    async with team.at_work():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        play.provider_fault("delay", "onramp.status", seconds=2)
        code = str(await play.one("SELECT code FROM payment"))
        await team.hears(AlertKind.POLLS_OVERDUE, "1 checks wait", code, "/ops")
        await team.hears(AlertKind.POLLS_OVERDUE, "Over since")
        approve(play)
        await jane.sees("delivered")


async def test_a_deleted_topic_is_made_anew_and_without_the_group_the_owners_are_told(team: Team) -> None:
    play, group = team.play, team.group
    await team.owner.start()
    async with team.at_work():
        old = await team.thread(AlertKind.PROVIDER_DOWN)
        delete_topic(play.telegram, group, old)
        await play.provider_goes()
        message = await team.hears(AlertKind.PROVIDER_DOWN, "No answer since")
        assert message.thread != old
        await play.provider_comes()
        await team.hears(AlertKind.PROVIDER_DOWN, "Over since")
        play.telegram.people.kick(group.id)
        play.kotani.configure(api_keys=["another"])
        await team.owner.sees("I cannot write to the operators’ group", "OPERATORS_CHAT")
