"""Files of payments in the chat: refused with every reason, corrected and sent again, approved by somebody else, paid once."""

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, true, update
from sqlmodel import Session

from bot.drawing.bulk import bulk_renderers
from bot.drawing.payments import payment_renderers
from bot.drawing.team import for_the_team, team_hears, team_reads
from bot.engine.house import House
from bot.engine.operators.bulk_running import BulkRunner
from bot.engine.operators.results import Role
from bot.engine.outbox import NOTICE_PAYLOAD
from bot.engine.wakes import Wakes
from bot.payments.approval import Approval
from bot.payments.bulk.table import MOST_BYTES
from bot.screens.links import https_on
from bot.screens.taps import OperatorTap, read_tap
from bot.telegram.drawing import NoticeFacts, Rendered
from handlers.operators.desk import Desk as RoomsDesk
from storage.bulk_tables import BulkBatch, BulkRow
from storage.payments import LEG, PAYMENT
from storage.tables import Notice, Payment
from tests.dialogue.business import GROUP, Business, business, refused

if TYPE_CHECKING:
    from tests.dialogue.conftest import Chat, World

__all__ = ["business"]

HEAD = "name,phone,amount,currency,note\n"
GOOD = HEAD + "Jane Doe,0712345678,1500,KES,May\nBo Ba,0722000111,700,KES,May\nMary Auma,0733000222,800,KES,May\n"
BAD = (
    HEAD + 'Jane Doe,0712345678,1500,KES,May\n=HYPERLINK("x"),0722000111,700,KES,May\nMary Auma,0733,800,KES,May\n'
    "Al Bo,0712000333,1.500,KES,May\n"
)


class Desk:
    """Two operators with a business: Pat sends files, the owner approves."""

    def __init__(self, world: "World", business: Business, pat: "Chat") -> None:
        self.world, self.business, self.pat, self.owner = world, business, pat, business.owner
        house = House(world.keyring, world.clock, Wakes(), environment="test")
        self.runner = BulkRunner(world.database, world.keyring, world.clock, Wakes(), house)

    async def asks(self, why: str = "wages of May") -> None:
        """Pat asks for approval of the draft on the newest card."""
        await self.pat.press("Ask for approval")
        await self.pat.say(why)

    async def approves(self) -> str:
        """The owner looks at what waits, and says yes; what they are told."""
        (order,), _ = await self.business.desk.approvals.waiting(1)
        await self.owner.tap(f"1:o:order:{order.id}:approve")
        await self.owner.press("Yes, approve")
        return self.owner.text

    async def works(self, steps: int = 1) -> None:
        """The engine goes on with files."""
        for _ in range(steps):
            self.world.now += timedelta(seconds=3)
            await self.runner.step()
        await self.world.deliver(self.pat, self.owner)

    async def ends(self, *, failing: str | None = None, only: Sequence[str] | None = None) -> None:
        """The provider pays everybody; or all but the one with this code; or only these, by their ids."""

        def end(session: object) -> None:
            values = {"state": "completed", "ended_at": self.world.now}
            paid = true() if only is None else PAYMENT.c.id.in_(only)
            session.execute(update(Payment).where(paid).values(**values))  # type: ignore[attr-defined]
            if failing is not None:
                over = {"state": "failed", "reason": "reason.payout_failed", "reason_detail": "=Wrong number"}
                session.execute(update(Payment).where(Payment.code == failing).values(**over))  # type: ignore[attr-defined,arg-type]

        await self.world.database.write(end)

    async def file(self, kind: str) -> Rendered:
        """The newest notice of a kind, as it is sent."""
        rows = await self.world.database.read(lambda session: list(session.execute(select(Notice)).scalars()))
        row = max((row for row in rows if row.kind == kind), key=lambda row: row.id)
        payload = self.world.keyring.open_json(row.payload_sealed or b"", context=NOTICE_PAYLOAD)
        facts = NoticeFacts(row.id, row.chat_id, kind, row.slot, None, payload, row.created_at)
        desk = self.business.desk
        rendered = await bulk_renderers(desk.bulk.looking, team_reads(desk.operators))[kind](facts)
        assert rendered is not None
        assert rendered.file is not None
        return rendered

    async def text(self, kind: str) -> str:
        """What is in that file."""
        file = (await self.file(kind)).file
        assert file is not None
        return file.body.decode("utf-8-sig")

    async def batches(self) -> list[BulkBatch]:
        return await self.world.database.read(
            lambda session: list(session.execute(select(BulkBatch).order_by(BulkBatch.id)).scalars())  # type: ignore[arg-type]
        )

    async def rows(self) -> list[BulkRow]:
        return await self.world.database.read(lambda session: list(session.execute(select(BulkRow)).scalars()))


