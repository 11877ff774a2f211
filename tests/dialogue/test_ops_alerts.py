"""/alerts: what operators are called for, how that is changed and written down, and answers that stay in their topic."""

import json
from datetime import timedelta

import pytest

from bot.engine.operators.alerting import AlertKind, raise_alert
from bot.engine.operators.alerting import told_alerts as told
from bot.engine.operators.vigilance import Vigilance
from bot.engine.outbox import NOTICE_PAYLOAD
from bot.screens.operators.alerts import alert_screen
from bot.screens.taps import OperatorTap
from bot.screens.texts import catalogue
from storage import alerts as queries
from storage.notices import NOTICE, park_chat
from tests.dialogue.business import GROUP, OWNER, Business, business
from tests.dialogue.conftest import plain

__all__ = ["business"]


async def payloads(business: Business) -> list[dict[str, object]]:
    """What was stored with every notice, the oldest first."""
    rows = await business.world.database.read(
        lambda session: session.connection().execute(NOTICE.select().order_by(NOTICE.c.id)).all()
    )
    keyring = business.world.keyring
    return [keyring.open_json(row.payload_sealed, context=NOTICE_PAYLOAD) for row in rows if row.payload_sealed]


async def test_every_kind_is_shown_with_what_lasts_and_a_way_to_each(business: Business) -> None:
    world, owner = business.world, business.owner
    await world.database.write(
        lambda session: raise_alert(session, AlertKind.FORGED_CALLBACKS, "forged", {"what": "forged"}, world.now)
    )
    await owner.say("/alerts")
    for kind in AlertKind:
        assert catalogue("en").plain(f"alert.title.{kind}") in owner.text
    assert "Forged callbacks: on · 1 now" in owner.text
    await owner.press("Forged callbacks")
    assert "1 callbacks with a wrong signature" in owner.text
    await owner.press("All alerts")
    assert "What you are called for" in owner.text


async def test_off_asks_first_and_every_change_is_written_down(business: Business) -> None:
    pat = await business.invited("operator", 701)
    await pat.say("/alerts")
    await pat.press("Provider down")
    await pat.press("Without a sound")
    assert "Provider down: silent." in pat.text
    await pat.say("/alerts")
    await pat.press("Provider down")
    await pat.press("Turn off")
    assert "Nobody is told of it any more" in pat.text
    assert len([one for one in await business.actions() if one.action == "alerts"]) == 1
    await pat.press("Turn off")
    assert "Provider down: off." in pat.text
    changes = [
        (one.operator, one.target, json.loads(one.before or ""), json.loads(one.after or ""))
        for one in await business.actions()
        if one.action == "alerts"
    ]
    assert changes == [
        (701, "alerts:provider_down", {"mode": "on"}, {"mode": "silent"}),
        (701, "alerts:provider_down", {"mode": "silent"}, {"mode": "off"}),
    ]
    (rule,) = await business.world.database.read(queries.rules)
    assert (rule.kind, rule.mode) == ("provider_down", "off")


async def test_a_viewer_looks_and_changes_nothing(business: Business) -> None:
    vera = await business.invited("viewer", 702)
    await vera.say("/alerts")
    await vera.press("Provider down")
    assert [label for label in vera.last.labels if "off" in label.lower() or "sound" in label.lower()] == []
    await vera.tap(OperatorTap("alerts", "provider_down", "off").pack())
    await vera.tap(OperatorTap("alerts", "provider_down", "silent").pack())
    await vera.say("/alerts low 5000 KES")
    assert "This needs the role “operator”" in vera.text
    assert await business.world.database.read(queries.rules) == []
    assert await business.world.database.read(queries.floors) == []


