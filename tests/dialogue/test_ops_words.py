"""Customers and the team: a person is asked for, answered by a reply, and nothing that is said to one does anything else."""

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.engine.inquiries import MOST_AN_HOUR
from bot.engine.operators.audience import Audience
from storage.notices import CUSTOMER, fill_slot
from storage.word_tables import Inquiry
from tests.dialogue.business import OWNER, Business, business
from tests.dialogue.conftest import TEAM, plain

if TYPE_CHECKING:
    from tests.dialogue.conftest import Chat, Message, World

__all__ = ["business"]
SECRET = "abandon " * 11 + "about"


class Team:
    """The operators' group, where people write as themselves."""

    def __init__(self, business: Business) -> None:
        self.business = business
        self.world = business.world
        self.chat = self.world.chat(TEAM)

    async def hears(self, customer: "Chat", words: str) -> None:
        """A customer writes; the group sees what comes of it."""
        await self.world.handle(
            {"update_id": next(self.world.numbers), **customer._message(text=words)}, customer, self.chat
        )

    async def sees_tap(self, customer: "Chat", label: str) -> None:
        """A customer taps; the group sees what comes of it."""
        data = customer.button(label).data
        query = {"id": f"q{next(self.world.numbers)}", "from": customer._user(None), "chat_instance": "1", "data": data}
        raw = {"update_id": next(self.world.numbers), "callback_query": query | {"message": customer._from_bot(None)}}
        await self.world.handle(raw, customer, self.chat)

    async def reply(self, user: int, to: "Message", words: str, *others: "Chat", **more: Any) -> "Chat":
        """Somebody replies in the group to a message of ours."""
        await stand(self.world, TEAM, to)
        raw = self.world.chat(user)._message(text=words)
        raw["message"] |= {
            "chat": {"id": TEAM, "type": "supergroup", "title": "Team"},
            "reply_to_message": self.chat._from_bot(to) | {"chat": {"id": TEAM, "type": "supergroup", "title": "Team"}},
            **more,
        }
        await self.world.handle({"update_id": next(self.world.numbers), **raw}, self.chat, *others)
        return self.chat

    async def press(self, user: int, label: str, on: "Message", *others: "Chat") -> list[str | None]:
        """Somebody presses a button in the group; what popped up for them."""
        message = self.chat._from_bot(on) | {"chat": {"id": TEAM, "type": "supergroup", "title": "Team"}}
        query = {"id": f"q{next(self.world.numbers)}", "from": self.chat._user(user), "chat_instance": "1"}
        query |= {"data": self.chat.button(label, on=on).data, "message": message}
        await self.world.handle({"update_id": next(self.world.numbers), "callback_query": query}, self.chat, *others)
        return self.chat.popped

    @property
    def card(self) -> "Message":
        """The card of the customer who asked last."""
        return next(message for message in reversed(self.chat.messages) if message.kind == "inquiry_card")


async def stand(world: "World", chat: int, message: "Message") -> None:
    """As the sender does it: this message stands in its slot."""
    slot, now = message.slot or "", world.now

    def fill(session: Session) -> None:
        fill_slot(session, chat_id=chat, slot=slot, message_id=message.id, picture=False, now=now)

    await world.database.write(fill)


async def inquiries(world: "World") -> list[Inquiry]:
    return await world.database.read(lambda s: list(s.execute(select(Inquiry).order_by(col(Inquiry.id))).scalars()))


@pytest.fixture
def team(business: Business) -> Team:
    return Team(business)