@pytest.fixture
async def desk(world: "World", business: Business) -> Desk:
    return Desk(world, business, await business.invited("operator", 701))


async def test_three_bad_rows_are_named_at_once_corrected_and_sent_again(desk: Desk) -> None:
    pat = desk.pat
    await pat.file(BAD.encode())
    for said in ("3 of 4", "Line 3", "is a formula", "Line 4", "too few or too many digits", "Line 5", "can mean 1500"):
        assert said in pat.text
    assert "Nothing was kept" in pat.text
    assert await desk.batches() == []
    sent = await desk.text("bulk_correction")
    assert "'=HYPERLINK" in sent  # what would be executed is text in what we give back
    corrected = (
        sent.replace('"\'=HYPERLINK(""x"")"', "Bo Ba")
        .replace('\'=HYPERLINK("x")', "Bo Ba")
        .replace("0733,", "0733000222,")
    ).replace("1.500", "1500")
    await pat.file(corrected.encode("utf-16"))
    assert "KES 4,500" in pat.text or "4,500 KES" in pat.text
    assert "rows: 4" in pat.text
    assert "Nothing is paid yet" in pat.text
    assert await desk.world.paid() == []


async def test_a_file_is_approved_by_somebody_else_paid_once_and_told_row_by_row(desk: Desk) -> None:
    pat, world = desk.pat, desk.world
    await pat.file(GOOD.encode())
    await desk.asks()
    assert "Waits for a second operator" in pat.text
    (order,), _ = await desk.business.desk.approvals.waiting(1)
    assert (order.kind, order.asked_by, order.reason, order.about["rows"]) == ("bulk", 701, "wages of May", "3")
    await pat.tap(f"1:o:order:{order.id}:approve")  # their own
    await desk.works(3)
    assert await world.paid() == []
    world.market.balances["KES"] = Decimal(90_000)
    await desk.owner.say("/payout 1500 KES to 0712345678 Jane Doe for wages")  # what a row of it would pay
    assert "waits for a second operator already" in desk.owner.text
    await desk.owner.press("Show what waits")
    assert "wages of May" in desk.owner.text
    await desk.approves()
    await desk.works(3)
    payments = await world.paid()
    batch = (await desk.batches())[0]
    assert sorted(payment.receive_amount for payment in payments) == [700, 800, 1500]
    assert {(payment.kind, payment.batch_id) for payment in payments} == {("payout", batch.id)}
    assert [leg.currency for leg in await world.legs()] == ["KES"] * 3
    assert len({leg.reference for leg in await world.legs()}) == 3
    card = next(message for message in pat.messages if message.slot == f"o:bulk:{batch.id}")
    assert "0/3" in card.text
    unlucky = payments[0]
    await desk.ends(failing=unlucky.code)
    await desk.works(2)
    assert "Paid: 2" in pat.text
    lines = (await desk.text("bulk_result")).splitlines()
    assert len(lines) == 4
    assert sum(",paid," in line for line in lines) == 2
    (failed,) = [line for line in lines if ",failed," in line]
    assert unlucky.code in failed
    assert "'=Wrong number" in failed
    acts = [(act.operator, act.action) for act in await desk.business.actions() if "bulk" in (act.target or "")]
    assert acts == [(701, "bulk_file")]


