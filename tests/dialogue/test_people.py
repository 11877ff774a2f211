"""The people whom a customer sends money to, and the addresses they buy to: kept, found, named, changed, forgotten."""

from typing import TYPE_CHECKING, Any

import pytest

from bot.engine.effects import Effects
from bot.engine.recipients import count_use, remember_recipient
from bot.payments.parties import Destination, Way
from bot.screens.taps import RecordTap

if TYPE_CHECKING:
    from tests.dialogue.conftest import Chat, World

MARY = "+254722000001"


def phone(name: str, number: str = MARY) -> Destination:
    return Destination(Way.PHONE, "KE", "KES", name, phone=number, network="MPESA")


async def keep(world: "World", jane: "Chat", *places: Destination) -> list[str]:
    """People whom Jane saved, in the order of the list."""
    (person,) = [one for one in await world.people() if one.telegram_id == jane.user_id]
    made = []
    for place in places:
        effects = Effects()
        made.append(await world.services.recipients.stage_save(effects, person.id, place))
        await world.database.write(effects.write)
        world.pass_time(seconds=1)
    return made[::-1]


@pytest.fixture
async def known(world: "World", jane: "Chat") -> "Chat":
    """Jane, who has bought before."""
    await jane.buy_once()
    return jane


async def test_nobody_is_kept_at_first(known: "Chat") -> None:
    await known.say("/recipients")
    assert "Nobody is saved yet" in known.text


async def test_the_list_turns_its_pages_and_opens_a_card(world: "World", known: "Chat") -> None:
    await keep(world, known, *(phone(f"Friend {chr(65 + place)}", f"+25472200000{place}") for place in range(8)))
    await known.say("/recipients")
    assert "8 people" in known.text
    assert known.last.labels == [
        *(f"Friend {letter} · …00{7 - place}" for place, letter in enumerate("HGFEDC")),
        "Page 2 of 2 ›",
    ]
    first = known.last
    await known.press("Page 2")
    assert known.last.id == first.id
    assert [label for label in known.last.labels if "Friend" in label] == ["Friend B · …001", "Friend A · …000"]
    await known.press("Friend B")
    assert known.last.id == first.id
    assert "+254 722 000001" in known.text
    assert "All people" in known.last.labels


async def test_a_card_says_how_often_somebody_was_paid_and_when(world: "World", known: "Chat") -> None:
    (person,) = await world.people()

    def pay(session: Any) -> None:
        remember_recipient(session, world.keyring, person.id, phone("Mary Wanjiru"), world.now)
        for _ in range(3):
            count_use(session, world.keyring, person.id, phone("Mary Wanjiru"), world.now)

    await world.database.write(pay)
    await known.say("/recipients mary")
    assert "3 times" in known.text
    assert "24 Nov 2026" in known.text
    assert "Save" in known.last.labels
    await known.press("Save")
    assert "is saved" in known.text
    assert "Save" not in known.last.labels


async def test_a_name_that_is_typed_finds_somebody(world: "World", known: "Chat") -> None:
    await keep(world, known, phone("Mary Wanjiru"), phone("Martin Otieno", "+254722000002"))
    await known.say("wanjiku")
    assert "+254 722 000001" in known.text
    await known.say("mar")
    assert {label.split(" ·")[0] for label in known.last.labels} == {"Mary Wanjiru", "Martin Otieno", "All people"}
    await known.say("/recipients Zebedee")
    assert "Zebedee" in known.text
    assert known.last.labels == ["All people"]


async def test_somebody_is_called_otherwise(world: "World", known: "Chat") -> None:
    await keep(world, known, phone("Grace Njeri"))
    await known.say("/recipients grace")
    await known.press("Change the name")
    await known.say("www.evil.example/win")
    assert "letters" in known.text
    await known.say("Mum")
    assert "The name is now Mum" in known.text
    assert "Mum" in known.last.text
    assert "Grace Njeri" in known.last.text  # the name on the account stays
    assert await world.dialogues() == []
    await known.say("/recipients")
    assert known.last.labels == ["Mum · …001"]


async def test_somebody_has_a_new_number(world: "World", known: "Chat") -> None:
    await keep(world, known, phone("Mary"), phone("Martin", "+254722000002"))
    await known.say("/recipients mary")
    await known.press("Change the number")
    await known.say("0722000002")
    assert "as Martin" in known.text
    await known.say("/recipients mary")
    await known.press("Change the number")
    await known.say("+254712345678")
    assert "your own number" in known.text
    await known.say("0722000003")
    assert "+254 722 000003" in known.text
    await known.say("/recipients")
    assert {"Mary · …003", "Martin · …002"} <= set(known.last.labels)


async def test_forgetting_asks_once(world: "World", known: "Chat") -> None:
    await keep(world, known, phone("Mary"))
    await known.say("/recipients mary")
    await known.press("Forget")
    await known.press("No, keep")
    assert "+254 722 000001" in known.text
    await known.press("Forget")
    await known.press("Yes, forget")
    assert "Mary is forgotten" in known.text
    await known.say("/recipients")
    assert "Nobody is saved yet" in known.text


