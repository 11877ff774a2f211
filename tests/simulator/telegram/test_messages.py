"""Sending: Telegram HTML with its own error texts, lengths, buttons, keyboards, pictures, and who can be written to."""

import json

import pytest
from telegram import (
    Bot,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.simulator.telegram import Person, TelegramWorld

from .conftest import Ask, picture


class TestHtml:
    async def test_formatting_becomes_entities_in_utf16_units(
        self, bot: Bot, world: TelegramWorld, amina: Person
    ) -> None:
        words = '😀 <b>bold <i>both</i></b> <a href="https://kotani.example/x?a=1&amp;b=2">link</a> &lt;&#65;&nbsp;'
        sent = await bot.send_message(amina.id, words, parse_mode="HTML")

        assert sent.text == "😀 bold both link <A&nbsp;"
        assert [(one.type, one.offset, one.length) for one in sent.entities] == [
            ("bold", 3, 9),
            ("italic", 8, 4),
            ("text_link", 13, 4),
        ]
        shown = world.seen(world.messages(amina.id)[-1])
        assert shown["html"] == (
            '😀 <b>bold <i>both</i></b> <a href="https://kotani.example/x?a=1&amp;b=2">link</a> &lt;A&amp;nbsp;'
        )

    async def test_a_time_is_an_entity(self, bot: Bot, world: TelegramWorld, amina: Person) -> None:
        words = 'Holds <tg-time unix="1800000000" format="r">until 12:30</tg-time>'
        (entity,) = (await bot.send_message(amina.id, words, parse_mode="HTML")).entities

        assert (entity.type, entity.date_time_format, entity.offset, entity.length) == ("date_time", "r", 6, 11)
        assert entity.unix_time is not None
        assert entity.unix_time.timestamp() == 1_800_000_000
        assert world.seen(world.messages(amina.id)[-1])["html"] == words

    @pytest.mark.parametrize(
        "words",
        [
            "<u>u</u> <s>s</s> <del>d</del> <tg-spoiler>x</tg-spoiler> <span class='tg-spoiler'>y</span>",
            '<pre><code class="language-python">x = 1</code></pre> <code>1</code>',
            "<blockquote expandable>long</blockquote> <blockquote>short</blockquote>",
            '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>',
            "<B>tags have no case</B>",
        ],
    )
    async def test_every_allowed_tag_is_taken(self, ask: Ask, amina: Person, words: str) -> None:
        assert (await ask("sendMessage", chat_id=amina.id, text=words, parse_mode="HTML"))["ok"] is True

    @pytest.mark.parametrize(
        ("words", "complaint"),
        [
            ("é<br>", 'Unsupported start tag "br" at byte offset 2'),
            ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
            ("a <", "Unclosed start tag at byte offset 2"),
            ("<b>open", 'Can\'t find end tag corresponding to start tag "b"'),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
            ('<a href="x>y</a>', "Unclosed start tag at byte offset 0"),
            ("<a href>y</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
            ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
            ('<tg-time unix="soon">x</tg-time>', 'Invalid Unix time in the tag "tg-time" at byte offset 0'),
        ],
    )
    async def test_bad_markup_is_refused_in_telegrams_words(
        self, ask: Ask, amina: Person, words: str, complaint: str
    ) -> None:
        answer = await ask("sendMessage", chat_id=amina.id, text=words, parse_mode="HTML")

        assert answer["description"] == f"Bad Request: can't parse entities: {complaint}"

    async def test_links_that_lead_nowhere_are_dropped(self, bot: Bot, amina: Person) -> None:
        sent = await bot.send_message(amina.id, '<a href="javascript:alert(1)">x</a>', parse_mode="HTML")

        assert (sent.text, sent.entities) == ("x", ())


class TestLength:
    async def test_4096_units_after_parsing(self, bot: Bot, amina: Person) -> None:
        await bot.send_message(amina.id, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
        with pytest.raises(BadRequest, match="Message is too long"):
            await bot.send_message(amina.id, "x" * 4097)
        with pytest.raises(BadRequest, match="Message is too long"):
            await bot.send_message(amina.id, "😀" * 2049)

    @pytest.mark.parametrize("words", ["", "  \n ", "<b> </b>", "\u202e"])
    async def test_nothing_is_refused(self, ask: Ask, amina: Person, words: str) -> None:
        answer = await ask("sendMessage", chat_id=amina.id, text=words, parse_mode="HTML")

        assert answer["description"] == "Bad Request: message text is empty"

    async def test_space_around_is_cut_and_entities_move(self, bot: Bot, amina: Person) -> None:
        sent = await bot.send_message(amina.id, "\n <b>x</b> ", parse_mode="HTML")

        assert (sent.text, sent.entities[0].offset) == ("x", 0)

    async def test_a_caption_has_1024(self, bot: Bot, amina: Person) -> None:
        await bot.send_photo(amina.id, picture(), caption="x" * 1024)
        with pytest.raises(BadRequest, match="Message caption is too long"):
            await bot.send_photo(amina.id, picture(), caption="x" * 1025)


class TestButtons:
    async def test_buttons_of_every_kind_are_shown(self, bot: Bot, world: TelegramWorld, amina: Person) -> None:
        rows = [
            [
                InlineKeyboardButton("Yes", callback_data="x" * 64, style="success"),
                InlineKeyboardButton("Open", url="http://127.0.0.1:8080/checkout/1"),
            ],
            [InlineKeyboardButton("Copy", copy_text=CopyTextButton("0xbeef"))],
        ]
        await bot.send_message(amina.id, "?", reply_markup=InlineKeyboardMarkup(rows))

        assert world.seen(world.messages(amina.id)[-1])["buttons"] == [
            [
                {"text": "Yes", "style": "success", "kind": "tap", "data": "x" * 64},
                {"text": "Open", "style": None, "kind": "url", "url": "http://127.0.0.1:8080/checkout/1"},
            ],
            [{"text": "Copy", "style": None, "kind": "copy", "copy": "0xbeef"}],
        ]

    @pytest.mark.parametrize(
        ("button", "complaint"),
        [
            ({"text": "x", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
            ({"text": "x", "callback_data": ""}, "Text buttons are unallowed in the inline keyboard"),
            ({"text": "x"}, "Text buttons are unallowed in the inline keyboard"),
            ({"text": "x", "callback_data": "1", "url": "https://a.example"}, "exactly one of"),
            ({"callback_data": "1"}, 'Can\'t find field "text"'),
            ({"text": "x", "url": "http://localhost/1"}, "is invalid: Wrong HTTP URL"),
            ({"text": "x", "url": "javascript://a.b/1"}, "is invalid: Unsupported URL protocol"),
            ({"text": "x", "copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
            ({"text": "x", "callback_data": "1", "style": "pink"}, "BUTTON_STYLE_INVALID"),
            ({"text": "x", "web_app": {"url": "https://a.example"}}, "BUTTON_TYPE_INVALID"),
        ],
    )
    async def test_a_wrong_button_is_refused(
        self, ask: Ask, amina: Person, button: dict[str, object], complaint: str
    ) -> None:
        answer = await ask("sendMessage", chat_id=amina.id, text="x", reply_markup={"inline_keyboard": [[button]]})

        assert complaint in str(answer["description"])

    @pytest.mark.parametrize("shape", [[9], [8] * 13])
    async def test_too_many_buttons_are_refused(self, ask: Ask, amina: Person, shape: list[int]) -> None:
        rows = [[{"text": "x", "callback_data": "x"}] * width for width in shape]
        answer = await ask(
            "sendMessage", chat_id=amina.id, text="x", reply_markup=json.dumps({"inline_keyboard": rows})
        )

        assert answer["description"] == "Bad Request: reply markup is too long"

    async def test_a_keyboard_stands_until_it_is_removed(self, bot: Bot, world: TelegramWorld, amina: Person) -> None:
        keys = ReplyKeyboardMarkup(
            [["Buy"], [KeyboardButton("Share", request_contact=True)]],
            resize_keyboard=True,
            is_persistent=True,
            input_field_placeholder="How much?",
        )
        await bot.send_message(amina.id, "x", reply_markup=keys)
        chat = world.chats.all[amina.id]
        assert chat.keyboard is not None
        assert chat.keyboard.value["input_field_placeholder"] == "How much?"

        contact = world.people.press(amina.id, "Share").content.extra["contact"]
        assert contact == {"phone_number": "+254712345678", "first_name": "Amina", "user_id": amina.id}
        await bot.send_message(amina.id, "x", reply_markup=ReplyKeyboardRemove())
        assert chat.keyboard is None


class TestPictures:
    @pytest.mark.parametrize("form", ["PNG", "JPEG"])
    async def test_a_picture_is_uploaded_and_can_be_fetched(self, bot: Bot, amina: Person, form: str) -> None:
        content = picture(form=form)
        sent = await bot.send_photo(amina.id, content, caption="<b>Paid</b>", parse_mode="HTML")

        assert (sent.photo[-1].width, sent.photo[-1].height, sent.caption) == (60, 40, "Paid")
        file = await bot.get_file(sent.photo[-1].file_id)
        assert bytes(await file.download_as_bytearray()) == content
        again = await bot.send_photo(amina.id, sent.photo[-1].file_id)
        assert again.photo[-1].file_unique_id == sent.photo[-1].file_unique_id

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [(b"no picture", "Image_process_failed"), (picture(900, 40), "Photo_invalid_dimensions"), (b"", "non-empty")],
    )
    async def test_what_is_no_picture_is_refused(self, bot: Bot, amina: Person, content: bytes, complaint: str) -> None:
        with pytest.raises(BadRequest, match=complaint):
            await bot.send_photo(amina.id, content)

    async def test_a_document_keeps_its_name(self, bot: Bot, amina: Person) -> None:
        sent = await bot.send_document(amina.id, b"a,b\r\n1,2\r\n", filename="list.csv")

        assert sent.document is not None
        assert (sent.document.file_name, sent.document.file_size) == ("list.csv", 10)


class TestWhoCanBeWrittenTo:
    async def test_nobody_who_has_not_started(self, bot: Bot, world: TelegramWorld) -> None:
        stranger = world.people.add("Stranger")

        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(stranger.id, "hi")
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(999, "hi")

    async def test_nobody_who_blocked_the_bot_until_they_return(
        self, bot: Bot, world: TelegramWorld, amina: Person
    ) -> None:
        world.people.block(amina.id)
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.send_message(amina.id, "hi")
        world.people.unblock(amina.id)
        await bot.send_message(amina.id, "hi")

        changes = [update.my_chat_member for update in await bot.get_updates() if update.my_chat_member]
        assert [change.new_chat_member.status for change in changes] == ["kicked", "member"]

    async def test_nobody_whose_account_is_gone(self, bot: Bot, world: TelegramWorld, amina: Person) -> None:
        world.people.deactivate(amina.id)

        with pytest.raises(Forbidden, match="user is deactivated"):
            await bot.send_message(amina.id, "hi")

    async def test_a_group_that_moved_says_where(self, bot: Bot, world: TelegramWorld, amina: Person) -> None:
        group = world.people.add_group("Traders", [amina.id])
        await bot.send_message(group.id, "hi")
        moved = world.people.migrate(group.id)

        with pytest.raises(ChatMigrated) as raised:
            await bot.send_message(group.id, "hi")
        assert raised.value.new_chat_id == moved.id
        await bot.send_message(moved.id, "hi")
        world.people.kick(moved.id)
        with pytest.raises(Forbidden, match="kicked from the supergroup chat"):
            await bot.send_message(moved.id, "hi")

    async def test_a_reply_needs_its_message(self, bot: Bot, amina: Person) -> None:
        sent = await bot.send_message(amina.id, "x", reply_to_message_id=1)
        assert sent.reply_to_message is not None
        with pytest.raises(BadRequest, match="Message to be replied not found"):
            await bot.send_message(amina.id, "x", reply_to_message_id=99)
        await bot.send_message(amina.id, "x", reply_to_message_id=99, allow_sending_without_reply=True)


class TestLimits:
    async def test_strict_lets_one_message_a_second_through(
        self, ask: Ask, world: TelegramWorld, amina: Person
    ) -> None:
        world.configure(limits="strict")
        assert (await ask("sendMessage", chat_id=amina.id, text="one"))["ok"] is True
        assert await ask("sendMessage", chat_id=amina.id, text="two") == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 1",
            "parameters": {"retry_after": 1},
        }
        await world.clock.advance(1)
        assert (await ask("sendMessage", chat_id=amina.id, text="two"))["ok"] is True

        assert [message.content.text for message in world.messages(amina.id, by_bot=True)] == ["one", "two"]

    async def test_on_tolerates_a_burst(self, ask: Ask, world: TelegramWorld, amina: Person) -> None:
        world.configure(limits="on", burst=3)
        answers = [await ask("sendMessage", chat_id=amina.id, text="x") for _ in range(4)]

        assert [answer["ok"] for answer in answers] == [True, True, True, False]
        assert answers[-1]["parameters"] == {"retry_after": 1}

    async def test_thirty_a_second_in_all_and_twenty_a_minute_to_a_group(
        self, ask: Ask, world: TelegramWorld, amina: Person
    ) -> None:
        world.configure(limits="on", burst=100)
        group = world.people.add_group("Traders", [amina.id])
        sent = [await ask("sendMessage", chat_id=group.id, text="x") for _ in range(21)]
        assert [answer["ok"] for answer in sent] == [True] * 20 + [False]

        world.configure(per_second=1)
        await world.clock.advance(2)
        assert (await ask("sendMessage", chat_id=amina.id, text="x"))["ok"] is True
        assert (await ask("sendMessage", chat_id=amina.id, text="x"))["ok"] is False
