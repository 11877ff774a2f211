"""The operators' desk: who is let in, who is not however they try, what is seen, and what is done and written down."""

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bot.drawing.operators import operator_renderers
from bot.drawing.owners import owner_renderers
from bot.engine.books import Books
from bot.engine.effects import Effects
from bot.engine.findings import Cause, Finding
from bot.engine.house import House
from bot.engine.intake import CALLBACK_BODY
from bot.engine.operators.alert_rules import AlertRules
from bot.engine.operators.approvals import Approvals
from bot.engine.operators.attention import Attention
from bot.engine.operators.broadcasting import Broadcasts
from bot.engine.operators.bulk import Bulk
from bot.engine.operators.bulk_looking import BulkLooking
from bot.engine.operators.customers import Clientele
from bot.engine.operators.exporting import Exporting, Period, read_period, safe_cell
from bot.engine.operators.inspecting import Inspecting
from bot.engine.operators.mending import Mending
from bot.engine.operators.overview import Overseeing
from bot.engine.operators.pausing import Pauses
from bot.engine.operators.paying_out import PayingOut
from bot.engine.operators.pulse import Pulse
from bot.engine.operators.reconciling import Reconciling
from bot.engine.operators.results import Role
from bot.engine.operators.roles import Operators
from bot.engine.operators.tariffs import Tariffs
from bot.engine.operators.transferring import Transferring
from bot.engine.outbox import NOTICE_PAYLOAD
from bot.engine.settling import Settler
from bot.engine.wakes import Wakes
from bot.kotani.results import Wallet
from bot.payments.approval import Approval
from bot.payments.coverage import Coverage
from bot.payments.decide import Decision
from bot.payments.identifiers import new_id
from bot.payments.limits import DEFAULT_LIMITS
from bot.payments.schedule import Patience
from bot.payments.states import LegState
from bot.payments.wrong_words import Why, WrongWord
from bot.screens.taps import OperatorTap
from bot.telegram.drawing import NoticeFacts, Rendered
from handlers.dialogue.form import Offered
from handlers.operators.desk import Desk
from handlers.operators.entry import COMMANDS
from handlers.operators.services import DeskServices
from storage.callbacks import store_callbacks
from storage.operator_tables import OperatorAction
from storage.operators import OPERATOR
from storage.payments import LEG, LegKey, LostRace, open_cases
from storage.tables import Leg, Notice, Payment
from tests.dialogue.conftest import plain

if TYPE_CHECKING:
    from tests.dialogue.conftest import Chat, World

OWNER, GROUP = 9_001, -100_777
UNKNOWN = "Here is what I can do"
WORDLESS = frozenset(  # commands that say everything by themselves
    {
        *("help", "ops", "balances", "books", "attention", "audit", "operators"),
        *("alerts", "approvals", "bulk", "cases", "check", "reconcile"),
    }
)


class Wallets:
    """The provider's list of our wallets."""

    async def wallets(self) -> tuple[Wallet, ...]:
        return (Wallet("w1", "KES", "KES", "KE", Decimal("12500.5"), Decimal(900), "ACTIVE"),)


@dataclass
class Business:
    """The desk of a world, with people at it."""

    world: "World"
    desk: DeskServices

    @property
    def owner(self) -> "Chat":
        return self.world.chat(OWNER)

    async def invited(self, role: str, user: int, *, just_now: bool = False) -> "Chat":
        """Somebody whom the owner invited as `role` and who came, two days ago unless `just_now`."""
        link = await self.link(role)
        chat = self.world.chat(user)
        await chat.say(f"/start {link}")
        assert f"You are now {role}" in chat.text
        if not just_now:
            came = update(OPERATOR).where(OPERATOR.c.telegram_id == user)
            then = came.values(added_at=self.world.now - timedelta(days=2))
            await self.world.database.write(lambda session: session.connection().execute(then))
        return chat

    async def link(self, role: str) -> str:
        """The parameter of a fresh invitation."""
        owner = self.owner
        await owner.say("/operators")
        await owner.press(f"Invite: {role}")
        return owner.text.rsplit("start=", 1)[1].strip()

    async def in_group(self, user: int, words: str, group: int = GROUP, **more: Any) -> "Chat":
        """Somebody writes in a group; the group as everybody sees it."""
        chat = self.world.chat(group)
        raw = self.world.chat(user)._message(text=words)
        raw["message"] |= {"chat": {"id": group, "type": "supergroup", "title": "Team"}, **more}
        await chat.send(raw)
        return chat

    async def actions(self) -> list[OperatorAction]:
        """The record, the oldest first."""
        return await self.world.database.read(
            lambda session: list(session.execute(select(OperatorAction).order_by(OperatorAction.id)).scalars())  # type: ignore[arg-type]
        )

    async def drawn(self, kind: str) -> Rendered | None:
        """The newest notice of a kind, as it is sent."""
        rows = await self.world.database.read(
            lambda session: list(session.execute(select(Notice).order_by(Notice.id)).scalars())  # type: ignore[arg-type]
        )
        row = [row for row in rows if row.kind == kind][-1]
        payload = self.world.keyring.open_json(row.payload_sealed or b"", context=NOTICE_PAYLOAD)
        render = operator_renderers(self.desk.inspecting, self.desk.exporting)[kind]
        return await render(NoticeFacts(row.id, row.chat_id, kind, None, None, payload, row.created_at))

    async def heard(self, owner: int) -> list[str]:
        """What this owner was told of the others, as it is drawn now."""
        rows = await self.world.database.read(
            lambda session: list(session.execute(select(Notice).order_by(Notice.id)).scalars())  # type: ignore[arg-type]
        )
        render, told = owner_renderers(self.desk.operators, self.world.services.customers)["operator_decided"], []
        for row in (row for row in rows if (row.kind, row.chat_id) == ("operator_decided", owner)):
            payload = self.world.keyring.open_json(row.payload_sealed or b"", context=NOTICE_PAYLOAD)
            rendered = await render(NoticeFacts(row.id, owner, row.kind, None, None, payload, row.created_at))
            assert "silent" not in payload
            told += [] if rendered is None else [plain(rendered.screen.text)]
        return told

    async def told_of_their_role(self, user: int) -> list[str]:
        """What somebody was told whose role another one changed or took."""
        rows = await self.world.database.read(
            lambda session: list(session.execute(select(Notice).order_by(Notice.id)).scalars())  # type: ignore[arg-type]
        )
        theirs = [row for row in rows if row.chat_id == user and row.dedupe_key.endswith(":role")]
        opened = [self.world.keyring.open_json(row.payload_sealed or b"", context=NOTICE_PAYLOAD) for row in theirs]
        return [plain(str(one["screen"]["text"])) for one in opened]

    async def case(self, payment: Payment, concern: str = "overdue") -> str:
        """Something that waits for a person at a payment."""
        row = {
            "id": new_id(),
            "dedupe_key": new_id(),
            "concern": concern,
            "payment_id": payment.id,
            "leg_id": None,
            "detail": "no final answer for 24 hours",
            "opened_at": self.world.now,
        }
        await self.world.database.write(lambda session: open_cases(session, [row]))
        return str(row["id"])


