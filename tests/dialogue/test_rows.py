"""Conversations, customers and saved addresses as rows, on both engines: one wins, nothing is doubled."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.engine.addresses import Addresses, remember
from bot.engine.conversations import REVIEW, Conversations, Draft
from bot.engine.customers import Customers
from bot.engine.effects import Effects
from bot.engine.results import BuyOffer
from bot.payments.money import Money
from bot.payments.phones import phone_from_e164
from storage.crypto import Keyring
from storage.database import Database
from storage.dialogues import take_due_dialogues
from storage.payments import LostRace
from storage.tables import Customer

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KEYRING = Keyring({"k1": b"k" * 32}, digest_key=b"d" * 32)


def _offer() -> BuyOffer:

    kes = [Money(Decimal(amount), "KES") for amount in ("1020.10", "20.10", "1000")]
    receive = Money(Decimal("7.692308000001"), "USDC")
    return BuyOffer("rate", kes[0], kes[1], receive, kes[2], NOW + timedelta(seconds=50))


async def _met(database: Database) -> Any:
    customers = Customers(database, KEYRING, lambda: NOW)
    return await customers.meet(telegram_id=2**40, chat_id=2**40, language="en")


async def test_meeting_together_makes_one_customer(database: Database) -> None:
    people = await asyncio.gather(*(_met(database) for _ in range(5)))
    assert len({person.id for person in people}) == 1


async def test_a_profile_is_sealed_and_comes_back(database: Database) -> None:
    customers = Customers(database, KEYRING, lambda: NOW)
    person = await _met(database)
    effects = Effects()
    customers.stage_profile(
        effects, person, country="KE", network="MPESA", phone=phone_from_e164("+254712345678"), name="Jané W."
    )
    await database.write(effects.write)
    again = await _met(database)
    assert (again.country, again.network, again.name) == ("KE", "MPESA", "Jané W.")
    assert again.phone.e164 == "+254712345678"
    row = await database.read(lambda session: session.get(Customer, person.id))
    assert row is not None
    assert row.phone_sealed is not None
    assert row.name_sealed is not None
    assert b"712345678" not in row.phone_sealed
    assert "Jan" not in repr(again)


async def test_a_conversation_comes_back_exactly(database: Database) -> None:
    person = await _met(database)
    conversations = Conversations(database, KEYRING, lambda: NOW)
    draft = Draft(REVIEW, {"amount": {"currency": "KES", "amount": "1000"}}, ("a", {"b": "c"}), _offer(), first=True)
    effects = Effects()
    started = conversations.stage_start(effects, person.id, "buy", draft)
    await database.write(effects.write)
    assert await conversations.of(person.id) == started


async def test_of_two_changes_of_one_state_one_wins(database: Database) -> None:
    person = await _met(database)
    conversations = Conversations(database, KEYRING, lambda: NOW)
    effects = Effects()
    held = conversations.stage_start(effects, person.id, "buy", Draft("amount"))
    await database.write(effects.write)
    one, two, three = Effects(), Effects(), Effects()
    conversations.stage_save(one, held, Draft("token"))
    conversations.stage_save(two, held, Draft("chain"))
    conversations.stage_end(three, held)
    results = await asyncio.gather(
        *(database.write(changes.write) for changes in (one, two, three)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["LostRace", "LostRace", "NoneType"]


async def test_a_new_conversation_replaces_the_old_one(database: Database) -> None:
    person = await _met(database)
    conversations = Conversations(database, KEYRING, lambda: NOW)
    first, second = Effects(), Effects()
    old = conversations.stage_start(first, person.id, "buy", Draft("amount"))
    await database.write(first.write)
    new = conversations.stage_start(second, person.id, "buy", Draft("amount"))
    await database.write(second.write)
    assert await conversations.of(person.id) == new
    late = Effects()
    conversations.stage_save(late, old, Draft("token"))
    with pytest.raises(LostRace):
        await database.write(late.write)


async def test_a_due_quote_is_given_to_one_renewer(database: Database) -> None:
    person = await _met(database)
    conversations = Conversations(database, KEYRING, lambda: NOW)
    effects = Effects()
    conversations.stage_start(effects, person.id, "buy", Draft(REVIEW, offer=_offer()))
    await database.write(effects.write)

    def take(at: datetime) -> Any:
        return lambda session: len(take_due_dialogues(session, now=at, until=at + timedelta(seconds=30), limit=8))

    assert await database.write(take(NOW)) == 0
    due = NOW + timedelta(seconds=50)
    assert sorted(await asyncio.gather(*(database.write(take(due)) for _ in range(3)))) == [0, 0, 1]
    assert await database.write(take(due + timedelta(seconds=31))) == 1


async def test_an_address_is_saved_once_and_the_last_used_comes_first(database: Database) -> None:
    person = await _met(database)
    for minute, (chain, address) in enumerate([("BASE", "0xa"), ("TRON", "Tb"), ("BASE", "0xa"), ("BASE", "0xc")]):
        at = NOW + timedelta(minutes=minute)
        await database.write(
            lambda session, chain=chain, address=address, at=at: remember(
                session, KEYRING, customer_id=person.id, chain=chain, address=address, now=at
            )
        )
    known = await Addresses(database, KEYRING).of(person.id)
    assert [(one.chain, one.value) for one in known] == [("BASE", "0xc"), ("BASE", "0xa"), ("TRON", "Tb")]
