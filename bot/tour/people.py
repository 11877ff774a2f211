"""Journeys of those who let their phone say it: a contact becomes a recipient, a photographed code an address."""

import io
from typing import Final

import segno

from bot.tour.parts import NEWCOMER, REVIEW, WALLET, Journey, fills_in
from bot.tour.stage import Stage

MUM: Final = "+254722333445"


async def contact_and_photograph(stage: Stage) -> None:
    """Somebody out of the address book is kept, called otherwise and forgotten; a picture fills in an address."""
    zawadi = await stage.arrives("Zawadi", "+254712800001")
    await zawadi.start()
    await zawadi.sees("Hello Zawadi")
    await zawadi.shares_contact("Mum", MUM)
    await fills_in(zawadi, {**NEWCOMER, "What would you like to do": "Save"}, until="is saved")
    await zawadi.says("/recipients mum")
    await zawadi.sees("Mum", "not paid yet")
    await zawadi.taps("Change the name")
    await zawadi.sees("called from now on")
    await zawadi.says("Mama Zawadi")
    await zawadi.sees("The name is now Mama Zawadi")

    await zawadi.sends_photo(picture("hello"))
    await zawadi.sees("it is no wallet address")
    await zawadi.sends_photo(picture(f"ethereum:{WALLET}"))
    await zawadi.sees(WALLET, "What would you like to do")
    await zawadi.taps("Buy crypto to")
    replies = {
        "How much": "1,500",
        "Which crypto": "USDC",
        "On which": "Base",
        "Where shall": WALLET[:6],
        "Which phone pays": "contact",
        "Whose name": "Zawadi Ali",
    }
    await fills_in(zawadi, {**NEWCOMER, **replies}, until=REVIEW)
    review = await zawadi.sees(REVIEW)
    stage.check(WALLET in review.text, "the card has the address of the picture")
    await zawadi.taps("Cancel")
    await zawadi.sees("Cancelled")

    await zawadi.says("/recipients mama")
    await zawadi.sees("Mama Zawadi", "not paid yet")
    await zawadi.taps("Forget")
    await zawadi.taps("Yes, forget")
    await zawadi.sees("Mama Zawadi is forgotten")
    stage.check(not await stage.recorded("onramp"), "nothing was ordered")


def picture(text: str) -> bytes:
    """A photograph of a code."""
    kept = io.BytesIO()
    segno.make(text, micro=False).save(kept, kind="png", scale=6)
    return kept.getvalue()


PEOPLE: Final[tuple[tuple[str, Journey], ...]] = (
    ("Zawadi keeps a contact and photographs a code", contact_and_photograph),
)
