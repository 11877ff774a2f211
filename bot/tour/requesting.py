"""Journeys of those who ask for money: a link that several pay at once, a card in somebody's chat, a bill that is split."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from bot.tour.customer import Customer
from bot.tour.parts import NEWCOMER, REVIEW, Journey, amount_of, fills_in
from bot.tour.sight import Seen, Unexpected
from bot.tour.stage import Stage

NOT_YET: Final = "not ready yet: open it again"  # the card stands there a moment before its request is made
_TRIES: Final = 20
RITA: Final = "+254722700033"
LEO: Final = "+254722700034"


async def three_uses_paid_five_times(stage: Stage) -> None:
    """Five people confirm at the same moment what three can pay: three do, two are told and not charged."""
    zuri = await stage.arrives("Zuri", "+254712700001")
    link = await asks_for_money(zuri, amount="500", title="Lunch", uses="3")
    payers = [await stage.arrives(f"Payer {number}", f"+25472270000{number}") for number in range(1, 6)]
    cards = await asyncio.gather(*(opens(payer, link) for payer in payers))
    await asyncio.gather(*(payer.taps("Confirm") for payer in payers))
    now = await asyncio.gather(*(payer.sees_change(card) for payer, card in zip(payers, cards, strict=True)))
    lucky = [payer for payer, card in zip(payers, now, strict=True) if card.text.startswith("✓ Confirmed")]
    told = [card for card in now if "Nothing was taken from you" in card.text]
    stage.check((len(lucky), len(told)) == (3, 2), "three may pay, two are told that nothing was taken from them")
    await asyncio.gather(*(payer.approves() for payer in lucky))
    await asyncio.gather(*(payer.sees("paid out", rings=True) for payer in lucky))
    await zuri.sees("Everything that was asked for is paid")
    await paid_through(stage, zuri, Decimal(500), lucky)


async def inline_request_paid_by_a_stranger(stage: Stage) -> None:
    """A card in a chat where the assistant is not; who pays it has never spoken to the assistant."""
    wema = await stage.arrives("Wema", "+254712700011")
    await asks_for_money(wema, amount="100", title="Coffee", uses="Once")
    yusuf = await stage.arrives("Yusuf", "+254722700012")
    chat = await stage.gathers("Wema and Yusuf", wema, yusuf, bot=False)
    here = wema.in_group(chat)
    await here.types_inline("what")
    choices = await here.types_inline("750 for the taxi")
    stage.check(not await stage.recorded("deposit"), "typing makes nothing")
    await here.chooses(choices[0])
    there = yusuf.in_group(chat)
    card = await there.sees("asks for 750 KES")
    await opens(yusuf, card.link("Pay"))
    await yusuf.taps("Confirm")
    await yusuf.approves()
    await yusuf.sees("paid out", rings=True)
    await there.sees("Paid")
    await paid_through(stage, wema, Decimal(750), [yusuf])


async def bill_split_in_a_group(stage: Stage) -> None:
    """Three thousand between four: the card in the group counts, and closing it turns the last one away."""
    vera = await stage.arrives("Vera", "+254712700021")
    link = await asks_for_money(vera, amount="100", title="Tea", uses="Once")
    others = [await stage.arrives(name, phone) for name, phone in (("Ubo", "+254722700022"), ("Tito", "+254722700023"))]
    chat = await stage.gathers("Flat", vera, *others)
    await vera.in_group(chat).says(f"/split@{bot_in(link)} 3000 4")  # a bare command is for all bots there
    group = others[0].in_group(chat)
    card = await group.sees("asks for 750 KES")
    await opens(others[0], card.link("Pay"))
    await others[0].taps("Confirm")
    await others[0].approves()
    await others[0].sees("paid out", rings=True)
    await group.sees("1 of ")
    await opens(others[1], card.link("Pay"))
    await vera.taps("Close")
    await vera.sees("You closed this request")
    await others[1].taps("Confirm")
    await others[1].sees("This request is closed")
    await paid_through(stage, vera, Decimal(750), [others[0]])


async def without_telegram(stage: Stage) -> None:
    """A phone is asked with a prompt, somebody pays on the page; who pays there after the end is paid back."""
    pendo = await stage.arrives("Pendo", "+254712700031")
    link = await asks_for_money(pendo, amount="400", title="Books", uses="Without limit")
    asked = await stage.arrives("Otis", "+254722700032")
    await pendo.taps("Ask a phone")
    await pendo.sees("they must have agreed")
    await pendo.says("0722 700 032")
    await pendo.sees("whose phone it is")
    await pendo.says("Otis Odhiambo")
    await pendo.sees(REVIEW, "Ask only people who have agreed")
    await pendo.taps("Confirm")
    await asked.approves()
    await pendo.sees("paid 400 KES", "It has arrived on your")

    reader, late = [await stage.arrives(name, phone) for name, phone in (("Rita", RITA), ("Late Leo", LEO))]
    await reader.opens_link(link)
    page = (await reader.sees("Pendo", "asks for 400 KES")).link("Pay on the web page")
    await stage.pays_on_page(reader, page, "Rita Wafula")
    await reader.approves()
    await pendo.sees("● 2 payments so far")
    await stage.pays_on_page(late, page, "Leo Barasa")
    await pendo.taps("Close")
    await pendo.sees("closed this request")
    await late.approves()
    await pendo.sees("when there was nothing left to pay", "It has been paid back")
    payouts = await stage.recorded("withdrawal")
    stage.check(
        [one["target"] for one in payouts] == [pendo.phone, pendo.phone, late.phone],
        "two payments were passed on, the late one went back",
    )
    stage.check({amount_of(one, "amount") for one in payouts} == {(Decimal(400), "KES")}, "each of them whole")


async def kept_going_by_its_maker(stage: Stage) -> None:
    """The card counts; who has not paid is reminded and given more time; the next trip begins with two taps."""
    amani = await stage.arrives("Amani", "+254712700041")
    link = await asks_for_money(amani, amount="300", title="Bus fare", uses="3")
    quick, slow = [await stage.arrives(*one) for one in (("Baraka", "+254722700042"), ("Chiku", "+254722700043"))]
    await slow.opens_link(link)
    await slow.sees("asks for 300 KES", "0 of 3 paid")
    await opens(quick, link)
    await quick.taps("Confirm")
    await quick.approves()
    await quick.sees("paid out", rings=True)
    before = await amani.sees("You ask for 300 KES", "1 of 3 paid")

    await amani.taps("A week more")
    await amani.sees_toast("Extended")
    after = await amani.sees_change(before)
    stage.check(until(before) != until(after), "it is open longer than it was")
    await amani.taps("Remind")
    await amani.sees_toast("on its way")
    await slow.sees("A reminder from Amani", "1 of 3 paid", rings=True)
    stage.check(quick.count("A reminder from") == 0, "who has paid is not reminded")
    await amani.taps("Make another")
    await amani.sees("Check your request", "Bus fare")
    await amani.taps("Confirm")
    await amani.sees("You ask for 300 KES", "Bus fare", "0 of 3 paid", rings=True)
    await amani.says("/request")
    await amani.sees("1 of 3 paid", "0 of 3 paid")
    await paid_through(stage, amani, Decimal(300), [quick])


async def asks_for_money(maker: Customer, *, amount: str, title: str, uses: str) -> str:
    """A first request by form; gives its link."""
    await maker.says("/request")
    replies = {
        **NEWCOMER,
        "Which phone": "contact",
        "Whose name": f"{maker.name} Achieng",
        "How much do you ask for": amount,
        "What is it for": title,
        "How many times": uses,
        "Until when": "7 days",
        "May people see": "Yes",
    }
    await fills_in(maker, replies, until="Check your request")
    await maker.taps("Confirm")
    await maker.sees("You ask for")
    await maker.taps("QR code")
    shown = await maker.sees("Send this on")
    link = next((word for word in shown.text.split() if "start=r_" in word), None)
    if link is None or shown.picture is None:
        raise Unexpected(f"there is no link to share in {shown.text!r}")
    return link


def until(card: Seen) -> str:
    """How long a request is open, as its card says it."""
    return next((line for line in card.text.splitlines() if "Open until" in line), "")


def bot_in(link: str) -> str:
    """The assistant's user name, from a link to it."""
    return link.rsplit("/", 1)[-1].partition("?")[0]


