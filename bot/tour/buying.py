"""Journeys of those who buy: crypto for mobile money, and for money from a bank."""

from typing import Final

from bot.tour.parts import TRON_WALLET, WALLET, Journey, asks_for, completed, says_who_pays, settles_in
from bot.tour.sight import Unexpected
from bot.tour.stage import Stage

BROKEN_WALLET: Final = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"


async def first_purchase(stage: Stage) -> None:
    """From the first word to the receipt; *Confirm* is tapped twice and one order is made."""
    amina = await stage.arrives("Amina", "+254712345678")
    await amina.start()
    await amina.sees("Amina")
    await asks_for(amina, "buy 20 usdc on base", name="Amina Wanjiru")
    review = await amina.sees("You receive 20 USDC", "Base")
    if not any("Confirm" in label for label in review.labels):
        raise Unexpected("the review card has no Confirm")
    await amina.taps("Confirm", times=2)
    await amina.sees("Approve on your phone")
    await amina.approves()
    await completed(amina)
    orders = await stage.transactions(amina.phone, "onramp")
    stage.check(len(orders) == 1, "the provider has one order, though Confirm was tapped twice")
    stage.check(orders[0]["receiver"] == WALLET, "it goes to the address that was on the card")
    await amina.taps_old(review, "Confirm")
    await amina.sees_toast("")
    await amina.says("/status")
    await amina.sees("20 USDC")
    stage.check(len(await stage.transactions(amina.phone, "onramp")) == 1, "an old button orders nothing")


async def delivery_fails(stage: Stage) -> None:
    """The fiat was taken, the crypto could not be sent: the money comes back by itself."""
    brian = await stage.arrives("Brian", "+254722000111")
    await asks_for(brian, "/buy 2,500 kes usdc on polygon", name="Brian Otieno")
    await brian.sees("2,500 KES", "on Polygon", "You receive")
    await stage.fails_next("deliveries")
    await brian.taps("Confirm")
    prompt = await brian.approves()
    await brian.sees("Your money is back", within=40, rings=True)
    refunds = await stage.transactions(brian.phone, "withdraw")
    stage.check(len(refunds) == 1, "one refund was made")
    stage.check(str(refunds[0]["amount"]) == str(prompt["amount"]), "it is exactly what was taken, fee included")


async def declines_on_the_phone(stage: Stage) -> None:
    """No PIN, no payment; the same order is a tap away."""
    chao = await stage.arrives("Chao", "+254733000222")
    await asks_for(chao, "buy 10 usdc on base", name="Chao Mwende")
    await chao.sees("You receive 10 USDC")
    await chao.taps("Confirm")
    await chao.declines()
    await chao.sees("No money was taken", within=40, rings=True)
    await chao.taps("again")
    await chao.sees("You receive 10 USDC")
    await chao.taps("Confirm")
    await chao.approves()
    await completed(chao)
    stage.check(len(await stage.transactions(chao.phone, "onramp")) == 2, "two orders, one of them paid")


async def answers_that_cannot_be_used(stage: Stage) -> None:
    """Every one is explained and asked again."""
    dede = await stage.arrives("Dede", "+254711000333")
    await dede.says("buy usdc on base")
    await settles_in(dede)
    await dede.sees("How much?")
    for text, why in (
        ("-500", "without a minus sign"),
        ("0", "must be above zero."),
        ("1 kes", "the least is 500 KES"),
        ("9999999 kes", "the most is 250,000 KES"),
        ("much", "could not read that"),
    ):
        await dede.says(text)
        await dede.sees(why)
    await dede.says("1,500 kes")
    await dede.sees("Where shall the USDC go?")
    await dede.says(TRON_WALLET)
    await dede.sees("an address of Tron, not of Base")
    await dede.says(BROKEN_WALLET)
    await dede.sees("a character is wrong or missing")
    await dede.says(WALLET)
    await says_who_pays(dede, "Dede Achieng")
    await dede.sees("1,500 KES")
    await dede.taps("Cancel")
    await dede.sees("Cancelled")
    stage.check(not await stage.transactions(dede.phone, "onramp"), "nothing was ordered")


async def answer_is_lost(stage: Stage) -> None:
    """The provider takes the order and its answer is lost: it is found again, and not made twice."""
    esi = await stage.arrives("Esi", "+254710000444")
    await asks_for(esi, "buy 10 usdc on base", name="Esi Nyambura")
    await esi.sees("You receive 10 USDC")
    await stage.fault(action="accept_then_drop", match={"operation": "onramp.create"})
    await esi.taps("Confirm")
    await esi.approves()
    await completed(esi)
    stage.check(len(await stage.transactions(esi.phone, "onramp")) == 1, "the provider has one order")


async def pays_by_bank(stage: Stage) -> None:
    """Where there is no mobile money, the bank's page takes the payment."""
    thandi = await stage.arrives("Thandi", "+27821234567")
    await thandi.says("buy 500 zar usdt on tron")
    await settles_in(thandi, "South Africa")
    await thandi.sees("Where shall the USDT go?")
    await thandi.says(TRON_WALLET)
    await says_who_pays(thandi, "Thandi Nkosi")
    await thandi.sees("500 ZAR", "Tron")
    await thandi.taps("Confirm")
    await thandi.sees("Pay on the bank’s page now", within=40)
    (order,) = await stage.transactions(thandi.phone, "onramp")
    await stage.checkout(order["reference"])
    await completed(thandi)


BUYING: Final[tuple[tuple[str, Journey], ...]] = (
    ("Amina's first purchase, from hello to the receipt", first_purchase),
    ("Brian's crypto cannot be delivered: his money comes back", delivery_fails),
    ("Chao declines on the phone, and tries again", declines_on_the_phone),
    ("Dede types what cannot be used", answers_that_cannot_be_used),
    ("Esi's order is taken, and its answer is lost", answer_is_lost),
    ("Thandi pays on her bank's page", pays_by_bank),
)
