"""Who is let in at the operators' desk, who is not however they try, and who hears of it."""

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.engine.effects import Effects
from bot.engine.operators.results import Role
from bot.screens.taps import OperatorTap
from handlers.operators.entry import COMMANDS
from storage.payments import LostRace
from storage.tables import Payment
from tests.dialogue.business import GROUP, OWNER, Business, business, paid, refused

__all__ = ["business", "paid"]


@pytest.mark.parametrize("command", sorted(COMMANDS - {"help"}))  # which is theirs too
async def test_everybody_else_gets_the_answer_of_an_unknown_command(business: Business, command: str) -> None:
    eve = business.world.chat(666)
    await eve.say(f"/{command} K7F3-9QX2 words")
    await refused(eve)
    assert await business.actions() == []


async def test_nobody_is_let_in_by_a_name(business: Business) -> None:
    """Telegram names can be chosen: only the number counts."""
    await business.invited("operator", 701)
    eve = business.world.chat(666)  # with the same first name as everybody here
    await eve.say("/attention")
    await refused(eve)


async def test_a_forwarded_command_never_counts(business: Business) -> None:
    owner = business.owner
    raw = owner._message(text="/pause everything Closed")
    raw["message"]["forward_origin"] = {"type": "hidden_user", "sender_user_name": "Eve", "date": 1}
    await owner.send(raw)
    assert "Close" not in owner.text
    assert "Forwarded commands do not count" in owner.text
    assert business.desk.pauses.now() == ()
    eve = business.world.chat(666)
    await eve.send(
        raw | {"message": {**raw["message"], "from": eve._user(None), "chat": {"id": 666, "type": "private"}}}
    )
    assert "Forwarded" not in eve.text
    await refused(eve)


async def test_a_command_counts_in_the_operators_own_group_only(business: Business) -> None:
    here = await business.in_group(OWNER, "/attention")
    assert "Nothing waits for a person" in here.text
    there = await business.in_group(OWNER, "/attention", group=-100_888)
    assert "Nothing waits" not in there.text
    assert "private" in there.text


@pytest.mark.parametrize(
    "more",
    [
        {"sender_chat": {"id": GROUP, "type": "supergroup", "title": "Team"}},
        {"forward_origin": {"type": "hidden_user", "sender_user_name": "Eve", "date": 1}},
    ],
)
async def test_in_the_group_too_only_people_who_write_themselves_count(
    business: Business, more: dict[str, Any]
) -> None:
    chat = await business.in_group(OWNER, "/attention", **more)
    assert "Nothing waits" not in chat.text


async def test_strangers_in_the_operators_group_are_sent_to_the_private_chat(business: Business) -> None:
    chat = await business.in_group(666, "/attention")
    assert "Nothing waits" not in chat.text
    data = OperatorTap("attention", "1", "page-1").pack()
    raw = business.world.chat(666)._from_bot(None) | {"chat": {"id": GROUP, "type": "supergroup", "title": "Team"}}
    query = {"id": "q", "from": business.world.chat(666)._user(None), "chat_instance": "1", "data": data}
    await chat.send({"callback_query": {**query, "message": raw}})
    assert chat.said == []
    assert chat.popped != []


async def test_the_buttons_of_a_removed_operator_stop_at_once(business: Business, paid: Payment) -> None:
    mary = await business.invited("operator", 701)
    await mary.say(f"/payment {paid.code}")
    card = mary.last
    owner = business.owner
    await owner.say("/operators")
    await owner.press("Jane")
    await owner.press("Remove")
    await owner.press("Remove")
    assert "is no operator any more" in owner.text
    assert "take them out of it there by hand" in owner.text
    before = await business.actions()
    (told,) = await business.told_of_their_role(701)  # once
    assert "took your role of operator" in told
    await mary.press("Ask the provider now", on=card)
    assert mary.said == []
    assert "You are no operator any more" in (mary.popped[0] or "")
    pressed = mary._from_bot(None) | {"chat": {"id": GROUP, "type": "supergroup", "title": "Team"}}
    query = {"id": "q", "from": mary._user(None), "chat_instance": "1", "message": pressed}
    data = OperatorTap("attention", "1", "page-1").pack()
    group = business.world.chat(GROUP)
    await group.send({"callback_query": {**query, "data": data}})
    assert group.said == []
    assert "You are no operator any more" in (group.popped[0] or "")
    stranger = business.world.chat(666)
    await stranger.tap(OperatorTap("payment", paid.code, "poll").pack())
    assert "out of date" in (stranger.popped[0] or "")
    await mary.say("/attention")
    await refused(mary)
    assert await business.actions() == before


