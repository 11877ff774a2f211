"""What people can do besides talking: photographs, files, entries of the address book, deep links, groups."""

import httpx
import pytest
from telegram import Bot
from telegram.error import BadRequest

from bot.simulator.telegram import NotPossible, Person, TelegramWorld

from .conftest import picture


async def test_a_photograph_arrives_smaller_and_in_several_sizes(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    world.people.send_photo(amina.id, picture(2000, 1000), caption="my code")

    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.caption == "my code"
    assert [(size.width, size.height) for size in update.message.photo] == [
        (90, 45),
        (320, 160),
        (800, 400),
        (1280, 640),
    ]
    file = await bot.get_file(update.message.photo[0].file_id)
    assert bytes(await file.download_as_bytearray()).startswith(b"\xff\xd8\xff")


async def test_a_document_arrives_as_it_is_and_up_to_20_mb(
    bot: Bot, http: httpx.AsyncClient, world: TelegramWorld, amina: Person
) -> None:
    await http.post(
        f"/_control/telegram/people/{amina.id}/document",
        content=picture(),
        params={"name": "code.png", "caption": "here"},
        headers={"content-type": "image/png"},
    )
    world.people.send_document(amina.id, b"x" * (20 * 1024 * 1024 + 1), name="big.bin", media_type="text/plain")

    small, big = (update.message for update in await bot.get_updates())
    assert small is not None and small.document is not None  # noqa: PT018
    assert (small.document.file_name, small.document.mime_type, small.caption) == ("code.png", "image/png", "here")
    assert bytes(await (await small.document.get_file()).download_as_bytearray()) == picture()
    assert big is not None and big.document is not None  # noqa: PT018
    with pytest.raises(BadRequest, match="File is too big"):
        await big.document.get_file()


async def test_an_entry_of_the_address_book_has_a_user_only_where_the_phone_knows(
    bot: Bot, world: TelegramWorld, amina: Person
) -> None:
    world.people.share_contact(amina.id, phone="0711 000 111", name="Cousin")
    world.people.share_contact(amina.id, phone="254711000222", name="Brian", user=77)

    contacts = [update.message.contact for update in await bot.get_updates() if update.message]
    assert [(one.first_name, one.phone_number, one.user_id) for one in contacts if one] == [
        ("Cousin", "0711 000 111", None),
        ("Brian", "254711000222", 77),
    ]


async def test_a_deep_link_starts_the_bot_with_its_payload(bot: Bot, world: TelegramWorld, amina: Person) -> None:
    for link in ("https://t.me/simulated_bot?start=r_4fQ-x", "tg://resolve?domain=Simulated_Bot&start=two", "three"):
        world.people.open_link(amina.id, link)

    texts = [update.message.text for update in await bot.get_updates() if update.message]
    assert texts == ["/start r_4fQ-x", "/start two", "/start three"]


@pytest.mark.parametrize(
    "link", ["https://t.me/other_bot?start=x", "https://t.me/simulated_bot?start=a.b", "x" * 65, "https://a.example/"]
)
async def test_other_links_do_not(world: TelegramWorld, amina: Person, link: str) -> None:
    with pytest.raises(NotPossible):
        world.people.open_link(amina.id, link)


class TestPrivacyMode:
    async def test_in_a_group_the_bot_hears_only_what_is_meant_for_it(
        self, bot: Bot, world: TelegramWorld, amina: Person
    ) -> None:
        brian = world.people.add("Brian")
        group = world.people.add_group("Traders", [amina.id, brian.id])
        chat = {"chat": group.id}
        world.people.say(amina.id, "good morning @simulated_bot", **chat)
        world.people.say(amina.id, "/request 500", **chat)  # nobody knows whom it is meant for
        world.people.say(amina.id, "/request@other_bot 500", **chat)
        meant = world.people.say(amina.id, "/request@simulated_bot 500", **chat)
        world.people.say(brian.id, "to that", reply_to=meant.id, **chat)
        sent = await bot.send_message(group.id, "500 from whom?")
        world.people.say(brian.id, "/request 600", **chat)  # the bot was the last that spoke
        world.people.say(brian.id, "to you", reply_to=sent.message_id, **chat)
        world.people.join(world.people.add("Chao").id, group.id)

        heard = [update.message for update in await bot.get_updates() if update.message]
        assert [message.text for message in heard] == [
            "/request@simulated_bot 500",
            "to that",
            "/request 600",
            "to you",
            None,
        ]
        assert heard[-1].new_chat_members[0].first_name == "Chao"

    async def test_without_it_everything(self, bot: Bot, world: TelegramWorld, amina: Person) -> None:
        world.configure(privacy_mode=False)
        group = world.people.add_group("Traders", [amina.id])
        world.people.say(amina.id, "good morning", chat=group.id)

        assert (await bot.get_updates())[-1].message is not None
        assert (await bot.get_me()).can_read_all_group_messages
