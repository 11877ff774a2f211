"""The lines of a start over real HTTP: news waits for one of them at most, and a restart writes into those that stand."""

from datetime import timedelta

from bot.engine.operators.alert_results import GroupStanding
from bot.engine.operators.alerting import AlertKind
from bot.engine.operators.audience import Audience
from bot.engine.operators.greeting import START, Greeter
from bot.engine.outbox import Outbox
from bot.engine.wakes import Wakes
from bot.screens.screen import Screen
from bot.simulator.telegram import Person, TelegramWorld
from bot.telegram.drawing import NoticeFacts, Rendered
from bot.telegram.pacing import Pace
from storage.crypto import Keyring
from storage.database import Database
from tests.telegram.conftest import HeldClock, Senders

LINES = [f"{kind} reaches here" for kind in AlertKind]
NEWS = "The provider is down"


async def line(facts: NoticeFacts) -> Rendered | None:
    assert facts.payload is not None
    return Rendered(Screen(f"{facts.payload['topic']} reaches here"))


async def with_topics(_chat: int) -> GroupStanding:
    return GroupStanding.TOPICS


async def test_news_one_second_after_a_start_waits_for_one_message_and_a_restart_writes_no_second_set(
    database: Database,
    keyring: Keyring,
    outbox: Outbox,
    clock: HeldClock,
    wakes: Wakes,
    world: TelegramWorld,
    asha: Person,
    senders: Senders,
) -> None:
    group = world.people.add_group("Operators", [asha.id]).id
    senders.renderers = {**senders.renderers, START: line}
    sender = senders(Pace(between_calls=timedelta()))

    def start() -> Greeter:
        audience = Audience(chat=group, owners=frozenset({asha.id}))
        return Greeter(database, keyring, clock, wakes, audience, with_topics)

    def seen() -> list[str]:
        return [message.content.text for message in world.messages(group, by_bot=True)]

    async def goes_by(greeter: Greeter, seconds: int) -> None:
        for _ in range(seconds):
            await greeter.step()
            await sender.step()
            clock.pass_by(1)

    greeter = start()
    await goes_by(greeter, 2)  # at the second of these the next line would be due
    await database.write(lambda session: outbox.say_now(session, chat_id=group, screen=Screen(NEWS), dedupe_key="news"))
    await goes_by(greeter, 2)
    assert seen() == [LINES[0], NEWS]
    await goes_by(greeter, 3 * len(LINES))
    assert seen() == [LINES[0], NEWS, *LINES[1:]]

    clock.pass_by(60)
    await goes_by(start(), 3 * len(LINES))
    assert len(seen()) == len(LINES) + 1
    assert len(world.called("editMessageText")) == len(LINES)

    clock.pass_by(600)
    await goes_by(start(), 3 * len(LINES))
    assert len(seen()) == 2 * len(LINES) + 1  # what is long ago is said anew