async def opens(payer: Customer, link: str) -> Seen:
    """Open a request by its link, up to the card that asks for the yes, which it gives."""
    for _ in range(_TRIES):
        await payer.opens_link(link)
        _, said = await payer.sees_one_of(("asks for", NOT_YET))
        if said != NOT_YET:
            break
        await asyncio.sleep(0.3)
    await payer.taps("with mobile money")
    replies = {
        **NEWCOMER,
        "Which mobile-money number pays": "contact",
        "Whose name": f"{payer.name.replace(' ', '')} Otieno".translate(str.maketrans("12345", "abcde")),
        "and the others see": "Yes",
    }
    return await fills_in(payer, replies, until=REVIEW)


async def paid_through(stage: Stage, maker: Customer, amount: Decimal, payers: Sequence[Customer]) -> None:
    """Who paid was charged once, the maker got each payment, and nobody else was charged."""
    collected, payouts = await stage.recorded("deposit"), await stage.recorded("withdrawal")
    phones = sorted(payer.phone for payer in payers)
    stage.check(sorted(one["phone"] for one in collected) == phones, "only those who could pay were asked to")
    stage.check(
        [amount_of(one, "amount") for one in payouts] == [(amount, "KES")] * len(phones), "each payment was passed on"
    )
    stage.check({one["target"] for one in payouts} == {maker.phone}, "to the maker's own phone")


REQUESTING: Final[tuple[tuple[str, Journey], ...]] = (
    ("Five pay Zuri's link at once, which three can pay", three_uses_paid_five_times),
    ("Yusuf, a stranger, pays a request that Wema posts inline", inline_request_paid_by_a_stranger),
    ("Vera splits a bill in a group", bill_split_in_a_group),
    ("Pendo is paid by people without Telegram", without_telegram),
    ("Amani counts, reminds, extends and asks again", kept_going_by_its_maker),
)
