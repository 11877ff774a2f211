"""The operators' desk: what is seen there, and what is done and written down."""

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlmodel import Session

from bot.engine.findings import Cause, Finding
from bot.engine.intake import CALLBACK_BODY
from bot.engine.operators.exporting import Period, read_period, safe_cell
from bot.engine.settling import Settler
from bot.payments.decide import Decision
from bot.payments.identifiers import new_id
from bot.payments.schedule import Patience
from bot.payments.states import LegState
from bot.payments.wrong_words import Why, WrongWord
from bot.screens.taps import OperatorTap
from handlers.operators.desk import Desk
from handlers.operators.entry import COMMANDS
from storage.callbacks import store_callbacks
from storage.payments import LEG, LegKey
from storage.tables import Payment
from tests.dialogue.business import GROUP, OWNER, Business, business, paid
from tests.dialogue.conftest import plain

if TYPE_CHECKING:
    from tests.dialogue.conftest import World

__all__ = ["business", "paid"]
WORDLESS = frozenset(  # commands that say everything by themselves
    {
        *("help", "ops", "balances", "books", "attention", "audit", "operators"),
        *("alerts", "approvals", "bulk", "cases", "check", "reconcile"),
    }
)


async def test_the_business_at_one_look(business: Business, paid: Payment) -> None:
    await business.case(paid)
    owner = business.owner
    await owner.say("/ops")
    assert "S A N D B O X" in owner.text
    for said in ("being placed 1", "Attention: 1", paid.code, "answered 1 of the last 1", "12,500.5 KES"):
        assert said in owner.text, owner.text
    week = await business.drawn("operator_week")
    assert week is not None
    assert week.picture is not None
    assert week.picture.startswith(b"\x89PNG")
    await owner.press("Refresh")
    assert "S A N D B O X" in owner.text


async def test_a_payment_is_shown_whole_and_asked_for(business: Business, paid: Payment) -> None:
    mary = await business.invited("operator", 701)
    await mary.say(f"/payment {paid.code.lower().replace('-', ' ')}")
    for said in (paid.code, "+254 712 345678", "prov-1", "SKX12ABC90", "the customer confirmed", "Purchase"):
        assert said in mary.text, mary.text
    assert "Raw bodies" not in mary.last.labels
    business.world.pass_time(minutes=1)
    await mary.press("Ask the provider now")
    due = await business.world.database.read(lambda session: session.execute(select(LEG.c.due_at)).scalar_one())
    assert due == business.world.now
    assert "The provider is asked now" in mary.text
    await mary.press("Refresh")
    assert "operator 701: asked the provider" in mary.text


@pytest.mark.parametrize("by", ["code", "SKX12ABC90", "skx12abc90", "prov-1", "+254712345678", "501", "reference"])
async def test_everything_is_found_by_what_is_at_hand(business: Business, paid: Payment, by: str) -> None:
    vera = await business.invited("viewer", 702)
    reference = await business.world.database.read(lambda s: s.execute(select(LEG.c.reference)).scalar_one())
    await vera.say(f"/find { {'code': paid.code, 'reference': reference}.get(by, by) }")
    assert (paid.code in vera.text) or ("Customer 501" in vera.text)


async def test_what_is_not_known_is_said_with_what_can_be_tried(business: Business) -> None:
    owner = business.owner
    await owner.say("/find nothing-of-ours")
    assert "Nothing is known by “nothing-of-ours”" in owner.text
    for words in ("/customer 0799<b>", "/block 0799<b> stolen phone", "/unblock 0799<b> found"):
        await owner.say(words)
        assert "No customer is known by “0799&lt;b&gt;”" in owner.text


