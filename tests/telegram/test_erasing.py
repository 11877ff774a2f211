"""Deleting what a person sent by mistake: tried once, after the commit, and never in the way of anything."""

from bot.engine.effects import Effects
from bot.simulator.faults import Match, Rule
from bot.simulator.telegram import Person, TelegramWorld
from bot.telegram.application import App
from bot.telegram.erasing import MessageEraser


async def test_a_message_is_deleted_once_whatever_comes_of_it(application: App, world: TelegramWorld) -> None:
    eraser = MessageEraser(lambda: application.bot)
    for action in ("refuse", "rate_limit", "drop_before", "accept_then_drop"):
        match = Match(operation="deleteMessage")
        world.inject(Rule(action=action, match=match, message="Bad Request: message can't be deleted"))  # type: ignore[arg-type]
        collected = Effects()
        eraser.erase(collected, 1, 5)
        await collected.finish()
    assert len(world.called("deleteMessage")) == 4


async def test_it_goes_after_the_commit_and_not_before(application: App, world: TelegramWorld, asha: Person) -> None:
    secret = world.people.say(asha.id, "legal winner thank year")
    collected = Effects()
    MessageEraser(lambda: application.bot).erase(collected, asha.id, secret.id)
    assert not secret.deleted
    await collected.finish()
    assert secret.deleted