@pytest.fixture
async def business(world: "World") -> Business:
    """A world whose assistant has a desk."""
    database, keyring, clock = world.database, world.keyring, world.clock
    operators = Operators(database, keyring, clock, owners=frozenset({OWNER}))
    pauses = Pauses(database, clock, operators)
    pulse = Pulse(clock)
    pulse.heard("wallets", "ok", 0.21)
    approvals = Approvals(database, keyring, clock, operators, Approval(), chat=GROUP, environment="test")
    house = House(keyring, clock, Wakes(), environment="test")
    books = Books(database, keyring, clock, environment="test")
    desk = DeskServices(
        operators=operators,
        overseeing=Overseeing(
            database,
            Wallets(),
            clock,
            environment="test",
            health=lambda: pulse.health(accepted=True),
            pauses=pauses.now,
        ),
        inspecting=Inspecting(database, keyring, clock, Wakes(), world.payments, operators),
        clientele=Clientele(database, keyring, clock, operators, world.payments),
        attention=Attention(database, clock, operators, world.payments, world.outbox),
        pauses=pauses,
        exporting=Exporting(database, clock, operators, environment="test"),
        books=books,
        reconciling=Reconciling(database, clock, operators, books, Wakes(), environment="test"),
        tariffs=Tariffs(database, clock, operators, limits=DEFAULT_LIMITS, fees={}),
        approvals=approvals,
        mending=Mending(database, keyring, Any, operators, approvals, clock, Wakes(), coverage=Coverage),  # type: ignore[arg-type]
        transferring=Transferring(database, Wallets(), clock, Wakes(), environment="test"),
        paying_out=PayingOut(
            *(database, world.market, keyring, clock, Wakes(), world.payments, operators, approvals, house),
            coverage=Coverage,
        ),
        bulk=Bulk(
            database,
            keyring,
            clock,
            Wakes(),
            operators,
            approvals,
            BulkLooking(database, keyring, clock, world.market, environment="test"),
            coverage=Coverage,
            limits=lambda: DEFAULT_LIMITS,
        ),
        inquiries=world.team_of(operators, chat=GROUP),
        broadcasts=Broadcasts(database, keyring, clock, Wakes(), operators),
        alerts=AlertRules(database, clock, operators, floors={"KES": Decimal(1000)}),
        chat=GROUP,
    )
    served = Coverage()
    offered = Offered(coverage=lambda: pauses.over(served))
    world.services = replace(world.services, desk=desk, offered=offered, inquiries=desk.inquiries)
    await world.close()
    await world.open()
    return Business(world, desk)


@pytest.fixture
async def paid(world: "World", business: Business) -> Payment:
    """A purchase of a customer's, sent to the provider."""
    await world.chat(501).buy_once()
    (payment,) = await world.paid()

    def send(session: Session) -> None:
        values = {"state": "pending", "submissions": 1, "provider_id": "prov-1", "receipt": "SKX12ABC90"}
        session.execute(update(Leg).values(**values))

    await world.database.write(send)
    return payment


async def refused(chat: "Chat") -> None:
    """What was said is what anybody is told about a command that is not there."""
    stranger = chat.world.chat(chat.user_id)
    said = chat.text
    await stranger.say("/nosuchcommand")
    assert said == stranger.text


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