async def test_an_item_is_resolved_with_a_reason(business: Business, paid: Payment) -> None:
    mary = await business.invited("operator", 701)
    await business.case(paid)
    await mary.say("/attention")
    assert "Waiting for a person: 1" in mary.text
    await mary.press("no final answer")
    await mary.press("Resolve")
    question = mary.last
    await mary.say("the bank confirmed it by phone")
    assert "Done and recorded" in mary.text
    await mary.press("Settled by hand", on=question)
    assert mary.popped == ["This question was answered before, or something else was done since. This tap did nothing."]
    done = (await business.actions())[-1]
    assert (done.action, done.reason) == ("resolve", "the bank confirmed it by phone")
    assert done.target == f"payment:{paid.code}"
    await mary.say("/attention")
    assert "Nothing waits" in mary.text


async def test_a_reason_can_be_tapped_or_written_behind_the_reference(business: Business, paid: Payment) -> None:
    mary = await business.invited("operator", 701)
    await business.case(paid)
    await mary.say("/attention")
    await mary.press("no final answer")
    await mary.press("Resolve")
    await mary.press("Settled by hand")
    await business.case(paid, "under_review")
    await mary.say(f"/resolve {paid.code} all is well")
    reasons = [one.reason for one in await business.actions() if one.action == "resolve"]
    assert reasons == ["Settled by hand", "all is well"]


async def test_words_meant_for_something_else_are_no_reason(business: Business, paid: Payment) -> None:
    mary = await business.invited("operator", 701)
    await business.case(paid)
    await mary.say("/attention")
    await mary.press("no final answer")
    await mary.press("Resolve")
    await mary.say("/buy")
    await mary.say("1000")
    assert [one.action for one in await business.actions()] == ["invite", "join"]


async def test_in_the_group_a_reason_is_a_reply(business: Business, paid: Payment) -> None:
    await business.invited("operator", 701)
    case = await business.case(paid)
    group = business.world.chat(GROUP)
    message = group._from_bot(None) | {"chat": {"id": GROUP, "type": "supergroup", "title": "Team"}}
    data = OperatorTap("case", case, "resolve").pack()
    query = {"id": "q", "from": business.world.chat(701)._user(None), "chat_instance": "1", "data": data}
    await group.send({"callback_query": {**query, "message": message}})
    assert "Write the reason" in group.text
    await business.in_group(701, "let us talk about it")
    await business.in_group(666, "resolved", reply_to_message=message)
    assert len(await business.actions()) == 2
    said = await business.in_group(701, "seen at the bank", reply_to_message=message)
    assert "Done and recorded" in said.text


async def test_a_customer_is_shut_out_and_let_in_again(business: Business, paid: Payment) -> None:
    mary = await business.invited("operator", 701)
    jane = business.world.chat(501)
    await mary.say("/customer 501")
    assert "+254 712 345678" in mary.text
    await mary.press("Block")
    await mary.say("stolen phone")
    assert "Customer 501 is blocked" in mary.text
    raw = jane._message(text="buy 20 usdc")
    await jane.send({"edited_message": raw["message"] | {"edit_date": 2}})
    assert "You cannot use this assistant" in jane.text
    for words in ("/buy", "hello", "/status", "buy", "help", "🛒 Buy", f"/start {await business.link('owner')}"):
        await jane.say(words)
        assert "You cannot use this assistant" in jane.text, words
        assert "write to our team: /support" in jane.text
    assert await business.desk.operators.of(501) is None
    await jane.tap("1:m:buy")
    assert "You cannot use this assistant" in (jane.popped[0] or "")
    await mary.say("/block 501 again")
    assert "blocked already" in mary.text
    await mary.say("/unblock 501 phone is back")
    assert "Let customer 501 in again?" in mary.text
    await mary.press("Unblock")
    await jane.say("/buy")
    assert "You cannot" not in jane.text
    await mary.say(f"/block {OWNER} rivalry")
    assert "is an operator" in mary.text
    await mary.say("/block 501 a wrong digit")  # asks who it is, and what is under way
    for part in ("Block customer 501?", "Jane Wanjiku", "Payments under way: 1", "Why: a wrong digit"):
        assert part in plain(mary.text)
    await mary.press("Never mind")
    await mary.say("/block 501 lost again")
    await mary.press("Block")
    assert "Customer 501 is blocked" in mary.text
    done = [one for one in await business.actions() if one.action in ("block", "unblock")]
    assert [one.reason for one in done] == ["stolen phone", "phone is back", "lost again"]


