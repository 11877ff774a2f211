"""The desk itself: what is to be copied is exact, what is over has no buttons, and words reach what asked for them."""

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock

import pytest
from sqlalchemy import select

from bot.beginning import introduce_operators
from bot.engine.effects import Effects
from bot.engine.operators.check_results import well
from bot.engine.operators.results import Role
from bot.engine.outbox import NOTICE_PAYLOAD
from bot.screens.checks import checks_screen
from bot.screens.operators.inquiries import colleague_answered
from bot.screens.taps import MenuTap, OperatorTap, read_tap
from bot.screens.texts import catalogue
from handlers.operators.desk import Desk
from handlers.operators.entry import COMMANDS
from storage.tables import Notice, Payment
from tests.dialogue.business import GROUP, OWNER, Business, business, paid
from tests.dialogue.conftest import plain
from tests.dialogue.test_ops_approvals import LINE, alone, ordered, wallets

if TYPE_CHECKING:
    from tests.dialogue.conftest import Chat, World

__all__ = ["alone", "business", "ordered", "paid", "wallets"]


async def test_an_invitation_is_copied_as_it_is(world: "World", business: Business) -> None:
    owner = business.owner
    await owner.say("/operators")
    await owner.press("Invite: viewer")
    link = owner.button("Copy link").copy
    assert link is not None
    assert link.startswith("https://t.me/assistant_bot?start=op_")
    assert f"<code>{link}</code>" in owner.said[-1].text
    vera = world.chat(702)
    await vera.say(f"/start {link.partition('start=')[2]}")
    assert "You are now viewer" in vera.text


@pytest.mark.usefixtures("wallets")
async def test_commands_and_addresses_of_ours_are_exact(business: Business) -> None:
    owner = business.owner
    await owner.say("/transfer XOF 5000 much")
    assert "<code>/transfer XOF CI 5000</code>, <code>/transfer XOF SN 5000</code>" in owner.said[-1].text
    url = "https://pay.example.com/callbacks"
    screen = checks_screen(catalogue("en"), [well("public_url", "check.public_url_ok", url=url)], may_set=False)
    assert f"<code>{url}</code>" in screen.text


def open_choices(chat: "Chat") -> list[str]:
    """The buttons of questions that a chat still shows."""
    shown = [(one.text, read_tap(one.data or "")) for message in chat.messages for one in message.buttons]
    return [label for label, tap in shown if isinstance(tap, OperatorTap) and tap.kind == "ask"]


async def test_what_was_answered_has_no_buttons(world: "World", business: Business) -> None:
    owner = business.owner
    for answer in ("Yes", "Never mind"):
        await owner.say("/pause buy We are back at 14:00")
        tap = owner.button(answer).data or ""
        await owner.tap(tap, on=owner.last)
        assert open_choices(owner) == []
        await owner.tap(tap)  # an impatient finger
        assert owner.popped == [
            "This question was answered before, or something else was done since. This tap did nothing."
        ]
        assert owner.said == []
        await owner.say("/resume buy")
        if answer == "Yes":
            await owner.press("Yes", on=owner.last)
    assert "✓ Yes" in "".join(one.text for one in owner.messages)
    await owner.say("/pause buy We are back at 15:00")
    world.pass_time(minutes=6)
    await owner.press("Yes")
    assert open_choices(owner) == []
    assert owner.text.endswith("and nothing was done. Send the command again.")
    assert owner.popped == ["The time of this question is over, and nothing was done. Send the command again."]
    assert business.desk.pauses.now() == ()


async def test_nobody_answers_or_ends_the_question_of_somebody_else(world: "World", business: Business) -> None:
    mary = await business.invited("operator", 701)
    group = await business.in_group(OWNER, "/pause buy Closed")
    tap = group.button("Yes").data or ""
    await group.tap(tap, user=mary.user_id)
    assert group.popped == ["This question is put to somebody else."]
    assert "Yes" in "".join(open_choices(group))


async def test_who_only_looks_keeps_the_question_that_they_must_answer(business: Business, paid: Payment) -> None:
    owner = business.owner
    await business.case(paid)
    await owner.say("/attention")
    await owner.press(paid.code)
    await owner.press("Resolve")
    for command in ("/ops", f"/payment {paid.code}", "/bulk", "/limits", "/payment nonsense"):
        await owner.say(command)
        assert "The question above still waits" in owner.text
    await owner.say("they paid in cash")
    assert (await business.actions())[-1].reason == "they paid in cash"
    await owner.say("/ops")
    assert "still waits" not in owner.text
    await owner.say("/pause buy Closed")
    await owner.say("/balances")  # what is answered by a button needs no word about it
    assert "still waits" not in owner.text
    await owner.press("Yes")
    assert business.desk.pauses.now() != ()