async def test_failed_rows_are_run_again_alone_and_only_once(desk: Desk) -> None:
    pat, world = desk.pat, desk.world
    await pat.file(GOOD.encode())
    await desk.asks()
    await desk.approves()
    await desk.works()
    await desk.ends(failing=(await world.paid())[1].code)
    await desk.works(2)
    again = pat.button("Run failed rows again (1)").data or ""
    await pat.tap(again)
    assert "Runs again what failed" in pat.text
    assert "rows: 1" in pat.text
    await pat.tap(again)  # the same button once more: the row is taken
    first, second = await desk.batches()
    assert second.parent_id == first.id
    await desk.asks("again")
    await desk.approves()
    await desk.works(2)
    payments = await world.paid()
    assert len(payments) == 4
    (repeated,) = [payment for payment in payments if payment.batch_id == second.id]
    assert repeated.receive_amount == next(one.receive_amount for one in payments if one.state == "failed")


async def test_what_failed_is_not_paid_again_while_there_is_a_doubt(desk: Desk) -> None:
    pat, world = desk.pat, desk.world
    await pat.file(GOOD.encode())
    await desk.asks()
    await desk.approves()
    await desk.works()
    unlucky = (await world.paid())[1]
    await desk.ends(failing=unlucky.code)
    await desk.works(2)
    again = pat.button("Run failed rows again (1)").data or ""
    await pat.tap(again)
    await desk.asks("again")
    await desk.business.case(unlucky, "contradiction")  # the provider says now that it was paid
    assert "under way once more, or was paid" in await desk.approves()
    await desk.works(2)
    assert len(await world.paid()) == 3
    assert "Run failed rows again" not in str((await desk.file("bulk_result")).screen.rows)


async def test_rows_that_another_file_has_paid_are_asked_about(desk: Desk) -> None:
    pat, world = desk.pat, desk.world
    await pat.file(GOOD.encode())
    await desk.asks()
    await desk.approves()
    await desk.works()
    await pat.file((GOOD + "New Man,0712999888,900,KES,May\n").replace("May", "June").encode())
    assert "were paid lately: 3" in pat.text
    assert "Ask for approval" not in str(pat.last.labels)
    await pat.press("Leave them out")
    assert "rows: 1" in pat.text
    assert "Left out, since they were paid already: 3" in pat.text
    await desk.asks()
    await desk.approves()
    await desk.works(2)
    assert sorted(payment.receive_amount for payment in await world.paid()) == [700, 800, 900, 1500]
    await pat.file(GOOD.encode())
    assert "This very file was sent before" in pat.text
    await pat.press("Pay them again")
    assert "are paid once more" in pat.text


async def test_rows_that_were_paid_by_command_are_asked_about_and_the_other_way_round(desk: Desk) -> None:
    pat, owner, world = desk.pat, desk.owner, desk.world
    desk.business.desk.approvals._approval = Approval({"KES": Decimal(50_000)})
    await owner.say("/payout 700 KES to 0722000111 Bo Ba for May")
    await owner.press("Yes, pay it")
    (payment,) = await world.paid()
    await pat.file(GOOD.encode())
    assert "were paid lately: 1" in pat.text
    assert f"line 3: {payment.code}, " in pat.text
    await pat.press("Leave them out")
    await desk.asks()
    await desk.approves()
    await desk.works()
    world.now += timedelta(hours=2)
    await owner.say("/payout 1500 KES to 0712345678 Jane Doe for May")
    (row,) = [one for one in await world.paid() if one.receive_amount == 1500]
    assert f"paid to the same place 2 h ago: {row.code}" in owner.text


