"""Limits and fees: changed by owners who are asked first, told to customers early, and held when they say yes."""

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from bot.engine.allowances import Allowances
from bot.engine.buying import Buying
from bot.engine.quotes import Quotes
from bot.engine.request_paying import Paying
from bot.engine.sale_quotes import SaleQuotes
from bot.engine.selling import Selling
from bot.engine.send_quotes import SendQuotes
from bot.engine.sending import Sending
from bot.engine.verbs import Verbs
from bot.engine.wakes import Wakes
from bot.payments.allowances import MOST_PROMPTS
from bot.screens.requests import request_fault
from bot.screens.texts import catalogue
from handlers.dialogue.form import Offered
from storage import limits as queries
from tests.dialogue.business import Business, business
from tests.dialogue.conftest import plain

if TYPE_CHECKING:
    from tests.dialogue.conftest import Chat, World

__all__ = ["business"]
MARY = "0722 111 222"


@dataclass
class House:
    """A business whose desk and customers share limits and fees, as in the whole program."""

    world: "World"
    business: Business
    allowances: Allowances
    owner: "Chat"

    async def owner_says(self, words: str, *, yes: bool = True) -> str:
        """What the owner is told in the end."""
        await self.owner.say(words)
        if yes:
            await self.owner.press("Yes")
        return plain(self.owner.text)


@pytest.fixture
async def house(world: "World", business: Business) -> House:
    tariffs, clock, wakes = business.desk.tariffs, world.clock, Wakes()
    allowances = Allowances(world.database, world.keyring, clock, tariffs)
    yes = (world.outbox, world.keyring, clock, wakes)
    more = {"environment": "test", "allowances": allowances}
    sending = Sending(SendQuotes(world.market, clock, tariffs.fees), *yes, **more)  # type: ignore[arg-type]
    world.services = replace(
        world.services,
        verbs=Verbs(
            Buying(Quotes(world.market, clock), *yes, **more),  # type: ignore[arg-type]
            Selling(SaleQuotes(world.market, clock), *yes, **more),  # type: ignore[arg-type]
            sending,
        ),
        paying=Paying(
            sending,
            world.database,
            *yes,
            refused=lambda person, fault: request_fault(catalogue(person.language), fault),
            **more,  # type: ignore[arg-type]
        ),
        offered=Offered(limits=tariffs.limits),
        allowances=allowances,
    )
    await world.close()
    await world.open()
    return House(world, business, allowances, business.owner)


async def known(chat: "Chat") -> None:
    """Somebody who bought once: 1,000 KES of today are used."""
    await chat.buy_once()


async def send(chat: "Chat", amount: int, phone: str = MARY) -> str:
    await chat.say(f"send {amount} kes to {phone}")
    if "Whose phone is" in chat.text:
        await chat.say("Mary Atieno")
    return plain(chat.text)


async def used(world: "World", whose: str) -> Decimal:
    key = ("2026-11-24", whose, "KES")
    return Decimal((await world.database.read(lambda session: queries.used(session, [key])))[key]) / 10_000


async def test_an_owner_changes_a_limit_and_the_record_says_what_it_was(house: House) -> None:
    asked = await house.owner_says("/limits set day KES 5,000", yes=False)
    assert "each customer, a day, KES" in asked
    assert "Now: no limit\nThen: 5,000 KES" in asked
    assert await house.business.actions() == []
    await house.owner.press("Yes")
    assert "5,000 KES" in plain(house.owner.text)
    await house.owner_says("/limits set day KES 6000")
    first, second = await house.business.actions()
    assert (first.action, first.target, json.loads(first.before or "")) == ("limit", "limit:day:KES", {"limit": "-"})
    assert (json.loads(second.before or ""), json.loads(second.after or "")) == ({"limit": "5000"}, {"limit": "6000"})
    assert "6,000 KES ✎" in await house.owner_says("/limits", yes=False)
    assert "no limit" in await house.owner_says("/limits reset day KES")
    assert "✎" not in (await house.owner_says("/limits", yes=False))


async def test_only_owners_change_what_others_may_see(house: House) -> None:
    operator = await house.business.invited("operator", 9_100)
    await operator.say("/limits")
    assert "500 – 250,000 KES" in plain(operator.text)
    assert "To change one" not in plain(operator.text)
    for words in ("/limits set payment KES 500..250,000", "/fees set send KES 0"):  # what the settings say
        assert "It is so already" in await house.owner_says(words, yes=False)
    for words in ("/limits set day KES 5000", "/fees set send KES 1%", "/limit 9100 KES 5000"):
        await operator.say(words)
        assert "This needs the role “owner”" in plain(operator.text), operator.text
    assert not {action.action for action in await house.business.actions()} & {"limit", "fee"}