async def test_sending_to_somebody_begins_the_form_with_them(world: "World", known: "Chat") -> None:
    await keep(world, known, phone("Mary"))
    await known.say("/recipients mary")
    await known.press("Send money")
    (dialogue,) = await world.dialogues()
    assert dialogue.form == "send"
    held = await world.services.conversations.of(dialogue.customer_id)
    assert held is not None
    assert held.draft.answers["where"]["destination"]["phone"] == MARY


async def test_nobody_reaches_the_records_of_somebody_else(world: "World", known: "Chat") -> None:
    (mary,) = await keep(world, known, phone("Mary"))
    eve = world.chat(666)
    await eve.say("/start")
    for action in ("show", "send", "rename", "number", "save", "forget", "forgotten", "nonsense"):
        await eve.tap(RecordTap("person", mary, action).pack())
        assert "not on your list" in eve.text
        assert "Mary" not in eve.text
    await eve.say("Mary")
    assert "722" not in eve.text
    await known.say("/recipients")
    assert known.last.labels == ["Mary · …001"]


@pytest.mark.parametrize(
    "tap", ["1:k:person:x", "1:k:thing:1:page", "1:k:person:²:page", "1:k:person:99999999999:page"]
)
async def test_odd_buttons_do_no_harm(world: "World", known: "Chat", tap: str) -> None:
    await known.tap(tap)
    assert not world.errors
    assert known.popped


async def test_a_contact_is_offered_and_saved(world: "World", known: "Chat") -> None:
    await known.share(MARY.removeprefix("+"), owner=7, name="Mary 🌸 Wanjiru")
    assert "Mary Wanjiru" in known.text
    assert "+254 722 000001" in known.text
    assert known.card.labels[:2] == ["Send money to Mary Wanjiru", "Save Mary Wanjiru"]
    await known.press("Save Mary")
    assert "Mary Wanjiru is saved" in known.text
    await known.share(MARY, owner=7, name="Mary")
    assert "Show Mary Wanjiru" in known.card.labels
    await known.press("Show Mary")
    assert "not paid yet" in known.text
    assert await world.dialogues() == []


async def test_a_contact_without_a_usable_name_is_asked_for_one(world: "World", known: "Chat") -> None:
    await known.share("+254770000001", owner=7, name="🌸")
    await known.press("Save")
    while "name" not in known.text.lower():
        await known.press(next(label for label in known.card.labels if "Cancel" not in label and "Back" not in label))
    await known.say("Mary")
    assert "Mary is saved" in known.text


async def test_a_contact_is_sent_money(world: "World", known: "Chat") -> None:
    await known.share(MARY, owner=7, name="Mary Wanjiru")
    await known.press("Send money")
    (dialogue,) = await world.dialogues()
    assert dialogue.form == "send"
    assert len(await world.paid()) == 1  # the purchase from before


@pytest.mark.parametrize(
    ("number", "said"), [("+4915112345678", "Germany"), ("+254712345678", "your own"), ("12", "cannot be used")]
)
async def test_a_contact_that_cannot_be_paid_is_told(world: "World", known: "Chat", number: str, said: str) -> None:
    await known.share(number, owner=7, name="Mary")
    assert said in known.text
    assert await world.dialogues() == []


async def test_ones_own_contact_is_no_recipient(world: "World", known: "Chat") -> None:
    await known.share("+254712345678")
    assert "do not need a contact" in known.text


async def test_addresses_are_listed_named_used_and_forgotten(world: "World", known: "Chat") -> None:
    await known.say("/addresses")
    assert "1 saved address" in known.text
    await known.press("Base · 0x5aAe…eAed")
    assert "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed" in known.text
    await known.press("Give it a name")
    await known.say("Savings 2")
    assert "Savings 2" in known.last.text
    await known.say("/addresses")
    assert "Savings 2 · 0x5aAe…eAed" in known.last.labels
    await known.press("Savings 2")
    await known.press("Buy crypto")
    (dialogue,) = await world.dialogues()
    assert dialogue.form == "buy"
    await known.say("/addresses")
    await known.press("Savings 2")
    await known.press("Forget")
    assert "Savings 2" in known.text
    await known.press("Yes, forget")
    assert "is forgotten" in known.text
    await known.say("/addresses")
    assert "No address is saved yet" in known.text


async def test_an_address_of_somebody_else_is_not_there(world: "World", known: "Chat") -> None:
    (person,) = await world.people()
    (wallet,) = await world.services.addresses.of(person.id)
    eve = world.chat(666)
    await eve.say("/start")
    for action in ("show", "buy", "rename", "forget", "forgotten"):
        await eve.tap(RecordTap("address", wallet.id, action).pack())
        assert "not on your list" in eve.text
    assert len(await world.services.addresses.of(person.id)) == 1


async def test_an_address_with_a_name_is_offered_by_it(known: "Chat") -> None:
    await known.say("/addresses")
    await known.press("Base · 0x5aAe")
    await known.press("Give it a name")
    await known.say("Savings")
    await known.say("buy 20 usdc on base")
    assert "Savings · 0x5aAe…eAed" in known.card.labels
