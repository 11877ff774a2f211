"""Customers as operators see them: found by whatever is at hand, shown whole, shut out and let in again."""

from collections.abc import Callable, Iterable
from typing import Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.customers import PHONE, person_from
from bot.engine.effects import Effects
from bot.engine.looking import Payments
from bot.engine.operators.bulk_rows import payout_of
from bot.engine.operators.results import (
    CustomerFile,
    Dealings,
    Found,
    FoundOfHouse,
    FoundPayment,
    FoundRow,
    InFile,
    Operator,
    Page,
)
from bot.engine.operators.roles import PAGE, Operators
from bot.engine.recipients import DETAILS
from bot.engine.request_rows import PAYER_PHONE
from bot.engine.results import CollectionRequest, PaymentView, PayoutRequest
from bot.payments.coverage import Coverage
from bot.payments.phones import Phone, read_phone
from bot.payments.references import read_payment_code
from bot.payments.states import PaymentState
from storage import dealings as queries
from storage import operating, oversight
from storage.crypto import Keyring
from storage.customers import HOUSE, HOUSE_TELEGRAM_ID, customer_by_id, customer_by_telegram
from storage.database import Database
from storage.payments import LostRace
from storage.tables import Customer

MOST: Final = 20  # of what a search shows


class Clientele:
    """Finds customers and payments, and decides who may use the assistant."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        clock: Clock,
        operators: Operators,
        payments: Payments,
        *,
        coverage: Callable[[], Coverage] = Coverage,
    ) -> None:
        """`coverage` is what is served: a number without a country code may be of any of its countries."""
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._operators = operators
        self._payments = payments
        self._coverage = coverage

    async def file(self, customer_id: str) -> CustomerFile | None:
        """A customer by our own id; the house is none."""
        if customer_id == HOUSE:
            return None

        def read(session: Session) -> tuple[Customer | None, dict[str, int]]:
            return customer_by_id(session, customer_id), oversight.states_of(session, customer_id)

        customer, states = await self._database.read(read)
        if customer is None:
            return None
        return self._file(customer, states, await self._payments.recent(customer_id))

    async def payments(self, customer_id: str, page: int) -> tuple[list[PaymentView], Page]:
        """A page of a customer's payments, the newest first."""
        rows = await self._database.read(
            lambda session: oversight.payments_of(session, customer_id, limit=PAGE + 1, offset=(page - 1) * PAGE)
        )
        found = await self._views(row.id for row in rows[:PAGE])
        return found, Page(page, more=len(rows) > PAGE)

    async def find(self, words: str) -> Found:
        """Payments and customers that are known by `words`.

        A payment's code, a reference of ours, an id of the provider's, a receipt number, a transaction's hash, a phone
        number (by its digest, so only a whole number finds anything; without a country code it is looked for in every
        country that is served) or a numeric Telegram id. A number finds what the house paid to it and collected from it
        as well, its files of payments included.
        """
        code = read_payment_code(words)
        if code is not None:
            payment_id = await self._database.read(lambda session: oversight.payment_by_code(session, code))
            if payment_id is not None:
                return Found(payments=await self._found([("code", payment_id)]))
        spellings = sorted({words, words.upper(), words.lower()})
        legs = await self._database.read(lambda session: oversight.payments_by_leg(session, spellings, limit=MOST))
        if legs:
            return Found(payments=await self._found(legs))
        customers = await self._by_number(words)
        return await self._by_phones(self._phones(words), customers)

    async def dealings(self, key: str, number: int) -> Dealings | None:
        """A further page of what passed between the house and the phone of this key; None where there is nothing."""
        digest = await self._database.read(lambda session: queries.digest_of(session, key))
        return None if digest is None else await self._dealings(digest, number, key=key)

    def stage_bar(self, effects: Effects, operator: Operator, customer: CustomerFile, reason: str) -> None:
        """Shut a customer out. The transaction raises `LostRace` when they are already."""
        now = self._clock()

        def bar(session: Session) -> None:
            if not operating.bar(session, customer.id, now=now):
                raise LostRace

        self._record(effects, operator, "block", customer, reason)
        effects.add(bar)

    def stage_unbar(self, effects: Effects, operator: Operator, customer: CustomerFile, reason: str) -> None:
        """Let a customer in again. The transaction raises `LostRace` when they were not shut out."""
        now = self._clock()

        def unbar(session: Session) -> None:
            if not operating.unbar(session, customer.id, now=now):
                raise LostRace

        self._record(effects, operator, "unblock", customer, reason)
        effects.add(unbar)

    def _record(self, effects: Effects, operator: Operator, action: str, customer: CustomerFile, reason: str) -> None:
        self._operators.stage_act(
            effects,
            operator,
            action,
            target=f"customer:{customer.telegram_id}",
            reason=reason,
            before={"blocked": customer.barred_at is not None},
            after={"blocked": action == "block"},
        )

    async def _by_number(self, words: str) -> tuple[CustomerFile, ...]:
        if not (words.isascii() and words.isdigit() and len(words) <= 16) or int(words) == HOUSE_TELEGRAM_ID:
            return ()
        customer = await self._database.read(lambda session: customer_by_telegram(session, int(words)))
        return await self._files([] if customer is None else [customer])

    def _phones(self, words: str) -> list[str]:
        """The numbers that `words` may be, in E.164."""
        served = self._coverage()
        places = sorted({one.iso2 for one in (*served.payers, *served.payees)})
        found = [read_phone(words, country=place) for place in (None, *places)]
        return list(dict.fromkeys(one.e164 for one in found if isinstance(one, Phone)))

    async def _by_phones(self, phones: list[str], customers: tuple[CustomerFile, ...]) -> Found:
        payments: tuple[FoundPayment, ...] = ()
        house: tuple[Dealings, ...] = ()
        for phone in phones:
            found = await self._by_phone(phone, customers)
            payments, customers = (*payments, *found.payments), found.customers
            theirs = await self._dealings(self._keyring.digest(phone), 1)
            house = house if theirs is None else (*house, theirs)
        return Found(payments[:MOST], customers[:MOST], house)

    async def _by_phone(self, phone: str, customers: tuple[CustomerFile, ...]) -> Found:
        own = self._keyring.digest(phone, context=PHONE)
        asked = self._keyring.digest(phone, context=PAYER_PHONE)
        paid = self._keyring.digest(phone, context=DETAILS)

        def read(session: Session) -> tuple[list[Customer], list[str]]:
            theirs = oversight.customers_by_phone(session, own, limit=MOST)
            found = {one.id: one for one in (*theirs, *oversight.customers_paying(session, paid, limit=MOST))}
            return list(found.values())[:MOST], oversight.payments_by_payer(session, asked, limit=MOST)

        people, payments = await self._database.read(read)
        known = {one.id for one in customers}
        more = await self._files([one for one in people if one.id not in known])
        return Found(await self._found([("payer", one) for one in payments]), (*customers, *more))

    async def _dealings(self, digest: str, number: int, *, key: str | None = None) -> Dealings | None:
        rows = await self._database.read(
            lambda session: queries.dealings(session, digest, limit=PAGE + 1, offset=(number - 1) * PAGE)
        )
        made = [one for row in rows[:PAGE] if (one := await self._dealing(row)) is not None]
        phone = next((one for one in map(_phone_of, made) if one is not None), None)
        if phone is None:
            return None
        return Dealings(key or rows[0].id, phone, tuple(made), Page(number, more=len(rows) > PAGE))

    async def _dealing(self, row: queries.Dealing) -> FoundOfHouse | FoundRow | None:
        place = None if row.file_code is None or row.line is None else InFile(row.file_code, row.line)
        if row.payment_id is not None:
            view = await self._payments.view(row.payment_id)
            return None if view is None else FoundOfHouse(view, place)
        assert place is not None
        order = payout_of(self._keyring, row)
        return FoundRow(place, order.destination, order.amount, bool(row.left_out), row.at)

    async def _files(self, customers: Iterable[Customer]) -> tuple[CustomerFile, ...]:
        return tuple([self._file(one, {}, []) for one in customers])

    def _file(self, customer: Customer, states: dict[str, int], payments: list[PaymentView]) -> CustomerFile:
        person = person_from(customer, self._keyring)
        return CustomerFile(
            id=customer.id,
            telegram_id=customer.telegram_id,
            name=person.name,
            phone=None if person.phone is None else person.phone.e164,
            country=customer.country,
            language=customer.language,
            since=customer.created_at,
            barred_at=customer.barred_at,
            unreachable=customer.blocked_us_at is not None,
            states=tuple((state, states[state]) for state in PaymentState if state in states),
            payments=tuple(payments),
        )

    async def _found(self, found: Iterable[tuple[str, str]]) -> tuple[FoundPayment, ...]:
        pairs = [(how, await self._payments.view(payment_id)) for how, payment_id in found]
        return tuple(FoundPayment(view, how) for how, view in pairs if view is not None)

    async def _views(self, ids: Iterable[str]) -> list[PaymentView]:
        views = [await self._payments.view(payment_id) for payment_id in ids]
        return [view for view in views if view is not None]


def _phone_of(one: FoundOfHouse | FoundRow) -> str | None:
    """The phone that is paid, or collected from; None for what has none, which no number leads to."""
    if isinstance(one, FoundRow):
        return one.to.phone
    match one.view.house:
        case CollectionRequest(payer=payer):
            return payer.phone
        case PayoutRequest(destination=destination):
            return destination.phone
        case None:
            return None