@pytest.mark.parametrize(
    "words",
    [
        "/limits set day KES",
        "/limits set day KES 1500.5",
        "/limits set day KES -5",
        "/limit 9001 KES 1",
        "/fees set send KES 150%",
        "/limits set day KES 400",  # less than one payment may be
        "/limits set day USDC 100",
        "/limits set payment KES 500",
        "/limits set payment KES 900..500",
        "/limits set country Narnia 5000",
        "/limits drop day KES",
        "/limit 9001 KES many",
        "/fees set send KES 60%",
        "/fees set send KES ten",
        "/fees set send USDC 1%",
        "/fees send KES 1%",
    ],
)
async def test_what_cannot_be_meant_is_answered_by_the_usage(house: House, words: str) -> None:
    await known(house.owner)
    said = await house.owner_says(words, yes=False)
    assert "For example:" in said
    assert any(
        f"“{word}”" in said.split("\n\n")[0] for word in words.split()[1:] for word in (word, word.split("..")[0])
    )
    assert "Yes" not in house.owner.last.labels


async def test_a_yes_to_something_that_changed_meanwhile_does_nothing(house: House) -> None:
    second = await house.business.invited("owner", 9_200)
    await house.owner_says("/limits set day KES 5000", yes=False)
    early = house.owner.button("Yes").data or ""
    await second.say("/limits set day KES 7000")
    await second.press("Yes")
    await house.owner.tap(early)
    assert "changed this meanwhile" in plain(house.owner.text)
    assert "7,000 KES ✎" in await house.owner_says("/limits", yes=False)


async def test_what_is_left_of_the_day_is_told_before_it_is_typed(house: House, jane: "Chat") -> None:
    await known(jane)
    await house.owner_says("/limits set day KES 5000")
    await jane.say("/send")
    await jane.press("A phone in Kenya")
    await jane.say(MARY)
    await jane.say("Mary Atieno")
    assert "Left for today: 4,000 KES of 5,000 KES. It renews at 03:00." in plain(jane.text)
    assert not any("5,000" in label for label in jane.card.labels)  # no suggestion that cannot be
    await jane.say("4500")
    assert "more than is left of your limit for today: 4,000 KES of 5,000 KES" in plain(jane.text)
    await jane.press("4,000")
    assert "4,000 KES" in plain(jane.text)
    await jane.press("Confirm")
    assert len(await house.world.paid()) == 2
    await jane.say("/send")
    assert "You have used your limit for today, 5,000 KES. It renews at 03:00." in plain(jane.text)
    house.world.pass_time(hours=15)  # midnight in UTC
    assert "Check before you confirm" in await send(jane, 5000)


async def test_a_limit_that_comes_between_card_and_yes_holds(house: House, jane: "Chat") -> None:
    await known(jane)
    await send(jane, 4500)
    await house.owner_says("/limits set country Kenya 5000")
    await jane.press("Confirm")
    assert "more than we can take on in your country today: 4,000 KES are left" in plain(jane.text)
    assert len(await house.world.paid()) == 1
    await house.owner_says("/limits set payment KES 500..1000")
    await jane.press("4,000")
    assert "the most is 1,000 KES" in plain(jane.text)
    await jane.press("1,000")
    await jane.press("Confirm")
    assert [payment.pay_amount for payment in await house.world.paid()][1:] == [Decimal(1000)]


async def test_one_customer_may_move_more_or_less_than_everybody(house: House, jane: "Chat") -> None:
    await known(jane)
    await house.owner_says("/limits set day KES 2000")
    assert "customer 501, a day, KES" in await house.owner_says("/limit 501 KES 10,000")
    shown = await house.owner_says("/limit 501", yes=False)
    assert "10,000 KES, their own ✎; used today 1,000 KES" in shown
    assert "Check before you confirm" in await send(jane, 5000)
    await house.owner_says("/limit 501 KES reset")
    await jane.press("Confirm")
    assert "1,000 KES of 2,000 KES" in plain(jane.text)
    assert len(await house.world.paid()) == 1


