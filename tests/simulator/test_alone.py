"""The simulator by itself: what it prints leads an assistant to it."""

import asyncio
import re
from contextlib import suppress

import httpx
import pytest

from bot.simulator.world import Credentials, run


async def test_what_it_prints_leads_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    running = asyncio.create_task(run(port=0, credentials=Credentials(api_key="a key of the operator's own")))
    printed = ""
    async with asyncio.timeout(5):
        while "Ctrl-C" not in printed:
            await asyncio.sleep(0.01)
            printed += capsys.readouterr().out
    settings = dict(re.findall("^([A-Z_]+)=(.+)$", printed, re.MULTILINE))
    async with httpx.AsyncClient(trust_env=False, verify=False) as http:
        me = await http.post(f"{settings['TELEGRAM_BASE_URL']}/bot{settings['TELEGRAM_TOKEN']}/getMe")
        key = {"Authorization": f"Bearer {settings['KOTANI_API_KEY']}"}
        wallets = await http.get(f"{settings['KOTANI_BASE_URL']}/api/v3/wallet/fiat", headers=key)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running

    assert (me.status_code, wallets.status_code) == (200, 200)
    assert settings["KOTANI_API_KEY"] == "a key of the operator's own"
    assert len(settings["KOTANI_WEBHOOK_SECRET"]) == 64


def test_every_world_has_credentials_of_its_own() -> None:
    first, second = Credentials(), Credentials()

    assert len({first.token, second.token, first.api_key, second.api_key, first.webhook_secret}) == 5
    assert re.fullmatch(r"\d{9}:[\w-]{35}", first.token)