@pytest.mark.parametrize(
    "other", ["/alerts low 5 KES", "/status", "💰 Buy", "a button", "a button of customers", "a file"]
)
async def test_anything_else_ends_a_question_for_words(business: Business, paid: Payment, other: str) -> None:
    owner = business.owner
    await business.case(paid)
    await owner.say("/attention")
    items = owner.last
    await owner.press(paid.code)
    await owner.press("Resolve")
    match other:
        case "a button":
            await owner.press(paid.code, on=items)
        case "a button of customers":
            await owner.tap(MenuTap("status").pack())
        case "a file":
            await owner.file(b"phone,amount\n")
        case _:
            key = catalogue("en").plain("menu.buy") if other == "💰 Buy" else other
            await owner.say(key)
    assert "That question is over, and nothing was done." in owner.text
    assert open_choices(owner) == []
    await owner.say("thank you all")
    cases, _, _ = await business.desk.attention.page(1)
    assert len(cases) == 1


async def test_what_was_resolved_is_named(business: Business, paid: Payment) -> None:
    owner = business.owner
    await business.case(paid)
    await owner.say("/attention")
    await owner.press(paid.code)
    await owner.press("Resolve")
    await owner.say("checked with the provider")
    assert f"Done and recorded: no final answer for too long · {paid.code}." in owner.text
    assert open_choices(owner) == []


@pytest.mark.usefixtures("wallets")
@pytest.mark.parametrize(
    ("answer", "told"),
    [("tap", "The amount or the recipient is wrong"), ("words", "ask me on Monday"), ("none", None)],
)
async def test_a_no_has_a_reason_that_is_told(
    world: "World", business: Business, answer: str, told: str | None
) -> None:
    mary, order = await ordered(business)
    owner = business.owner
    await owner.say("/approvals")
    await owner.press("Transfer · 5,000")
    await owner.press("Decline")
    assert (await business.desk.approvals.order(order.id)) == order  # nothing is done before the answer
    match answer:
        case "tap":
            await owner.press("is wrong")
        case "words":
            await owner.say("ask me on Monday")
        case _:
            await owner.press("without a reason")
    assert "Declined" in owner.text
    assert not [label for one in owner.messages for label in one.labels if label in ("Approve", "Decline")]
    rows = await world.database.read(lambda session: list(session.execute(select(Notice)).scalars()))
    (end,) = [row for row in rows if row.kind == "operator_order_end"]
    assert end.chat_id == mary.user_id
    card = await world._card(end, world.keyring.open_json(end.payload_sealed or b"", context=NOTICE_PAYLOAD))
    assert card is not None
    assert (f"Why not: {told}" in card.text) if told else ("Why not" not in card.text)
    (act,) = [one for one in await business.actions() if one.action == "decline"]
    assert act.reason == (told or "payouts of Friday")


@pytest.mark.parametrize("role", Role)
async def test_help_of_an_operator_lists_all_that_they_may_do(world: "World", business: Business, role: Role) -> None:
    person = business.owner if role is Role.OWNER else await business.invited(role, 701)
    joined = person.text
    await person.say("/help")
    listed = set(re.findall(r"^/(\w+) ", person.text, re.M))
    for name in COMMANDS - {"help"}:
        await person.say(f"/{name}")
        assert ("This needs the role" in person.text) == (name not in listed), name
    await person.say("/help")
    assert {"ops", "limits", "fees", "bulk"} <= listed
    assert ({"payout", "collect"} <= listed) == role.may(Role.OPERATOR)
    decides = set(re.findall(r"^/(\w+) ", person.text.partition("Decide")[2], re.M))
    expected = {Role.VIEWER: set(), Role.OPERATOR: {"approvals", "pause", "resume", "maintenance"}}
    assert decides == expected.get(role, {*expected[Role.OPERATOR], "limits", "limit", "fees", "operators"})
    assert role is Role.OWNER or all(f"/{name} " in joined for name in listed)
    await person.say("/help")
    await person.press("What customers read")
    assert "/buy" in person.text
    await world.chat(501).say("/help")


async def test_a_mistyped_command_is_offered_to_those_who_may_use_it(world: "World", business: Business) -> None:
    owner, stranger = business.owner, world.chat(666)
    await owner.say("/payuot 500 KES to 0712345678 Jane Doe for rent")
    assert "/payout" in owner.text
    assert "Did you mean" in owner.text
    assert await world.paid() == []
    await stranger.say("/payuot 500 KES to 0712345678 Jane Doe for rent")
    assert "/payout" not in stranger.text


