"""An operators' desk in a world, with people at it: what the tests of operators work with."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session

from bot.drawing.operators import operator_renderers
from bot.drawing.owners import owner_renderers
from bot.engine.books import Books
from bot.engine.house import House
from bot.engine.operators.alert_rules import AlertRules
from bot.engine.operators.approvals import Approvals
from bot.engine.operators.attention import Attention
from bot.engine.operators.broadcasting import Broadcasts
from bot.engine.operators.bulk import Bulk
from bot.engine.operators.bulk_looking import BulkLooking
from bot.engine.operators.customers import Clientele
from bot.engine.operators.exporting import Exporting
from bot.engine.operators.inspecting import Inspecting
from bot.engine.operators.mending import Mending
from bot.engine.operators.overview import Overseeing
from bot.engine.operators.pausing import Pauses
from bot.engine.operators.paying_out import PayingOut
from bot.engine.operators.pulse import Pulse
from bot.engine.operators.reconciling import Reconciling
from bot.engine.operators.roles import Operators
from bot.engine.operators.tariffs import Tariffs
from bot.engine.operators.transferring import Transferring
from bot.engine.outbox import NOTICE_PAYLOAD
from bot.engine.wakes import Wakes
from bot.kotani.results import Wallet
from bot.payments.approval import Approval
from bot.payments.coverage import Coverage
from bot.payments.identifiers import new_id
from bot.payments.limits import DEFAULT_LIMITS
from bot.telegram.drawing import NoticeFacts, Rendered
from handlers.dialogue.form import Offered
from handlers.operators.services import DeskServices
from storage.operator_tables import OperatorAction
from storage.operators import OPERATOR
from storage.payments import open_cases
from storage.tables import Leg, Notice, Payment
from tests.dialogue.conftest import plain

if TYPE_CHECKING:
    from tests.dialogue.conftest import Chat, World
OWNER, GROUP = 9_001, -100_777


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
