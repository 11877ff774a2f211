"""Customers, the team and everybody, with the whole assistant over real HTTP, on both databases."""

from datetime import timedelta

from bot.app import Assistant
from bot.demo import Demo
from bot.simulator.telegram import Message
from bot.telegram.pacing import Pace
from bot.tour.stage import Stage

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
        await here.sees("again? Customers can use it")
        await here.taps("Yes")
        await here.sees("is open again")
    assert sum("closed on Sunday" in message.content.text for message in _said(demo, jane.id)) == 1


def _said(demo: Demo, chat: int) -> list[Message]:
    return demo.world.telegram.messages(chat, by_bot=True)