async def test_a_fee_that_changed_is_shown_before_anything_is_charged(house: House, jane: "Chat") -> None:
    await known(jane)
    await send(jane, 1000)
    assert "On 5,000 KES that is 60 KES" in await house.owner_says("/fees set send KES 1%+10", yes=False)
    await house.owner.press("Yes")
    await jane.press("Confirm")
    assert jane.popped[-1] == "Our fee has changed. Nothing was paid. Please look at the new figures."
    assert "1,020 KES" in plain(jane.text)
    assert len(await house.world.paid()) == 1
    await jane.press("Confirm")
    payment = (await house.world.paid())[-1]
    assert (payment.pay_amount, payment.fee_amount) == (Decimal(1020), Decimal(20))
    assert await used(house.world, "country:KE") == 2000  # the fee does not count
    assert "send" in (await house.owner_says("/fees", yes=False)).lower()
    assert "1% + 10 KES ✎" in plain(house.owner.text)
    assert "Only these carry a fee of ours: send, request" in await house.owner_says("/fees set buy KES 1%", yes=False)


async def test_a_phone_that_is_not_ones_own_is_not_asked_again_and_again(house: House, jane: "Chat") -> None:
    await known(jane)
    for times in range(MOST_PROMPTS + 1):
        await send(jane, 1000 + times)
        await jane.press("Change")
        await jane.press("Phone")
        await jane.say("0733 000 111")
        await jane.say("Peter Otieno")
        if times < MOST_PROMPTS:
            assert "Check before you confirm" in plain(jane.text), jane.text
            await jane.press("Confirm")
    assert "was asked for money several times in this hour" in plain(jane.text)
    assert "From 13:00 on" in plain(jane.text)
    assert "Confirm" not in jane.card.labels
    assert len(await house.world.paid()) == 1 + MOST_PROMPTS


async def test_a_request_is_paid_within_the_day_of_whoever_pays(house: House, jane: "Chat") -> None:
    await known(jane)
    await jane.say("request 1500 kes for lunch")
    link = (jane.button("Copy link").copy or "").rsplit("start=", 1)[1]
    await house.owner_says("/limits set day KES 1400")
    payer = house.world.chat(602)
    await payer.say(f"/start {link}")
    await payer.press("Pay 1,500")
    await payer.share("254723456789")
    assert "more than is left of your limit for today: 1,400 KES of 1,400 KES" in plain(payer.text)
    assert "Confirm" not in payer.card.labels
    await house.owner_says("/limit 602 KES 1500")
    await payer.press("Check again")
    await payer.press("Confirm")
    assert [payment.kind for payment in await house.world.paid()] == ["buy", "request"]
    assert await used(house.world, "country:KE") == 2500


async def test_an_amount_that_cannot_be_kept_is_not_offered_and_no_tap_stays_without_a_word(
    house: House, jane: "Chat"
) -> None:
    await known(jane)
    await house.owner_says("/limits set day KES 2000")
    await jane.say(f"send 1500 kes to {MARY}")
    assert "more than is left of your limit for today: 1,000 KES of 2,000 KES" in plain(jane.text)  # before a name
    assert "Keep" not in " ".join(jane.card.labels)
    await house.owner_says("/limit 501 KES 1700")  # while the button with 1,000 stands there
    await jane.press("1,000")
    assert "more than is left of your limit for today: 700 KES of 1,700 KES" in plain(jane.popped[-1] or "")
    await jane.press("700")
    await jane.say("Mary Atieno")
    assert "Check before you confirm" in plain(jane.text)
    await jane.say("buy 30 usdc on base")  # worth more than what is left, before anything else is asked
    assert "700 KES of 1,700 KES" in plain(jane.text)
    await house.owner_says("/limit 501 KES 9000")
    await jane.say("send 1500 kes to +256772123456")  # across currencies, in the sender's own
    assert "more than is left" not in plain(jane.text)


async def test_a_sale_counts_what_it_pays_out(house: House, jane: "Chat") -> None:
    await known(jane)
    await house.owner_says("/limits set day KES 3000")
    await jane.say("sell 20 usdc on base to my phone")
    assert "2,000 KES of 3,000 KES" in plain(jane.text)  # before the wallet is asked for
    assert "Keep" not in " ".join(jane.card.labels)
    await jane.press("2,000")
    await jane.press("0x5aAe")
    await jane.press("The same wallet")
    await jane.press("Confirm")
    sale = (await house.world.paid())[-1]
    assert (sale.kind, await used(house.world, "country:KE")) == ("sell", 1000 + sale.receive_amount)
    assert sale.receive_amount <= 2000
