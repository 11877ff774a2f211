"""What everybody is told, seen first by whoever tells it; and the switch that closes everything for a while."""

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update
from sqlmodel import Session

from bot.engine.operators.word_results import MOST_TO_MANY
from storage.customers import CUSTOMER
from storage.notices import NOTICE
from tests.dialogue.business import Business, business
from tests.dialogue.conftest import plain

if TYPE_CHECKING:
    from tests.dialogue.conftest import Chat, World

__all__ = ["business"]


async def told(world: "World") -> list[int]:
    """The chats for which the running broadcast has written notices."""
    statement = select(NOTICE.c.chat_id).where(NOTICE.c.kind == "broadcast").order_by(NOTICE.c.chat_id)
    return await world.database.read(lambda session: list(session.connection().execute(statement).scalars()))


async def people(world: "World") -> None:
    """Customers: 501 and 502 from Kenya, 503 who speaks Swahili, 504 who blocked us, 505 whom we shut out."""
    for user, language in ((501, "en"), (502, "fr"), (503, "sw"), (504, "en"), (505, "en")):
        await world.chat(user, language).say("/start")

    def change(session: Session) -> None:
        for users, values in (
            ((501, 502), {"country": "KE"}),
            ((504,), {"blocked_us_at": world.now}),
            ((505,), {"barred_at": world.now}),
        ):
            session.connection().execute(update(CUSTOMER).where(CUSTOMER.c.telegram_id.in_(users)).values(**values))

    await world.database.write(change)


@pytest.mark.parametrize(
    ("whom", "count", "chats"),
    [("everybody", 4, [501, 502, 503, 9001]), ("kenya", 2, [501, 502]), ("SW", 1, [503]), ("français", 1, [502])],
)
async def test_it_is_seen_first_and_sent_to_those_it_is_for(
    world: "World", business: Business, whom: str, count: int, chats: list[int]
) -> None:
    await people(world)
    owner = business.owner
    await owner.say(f"/broadcast {whom} We are closed <on> Sunday.\nBack on Monday: https://a.example")
    preview, question = owner.said
    assert preview.text == "📣 We are closed &lt;on&gt; Sunday.\nBack on Monday: https://a.example"
    assert f"to {count} p" in plain(question.text)
    assert await business.desk.broadcasts.sending() is None
    await owner.press(f"Send to {count} p")
    assert "being sent" in owner.text
    assert f"Delivered: 0 of {count}" in owner.text
    await business.desk.broadcasts.step()
    assert await told(world) == chats
    (act,) = [one for one in await business.actions() if one.action == "broadcast"]
    assert f'"people": "{count}"' in (act.after or "")
    await owner.say("/broadcast everybody And again")
    assert "is being sent" in owner.text
    await owner.press("Stop sending")
    assert "stopped" in owner.text
    await business.desk.broadcasts.step()
    assert await business.desk.broadcasts.sending() is None


@pytest.mark.parametrize("said", ["", "everybody", "nobody We are closed", "We are closed", "KE"])
async def test_without_whom_or_what_it_is_explained(business: Business, said: str) -> None:
    owner = business.owner
    await owner.say(f"/broadcast {said}".strip())
    assert "For example:" in owner.text


async def test_too_much_and_for_nobody_is_said(business: Business) -> None:
    owner = business.owner
    await owner.say("/broadcast everybody " + "x" * (MOST_TO_MANY + 1))
    assert "Nothing was sent" in owner.text
    await owner.say("/broadcast GH Hello")
    assert "nobody to tell" in owner.text


async def test_never_mind_sends_nothing_and_viewers_may_not(world: "World", business: Business) -> None:
    owner = business.owner
    await owner.say("/broadcast everybody Hello")
    await owner.press("Never mind")
    viewer = await business.invited("viewer", 702)
    await viewer.say("/broadcast everybody Hello")
    assert "operator" in viewer.text
    assert await business.desk.broadcasts.sending() is None


async def test_maintenance_leaves_customers_a_look_at_their_payments_and_the_team(
    world: "World", business: Business, jane: "Chat"
) -> None:
    operator = await business.invited("operator", 701)
    await jane.buy_once()
    (payment,) = await world.paid()
    await jane.say("buy 20 usdc")
    card = jane.card
    await operator.say("/maintenance on Back at 22:00")
    assert "Back at 22:00" in operator.text
    await operator.press("Yes")
    assert "Everything is closed" in operator.text

    for closed in ("/buy", "buy 20 usdc", "/recipients", "/settings", "hello", "🛒 Buy", "/start", "/cancel"):
        await jane.say(closed)
        assert "closed for a short while" in jane.text, closed
        assert "Back at 22:00" in jane.text
    for slip in ("hello", "1000", "yes", "back"):  # a reply to anything but the team's words is like any other message
        raw = jane._message(text=slip)
        raw["message"]["reply_to_message"] = jane._from_bot(card)
        await jane.send(raw)
        assert "Back at 22:00" in jane.text, slip
    await jane.tap(card.buttons[0].data or "", on=card)
    assert "Back at 22:00" in jane.text
    mary = world.chat(502, "sw")
    await mary.say("/start")
    assert "Tumefunga kwa muda mfupi" in mary.text
    assert "Back at 22:00" in mary.text
    group = await business.in_group(501, "/request 500 lunch", group=-100_888)
    assert "Back at 22:00" in group.text

    for looked in ("/status", "🧾 My payments", "status"):
        await jane.say(looked)
        assert payment.code in jane.text
    await jane.say(f"/status {payment.code}")
    await jane.press("Help")
    assert payment.code in jane.text
    await jane.press("Talk to a person")
    await jane.press("I have a question")
    await jane.say("when are you back?")
    assert "Our team has it" in jane.text
    await jane.share("+254712345678")  # talking to the team answers no question of a purchase
    assert "Back at 22:00" in jane.text

    assert len(await world.paid()) == 1
    await operator.say("/pause")
    assert "Open again: everything (maintenance)" in operator.last.labels
    for part in ("everything", "buy"):
        await operator.say(f"/resume {part}")
        assert "Everything is closed for maintenance. To open it: /maintenance off" in plain(operator.text)
        assert "Back at 22:00" in operator.text
    await operator.say("/pause buy No coins")
    await operator.press("Yes")
    await operator.say("/resume buy")
    await operator.press("Yes")
    assert "Buying crypto is open" in operator.text
    assert "/maintenance off" in operator.text
    await operator.say("/maintenance off")
    await operator.press("Yes")
    assert "maintenance off" not in operator.text
    await jane.say("/start")
    assert "closed" not in jane.text
    assert [one.action for one in await business.actions()][-4:] == ["pause", "pause", "resume", "resume"]


@pytest.mark.parametrize("said", ["", "on", "off now", "maybe"])
async def test_maintenance_is_explained(business: Business, said: str) -> None:
    owner = business.owner
    await owner.say(f"/maintenance {said}".strip())
    assert "For example:" in owner.text