async def test_viewers_see_the_end_of_numbers_and_who_saw_whole_ones_is_on_record(
    business: Business, paid: Payment
) -> None:
    vera, mary = await business.invited("viewer", 702), await business.invited("operator", 701)
    for words in ("/customer 501", "/find 501", f"/find {paid.code}", f"/payment {paid.code}", "/find +254712345678"):
        await vera.say(words)
        assert "345678" not in vera.text.translate(dict.fromkeys(map(ord, "\u2060\u00a0 "))), words
        assert "+254•••••678" in vera.text, words
    assert [one.action for one in await business.actions()] == ["invite", "join"] * 2
    for words in ("/customer 501", f"/find {paid.code}", "/find 501"):
        await mary.say(words)
        assert "+254 712 345678" in mary.text
    for words in (f"/payment {paid.code}", f"/poll {paid.code}"):  # the card was shown today by /find
        await mary.say(words)
    looks = [(one.operator, one.target, one.after) for one in await business.actions() if one.action == "look"]
    shown = (701, "customer:501", json.dumps({"payment": paid.code}))
    assert looks == [(701, "customer:501", None), shown, (701, "customer:501", None)]
    business.world.pass_time(hours=24)
    await mary.say(f"/payment {paid.code}")
    assert [one.action for one in await business.actions()].count("look") == 4
    await mary.say("/audit")
    assert "customer 501" not in plain(mary.text)  # they would bury what was done
    await mary.press("Who looked at whom")
    assert plain(mary.text).count("on customer 501") == 4
    assert plain(mary.text).count(f"payment {paid.code}") == 2
    await mary.press("What was done")
    assert "customer 501" not in plain(mary.text)


async def test_a_part_of_the_business_is_closed_with_words(business: Business) -> None:
    mary = await business.invited("operator", 701)
    jane = business.world.chat(501)
    await jane.to_review()
    await mary.say("/pause buy We are back at 14:00")
    await jane.say("/status")
    await mary.press("Yes")
    await jane.press("Confirm", on=jane.card)
    assert "We are back at 14:00" in jane.text
    assert await business.world.paid() == []
    await jane.say("/buy")
    assert "We are back at 14:00" in jane.text
    await mary.say("/pause buy Later")
    assert plain(mary.text) == "Buying crypto is closed.\nIt was so before, so nothing was done."
    await mary.say("/resume buy")
    assert plain(mary.text) == "Open buying crypto again? Customers can use it at once."
    await mary.press("Yes")
    await jane.press("Confirm", on=jane.card)
    assert len(await business.world.paid()) == 1
    record = [(one.action, one.target) for one in (await business.actions())[2:]]
    assert record == [("pause", "pause:buy"), ("resume", "pause:buy")]


async def test_a_country_is_closed_for_those_who_live_there(business: Business, paid: Payment) -> None:
    mary = await business.invited("operator", 701)
    jane = business.world.chat(501)
    await mary.say("/pause kenya")
    assert "Close Kenya? Nobody pays in from there" in plain(mary.text)
    await mary.say("M-Pesa works on its network tonight")
    await mary.press("Yes")
    await jane.say("/sell")
    assert "M-Pesa works on its network" in jane.text
    newcomer = business.world.chat(502)
    await newcomer.say("/buy")
    await newcomer.press("English")
    assert not any("Kenya" in label for label in newcomer.last.labels)
    await mary.say("/pause")
    assert "Open again: Kenya" in mary.last.labels


