"""Watching the world outside: whether the provider answers, how fast, whether its callbacks are its own, what it holds.

The first three are what this process hears; several replicas hear alike, and each of them may begin and end an alert.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Final, Protocol

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.operators.alerting import AlertKind, end_alert, keep, raise_alert
from bot.engine.operators.results import Balance
from bot.engine.operators.vigilance import Vigilance
from storage import alerts as queries
from storage.database import Database

_SILENT: Final = frozenset({"NotSent", "Unknown", "Unanswered"})  # outcomes of calls; "slow down" is an answer
_MOST_CALLS: Final = 200
_ONE: Final = "provider"  # the key of alerts of which there is one


@dataclass(frozen=True, slots=True)
class _Call:
    at: datetime
    outcome: str
    operation: str
    seconds: float


class ProviderWatch:
    """Hears of every call (`heard` is an observer of the client's), and tells when it is silent or slow."""

    def __init__(self, database: Database, clock: Clock, vigilance: Vigilance) -> None:
        self._database = database
        self._clock = clock
        self._vigilance = vigilance
        self._calls: deque[_Call] = deque(maxlen=_MOST_CALLS)
        self._down = self._slow = True  # what other processes, or those before, may have said; looked at once
        self.every = vigilance.provider

    def heard(self, operation: str, outcome: str, seconds: float) -> None:
        """A call ended so, after this time."""
        self._calls.append(_Call(self._clock(), outcome, operation, seconds))

    async def look(self, now: datetime) -> None:
        recent = [call for call in self._calls if call.at >= now - self._vigilance.recent]
        silent = self._silence(now)
        if silent is not None or self._down:
            over = bool(recent) and recent[-1].outcome not in _SILENT
            self._down = await self._say(AlertKind.PROVIDER_DOWN, silent, over, now)
        answered = [call.seconds for call in recent if call.outcome not in _SILENT]
        enough = len(answered) >= self._vigilance.slow_calls
        typical = timedelta(seconds=median(answered)) if enough else timedelta()
        slow = {"seconds": str(round(typical.total_seconds()))} if typical > self._vigilance.slow else None
        if slow is not None or self._slow:
            self._slow = await self._say(AlertKind.PROVIDER_SLOW, slow, enough and slow is None, now)

    def _silence(self, now: datetime) -> dict[str, str] | None:
        """What is told when the last calls were not answered, for long enough; None otherwise."""
        run: list[_Call] = []
        for call in reversed(self._calls):
            if call.outcome not in _SILENT:
                break
            run.append(call)
        if len(run) < self._vigilance.silent_calls or now - run[-1].at < self._vigilance.silent:
            return None
        return {"since": run[-1].at.isoformat(), "outcome": run[0].outcome, "operation": run[0].operation}

    async def _say(self, kind: AlertKind, facts: Mapping[str, str] | None, over: bool, now: datetime) -> bool:
        """Raise or end the one alert of a kind; whether it may last still."""
        lasts = {
            row.key: row.facts for row in await self._database.read(lambda session: queries.lasting(session, kind))
        }
        if facts is not None:
            if not lasts:
                await self._database.write(lambda session: raise_alert(session, kind, _ONE, facts, now))
            return True
        if not lasts:
            return False
        if over:
            await self._database.write(lambda session: end_alert(session, kind, _ONE, now))
        return not over


class ForgeryWatch:
    """Hears how callbacks were answered, and tells when those that are not the provider's repeat."""

    def __init__(self, database: Database, clock: Clock, vigilance: Vigilance) -> None:
        self._database = database
        self._clock = clock
        self._vigilance = vigilance
        self._heard: dict[str, deque[datetime]] = {what: deque(maxlen=10_000) for what in ("forged", "unknown_token")}
        self._untold = dict.fromkeys(self._heard, 0)
        self.every = vigilance.forgeries

    def heard(self, outcome: str) -> None:
        """A callback was answered so: an observer of the endpoint's."""
        if outcome in self._heard:
            self._heard[outcome].append(self._clock())
            self._untold[outcome] += 1

    async def look(self, now: datetime) -> None:
        for what, times in self._heard.items():
            while times and times[0] < now - self._vigilance.forged_within:
                times.popleft()
            count = self._untold[what]
            if count and len(times) >= self._vigilance.forged:
                await self._database.write(lambda session: self._raise(session, what, count, now))  # noqa: B023
                self._untold[what] -= count
        await self._rest(now)

    def _raise(self, session: Session, what: str, count: int, now: datetime) -> None:
        raise_alert(session, AlertKind.FORGED_CALLBACKS, what, {"what": what}, now, times=count)

    async def _rest(self, now: datetime) -> None:
        """End what has not been repeated for long, whoever heard it."""
        kind, before = AlertKind.FORGED_CALLBACKS, now - self._vigilance.forged_within
        rows = await self._database.read(lambda session: queries.lasting(session, kind))
        if over := [row.key for row in rows if row.last_at < before]:
            await self._database.write(lambda session: [end_alert(session, kind, key, now) for key in over])


class Balances(Protocol):
    """What tells our wallets: `bot.engine.operators.overview.Overseeing`."""

    async def balances(self) -> tuple[Balance, ...] | None:
        """Every wallet; None when the provider does not say."""
        ...


class BalanceWatch:
    """Tells when less can be paid out in a currency than operators want there. One replica looks for all."""

    def __init__(
        self,
        database: Database,
        balances: Balances,
        vigilance: Vigilance,
        floors: Callable[[Session], Mapping[str, Decimal]],
    ) -> None:
        """`floors` are the balances below which operators are called, by currency."""
        self._database = database
        self._balances = balances
        self._vigilance = vigilance
        self._floors = floors
        self.every = min(vigilance.balances_again, vigilance.balances)

    async def look(self, now: datetime) -> None:
        floors = await self._database.read(self._floors)
        if not floors:
            await keep(self._database, AlertKind.LOW_BALANCE, lambda _session: {}, now)
            return
        if not await self._may_look(now):
            return
        found = await self._balances.balances()
        if found is None:
            return
        await self._database.write(
            lambda session: queries.put_watch(session, AlertKind.LOW_BALANCE, now + self._vigilance.balances)
        )
        low = {
            one.currency if one.country is None else f"{one.currency} {one.country}": {
                "currency": one.currency,
                "payout": f"{one.payout:f}",
                "deposit": f"{one.deposit:f}",
                "floor": f"{floors[one.currency]:f}",
            }
            for one in found
            if one.currency in floors and one.payout < floors[one.currency]
        }
        await keep(self._database, AlertKind.LOW_BALANCE, lambda _session: low, now)

    async def _may_look(self, now: datetime) -> bool:
        next_at = now + self._vigilance.balances_again
        return await self._database.write(
            lambda session: queries.take_watch(session, AlertKind.LOW_BALANCE, now=now, next_at=next_at)
        )
