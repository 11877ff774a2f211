"""Customers, the team and everybody, with the whole assistant over real HTTP, on both databases."""

from datetime import timedelta

from bot.app import Assistant
from bot.demo import Demo
from bot.engine.clock import utc_now
from bot.engine.customers import Customers
from bot.engine.effects import Effects
from bot.engine.operators.broadcasting import Broadcasts, Place
from bot.engine.operators.results import Operator, Role
from bot.engine.operators.roles import Operators
from bot.engine.operators.word_results import EVERYBODY
from bot.engine.wakes import Wakes
from bot.simulator.telegram import Message
from bot.telegram.pacing import Pace
from bot.tour.customer import Customer
from bot.tour.stage import Stage
from storage.crypto import Keyring
from storage.database import Database

from .crashing import Call, Nursery, Outside, until

BRISK = Pace(in_chat=timedelta(milliseconds=20), in_group=timedelta(milliseconds=20))


async def test_a_customer_is_answered_from_the_group_and_everybody_is_told(demo: Demo, stage: Stage) -> None:
    jane = await stage.arrives("Jane", "+254712345678")
    olu, eve = await stage.arrives("Olu", "+254700000001"), await stage.arrives("Eve", "+254700000002")
    group = await stage.gathers("Team", olu, eve)
    settings = demo.settings.model_copy(update={"owners": str(olu.id), "operators_chat": group})
    async with Assistant(settings, pace=BRISK).running():
        here = olu.in_group(group)
        await jane.says("/support")
        await jane.taps("Something else")
        await jane.says("Can I buy at night?")
        await jane.sees("Our team has it")
        card = await here.sees("asks for a person", "Can I buy at night?")
        await jane.says("I work all day")
        await here.sees("writes:", "I work all day")

        demo.world.telegram.people.say(eve.id, "Send me your PIN", chat=group, reply_to=card.id)
        demo.world.telegram.people.say(olu.id, "Yes,\nat any hour", chat=group, reply_to=card.id)
        await here.sees("✓ Sent to")
        answer = await jane.sees("Our team:", "Yes,\nat any hour")
        await here.sees("✓ Answered")
        assert not any("Send me" in message.content.text for message in _said(demo, jane.id))

        await jane.says("/buy")  # something else, in which a reply is still for the team
        demo.world.telegram.people.say(jane.id, "thank you!", reply_to=answer.id)
        await here.sees("thank you!")

        await here.says("/broadcast@simulated_bot everybody We are closed on Sunday")
        await here.taps("Send to")
        await jane.sees("📣 We are closed on Sunday")
        await here.sees("Message to many: sent", "Delivered: 1 of 2", "Not reached")  # Olu has no private chat

        await here.says("/maintenance@simulated_bot on Back at 22:00")
        await here.taps("Yes")
        await here.sees("Everything is closed for customers")
        await jane.says("/buy")
        await jane.sees("closed for a short while", "Back at 22:00")
        await here.says("/maintenance@simulated_bot off")
        await here.sees("End the maintenance?")
        await here.taps("Yes")
        await here.sees("Maintenance is over")
    assert sum("closed on Sunday" in message.content.text for message in _said(demo, jane.id)) == 1


async def test_a_process_that_is_killed_while_it_tells_many_goes_on_and_tells_nobody_twice(
    outside: Outside, jane: Customer, nursery: Nursery
) -> None:
    telegram = outside.world.telegram
    people = [telegram.people.add(f"P{number}").id for number in range(40)]
    for person in (jane.id, *people):
        telegram.people.start(person)
    await _begin(outside, jane.id, people)
    process = outside.process(nursery, Call("/sendMessage", "done", says="%F0%9F%93%A3+We+are+closed"))
    async with process.running():
        await process.at_work()
        await outside.books.quiet()
        await until(lambda: outside.books.ask("SELECT state FROM broadcast") == [("sent",)], 10, lambda: "no end")
        await outside.books.quiet()
    heard = [
        sum("closed on" in one.content.text for one in telegram.messages(person, by_bot=True)) for person in people
    ]
    ((delivered, missed),) = outside.books.ask("SELECT delivered, unreachable FROM broadcast")
    assert max(heard) == 1
    assert delivered + missed == len(people) + 1
    assert 1 <= missed <= 15  # being said at that moment: they may have heard it
    assert sum(heard) >= len(people) - missed


async def _begin(outside: Outside, chat: int, people: list[int]) -> None:
    """Customers, and a broadcast to all of them that nobody has begun to send."""
    keyring = Keyring.from_setting(outside.environment["ENCRYPTION_KEYS"], digest_key=outside.environment["DIGEST_KEY"])
    database = Database(outside.environment["DATABASE_URL"])
    await database.start()
    customers = Customers(database, keyring, utc_now)
    for person in people:
        await customers.meet(telegram_id=person, chat_id=person, language="en")
    owner = Operator(chat, Role.OWNER)
    operators = Operators(database, keyring, utc_now, owners=frozenset({chat}))
    effects = Effects()
    Broadcasts(database, keyring, utc_now, Wakes(), operators).stage_begin(
        effects,
        owner,
        Place(chat, None, "en"),
        audience=EVERYBODY,
        words="We are closed on Sunday",
        total=len(people) + 1,
    )
    await database.write(effects.write)
    await database.stop()


def _said(demo: Demo, chat: int) -> list[Message]:
    return demo.world.telegram.messages(chat, by_bot=True)
