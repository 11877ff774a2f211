"""The page in a real browser (Chromium), against the world, with a small scripted bot that answers.

The browser lives as long as the test session, and so everything here lives in one event loop.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from telegram import (
    Bot,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    KeyboardButton,
    ReplyKeyboardMarkup,
    Update,
)
from telegram.request import HTTPXRequest

from bot.simulator.serving import served
from bot.simulator.world import World, create_app

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")  # else Playwright's own
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class Script:
    """The bot's side of the conversation."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    async def run(self) -> None:
        await self.bot.set_my_description("Press Start to buy crypto.")
        await self.bot.set_my_commands([("buy", "Buy crypto"), ("help", "Help")])
        offset = 0
        while True:
            for update in await self.bot.get_updates(offset=offset, timeout=30):
                offset = update.update_id + 1
                await self.answer(update)

    async def answer(self, update: Update) -> None:
        if update.callback_query is not None:
            query = update.callback_query
            await query.answer(f"You chose {query.data}", show_alert=query.data == "alert")
            if query.data == "yes":
                await query.edit_message_text("Waiting for your <i>PIN</i>", parse_mode="HTML")
        elif update.inline_query is not None:
            words = InputTextMessageContent(f"Please pay {update.inline_query.query}")
            rows = InlineKeyboardMarkup([[InlineKeyboardButton("Pay", callback_data="alert")]])
            await update.inline_query.answer([InlineQueryResultArticle("r", "Ask for it", words, reply_markup=rows)])
        elif update.message is not None and update.message.via_bot is None:
            await self.hear(update.message.chat.id, update.message.text or "", update)

    async def hear(self, chat: int, text: str, update: Update) -> None:
        match text:
            case "/start":
                keys: list[list[str | KeyboardButton]] = [
                    ["Buy"],
                    [KeyboardButton("Share my number", request_contact=True)],
                ]
                markup = ReplyKeyboardMarkup(keys, is_persistent=True, input_field_placeholder="How much?")
                await self.bot.send_message(chat, "<b>Karibu</b>, try /buy", parse_mode="HTML", reply_markup=markup)
            case "Buy" | "/buy":
                expires = int(time.time()) + 50
                words = f'Holds <tg-time unix="{expires}" format="r">50 seconds</tg-time> <script>x</script>'
                rows = [
                    [InlineKeyboardButton("Confirm", callback_data="yes", style="success")],
                    [InlineKeyboardButton("Warn", callback_data="alert")],
                    [
                        InlineKeyboardButton("Open", url="https://kotani.example/pay"),
                        InlineKeyboardButton("Copy", copy_text=CopyTextButton("0xbeef")),
                    ],
                ]
                words = words.replace("<script>", "&lt;script&gt;").replace("</script>", "&lt;/script&gt;")
                await self.bot.send_message(chat, words, parse_mode="HTML", reply_markup=InlineKeyboardMarkup(rows))
            case "ask":
                rows = [
                    [InlineKeyboardButton("Share", switch_inline_query_current_chat="500")],
                    [InlineKeyboardButton("Its link", url="https://t.me/simulated_bot?start=r_1")],
                ]
                await self.bot.send_message(chat, "Asked for", reply_markup=InlineKeyboardMarkup(rows))
            case "explorer":
                link = InlineKeyboardButton("Explorer", url=f"https://tronscan.org/#/transaction/{'5a' * 32}")
                await self.bot.send_message(chat, "Delivered", reply_markup=InlineKeyboardMarkup([[link]]))
            case _ if update.message is not None and update.message.contact is not None:
                await self.bot.send_message(chat, f"Your number is {update.message.contact.phone_number}")
            case _:
                await self.bot.send_message(chat, f"You said: {text}")


@pytest.fixture
def world() -> World:
    return World()


@pytest_asyncio.fixture(loop_scope="session")
async def address(world: World) -> AsyncIterator[str]:
    async with served(create_app(world)) as address:
        requests = [HTTPXRequest(httpx_kwargs={"verify": False}) for _ in range(2)]
        bot = Bot("4242:simulated", f"{address}/bot", request=requests[0], get_updates_request=requests[1])
        async with bot:
            playing = asyncio.create_task(Script(bot).run())
            yield address
            playing.cancel()
            with suppress(asyncio.CancelledError):
                await playing


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        installed = next((path for name in BROWSERS if (path := shutil.which(name))), None)
        browser = await playwright.chromium.launch(executable_path=installed, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(8000)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, address: str) -> AsyncIterator[Page]:
    """The page, open, before Start; any error in its console fails the test."""
    page = await context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(address)
    yield page
    assert errors == []
