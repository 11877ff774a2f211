"""What several journeys have in common: wallets, the questions that come first, and what the books must show at the end."""

import re
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from bot.tour.customer import Customer
from bot.tour.sight import Seen, Unexpected
from bot.tour.stage import Stage

WALLET: Final = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
TRON_WALLET: Final = "TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW"
REVIEW: Final = "Check before you confirm"
# what somebody new answers to the questions that every form begins with
NEWCOMER: Final[Mapping[str, str]] = MappingProxyType({"Which language": "English", "In which country": "Kenya"})
Journey = Callable[[Stage], Awaitable[None]]
Amount = tuple[Decimal, str]


async def asks_for(customer: Customer, line: str, *, name: str) -> None:
    """One line, and all that it does not say yet; the review card comes next."""
    await customer.says(line)
    await settles_in(customer)
    await customer.sees("Where shall the USDC go?")
    await customer.says(WALLET)
    await says_who_pays(customer, name)


async def settles_in(customer: Customer, country: str = "Kenya") -> None:
    """The questions that come first, and only once."""
    await customer.sees("language")
    await customer.taps("English")
    await customer.sees("country")
    await customer.taps(country)


async def says_who_pays(customer: Customer, name: str) -> None:
    """The questions about the paying phone, asked only once."""
    await customer.sees("hone")
    await customer.shares_contact()
    await customer.sees("name")
    await customer.says(name)


async def completed(customer: Customer) -> Seen:
    """The news that the crypto has arrived: a new message, with a picture."""
    done = await customer.sees("elivered", within=40, rings=True)
    if done.picture is None:
        raise Unexpected("the receipt has no picture")
    return done


async def fills_in(customer: Customer, replies: Mapping[str, str], *, until: str) -> Seen:
    """Answer whatever is asked, in whichever order, until `until` is seen.

    `replies`: a text in a question, and the label of the button to tap or, where there is no such button, what to type;
    "contact" shares the own number.
    """
    answered: set[tuple[int, str]] = set()  # a question that only lost its buttons is not asked again
    while True:
        asked, question = await customer.sees_one_of((until, *replies), answered)
        if question == until:
            return asked
        answered.add((asked.id, question))
        reply = replies[question]
        if any(reply in label for label in asked.labels):
            await customer.taps(reply)
        elif reply == "contact":
            await customer.shares_contact()
        else:
            await customer.says(reply)


def amount_in(seen: Seen, words: str) -> Amount:
    """The amount that a message says after `words`, and its currency."""
    found = re.search(rf"{re.escape(words)}\s+([0-9][0-9,]*(?:\.[0-9]+)?) ([A-Z]{{3,}})", seen.text)
    if found is None:
        raise Unexpected(f"no amount after {words!r} in {seen.text!r}")
    return Decimal(found[1].replace(",", "")), found[2]


def amount_of(transaction: Mapping[str, Any], name: str, currency: str = "currency") -> Amount:
    """An amount of the provider's, with its currency."""
    return Decimal(transaction[name]), str(transaction[currency])
