"""What the script may do to the world: people arrive, the provider behaves in certain ways, its books are looked at."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from bot.tour.books import faults_of
from bot.tour.customer import Customer, Say
from bot.tour.sight import Unexpected


@dataclass(frozen=True, slots=True)
class Stage:
    """The simulated world through its control interfaces. `tell` takes the lines of the transcript."""

    http: httpx.AsyncClient
    tell: Say

    async def arrives(self, name: str, phone: str, *, language: str = "en") -> Customer:
        """A customer with a phone of their own."""
        return await Customer.arrive(self.http, name, phone, self.tell, language=language)

    async def gathers(self, title: str, *customers: Customer, bot: bool = True) -> int:
        """A group of these customers, with the assistant or without (two without it: their private chat); its id."""
        members = [customer.id for customer in customers]
        made = await self._ask("POST", "/_control/telegram/groups", {"title": title, "members": members, "bot": bot})
        return int(made["id"])

    async def configure(self, **settings: object) -> None:
        """Change how the provider behaves."""
        await self._ask("PATCH", "/_control/kotani/config", settings)

    async def fails_next(self, what: str) -> None:
        """Make the provider's next `deliveries`, `withdrawals` or `refunds` fail."""
        self.tell(f"  (the provider's next one of its {what} will fail)")
        await self._ask("POST", "/_control/kotani/fail-next", {what: 1})

    async def fault(self, **rule: object) -> None:
        """Put a fault into the provider's answers."""
        await self._ask("POST", "/_control/kotani/faults", rule)

    async def transactions(self, phone: str, family: str) -> list[dict[str, Any]]:
        """What the provider has on record for a phone: `onramp` orders, or `withdraw` payouts to it."""
        return [
            one
            for one in (await self.books())["transactions"]
            if one["family"].startswith(family) and phone in (one.get("phone"), one.get("target"))
        ]

    async def recorded(self, family: str) -> list[dict[str, Any]]:
        """All that the provider has of one kind (`onramp`, `offramp`, `deposit`, `withdrawal`), the first first."""
        return [one for one in (await self.books())["transactions"] if one["family"] == family]

    async def only(self, family: str) -> dict[str, Any]:
        """The one that there is of a kind. Raises `Unexpected` when there is none, or more than one."""
        found = await self.recorded(family)
        if len(found) != 1:
            raise Unexpected(f"the provider has {len(found)} of {family}, not one")
        return found[0]

    async def audit(self, own: Collection[str] = ()) -> None:
        """Hold the provider's books to what must be true after every journey. Raises `Unexpected`.

        `own`: the references of what the house paid of its own money.
        """
        faults = faults_of(await self.books(), own)
        self.check(not faults, "; ".join(faults) or "nothing was ordered twice, nothing paid out before money came in")

    async def pays_on_page(self, customer: Customer, page: str, name: str) -> None:
        """Give the number on the payment page of a request, without Telegram; the prompt comes to the phone."""
        self.tell(f"{customer.name} > opens {page} and gives their number")
        link = page.rsplit("/", 1)[1]
        await self._ask("POST", f"/_control/kotani/links/{link}/pay", {"phone": customer.phone, "name": name})

    async def checkout(self, reference: str) -> None:
        """Pay on the bank's page."""
        await self._ask("POST", f"/_control/kotani/prompts/{reference}/pay")

    def check(self, fact: bool, what: str) -> None:
        """Note a fact about the books, or end the journey."""
        if not fact:
            raise Unexpected(f"the books are wrong: {what}")
        self.tell(f"  ✓ {what}")

    async def books(self) -> dict[str, Any]:
        """The provider's books, every number exactly as it is written there."""
        answer = await self.http.get("/_control/kotani/state")
        return dict(json.loads(answer.text, parse_float=Decimal))

    async def _ask(self, method: str, path: str, body: object = None) -> Any:
        answer = await self.http.request(method, path, json=body if body is not None else {})
        if answer.is_error:
            raise Unexpected(f"{method} {path}: {answer.text}")
        return answer.json()