async def test_a_file_that_is_not_paid_yet_is_named_in_the_next_one_with_the_same_rows(desk: Desk) -> None:
    pat = desk.pat
    await pat.file(GOOD.encode())
    first = (await desk.batches())[0].code
    assert "same rows" not in pat.text
    await desk.asks()
    await desk.owner.file(GOOD.encode(), "b.csv")
    assert f"{first} (waits for approval, the same rows: 3)" in desk.owner.text
    changed = GOOD.replace("700", "701").replace("1500", '"1,500"')  # in other words
    await desk.owner.file(changed.encode(), "c.csv")
    second = (await desk.batches())[1].code
    assert f"{first} (waits for approval, the same rows: 2), {second} (draft, the same rows: 2)" in desk.owner.text
    await desk.owner.tap(f"1:o:bulk:{second}:show")
    assert f"{first} (waits" in desk.owner.text
    assert "(draft" not in desk.owner.text  # what comes later is asked about there


async def test_two_files_with_the_same_rows_are_not_both_paid(desk: Desk) -> None:
    """Neither had been paid when they were asked for."""
    pat, world = desk.pat, desk.world
    for note in ("May", "Mei"):
        await pat.file(GOOD.replace("May", note).encode())
        await desk.asks(note)
    (first, second), _ = await desk.business.desk.approvals.waiting(1)
    for order in (first, second):
        await desk.owner.tap(f"1:o:order:{order.id}:approve")
        await desk.owner.press("Yes, approve")
    assert "was paid meanwhile (B-" in desk.owner.text
    await desk.works(3)
    assert len(await world.paid()) == 3


async def test_what_turns_out_to_be_paid_after_the_start_is_not_paid_again(desk: Desk) -> None:
    """A full file takes minutes to begin, and what was called failed may be paid in that time."""
    pat, world = desk.pat, desk.world
    await pat.file(GOOD.encode())
    await desk.asks()
    await desk.approves()
    await desk.works()
    failed = (await world.paid())[0]
    await desk.ends(failing=failed.code)
    await desk.works(2)
    await pat.press("Run failed rows again (1)")
    await desk.asks("again")
    await desk.approves()
    await desk.business.case(failed, "contradiction")
    await desk.works(3)
    assert len(await world.paid()) == 3
    assert [batch.state for batch in await desk.batches()] == ["ended", "ended"]
    assert ",left out," in await desk.text("bulk_result")


async def test_a_balance_that_does_not_cover_it_is_said_before_and_looked_at_again(desk: Desk) -> None:
    pat, world = desk.pat, desk.world
    world.market.balances["KES"] = Decimal(2_000)
    await pat.file(GOOD.encode())
    assert "1,000 KES are missing" in pat.text
    assert "/transfer KES 1000" in pat.text
    assert "Ask for approval" not in str(pat.last.labels)
    world.market.balances["KES"] = Decimal(3_000)
    await pat.press("Refresh")
    await desk.asks()
    world.market.balances["KES"] = Decimal(2_999)
    assert "lacks 1 KES" in await desk.approves()
    await desk.works(2)
    assert await world.paid() == []
    world.market.balances["KES"] = Decimal(3_000)
    await desk.approves()
    await desk.works(2)
    assert len(await world.paid()) == 3


async def test_money_that_is_promised_is_not_there_for_another_payment(desk: Desk) -> None:
    """Approved, not begun or about to be sent, the balance holds it still: it is taken off, and said."""
    pat, owner, world = desk.pat, desk.owner, desk.world
    world.market.balances["KES"] = Decimal(5_000)
    await pat.file(GOOD.encode())
    assert "not sent yet" not in pat.text
    await desk.asks()
    await desk.approves()
    other = "name,phone,amount,currency\nAl Bo,0712000333,2500,KES\n"
    for steps in (0, 1):  # rows before their turn, and payouts that are ready
        await desk.works(steps)
        await pat.file(other.replace("2500", f"250{steps}").encode())
        assert "3,000 KES of it are for payments that are approved and not sent yet" in pat.text
        assert f"50{steps} KES are missing" in pat.text
        await owner.say("/payout 1900 KES to 0711000999 Di Do for rent")
        assert "holds 100 KES afterwards" in owner.text
        assert "Taken off already: 3,000 KES for payments that are approved and not sent yet" in owner.text
        await owner.say("/payout 2001 KES to 0711000999 Di Do for rent")
        assert "1 KES are missing" in owner.text
        assert "Taken off already: 3,000 KES" in owner.text
    sent = update(LEG).values(state="submitting")
    await world.database.write(lambda session: session.connection().execute(sent))
    await pat.file(other.encode())
    assert "Enough" in pat.text
    assert "approved and not sent yet" not in pat.text


