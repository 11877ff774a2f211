"""What is said to people: in order, edited in place, and what becomes of it when Telegram does not take it."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.engine.effects import Effects
from bot.engine.outbox import Outbox, notice_row, write_notice_rows
from bot.screens.screen import Button, Key, Screen
from bot.simulator.faults import Match, Rule
from bot.simulator.telegram import Message, Person, TelegramWorld
from bot.telegram.drawing import NoticeFacts, Rendered
from bot.telegram.errors import TokenRefused
from bot.telegram.pacing import Pace
from storage.database import Database
from storage.notices import NOTICE
from storage.payments import CASE
from storage.tables import Customer
from tests.telegram.conftest import HeldClock, Senders, drain

STOP = Button("Stop", data="1:m:stop")


class Talk:
    """Says screens to one person and looks at what they see."""

    def __init__(self, database: Database, outbox: Outbox, world: TelegramWorld, person: Person) -> None:
        self._database = database
        self._outbox = outbox
        self._world = world
        self.chat = person.id
        self._count = 0

    async def say(self, text: str | Screen, *, chat: int | None = None, **options: Any) -> None:
        self._count += 1
        collected = Effects()
        self._outbox.say(
            collected,
            chat_id=self.chat if chat is None else chat,
            screen=text if isinstance(text, Screen) else Screen(text),
            dedupe_key=options.pop("dedupe_key", f"{chat}-{self._count}"),
            **options,
        )
        await self._database.write(collected.write)

    def seen(self, chat: int | None = None) -> list[str]:
        return [message.content.text for message in self.messages(chat)]

    def messages(self, chat: int | None = None) -> list[Message]:
        return self._world.messages(self.chat if chat is None else chat, by_bot=True)

    async def states(self) -> list[str]:
        rows = await self._database.read(
            lambda session: session.connection().execute(select(NOTICE.c.state).order_by(NOTICE.c.id)).all()
        )
        return [row[0] for row in rows]


@pytest.fixture
def talk(database: Database, outbox: Outbox, world: TelegramWorld, asha: Person) -> Talk:
    return Talk(database, outbox, world, asha)


def fault(world: TelegramWorld, action: Any, operation: str = "sendMessage", **options: Any) -> Rule:
    return world.inject(Rule(action=action, match=Match(operation=operation), **options))


# how it looks


async def test_a_screen_arrives_with_everything_that_was_drawn(
    talk: Talk, senders: Senders, world: TelegramWorld
) -> None:
    rows = (
        (Button("Buy", data="x", style="success"), Button("Copy", copy="0xabc")),
        (Button("Site", url="https://a.b/"),),
    )
    await talk.say(Screen("<b>Hello</b> &amp; welcome https://a.b", rows=rows))
    await talk.say(Screen("Keys", keys=((Key("Phone", shares_contact=True), Key("Help")),), placeholder="Type"))
    await talk.say(Screen("Gone", keys=()))
    await drain(senders())
    assert talk.seen() == ["Hello & welcome https://a.b", "Keys", "Gone"]
    calls = world.called("sendMessage")
    assert calls[0].params["parse_mode"] == "HTML"
    assert "is_disabled" in str(calls[0].params["link_preview_options"])
    first, second, third = (str(call.params["reply_markup"]) for call in calls)
    assert all(part in first for part in ("success", "copy_text", "0xabc", "https://a.b/"))
    assert all(part in second for part in ("request_contact", "is_persistent", "resize_keyboard", "Type"))
    assert "remove_keyboard" in third


async def test_the_same_thing_is_said_once(talk: Talk, senders: Senders) -> None:
    for _ in range(3):
        await talk.say("once", dedupe_key="k")
    await asyncio.gather(drain(senders()), drain(senders()))
    assert talk.seen() == ["once"]


async def test_a_slot_is_edited_in_place_and_only_its_newest_is_said(talk: Talk, senders: Senders) -> None:
    sender = senders()
    await talk.say("paying", slot="p:1")
    await drain(sender)
    for text in ("paid", "sending", "arrived"):
        await talk.say(text, slot="p:1")
    await talk.say("the end")
    await drain(sender)
    assert talk.seen() == ["arrived", "the end"]
    assert [message.edits for message in talk.messages()] == [1, 0]
    assert await talk.states() == ["sent", "superseded", "superseded", "sent", "sent"]


async def test_a_fresh_message_takes_the_slot_and_the_buttons_of_the_old_one(talk: Talk, senders: Senders) -> None:
    sender = senders()
    await talk.say(Screen("first", rows=((STOP,),)), slot="d:1")
    await drain(sender)
    await talk.say(Screen("second", rows=((STOP,),)), slot="d:1", fresh=True)
    await talk.say(Screen("third", rows=((STOP,),)), slot="d:1")  # supersedes it, and inherits the new message
    await drain(sender)
    await talk.say(Screen("fourth", rows=((STOP,),)), slot="d:1")
    await drain(sender)
    assert talk.seen() == ["first", "fourth"]
    assert [message.inline is not None for message in talk.messages()] == [False, True]


async def test_a_keyboard_cannot_be_edited_in_so_it_comes_as_a_new_message(talk: Talk, senders: Senders) -> None:
    sender = senders()
    for screen in (Screen("a", rows=((STOP,),)), Screen("b", keys=((Key("k"),),)), Screen("c", rows=((STOP,),))):
        await talk.say(screen, slot="d:1")
        await drain(sender)
    assert talk.seen() == ["a", "b", "c"]


async def test_a_picture_and_a_text_do_not_become_each_other(
    talk: Talk, senders: Senders, database: Database, clock: HeldClock
) -> None:
    async def card(facts: NoticeFacts) -> Rendered | None:
        assert facts.payment_id is not None
        picture = _png() if "picture" in facts.payment_id else None
        return Rendered(Screen(f"<b>{facts.payment_id}</b>"), picture)

    senders.renderers["payment_card"] = card
    sender = senders()
    for payment in ("text", "picture 1", "picture 2", "text again"):
        row = notice_row(
            chat_id=talk.chat, kind="payment_card", dedupe_key=payment, now=clock(), slot="p:1", payment_id=payment
        )
        await database.write(lambda session, row=row: write_notice_rows(session, [row]))
        await drain(sender)
    assert talk.seen() == ["text", "picture 2", "text again"]
    assert [message.content.photo is not None for message in talk.messages()] == [False, True, False]


async def test_what_can_only_be_edited_changes_what_stands_there_and_is_never_a_new_message(
    talk: Talk, senders: Senders, database: Database, clock: HeldClock
) -> None:
    async def where(facts: NoticeFacts) -> Rendered | None:
        return None if facts.payment_id == "too late" else Rendered(Screen("send", rows=((STOP,),)), _png())

    async def over(facts: NoticeFacts) -> Rendered | None:
        return Rendered(Screen("<b>send nothing</b>"), only_edit=True)

    senders.renderers |= {"payment_escrow": where, "payment_escrow_over": over}
    sender = senders()

    async def say(payment: str, *kinds: str, turn: str = "") -> None:
        for kind in kinds:
            row = notice_row(
                chat_id=talk.chat,
                kind=kind,
                dedupe_key=f"{kind}:{payment}:{turn}",
                now=clock(),
                slot=f"e:{payment}",
                payment_id=payment,
            )
            await database.write(lambda session, row=row: write_notice_rows(session, [row]))
        await drain(sender)

    await say("sale", "payment_escrow")
    await say("sale", "payment_escrow_over")
    [message] = talk.messages()
    assert (message.content.text, message.edits, message.content.photo is not None) == ("send nothing", 1, True)
    assert message.markup is None
    await say("both at once", "payment_escrow", "payment_escrow_over")
    await say("too late", "payment_escrow")
    await say("too late", "payment_escrow_over")
    message.deleted = True
    await say("sale", "payment_escrow_over", turn="again")
    assert talk.messages() == []
    assert await talk.states() == ["sent", "sent"] + ["superseded"] * 5


def _png() -> bytes:
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    return out.getvalue()


async def test_markup_that_telegram_cannot_read_is_said_in_plain_words(talk: Talk, senders: Senders) -> None:
    await talk.say("<b>not closed &lt;3")
    await talk.say("x" * 5000)
    await drain(senders())
    assert talk.seen() == ["not closed <3", "x" * 4095 + "…"]


async def test_what_can_never_be_said_is_not_said_for_ever(talk: Talk, senders: Senders, world: TelegramWorld) -> None:
    await talk.say("")
    await talk.say("next")
    await drain(senders())
    assert talk.seen() == ["next"]
    assert await talk.states() == ["refused", "sent"]


async def test_a_notice_that_cannot_be_drawn_is_left_to_a_person(
    talk: Talk, senders: Senders, database: Database, clock: HeldClock
) -> None:
    async def broken(facts: NoticeFacts) -> Rendered | None:
        raise ZeroDivisionError

    senders.renderers["payment_card"] = broken
    row = notice_row(chat_id=talk.chat, kind="payment_card", dedupe_key="x", now=clock())
    await database.write(lambda session: write_notice_rows(session, [row]))
    await talk.say("next")
    sender = senders()
    for _ in range(12):
        await drain(sender)
        clock.pass_by(61)
    assert talk.seen() == ["next"]
    cases = await database.read(lambda session: session.connection().execute(select(CASE.c.concern)).all())
    assert len(cases) == 1


# what goes wrong on the way


async def test_an_edit_that_changes_nothing_is_done(talk: Talk, senders: Senders) -> None:
    sender = senders()
    for _ in range(2):
        await talk.say("same", slot="p:1")
        await drain(sender)
    assert talk.seen() == ["same"]
    assert await talk.states() == ["sent", "sent"]


async def test_a_message_that_is_gone_is_sent_anew(talk: Talk, senders: Senders) -> None:
    sender = senders()
    await talk.say("one", slot="p:1")
    await drain(sender)
    talk.messages()[0].deleted = True
    await talk.say("two", slot="p:1")
    await drain(sender)
    await talk.say("three", slot="p:1")
    await drain(sender)
    assert talk.seen() == ["three"]


@pytest.mark.parametrize("action", ["drop_before", "refuse"])
async def test_what_was_not_sent_is_sent_later_and_in_order(
    talk: Talk, senders: Senders, world: TelegramWorld, clock: HeldClock, action: str
) -> None:
    fault(world, action, times=3, status=502, message="Bad Gateway")
    await talk.say("one")
    await talk.say("two")
    sender = senders()
    for _ in range(4):
        await drain(sender)
        clock.pass_by(61)
    assert talk.seen() == ["one", "two"]


@pytest.mark.parametrize("action", ["accept_then_drop", "accept_then_500", "malformed"])
async def test_an_answer_that_is_lost_repeats_a_message_once_and_an_edit_never(
    talk: Talk, senders: Senders, world: TelegramWorld, clock: HeldClock, action: str
) -> None:
    fault(world, action)
    fault(world, action, "editMessageText")
    sender = senders()
    for text in ("one", "two"):
        await talk.say(text, slot="p:1")
        for _ in range(2):
            await drain(sender)
            clock.pass_by(61)
    await talk.say("three")
    await drain(sender)
    assert talk.seen() == ["one", "two", "three"]


async def test_a_crash_between_acceptance_and_mark_repeats_it_once(
    talk: Talk, senders: Senders, clock: HeldClock, world: TelegramWorld
) -> None:
    await talk.say("K7F3-9QX2 has arrived")
    dying = senders()

    async def die(*_: Any) -> None:
        await asyncio.Event().wait()

    dying._speaker._said = die  # type: ignore[method-assign]
    sending = asyncio.create_task(dying.step())
    await world.until(lambda: bool(talk.seen()))
    sending.cancel()
    for task in dying._in_flight:
        task.cancel()
    other = senders()
    await drain(other)
    assert len(talk.seen()) == 1  # the lease keeps others off
    clock.pass_by(61)
    await drain(other)
    clock.pass_by(61)
    await drain(other)
    assert talk.seen() == ["K7F3-9QX2 has arrived"] * 2


async def test_too_many_requests_delay_their_chat_and_no_other(
    talk: Talk, senders: Senders, world: TelegramWorld, clock: HeldClock
) -> None:
    other = world.people.add("Other")
    world.people.start(other.id)
    fault(world, "rate_limit", retry_after=3600)
    sender = senders()
    await talk.say("one")
    await sender.step()
    await talk.say("two")
    await talk.say("hello", chat=other.id)
    clock.pass_by(3599)
    await drain(sender)
    assert (talk.seen(), talk.seen(other.id)) == ([], ["hello"])
    clock.pass_by(1)
    await drain(sender)
    assert talk.seen() == ["one", "two"]


@pytest.mark.parametrize("leave", ["block", "deactivate"])
async def test_somebody_who_left_finds_everything_when_they_return(
    talk: Talk, senders: Senders, world: TelegramWorld, clock: HeldClock, database: Database, outbox: Outbox, leave: str
) -> None:
    customer = Customer(id="c", telegram_id=talk.chat, chat_id=talk.chat, created_at=clock(), updated_at=clock())
    await database.write(lambda session: session.add(customer))
    getattr(world.people, leave)(talk.chat)
    sender = senders()
    await talk.say("paying", slot="p:1")
    await drain(sender)
    for text in ("paid", "arrived"):
        await talk.say(text, slot="p:1")
    await talk.say("the end")
    clock.pass_by(3600)
    await drain(sender)
    assert set(await talk.states()) == {"parked"}
    assert (await _customer(database)).blocked_us_at is not None
    world.people.get(talk.chat).deactivated = False
    world.people.unblock(talk.chat)
    back = Effects()
    outbox.welcome_back(back, chat_id=talk.chat)
    await database.write(back.write)
    await drain(sender)
    assert talk.seen() == ["arrived", "the end"]
    assert (await _customer(database)).blocked_us_at is None


async def _customer(database: Database) -> Customer:
    found = await database.read(lambda session: session.get(Customer, "c"))
    assert found is not None
    return found


async def test_a_group_that_moved_gets_its_message_at_the_new_place(
    talk: Talk, senders: Senders, world: TelegramWorld
) -> None:
    group = world.people.add_group("Friends", [talk.chat])
    new = world.people.migrate(group.id)
    await talk.say("hello", chat=group.id)
    await drain(senders())
    assert talk.seen(new.id) == ["hello"]


async def test_a_refused_token_stops_the_sender_and_keeps_the_queue(
    talk: Talk, senders: Senders, world: TelegramWorld
) -> None:
    revoked = fault(world, "refuse", times=0, status=401, message="Unauthorized")
    await talk.say("one")
    await talk.say("two")
    sender = senders()
    async with asyncio.timeout(10):
        with pytest.raises(TokenRefused, match="TELEGRAM_TOKEN"):
            await sender.run()
    assert not sender.healthy
    assert await talk.states() == ["due", "due"]
    revoked.times = 1  # the operator has put the token right
    await drain(sender)
    assert talk.seen() == ["one", "two"]
    assert sender.healthy


# how fast


async def test_replicas_together_keep_one_pace_and_the_order_of_every_chat(
    talk: Talk, world: TelegramWorld, senders: Senders, clock: HeldClock, database: Database
) -> None:
    """Time stands still, so what is said in one go is what fits into the moments handed out ahead."""
    people = [world.people.add(f"P{number}") for number in range(40)]
    for person in people:
        world.people.start(person.id)
        for number in range(2):
            await talk.say(f"{number}", chat=person.id)
    pace = Pace(between_calls=timedelta(milliseconds=40), ahead=timedelta(milliseconds=200))
    replicas = [senders(pace) for _ in range(3)]
    at: list[int] = []
    for _ in range(20):
        await asyncio.gather(*(replica.step() for replica in replicas))
        at.append(len([call for call in world.called("sendMessage") if call.ok]))
        clock.pass_by(0.2)
    per_second = [after - before for before, after in zip([0, *at], at[5:], strict=False)]
    assert max(per_second) <= 31
    assert at[-1] == 80
    assert all(talk.seen(person.id) == ["0", "1"] for person in people)


async def test_a_chat_gets_one_message_a_second_and_a_group_twenty_a_minute(
    talk: Talk, world: TelegramWorld, senders: Senders, clock: HeldClock
) -> None:
    group = world.people.add_group("Friends", [talk.chat])
    for number in range(40):
        await talk.say(f"{number}")
        await talk.say(f"{number}", chat=group.id)
    sender = senders(Pace(between_calls=timedelta()))
    for _ in range(60):
        await drain(sender)
        clock.pass_by(0.5)
    assert len(talk.seen()) == 30
    assert len(talk.seen(group.id)) == 10


async def test_news_does_not_wait_for_the_card_that_was_edited_before_it(
    talk: Talk, senders: Senders, clock: HeldClock
) -> None:
    sender = senders(Pace())
    await talk.say("paying", slot="p:1")
    await drain(sender)
    clock.pass_by(5)
    await talk.say("arrived", slot="p:1")
    await talk.say("the end")
    await drain(sender)
    assert talk.seen() == ["arrived", "the end"]


async def test_a_running_sender_says_a_backlog_by_itself(
    talk: Talk, senders: Senders, clock: HeldClock, wakes: Any, world: TelegramWorld
) -> None:
    """Only one wake-up comes; the rest of the time the sender knows when it may go on."""
    from bot.engine.clock import utc_now

    senders._rest = (utc_now, wakes)  # type: ignore[assignment]
    await talk.say("0")
    for number in range(1, 5):
        await talk.say(str(number))
    sender = senders(Pace(in_chat=timedelta(milliseconds=100)))
    running = asyncio.create_task(sender.run())
    await world.until(lambda: len(talk.seen()) == 5)
    sender.stop()
    await running
    assert talk.seen() == ["0", "1", "2", "3", "4"]
    moments = [call.at for call in world.called("sendMessage")]
    assert all(later - earlier >= timedelta(milliseconds=95) for earlier, later in itertools.pairwise(moments))
