"""What becomes due for a payment request: its end by the clock, and everything about its page at the provider.

The page is made, looked after and closed here, one step at a time under a lease. Not every account has pages: where the
provider says so, requests go on without one. A payment on a page is a deposit with a reference of the provider's own; it
becomes a payment of ours, which the engine follows, pays out and, when it came too late, pays back like any other.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.request_adopting import Adopter
from bot.engine.request_rows import view_from
from bot.engine.request_uses import tell_cards
from bot.engine.wakes import Wakes
from bot.kotani.errors import Forbidden, KotaniError, NotFound, Refused, ServiceNotEnabled, Unknown
from bot.kotani.links import LinkRequest, Method, Pricing, Usage
from bot.kotani.results import Created, Customer, PaymentLink
from bot.payments.catalogue.countries import country_of
from bot.payments.identifiers import new_id
from bot.payments.requests import LinkState, RequestState, RequestView
from bot.payments.requests import Method as Way
from bot.payments.requests import Pricing as Terms
from bot.payments.states import Concern
from bot.payments.words import Meaning, meaning_of
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.payments import LostRace, open_cases
from storage.request_tables import PaymentRequest
from storage.requests import change_request, due_requests, finish_step, request_by_id, request_record

AT_ONCE: Final = 8
LEASE: Final = timedelta(seconds=60)
AFTERWARDS: Final = timedelta(days=1)  # how long a page that is closed is still looked at
_SLOWEST: Final = timedelta(hours=1)
_PRICING: Final[dict[Terms, Pricing]] = {
    Terms.FIXED: "FIXED",
    Terms.RANGE: "VARIABLE",
    Terms.OPEN: "CUSTOMER_CHOICE",
    Terms.PACKAGES: "PACKAGE",
}
_METHODS: Final[dict[Way, Method]] = {
    "mobile_money": "MOBILE_MONEY",
    "bank": "BANK",
    "card": "CARD",
    "crypto": "CRYPTO",
}
_log = structlog.get_logger(__name__)


class Pages(Protocol):
    """The part of the provider's client that keeps pages."""

    async def create_link(self, request: LinkRequest) -> PaymentLink: ...

    async def payment_links(self) -> tuple[PaymentLink, ...]: ...

    async def link_payments(self, link_id: str) -> tuple[Created, ...]: ...

    async def close_link(self, link_id: str) -> PaymentLink: ...

    async def customer(self, key: str) -> Customer: ...


@dataclass(frozen=True, slots=True)
class _Step:
    """What a step led to: columns to write, when to look again (None: never), and whether cards show it."""

    due_at: datetime | None
    values: dict[str, Any]
    shown: bool = False