async def test_a_file_can_be_stopped_on_its_way(desk: Desk) -> None:
    pat, world = desk.pat, desk.world
    many = HEAD + "".join(f"Jane Doe,07123{n:05},500,KES,May\n" for n in range(100))
    await pat.file(many.encode())
    await desk.asks()
    await desk.approves()
    await desk.works(3)
    begun = await world.paid()
    assert 0 < len(begun) < 100  # customers' payments find their place between them
    calls = [row.payment_id for row in await desk.rows() if row.payment_id is not None][:3]

    def call(session: Session) -> None:
        session.connection().execute(update(LEG).where(LEG.c.payment_id.in_(calls)).values(state="submitting"))

    await world.database.write(call)
    await pat.press("Stop the rest")
    assert "Rows that are not paid then: 97 (48,500 KES)" in pat.text
    assert "cannot be stopped: 3 (1,500 KES)" in pat.text
    await pat.press("Stop the rest", on=pat.last)
    assert "nothing more is sent" in pat.text
    await desk.works(3)
    assert len(await world.paid()) == len(begun)
    await desk.ends(only=calls)
    await desk.works(2)
    assert "Paid: 3 · 1,500 KES" in pat.text
    assert "Failed: 0" in pat.text
    assert "Not begun: 97" in pat.text
    assert (await desk.text("bulk_result")).count("not begun") == 97
    await pat.press("Pay the rows not begun (97)")
    assert "rows: 97" in pat.text
    assert "Pays what was not begun in B-" in pat.text


async def test_what_is_no_file_of_payments_is_answered_plainly(desk: Desk) -> None:
    for content, name, size, said in (
        (b"x", "pay.csv", 20_000_000, "too large"),
        (b"x" * (MOST_BYTES + 1), "pay.csv", None, "too large"),
        (b"PK\x03\x04....", "pay.xlsx", None, "Save as"),
        (b"%PDF-1.7", "cv.pdf", None, "Save as"),
        (b"\xff\xfe\x00\xd8\x00", "pay.csv", None, "not a text that we can read"),
        (b"", "pay.csv", 1, "is empty"),
        (b"Jane,0712345678,500\n", "pay.csv", None, "must name the columns"),
        (b"name,amount\nJane,500\n", "pay.csv", None, "A column is missing: phone"),
        (b'name,phone,amount\n"Jane,1,2\n', "pay.csv", None, "quotation mark is not closed"),
        ((HEAD + "Jane Doe,0712345678,500,KES,\n" * 1001).encode(), "pay.csv", None, "1001 rows"),
    ):
        await desk.pat.file(content, name, size=size)
        assert said in desk.pat.text
    assert await desk.batches() == []


async def test_currencies_are_totalled_apart_and_each_has_its_balance(desk: Desk) -> None:
    pat = desk.pat
    desk.world.market.balances |= {"KES": Decimal(10_000), "GHS": Decimal(100)}
    await pat.file((HEAD + "Jane Doe,0712345678,1500,KES,\nAbena M,+233241234567,300.50,GHS,\n").encode())
    assert "1,500 KES · rows: 1" in pat.text
    assert "300.50 GHS · rows: 1" in pat.text or "300.5 GHS · rows: 1" in pat.text
    assert "200.50 GHS are missing" in pat.text or "200.5 GHS are missing" in pat.text