async def test_owners_hear_at_once_what_another_one_decides(business: Business) -> None:
    """Who operates, limits, fees, maintenance and broadcasts: the others, and nobody else, with the next step."""
    ann, owner, other = await business.invited("owner", 703), business.owner, "Jane (703)"
    await business.invited("operator", 701)
    assert [text.split(" You do")[0] for text in await business.heard(OWNER)] == [
        f"👤 {who} came by an invitation of Jane ({OWNER}) and is now {role}."
        for who, role in ((other, "owner"), ("Jane (701)", "operator"))
    ]
    assert len(await business.heard(703)) == 1
    for first in ("Make them viewer", "Remove"):
        await owner.say("/operators")
        await owner.press("Jane · " + ("operator" if first != "Remove" else "viewer"))
        await owner.press(first)
        await owner.press(first)
    for line in (
        "/limits set day KES 5000",
        "/fees set send KES 1%",
        "/maintenance on Back at 22:00",
        "/maintenance off",
        "/pause buy Back soon",  # which one of several may do by day, and is seen in /ops
    ):
        await owner.say(line)
        await owner.press("Yes")
    await ann.say("/broadcast everybody Hello")
    await ann.press("Send to")
    heard = (await business.heard(703))[1:]
    for told, words in zip(
        heard,
        (
            f"Jane ({OWNER}) made Jane (701) viewer, who was operator.",
            f"Jane ({OWNER}) removed Jane (701), who was viewer.",
            "changed a limit (day KES): – → 5000.",
            "changed a fee (send KES): – → 1%.",
            "closed everything for maintenance: Back at 22:00",
            "ended the maintenance",
        ),
        strict=True,
    ):
        assert words in told
        assert "/operators" in told or "/audit" in told
    assert f"{other} began to tell" in (await business.heard(OWNER))[-1]
    assert len(await business.heard(OWNER)) == 3  # not of their own acts
    assert await business.heard(701) == []
    await owner.say("/operators")
    for label in ("Jane", "Make them viewer", "Make them viewer"):
        await owner.press(label)
    assert await business.heard(703) == []  # what was on its way to somebody who is no owner any more is not told


async def test_an_operator_who_is_removed_while_they_act_changes_nothing(business: Business, paid: Payment) -> None:
    mary = await business.invited("operator", 701)
    await mary.say(f"/payment {paid.code}")
    tap = OperatorTap("payment", paid.code, "poll").pack()
    (member,) = [one for one in await business.desk.operators.team() if not one.fixed]
    operator = await business.desk.operators.of(701)
    owner = await business.desk.operators.of(OWNER)
    assert operator is not None
    assert owner is not None
    acting, removing = Effects(), Effects()
    view = await business.world.payments.view(paid.id)
    assert view is not None
    business.desk.inspecting.stage_poll(acting, operator, view)
    business.desk.operators.stage_remove(removing, owner, member)
    await business.world.database.write(removing.write)
    with pytest.raises(LostRace):
        await business.world.database.write(acting.write)
    await mary.tap(tap)
    assert [one.action for one in await business.actions()] == ["invite", "join", "look", "remove"]


async def test_a_viewer_looks_and_does_nothing(business: Business, paid: Payment) -> None:
    vera = await business.invited("viewer", 702)
    await vera.say(f"/payment {paid.code}")
    assert "Ask the provider now" not in vera.last.labels
    await vera.tap(OperatorTap("payment", paid.code, "poll").pack())
    assert vera.popped == ["This needs the role “operator”. Yours is “viewer”."]
    await vera.say("/pause everything Closed")
    assert "This needs the role “operator”" in vera.text
    await vera.tap(OperatorTap("payment", paid.code, "raw").pack())
    assert "owner" in (vera.popped[0] or "")
    assert [one.action for one in await business.actions()] == ["invite", "join"]


async def test_an_invitation_is_used_once(business: Business) -> None:
    link = await business.link("operator")
    mary, eve = business.world.chat(701), business.world.chat(666)
    await mary.say(f"/start {link}")
    assert "You are now operator" in mary.text
    await eve.say(f"/start {link}")
    assert "was used or withdrawn before" in eve.text
    await eve.say("/attention")
    await refused(eve)
    late = await business.link("viewer")
    business.world.pass_time(hours=25)
    await eve.say(f"/start {late}")
    assert "time is over" in eve.text
    await eve.say("/start op_notatokenofours")
    assert "invitation" not in eve.text
    assert "link" not in json.dumps([one.after for one in await business.actions()])


