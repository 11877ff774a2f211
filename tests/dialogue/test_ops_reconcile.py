"""/reconcile: a day is compared, what differs is looked at list by list, closed with a reason, or booked by an owner."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from bot.drawing.reconciliations import reconciliation_renderers
from bot.engine.outbox import NOTICE_PAYLOAD
from bot.engine.reconciler import Reconciler
from bot.engine.wakes import Wakes
from bot.kotani.errors import NotFound, Unauthorised
from bot.kotani.results import Wallet
from bot.payments.reports import Report
from bot.screens.taps import OperatorTap
from bot.telegram.drawing import NoticeFacts, Rendered
from storage.payments import LEG
from storage.tables import Notice, Payment
from tests.dialogue.business import Business, business, paid
from tests.dialogue.conftest import read_by_operators

if TYPE_CHECKING:
    from tests.dialogue.conftest import Chat

__all__ = ["business", "paid"]


class Provider:
    """The provider, as far as a reconciliation asks it."""

    def __init__(self) -> None:
        self.record: Report | None = Report(deposit_status="FAILED", status="FAILED", provider_id="prov-1")
        self.refuses = False
        self.more: tuple[Wallet, ...] = ()

    async def onramp(self, reference: str) -> Report:
        if self.record is None:
            raise NotFound("onramp.status")
        return self.record

    async def wallets(self) -> tuple[Wallet, ...]:
        if self.refuses:
            raise Unauthorised("wallets")
        return (Wallet("w1", "KES", "KES", "KE", Decimal(12500), Decimal(0), "ACTIVE"), *self.more)


class Desk:
    """A business with a purchase that succeeded here, and a provider that says something else."""

    def __init__(self, business: Business) -> None:
        self.business, self.provider = business, Provider()
        world = business.world
        self.worker = Reconciler(
            world.database,
            self.provider,  # type: ignore[arg-type]
            world.keyring,
            world.clock,
            Wakes(),
            environment="test",
            owner="here",
            hour=None,
        )

    async def works(self) -> None:
        """Everything that was begun is compared."""
        while await self.worker.step():
            pass

    async def drawn(self, kind: str) -> Rendered | None:
        """The newest notice of a kind, as it is sent."""
        world = self.business.world
        rows = await world.database.read(
            lambda session: list(session.execute(select(Notice).order_by(Notice.id)).scalars())  # type: ignore[arg-type]
        )
        row = [row for row in rows if row.kind == kind][-1]
        payload: Any = world.keyring.open_json(row.payload_sealed or b"", context=NOTICE_PAYLOAD)
        render = reconciliation_renderers(self.business.desk.reconciling, read_by_operators)[kind]
        return await render(NoticeFacts(row.id, row.chat_id, kind, row.slot, None, payload, row.created_at))


@pytest.fixture
async def desk(business: Business, paid: Payment) -> Desk:
    world = business.world
    sent = {"state": "succeeded", "submitted_at": world.now, "due_at": None}
    await world.database.write(lambda session: session.execute(update(LEG).values(**sent)) and None)
    world.pass_time(minutes=30)
    return Desk(business)


async def compared(desk: Desk, chat: "Chat") -> None:
    """Somebody has today compared, and looks."""
    await chat.say("/reconcile today")
    await desk.works()
    await chat.say("/reconcile")


async def test_a_day_is_compared_while_its_card_follows_and_the_books_tell_of_it(desk: Desk) -> None:
    mary = await desk.business.invited("operator", 701)
    await mary.say("/reconcile")
    assert "Nothing was compared yet" in mary.text
    await mary.say("/books")
    assert "Never compared with the provider" in mary.text
    await mary.press("What differs")
    await mary.press("Compare today")
    assert "⏳ Comparing" in mary.text
    await mary.say("/reconcile today")
    assert "is being compared already" in mary.text
    await desk.works()
    card = await desk.drawn("operator_reconciliation")
    assert card is not None
    assert "Transactions looked at: 1. New differences: 2." in card.screen.text
    await mary.say("/books")
    assert "Open differences: 2" in mary.text
    actions = [(one.action, one.target) for one in await desk.business.actions()][2:]
    assert actions == [("reconcile", f"day:{desk.business.world.now.date()}")]


async def test_a_comparison_says_how_long_it_takes_and_is_stopped_by_its_button(desk: Desk) -> None:
    mary = await desk.business.invited("operator", 701)
    await mary.say("/reconcile today")
    assert "0 of 1 transactions" in mary.text
    assert "about 2 s" in mary.text
    stop = mary.button("Stop comparing").data or ""
    vic = await desk.business.invited("viewer", 702)
    await vic.tap(stop)
    assert await desk.worker.step()  # the only leg, on its way to the balances
    await mary.tap(stop)
    assert mary.popped == ["Stopped"]
    assert "1 of 1 transactions looked at, no balances" in mary.text
    assert "Stop comparing" not in mary.last.labels
    assert not await desk.worker.step()
    await mary.tap(stop)
    assert mary.popped == ["It is over already."]
    assert (await desk.business.actions())[-1].action == "reconcile_stop"
    await mary.say("/books")
    assert "Never compared with the provider" in mary.text  # a part of a day is no comparison
    await compared(desk, mary)
    assert "Open differences: 2" in mary.text


async def test_a_difference_is_looked_at_and_closed_with_a_reason(desk: Desk, paid: Payment) -> None:
    mary = await desk.business.invited("operator", 701)
    await compared(desk, mary)
    assert "Open differences: 2" in mary.text
    await mary.press("State differs · 1")
    assert "We: succeeded" in mary.text
    assert "Provider: failed, nothing taken" in mary.text
    await mary.press(paid.code)
    assert "Write into the books" not in mary.last.labels
    await mary.press("Resolve")
    assert "It moves no money" in mary.text
    await mary.say("they corrected it by hand")
    assert "Done and recorded" in mary.text
    done = (await desk.business.actions())[-1]
    assert (done.action, done.reason, done.target) == (
        "difference",
        "they corrected it by hand",
        f"payment:{paid.code}",
    )
    assert "succeeded" in (done.before or "")
    await mary.say("/reconcile")
    assert "Open differences: 1" in mary.text
    assert not any("State differs" in label for label in mary.last.labels)


async def test_an_owner_writes_what_was_there_before_into_the_books(desk: Desk) -> None:
    owner = desk.business.owner
    await compared(desk, owner)
    await owner.press("Balance differs")
    await owner.press("Payout balance")
    await owner.press("Write into the books")
    assert "12,500" in owner.text
    assert "Put in by the business" in owner.text
    await owner.press("It was there before")
    assert "Done and recorded" in owner.text
    done = (await desk.business.actions())[-1]
    assert (done.action, done.reason) == ("book_difference", "It was there before the books began")
    assert '"amount": "12500 KES"' in (done.after or "")
    await owner.say("/books")
    shown = owner.text.replace("\u00a0", " ")
    assert "Payout balance: 12,500 KES" in shown
    assert "Put in by the business: 12,500 KES" in shown
    await compared(desk, owner)
    assert not any("Balance differs" in label for label in owner.last.labels)


async def test_a_whole_list_is_booked_or_closed_with_one_reason(desk: Desk) -> None:
    owner = desk.business.owner
    desk.provider.more = (Wallet("w2", "UGX", "UGX", "UG", Decimal(7000), Decimal(50), "ACTIVE"),)
    await compared(desk, owner)
    await owner.press("Balance differs · 3")
    await owner.press("Write all of it into the books")
    shown = owner.text.replace("\u00a0", " ")
    assert "Payout balance: 12,500 KES" in shown
    assert "Deposit balance: 50 UGX" in shown
    await owner.press("It was there before")
    assert "Done and recorded: 3" in owner.text
    assert [one.action for one in await desk.business.actions()].count("book_difference") == 3
    desk.provider.more = (Wallet("w2", "UGX", "UGX", "UG", Decimal(7001), Decimal(51), "ACTIVE"),)
    await compared(desk, owner)
    await owner.press("Balance differs · 2")
    await owner.press("Resolve all of this list")
    assert "Close the 2 oldest" in owner.text
    question = owner.last
    await owner.say("rounded there")
    assert "Done and recorded: 2" in owner.text
    await owner.press("Settled by hand", on=question)
    assert owner.popped == [
        "This question was answered before, or something else was done since. This tap did nothing."
    ]
    await owner.say("/reconcile")
    assert "Open differences: 1" in owner.text


async def test_only_an_owner_books_and_only_an_operator_compares(desk: Desk) -> None:
    mary, vera = await desk.business.invited("operator", 701), await desk.business.invited("viewer", 702)
    await vera.say("/reconcile today")
    assert "This needs the role “operator”" in vera.text
    await vera.tap(OperatorTap("reconcile", "today", "begin").pack())
    assert "operator" in (vera.popped[0] or "")
    await compared(desk, mary)
    await vera.say("/reconcile")
    await vera.press("Balance differs")
    await vera.press("Payout balance")
    assert vera.last.labels == ["What differs"]
    (item,) = [one for one in (await desk.business.desk.reconciling.page(None, 1))[0] if one.kind == "balance"]
    await mary.tap(OperatorTap("gap", item.id, "book").pack())
    assert "owner" in (mary.popped[0] or "")
    assert [one.action for one in await desk.business.actions()][-1] == "reconcile"


async def test_what_changed_since_it_was_seen_is_not_closed(desk: Desk, paid: Payment) -> None:
    mary = await desk.business.invited("operator", 701)
    await compared(desk, mary)
    await mary.press("State differs")
    await mary.press(paid.code)
    await mary.press("Resolve")
    desk.provider.record = None
    await desk.business.owner.say("/reconcile today")
    await desk.works()
    await mary.say("settled")
    assert "not the same any more" in mary.text
    await mary.say("/reconcile")
    await mary.press("Ours only")
    assert "knows nothing of it" in mary.text


async def test_everything_that_differs_comes_as_a_table(desk: Desk, paid: Payment) -> None:
    mary = await desk.business.invited("operator", 701)
    await compared(desk, mary)
    await mary.press("As a table")
    table = await desk.drawn("operator_differences")
    assert table is not None
    assert table.file is not None
    rows = table.file.body.decode("utf-8-sig").splitlines()
    assert [row.partition(",")[0] for row in rows] == ["list", "balance", "state"]
    assert paid.code in rows[2]
    assert (await desk.business.actions())[-1].action == "export_differences"


async def test_while_the_provider_refuses_us_a_comparison_waits_and_says_so(desk: Desk) -> None:
    owner = desk.business.owner
    desk.provider.refuses = True
    await owner.say("/reconcile yesterday")
    await desk.works()
    await owner.say("/reconcile")
    assert "refuses our key" in owner.text
    desk.provider.refuses = False
    desk.business.world.pass_time(minutes=1)
    await desk.works()
    await owner.say("/reconcile")
    assert "refuses our key" not in owner.text
    assert "Last compared" in owner.text


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("tomorrow", "There is no day “tomorrow”"),
        ("2026-13-01", "There is no day “2026-13-01”"),
        ("2031-01-01", "“2031-01-01” is in the future"),
        ("1999-01-01", "“1999-01-01” is more than a year ago"),
        ("today please", "“please” does not belong there"),
    ],
)
async def test_a_day_that_is_none_is_explained(desk: Desk, said: str, why: str) -> None:
    owner = desk.business.owner
    await owner.say(f"/reconcile {said}")
    assert owner.text.startswith(why)
    assert "For example: /reconcile yesterday" in owner.text