async def test_files_of_others_are_nothing_to_the_desk(desk: Desk) -> None:
    """Customers and viewers pay nobody with a file, and nor does a file that somebody forwards."""
    eve = desk.world.chat(666)
    await eve.file(GOOD.encode())
    assert "Nothing is paid yet" not in eve.text
    viewer = await desk.business.invited("viewer", 702)
    await viewer.file(GOOD.encode())
    assert "operator" in viewer.text
    raw = desk.pat.file_update(GOOD.encode(), "pay.csv")
    raw["message"]["forward_origin"] = {"type": "hidden_user", "sender_user_name": "Eve", "date": 1}
    await desk.pat.send(raw)
    raw = desk.world.chat(666).file_update(GOOD.encode(), "pay.csv")
    raw["message"]["chat"] = {"id": GROUP, "type": "supergroup", "title": "Team"}
    await desk.world.chat(GROUP).send(raw)
    assert await desk.batches() == []


async def test_in_the_operators_group_a_file_is_taken_too(desk: Desk) -> None:
    raw = desk.pat.file_update(GOOD.encode(), "pay.csv")
    raw["message"]["chat"] = {"id": GROUP, "type": "supergroup", "title": "Team"}
    group = desk.world.chat(GROUP)
    await group.send(raw)
    assert "Nothing is paid yet" in group.text
    (batch,) = await desk.batches()
    assert (batch.chat_id, batch.created_by) == (GROUP, 701)


async def test_a_draft_that_is_dropped_or_forgotten_keeps_nobody(desk: Desk) -> None:
    pat = desk.pat
    await pat.file(GOOD.encode())
    await pat.press("Drop this file")
    assert "Dropped" in pat.text
    assert await desk.rows() == []
    await pat.file(GOOD.encode())
    desk.world.now += timedelta(days=8)
    await desk.works()
    assert [batch.state for batch in await desk.batches()] == ["dropped", "dropped"]
    assert await desk.rows() == []


async def test_all_files_are_listed_and_a_template_is_given(desk: Desk) -> None:
    pat = desk.pat
    await pat.say("/bulk")
    assert "No files of payments yet" in pat.text
    await pat.press("File to begin with")
    template = await desk.file("bulk_template")
    assert template.file is not None
    await pat.file(template.file.body, "payments.csv")
    assert "2 of 2" in pat.text  # nobody is paid by sending the example back
    await pat.file(GOOD.encode())
    await pat.say("/bulk")
    await pat.press("draft")
    (batch,) = await desk.batches()
    await desk.owner.say(f"/bulk {batch.code.lower()}")
    assert "Nothing is paid yet" in desk.owner.text
    await desk.owner.press("All rows as a file")
    assert "not begun" in await desk.text("bulk_result")
    await pat.say("/bulk B-NOPE00")
    assert "There is no such file" in pat.text
    eve = desk.world.chat(666)
    await eve.say("/bulk")
    await refused(eve)


async def test_who_was_removed_is_sent_nothing_more_of_what_they_began(desk: Desk) -> None:
    """The result of a file holds the names and whole numbers of everybody in it."""
    await desk.pat.file(GOOD.encode())
    await desk.asks()
    await desk.approves()
    await desk.owner.say("/operators")
    for label in ("Jane · operator", "Remove", "Remove"):
        await desk.owner.press(label)
    await desk.works()
    await desk.ends()
    await desk.works(3)
    operators = desk.business.desk.operators
    hears, reads = team_hears(operators), team_reads(operators)
    notices = await desk.world.database.read(lambda session: list(session.execute(select(Notice)).scalars()))
    result = next(notice for notice in notices if notice.kind == "bulk_result")
    payload = desk.world.keyring.open_json(result.payload_sealed or b"", context=NOTICE_PAYLOAD)
    draw = for_the_team(hears, bulk_renderers(desk.business.desk.bulk.looking, reads))["bulk_result"]
    for chat_id, told in ((desk.pat.user_id, False), (desk.owner.user_id, True), (GROUP, True)):
        facts = NoticeFacts(result.id, chat_id, result.kind, None, None, payload, result.created_at)
        assert (await draw(facts) is not None) is told, chat_id
    assert result.chat_id == desk.pat.user_id

    payments = await desk.world.database.read(lambda session: list(session.execute(select(Payment)).scalars()))
    card = payment_renderers(desk.world.payments, https_on(), desk.world.clock, hears=hears)["payment_card"]
    for chat_id, told in ((desk.pat.user_id, False), (desk.owner.user_id, True)):
        facts = NoticeFacts("n", chat_id, "payment_card", None, payments[0].id, None, desk.world.now)
        assert (await card(facts) is not None) is told, chat_id


