"""Limits and fees that owners set by command, on top of the settings'. Known in memory, kept in the database.

Every process looks at the tables each two seconds, so a change reaches all replicas within that time, and the one that it
was written by at once. That is for what customers are told early: the transaction that confirms a payment reads the rules
itself (`bot.engine.allowances`), so nothing is confirmed under what does not hold any more.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final, TypeVar

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.operators.results import Operator
from bot.engine.operators.roles import Operators
from bot.payments.allowances import EVERYBODY, Bounds, LimitScope, Spot, amount_of, utc_day
from bot.payments.catalogue import COUNTRIES
from bot.payments.fees import Fee, Fees
from bot.payments.limits import Limit
from bot.payments.money import Money, to_plain
from bot.payments.states import PaymentKind
from storage import limits as queries
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.limits import Rule, country_total, customer_total
from storage.payments import LostRace

EVERY: Final = timedelta(seconds=2)
_SUBJECTS: Final = (EVERYBODY, *COUNTRIES)  # of the limits that are not one customer's
K = TypeVar("K")
V = TypeVar("V")
_log = structlog.get_logger(__name__)


class _Live(Mapping[K, V]):
    """A mapping that is looked up anew at every use."""

    def __init__(self, look: Callable[[], Mapping[K, V]]) -> None:
        self._look = look

    def __getitem__(self, key: K) -> V:
        return self._look()[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._look())

    def __len__(self) -> int:
        return len(self._look())


class Tariffs:
    """What is allowed and charged now. A worker of its own."""

    def __init__(
        self, database: Database, clock: Clock, operators: Operators, *, limits: Mapping[str, Limit], fees: Fees
    ) -> None:
        """`limits` and `fees` are the settings': they hold wherever no owner set anything else."""
        self._database = database
        self._clock = clock
        self._operators = operators
        self.default_limits = limits
        self.default_fees = fees
        self._rules: Mapping[Spot, Bounds] = MappingProxyType({})
        self._set_fees: Mapping[tuple[PaymentKind, str], Fee] = MappingProxyType({})
        self._any_customer = False
        self._limits_now, self._fees_now = limits, fees
        self._stop = asyncio.Event()

    @property
    def limits(self) -> Mapping[str, Limit]:
        """The least and the most of one payment by currency; of the moment of each look."""
        return _Live(lambda: self._limits_now)

    @property
    def fees(self) -> Fees:
        """What is charged by journey and currency; of the moment of each look."""
        return _Live(lambda: self._fees_now)

    def rules(self) -> Mapping[Spot, Bounds]:
        """Every limit that owners set, but for those of single customers."""
        return self._rules

    def set_fees(self) -> Fees:
        """Every fee that owners set."""
        return self._set_fees

    def counts_days(self, currency: str) -> bool:
        """Whether a limit of a day may bear on somebody who moves this currency."""
        days = (LimitScope.DAY, LimitScope.COUNTRY)
        return self._any_customer or any(spot.scope in days and spot.currency == currency for spot in self._rules)

    async def refresh(self) -> None:
        """Look at the tables. Raises `StorageUnavailable`."""

        def look(session: Session) -> tuple[list[Rule], bool, Mapping[tuple[str, str], tuple[Any, Any]]]:
            general = queries.general_rules(session, _SUBJECTS)
            return general, queries.any_customer_rules(session), queries.fee_rules(session)

        rows, self._any_customer, fees = await self._database.read(look)
        rules = {spot_of(row): Bounds(row.least, row.most) for row in rows}
        charged = {(PaymentKind(kind), currency): Fee(*parts) for (kind, currency), parts in fees.items()}
        if rules == self._rules and charged == self._set_fees:
            return
        self._rules, self._set_fees = MappingProxyType(rules), MappingProxyType(charged)
        self._limits_now = MappingProxyType(
            {**self.default_limits, **{spot.currency: limit for spot, limit in _of_payments(rules)}}
        )
        self._fees_now = MappingProxyType({**self.default_fees, **charged})
        _log.info("limits or fees are others than before", limits=len(rules), fees=len(charged))

    async def rule(self, spot: Spot) -> Bounds | None:
        """The limit that is set there now; None where there is none."""
        rows = await self._database.read(lambda session: queries.rules_about(session, [spot.subject], [spot.currency]))
        return next((Bounds(row.least, row.most) for row in rows if row.scope == spot.scope), None)

    async def used_today(self, spots: Iterable[Spot]) -> Mapping[Spot, Money]:
        """What was moved today of the limits of countries and customers."""
        day = utc_day(self._clock())
        names = {spot: (day, _total_of(spot), spot.currency) for spot in spots}
        used = await self._database.read(lambda session: queries.used(session, names.values()))
        return {spot: Money(amount_of(used[name]), spot.currency) for spot, name in names.items()}

    async def rules_of(self, customer_id: str) -> Mapping[str, Bounds]:
        """The limits of one customer, by currency."""
        rows = await self._database.read(lambda session: queries.rules_of(session, customer_id))
        return {row.currency: Bounds(row.least, row.most) for row in rows if row.scope == LimitScope.CUSTOMER}

    def stage_limit(
        self,
        effects: Effects,
        operator: Operator,
        spot: Spot,
        *,
        was: Bounds | None,
        now: Bounds | None,
        named: str | None = None,
    ) -> None:
        """Set a limit, change it, or remove it (None). `named`: how the record calls its subject.

        The transaction raises `LostRace` when it is not as it `was` any more.
        """
        row = None
        if now is not None:
            row = {
                "subject": spot.subject,
                "scope": str(spot.scope),
                "currency": spot.currency,
                "least": now.least,
                "most": now.most,
                **self._by(operator),
            }
        old = None if was is None else Rule(spot.subject, spot.scope, spot.currency, was.least, was.most)

        def change(session: Session) -> None:
            if not queries.replace_rule(session, old, row, (spot.subject, str(spot.scope), spot.currency)):
                raise LostRace

        target = ":".join(["limit", str(spot.scope), *([named] if named else []), spot.currency])
        self._stage(effects, operator, "limit", target, _told(was), _told(now))
        effects.add(change)

    def stage_fee(
        self,
        effects: Effects,
        operator: Operator,
        kind: PaymentKind,
        currency: str,
        *,
        was: Fee | None,
        now: Fee | None,
    ) -> None:
        """Set a fee, change it, or go back to the settings' (None). `LostRace` as above."""
        row = None
        if now is not None:
            row = {
                "kind": str(kind),
                "currency": currency,
                "percent": now.percent,
                "fixed": now.fixed,
                **self._by(operator),
            }
        old = None if was is None else (was.percent, was.fixed)

        def change(session: Session) -> None:
            if not queries.replace_fee(session, old, row, (str(kind), currency)):
                raise LostRace

        before = {"fee": "-" if was is None else was.written}
        after = {"fee": "-" if now is None else now.written}
        self._stage(effects, operator, "fee", f"fee:{kind}:{currency}", before, after)
        effects.add(change)

    def _by(self, operator: Operator) -> dict[str, Any]:
        return {"set_by": operator.telegram_id, "set_at": self._clock()}

    def _stage(
        self,
        effects: Effects,
        operator: Operator,
        action: str,
        target: str,
        before: Mapping[str, str],
        after: Mapping[str, str],
    ) -> None:
        self._operators.stage_act(effects, operator, action, target=target, before=before, after=after)
        effects.after_commit(self._look)

    async def _look(self) -> None:
        """At once, after a change of our own; where that cannot be, the next look will do."""
        with contextlib.suppress(StorageUnavailable):
            await self.refresh()

    def stop(self) -> None:
        """End `run`."""
        self._stop.set()

    async def run(self) -> None:
        """Keep what is known fresh until told to stop."""
        while not self._stop.is_set():
            try:
                await self.refresh()
            except StorageUnavailable as error:
                _log.warning("limits and fees wait for storage", error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY.total_seconds()):
                    await self._stop.wait()


def spot_of(row: Rule) -> Spot:
    """What a row is about."""
    return Spot(LimitScope(row.scope), row.subject, row.currency)


def _total_of(spot: Spot) -> str:
    return country_total(spot.subject) if spot.scope is LimitScope.COUNTRY else customer_total(spot.subject)


def _of_payments(rules: Mapping[Spot, Bounds]) -> Iterator[tuple[Spot, Limit]]:
    for spot, bounds in rules.items():
        if spot.scope is LimitScope.PAYMENT and bounds.least is not None:
            yield spot, Limit(bounds.least, bounds.most)


def _told(bounds: Bounds | None) -> Mapping[str, str]:
    if bounds is None:
        return {"limit": "-"}
    least = "" if bounds.least is None else f"{to_plain(bounds.least)}.."
    return {"limit": f"{least}{to_plain(bounds.most)}"}
