"""The house pays and collects, with the whole assistant over real HTTP and on both databases: alone, and with a second one."""

from bot.demo import Demo
from bot.tour.ledger import audit_ledger
from bot.tour.stage import Stage

from .books import check_books
from .touring import assistant

OLU, PAT = 1001, 1002  # those who arrive first in a simulated world


async def test_operators_pay_and_collect_and_above_the_amount_it_takes_two(demo: Demo, stage: Stage) -> None:
    olu, pat = await stage.arrives("Olu", "+254700000001"), await stage.arrives("Pat", "+254700000002")
    group = await stage.gathers("Team", olu, pat)
    more = {"owners": f"{OLU},{PAT}", "approve_above": "KES=2000", "operators_chat": group}
    async with assistant(demo.settings.model_copy(update=more)):
        await pat.says("/approvals")  # nobody is written to who never wrote
        await olu.says("/payout 900 KES to 0712345678 Jane Doe for rent")
        await olu.sees("Pay 900 KES", "For: rent", "The payout balance holds")
        await olu.taps("Yes, pay it")
        await olu.sees("Payout of 900 KES", "It has arrived", "Receipt of the network", rings=True)
        here, there, before = olu.in_group(group), pat.in_group(group), len(_said(demo, group))
        await here.says("/payout@simulated_bot 2500 KES to till 123456 Mama Mboga for lunch")
        await here.sees("Pay 2,500 KES", "A second operator must approve it")
        await here.taps("Yes, pay it")
        await there.sees("Waits for a second operator", "Pay 2,500 KES", "Mama Mboga")
        await there.taps("Approve")
        await there.taps("Yes")
        await here.sees("Payout of 2,500 KES", "It has arrived", rings=True)
        order, question, card, outcome = _said(demo, group)[before:]  # each thing stands once in the chat
        assert f"Approved by Pat ({PAT})" in order
        assert "Waits for" not in order
        assert question == "Approved."
        assert "Payout of 2,500 KES" in card
        assert "It has arrived" in outcome
        await stage.configure(auto_approve=True)
        await olu.says("/collect 700 KES from 0712345678 Jane Doe for stall 7")
        await olu.taps("Yes, ask for it")
        await olu.sees("Collection of 700 KES", "It has come in", rings=True)
        await stage.fails_next("withdrawals")
        await olu.says("/payout 100 KES to 0712345678 Jane Doe for fares")
        await olu.sees("Pay 100 KES")
        await olu.taps("Yes, pay it")
        await olu.sees("Payout of 100 KES", "failed", "No money moved", rings=True)
        await olu.taps("Everything about it")
        await olu.sees("Of the house, ordered by Olu (1001)", "Timeline")
        await olu.says("/books")
        await olu.sees("Put in by the business: −2,700 KES", "Nothing is owed to customers")
        await audit_ledger(stage, demo.settings)
    await check_books(demo.settings, demo.world.kotani)


def _said(demo: Demo, chat: int) -> list[str]:
    return [message.content.text.replace("\u00a0", " ") for message in demo.world.telegram.messages(chat, by_bot=True)]
