"""Who is talking: customers by their Telegram user id, and what they told us about themselves, sealed at rest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.payments.identifiers import new_id
from bot.payments.limits import DEFAULT_HOLD
from bot.payments.phones import Phone, phone_from_e164
from storage.crypto import Keyring
from storage.customers import add_customer, change_customer, customer_by_id, customer_by_telegram
from storage.database import Database
from storage.operating import is_barred
from storage.tables import Customer

PHONE = "customer.phone"
NAME = "customer.name"


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as the conversation knows them. `phone`, `network`, `name` are of their own mobile-money account.

    `hold` is for how many seconds they can stop a transfer after the yes; `ask_again_above` as `limits.asks_again` reads it.
    """

    id: str
    telegram_id: int
    chat_id: int
    language: str
    country: str | None = None
    network: str | None = None
    phone: Phone | None = None
    name: str | None = None
    had_blocked_us: bool = False
    barred: bool = False  # operators let them do nothing here
    hold: int = DEFAULT_HOLD
    ask_again_above: str | None = None
    talking_until: datetime | None = None  # what they write until then is for the team (`bot.engine.inquiries`)

    def __repr__(self) -> str:
        return f"Person({self.id})"


class Customers:
    """Finds customers and changes what is known about them."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def meet(self, *, telegram_id: int, chat_id: int, language: str) -> Person:
        """The customer with this Telegram user id; a new one, in `language`, when nobody has it yet.

        Adding somebody is written at once: it can be repeated without harm, and the rest of the update refers to it.
        """
        customer = await self._database.read(lambda session: customer_by_telegram(session, telegram_id))
        if customer is None:
            customer = await self._add(telegram_id, chat_id, language)
        return person_from(customer, self._keyring)

    async def known(self, telegram_id: int) -> Person | None:
        """The customer with this Telegram user id, if there is one: for what must leave no trace of strangers."""
        customer = await self._database.read(lambda session: customer_by_telegram(session, telegram_id))
        return None if customer is None else person_from(customer, self._keyring)

    async def is_barred(self, telegram_id: int) -> bool:
        """Whether operators let this person do nothing here."""
        return await self._database.read(lambda session: is_barred(session, telegram_id))

    async def by_id(self, customer_id: str) -> Person | None:
        """A customer by our own id."""
        customer = await self._database.read(lambda session: customer_by_id(session, customer_id))
        return None if customer is None else person_from(customer, self._keyring)

    def stage_profile(
        self,
        effects: Effects,
        person: Person,
        *,
        language: str | None = None,
        country: str | None = None,
        network: str | None = None,
        phone: Phone | None = None,
        name: str | None = None,
    ) -> None:
        """Change what is known about somebody; None leaves a field as it is."""
        values: dict[str, Any] = {
            column: value
            for column, value in (("language", language), ("country", country), ("network", network))
            if value is not None
        }
        if phone is not None:
            values["phone_sealed"] = self._keyring.seal(phone.e164, context=PHONE)
            values["phone_digest"] = self._keyring.digest(phone.e164, context=PHONE)
        if name is not None:
            values["name_sealed"] = self._keyring.seal(name, context=NAME)
        if values:
            self._stage(effects, person.id, values)

    def stage_hold(self, effects: Effects, person: Person, seconds: int) -> None:
        """For how long they can stop a transfer after the yes."""
        self._stage(effects, person.id, {"hold": seconds})

    def stage_ask_again(self, effects: Effects, person: Person, above: str | None) -> None:
        """From where on a new recipient's number is asked for again, as `limits.asks_again` reads it; None: our default."""
        self._stage(effects, person.id, {"ask_again_above": above})

    def stage_whereabouts(self, effects: Effects, person: Person, *, chat_id: int) -> None:
        """They write to us from this chat: messages go there, and a block that we met earlier is over."""
        if person.chat_id != chat_id or person.had_blocked_us:
            self._stage(effects, person.id, {"chat_id": chat_id, "blocked_us_at": None})

    def stage_gone(self, effects: Effects, person: Person) -> None:
        """They blocked the assistant: nothing is sent until they are back."""
        self._stage(effects, person.id, {"blocked_us_at": self._clock()})

    def _stage(self, effects: Effects, customer_id: str, values: dict[str, Any]) -> None:
        now = self._clock()
        effects.add(lambda session: change_customer(session, customer_id, values, now))

    async def _add(self, telegram_id: int, chat_id: int, language: str) -> Customer:
        now = self._clock()
        row = {
            "id": new_id(),
            "telegram_id": telegram_id,
            "chat_id": chat_id,
            "language": language,
            "created_at": now,
            "updated_at": now,
        }

        def add(session: Session) -> Customer | None:
            add_customer(session, row)
            return customer_by_telegram(session, telegram_id)

        customer = await self._database.write(add)
        assert customer is not None
        return customer


def person_from(customer: Customer, keyring: Keyring) -> Person:
    """A row with its sealed parts opened."""
    return Person(
        id=customer.id,
        telegram_id=customer.telegram_id,
        chat_id=customer.chat_id,
        language=customer.language,
        country=customer.country,
        network=customer.network,
        phone=None
        if customer.phone_sealed is None
        else phone_from_e164(keyring.open(customer.phone_sealed, context=PHONE)),
        name=None if customer.name_sealed is None else keyring.open(customer.name_sealed, context=NAME),
        had_blocked_us=customer.blocked_us_at is not None,
        barred=customer.barred_at is not None,
        hold=DEFAULT_HOLD if customer.hold is None else customer.hold,
        ask_again_above=customer.ask_again_above,
        talking_until=customer.talking_until,
    )