class RequestKeeper:
    """Takes requests for which something is due one step further. Any number of replicas may run one."""

    def __init__(
        self,
        database: Database,
        pages: Pages,
        keyring: Keyring,
        clock: Clock,
        wakes: Wakes,
        *,
        environment: str,
        owner: str,
        callback_url: str | None,
    ) -> None:
        self._database = database
        self._pages = pages
        self._adopter = Adopter(database, keyring, clock, wakes, environment=environment)
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._environment = environment
        self._owner = owner
        self._callback_url = callback_url
        self._stopping = False

    def stop(self) -> None:
        """Finish the requests at hand and end `run`."""
        self._stopping = True
        self._wakes.requests.set()

    async def run(self) -> None:
        """Do whatever is due until told to stop."""
        while not self._stopping:
            self._wakes.requests.clear()
            try:
                count = await self.step()
            except StorageUnavailable as error:
                _log.warning("requests wait for storage", error=str(error))
                await asyncio.sleep(1)
                continue
            if count == 0 and not self._stopping:
                await self._wakes.requests.wait()

    async def step(self) -> int:
        """Take one batch a step further; how many there were."""
        now = self._clock()
        ids = await self._database.write(
            lambda session: due_requests(
                session,
                environment=self._environment,
                owner=self._owner,
                now=now,
                until=now + LEASE,
                limit=AT_ONCE,
            )
        )
        taken = await asyncio.gather(*(self._take(request_id, now) for request_id in ids), return_exceptions=True)
        for request_id, error in zip(ids, taken, strict=True):
            if isinstance(error, Exception):
                await self._put_off(request_id, error, now)
            elif error is not None:
                raise error
        return len(ids)

    async def _put_off(self, request_id: str, error: Exception, seen: datetime) -> None:
        """A step broke: it is tried again later, holds no other request up, and a person hears of it."""
        passing = isinstance(error, StorageUnavailable | LostRace)
        if not passing:
            _log.error("a step of a request broke", request=request_id, exc_info=error)

        def put_off(session: Session) -> None:
            row = request_by_id(session, request_id)
            assert row is not None
            due_at = seen + _backoff(row.failures)
            finish_step(session, request_id, owner=self._owner, due_at=due_at, seen=seen, failures=row.failures + 1)
            if not passing:
                open_cases(session, [_broken(row, error, seen)])

        await self._database.write(put_off)

    async def _take(self, request_id: str, seen: datetime) -> None:
        row = await self._database.read(lambda session: request_by_id(session, request_id))
        assert row is not None
        ended = _ended(row, seen)
        if ended is not None:
            await self._database.write(lambda session: _end(session, request_id, ended, seen))
            self._wakes.notices.set()
            row = await self._database.read(lambda session: request_by_id(session, request_id))
            assert row is not None
        try:
            step = await self._page(row)
        except KotaniError as error:
            step = self._failed(row, error)
        due_at = _earlier(step.due_at, row.expires_at if row.state == RequestState.OPEN else None)

        def finish(session: Session) -> None:
            finish_step(session, request_id, owner=self._owner, due_at=due_at, seen=seen, **step.values)
            if step.shown:
                tell_cards(session, request_id, self._clock())

        await self._database.write(finish)
        if step.shown:
            self._wakes.notices.set()

    async def _page(self, row: PaymentRequest) -> _Step:
        """The next step with the provider's page. Raises `KotaniError`."""
        now = self._clock()
        match LinkState(row.link_state):
            case LinkState.WANTED if row.state != RequestState.OPEN or self._callback_url is None:
                return _Step(None, {"link_state": LinkState.NONE})
            case LinkState.WANTED:
                return await self._make(row)
            case LinkState.MAKING:
                return await self._find(row)
            case LinkState.MADE if row.state != RequestState.OPEN:
                return _Step(now, {"link_state": LinkState.CLOSING})
            case LinkState.MADE:
                await self._adopt(row)
                return _Step(now + _pace(now - row.created_at), {"failures": 0})
            case LinkState.CLOSING:
                assert row.link_id is not None
                try:
                    await self._pages.close_link(row.link_id)
                except KotaniError:
                    await self._adopt(row)  # it is still open, and what is paid on it must not be lost
                    raise
                return _Step(now, {"link_state": LinkState.CLOSED, "failures": 0}, shown=True)
            case LinkState.CLOSED:
                await self._adopt(row)
                over = now - row.updated_at >= AFTERWARDS
                return _Step(None if over else now + _pace(now - row.updated_at), {"failures": 0})
            case LinkState.NONE:
                return _Step(None, {})

    async def _make(self, row: PaymentRequest) -> _Step:
        """Ask for a page. That it is asked for is on record first: after a silence it may be there."""
        record = await self._database.read(lambda session: request_record(session, request_by_id(session, row.id)))
        assert record is not None
        order = self._order(view_from(record, self._keyring), row)

        def begin(session: Session) -> bool:
            return change_request(session, row.id, {"link_state": LinkState.MAKING}, states=[RequestState.OPEN])

        if not await self._database.write(begin):
            return _Step(self._clock(), {})
        try:
            return self._made(await self._pages.create_link(order))
        except ServiceNotEnabled as error:
            _log.warning("the account has no payment pages: requests go on without", message=error.message)
            return _Step(None, {"link_state": LinkState.NONE, "failures": 0})
        except (Refused, Forbidden) as error:
            reasons = getattr(error, "reasons", ())
            _log.error("a payment page was refused", reasons=reasons, message=error.message)
            return _Step(None, {"link_state": LinkState.NONE, "failures": 0})
        except Unknown:
            raise
        except KotaniError as error:  # it did not arrive
            return self._failed(row, error, link_state=LinkState.WANTED)

    async def _find(self, row: PaymentRequest) -> _Step:
        """Nobody said whether a page was made: look among all of them before another is asked for."""
        title = await self._title(row)
        for link in await self._pages.payment_links():
            if link.title == title:
                return self._made(link)
        return _Step(self._clock(), {"link_state": LinkState.WANTED})

    def _made(self, link: PaymentLink) -> _Step:
        now = self._clock()
        values = {
            "link_state": LinkState.MADE,
            "link_id": link.id,
            "link_code": link.short_code,
            "link_url": link.url,
            "failures": 0,
        }
        return _Step(now + _pace(timedelta()), values, shown=True)

    async def _title(self, row: PaymentRequest) -> str:
        record = await self._database.read(lambda session: request_record(session, request_by_id(session, row.id)))
        assert record is not None
        return _title(view_from(record, self._keyring))

    def _order(self, view: RequestView, row: PaymentRequest) -> LinkRequest:
        terms = view.terms
        usage: Usage = (
            "UNLIMITED" if terms.most_uses is None else "MULTIPLE_USE" if terms.most_uses > 1 else "SINGLE_USE"
        )
        return LinkRequest(
            title=_title(view),
            currency=terms.currency,
            callback_url=f"{self._callback_url}/{row.link_token}",
            pricing=_PRICING[terms.pricing],
            amount=terms.amount,
            least=terms.minimum,
            most=terms.maximum,
            packages=terms.packages,
            methods=_page_methods(view),
            usage=usage,
            most_uses=terms.most_uses if usage == "MULTIPLE_USE" else None,
            expires_at=view.expires_at,
            description=terms.note or None,
        )

    async def _adopt(self, row: PaymentRequest) -> None:
        """Take over what was paid on the page and is not known yet."""
        assert row.link_id is not None
        paid = [made for made in await self._pages.link_payments(row.link_id) if _succeeded(made)]
        for made in await self._adopter.unknown(paid):
            await self._adopter.adopt(row.id, made, await self._payer(made))

    async def _payer(self, made: Created) -> Customer | None:
        if made.customer_key is None:
            return None
        try:
            return await self._pages.customer(made.customer_key)
        except NotFound:
            return None

    def _failed(self, row: PaymentRequest, error: KotaniError, **values: Any) -> _Step:
        """The provider could not be asked: again later, with back-off."""
        _log.info("a request's page waits for the provider", error=type(error).__name__)
        return _Step(self._clock() + _backoff(row.failures), {"failures": row.failures + 1, **values})


