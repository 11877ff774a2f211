"""The emulated Telegram on a real port, a python-telegram-bot `Bot` that talks to it, and somebody who has started it."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from PIL import Image
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.simulator.loopback import loopback_client
from bot.simulator.serving import served
from bot.simulator.telegram import Person, TelegramWorld, create_app

TOKEN = "4242:simulated"
Ask = Callable[..., Awaitable[dict[str, object]]]


def picture(width: int = 60, height: int = 40, form: str = "PNG") -> bytes:
    """A black picture."""
    held = io.BytesIO()
    Image.new("RGB", (width, height)).save(held, form)
    return held.getvalue()


@pytest.fixture
def world() -> TelegramWorld:
    return TelegramWorld()


@pytest.fixture
async def address(world: TelegramWorld) -> AsyncIterator[str]:
    async with served(create_app(world)) as address:
        yield address


@pytest.fixture
async def http(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with loopback_client() as http:
        http.base_url = httpx.URL(address)
        yield http


@pytest.fixture
def ask(http: httpx.AsyncClient) -> Ask:
    """Call a method with JSON and give the whole answer."""

    async def ask(method: str, **params: object) -> dict[str, object]:
        answer = await http.post(f"/bot{TOKEN}/{method}", json=params)
        return dict(answer.json())

    return ask


@pytest.fixture
async def bot(address: str) -> AsyncIterator[Bot]:
    request = HTTPXRequest(httpx_kwargs={"verify": False})
    polling = HTTPXRequest(httpx_kwargs={"verify": False})
    bot = Bot(
        TOKEN,
        base_url=f"{address}/bot",
        base_file_url=f"{address}/file/bot",
        request=request,
        get_updates_request=polling,
    )
    async with bot:
        yield bot


@pytest.fixture
def amina(world: TelegramWorld) -> Person:
    """Somebody who has pressed Start; her /start waits for nobody."""
    person = world.people.add("Amina", username="amina", phone="+254712345678")
    world.people.start(person.id)
    world.updates.drop()
    return person
