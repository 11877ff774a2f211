"""What several journeys have in common: wallets, the questions that come first, and what the books must show at the end."""

from collections.abc import Awaitable, Callable
from typing import Final

from bot.tour.customer import Customer
from bot.tour.sight import Seen, Unexpected
from bot.tour.stage import Stage

WALLET: Final = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
TRON_WALLET: Final = "TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW"
Journey = Callable[[Stage], Awaitable[None]]


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
