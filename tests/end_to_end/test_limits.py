"""Limits and fees with the whole assistant, over real HTTP: what an owner sets is what customers meet a moment later."""

from bot.demo import Demo
from bot.tour.parts import asks_for
from bot.tour.stage import Stage

from .touring import assistant

OWNER = 1001  # the first person who arrives in a simulated world


async def test_a_customer_meets_what_an_owner_set(demo: Demo, stage: Stage) -> None:
    settings = demo.settings.model_copy(update={"owners": str(OWNER)})
    async with assistant(settings):
        olu = await stage.arrives("Olu", "+254700000001")
        chao = await stage.arrives("Chao", "+254733000222")
        await asks_for(chao, "buy 10 usdc on base", name="Chao Mwende")
        await chao.sees("You receive 10 USDC")
        for command in ("/limits set day KES 2500", "/fees set send KES 1%+10"):
            await olu.says(command)
            await olu.sees("Now:", "Then:")
            await olu.taps("Yes")
            await olu.sees("Done.")
        await chao.taps("Confirm")
        await chao.declines()
        await chao.sees("No money was taken", within=40, rings=True)
        await olu.says("/limit +254733000222")
        await olu.sees("used today 0 KES")  # what failed was given back
        await chao.says("send 3000 kes to 0722111222")
        await chao.sees("more than is left of your limit for today: 2,500 KES of 2,500 KES")
        await chao.says("1000")
        await chao.sees("Whose phone is")
        await chao.says("Mary Atieno")
        await chao.sees("1,020 KES")
        await chao.taps("Confirm")
        await chao.approves()
        await chao.sees("Mary Atieno", within=40, rings=True)
        await olu.says("/limits")
        await olu.sees("2,500 KES ✎")
        await olu.says("/limit +254733000222")
        await olu.sees("used today 1,000 KES")