async def test_a_customer_who_was_shut_out_reaches_the_team_and_nothing_else(team: Team, jane: "Chat") -> None:
    world, barred = team.world, "You cannot use this assistant"
    bar = update(CUSTOMER).where(CUSTOMER.c.telegram_id == 501).values(barred_at=world.now)
    await jane.say("hello")
    await jane.say("buy 20 usdc")
    await world.database.write(lambda session: session.connection().execute(bar))
    await jane.say("hello")
    assert barred in jane.text
    await jane.press("Talk to a person")
    assert "What is it about" in jane.text
    await jane.press("Something else")
    await team.hears(jane, "Why am I blocked? I want to\nbuy 20 usdc")
    assert "Our team has it" in jane.text
    assert "Why am I blocked?" in plain(team.card.text)
    await jane.share("+254712345678")
    assert barred in jane.text
    for words in ("🛒 Buy", "/buy", "/cancel"):  # talking or not
        await jane.say(words)
        assert barred in jane.text, words
    await jane.say("it was my brother")
    assert "Our team has it" in jane.text
    assert await world.paid() == []
    for _ in range(MOST_AN_HOUR):
        await jane.say("please")
        world.pass_time(seconds=30)
    assert "Our team has it" not in jane.text  # the limits hold
    owner = team.business.owner
    await owner.say("/cases")
    await owner.press("501")
    await owner.press("Close")
    await jane.say("and now?")
    assert barred in jane.text


async def test_a_customer_asks_the_team_replies_and_one_side_closes_it(team: Team, jane: "Chat") -> None:
    olu = await team.business.invited("operator", 701)
    await jane.buy_once()
    await team.hears(jane, "/support")
    assert "What is it about" in jane.text
    assert team.chat.said == []  # nobody is called before there are words
    await team.sees_tap(jane, "Money left, nothing came")
    (payment,) = await team.world.paid()
    await team.sees_tap(jane, payment.code)
    await team.hears(jane, "I paid at 9\nand <b>nothing</b> came.\nSee evil.example")
    assert "Our team has it" in jane.text
    card = team.card
    for told in ("Jane Wanjiku (501)", "Money left, nothing came", payment.code, "Waits for an answer since"):
        assert told in plain(card.text), card.text
    assert "I paid at 9\nand &lt;b&gt;nothing&lt;/b&gt; came.\nSee evil.\u2060example" in card.text
    assert {"Customer", "Payment"} <= set(card.labels)

    await team.hears(jane, "The receipt is SJ12ABC345")
    below = team.chat.last
    assert "writes:" in below.text
    assert "SJ12ABC345" in below.text

    await team.reply(olu.user_id, below, "We see it.\nIt comes within the hour.", jane)
    assert "✓ Sent to Jane Wanjiku (501)." in plain(team.chat.text)
    assert "Our team:\n\nWe see it.\nIt comes within the hour." in jane.text
    assert "✓ Answered" in team.card.text

    await team.hears(jane, "thanks!")  # is not for a machine
    assert "thanks!" in team.chat.text
    popped = await team.press(olu.user_id, "Close", team.card, jane)
    assert popped == ["Closed. The customer is told, and can open it again."]
    assert "Our team has closed your question" in jane.text
    await team.hears(jane, "hello")
    assert "Our team has it" not in jane.text

    await team.sees_tap(jane, "It is not solved")
    assert "Waits" not in team.card.text
    assert "Close" in team.card.labels
    await team.hears(jane, "It still did not come")
    assert "It still did not come" in team.chat.text
    await team.sees_tap(jane, "It is solved")
    assert "Solved, said the customer" in team.card.text

    did = [(one.operator, one.action, one.target) for one in await team.business.actions() if "inquiry" in one.action]
    assert did == [(701, "answer_inquiry", "customer:501"), (701, "close_inquiry", "customer:501")]
    assert not any("We see it" in str(one.after) for one in await team.business.actions())


async def test_nobody_else_answers_a_customer(team: Team, jane: "Chat") -> None:
    await team.business.invited("viewer", 702)
    removed = await team.business.invited("operator", 703)
    await team.hears(jane, "/support my money is gone")
    card = team.card
    owner = team.business.owner
    await owner.say("/operators")
    await owner.press("Jane · operator")
    await owner.press("Remove")
    await owner.press("Remove")
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "Olu"}
    for user, more in ((999, {}), (removed.user_id, {}), (OWNER, {"forward_origin": origin})):
        await team.reply(user, card, "Send your PIN to me", jane, **more)
        assert jane.said == []
        assert "Sent" not in team.chat.text
    await team.reply(702, card, "I look only", jane)
    assert jane.said == []
    assert "operator" in team.chat.text
    assert not [one for one in await team.business.actions() if one.action == "answer_inquiry"]
    await team.press(999, "Close", card, jane)
    assert (await inquiries(team.world))[0].closed_at is None


