"""How the business stands today and stood in the last days: what `/ops` and `/balances` show. Reads only.

Days are those of UTC, so that operators in several countries see the same figures.
"""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, Protocol

from sqlmodel import Session

from bot import __version__
from bot.engine.clock import Clock
from bot.engine.operators.results import Balance, Day, Health, Overview, Pause, Pending
from bot.kotani.errors import KotaniError
from bot.kotani.results import Wallet
from bot.payments.money import Money, is_fiat
from bot.payments.states import PAYMENT_TERMINAL, PaymentState
from storage import oversight as queries
from storage.database import Database

DAYS: Final = 7
MOST_TIMED: Final = 2_000  # payments that the typical time is taken of
_UNDER_WAY: Final = frozenset(PaymentState) - PAYMENT_TERMINAL
_DAY: Final = timedelta(days=1)


class WalletList(Protocol):
    """The part of the provider's client that lists our wallets."""

    async def wallets(self) -> tuple[Wallet, ...]:
        """All fiat wallets, with fresh balances. Raises `KotaniError`."""
        ...


@dataclass(frozen=True, slots=True)
class _Read:
    """What the database tells."""

    sums: list[queries.Sum]
    times: list[tuple[datetime, datetime]]
    oldest: tuple[str, str, datetime, bool] | None
    open_cases: int
    week: tuple[Day, ...]
    house: dict[PaymentState, int]
    currencies: frozenset[str]
    lately: frozenset[str]
    floors: Mapping[str, Decimal]


class Overseeing:
    """Puts together what operators see first."""

    def __init__(
        self,
        database: Database,
        wallets: WalletList,
        clock: Clock,
        *,
        environment: str,
        health: Callable[[], Health],
        pauses: Callable[[], tuple[Pause, ...]],
        floors: Callable[[Session], Mapping[str, Decimal]] = lambda _session: {},
    ) -> None:
        """`floors` are the balances below which operators are called, by currency."""
        self._database = database
        self._wallets = wallets
        self._clock = clock
        self._environment = environment
        self._health = health
        self._pauses = pauses
        self._floors = floors

    @property
    def environment(self) -> str:
        """`sandbox` or `production`."""
        return self._environment

    async def overview(self, day: date | None = None) -> Overview:
        """Everything at one look, of today or of another day; what waits and what the provider holds are as of now."""
        now = self._clock()
        since = midnight(now) if day is None else datetime.combine(day, time(), tzinfo=UTC)
        read = await self._database.read(lambda session: self._read(session, since))
        states: dict[PaymentState, int] = defaultdict(int)
        for one in read.sums:
            states[PaymentState(one.state)] += one.count
        lasted = [(ended - begun).total_seconds() for begun, ended in read.times]
        return Overview(
            environment=self._environment,
            version=__version__,
            at=now,
            states=tuple((state, states[state]) for state in PaymentState if state in states),
            volumes=_volumes(read.sums),
            currencies=read.currencies,
            ended=sum(states[state] for state in PAYMENT_TERMINAL - {PaymentState.CANCELLED}),
            completed=states[PaymentState.COMPLETED],
            median=timedelta(seconds=statistics.median(lasted)) if lasted else None,
            settled=len(lasted),
            oldest=None
            if read.oldest is None
            else Pending(read.oldest[0], PaymentState(read.oldest[1]), read.oldest[2], house=read.oldest[3]),
            open_cases=read.open_cases,
            balances=await self.balances(),
            health=self._health(),
            week=read.week,
            pauses=self._pauses(),
            house=tuple((state, read.house[state]) for state in PaymentState if read.house.get(state)),
            lately=read.lately,
            floors=read.floors,
        )

    async def balances(self) -> tuple[Balance, ...] | None:
        """Every wallet at the provider, by currency; None when it does not say."""
        try:
            wallets = await self._wallets.wallets()
        except KotaniError:
            return None
        found = [Balance(one.currency, one.country, one.deposit_balance, one.balance, one.status) for one in wallets]
        return tuple(sorted(found, key=lambda one: (one.currency, one.country or "")))

    def _read(self, session: Session, today: datetime) -> _Read:
        here, until = self._environment, today + _DAY
        sums = queries.sums(session, environment=here, since=today, until=until)
        house = queries.counts(session, environment=here, since=today, until=until)
        for one in sums:
            house[one.state] -= one.count
        return _Read(
            sums=sums,
            times=queries.times_to_settle(
                session,
                environment=self._environment,
                state=PaymentState.COMPLETED,
                since=today,
                until=today + _DAY,
                limit=MOST_TIMED,
            ),
            oldest=queries.oldest_of(session, environment=self._environment, states=sorted(_UNDER_WAY)),
            open_cases=queries.count_open_cases(session),
            week=tuple(self._day(session, today - place * _DAY) for place in reversed(range(DAYS))),
            house={PaymentState(state): count for state, count in house.items()},
            currencies=queries.currencies_of(session, environment=here, since=today, until=until),
            lately=queries.currencies_of(session, environment=here, since=until - DAYS * _DAY, until=until),
            floors=self._floors(session),
        )

    def _day(self, session: Session, since: datetime) -> Day:
        found = queries.counts(session, environment=self._environment, since=since, until=since + _DAY, house=False)
        completed = found.get(PaymentState.COMPLETED, 0)
        under_way = sum(found.get(state, 0) for state in _UNDER_WAY)
        return Day(since.date(), completed, under_way, sum(found.values()) - completed - under_way)


def midnight(at: datetime) -> datetime:
    """When the day of this moment began (UTC)."""
    return datetime.combine(at.astimezone(UTC).date(), time(), tzinfo=UTC)


def _volumes(sums: Iterable[queries.Sum]) -> tuple[Money, ...]:
    """What was completed, in money: what customers paid, and what was paid out to those who sold."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for one in sums:
        if one.state != PaymentState.COMPLETED:
            continue
        if is_fiat(one.pay_currency):
            found[one.pay_currency] += one.paid
        else:
            found[one.receive_currency] += one.received
    return tuple(Money(found[currency], currency) for currency in sorted(found))
