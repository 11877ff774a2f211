"""What the provider serves for our account, kept up to date: countries, networks, banks, and services that it refuses.

Its lists are read at the start and every hour. Until it has answered, what is established counts, and so it does after
a restart: no table keeps the last answer, because with a provider that does not answer nothing can be quoted anyway, and
what it refuses later costs nobody money. A service that is refused as "not enabled" is not offered any more and is one
case for a person, which is also how other processes and the next start know. After a rest, and when the lists still say
that its countries are enabled, it is offered again; the case is closed when it works.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Protocol

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.kotani import results
from bot.kotani.errors import KotaniError, ServiceNotEnabled
from bot.kotani.results import SupportedCountry
from bot.kotani.wire_account import ServiceType
from bot.payments.accounts import Bank
from bot.payments.catalogue import COUNTRIES
from bot.payments.coverage import Coverage, Listed, Service, payees_of, payers_of
from bot.payments.identifiers import new_id
from bot.payments.parties import Way
from bot.payments.refusals import Refusal, refusals_of, without
from bot.payments.states import Concern
from storage.cases import open_cases_of
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.payments import close_case, open_cases, reopen_case

EVERY: Final = timedelta(hours=1)  # between two looks at the lists, and how long a refusal rests
SOONER: Final = timedelta(minutes=1)  # after a look that failed
_PAUSE: Final = 1.0
_log = structlog.get_logger(__name__)


def not_enabled_prefix(environment: str) -> str:
    """What the names of the cases of services that the provider refuses begin with."""
    return f"not_enabled:{environment}:"


class Lists(Protocol):
    """The part of the provider's client that tells what is served."""

    async def countries(self, service: ServiceType) -> tuple[SupportedCountry, ...]: ...

    async def networks(self, country: str) -> tuple[str, ...]: ...

    async def banks(self, currency: str | None = None) -> tuple[results.Bank, ...]: ...