async def test_words_to_the_team_confirm_nothing(team: Team, jane: "Chat") -> None:
    await jane.to_review()
    await team.hears(jane, "/support is it safe?")
    for words in ("yes", "confirm", "ok", "buy 20 usdc", "cancel", "1500"):
        await team.hears(jane, words)
        assert words in team.chat.text
        assert ("🛒 Buy" in jane.last.labels) == (words == "buy 20 usdc")  # what it would have been, and the way there
    assert await team.world.paid() == []
    await jane.press("Do something else")
    assert "does not go to our team" in jane.text
    await jane.press("Confirm")
    assert len(await team.world.paid()) == 1


async def test_a_key_or_a_command_or_a_button_ends_talking(team: Team, jane: "Chat") -> None:
    await jane.buy_once()
    for elsewhere in ("🧾 My payments", "/status"):
        await team.hears(jane, "/support a question")
        await jane.say(elsewhere)
        away = next(one for one in jane.said if "does not go to our team" in one.text)  # and above the answer
        assert away.labels == ["Write more"]
        assert "Our team" not in jane.text
        await team.hears(jane, "buy 20 usdc")
        assert "Our team" not in jane.text
        await jane.say("/cancel")
    await team.hears(jane, "/support and more")
    team.world.pass_time(minutes=31)
    await team.hears(jane, "buy 20 usdc")
    assert "Our team" not in jane.text
    await jane.say("/cancel")
    await team.hears(jane, "the thing is still not here")  # nothing else can be made of it, and it is open
    assert "the thing is still not here" in team.chat.text


async def test_an_answer_of_the_team_takes_no_answer_from_a_form(team: Team, jane: "Chat") -> None:
    await team.hears(jane, "/support a question")
    card = team.card
    await jane.press("Do something else")
    await jane.say("/buy")
    await jane.press("English")
    await jane.press("Kenya")
    await team.reply(OWNER, card, "What is your question?", jane)
    answer = jane.last
    await jane.say("1500")
    assert "USDC" in " ".join(jane.card.labels)
    await stand(team.world, jane.user_id, answer)
    raw = jane._message(text="500")
    raw["message"]["reply_to_message"] = jane._from_bot(answer)
    await team.world.handle({"update_id": next(team.world.numbers), **raw}, jane, team.chat)
    assert "500" in team.chat.text
    assert "Our team has it" in jane.text


async def test_a_reply_to_the_team_opens_what_was_closed_again(team: Team, jane: "Chat") -> None:
    await team.hears(jane, "/support a question")
    await team.reply(OWNER, team.card, "Done", jane)
    answer = jane.last
    await team.press(OWNER, "Close", team.card, jane)
    await stand(team.world, jane.user_id, answer)
    raw = jane._message(text="no, it is not")
    raw["message"]["reply_to_message"] = jane._from_bot(answer)
    await team.world.handle({"update_id": next(team.world.numbers), **raw}, jane, team.chat)
    (inquiry,) = await inquiries(team.world)
    assert inquiry.closed_at is None
    assert "no, it is not" in team.chat.text
    assert "Waits for an answer" in team.card.text


async def test_who_comes_back_before_any_word_is_asked_again_and_about_the_payment_they_came_from(
    team: Team, jane: "Chat"
) -> None:
    await jane.buy_once()
    (payment,) = await team.world.paid()
    await jane.say("/support")
    await jane.press("Do something else")
    assert "Nothing was sent" in jane.text
    await jane.say("/support")
    assert "What is it about" in jane.text
    await jane.say(f"/status {payment.code}")
    await jane.press("Help")
    await jane.press("Talk to a person")
    assert f"about payment {payment.code}" in jane.text
    await team.hears(jane, "where is it?")
    assert payment.code in team.card.text
    assert len(await inquiries(team.world)) == 1


