"""How operators are told of alerts: at once, once, and seldom. On both engines, with a clock of the test's own."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from bot.engine.operators.alert_results import GroupStanding
from bot.engine.operators.alerting import AlertKind, end_alert, keep_alerts, raise_alert, told_alerts
from bot.engine.operators.audience import Audience
from bot.engine.operators.greeting import DailySummary, Greeter
from bot.engine.operators.results import Balance
from bot.engine.operators.telling import Teller
from bot.engine.operators.vigilance import Vigilance
from bot.engine.operators.watching import CaseWatch
from bot.engine.operators.watching_provider import BalanceWatch, ForgeryWatch, ProviderWatch
from bot.engine.outbox import NOTICE_PAYLOAD
from bot.engine.wakes import Wakes
from bot.payments.identifiers import new_id
from storage import alerts as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.notices import NOTICE, park_chat
from storage.payments import close_case, open_cases, reopen_case

GROUP, OWNER = -100_777, 9_001
DOWN = AlertKind.PROVIDER_DOWN


@dataclass
class Post:
    """A group of operators, whom alerts are told, and what it is that they are told."""

    database: Database
    keyring: Keyring
    now: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    audience: Audience = field(default_factory=lambda: Audience(chat=GROUP, owners=frozenset({OWNER})))

    def clock(self) -> datetime:
        return self.now

    async def passes(self, **time: float) -> list[str]:
        """Time goes by in small steps; what is said in it, each as `ring` or `edit`."""
        known = len(await self.said())
        end = self.now + timedelta(**time)
        step = max(timedelta(seconds=5), timedelta(**time) / 40)
        while self.now < end:
            self.now = min(end, self.now + step)
            await self.teller().step()
        return [word for word, _, _ in (await self.said())[known:]]

    def teller(self) -> Teller:
        return Teller(self.database, self.keyring, self.clock, Wakes(), self.audience)

    async def do(self, work: Callable[[Session], Any]) -> None:
        await self.database.write(work)

    async def finds(self, key: str = "provider", kind: AlertKind = DOWN) -> None:
        await self.do(lambda session: raise_alert(session, kind, key, {"key": key}, self.now))

    async def ends(self, key: str = "provider", kind: AlertKind = DOWN) -> None:
        await self.do(lambda session: end_alert(session, kind, key, self.now))

    async def lasting(self, kind: AlertKind) -> list[str]:
        return await self.database.read(lambda session: [row.key for row in queries.lasting(session, kind)])

    async def said(self) -> list[tuple[str, int, dict[str, Any]]]:
        """Every notice: whether it rings, where, and its payload; said as soon as it was written."""
        rows = await self.database.read(
            lambda session: session.connection().execute(select(NOTICE).order_by(NOTICE.c.id)).all()
        )
        said = []
        for row in rows:
            payload = self.keyring.open_json(row.payload_sealed, context=NOTICE_PAYLOAD)
            silent = payload["silent"] or not payload.get("fresh", True)
            said.append(("edit" if silent else "ring", row.chat_id, payload))
        return said

    async def kinds(self) -> list[str]:
        return [payload["alert"] for _, _, payload in await self.said()]


@pytest.fixture
def post(database: Database, keyring: Keyring) -> Post:
    return Post(database, keyring)


async def test_the_first_rings_at_once_and_the_same_again_does_not(post: Post) -> None:
    await post.finds()
    assert await post.passes(seconds=5) == ["ring"]
    for _ in range(100):
        await post.finds()
    assert await post.passes(hours=1) == ["edit"]
    assert len(await post.said()) == 2


async def test_a_thousand_within_a_night_are_one_message_each_ten_minutes_at_most(post: Post) -> None:
    said: list[str] = []
    for number in range(60):

        def find(session: Session, number: int = number) -> None:
            for part in range(16):
                raise_alert(session, AlertKind.ATTENTION, f"{number}:{part}", {}, post.now)

        await post.do(find)
        said += await post.passes(minutes=1)
    assert said.count("ring") == 6  # in an hour
    assert said.count("edit") <= 4 * 60  # and the message that stands is changed four times a minute at most
    told, count = await post.database.read(
        lambda session: told_alerts(session, AlertKind.ATTENTION, since=post.now, limit=6)
    )
    assert (len(told), count) == (6, 960)


async def test_what_comes_soon_after_is_written_at_once_and_rings_when_it_may(post: Post) -> None:
    await post.finds("one", AlertKind.ATTENTION)
    await post.passes(seconds=5)
    await post.passes(minutes=1)
    await post.finds("two", AlertKind.ATTENTION)
    assert await post.passes(seconds=10) == ["edit"]
    assert await post.passes(minutes=8) == []
    assert await post.passes(minutes=1) == ["ring"]
    assert await post.passes(hours=2) == []


async def test_the_end_is_written_without_a_sound_and_coming_again_rings(post: Post) -> None:
    await post.finds()
    await post.passes(minutes=20)
    await post.ends()
    assert await post.passes(seconds=30) == ["edit"]
    await post.finds()
    assert await post.passes(seconds=30) == ["ring"]


async def test_what_is_over_before_it_was_told_is_not_told(post: Post) -> None:
    await post.finds()
    await post.ends()
    assert await post.passes(hours=1) == []


async def test_what_comes_and_goes_all_the_time_does_not_ring_all_the_time(post: Post) -> None:
    said: list[str] = []
    for _ in range(30):
        await post.finds()
        said += await post.passes(minutes=1)
        await post.ends()
        said += await post.passes(minutes=1)
    assert said.count("ring") <= 7


async def test_what_lasts_is_told_again_after_a_day(post: Post) -> None:
    await post.finds()
    await post.passes(seconds=5)
    assert await post.passes(hours=23) == []
    assert await post.passes(hours=2) == ["ring"]


async def test_kinds_do_not_wait_for_each_other(post: Post) -> None:
    await post.finds()
    await post.finds("KES", AlertKind.LOW_BALANCE)
    assert await post.passes(seconds=5) == ["ring", "ring"]
    assert {payload["topic"] for _, _, payload in await post.said()} == {"provider_down", "low_balance"}


async def test_a_kind_is_silent_or_off_and_is_told_when_it_is_on_again(post: Post) -> None:
    await post.do(lambda session: queries.change_mode(session, DOWN, was="on", mode="silent"))
    await post.finds()
    assert await post.passes(seconds=5) == ["edit"]
    assert (await post.said())[0][2]["fresh"]
    await post.do(lambda session: queries.change_mode(session, DOWN, was="silent", mode="off"))
    await post.finds("another")
    assert await post.passes(days=2) == []
    await post.do(lambda session: queries.change_mode(session, DOWN, was="off", mode="on"))
    await post.do(lambda session: queries.tell_by(session, DOWN, post.now))
    assert await post.passes(seconds=5) == ["ring"]


async def test_several_replicas_tell_it_once(post: Post) -> None:
    await post.finds()
    post.now += timedelta(seconds=1)
    tellers = [post.teller() for _ in range(4)]
    assert sum(await asyncio.gather(*(teller.step() for teller in tellers))) == 1
    assert len(await post.said()) == 1


async def test_where_the_group_cannot_be_written_to_the_owners_are_told(post: Post) -> None:
    await post.finds()
    await post.passes(seconds=5)
    await post.do(lambda session: park_chat(session, GROUP, post.now, "Forbidden"))
    await post.finds("KES", AlertKind.LOW_BALANCE)
    await post.passes(seconds=5)
    assert [chat for _, chat, _ in await post.said()] == [GROUP, OWNER]


async def test_a_case_is_an_alert_of_its_kind_until_it_is_resolved(post: Post) -> None:
    watch = CaseWatch(post.database, Vigilance())
    keys = {"standing:test": AlertKind.KEY_REFUSED, "not_enabled:test:x": AlertKind.SERVICE_NOT_ENABLED}
    keys["overdue:1"] = AlertKind.ATTENTION
    for key in keys:
        row = {"id": new_id(), "dedupe_key": key, "concern": "overdue", "payment_id": None, "leg_id": None}
        await post.do(lambda session, row=row: open_cases(session, [row | {"detail": "why", "opened_at": post.now}]))  # type: ignore[misc]
    for _ in range(3):
        await watch.look(post.now)
    assert await post.passes(seconds=5) == ["ring"] * 3
    await post.do(lambda session: close_case(session, "overdue:1", now=post.now, resolution="done"))
    await watch.look(post.now)
    assert [len(await post.lasting(kind)) for kind in keys.values()] == [1, 1, 0]
    await post.do(lambda session: reopen_case(session, "overdue:1", now=post.now, detail="again"))
    await watch.look(post.now)
    assert len(await post.lasting(AlertKind.ATTENTION)) == 1


async def test_the_provider_is_down_when_it_is_silent_for_a_while_and_up_when_it_answers(post: Post) -> None:
    watch = ProviderWatch(post.database, post.clock, Vigilance())
    for _ in range(3):  # three at once are a hiccup
        watch.heard("wallets", "Unanswered", 2.0)
    await watch.look(post.now)
    assert await post.lasting(DOWN) == []
    post.now += timedelta(seconds=31)
    watch.heard("wallets", "RateLimited", 0.1)  # to be told to slow down is an answer
    await watch.look(post.now)
    assert await post.lasting(DOWN) == []
    for _ in range(4):
        watch.heard("wallets", "NotSent", 0.1)
        post.now += timedelta(seconds=11)
        await watch.look(post.now)
    assert await post.lasting(DOWN) == ["provider"]
    anew = ProviderWatch(post.database, post.clock, Vigilance())  # a restart ends nothing by itself,
    await anew.look(post.now)
    assert await post.lasting(DOWN) == ["provider"]
    anew.heard("wallets", "ok", 0.1)  # but by an answer
    await anew.look(post.now)
    assert await post.lasting(DOWN) == []


async def test_the_provider_is_slow_when_it_typically_is(post: Post) -> None:
    watch = ProviderWatch(post.database, post.clock, Vigilance())
    for seconds in (9.0, 0.2, 0.2, 0.2, 9.0):
        watch.heard("status", "ok", seconds)
    await watch.look(post.now)
    assert await post.lasting(AlertKind.PROVIDER_SLOW) == []
    for _ in range(5):
        watch.heard("status", "ok", 7.0)
    await watch.look(post.now)
    assert await post.lasting(AlertKind.PROVIDER_SLOW) == ["provider"]
    post.now += timedelta(minutes=6)
    for _ in range(5):
        watch.heard("status", "ok", 0.2)
    await watch.look(post.now)
    assert await post.lasting(AlertKind.PROVIDER_SLOW) == []


async def test_forged_callbacks_are_told_when_they_repeat_counted_and_over_after_an_hour(post: Post) -> None:
    watch = ForgeryWatch(post.database, post.clock, Vigilance())
    for _ in range(2):
        watch.heard("forged")
        watch.heard("stored")
    await watch.look(post.now)
    assert await post.lasting(AlertKind.FORGED_CALLBACKS) == []
    for _ in range(500):
        watch.heard("forged")
    await watch.look(post.now)
    (one,), _ = await post.database.read(
        lambda session: told_alerts(session, AlertKind.FORGED_CALLBACKS, since=post.now, limit=5)
    )
    assert (one.key, one.times) == ("forged", 502)
    post.now += timedelta(minutes=61)
    await watch.look(post.now)
    assert await post.lasting(AlertKind.FORGED_CALLBACKS) == []


@dataclass
class Purse:
    """What can be paid out in Kenya; None: the provider does not say."""

    payout: Decimal | None
    asked: int = 0

    async def balances(self) -> tuple[Balance, ...] | None:
        self.asked += 1
        if self.payout is None:
            return None
        return (
            Balance("KES", "KE", Decimal(100), self.payout, "ACTIVE"),
            Balance("UGX", "UG", Decimal(0), Decimal(0), "ACTIVE"),
        )


async def test_a_low_balance_is_told_per_currency_until_there_is_enough_again(post: Post) -> None:
    purse = Purse(Decimal(19_999))
    floors = {"KES": Decimal(20_000)}
    replicas = [BalanceWatch(post.database, purse, Vigilance(), lambda _session: floors) for _ in range(3)]

    async def look(**later: float) -> list[str]:
        post.now += timedelta(**later)
        for watch in replicas:
            await watch.look(post.now)
        return await post.lasting(AlertKind.LOW_BALANCE)

    assert await look() == ["KES KE"]
    assert purse.asked == 1  # one looks for all
    purse.payout = None
    assert await look(minutes=5) == ["KES KE"]  # not known is not enough
    purse.payout = Decimal(20_000)
    assert await look(minutes=1) == []  # it is asked again sooner
    purse.payout = Decimal(0)
    assert await look(minutes=1) == []  # and else each five minutes
    assert await look(minutes=4) == ["KES KE"]
    floors.clear()
    assert await look() == []


async def test_an_alert_whose_facts_changed_is_written_anew_and_does_not_ring(post: Post) -> None:
    for count in ("1", "2", "2"):
        await post.do(
            lambda session, count=count: keep_alerts(  # type: ignore[misc]
                session, AlertKind.POLLS_OVERDUE, {"legs": {"count": count}}, post.now
            )
        )
        await post.passes(seconds=20)
    assert [word for word, _, _ in await post.said()] == ["ring", "edit"]


async def test_replicas_that_start_together_say_so_once_with_a_line_in_each_topic(post: Post) -> None:
    async def topics(_chat: int) -> GroupStanding:
        return GroupStanding.TOPICS

    await post.do(lambda session: queries.change_mode(session, AlertKind.SUMMARY, was="on", mode="off"))
    greeters = [Greeter(post.database, post.keyring, post.clock, Wakes(), post.audience, topics) for _ in range(2)]
    for _ in range(20):
        for greeter in greeters:
            await greeter.step()
        await post.do(lambda session: session.connection().execute(NOTICE.update().values(due_at=None, state="sent")))
    said = await post.said()
    assert [payload["topic"] for _, _, payload in said] == [kind for kind in AlertKind if kind is not AlertKind.SUMMARY]
    assert {word for word, _, _ in said} == {"edit"}  # a start makes no sound


async def test_the_summary_comes_once_a_day_at_its_hour(post: Post) -> None:
    replicas = [DailySummary(post.database, post.keyring, Wakes(), post.audience, hour=6) for _ in range(2)]

    async def days() -> list[str]:
        for replica in replicas:
            await replica.look(post.now)
        return [payload["day"] for _, _, payload in await post.said()]

    assert await days() == []  # its hour is over for today
    post.now = datetime(2026, 11, 25, 5, 59, tzinfo=UTC)
    assert await days() == []
    post.now = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
    assert await days() == ["2026-11-24"]
    post.now = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)  # it was not running at six
    assert await days() == ["2026-11-24", "2026-11-25"]
    assert await days() == ["2026-11-24", "2026-11-25"]
