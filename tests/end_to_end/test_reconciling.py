"""A day compared with the provider over real HTTP: the card follows, the table is a file, the books are put right."""

from bot.demo import Demo
from bot.tour.buying import first_purchase
from bot.tour.stage import Stage

from .touring import assistant

OWNER = 1002  # the second person who arrives in a simulated world


async def test_an_owner_compares_the_first_day_and_books_what_was_in_the_wallets(demo: Demo, stage: Stage) -> None:
    settings = demo.settings.model_copy(update={"owners": str(OWNER)})
    for wallet in demo.world.kotani.wallets.all.values():
        wallet.balance = wallet.balance if wallet.currency == "KES" else wallet.balance * 0
    async with assistant(settings):
        await first_purchase(stage)
        olu = await stage.arrives("Olu", "+254700000001")
        await olu.says("/reconcile today")
        await olu.sees("Last compared", "Transactions looked at: 1", "Open differences: 1")
        await olu.taps("Balance differs")
        await olu.taps("As a table")
        await olu.sees("Differences on")
        await olu.taps("Payout balance")
        await olu.taps("Write into the books")
        await olu.taps("It was there before")
        await olu.sees("Done and recorded")
        await olu.says("/books")
        await olu.sees("Put in by the business: 10,000,000", "Open differences: 0")
        await olu.says("/reconcile today")
        await olu.sees("Nothing differs", "New differences: 0")
    files = [one.content.document for one in demo.world.telegram.messages(OWNER, by_bot=True)]
    assert [file.name.split("-")[0] for file in files if file is not None] == ["differences"]