async def test_no_single_tap_makes_an_owner(business: Business) -> None:
    pat, owner = await business.invited("operator", 701), business.owner
    await owner.say("/operators")
    await owner.press("Jane · operator")
    old = owner.button("Make them owner").data or ""
    await owner.tap(old)
    asked = owner.button("Make them owner").data or ""
    found = await business.desk.operators.of(pat.user_id)
    assert found is not None
    assert found.role is Role.OPERATOR
    business.world.pass_time(minutes=6)
    await owner.tap(asked)  # too late
    found = await business.desk.operators.of(pat.user_id)
    assert found is not None
    assert found.role is Role.OPERATOR
    await owner.tap(old)
    await owner.press("Make them owner")
    found = await business.desk.operators.of(pat.user_id)
    assert found is not None
    assert found.role is Role.OWNER


async def test_who_was_removed_does_not_come_back_by_an_older_invitation(business: Business) -> None:
    spare = await business.link("operator")
    pat = await business.invited("operator", 701)
    owner = business.owner
    business.world.pass_time(minutes=1)
    await owner.say("/operators")
    for label in ("Jane · operator", "Remove", "Remove"):
        await owner.press(label)
    await pat.say(f"/start {spare}")
    assert await business.desk.operators.of(pat.user_id) is None
    business.world.pass_time(minutes=1)
    await pat.say(f"/start {await business.link('viewer')}")  # a new one says that they are meant
    assert "You are now viewer" in pat.text
    olu = business.world.chat(702)
    await olu.say(f"/start {spare}")  # and the older one is as good for anybody else
    assert "You are now operator" in olu.text


async def test_an_open_invitation_is_listed_and_withdrawn_at_once(business: Business) -> None:
    owner, eve = business.owner, business.world.chat(666)
    kept, link = await business.link("viewer"), await business.link("operator")
    await owner.say("/operators")
    assert "Open invitations: 2" in owner.text
    assert f"operator · made by Jane ({OWNER}) · until 2026-" in owner.text
    assert link not in owner.text
    tap = owner.button("Withdraw invitation: operator").data or ""
    await owner.press("Withdraw invitation: operator")
    assert "does nothing any more" in (owner.popped[0] or "")
    assert "Open invitations: 1" in owner.text
    await eve.say(f"/start {link}")
    assert "withdrawn before" in eve.text
    assert await business.desk.operators.of(666) is None
    await owner.tap(tap)  # once more
    assert "not open any more" in (owner.popped[0] or "")
    acts = [(one.operator, one.action) for one in await business.actions()]
    assert acts == [(OWNER, "invite"), (OWNER, "invite"), (OWNER, "withdraw_invitation")]
    vera = business.world.chat(702)
    await vera.say(f"/start {kept}")
    assert "You are now viewer" in vera.text
    await owner.say("/operators")
    assert "Open invitations" not in owner.text


async def test_invitations_of_a_removed_owner_are_worth_nothing(business: Business) -> None:
    other = await business.invited("owner", 703)
    await other.say("/operators")
    await other.press("Invite: owner")
    link = other.text.rsplit("start=", 1)[1].strip()
    owner = business.owner
    await owner.say("/operators")
    await owner.press("Jane")
    await owner.press("Remove")
    await owner.press("Remove")
    eve = business.world.chat(666)
    await eve.say(f"/start {link}")
    assert "time is over" in eve.text
    assert [one.role for one in await business.desk.operators.open_invitations()] == []
    business.world.pass_time(minutes=1)
    await other.say(f"/start {await business.link('owner')}")
    assert "You are now owner" in other.text
    await eve.say(f"/start {link}")  # nor when they are one again

    await other.say("/operators")
    await other.press("Invite: owner")
    link = other.text.rsplit("start=", 1)[1].strip()
    await owner.say("/operators")
    for label in ("Jane", "Make them viewer", "Make them viewer"):
        await owner.press(label)
    await eve.say(f"/start {link}")
    assert await business.desk.operators.of(666) is None


async def test_a_link_asked_for_in_the_group_comes_in_private(business: Business) -> None:
    group = await business.in_group(OWNER, "/operators")
    assert "Who operates: 1" in group.text
    tap = OperatorTap("team", "viewer", "invite").pack()
    message = group._from_bot(None) | {"chat": {"id": GROUP, "type": "supergroup", "title": "Team"}}
    query = {"id": "q", "from": business.owner._user(None), "chat_instance": "1", "data": tap, "message": message}
    raw = {"update_id": next(business.world.numbers), "callback_query": query}
    owner = business.owner
    await business.world.handle(raw, group, owner)
    assert group.said == []
    assert "start=op_" in owner.text


async def test_the_record_cannot_be_changed(business: Business) -> None:
    await business.link("viewer")
    for statement in ("UPDATE operator_action SET reason = 'other'", "DELETE FROM operator_action"):
        with pytest.raises(DBAPIError, match="append-only"):
            await business.world.database.write(
                lambda session, s=statement: session.connection().execute(text(s)) and None
            )
    (action,) = await business.actions()
    assert (action.operator, action.role, action.action) == (OWNER, "owner", "invite")