async def test_a_viewer_looks_into_the_books_and_at_what_is_owed(business: Business, paid: Payment) -> None:
    vera = await business.invited("viewer", 703)
    await vera.say("/books")
    assert "Debits equal credits" in vera.text
    assert "Nothing was booked yet" in vera.text
    assert "Nothing is owed" in vera.text
    settler, now = Settler(business.world.keyring, Patience()), business.world.now

    def fails(session: Session) -> None:
        leg = session.execute(select(LEG.c.id)).scalar_one()
        undelivered = Finding(LegKey(leg, paid.id), Cause.POLL, decision=Decision(LegState.UNDELIVERED))
        settler.apply(session, [undelivered], now)

    await business.world.database.write(fails)
    await vera.press("Refresh")
    amount = f"{paid.pay_amount:,f} KES"
    assert f"Owed to customers: {amount}" in vera.text.replace("\u00a0", " ")
    assert f"Payout balance: {amount}" in vera.text.replace("\u00a0", " ")
    assert "+254•••••" in vera.text
    await vera.press(paid.code)
    assert paid.code in vera.text


async def test_in_groups_and_inline_too_what_is_closed_is_closed(business: Business, paid: Payment) -> None:
    mary = await business.invited("operator", 701)
    await mary.say("/pause request We count our books tonight")
    await mary.press("Yes")
    chat = await business.in_group(501, "/request 500 lunch", group=-100_888)
    assert "We count our books tonight" in chat.text
    await mary.say("/block 501 stolen phone")
    await mary.press("Block")
    chat = await business.in_group(501, "/request 500 lunch", group=-100_888)
    assert chat.said == []


@pytest.mark.parametrize("command", sorted(COMMANDS - WORDLESS))
async def test_a_command_that_lacks_words_is_explained(business: Business, command: str) -> None:
    owner = business.owner
    await owner.say(f"/{command}")
    assert "For example:" in owner.text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/ops now", "“now” does not belong there"),
        ("/cases 3", "“3” does not belong there"),
        ("/books kes", "“kes” does not belong there"),
        ("/payment K7F3 9QX2 and more", "“and” does not belong there"),
        ("/poll everything", "“everything” is no reference of a payment"),
        ("/export soon", "“soon” is no time"),
        ("/export 2026-13", "There is no month “2026-13”"),
        ("/export 2026-11-01 2026-11-24 please", "“please” does not belong there"),
        ("/resolve well done", "“well” is no reference of a payment"),
        ("/resolve K7F3-9QX2", "Something is missing behind “K7F3-9QX2”"),
        ("/pause breakfast", "“breakfast” is nothing that can be closed"),
        ("/resume buy now", "“now” does not belong there"),
        ("/pause maintenance now", "“maintenance” has a command of its own"),
        ("/refund K7F3-9QX2 to", "Where the money goes is missing"),
        ("/alerts low KES", "Something is missing behind “KES”"),
    ],
)
async def test_a_command_with_words_too_many_or_unread_is_explained(business: Business, line: str, says: str) -> None:
    owner = business.owner
    await owner.say(line)
    assert plain(owner.text).startswith(says)
    assert "For example:" in owner.text


async def test_payments_are_taken_along_as_a_table(business: Business, paid: Payment) -> None:
    owner = business.owner
    await owner.say("/export 7d")
    assert "Preparing 1 payments" in owner.text
    made = await business.drawn("operator_export")
    assert made is not None
    assert made.file is not None
    head, row = made.file.body.decode("utf-8-sig").splitlines()
    assert head.startswith("reference,kind,state")
    assert row.startswith(f"{paid.code},buy,")
    assert "712345678" not in row
    assert (await business.actions())[-1].target == "period:2026-11-18..2026-11-24"
    await owner.say("/export 2026-10")
    assert "There are no payments" in owner.text


def test_no_cell_is_a_formula() -> None:
    assert [safe_cell(one) for one in ("=1+1", "+1", "-1", "@x", "\tx", "K7F3", "")] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "'\tx",
        "K7F3",
        "",
    ]