async def test_what_was_approved_is_what_is_paid(desk: Desk) -> None:
    """Rows that were left out at the very moment in which somebody asked."""
    await desk.pat.file(GOOD.encode())
    await desk.asks()
    (first, *_) = await desk.rows()
    await desk.world.database.write(
        lambda session: session.execute(update(BulkRow).where(BulkRow.id == first.id).values(left_out=True)) and None  # type: ignore[arg-type]
    )
    await desk.approves()
    assert [batch.state for batch in await desk.batches()] == ["draft"]
    await desk.works(2)
    assert await desk.world.paid() == []


def not_theirs(desk: Desk, chat: "Chat") -> list[str]:
    """The buttons that a chat shows and whoever only looks may not use."""
    presses = {
        (one.kind, one.action): one.needs
        for one in RoomsDesk(desk.world.services, desk.business.desk)._presses.values()
    }
    found = []
    for label, tap in ((one.text, read_tap(one.data or "")) for message in chat.messages for one in message.buttons):
        if isinstance(tap, OperatorTap) and tap.kind != "ask":
            verb, dash, _ = tap.action.partition("-")
            if presses[tap.kind, verb + dash] is not Role.VIEWER:
                found.append(label)
    return found


async def test_who_only_looks_sees_the_ends_of_numbers_and_no_button_of_others(desk: Desk) -> None:
    vera, world = await desk.business.invited("viewer", 703), desk.world
    whole = re.compile(r"(?:254|0) ?7\d\d ?\d{3} ?\d{3}")
    await world.chat(502).say("/support Where is my money?")
    looks = [
        "/cases",
        "/attention",
        "/reconcile",
        "/alerts",
        "/approvals",
        "/bulk",
        "/limits",
        "/fees",
        "/ops",
        "/help",
    ]

    async def look(*commands: str) -> None:
        for command in commands:
            await vera.say(command)
            cards = [one.data for one in vera.last.buttons if isinstance(read_tap(one.data or ""), OperatorTap)]
            for data in cards[:3]:
                await vera.tap(data or "", on=vera.last)
            assert whole.search(vera.text) is None, (command, vera.text)
            assert not_theirs(desk, vera) == [], command
            assert "To change one" not in vera.text
            assert "the customer reads your words" not in vera.text

    await desk.pat.file(GOOD.encode())
    (batch,) = await desk.batches()
    await look(f"/bulk {batch.code}")
    assert "+254•••••678" in vera.text.replace("\u2060", "")
    assert "+254 712 345678" in desk.pat.text
    for _ in range(2):
        await desk.owner.say(f"/bulk {batch.code}")
    seen = [(one.operator, one.target) for one in await desk.business.actions() if one.action == "look"]
    assert seen == [(desk.owner.user_id, f"bulk:{batch.code}")]  # not of her, and once a day
    group = await desk.business.in_group(vera.user_id, f"/bulk {batch.code}")
    assert "+254•••••678" in group.text.replace("\u2060", "")
    assert "Ask for approval" not in group.last.labels
    await desk.asks()
    await look(*looks, f"/bulk {batch.code}")
    await desk.approves()
    await desk.works(3)
    code = (await world.paid())[0].code
    await look(f"/bulk {batch.code}", f"/payment {code}", f"/find {code}")
    assert "Jane Doe" in vera.text
    await desk.ends(failing=code)
    await desk.works(3)
    await look(f"/bulk {batch.code}")
    assert "Run failed rows" not in " ".join(vera.last.labels)