async def test_the_menu_of_operators_comes_and_goes_with_their_role(
    world: "World", business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    menus: dict[tuple[str, int], dict[str, str]] = {}

    class Bot:
        """Keeps menus as Telegram does."""

        async def get_my_commands(self, scope: Any) -> tuple[Any, ...]:
            return ()

        async def set_my_commands(self, commands: Any, scope: Any) -> None:
            menus[scope.type, scope.chat_id] = {one.command: one.description for one in commands}

        async def delete_my_commands(self, scope: Any) -> None:
            menus.pop((scope.type, scope.chat_id), None)

    told: list[int] = []
    operators = business.desk.operators
    monkeypatch.setattr(operators, "_changed", told.append)

    async def introduce() -> None:
        await introduce_operators(
            SimpleNamespace(bot=Bot()),  # type: ignore[arg-type]
            told,
            operators=operators,
            customers=world.services.customers,
            commands=Desk(world.services, business.desk).listed,
            group=GROUP,
        )

    await business.invited("viewer", 702)
    await introduce()
    private, group = menus["chat", 702], menus["chat_member", GROUP]
    assert {"ops", "balances", "buy"} <= private.keys()
    assert "payout" not in private
    assert "ops" in group
    assert "buy" not in group
    (vera,) = [one for one in await operators.team() if not one.fixed]
    owner = await operators.of(OWNER)
    assert owner is not None
    effects = Effects()
    operators.stage_role(effects, owner, vera, Role.OPERATOR)
    await world.database.write(effects.write)
    await effects.finish()
    await introduce()
    assert "payout" in menus["chat", 702]
    effects = Effects()
    operators.stage_remove(effects, owner, vera)
    await world.database.write(effects.write)
    await effects.finish()
    monkeypatch.setattr(Bot, "get_my_commands", AsyncMock(return_value=("something",)))
    await introduce()
    assert menus == {}

    told.clear()
    menus["chat", OWNER] = {"ops": "how it stands"}
    monkeypatch.setattr(operators, "_owners", frozenset())  # taken out of the settings, and started anew
    gone = business.owner
    for words in ("/help", "/buy", "hello"):
        await gone.say(words)
    assert told == []
    await gone.tap(OperatorTap("ops", "now", "refresh").pack())
    await gone.say("/ops")
    assert told == [OWNER, OWNER]
    await introduce()
    assert menus == {}


@pytest.mark.usefixtures("paid")
@pytest.mark.parametrize("command", ["find", "customer"])
async def test_a_number_as_it_is_dialled_at_home_is_found(business: Business, command: str) -> None:
    owner = business.owner
    await owner.say(f"/{command} 0712345678")
    assert "501" in owner.text
    await owner.say(f"/{command} 0712345679")
    assert "501" not in owner.text


@pytest.mark.usefixtures("wallets")
async def test_owners_of_the_settings_have_names_and_the_record_says_what_was_ordered(
    world: "World", business: Business
) -> None:
    alone(business, None)
    mary, owner = await business.invited("operator", 701), business.owner
    await owner.say(LINE)
    await owner.press("Transfer 5,000")
    await mary.say("/approvals")
    assert "Asked for by Jane (9001)" in mary.text
    (order,), _ = await business.desk.approvals.waiting(1)
    await mary.say("/audit")
    assert "owner Jane (9001) ordered a transfer" in mary.text
    assert "Transfer 5,000 KES from the deposit to the payout balance" in mary.text
    assert order.id not in mary.text
    await mary.tap(OperatorTap("order", order.id, "approve").pack())
    await mary.press("Yes, approve")
    await mary.say("/audit")
    last = plain(mary.text).split("\n\n")[1]
    assert "approved an order\nTransfer 5,000 KES" in last
    assert "asked for by Jane (9001)" in last
    assert "after:" not in last
    assert "before:" not in last
    await owner.say("/operators")
    assert "Jane (9001)" in owner.text
    customers = world.services.customers
    person, effects = await customers.known(OWNER), Effects()
    assert person is not None
    customers.stage_profile(effects, person, name="Janet Wanjiku")
    await world.database.write(effects.write)
    await owner.say("/pause buy We are back at 14:00")
    await owner.press("Yes")
    await mary.say("/pause")
    assert "Janet Wanjiku (9001)" in mary.text
    john = world.chat(502)
    await john.say("/support Where is my money?")
    (case,), _, _ = await business.desk.inquiries.page(1)
    seen = await business.desk.inquiries.by_id(case.id)
    assert seen is not None
    told = colleague_answered(catalogue("en"), seen, OWNER, "It comes")
    assert "Janet Wanjiku (9001)" in told.text
