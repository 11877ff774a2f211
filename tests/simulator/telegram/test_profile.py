"""What the bot says about itself: commands by scope and language, names, descriptions, and chats."""

import pytest
from telegram import Bot, BotCommandScopeAllPrivateChats, BotCommandScopeChat, MenuButtonCommands
from telegram.error import BadRequest

from bot.simulator.telegram import Person, TelegramWorld

from .conftest import Ask


async def test_people_see_the_commands_of_their_scope_and_language(
    bot: Bot, world: TelegramWorld, amina: Person
) -> None:
    amina.language_code = "sw"
    chat = world.chats.all[amina.id]

    def seen() -> list[object]:
        return [command["description"] for command in world.profile.commands_for(chat, amina)]

    await bot.set_my_commands([("buy", "Buy")])
    assert seen() == ["Buy"]
    await bot.set_my_commands([("buy", "Nunua")], language_code="sw")
    assert seen() == ["Nunua"]
    await bot.set_my_commands([("buy", "Buy here")], scope=BotCommandScopeAllPrivateChats())
    assert seen() == ["Buy here"]
    await bot.set_my_commands([("buy", "Buy, Amina")], scope=BotCommandScopeChat(amina.id))
    assert seen() == ["Buy, Amina"]
    await bot.delete_my_commands(scope=BotCommandScopeChat(amina.id))
    assert seen() == ["Buy here"]
    assert [command.description for command in await bot.get_my_commands(language_code="sw")] == ["Nunua"]


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ({"command": "Buy", "description": "Buy"}, "BOT_COMMAND_INVALID"),
        ({"command": "buy", "description": ""}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"command": "x" * 33, "description": "x"}, "BOT_COMMAND_INVALID"),
    ],
)
async def test_bad_commands_are_refused(ask: Ask, command: dict[str, str], complaint: str) -> None:
    answer = await ask("setMyCommands", commands=[command])

    assert answer["description"] == f"Bad Request: {complaint}"


async def test_names_and_descriptions_have_languages_and_limits(bot: Bot) -> None:
    await bot.set_my_name("Assistant")
    await bot.set_my_description("Buys crypto")
    await bot.set_my_description("Hununua sarafu", language_code="sw")
    await bot.set_my_short_description("Crypto by chat")
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())

    assert (await bot.get_me()).first_name == "Assistant"
    assert (await bot.get_my_description("sw")).description == "Hununua sarafu"
    assert (await bot.get_my_description("fr")).description == "Buys crypto"
    assert (await bot.get_my_short_description()).short_description == "Crypto by chat"
    with pytest.raises(BadRequest):
        await bot.set_my_name("x" * 65)


async def test_a_chat_and_its_member_are_shown(bot: Bot, amina: Person) -> None:
    chat = await bot.get_chat(amina.id)
    member = await bot.get_chat_member(amina.id, amina.id)

    assert (chat.first_name, chat.username, member.status) == ("Amina", "amina", "member")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.get_chat(999)
