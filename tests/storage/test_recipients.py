"""Recipients on both engines: one row for each place of each customer, counted exactly, and never somebody else's."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select
from sqlmodel import Session

from bot.engine.addresses import Addresses, remember
from bot.engine.effects import Effects
from bot.engine.recipients import Recipients, count_use, remember_recipient
from bot.payments.parties import Destination, Way
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import LostRace
from storage.recipients import RECIPIENT
from storage.tables import Customer, table_of

if TYPE_CHECKING:
    from tests.storage.conftest import Rows

KEYRING = Keyring({"k1": b"k" * 32}, digest_key=b"d" * 32)


def phone(name: str, number: str = "+254712345678", **values: Any) -> Destination:
    return Destination(Way.PHONE, "KE", "KES", name, phone=number, network="MPESA", **values)


@pytest.fixture
async def people(database: Database, rows: "Rows") -> tuple[str, str]:
    """Two customers."""
    made = [rows.customer(id="jane"), rows.customer(id="eve")]
    await database.write(lambda s: s.connection().execute(insert(table_of(Customer)), made) and None)
    return "jane", "eve"


@pytest.fixture
def recipients(database: Database, rows: "Rows") -> Recipients:
    return Recipients(database, KEYRING, lambda: rows.now)


async def test_a_payment_is_counted_when_it_arrives_and_not_before(
    database: Database, rows: "Rows", people: tuple[str, str], recipients: Recipients
) -> None:
    jane, eve = people
    later = rows.now + timedelta(days=1)

    def confirmed_twice_arrived_once(session: Session) -> None:
        remember_recipient(session, KEYRING, jane, phone("Mary Wanjiru"), rows.now)
        remember_recipient(session, KEYRING, jane, phone("Mary W."), rows.now)
        count_use(session, KEYRING, jane, phone("Mary W."), later)
        count_use(session, KEYRING, eve, phone("Mary W."), later)

    await database.write(confirmed_twice_arrived_once)
    (mary,) = await recipients.of(jane)
    assert (mary.name, mary.uses, mary.last_used_at, mary.saved) == ("Mary W.", 1, later, False)
    assert await recipients.of(eve) == ()
    assert await recipients.known(jane, phone("however called")) == mary
    assert await recipients.known(eve, phone("Mary W.")) is None


async def test_ones_own_phone_is_no_recipient_but_ones_own_account_is(
    database: Database, rows: "Rows", people: tuple[str, str], recipients: Recipients
) -> None:
    account = Destination(Way.BANK, "KE", "KES", "Jane", bank_code="01", bank_name="KCB", account="112233", own=True)

    def confirm(session: Session) -> None:
        remember_recipient(session, KEYRING, "jane", phone("Jane", own=True), rows.now)
        remember_recipient(session, KEYRING, "jane", account, rows.now)

    await database.write(confirm)
    assert [one.destination for one in await recipients.of("jane")] == [account]


async def test_nobody_sees_or_changes_what_is_somebody_elses(
    database: Database, people: tuple[str, str], recipients: Recipients
) -> None:
    jane, eve = people
    effects = Effects()
    mary = await recipients.stage_save(effects, jane, phone("Mary"))
    await database.write(effects.write)
    effects = Effects()
    recipients.stage_rename(effects, eve, mary, "Mine")
    recipients.stage_change(effects, eve, mary, phone("Eve", "+254700000001"))
    recipients.stage_delete(effects, eve, mary)
    await database.write(effects.write)
    assert await recipients.by_id(eve, mary) is None
    assert await recipients.search(eve, "Mary") == ()
    held = await recipients.by_id(jane, mary)
    assert held is not None
    assert (held.name, held.destination) == ("Mary", phone("Mary"))


async def test_a_new_number_was_never_paid_and_two_cannot_have_the_same(
    database: Database, rows: "Rows", people: tuple[str, str], recipients: Recipients
) -> None:
    effects = Effects()
    mary = await recipients.stage_save(effects, "jane", phone("Mary"))
    other = await recipients.stage_save(effects, "jane", phone("Martin", "+254700000002"))
    recipients.stage_rename(effects, "jane", mary, "Mum")
    await database.write(effects.write)
    await database.write(lambda session: count_use(session, KEYRING, "jane", phone("Mary"), rows.now))

    effects = Effects()
    recipients.stage_change(effects, "jane", mary, phone("Mary", "+254700000002"))
    with pytest.raises(LostRace):
        await database.write(effects.write)

    effects = Effects()
    recipients.stage_change(effects, "jane", mary, phone("Mary", "+254700000003"))
    recipients.stage_delete(effects, "jane", other)
    await database.write(effects.write)
    (held,) = await recipients.of("jane")
    assert (held.id, held.name, held.destination.phone, held.uses) == (mary, "Mum", "+254700000003", 0)
    assert await recipients.known("jane", phone("Mary")) is None


async def test_a_remembered_one_that_is_saved_keeps_its_count_and_what_it_is_called(
    database: Database, rows: "Rows", people: tuple[str, str], recipients: Recipients
) -> None:
    def pay(session: Session) -> None:
        remember_recipient(session, KEYRING, "jane", phone("Grace Njeri"), rows.now)
        count_use(session, KEYRING, "jane", phone("Grace Njeri"), rows.now)

    await database.write(pay)
    effects = Effects()
    mum = await recipients.stage_save(effects, "jane", phone("Grace Njeri"))
    recipients.stage_rename(effects, "jane", mum, "Mum")
    await database.write(effects.write)
    await database.write(pay)
    (held,) = await recipients.of("jane")
    assert (held.id, held.name, held.destination.name, held.uses, held.saved) == (mum, "Mum", "Grace Njeri", 2, True)
    assert [one.id for one in await recipients.search("jane", "grace")] == [mum]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("mary", ["Mary Wanjiru"]),
        ("WANJ", ["Mary Wanjiru"]),
        ("wanjiku", ["Mary Wanjiru"]),
        ("wanjiru mary", ["Mary Wanjiru"]),
        ("mar", ["Mary Wanjiru", "Martin Otieno"]),
        ("kwame", []),
        ("  ?", []),
    ],
)
async def test_recipients_are_found_by_what_is_typed(
    database: Database, people: tuple[str, str], recipients: Recipients, typed: str, found: list[str]
) -> None:
    effects = Effects()
    for place, name in enumerate(("Martin Otieno", "Mary Wanjiru", "Abdul Karim")):
        await recipients.stage_save(effects, "jane", phone(name, f"+25470000000{place}"))
    await database.write(effects.write)
    assert [one.name for one in await recipients.search("jane", typed)] == found


async def test_what_is_stored_of_a_recipient_shows_no_name_and_no_number(
    database: Database, people: tuple[str, str], recipients: Recipients
) -> None:
    effects = Effects()
    mary = await recipients.stage_save(effects, "jane", phone("Mary Wanjiru"))
    recipients.stage_rename(effects, "jane", mary, "Mum")
    await database.write(effects.write)
    row = await database.read(lambda session: session.connection().execute(select(RECIPIENT)).one())
    stored = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    assert not any(word in stored for word in (b"Mary", b"Mum", b"712345678"))


async def test_addresses_are_named_and_forgotten_by_their_owner_alone(
    database: Database, rows: "Rows", people: tuple[str, str]
) -> None:
    jane, eve = people
    addresses = Addresses(database, KEYRING)
    await database.write(
        lambda session: remember(session, KEYRING, customer_id=jane, chain="BASE", address="0xAB", now=rows.now)
    )
    (known,) = await addresses.of(jane)
    effects = Effects()
    addresses.stage_name(effects, eve, known.id, "Mine")
    addresses.stage_delete(effects, eve, known.id)
    addresses.stage_name(effects, jane, known.id, "Savings")
    await database.write(effects.write)
    assert await addresses.by_id(eve, known.id) is None
    held = await addresses.by_id(jane, known.id)
    assert held is not None
    assert (held.value, held.name) == ("0xAB", "Savings")
    effects = Effects()
    addresses.stage_delete(effects, jane, known.id)
    await database.write(effects.write)
    assert await addresses.of(jane) == ()