async def test_secrets_and_pictures_are_not_passed_on(team: Team, jane: "Chat") -> None:
    await team.hears(jane, "/support a question")
    await team.hears(jane, SECRET)
    assert team.chat.said == []
    assert team.world.erased.messages
    await jane.photograph(b"no picture")
    assert "words only" in jane.text


async def test_there_is_an_end_to_how_much_one_customer_writes(team: Team, jane: "Chat") -> None:
    for number in range(MOST_AN_HOUR):
        await team.hears(jane, f"/support again {number}")
    team.world.pass_time(seconds=20)
    await team.hears(jane, "and again")
    assert "was not passed on" in jane.text
    assert team.chat.said == []
    team.world.pass_time(hours=1)
    await team.hears(jane, "/support and again")
    assert "and again" in team.chat.text


async def test_without_a_group_owners_are_asked_in_private(team: Team, jane: "Chat") -> None:
    world, owner = team.world, team.business.owner
    await owner.say("/ops")
    team.business.desk.inquiries._audience = Audience(chat=None, owners=frozenset({OWNER}))
    await world.handle({"update_id": next(world.numbers), **jane._message(text="/support where is it?")}, jane, owner)
    card = owner.last
    assert "where is it?" in card.text
    await stand(world, OWNER, card)
    raw = owner._message(text="On its way")
    raw["message"]["reply_to_message"] = owner._from_bot(card)
    await world.handle({"update_id": next(world.numbers), **raw}, owner, jane)
    assert "On its way" in jane.text
    assert "✓ Sent" in owner.text


async def test_cases_lists_who_waits_and_shows_a_card_to_reply_to(team: Team, jane: "Chat") -> None:
    owner = team.business.owner
    await owner.say("/cases")
    assert "No customer asks" in owner.text
    for user in (501, 502, 503):
        await team.hears(team.world.chat(user), f"/support I am {user}")
        team.world.pass_time(minutes=1)
    await team.reply(OWNER, team.card, "We know")
    await owner.say("/cases")
    assert [label.split(" · ")[1] for label in owner.last.labels] == ["501", "502", "503"]
    assert owner.last.labels[2].startswith("✓")
    await owner.press("502")
    card = owner.last
    assert "I am 502" in card.text
    await stand(team.world, OWNER, card)
    raw = owner._message(text="Hello 502")
    raw["message"]["reply_to_message"] = owner._from_bot(card)
    mary = team.world.chat(502)
    await team.world.handle({"update_id": next(team.world.numbers), **raw}, owner, mary)
    assert "Hello 502" in mary.text


async def test_another_customers_buttons_do_nothing(team: Team, jane: "Chat") -> None:
    await team.hears(jane, "/support a question")
    data = jane.button("It is solved").data or ""
    eve = team.world.chat(666)
    await eve.tap(data)
    assert (await inquiries(team.world))[0].closed_at is None
    assert eve.popped == ["This question is closed. /support begins a new one."]


async def test_a_reference_in_their_words_leads_to_that_payment_if_it_is_theirs(team: Team, jane: "Chat") -> None:
    await team.business.invited("operator", 701)
    await jane.buy_once()
    (payment,) = await team.world.paid()
    john = team.world.chat(502)
    await team.hears(john, f"/support Where is my money? {payment.code}")
    assert "Payment" not in team.card.labels  # it is somebody else's
    await team.hears(jane, f"/support where is my money for {payment.code.replace('-', '').lower()}?")
    assert "Payment" in team.card.labels
    await team.hears(jane, f"I mean {payment.code}.")
    below = team.chat.last
    assert "I mean" in below.text
    owner = team.business.owner
    await owner.tap(below.buttons[0].data or "")
    assert payment.code in owner.text
