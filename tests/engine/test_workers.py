"""Workers are kept at work: one that breaks is started again, shows as down meanwhile, and stops when told to."""

import asyncio

from bot.engine.workers import Staff


class Breaking:
    """Breaks the first `times` that it is run."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.runs = 0
        self.works = asyncio.Event()
        self.stopped = asyncio.Event()

    async def run(self) -> None:
        self.runs += 1
        if self.runs <= self.times:
            raise ValueError("broken")
        self.works.set()
        await self.stopped.wait()

    def stop(self) -> None:
        self.stopped.set()


async def test_a_worker_that_breaks_is_started_again_and_is_down_until_it_has_lasted() -> None:
    worker = Breaking(times=1)
    staff = Staff([("work", worker)])
    staff.start()
    async with asyncio.timeout(5):
        await worker.works.wait()
    assert worker.runs == 2
    assert not staff.healthy
    await staff.stop(1)


async def test_a_worker_that_does_not_end_in_time_is_cut_off() -> None:
    class Stubborn(Breaking):
        def stop(self) -> None:
            return

    worker = Stubborn(times=0)
    staff = Staff([("work", worker)])
    staff.start()
    await asyncio.sleep(0.01)
    assert staff.healthy
    async with asyncio.timeout(2):
        await staff.stop(0.05)
