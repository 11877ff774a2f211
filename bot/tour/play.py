"""Setting the stage: a world and an assistant on free ports of loopback, and one journey after the other."""

import asyncio
import contextlib
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import httpx
from pydantic import SecretStr

from bot import log
from bot.app import Assistant
from bot.demo import demonstration
from bot.settings import Settings, read_settings
from bot.telegram.pacing import Pace
from bot.tour.customer import Say
from bot.tour.journeys import JOURNEYS, SETTINGS
from bot.tour.ledger import audit_ledger, house_payouts
from bot.tour.parts import Journey
from bot.tour.sight import Unexpected
from bot.tour.stage import Stage

QUICK = {
    "initiate_delay": 0.02,
    "settle_delay": 0.05,
    "onchain_start_delay": 0.1,
    "onchain_finish_delay": 0.1,
    "payout_delay": 0.1,
    "refund_delay": 0.2,
    "refund_run": 0.1,
}


BRISK = Pace(in_chat=timedelta(milliseconds=50))  # the emulated Telegram takes bursts, and nobody waits to read


async def play(*, tell: Say = print) -> int:
    """Play all journeys, each in a world of its own; 0 when all of them went as the script says, 1 otherwise.

    They run at the same time and are told one after the other.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tour-") as folder:
        settings = read_settings(None)
        log.configure(level="warning", as_json=False, secrets=settings.secret_texts())
        playing = []
        for number, (title, journey) in enumerate(JOURNEYS):
            database = SecretStr(f"sqlite:///{Path(folder) / f'{number}.db'}")
            changes = {"database_url": database, "host": "127.0.0.1", "port": 0, **SETTINGS.get(journey, {})}
            playing.append(asyncio.create_task(_play(title, journey, settings.model_copy(update=changes))))
        failed = 0
        for story in playing:
            lines, went_well = await story
            failed += not went_well
            for line in lines:
                tell(line)
    seconds = time.monotonic() - began
    tell(f"\n{len(JOURNEYS) - failed} of {len(JOURNEYS)} journeys went as expected, in {seconds:.1f} seconds.")
    return 1 if failed else 0


async def _play(title: str, journey: Journey, settings: Settings) -> tuple[list[str], bool]:
    """The transcript of one journey, and whether it went as expected."""
    lines = [f"\n=== {title}\n"]
    async with contextlib.AsyncExitStack() as stack:
        demo = await stack.enter_async_context(demonstration(settings, port=0))
        await stack.enter_async_context(Assistant(demo.settings, pace=BRISK).running())
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=demo.address, trust_env=False))
        stage = Stage(http, lines.append)
        await stage.configure(**QUICK)
        try:
            await journey(stage)
            await stage.audit(await house_payouts(demo.settings))
            await audit_ledger(stage, demo.settings)
        except Unexpected as error:
            lines.append(f"\n!!! {error}")
            return lines, False
    return lines, True
