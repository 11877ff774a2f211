"""Operators with the whole assistant, over real HTTP: pictures, files and groups as Telegram has them."""

from bot.demo import Demo
from bot.simulator.telegram import Message
from bot.tour.buying import first_purchase
from bot.tour.operating import OPERATING
from bot.tour.parts import Journey
from bot.tour.stage import Stage

from .touring import assistant, each, travel

OWNER = 1002  # the second person who arrives in a simulated world


@each(OPERATING)
async def test_journey(journey: Journey, demo: Demo, stage: Stage) -> None:
    await travel(journey, demo, stage)


async def test_an_owner_looks_at_a_day_and_lets_somebody_in(demo: Demo, stage: Stage) -> None:
    settings = demo.settings.model_copy(update={"owners": str(OWNER)})
    async with assistant(settings):
        await first_purchase(stage)
        olu = await stage.arrives("Olu", "+254700000001")
        assert olu.id == OWNER
        await olu.says("/ops")
        await olu.sees("S A N D B O X", "1 of 1 that ended", "Balances at the provider")
        await olu.sees("The last seven days")
        await olu.says("/find +254712345678")
        await olu.sees("Customer 1001", "Payments: done 1")
        await olu.taps("All payments")
        await olu.taps("✅")
        await olu.sees("Timeline", "the provider’s callback", "told the customer")
        await olu.taps("Ask the provider now")
        await olu.sees("The provider is asked now")
        await olu.taps("Raw bodies")
        await olu.sees("Every callback of")
        await olu.says("/export today")
        await olu.sees("Payments from")
        await olu.says("/operators")
        await olu.taps("Invite: operator")
        link = (await olu.sees("Send it to nobody else")).text.split()[-1]
        pat = await stage.arrives("Pat", "+254700000002")
        await pat.start(link.partition("start=")[2])
        await pat.sees("You are now operator", "/poll")
        await olu.sees("Pat (1003) came by an invitation of Olu (1002)")
        await pat.says("/audit")
        await pat.sees("exported payments as a table", "read raw bodies", "asked the provider")
    names = [file.name for message in _said(demo, OWNER) if (file := message.content.document) is not None]
    assert [name.split("-")[0] for name in names] == ["callbacks", "payments"]
    assert any(message.content.photo is not None for message in _said(demo, OWNER))


async def test_in_the_operators_group_operators_are_heard_and_others_are_not(demo: Demo, stage: Stage) -> None:
    olu, eve = await stage.arrives("Olu", "+254700000001"), await stage.arrives("Olu", "+254700000003")
    group, foreign = await stage.gathers("Team", olu, eve), await stage.gathers("Others", olu, eve)
    settings = demo.settings.model_copy(update={"owners": str(olu.id), "operators_chat": group})
    async with assistant(settings):
        await eve.in_group(group).says("/attention@simulated_bot")
        await olu.in_group(foreign).says("/attention@simulated_bot")
        here = olu.in_group(group)
        await here.says("/attention@simulated_bot")
        await here.sees("Nothing waits for a person")
        await here.says("/balances@simulated_bot")
        await here.sees("Balances at the provider")
    assert not any("Nothing waits" in message.content.text for message in _said(demo, foreign))
    assert sum("Nothing waits" in message.content.text for message in _said(demo, group)) == 1


def _said(demo: Demo, chat: int) -> list[Message]:
    return demo.world.telegram.messages(chat, by_bot=True)


async def test_a_transfer_waits_for_a_second_operator_and_is_carried_out_once(demo: Demo, stage: Stage) -> None:
    olu, pat = await stage.arrives("Olu", "+254700000001"), await stage.arrives("Pat", "+254700000002")
    settings = demo.settings.model_copy(update={"owners": f"{olu.id},{pat.id}", "approve_above": "KES=1000"})
    wallet = next(one for one in demo.world.kotani.wallets.all.values() if one.currency == "KES")
    wallet.deposit_balance += 9000
    held = wallet.balance
    async with assistant(settings):
        for one in (olu, pat):
            await one.says("/approvals")
            await one.sees("Nothing waits for a second operator")
        await olu.says("/transfer KES 5000 payouts of Friday")
        await olu.sees("A second operator must approve it")
        await olu.taps("Transfer 5,000")
        await olu.sees("Waits for a second operator", "payouts of Friday")
        await pat.sees("Waits for a second operator", "payouts of Friday", str(olu.id))
        assert wallet.balance == held
        await pat.taps("Approve")
        await pat.sees("Really approve this?")
        await pat.taps("Yes, approve")
        await olu.sees("Approved", str(pat.id))
        await olu.sees("transferred", "Payout balance:", within=20)
        await pat.sees("Approved")
        await pat.says("/books")
        await pat.sees("Debits equal credits")
    assert wallet.balance == held + 5000
    ends = [message for message in _said(demo, olu.id) if "transferred" in message.content.text]
    assert len(ends) == 1