async def test_the_balance_below_which_they_are_called_is_chosen_by_command(business: Business) -> None:
    owner = business.owner
    await owner.say("/alerts low 20000 KES")
    assert "less than 20,000 KES" in owner.text
    minutes = Vigilance().balances // timedelta(minutes=1)
    assert f"looked at within {'five' if minutes == 5 else minutes} minutes" in owner.text
    await owner.say("/alerts")
    await owner.press("Low balance")
    assert "You are called below: 20,000 KES" in owner.text
    change = (await business.actions())[-1]
    assert (json.loads(change.before or ""), json.loads(change.after or "")) == (
        {"below": "1000 KES"},
        {"below": "20000 KES"},
    )
    for words, answer in (("kes 20000", "less than 20,000 KES"), ("kes 0", "Nobody is called"), ("0 KES", "Nobody")):
        acts = len(await business.actions())
        await owner.say(f"/alerts low {words}")
        assert answer in owner.text
        changed = words == "kes 0"  # else it was so before
        assert ("It was so before" in owner.text) is not changed
        assert len(await business.actions()) == acts + changed
    await owner.say("/alerts")
    await owner.press("Low balance")
    assert "No balance is set" in owner.text


@pytest.mark.parametrize(
    "words",
    [
        "low",
        "low KES",
        "low much KES",
        "low -5 KES",
        "low 5 USDC",
        "low 5 XXX",
        "off",
        "low 1 2",
        "low ٥ KES",
    ],
)
async def test_words_that_cannot_be_read_are_explained(business: Business, words: str) -> None:
    owner = business.owner
    await owner.say(f"/alerts {words}")
    assert "For example:" in owner.text
    assert await business.world.database.read(queries.floors) == []


async def test_what_is_asked_in_a_topic_is_answered_there(business: Business) -> None:
    topic = {"message_thread_id": 77, "is_topic_message": True}
    await business.in_group(OWNER, "/ops", **topic)
    await business.in_group(OWNER, "/attention")
    there = [payload.get("thread") for payload in await payloads(business)]
    assert there == [77, 77, None]  # the picture of the week, the card, and what was asked in General


async def test_talk_in_a_topic_of_ours_is_no_answer_to_us(business: Business) -> None:
    """Telegram shows every word there as a reply to the message that began the topic, which was ours."""
    begun = {
        "message_id": 77,
        "date": 1,
        "chat": {"id": GROUP, "type": "supergroup", "title": "Team"},
        "from": {"id": 7, "is_bot": True, "first_name": "Assistant", "username": "assistant_bot"},
        "forum_topic_created": {"name": "Low balance", "icon_color": 7322096},
    }
    await business.in_group(OWNER, "/block 501")
    chat = await business.in_group(
        OWNER, "lunch anybody?", message_thread_id=77, is_topic_message=True, reply_to_message=begun
    )
    assert chat.said == []


async def test_an_operator_who_speaks_in_the_group_brings_back_what_could_not_be_said_there(
    business: Business,
) -> None:
    world = business.world
    await business.in_group(OWNER, "/attention")
    await world.database.write(lambda session: session.connection().execute(NOTICE.update().values(due_at=world.now)))
    await world.database.write(lambda session: park_chat(session, GROUP, world.now, "Forbidden"))
    assert await world.database.read(lambda session: queries.is_parked(session, GROUP))
    await business.in_group(OWNER, "/attention")
    assert not await world.database.read(lambda session: queries.is_parked(session, GROUP))


@pytest.mark.parametrize("language", ["en", "sw", "fr"])
async def test_every_kind_says_what_is_wrong_and_what_to_do(business: Business, language: str) -> None:
    """Also with facts that an earlier version wrote, or none at all."""
    world, texts = business.world, catalogue(language)
    for kind in set(AlertKind) - {AlertKind.CUSTOMERS, AlertKind.SUMMARY}:
        for key, facts in (("a", {}), ("b", {"currency": "KES", "payout": "900", "floor": "x", "since": "long ago"})):
            await world.database.write(lambda session: raise_alert(session, kind, key, facts, world.now))  # noqa: B023
        alerts, count = await world.database.read(lambda session: told(session, kind, since=world.now, limit=1))  # noqa: B023
        screen = alert_screen(texts, kind, alerts, count, world.now + timedelta(hours=3))
        assert texts.plain(f"alert.title.{kind}") in screen.text
        assert plain(texts(f"alert.todo.{kind}")) in plain(screen.text)
        assert plain(texts("alert.more", count=1)) in plain(screen.text)