def test_periods_are_whole_days() -> None:
    today = date(2026, 3, 1)
    assert read_period("yesterday", today) == Period(date(2026, 2, 28), date(2026, 2, 28))
    assert read_period("2026-02", today) == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert read_period("1d", today) == Period(today, today)
    for unread, why, word in (
        ("soon", Why.PERIOD, "soon"),
        ("2026-13", Why.MONTH, "2026-13"),
        ("2026-02-30", Why.DAY, "2026-02-30"),
        ("2026-02-01 march", Why.DAY, "march"),
        ("2026-03-02 2026-03-01", Why.BACKWARDS, "2026-03-01"),
        ("2020-01-01 2026-01-01", Why.SPAN, "2020-01-01 2026-01-01"),
        ("900d", Why.SPAN, "900d"),
        ("0d", Why.PERIOD, "0d"),
        ("-3d", Why.PERIOD, "-3d"),
        ("2026-04", Why.FUTURE, "2026-04"),
        ("9999-12-31", Why.DAY, "9999-12-31"),  # no calendar has a day behind it
        ("9999-12", Why.MONTH, "9999-12"),
    ):
        assert read_period(unread, today) == WrongWord(why, word), unread


async def test_what_was_done_is_read_page_by_page(business: Business) -> None:
    for _ in range(9):
        await business.link("viewer")
        business.world.pass_time(seconds=5)
    owner = business.owner
    await owner.say("/audit")
    assert owner.text.count("made an invitation") == 8
    await owner.press("Older")
    assert owner.text.count("made an invitation") == 1
    assert owner.last.labels == ["‹ Newer", "Who looked at whom"]


async def test_raw_bodies_come_to_the_owner_alone(business: Business, paid: Payment) -> None:
    owner, world = business.owner, business.world
    await owner.say(f"/payment {paid.code}")
    await owner.press("Raw bodies")
    assert owner.popped == ["No callback came for this payment yet."]
    (leg,) = await world.legs()
    body = b'{"referenceId":"x"}'
    row = {
        "id": new_id(),
        "digest": b"1",
        "token": leg.callback_token,
        "signed": True,
        "body_sealed": world.keyring.seal_bytes(body, context=CALLBACK_BODY),
        "received_at": world.now,
        "due_at": None,
        "attempts": 0,
    }
    await world.database.write(lambda session: store_callbacks(session, [row]))
    await owner.press("Raw bodies")
    sent = await business.drawn("operator_raw")
    assert sent is not None
    assert sent.file is not None
    assert body in sent.file.body
    assert (await business.actions())[-1].action == "raw"
    await owner.press("Refresh")
    assert "callback for Purchase" in owner.text


async def test_a_press_can_say_anything_and_only_what_its_card_offers_is_an_answer(
    world: "World", business: Business
) -> None:
    await world.chat(501).buy_once()
    owner = business.owner
    await owner.say("/customer 501")
    await owner.press("Block")
    question = owner.button("Never mind").data or ""
    for forged in ("a", "yes", "1", "no-reason"):
        await owner.tap(f"{question.rpartition(':')[0]}:{forged}")
        assert "out of date" in (owner.popped[-1] or "")
    assert [one.action for one in await business.actions()] == ["look"]
    await owner.say("a stolen phone")  # the question is still open
    _, act = await business.actions()
    assert (act.action, act.reason) == ("block", "a stolen phone")


async def test_no_question_takes_a_word_of_a_forged_press(world: "World", business: Business) -> None:
    answers = Desk(world.services, business.desk)._answers.values()
    assert {"bulk", "block", "unblock", "resolve", "payout"} <= {one.action for one in answers}
    for one in answers:
        for word in ("x", "words", "", "-", "net", "yes-1", "4"):
            assert not one.offers(word)
        assert one.by_words or one.offers("yes")