def _ended(row: PaymentRequest, now: datetime) -> RequestState | None:
    over = row.state == RequestState.OPEN and row.expires_at is not None and row.expires_at <= now
    return RequestState.EXPIRED if over else None


def _end(session: Session, request_id: str, state: RequestState, now: datetime) -> None:
    if change_request(session, request_id, {"state": state, "updated_at": now}, states=[RequestState.OPEN]):
        tell_cards(session, request_id, now)


def _backoff(failures: int) -> timedelta:
    return min(timedelta(seconds=2) * (1 << min(failures, 10)), _SLOWEST)


def _broken(row: PaymentRequest, error: Exception, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "dedupe_key": f"request:{row.id}:{Concern.POISON}",
        "concern": str(Concern.POISON),
        "payment_id": None,
        "leg_id": None,
        "detail": f"a step of request {row.code[:8]} broke: {type(error).__name__}",
        "opened_at": now,
    }


def _succeeded(made: Created) -> bool:
    return meaning_of(made.report.status) is Meaning.SUCCESS


def _page_methods(view: RequestView) -> tuple[Method, ...]:
    """How a page takes money: it does so in one currency, so in the way of its country where the maker allows that."""
    country = country_of(view.destination.country)
    home = "bank" if country is not None and country.onramp == "bank" else "mobile_money"
    wanted = (home,) if home in view.terms.methods else view.terms.methods
    return tuple(_METHODS[method] for method in wanted)


def _title(view: RequestView) -> str:
    """What the page is called: the maker's words, and enough of the code to find it by."""
    return f"{view.terms.title or view.maker} · {view.code[:8]}"


def _pace(age: timedelta) -> timedelta:
    """When a page is looked at again: callbacks tell at once, this is for those that get lost."""
    if age < timedelta(hours=1):
        return timedelta(minutes=1)
    return timedelta(minutes=10) if age < timedelta(days=1) else _SLOWEST


def _earlier(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
