"""Photographs fetched from an emulated Telegram: what is too large, gone or slow is named and never an error."""

import asyncio
import io
from collections.abc import Callable
from typing import Any

import pytest
import segno
from PIL import Image

from bot.engine.photographs import MOST_BYTES, Sight
from bot.simulator.telegram import Person, TelegramWorld
from bot.simulator.telegram.records import StoredFile
from bot.telegram import photographs
from bot.telegram.application import App
from bot.telegram.photographs import PhotographReader

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


@pytest.fixture
def reader(application: App) -> PhotographReader:
    return PhotographReader(lambda: application.bot)


@pytest.fixture
def ann(world: TelegramWorld) -> Person:
    return world.people.add("Ann")


def code(text: str) -> bytes:
    kept = io.BytesIO()
    segno.make(text, micro=False).save(kept, kind="png", scale=10)
    return kept.getvalue()


def largest(world: TelegramWorld, ann: Person, picture: bytes) -> StoredFile:
    """The photograph as it stands in the chat, after a phone has made it smaller."""
    photo = world.people.send_photo(ann.id, picture).content.photo
    assert photo is not None
    return photo


async def test_a_photograph_is_fetched_and_read(reader: PhotographReader, world: TelegramWorld, ann: Person) -> None:
    assert await reader.look(largest(world, ann, code(ADDRESS)).id) == (ADDRESS,)


async def test_what_holds_no_code_or_is_no_picture_is_named(
    reader: PhotographReader, world: TelegramWorld, ann: Person
) -> None:
    grey = io.BytesIO()
    Image.new("L", (300, 300), 128).save(grey, "PNG")
    assert await reader.look(largest(world, ann, grey.getvalue()).id) is Sight.NO_CODE
    photo = largest(world, ann, grey.getvalue())
    photo.content = b"%PDF-1.7"
    assert await reader.look(photo.id) is Sight.NO_PICTURE


async def test_a_file_that_is_gone_or_too_large_is_named(
    reader: PhotographReader, world: TelegramWorld, ann: Person
) -> None:
    assert await reader.look("nothing") is Sight.NOT_FETCHED
    photo = largest(world, ann, code(ADDRESS))
    photo.content = bytes(MOST_BYTES + 1)
    assert await reader.look(photo.id) is Sight.TOO_LARGE


async def test_a_slow_telegram_is_not_waited_for(
    reader: PhotographReader,
    world: TelegramWorld,
    ann: Person,
    application: App,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo = largest(world, ann, code(ADDRESS))
    fetched: Callable[..., Any] = application.bot.get_file

    async def slowly(bot: object, *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(5)
        return await fetched(*args, **kwargs)

    monkeypatch.setattr(photographs, "SECONDS", 0.1)
    monkeypatch.setattr(type(application.bot), "get_file", slowly)
    assert await reader.look(photo.id) is Sight.NOT_FETCHED