class Places:
    """What is served now (`coverage`), from the provider's lists and from what it refuses. A worker of its own."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        environment: str,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed` is called when other services are offered than before."""
        self._lists: Lists | None = None
        self._database = database
        self._clock = clock
        self._prefix = not_enabled_prefix(environment)
        self._changed = changed
        self._listed = self._coverage = Coverage()
        self._refused: dict[Refusal, datetime] = {}  # not offered, since when
        self._on_trial: set[Refusal] = set()  # refused before, offered again, not seen at work yet
        self._told: dict[str, bool] = {}  # whether a case is open, as far as we know
        self._news = asyncio.Event()
        self._reading: asyncio.Future[bool] | None = None
        self._stopping = False

    def coverage(self) -> Coverage:
        """What is served now."""
        return self._coverage

    def refused(self, error: ServiceNotEnabled) -> None:
        """A call was refused as not enabled: an observer of the client's."""
        for refusal in refusals_of(error.operation, error.message):
            if refusal not in self._refused:
                _log.critical("the provider has not enabled this", operation=str(refusal), closes=refusal.closes)
            self._refused[refusal] = self._clock()
            self._on_trial.discard(refusal)
        self._renew()

    def heard(self, operation: str, outcome: str, _seconds: float) -> None:
        """A call that went well shows that what was refused is enabled now: an observer of the client's."""
        refusal = Refusal(operation)
        if outcome == "ok" and (refusal in self._refused or refusal in self._on_trial):
            self._refused.pop(refusal, None)
            self._on_trial.discard(refusal)
            self._renew()

    async def begin(self, lists: Lists) -> None:
        """Remember what was refused before, and read the lists for the first time. Raises `StorageUnavailable`."""
        self._lists = lists
        known = await self._database.read(lambda session: open_cases_of(session, self._prefix))
        for text, since in known:
            self._told[text] = True
            if (refusal := Refusal.from_text(text)).matters:
                self._refused.setdefault(refusal, since)
        await self.refresh()

    async def refresh(self) -> bool:
        """Read the lists anew; False when the provider did not tell. What it does not tell stays as it was."""
        assert self._lists is not None
        try:
            incoming = await self._rows(self._lists, "DEPOSIT")
            outgoing = await self._rows(self._lists, "WITHDRAW")
        except KotaniError as error:
            _log.warning("the provider's countries could not be read", error=type(error).__name__)
            incoming = outgoing = []
        told = bool(incoming and outgoing)
        if told:
            banks = await self._banks(self._lists, outgoing)
            self._listed = Coverage(payers=payers_of(incoming), payees=payees_of(outgoing, banks), banks=banks)
            self._try_again()
        self._renew()
        return told

    def stop(self) -> None:
        """End `run`."""
        self._stopping = True
        self._news.set()
        if self._reading is not None:
            self._reading.cancel()

    async def run(self) -> None:
        """Keep the lists fresh and the cases true until told to stop."""
        loop = asyncio.get_running_loop()
        refresh_at = loop.time() + EVERY.total_seconds()
        while not self._stopping:
            try:
                await self._tell()
            except StorageUnavailable as error:
                _log.warning("the cases of what is not enabled wait for storage", error=str(error))
                await asyncio.sleep(_PAUSE)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(refresh_at):
                    await self._news.wait()
            self._news.clear()
            if loop.time() >= refresh_at and not self._stopping:
                self._reading = asyncio.ensure_future(self.refresh())
                await asyncio.wait([self._reading])
                went_well = not self._reading.cancelled() and self._reading.result()
                refresh_at = loop.time() + (EVERY if went_well else SOONER).total_seconds()

    def _renew(self) -> None:
        """Put together what is left of the lists."""
        before = self._coverage
        self._coverage = without(self._listed, self._refused)
        self._news.set()
        if self._coverage.services != before.services:
            _log.info("other services are offered now", services=list(self._coverage.services))
            self._changed()

    def _try_again(self) -> None:
        """Offer again what has rested: the lists, which were just read, decide in which countries."""
        now = self._clock()
        for refusal, since in list(self._refused.items()):
            if now - since >= EVERY:
                del self._refused[refusal]
                if refusal.country is None:  # one country's customers say nothing of the others
                    self._on_trial.add(refusal)

    async def _rows(self, lists: Lists, service: ServiceType) -> list[Listed]:
        """The provider's list in one direction, in the currencies of the countries themselves."""
        rows: list[Listed] = []
        for row in await lists.countries(service):
            known = COUNTRIES.get(row.country)
            if known is None or row.currency != known.currency:
                continue
            enabled = row.enabled and row.active
            networks: tuple[str, ...] | None = row.networks
            if enabled and known.networks and not (row.networks or row.supported_networks):
                networks = await _networks(lists, row.country)
            rows.append(Listed(row.country, enabled, networks))
        return rows

    async def _banks(self, lists: Lists, outgoing: Sequence[Listed]) -> Mapping[str, tuple[Bank, ...]]:
        """The banks of every country that is paid out to by bank; where they cannot be read, those known before."""
        found = dict(self._listed.banks)
        for row in outgoing:
            country = COUNTRIES[row.country]
            if row.enabled and Way.BANK in country.payouts:
                banks = await _banks_of(lists, country.currency)
                found |= {row.country: banks} if banks else {}
        return MappingProxyType(found)

    def _concerns(self) -> dict[str, str]:
        """What a person should ask the provider for, by the key of its case."""
        found = {
            str(refusal): f"the provider has not enabled {refusal.operation}: {refusal.closes} is not offered;"
            " ask it to enable the service for our account"
            for refusal in [*self._refused, *self._on_trial]
        }
        return found | {
            f"list.{service}": f"the provider's list of countries enables none for {service}: it is not offered"
            for service in Service
            if not self._listed.countries(service)
        }

    async def _tell(self) -> None:
        """Open a case for everything that is not enabled, once, and close those of what works again."""
        concerns = self._concerns()
        news = {key for key in concerns if not self._told.get(key)}
        gone = {key for key, told in self._told.items() if told and key not in concerns}
        if not news and not gone:
            return
        now = self._clock()

        def tell(session: Session) -> None:
            for key in sorted(news):
                case = {
                    "id": new_id(),
                    "dedupe_key": self._prefix + key,
                    "concern": str(Concern.SUBMIT_BLOCKED),
                    "payment_id": None,
                    "leg_id": None,
                    "detail": concerns[key],
                    "opened_at": now,
                }
                if not open_cases(session, [case]):
                    reopen_case(session, self._prefix + key, now=now, detail=concerns[key])
            for key in sorted(gone):
                close_case(session, self._prefix + key, now=now, resolution="the provider has enabled it")

        await self._database.write(tell)
        self._told |= {key: key in concerns for key in news | gone}


async def _networks(lists: Lists, country: str) -> tuple[str, ...] | None:
    """The networks of a country whose row names none."""
    try:
        return await lists.networks(country) or None
    except KotaniError as error:
        _log.info("a country's networks could not be read", country=country, error=type(error).__name__)
        return None


async def _banks_of(lists: Lists, currency: str) -> tuple[Bank, ...]:
    """By currency, or from the list of all of them: which of the two knows a country is not documented."""
    for asked in (currency, None):
        try:
            banks = await lists.banks(asked)
        except KotaniError as error:
            _log.info("banks could not be read", currency=currency, error=type(error).__name__)
            continue
        fitting = {bank.code: bank for bank in banks if bank.currency in (None, currency)}
        if fitting:
            return tuple(sorted(fitting.values(), key=lambda bank: bank.name.casefold()))
    return ()
